/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

/**
 * One number that was measured.
 *
 * @param section which part of the report it belongs to
 * @param subject what was done: a work, or a benchmark
 * @param server who did it
 * @param round measurements of the same round were made side by side
 * @param metric what the number is
 * @param value the number
 */
record Datum(Section section, String subject, String server, int round, String metric, double value) {}
