/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What ending the outgoing direction does. */
public abstract class ShutdownContract extends Contract {

    @Test
    void shutdownNeverCallsBackInside() throws Exception {
        Ends ends = ends();
        ends.a().shutdown(logs("shutdown"));
        assertEquals(List.of(), log);
        run();
        assertEquals(List.of("shutdown"), log);
    }

    @Test
    void thePeerReadsAllThenTheEndWhileTheOtherDirectionGoesOn() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("question"), logs("written"));
        ends.a().shutdown(logs("shutdown"));
        Received answer = receive(ends.a());
        Received question = new Received(false);
        ends.b().startRead((b, data, error) -> {
            question.call(b, data, error);
            if (error != null) {
                b.write(bytes("answer"), (pipe, e) -> pipe.close());
            }
        });
        run();
        assertEquals("question", question.text());
        assertEquals(ErrorCode.EOF, question.end());
        assertEquals("answer", answer.text());
        assertEquals(List.of("written", "shutdown"), log);
    }

    @Test
    void shutdownWaitsForWhatIsQueued() throws Exception {
        Ends ends = ends();
        long queued = block(ends.a());
        ends.a().write(bytes("last"), logs("last"));
        ends.a().shutdown(logs("shutdown"));
        settle();
        assertEquals(List.of(), log);
        Received received = receive(ends.b());
        runUntil(() -> received.end() != null);
        assertEquals(queued + 4, received.size());
        assertEquals(List.of("last", "shutdown"), log);
    }

    @Test
    void secondShutdownFailsWithEnotconnInItsPlace() throws Exception {
        Ends ends = ends();
        block(ends.a());
        ends.a().shutdown(logs("first"));
        ends.a().shutdown(logs("second"));
        settle();
        assertEquals(List.of(), log);
        receive(ends.b());
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("first", "second ENOTCONN"), log);
        ends.a().shutdown(logs("third"));
        runUntil(() -> log.size() == 3);
        assertEquals("third ENOTCONN", log.getLast());
    }

    @Test
    void notWritableFromTheCallOfShutdownOn() throws Exception {
        Ends ends = ends();
        block(ends.a());
        assertTrue(ends.a().writable());
        ends.a().shutdown();
        assertFalse(ends.a().writable());
        assertTrue(ends.a().readable());
        assertFails(ErrorCode.EPIPE, () -> ends.a().tryWrite(bytes("x")));
    }

    @Test
    void bothEndsMayShutDownAtOnce() throws Exception {
        Ends ends = connected();
        Received atA = receiveOnly(ends.a());
        Received atB = receiveOnly(ends.b());
        ends.a().write(bytes("from a"));
        ends.b().write(bytes("from b"));
        ends.a().shutdown(logs("a"));
        ends.b().shutdown(logs("b"));
        run();
        assertEquals("from b", atA.text());
        assertEquals("from a", atB.text());
        assertEquals(List.of("a", "b"), log.stream().sorted().toList());
    }

    @Test
    void shutdownThenCloseOfAnIdlePipeSucceedsInOrder() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("x"), logs("written"));
        ends.a().shutdown(logs("shutdown"));
        ends.a().close(notes("closed"));
        Received received = receive(ends.b());
        run();
        if (kernel.writesInFlight() && log.contains("written ECANCELED")) {
            assertEquals(List.of("written ECANCELED", "shutdown ECANCELED", "closed"), log);
        } else {
            assertEquals(List.of("written", "shutdown", "closed"), log);
            assertEquals("x", received.text());
        }
    }

    @Test
    void closeCancelsAShutdownThatWaits() throws Exception {
        Ends ends = ends();
        block(ends.a());
        ends.a().write(bytes("x"), logs("write"));
        ends.a().shutdown(logs("shutdown"));
        ends.a().shutdown(logs("second"));
        ends.a().close(notes("closed"));
        run();
        assertEquals(List.of("write ECANCELED", "shutdown ECANCELED", "second ENOTCONN", "closed"), log);
    }

    @Test
    void shutdownInsideTheWriteCallbackWorks() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("x"), (a, error) -> a.shutdown(logs("shutdown")));
        Received received = receive(ends.b());
        runUntil(() -> received.end() != null && !log.isEmpty());
        assertEquals("x", received.text());
        assertEquals(List.of("shutdown"), log);
    }

    @Test
    void shutdownBeforeTheConnectionIsThereWaitsForItAndForWhatIsWritten() throws Exception {
        String name = kernel.freshName();
        Received received = new Received(true);
        listening(name, (listener, error) -> {
            Pipe connection = pipe();
            listener.accept(connection);
            connection.startRead(received);
            listener.close();
        });
        Pipe client = pipe();
        client.connect(name, logs("connected"));
        client.write(bytes("written before"), logs("written"));
        client.shutdown(logs("shutdown"));
        runUntil(() -> log.contains("connected"));
        receive(client);
        run();
        assertEquals("written before", received.text());
        assertEquals(List.of("connected", "written", "shutdown"), log);
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void whatComesTooLateTellsNothingOfWhatWaitsForTheConnect() throws Exception {
        Pipe client = pipe();
        client.connect(kernel.freshName(), logs("connect"));
        client.write(bytes(""), logs("empty"));
        client.shutdown(logs("shutdown"));
        client.write(bytes("late"), logs("late"));
        run();
        assertEquals(List.of("connect ENOENT", "empty", "shutdown ECANCELED", "late EPIPE"), log);
    }

    @Test
    void shutdownAtTheEndOfThePeerWorks() throws Exception {
        Ends ends = ends();
        ends.b().startRead((b, data, error) -> b.shutdown(logs("shutdown")));
        Received received = receiveOnly(ends.a());
        ends.a().shutdown();
        run();
        assertEquals(ErrorCode.EOF, received.end());
        assertEquals(List.of("shutdown"), log);
    }

    /** Not every system takes it: macOS says ENOTCONN of a connection whose two directions are over. */
    @Test
    @Needs(Trait.HALF_CLOSE)
    void shutdownBehindTheCloseOfThePeerIsNoError() throws Exception {
        Ends ends = ends();
        Received received = receiveOnly(ends.a());
        ends.b().close();
        runUntil(() -> received.end() != null);
        ends.a().shutdown(logs("shutdown"));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("shutdown"), log);
    }

    @Test
    void failureOfAShutdownWithoutCallbackReachesTheHandler() throws Exception {
        Ends ends = ends();
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add(((PanpipeException) thrown).code().name()));
        ends.a().shutdown();
        ends.a().shutdown();
        run();
        assertEquals(List.of("ENOTCONN"), log);
    }

    @Test
    void aPipeWhoseBothDirectionsEndedDoesNotSpin() throws Exception {
        Ends ends = ends();
        ends.a().shutdown();
        ends.b().shutdown();
        Received received = receiveOnly(ends.a());
        runUntil(() -> received.end() != null);
        assertIdle();
    }
}
