/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.programs;

import io.panpipe.PanpipeException;
import io.panpipe.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;

/** What one end does: some things at random, and then to its end in good order, if the other end lets it. */
final class Life {

    private static final int[] SIZES = {1, 20, 64, 300, 700, 4095, 4097, 16_384};
    private static final int[] LONG_SIZES = {65_536, 65_537, 200_000};

    /** How often it looks for the other end's end: for much longer than any life lasts. */
    private static final int LOOKS = 200;

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

    private final RandomProgram program;
    private final End end;
    private final Random random;
    private final Timer timer;
    private int actions;
    private int looks = LOOKS;

    Life(RandomProgram program, End end, int actions) {
        this.program = program;
        this.end = end;
        this.actions = actions;
        random = program.random();
        timer = new Timer(end.loop());
    }

    void begin() {
        timer.start(this::act, Duration.ofMillis(random.nextInt(3)));
    }

    private int size() {
        int[] sizes = random.nextInt(150) == 0 ? LONG_SIZES : SIZES;
        return random.nextInt(1 + sizes[random.nextInt(sizes.length)]);
    }

    private void act(Timer t) throws IOException {
        if (end.isClosed() || program.isDead(end.loop())) {
            t.close();
            return;
        }
        if (actions-- <= 0) {
            finish();
            return;
        }
        switch (random.nextInt(13)) {
            case 0, 1, 2 -> end.write(size(), random.nextBoolean());
            case 3 -> end.writeList(size() / 3);
            case 4 -> end.tryWrite(size());
            case 5 -> end.stopRead();
            case 6 -> {
                end.stopRead();
                end.startRead();
            }
            case 7 -> {
                for (int i = 0; i < 12; i++) {
                    end.write(random.nextInt(60), i % 5 == 0);
                }
            }
            case 8, 9 -> {
                if (program.hasRoomForEnds()) {
                    end.passHandle(random.nextInt(300));
                }
            }
            case 10 -> program.post(end.loop());
            case 11 -> {
                if (program.hasFaults() && random.nextInt(4) == 0) {
                    end.writeWhatFaults(random.nextInt(2000));
                } else {
                    end.writeWhatIsGone(random.nextInt(2000));
                }
            }
            default -> rarely();
        }
        t.start(this::act, Duration.ofMillis(random.nextInt(4)));
    }

    private void rarely() {
        switch (random.nextInt(8)) {
            case 0 -> end.close();
            case 1 -> end.shutdown();
            default -> end.write(0, true);
        }
    }

    private void finish() throws PanpipeException {
        end.startRead();
        if (!end.isShutdownAsked()) {
            end.shutdown();
        }
        timer.start(t -> {
            if (looks-- == 0) {
                program.waitsInVain(end);
                end.close();
            }
            if (end.hasEnded() || end.isClosed() || program.isDead(end.loop())) {
                end.close();
                t.close();
            }
        }, Duration.ofMillis(1), BETWEEN_LOOKS);
    }
}
