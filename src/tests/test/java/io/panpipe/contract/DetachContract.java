/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.panpipe.ErrorCode;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Giving descriptors away and taking them in. */
public abstract class DetachContract extends Contract {

    @Test
    void aDetachedDescriptorLivesOnAndCanBeOpenedAgain() throws Exception {
        Ends ends = connected();
        ends.a().write(bytes("before "), logs("written"));
        runUntil(() -> !log.isEmpty());
        long number = ends.a().detach();
        assertTrue(number > 2);
        assertTrue(ends.a().closed(), "the handle is closed");
        Pipe again = pipe();
        again.open(number);
        assertEquals(number, again.fileno());
        again.write(bytes("after"), (pipe, error) -> pipe.close());
        Received received = receive(ends.b());
        run();
        assertEquals("before after", received.text());
    }

    @Test
    void detachCallsTheCloseCallbackOnly() throws Exception {
        Ends ends = ends();
        Received received = receiveOnly(ends.a());
        long number = ends.a().detach();
        ends.a().close(notes("closed"));
        run();
        assertEquals(List.of("closed"), log);
        assertEquals(0, received.calls());
        Received end = receiveOnly(ends.b());
        settle();
        assertEquals(0, end.calls(), "the connection is not closed");
        open(number).close();
        runUntil(() -> end.end() != null);
    }

    private Pipe open(long number) throws PanpipeException {
        Pipe opened = pipe();
        opened.open(number);
        return opened;
    }

    @Test
    void aDescriptorMovesToAnotherLoop() throws Exception {
        Ends ends = ends();
        long number = ends.b().detach();
        ends.a().write(bytes("across loops"), (a, error) -> a.close());
        run();
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try (Loop other = KernelAccess.loop(kernel.kernel())) {
                Pipe moved = new Pipe(other);
                moved.open(number);
                moved.startRead((pipe, data, error) -> {
                    if (data != null) {
                        log.add(text(data));
                    } else {
                        pipe.close();
                    }
                });
                other.run();
            } catch (PanpipeException failed) {
                log.add(failed.toString());
            }
        });
        thread.join();
        assertEquals("across loops", String.join("", log));
    }

    @Test
    @Needs(Trait.DETACHABLE_LISTENER)
    void aListenerCanBeDetachedAndOpenedAgain() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, logs("connection"));
        long number = server.detach();
        run();
        assertTrue(kernel.exists(name), "its socket lives on, and so does its name");
        Pipe client = pipe();
        client.connect(name, logs("connected"));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("connected"), log);
        log.clear();
        Pipe again = open(number);
        assertEquals(name, again.localName());
        again.listen((listener, error) -> {
            listener.accept(pipe());
            log.add("accepted");
        });
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("accepted"), log);
        again.close();
        run();
        kernel.remove(name);
    }

    @Test
    @Lacks(Trait.DETACHABLE_LISTENER)
    void aListenerCannotBeDetachedAndGoesOn() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, logs("connection"));
        PanpipeException refused = assertFails(ErrorCode.ENOTSUP, server::detach);
        assertTrue(refused.getMessage().contains("several pipes"), refused::getMessage);
        assertFalse(server.closed());
        pipe().connect(name, logs("connected"));
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("connected", "connection"), log.stream().sorted().toList());
    }

    @Test
    void detachWithPendingRequestsIsRefused() throws Exception {
        Ends ends = ends();
        block(ends.a());
        assertThrows(IllegalStateException.class, () -> ends.a().detach());
        assertFalse(ends.a().closed());
        String name = kernel.freshName();
        Pipe server = listening(name, logs("connection"));
        Pipe client = pipe();
        client.connect(name, logs("connected"));
        assertThrows(IllegalStateException.class, client::detach, "connecting");
        runUntil(() -> log.size() == 2);
        assertThrows(IllegalStateException.class, server::detach, "a connection is announced");
    }

    @Test
    void detachNeedsADescriptor() {
        Pipe fresh = pipe();
        assertFails(ErrorCode.EBADF, fresh::detach);
        assertFalse(fresh.closed());
        fresh.close();
        assertThrows(IllegalStateException.class, fresh::detach);
    }

    @Test
    void aDescriptorThatIsNotOpenIsEbadf() throws Exception {
        assertFails(ErrorCode.EBADF, () -> pipe().open(-1));
        assertFails(ErrorCode.EBADF, () -> pipe().open(1 << 30));
        assertFails(ErrorCode.EBADF, () -> pipe().open(Long.MAX_VALUE));
    }

    @Test
    void aDescriptorThatAHandleHasIsEexist() throws Exception {
        Ends ends = ends();
        long number = ends.a().fileno();
        Pipe second = pipe();
        assertFails(ErrorCode.EEXIST, () -> second.open(number));
        second.close();
        run();
        ends.a().write(bytes("still open"), (a, error) -> a.close());
        Received received = receive(ends.b());
        run();
        assertEquals("still open", received.text());
    }

    @Test
    void aHandleInUseDoesNotOpen() throws Exception {
        Ends ends = ends();
        long number = ends.b().detach();
        assertThrows(IllegalStateException.class, () -> ends.a().open(number));
        Pipe bound = pipe();
        bound.bind(kernel.freshName());
        assertThrows(IllegalStateException.class, () -> bound.open(number));
        Pipe closed = pipe();
        closed.close();
        assertThrows(IllegalStateException.class, () -> closed.open(number));
        Pipe opened = open(number);
        assertThrows(IllegalStateException.class, () -> opened.open(number));
        assertTrue(opened.readable() && opened.writable());
    }

    @Test
    void pairMakesTwoConnectedPipes() throws Exception {
        Pipe[] pair = Pipe.pair(loop);
        assertEquals(2, pair.length);
        assertEquals(List.of(pair[0], pair[1]), loop.handles());
        for (Pipe pipe : pair) {
            assertTrue(pipe.readable() && pipe.writable());
            assertFalse(pipe.active());
        }
        pair[0].write(bytes("there"));
        pair[1].write(bytes("back"));
        if (kernel.has(Trait.HALF_CLOSE)) {
            pair[0].shutdown();
            pair[1].shutdown();
        }
        Received back = receiveOnly(pair[0]);
        Received there = receiveOnly(pair[1]);
        runUntil(() -> back.size() == 4 && there.size() == 5);
        if (kernel.has(Trait.HALF_CLOSE)) {
            run();
            assertEquals(ErrorCode.EOF, there.end());
            assertEquals(ErrorCode.EOF, back.end());
        }
        assertEquals("there", there.text());
        assertEquals("back", back.text());
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void aStreamThatNeedNotWaitForRoomAnyMoreCanBeDetached() throws Exception {
        assumeFalse(kernel.writesInFlight(), "a queue that empties at once is what this is about");
        Ends ends = ends();
        receiveOnly(ends.a());
        long written = 0;
        while (ends.a().writeQueueSize() == 0) {
            ends.a().write(new byte[10_000], (a, error) -> {});
            written += 10_000;
            run(RunMode.NOWAIT);
        }
        long taken = written - ends.a().writeQueueSize();
        long[] read = new long[1];
        long[] number = {-1};
        ends.b().startRead((b, data, end) -> {
            read[0] += data == null ? 0 : data.remaining();
            if (read[0] == taken) {
                // There is room again, which the selector has not reported yet.
                ends.a().shutdown();
                assertEquals(0, ends.a().writeQueueSize());
                number[0] = ends.a().detach();
            }
        });
        runUntil(() -> number[0] != -1);
        settle();
        assertEquals(List.of(ends.b()), loop.handles());
        open(number[0]).close();
    }
}
