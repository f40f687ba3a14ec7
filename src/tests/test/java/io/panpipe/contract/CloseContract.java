/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Async;
import io.panpipe.ErrorCode;
import io.panpipe.Handle;
import io.panpipe.HandleCallback;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What closing a handle does. */
public abstract class CloseContract extends Contract {

    @Test
    void closeNeverCallsBackInside() throws Exception {
        Ends ends = ends();
        ends.a().close(notes("closed"));
        assertEquals(List.of(), log);
        assertTrue(ends.a().closed(), "closed from the call on");
        run();
        assertEquals(List.of("closed"), log);
    }

    @Test
    void closeIsIdempotentAndEveryCallbackIsCalledInOrder() throws Exception {
        Pipe pipe = pipe();
        pipe.close();
        pipe.close(notes("first"));
        pipe.close(notes("second"));
        pipe.close();
        run();
        assertEquals(List.of("first", "second"), log);
        pipe.close(notes("late"));
        assertEquals(2, log.size());
        run();
        assertEquals(List.of("first", "second", "late"), log);
    }

    @Test
    void whoeverClosesAHandleItsOwnerIsTold() throws Exception {
        Pipe pipe = pipe();
        Timer timer = new Timer(loop);
        pipe.onClose(notes("told"));
        pipe.onClose(notes("told as well"));
        timer.onClose(notes("timer told"));
        run();
        assertEquals(List.of(), log);
        assertFalse(pipe.closed(), "to want to be told closes nothing");
        pipe.close(notes("closed"));
        run();
        assertEquals(List.of("told", "told as well", "closed"), log);
        pipe.onClose(notes("late"));
        run();
        assertEquals("late", log.getLast());
        loop.close();
        assertEquals("timer told", log.getLast(), "the loop closes what is left");
    }

