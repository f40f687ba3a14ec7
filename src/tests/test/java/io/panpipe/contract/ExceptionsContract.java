/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What callbacks throw, and what exceptions tell. */
public abstract class ExceptionsContract extends Contract {

    private void throwInCallback(Exception thrown) {
        new Timer(loop).start(timer -> {
            throw thrown;
        }, Duration.ZERO);
    }

    @Test
    void theHandlerReceivesTheLoopAndWhatWasThrown() {
        Exception thrown = new Exception("thrown");
        loop.uncaughtExceptionHandler((itself, what) -> {
            assertSame(loop, itself);
            assertSame(thrown, what);
            log.add("handled");
        });
        throwInCallback(thrown);
        run();
        assertEquals(List.of("handled"), log);
    }

    @Test
    void aHandlerThatThrowsEndsTheRun() {
        RuntimeException fatal = new IllegalArgumentException("fatal");
        loop.uncaughtExceptionHandler((itself, what) -> {
            throw fatal;
        });
        throwInCallback(new Exception());
        Timer later = new Timer(loop);
        later.start(notes("later"), Duration.ofHours(1));
        assertSame(fatal, assertThrows(RuntimeException.class, () -> run()));
        assertEquals(List.of(), log);
        later.start(notes("later"), Duration.ZERO);
        run();
        assertEquals(List.of("later"), log, "and the loop can be run again");
    }

    @Test
    void anErrorOfTheHandlerIsThrownAsItIs() {
        Error fatal = new StackOverflowError("fatal");
        loop.uncaughtExceptionHandler((itself, what) -> {
            throw fatal;
        });
        throwInCallback(new Exception());
        assertSame(fatal, assertThrows(Error.class, () -> run()));
    }

    @Test
    void aCheckedExceptionOfTheHandlerIsWrapped() {
        IOException fatal = new IOException("fatal");
        loop.uncaughtExceptionHandler((itself, what) -> {
            throw fatal;
        });
        throwInCallback(new Exception());
        assertSame(fatal, assertThrows(IllegalStateException.class, () -> run()).getCause());
    }

    @Test
    void theTurnIsFinishedBeforeTheHandlersExceptionEndsTheRun() throws Exception {
        Ends ends = ends();
        loop.uncaughtExceptionHandler((itself, what) -> {
            throw new IllegalArgumentException(what.getMessage());
        });
        for (int i = 0; i < 3; i++) {
            String label = "write " + i;
            ends.a().write(new byte[0], (a, error) -> {
                log.add(label);
                throw new Exception(label);
            });
        }
        IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, () -> run());
        assertEquals(List.of("write 0", "write 1", "write 2"), log, "no callback is lost");
        assertEquals("write 0", thrown.getMessage());
        assertEquals(2, thrown.getSuppressed().length);
    }

    @Test
    void aHandlerIsNeeded() {
        assertThrows(NullPointerException.class, () -> loop.uncaughtExceptionHandler(null));
    }

    @Test
    void atFirstWhatIsThrownIsLoggedAndTheLoopGoesOn() throws Exception {
        String message = "thrown " + UUID.randomUUID();
        Handler listener = new Handler() {
            @Override
            public void publish(LogRecord line) {
                if (line.getThrown() != null && message.equals(line.getThrown().getMessage())) {
                    log.add(line.getLevel().getName());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("io.panpipe");
        logger.addHandler(listener);
        boolean showed = logger.getUseParentHandlers();
        logger.setUseParentHandlers(false);
        try (Loop other = KernelAccess.loop(kernel.kernel())) {
            new Timer(other).start(timer -> {
                throw new Exception(message);
            }, Duration.ZERO);
            new Timer(other).start(notes("goes on"), Duration.ofMillis(1));
            other.run();
        } finally {
            logger.removeHandler(listener);
            logger.setUseParentHandlers(showed);
        }
        assertEquals(List.of(Level.SEVERE.getName(), "goes on"), log);
    }

    // What a PanpipeException tells.

    @Test
    @Needs(Trait.EXCLUSIVE_NAMES)
    void anExceptionTellsCodeCallAndName() throws Exception {
        String name = kernel.freshName();
        pipe().bind(name);
        PanpipeException error = assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(name));
        assertEquals(kernel.call("bind"), error.call());
        assertEquals(name, error.name());
        assertTrue(error.getMessage().startsWith(kernel.call("bind") + " " + name + ": address already in use (EADDRINUSE)"),
                error::getMessage);
    }

    @Test
    void anExceptionThrownToTheCallerShowsWhere() throws Exception {
        PanpipeException thrown = assertFails(ErrorCode.EINVAL, () -> pipe().bind(kernel.freshName() + "\0x"));
        assertTrue(List.of(thrown.getStackTrace()).stream()
                .anyMatch(frame -> frame.getMethodName().contains("anExceptionThrownToTheCallerShowsWhere")));
    }

    @Test
    void everyCodeHasADescription() {
        for (ErrorCode code : ErrorCode.values()) {
            assertTrue(!code.description().isBlank(), code::name);
        }
        assertEquals("broken pipe", ErrorCode.EPIPE.description());
    }

    @Test
    void misuseSaysWhatToDo() throws Exception {
        Pipe fresh = pipe();
        assertTrue(assertThrows(IllegalStateException.class, () -> fresh.write(bytes("x"))).getMessage()
                .contains("connect, accept or open"));
        assertTrue(assertThrows(IllegalStateException.class, () -> fresh.startRead((p, d, e) -> {})).getMessage()
                .contains("connect"));
        assertTrue(assertThrows(IllegalStateException.class, () -> fresh.accept(pipe())).getMessage()
                .contains("listen"));
        Ends ends = ends();
        receive(ends.a());
        assertTrue(assertThrows(IllegalStateException.class, () -> receive(ends.a())).getMessage()
                .contains("stopRead"));
    }

    @Test
    void aStopOfARunThatAnExceptionHasEndedDoesNotEndTheNext() {
        loop.uncaughtExceptionHandler((itself, what) -> {
            itself.stop();
            throw new IllegalArgumentException("fatal");
        });
        throwInCallback(new Exception());
        assertThrows(IllegalArgumentException.class, () -> run());
        new Timer(loop).start(notes("later"), Duration.ZERO);
        run();
        assertEquals(List.of("later"), log);
    }
}
