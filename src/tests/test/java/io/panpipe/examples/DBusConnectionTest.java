/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.framing.MessageDecoder;
import io.panpipe.junit.FreshName;
import io.panpipe.junit.PanpipeExtension;
import io.panpipe.junit.Simulated;
import io.panpipe.junit.SimulatedTest;
import io.panpipe.testing.Call;
import io.panpipe.testing.SimulatedKernel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The beginning of a connection to a bus, and messages, as no real bus says them. */
@ExtendWith(PanpipeExtension.class)
@Tag("simulated")
class DBusConnectionTest {

    private static final String AUTH = "\0AUTH EXTERNAL\r\n";
    private static final String FDS = "NEGOTIATE_UNIX_FD\r\n";

    /** A reply of a big-endian bus to call 1, which says ":1.7"; from the specification's grammar, by hand. */
    private static final String HELLO_REPLY = "42020101" + "00000009" + "00000001" + "0000000f"
            + "05017500" + "00000001" + "0801670001730000" + "00000004" + "3a312e3700";

    private static String text(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    }

    private static CompletableFuture<DBusConnection> open(Loop loop, String name) throws IOException {
        return DBusConnection.open(loop, "unix:path=" + name + ",guid=1234");
    }

    private static CannedServer loggingIn(Loop home, String name) throws IOException {
        return new CannedServer(home, name).answer(AUTH, "DATA\r\n").answer("DATA\r\n", "OK 1234\r\n")
                .answer(FDS, "AGREE_UNIX_FD\r\n");
    }

    @SimulatedTest(seeds = 50)
    void beginsHoweverItIsCut(Loop home, Loop loop, SimulatedKernel kernel, @FreshName String name) throws Exception {
        kernel.when(Call.READ).withProbability(0.5).movesAtMost(1);
        CannedServer server = loggingIn(home, name).answer("Hello\0", text(HELLO_REPLY));
        CompletableFuture<DBusConnection> connection = open(loop, name);
        connection.thenAccept(DBusConnection::close);
        kernel.run();
        assertNotNull(connection.join());
        assertTrue(server.heard().startsWith(AUTH + "DATA\r\n" + FDS + "BEGIN\r\nl\1\0\1"), server::heard);
    }

    @ParameterizedTest
    @CsvSource({
        "'REJECTED ANONYMOUS\r\n', the bus lets nobody in this way: REJECTED ANONYMOUS",
        "'HTTP/1.1 400 Bad Request\r\n', no bus: HTTP/1.1 400 Bad Request",
        "'\r\n', 'no bus: '",
        "'', the bus is gone",
        "'OK 12', the bus is gone",
    })
    @Simulated
    void aBusThatDoesNotLetInIsAnError(String answer, String complaint, Loop home, Loop loop, SimulatedKernel kernel,
            @FreshName String name) throws Exception {
        new CannedServer(home, name).answerAndClose(AUTH, answer);
        CompletableFuture<DBusConnection> connection = open(loop, name);
        kernel.run();
        assertEquals(complaint, Failures.of(connection).getMessage());
    }

    @Test
    @Simulated
    void aBusThatPassesNoDescriptorsIsAnError(Loop home, Loop loop, SimulatedKernel kernel, @FreshName String name)
            throws Exception {
        new CannedServer(home, name).answer(AUTH, "OK 1234\r\n").answer(FDS, "ERROR \"not here\"\r\n");
        CompletableFuture<DBusConnection> connection = open(loop, name);
        kernel.run();
        assertEquals("the bus passes no descriptors on: ERROR \"not here\"", Failures.of(connection).getMessage());
    }