    @Test
    void manyCallbacksOfOneHandleAreAllCalledInOrder() throws Exception {
        int many = 50_000;
        Pipe pipe = pipe();
        List<Integer> called = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            int number = i;
            pipe.onClose(handle -> called.add(number));
        }
        pipe.close(handle -> pipe.onClose(notes("late")));
        run();
        assertEquals(many, called.size());
        assertEquals(called.stream().sorted().toList(), called);
        assertEquals(List.of("late"), log, "one that is set by the last of them");
    }

    @Test
    void handlesCloseInTheOrderOfTheCalls() throws Exception {
        List<String> expected = new ArrayList<>();
        List<Handle> handles = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            handles.add(i % 3 == 0 ? new Timer(loop) : i % 3 == 1 ? pipe() : new Async(loop, handle -> {}));
        }
        for (int i : new int[] {3, 0, 9, 4, 1, 8, 2, 7, 5, 6}) {
            expected.add("closed " + i);
            handles.get(i).close(notes("closed " + i));
        }
        run();
        assertEquals(expected, log);
    }

    @Test
    void handlesClosedInsideACloseCallbackComeLater() throws Exception {
        Pipe first = pipe();
        Pipe second = pipe();
        Timer third = new Timer(loop);
        first.close(handle -> {
            third.close(notes("third"));
            log.add("first");
        });
        second.close(notes("second"));
        run();
        assertEquals(List.of("first", "second", "third"), log);
    }

    @Test
    void aChainOfClosesLeavesTimersTheirTurn() {
        int most = 1000;
        int[] closed = new int[1];
        HandleCallback<Object> closesAnother = new HandleCallback<>() {
            @Override
            public void call(Object handle) {
                if (++closed[0] < most && log.isEmpty()) {
                    new Timer(loop).close(this);
                }
            }
        };
        new Timer(loop).close(first -> {
            new Timer(loop).start(timer -> log.add("timer"), Duration.ZERO);
            new Timer(loop).close(closesAnother);
        });
        run();
        assertEquals(List.of("timer"), log);
        assertTrue(closed[0] < most, "the timer waited for all that one close callback after the other closed");
    }

    @Test
    void closeSendsWhatCanBeSentAtOnce() throws Exception {
        Ends ends = ends();
        Received received = receive(ends.b());
        new Timer(loop).start(timer -> {
            ends.a().write(bytes("written just before"), logs("written"));
            ends.a().close(notes("closed"));
            timer.close();
        }, Duration.ZERO);
        run();
        if (!kernel.writesInFlight() || log.contains("written")) {
            assertEquals(List.of("written", "closed"), log);
            assertEquals("written just before", received.text());
        } else {
            assertEquals(List.of("written ECANCELED", "closed"), log);
        }
    }

    @Test
    void closeCancelsQueuedWritesInOrderAfterThoseThatAreDone() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("fits"), logs("first"));
        ends.a().write(new byte[8 << 20], logs("second"));
        ends.a().write(bytes("x"), logs("third"));
        ends.a().close(notes("closed"));
        Received received = receive(ends.b());
        run();
        assertEquals(4, log.size());
        assertTrue(log.get(0).equals("first") || kernel.writesInFlight() && log.get(0).equals("first ECANCELED"),
                log::toString);
        assertEquals(List.of("second ECANCELED", "third ECANCELED", "closed"), log.subList(1, 4));
        assertTrue(received.size() < 8 << 20);
    }

    @Test
    void closeTellsConnectThenWritesThenShutdownThenClose() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, (listener, error) -> {});
        Pipe client = pipe();
        client.connect(name, logs("connect"));
        client.write(new byte[16 << 20], logs("write 1"));
        client.write(bytes("x"), logs("write 2"));
        client.shutdown(logs("shutdown"));
        client.close(notes("closed"));
        server.close();
        run();
        assertEquals("connect", log.getFirst().split(" ")[0], log::toString);
        assertEquals(List.of("write 1 ECANCELED", "write 2 ECANCELED", "shutdown ECANCELED", "closed"),
                log.subList(1, log.size()));
    }

    @Test
    void readingGetsNoCallForAClose() throws Exception {
        Ends ends = ends();
        Received received = receiveOnly(ends.a());
        ends.a().close(notes("closed"));
        run();
        assertEquals(0, received.calls());
        assertEquals(List.of("closed"), log);
    }

    @Test
    void thePeerOfAClosedPipeReadsTheEnd() throws Exception {
        Ends ends = connected();
        Received received = receive(ends.b());
        ends.a().close();
        run();
        assertEquals(ErrorCode.EOF, received.end());
    }

    @Test
    void aClosedHandleSaysThatItIsClosed() throws Exception {
        Ends ends = ends();
        ends.a().close();
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> ends.a().write(bytes("x")));
        assertTrue(refused.getMessage().contains("closed"), refused::getMessage);
        assertThrows(IllegalStateException.class, () -> ends.a().fileno());
        assertThrows(IllegalStateException.class, () -> ends.a().bind(kernel.freshName()));
        assertThrows(IllegalStateException.class, () -> ends.a().listen(logs("connection")));
        assertThrows(IllegalStateException.class, () -> ends.a().connect(kernel.freshName(), logs("connect")));
        assertThrows(IllegalStateException.class, () -> ends.a().localName());
        assertThrows(IllegalStateException.class, () -> ends.a().shutdown());
        assertThrows(IllegalStateException.class, () -> ends.a().pipeTo(ends.b()));
        assertThrows(IllegalStateException.class, () -> ends.b().pipeTo(ends.a()));
        assertFalse(ends.a().active());
    }

    @Test
    void closedHandlesLeaveTheLoopsList() throws Exception {
        Ends ends = ends();
        Timer timer = new Timer(loop);
        ends.a().close();
        assertEquals(List.of(ends.a(), ends.b(), timer), loop.handles(), "until it is closed");
        run();
        assertEquals(List.of(ends.b(), timer), loop.handles());
    }

    @Test
    void closeInsideTheWriteCallbackCancelsTheRest() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("1"), (a, error) -> {
            log.add("1");
            a.write(new byte[8 << 20], logs("3"));
            a.close(notes("closed"));
        });
        ends.a().write(new byte[8 << 20], logs("2"));
        receive(ends.b());
        run();
        assertEquals(List.of("1", "2 ECANCELED", "3 ECANCELED", "closed"), log);
    }

    @Test
    void closeInsideTheShutdownCallbackWorks() throws Exception {
        Ends ends = ends();
        ends.a().shutdown((a, error) -> a.close(notes("closed")));
        run();
        assertEquals(List.of("closed"), log);
    }

    @Test
    void closeInsideTheConnectCallbackWorks() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, (listener, error) -> {});
        Pipe client = pipe();
        client.connect(name, (pipe, error) -> {
            log.add("connect");
            pipe.close(notes("closed"));
            server.close();
        });
        client.write(new byte[8 << 20], logs("write"));
        run();
        assertEquals(List.of("connect", "write ECANCELED", "closed"), log);
    }

    @Test
    void closeInsideTheFailedConnectCallbackWorks() throws Exception {
        Pipe client = pipe();
        client.connect(kernel.freshName(), (pipe, error) -> {
            log.add("connect " + error.code());
            pipe.close(notes("closed"));
        });
        client.write(bytes("x"), logs("write"));
        run();
        assertEquals(List.of("connect ENOENT", "write ECANCELED", "closed"), log);
    }

    @Test
    void closeInsideTheListenCallbackWorks() throws Exception {
        String name = kernel.freshName();
        listening(name, (listener, error) -> {
            log.add("connection");
            listener.close(notes("closed"));
        });
        Pipe client = pipe();
        client.connect(name, (pipe, error) -> receive(pipe));
        run();
        assertEquals(List.of("connection", "closed"), log);
        assertTrue(client.closed(), "the client hears of it");
    }

    @Test
    void closeInsideTheDrainCallbackWorks() throws Exception {
        Ends ends = ends();
        ends.a().onDrain(a -> a.close(notes("closed")));
        ends.a().write(new byte[1 << 20], logs("written"));
        receive(ends.b());
        run();
        // The rest below the low-water mark may still be in flight, and is cancelled then.
        assertTrue(log.equals(List.of("written", "closed"))
                || kernel.writesInFlight() && log.equals(List.of("written ECANCELED", "closed")), log::toString);
    }

    @Test
    void closeInsideTheOwnCloseCallbackIsWithoutEffect() throws Exception {
        Pipe pipe = pipe();
        pipe.close(handle -> {
            log.add("closed");
            handle.close();
        });
        run();
        assertEquals(List.of("closed"), log);
    }

    @Test
    void closeOfAnotherHandleInsideItsPeersCallbackWorks() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("x"), logs("written"));
        ends.b().startRead((b, data, error) -> {
            ends.a().close(notes("a closed"));
            ends.b().close(notes("b closed"));
        });
        run();
        assertEquals(List.of("a closed", "b closed"), log.stream().filter(entry -> entry.contains("closed")).toList());
    }

    @Test
    void aCloseCallbackThatThrowsDoesNotStopTheOthers() throws Exception {
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add(thrown.getMessage()));
        pipe().close(handle -> {
            throw new Exception("thrown at close");
        });
        pipe().close(notes("second"));
        run();
        assertEquals(List.of("thrown at close", "second"), log);
    }

    @Test
    void aClosingHandleKeepsTheLoopAliveUntilItsCallback() throws Exception {
        Pipe pipe = pipe();
        pipe.unref();
        pipe.close(notes("closed"));
        assertTrue(loop.alive());
        assertFalse(run(RunMode.NOWAIT));
        assertEquals(List.of("closed"), log);
    }

    @Test
    void anEndThatNobodyReadsDoesNotSpin() throws Exception {
        Ends ends = ends();
        Received first = receiveOnly(ends.a());
        ends.a().stopRead();
        ends.b().close();
        run();
        assertEquals(0, first.calls());
        assertIdle();
    }

    @Test
    void shutdownNeedsAConnection() throws Exception {
        Pipe fresh = pipe();
        assertThrows(IllegalStateException.class, () -> fresh.shutdown(logs("shutdown")));
        fresh.bind(kernel.freshName());
        assertThrows(IllegalStateException.class, fresh::shutdown);
        fresh.close();
        assertThrows(IllegalStateException.class, () -> fresh.shutdown(logs("shutdown")));
    }
}
