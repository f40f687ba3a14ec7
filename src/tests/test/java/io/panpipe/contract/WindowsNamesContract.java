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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The names of Windows: one prefix, 256 characters, and there while an instance is. */
public abstract class WindowsNamesContract extends Contract {

    private static final int MOST_CHARACTERS = 256;

    private String nameOf(int length) {
        String name = kernel.freshName();
        return name + "x".repeat(length - name.length());
    }

    @Test
    void theOtherPrefixNamesTheSamePipes() throws Exception {
        String name = kernel.freshName();
        listening(name, (listener, error) -> listener.accept(pipe()));
        assertServes(name.replace("\\\\.\\", "\\\\?\\"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"//./pipe/", "//?/pipe/", "\\\\.\\pipe/", "//./PIPE\\", "\\\\?\\pipe\\"})
    void slashesInThePrefixNameTheSamePipes(String prefix) throws Exception {
        String name = kernel.freshName();
        String other = prefix + name.substring("\\\\.\\pipe\\".length());
        listening(other, (listener, error) -> {
            assertEquals(other, listener.localName());
            listener.accept(pipe());
        });
        assertServes(name);
        assertServes(other);
    }

    @Test
    void aNameOf256CharactersWorksAndALongerOneFails() throws Exception {
        String longest = nameOf(MOST_CHARACTERS);
        Ends ends = connected(longest);
        assertEquals(longest, ends.a().peerName());
        assertTalks(ends);
        PanpipeException refused = assertFails(ErrorCode.ENAMETOOLONG, () -> pipe().bind(longest + "x"));
        assertTrue(refused.getMessage().contains("256"), refused::getMessage);
        pipe().connect(longest + "x", logs("connect"));
        run();
        assertEquals(List.of("connect ENAMETOOLONG"), log);
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "/tmp/demo", "C:\\demo", "\\\\server\\pipe\\demo", "\\\\.\\pipe\\", "\0demo",
        "//./pipe/", "//server/pipe/demo", "//.pipe/demo"})
    void whatCannotBeTheNameOfAPipeHereIsEinval(String name) throws Exception {
        assertFails(ErrorCode.EINVAL, () -> pipe().bind(name));
        pipe().connect(name, logs("connect"));
        run();
        assertEquals(List.of("connect EINVAL"), log);
    }

    @Test
    void theRefusalOfANameWithoutPrefixSaysWhatToDo() {
        PanpipeException refused = assertFails(ErrorCode.EINVAL, () -> pipe().bind("demo"));
        assertTrue(refused.getMessage().contains("portableName"), refused::getMessage);
        assertTrue(refused.getMessage().contains("\\\\.\\pipe\\"), refused::getMessage);
    }

    @Test
    void aNameIsThereUntilTheLastConnectionIsClosed() throws Exception {
        String name = kernel.freshName();
        Ends ends = connected(name);
        assertTrue(kernel.exists(name), "its server is closed, one instance is not");
        ends.a().close();
        assertTrue(kernel.exists(name));
        ends.b().close();
        assertFalse(kernel.exists(name));
    }

    @Test
    @Needs(Trait.EXCLUSIVE_NAMES)
    void aNameIsTakenUntilTheLastConnectionIsClosed() throws Exception {
        String name = kernel.freshName();
        Ends ends = connected(name);
        Pipe successor = pipe();
        assertFails(ErrorCode.EADDRINUSE, () -> successor.bind(name));
        ends.close();
        successor.bind(name);
    }
}