    /** Messages that cannot be, each as a change of the reply to Hello. */
    @ParameterizedTest
    @CsvSource({
        // A body of 2 GiB; fields as long; a field of another type; a string that goes on behind the message.
        "00000009, 80000000",
        "0000000f, ffffffff",
        "05017500, 05017300",
        "05017500, 05016100",
        "05017500, 00017500",
        "08016700, 08ff6700",
    })
    @Simulated
    void aMessageThatIsWrongIsAnError(String there, String instead, Loop home, Loop loop, SimulatedKernel kernel,
            @FreshName String name) throws Exception {
        assertTrue(HELLO_REPLY.contains(there));
        loggingIn(home, name).answer("Hello\0", text(HELLO_REPLY.replace(there, instead)));
        CompletableFuture<DBusConnection> connection = open(loop, name);
        kernel.run();
        String message = Failures.of(connection).getMessage();
        assertTrue(message.matches("a message of .*|field .* of type .*|a message that ends.*"), message);
    }

    @Test
    @Simulated
    void descriptorsThatAreToldAndHaveNotComeAreAnError(Loop home, Loop loop, SimulatedKernel kernel,
            @FreshName String name) throws Exception {
        String reply = HELLO_REPLY.replace("0000000f", "00000018")
                .replace("0801670001730000", "0801670001730000" + "09017500" + "00000001");
        loggingIn(home, name).answer("Hello\0", text(reply));
        CompletableFuture<DBusConnection> connection = open(loop, name);
        kernel.run();
        assertEquals("0 descriptors have come, and no 1", Failures.of(connection).getMessage());
    }

    @Test
    @Simulated
    void aBusThatDoesNotAnswerIsGivenUp(Loop home, Loop loop, SimulatedKernel kernel, @FreshName String name)
            throws Exception {
        loggingIn(home, name);
        CompletableFuture<DBusConnection> connection = open(loop, name);
        kernel.run();
        assertEquals("no answer within PT25S", Failures.of(connection).getMessage());
        assertEquals(Duration.ofSeconds(25), kernel.time());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "ab", "abc", "abcd"})
    void aNumberBeginsAtAMultipleOfFourWhateverIsBeforeIt(String text) throws IOException {
        DBusMessage call = DBusMessage.call(7, Map.of(DBusMessage.SIGNATURE, "su"), text, 0x01020304);
        ByteBuffer bytes = call.bytes().duplicate();
        int body = bytes.position();
        assertEquals(0, body % 8);
        // Length, text and NUL, then zeros up to the number, which is the last.
        int number = body + (4 + text.length() + 1 + 3) / 4 * 4;
        assertEquals(number + 4, bytes.limit());
        assertEquals(0x04030201, bytes.getInt(number));
        MessageDecoder in = new MessageDecoder(DBusMessage.FRAMING, DBusMessage.LONGEST);
        in.feed(bytes.rewind());
        DBusMessage same = DBusMessage.take(in);
        assertNotNull(same);
        assertEquals(text, DBusValues.get(same.bytes(), 's'));
        assertEquals(0x01020304, DBusValues.get(same.bytes(), 'u'));
    }

    @Test
    void aMessageIsReadInEitherOrderOfBytes() throws IOException {
        MessageDecoder in = new MessageDecoder(DBusMessage.FRAMING, DBusMessage.LONGEST);
        in.feed(ByteBuffer.wrap(HexFormat.of().parseHex(HELLO_REPLY)));
        DBusMessage reply = DBusMessage.take(in);
        assertNotNull(reply);
        assertEquals(1, reply.fields().get(DBusMessage.REPLY_SERIAL));
        assertEquals(":1.7", DBusValues.get(reply.bytes(), 's'));
        assertNull(DBusMessage.take(in));
    }

    @ParameterizedTest
    @CsvSource({
        "unix:path=/run/user/0/bus, /run/user/0/bus",
        "'unix:path=/tmp/a%20b+c,guid=1234', /tmp/a b+c",
        "'tcp:host=localhost,port=1;unix:guid=12,path=/b', /b",
        "'unix:abstract=/tmp/x,guid=1', '\0/tmp/x'",
    })
    void theNameIsThatOfTheAddress(String address, String name) throws IOException {
        assertEquals(name, DBusLogin.pipeName(address));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tcp:host=localhost,port=1", "autolaunch:", "/run/bus"})
    void anAddressOfSomethingElseIsRefused(String address) {
        assertThrows(IOException.class, () -> DBusLogin.pipeName(address));
    }
}
