/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page of the report, which is its own template: what is between marks is written anew from the measurements, and
 * the rest stays. A sentence with a number in it has that between {@code <!--=question-->} and {@code <!--/-->}. The
 * questions, whose fields are divided by bars:
 *
 * <ul>
 *   <li>{@code about|NAME}: a version, or the like
 *   <li>{@code median|SECTION|SUBJECT|SERVER|METRIC}: the median of what was measured
 *   <li>{@code ratio|SECTION|SUBJECT|SERVER|OTHER|METRIC}: the median of the ratios of two servers
 *   <li>{@code spread|SECTION|SUBJECT|SERVER|OTHER|METRIC}: the interval of these
 *   <li>{@code difference|SECTION|SUBJECT|SERVER|OTHER|METRIC}: the median of the differences
 * </ul>
 */
final class Page {

    private static final Pattern NUMBER = Pattern.compile("<!--=(.+?)-->(.*?)<!--/-->", Pattern.DOTALL);
    private static final String MISSING = "(not measured)";
    private static final int MEDIAN_FIELDS = 5;
    private static final int PAIR_FIELDS = 6;

    private Page() {}

    /** A part of the page that is written as a whole. */
    record Part(String begin, String end) {

        static Part of(String name) {
            String begin = "<!-- " + name + ": written by the benchmarks, from here -->";
            return new Part(begin, "<!-- to here: " + name + ". -->");
        }

        /** The page with something else in this place. */
        String replace(String page, String text) throws IOException {
            int from = page.indexOf(begin);
            int to = page.indexOf(end);
            if (from < 0 || to < from) {
                throw new IOException("the page has no place for this: " + begin);
            }
            return page.substring(0, from + begin.length()) + "\n\n" + text + "\n" + page.substring(to);
        }
    }

    /** The page with the numbers of these measurements in its sentences. */
    static String withNumbers(String page, Data data) throws IOException {
        Matcher numbers = NUMBER.matcher(page);
        StringBuilder text = new StringBuilder();
        while (numbers.find()) {
            String answer = "<!--=" + numbers.group(1) + "-->" + answer(numbers.group(1), data) + "<!--/-->";
            numbers.appendReplacement(text, Matcher.quoteReplacement(answer));
        }
        return numbers.appendTail(text).toString();
    }

    private static String answer(String question, Data data) throws IOException {
        String[] fields = question.strip().split("\\|", -1);
        if (fields.length == 2 && fields[0].equals("about")) {
            return data.about(fields[1]).orElse(MISSING);
        }
        Section section;
        try {
            section = Section.valueOf(fields.length > 1 ? fields[1].toUpperCase(Locale.ROOT) : "");
        } catch (IllegalArgumentException unknown) {
            throw new IOException("the page asks for " + question, unknown);
        }
        if (fields.length == MEDIAN_FIELDS && fields[0].equals("median")) {
            return data.estimate(section, fields[2], fields[3], fields[4])
                    .map(e -> number(e.median(), fields[4]))
                    .orElse(MISSING);
        }
        if (fields.length != PAIR_FIELDS || !List.of("ratio", "spread", "difference").contains(fields[0])) {
            throw new IOException("the page asks for " + question);
        }
        if (fields[0].equals("difference")) {
            return data.difference(section, fields[2], fields[3], fields[4], fields[5])
                    .map(e -> number(e.median(), fields[5]))
                    .orElse(MISSING);
        }
        Optional<Estimate> ratio = data.ratio(section, fields[2], fields[3], fields[4], fields[5]);
        return ratio.map(e -> fields[0].equals("ratio")
                        ? Tables.format(Tables.RATIO, e.median())
                        : e.spread(Tables.RATIO))
                .orElse(MISSING);
    }

    private static String number(double value, String metric) {
        if (List.of(Metric.MEDIAN, Metric.PERCENTILE_99, Metric.PERCENTILE_999).contains(metric)) {
            return Tables.format("%.1f µs", value / Tables.NANOS_PER_MICRO);
        }
        return Tables.score(value) + unit(metric);
    }

    private static String unit(String metric) {
        return switch (metric) {
            case Metric.CPU, Metric.NANOS, Metric.MEDIAN_NANOS -> " ns";
            case Metric.COLD, Metric.CACHED -> " ms";
            case Metric.BYTES, Metric.RESIDENT, Metric.RESIDENT_SPOKEN, Metric.LIVE, Metric.LIVE_SPOKEN -> " B";
            case Metric.KERNEL -> " B";
            default -> "";
        };
    }
}
