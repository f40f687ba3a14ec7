/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Signal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Signals to the process: TERM, which every system has, and a second one. Each test hears of what it raises. */
public abstract class SignalContract extends Contract {

    private Signal hears(String label, int number) {
        Signal signal = new Signal(loop);
        signal.start(notes(label), number);
        return signal;
    }

    @Test
    void aSignalCallsBackOnTheLoopsThreadAndDoesNotEndTheProcess() {
        Thread loopThread = Thread.currentThread();
        Signal signal = new Signal(loop);
        signal.start(itself -> {
            assertSame(loopThread, Thread.currentThread());
            assertSame(signal, itself);
            assertEquals(Signal.TERM, itself.number());
            log.add("called");
            itself.close(notes("closed"));
        }, Signal.TERM);
        kernel.raise(Signal.TERM);
        assertEquals(List.of(), log, "only in a turn of the loop");
        run();
        assertEquals(List.of("called", "closed"), log);
    }

    @Test
    void aSignalIsHeardOfAgainAndAgain() {
        Signal signal = hears("called", Signal.TERM);
        for (int i = 1; i <= 3; i++) {
            int count = i;
            kernel.raise(Signal.TERM);
            runUntil(() -> log.size() == count);
        }
        signal.close();
        run();
        assertEquals(3, log.size());
    }

    @Test
    void everyHandleOfASignalIsCalledAndNoOther() {
        Signal first = hears("first", Signal.TERM);
        Signal other = hears("other", kernel.secondSignal());
        Signal second = hears("second", Signal.TERM);
        kernel.raise(Signal.TERM);
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("first", "second"), log);
        kernel.raise(kernel.secondSignal());
        runUntil(() -> log.size() == 3);
        assertEquals(List.of("first", "second", "other"), log);
        first.close();
        second.close();
        other.close();
        run();
    }

    @Test
    void whoIsStoppedHearsNothingMoreAndTheOthersGoOn() {
        Signal stopped = hears("stopped", Signal.TERM);
        Signal other = hears("other", Signal.TERM);
        stopped.stop();
        stopped.stop();
        assertFalse(stopped.active());
        assertEquals(0, stopped.number());
        kernel.raise(Signal.TERM);
        runUntil(() -> !log.isEmpty());
        settle();
        assertEquals(List.of("other"), log);
        stopped.close();
        other.close();
        run();
    }

    @Test
    void whatHasArrivedIsNotToldToWhoIsStoppedMeanwhile() {
        Signal first = new Signal(loop);
        Signal second = new Signal(loop);
        first.start(itself -> {
            log.add("first");
            second.stop();
        }, Signal.TERM);
        second.start(notes("second"), Signal.TERM);
        kernel.raise(Signal.TERM);
        runUntil(() -> !log.isEmpty());
        settle();
        assertEquals(List.of("first"), log);
        first.close();
        second.close();
        run();
    }

    @Test
    void aHandleThatIsStartedAgainHearsOfTheOtherSignalOnly() {
        Signal guard = hears("guard", Signal.TERM);
        Signal signal = hears("before", Signal.TERM);
        signal.start(notes("after"), kernel.secondSignal());
        assertEquals(kernel.secondSignal(), signal.number());
        kernel.raise(Signal.TERM);
        runUntil(() -> log.contains("guard"));
        kernel.raise(kernel.secondSignal());
        runUntil(() -> log.contains("after"));
        assertEquals(List.of("guard", "after"), log);
        guard.close();
        signal.close();
        run();
    }

    @Test
    void aSignalThatNobodyCanHaveIsRefusedAndTheHandleGoesOnAsBefore() {
        Signal signal = hears("called", Signal.TERM);
        for (int wrong : new int[] {Signal.KILL, 0, -1, 1000}) {
            assertThrows(IllegalArgumentException.class, () -> signal.start(notes("wrong"), wrong), "signal " + wrong);
        }
        assertThrows(NullPointerException.class, () -> signal.start(null, kernel.secondSignal()));
        kernel.raise(Signal.TERM);
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("called"), log);
        signal.close();
        run();
        assertThrows(IllegalStateException.class, () -> signal.start(notes("closed"), Signal.TERM));
    }

    @Test
    void itKeepsTheLoopGoingWhileItIsStartedUnlessToldNotTo() {
        Signal signal = new Signal(loop);
        assertFalse(loop.alive());
        signal.start(notes("called"), Signal.TERM);
        assertTrue(loop.alive());
        signal.unref();
        assertFalse(run());
        signal.ref();
        signal.stop();
        assertFalse(run());
        signal.close();
        run();
        assertEquals(List.of(), log);
    }
}
