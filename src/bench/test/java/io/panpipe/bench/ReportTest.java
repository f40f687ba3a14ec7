/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

/** The page and the chart are what the numbers say, and nothing else. */
class ReportTest {

    private static final String QUESTION = "<!--=ratio|works|echo64|panpipe|floor|cpu_ns-->";

    private final Data data = new Data();

    private void measured(String work, String server, double value) {
        for (int round = 0; round < 6; round++) {
            data.add(Section.WORKS, work, server, round, Metric.CPU, value);
        }
    }

    private static String pageWith(String sentence) {
        return String.join("\n", Report.RESULTS.begin(), Report.RESULTS.end(), sentence, Report.BEHIND.begin(),
                Report.BEHIND.end(), "");
    }

    @Test
    void theNumbersOfASentenceAreThoseOfTheFile(@TempDir Path directory) throws Exception {
        measured("echo64", "floor", 100);
        measured("echo64", "panpipe", 108);
        Files.writeString(directory.resolve("performance.md"), pageWith("It is " + QUESTION + "2.00<!--/--> here."));
        Report.write(data, directory);
        String page = Files.readString(directory.resolve("performance.md"));
        assertTrue(page.contains("It is " + QUESTION + "1.08<!--/--> here."), page);
        assertEquals(List.of(), Report.differences(directory));

        Files.writeString(directory.resolve("performance.md"), page.replace("-->1.08<", "-->1.07<"));
        assertEquals(1, Report.differences(directory).size());
        assertThrows(IOException.class, () -> Recompute.main(new String[] {"--check", directory.toString()}));
        Recompute.main(new String[] {directory.toString()});
        assertEquals(page, Files.readString(directory.resolve("performance.md")));

        Files.writeString(directory.resolve("performance.md"), page.replace("| panpipe | 1.08 |", "| panpipe | 1.01 |"));
        assertEquals(1, Report.differences(directory).size());
    }

    @Test
    void aQuestionThatNobodyCanAnswerFails() {
        assertThrows(IOException.class, () -> Page.withNumbers("<!--=ratio|works|echo64-->1<!--/-->", data));
        assertThrows(IOException.class, () -> Page.withNumbers("<!--=mean|works|a|b|c-->1<!--/-->", data));
        assertThrows(IOException.class, () -> Page.withNumbers("<!--=median|work|a|b|c-->1<!--/-->", data));
    }

    @Test
    void whatAnotherRunHasMeasuredIsNotKept(@TempDir Path directory) throws Exception {
        measured("sink", "floor", 1);
        Report.write(data, directory);
        Data next = new Data();
        next.add(Section.WORKS, "echo64", "floor", 0, Metric.CPU, 1);
        Report.write(next, directory);
        assertEquals(List.of("echo64"), Data.read(directory.resolve("performance.csv")).subjects(Section.WORKS));
    }

    @Test
    void whoPollsIsComparedWithWhoPollsByRoundTrips() {
        for (String server : List.of("panpipe-busy", "nio-busy", "libuv-busy", "netty")) {
            measured("echo1", server, server.startsWith("panpipe") ? 100 : 50);
            double nanos = server.startsWith("panpipe") ? 14_500 : server.startsWith("libuv") ? 15_000 : 14_400;
            for (int round = 0; round < 6; round++) {
                data.add(Section.WORKS, "echo1", server, round, Metric.MEDIAN, nanos);
            }
        }
        String rows = Behind.of(data, "");
        assertTrue(rows.contains("| `echo1`, panpipe-busy | median round trip | nio-busy 1.01 (1.01–1.01) | behind |"), rows);
        assertFalse(rows.contains("processor time"), rows);
    }

    @Test
    void everyRowInWhichAPeerIsAheadIsNamed() {
        measured("echo64", "floor", 50);
        measured("echo64", "libuv", 99);
        measured("echo64", "nio", 101);
        measured("echo64", "libuv-busy", 10);
        measured("echo64", "panpipe", 100);
        measured("sink", "libuv", 100);
        measured("sink", "panpipe", 99);
        data.add(Section.JMH, "A.b", "panpipe", 0, Metric.NANOS, 20);
        data.add(Section.JMH, "A.b", "jdk", 0, Metric.NANOS, 10);
        String rows = Behind.of(data, "**`A.b`.** That is so.");
        assertTrue(rows.contains("| `echo64` | processor time | libuv 1.01 (1.01–1.01) | behind | not known |"), rows);
        assertTrue(rows.contains("| `A.b` | time | jdk 2.00 | not told apart | below |"), rows);
        assertFalse(rows.contains("sink"), rows);
    }

    @Test
    void whatSplicesIsDrawnBesideWhatSplices() throws Exception {
        measured("relay4k", "floor", 100);
        measured("relay4k", "floor-splice", 50);
        measured("relay4k", "libuv", 120);
        measured("relay4k", "panpipe", 60);
        measured("relay4k", "panpipe-copy", 110);
        measured("echo1", "floor", 100);
        measured("echo1", "floor-busy", 1000);
        measured("echo1", "panpipe-busy", 1100);
        measured("source", "floor", 100);
        measured("source", "floor-gather", 80);
        measured("source", "netty", 88);
        String chart = Chart.of(data);
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(chart)));
        for (String dot : List.of(
                "panpipe: 1.20 of floor-splice",
                "panpipe-copy: 1.10 of floor (",
                "libuv: 1.20 of floor (",
                "netty: 1.10 of floor-gather")) {
            assertTrue(chart.contains(dot), dot);
        }
        assertFalse(chart.contains("busy"), "the processor time of polling");
    }

    @Test
    void tablesSayHowManyRoundsWereDiscardedAndWhoIsNotLevel() {
        measured("echo64", "floor", 100);
        measured("echo64", "netty", 130);
        for (String server : List.of("floor", "netty")) {
            data.add(Section.WORKS, "echo64", server, 0, Metric.DISCARDED, 4);
            data.add(Section.WORKS, "echo64", server, 0, Metric.LEVEL, server.equals("netty") ? 0 : 1);
        }
        String table = Tables.work(data, Work.ALL.get(0));
        assertTrue(table.contains("Rounds: 6, after 4 that were discarded; still not level: netty."), table);
    }
}
