/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Draws the processor time of every server in every work, as a multiple of that of the floor which does it in the same
 * manner: who splices beside a floor that splices, who gathers beside one that gathers. A band for each work, a lane in
 * it for each server, a dot for the median and a line for its interval; the dot is hollow if the server is a variant of
 * another. Who polls is left out. The scale is logarithmic. Readable on a light and on a dark page.
 */
final class Chart {

    private static final int WIDTH = 860;
    private static final int LEFT = 270;
    private static final int RIGHT = 30;
    private static final int TOP = 74;
    private static final int LANE = 8;
    private static final int BAND_GAP = 12;
    private static final int LEAST_HEIGHT = 16;
    private static final double LOWEST = 0.5;
    private static final double HIGHEST = 16;
    private static final List<Double> TICKS = List.of(0.5, 1.0, 2.0, 4.0, 8.0, 16.0);

    /** Colours that the colour-blind can tell apart, by server. */
    private static final List<String> COLOURS =
            List.of("#808080", "#009e73", "#e69f00", "#d55e00", "#cc79a7", "#56b4e9", "#3d7ff5");

    private static final String STYLE = """
            <style>
            text { font: 12px sans-serif; fill: #24292f } .note { fill: #57606a }
            .beyond { fill: #57606a; font-size: 8px }
            .grid { stroke: #d0d7de; stroke-width: 1 } .one { stroke: #57606a; stroke-width: 1.5 }
            @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3 } .note, .beyond { fill: #9198a1 } .grid { stroke: #3d444d } .one { stroke: #9198a1 }
            }
            </style>
            """;

    private final Data data;
    private final List<Work> works;
    private final StringBuilder svg = new StringBuilder();

    private Chart(Data data) {
        this.data = data;
        this.works = Work.ALL.stream()
                .filter(work -> data.subjects(Section.WORKS).contains(work.name()))
                .toList();
    }

    /** The chart as SVG. */
    static String of(Data data) {
        return new Chart(data).draw();
    }

    private int bandHeight(Work work) {
        return Math.max(drawn(work).size() * LANE, LEAST_HEIGHT) + BAND_GAP;
    }

    /** The contestants that have a lane. */
    private List<String> drawn(Work work) {
        List<String> all = data.servers(Section.WORKS, work.name());
        return all.stream()
                .filter(name -> !Peers.isFloor(name) && (Peers.isOurs(name) || Peers.isPeer(name, name)))
                .filter(name -> ratio(work, all, name).isPresent())
                .toList();
    }

    private Optional<Estimate> ratio(Work work, List<String> all, String name) {
        return Peers.floorOf(all, name)
                .flatMap(floor -> data.ratio(Section.WORKS, work.name(), name, floor, Metric.CPU));
    }

    private String draw() {
        int bottom = TOP + works.stream().mapToInt(this::bandHeight).sum();
        add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">%n", WIDTH, bottom + 30);
        add("<title>Processor time of each server, as a multiple of the C floor's</title>%n");
        svg.append(STYLE);
        add("<text x=\"10\" y=\"20\">Server's processor time for the same work; C that does it in the same manner = 1"
                + " (less is better; hollow: a variant)</text>%n");
        legend();
        for (double tick : TICKS) {
            String x = position(tick);
            String line = "<line class=\"%s\" x1=\"%s\" x2=\"%s\" y1=\"%d\" y2=\"%d\"/>%n";
            add(line, tick == 1 ? "one" : "grid", x, x, TOP, bottom);
            String number = tick < 1 ? Tables.format("%.1f", tick) : Tables.format("%.0f", tick);
            add("<text class=\"note\" text-anchor=\"middle\" x=\"%s\" y=\"%d\">%s</text>%n", x, bottom + 18, number);
        }
        int top = TOP;
        for (Work work : works) {
            band(work, top);
            top += bandHeight(work);
        }
        svg.append("</svg>\n");
        return svg.toString();
    }

    private void legend() {
        int x = 16;
        for (Server server : Server.values()) {
            if (server == Server.FLOOR) {
                continue;
            }
            add("<circle cx=\"%d\" cy=\"44\" r=\"4\" fill=\"%s\"/>%n", x, COLOURS.get(server.ordinal()));
            add("<text x=\"%d\" y=\"48\">%s</text>%n", x + 9, server.title());
            x += 32 + 7 * server.title().length();
        }
    }

    private void band(Work work, int top) {
        add("<line class=\"grid\" x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>%n", WIDTH, top, top);
        int middle = top + bandHeight(work) / 2 + 4;
        add("<text x=\"10\" y=\"%d\">%s</text>%n", middle, work.title());
        int y = top + BAND_GAP / 2 + LANE / 2;
        List<String> all = data.servers(Section.WORKS, work.name());
        for (String name : drawn(work)) {
            lane(name, Peers.floorOf(all, name).orElseThrow(), ratio(work, all, name).orElseThrow(), y);
            y += LANE;
        }
    }

    private void lane(String name, String floor, Estimate ratio, int y) {
        String library = Peers.library(name);
        boolean known = Arrays.stream(Server.values()).anyMatch(server -> server.label().equals(library));
        String colour = COLOURS.get(known ? Server.of(library).ordinal() : 0);
        String format = "<line x1=\"%s\" x2=\"%s\" y1=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"2\"/>%n";
        add(format, position(ratio.low()), position(ratio.high()), y, y, colour);
        String about = Tables.format("%s: %.2f of %s (%s)", name, ratio.median(), floor, ratio.spread(Tables.RATIO));
        String fill = name.equals(library) ? colour : "none";
        String dot = "<circle cx=\"%s\" cy=\"%d\" r=\"3.2\" fill=\"%s\" stroke=\"%s\"><title>%s</title></circle>%n";
        add(dot, position(ratio.median()), y, fill, colour, about);
        if (ratio.median() > HIGHEST) {
            String beyond = "<text class=\"beyond\" text-anchor=\"end\" x=\"%d\" y=\"%d\">%.0f →</text>%n";
            add(beyond, WIDTH - RIGHT - 8, y + 3, ratio.median());
        }
    }

    private static String position(double ratio) {
        double bounded = Math.min(Math.max(ratio, LOWEST), HIGHEST);
        double part = Math.log(bounded / LOWEST) / Math.log(HIGHEST / LOWEST);
        return Tables.format("%.1f", LEFT + part * (WIDTH - LEFT - RIGHT));
    }

    private void add(String format, Object... arguments) {
        svg.append(String.format(Locale.ROOT, format, arguments));
    }
}
