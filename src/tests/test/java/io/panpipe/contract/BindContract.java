/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.BindOption;
import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Binding: whose the name is, from when on and until when. */
public abstract class BindContract extends Contract {

    @Test
    void aBoundNameExistsUntilItsHandleIsClosed() throws Exception {
        String name = kernel.freshName();
        Pipe server = pipe();
        assertFalse(kernel.exists(name));
        server.bind(name);
        assertTrue(kernel.exists(name));
        server.close();
        assertFalse(kernel.exists(name), "gone with the call of close");
    }

    @Test
    void closingTheLoopRemovesTheName() throws Exception {
        String name = kernel.freshName();
        listening(name, logs("connection"));
        loop.close();
        assertFalse(kernel.exists(name));
    }

    @Test
    @Needs(Trait.EXCLUSIVE_NAMES)
    void aNameInUseIsEaddrinuse() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, (listener, error) -> listener.accept(pipe()));
        Pipe second = pipe();
        PanpipeException error = assertFails(ErrorCode.EADDRINUSE, () -> second.bind(name));
        assertEquals(name, error.name());
        assertEquals(kernel.call("bind"), error.call());
        assertTrue(error.getMessage().contains(name), error::getMessage);
        assertFalse(error.getMessage().contains("stale"), "somebody is there");
        second.close();
        assertTrue(kernel.exists(name), "what failed to bind removes nothing");
        assertServes(name);
        server.close();
    }

    @Test
    @Needs(Trait.EXCLUSIVE_NAMES)
    void aHandleMayBindAnotherNameAfterAFailure() throws Exception {
        String taken = kernel.freshName();
        pipe().bind(taken);
        Pipe second = pipe();
        assertFails(ErrorCode.EADDRINUSE, () -> second.bind(taken));
        String free = kernel.freshName();
        second.bind(free);
        second.listen((listener, error) -> listener.accept(pipe()));
        assertEquals(free, second.localName());
        assertServes(free);
    }

    @Test
    void bindingTwiceIsRefused() throws Exception {
        Pipe server = pipe();
        String name = kernel.freshName();
        server.bind(name);
        assertThrows(IllegalStateException.class, () -> server.bind(kernel.freshName()));
        assertThrows(IllegalStateException.class, () -> server.bind(name));
        assertEquals(name, server.localName());
        Ends ends = ends();
        assertThrows(IllegalStateException.class, () -> ends.a().bind(kernel.freshName()), "when connected");
    }

    @Test
    void aClosedHandleDoesNotBind() {
        Pipe server = pipe();
        server.close();
        String name = kernel.freshName();
        assertThrows(IllegalStateException.class, () -> server.bind(name));
        assertFalse(kernel.exists(name));
    }

    @Test
    void aNameMayBeBoundAgainAfterItsHandleIsClosed() throws Exception {
        String name = kernel.freshName();
        for (int i = 0; i < 5; i++) {
            Pipe accepted = pipe();
            Pipe server = listening(name, (listener, error) -> listener.accept(accepted));
            assertServes(name);
            server.close();
            if (!kernel.has(Trait.NAMES_END_WITH_THEIR_SERVER)) {
                accepted.close();
            }
            assertFalse(kernel.exists(name));
        }
    }

    @Test
    @Needs(Trait.CLIENT_NAMES)
    void aBoundClientTellsItsName() throws Exception {
        String serverName = kernel.freshName();
        String clientName = kernel.freshName();
        Pipe accepted = pipe();
        Pipe server = listening(serverName, (listener, error) -> {
            listener.accept(accepted);
            log.add("accepted");
        });
        Pipe client = pipe();
        client.bind(clientName);
        client.connect(serverName, logs("connected"));
        runUntil(() -> log.size() == 2);
        assertEquals(clientName, accepted.peerName());
        assertEquals(clientName, client.localName());
        assertEquals(serverName, client.peerName());
        client.close();
        server.close();
        assertFalse(kernel.exists(clientName));
    }

    @Test
    @Needs(Trait.CLIENT_NAMES)
    void aBoundHandleIsStillBoundAfterAFailedConnect() throws Exception {
        String name = kernel.freshName();
        Pipe client = pipe();
        client.bind(name);
        client.connect(kernel.freshName(), logs("connect"));
        run();
        assertEquals(List.of("connect ENOENT"), log);
        assertTrue(kernel.exists(name));
        client.listen((listener, error) -> listener.accept(pipe()));
        assertServes(name);
    }

    @Test
    @Lacks(Trait.CLIENT_NAMES)
    void aBoundHandleDoesNotConnectAndStaysBound() throws Exception {
        String name = kernel.freshName();
        String other = kernel.freshName();
        listening(other, logs("connection"));
        Pipe bound = pipe();
        bound.bind(name);
        bound.connect(other, logs("connect"));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("connect EINVAL"), log);
        assertEquals(name, bound.localName());
        bound.listen((listener, error) -> listener.accept(pipe()));
        assertServes(name);
    }

    @Test
    void anAcceptedConnectionDoesNotRemoveTheName() throws Exception {
        String name = kernel.freshName();
        Pipe accepted = pipe();
        listening(name, (listener, error) -> {
            listener.accept(accepted);
            log.add("accepted");
        });
        pipe().connect(name, logs("connected"));
        runUntil(() -> log.size() == 2);
        accepted.close();
        run(RunMode.NOWAIT);
        assertTrue(kernel.exists(name));
    }

    @Test
    void replaceStaleBindsAFreeName() throws Exception {
        String name = kernel.freshName();
        Pipe server = pipe();
        server.bind(name, BindOption.REPLACE_STALE);
        server.listen((listener, error) -> listener.accept(pipe()));
        assertServes(name);
    }

    @Test
    @Needs(Trait.EXCLUSIVE_NAMES)
    void replaceStaleLeavesALiveServerAlone() throws Exception {
        String name = kernel.freshName();
        listening(name, (listener, error) -> listener.accept(pipe()));
        assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(name, BindOption.REPLACE_STALE));
        assertServes(name);
        String silent = kernel.freshName();
        Pipe notListening = pipe();
        notListening.bind(silent);
        assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(silent, BindOption.REPLACE_STALE));
        notListening.listen((listener, error) -> listener.accept(pipe()));
        assertServes(silent);
    }

    @Test
    void localNameIsTheBoundOne() throws Exception {
        Pipe server = pipe();
        assertFails(ErrorCode.EBADF, server::localName);
        String name = kernel.freshName();
        server.bind(name);
        assertEquals(name, server.localName());
        assertFails(ErrorCode.ENOTCONN, server::peerName);
        assertNotEquals("", server.toString());
    }

    @Test
    void pendingInstancesKeepNobodyOut() throws Exception {
        Pipe server = pipe();
        server.pendingInstances(7);
        assertThrows(IllegalArgumentException.class, () -> server.pendingInstances(0));
        String name = kernel.freshName();
        server.bind(name);
        server.pendingInstances(1);
        server.listen((listener, error) -> listener.accept(pipe()));
        assertServes(name);
    }

    @Test
    void anOptionGivenTwiceIsGivenOnce() throws Exception {
        String name = kernel.freshName();
        Pipe server = pipe();
        server.bind(name, BindOption.REPLACE_STALE, BindOption.REPLACE_STALE);
        assertTrue(kernel.exists(name));
        server.close();
    }
}
