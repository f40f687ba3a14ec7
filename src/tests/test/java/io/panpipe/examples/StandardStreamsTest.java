/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.testbed.Python;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link StandardStreams} with each kind of descriptor that programs are started with. */
@EnabledOnOs(OS.LINUX)
class StandardStreamsTest {

    private static final String TEXT = "grün and 123\n".repeat(100_000);
    private static final String UPPER = "GRüN AND 123\n".repeat(100_000);
    private static final String SUMMARY = "1400000 bytes\n";

    /** Begins every script, whose arguments are the example's command. It starts it, and ends with its exit code. */
    private static final String BEGINNING = """
            import os, pty, signal, socket, subprocess, sys, threading
            command = sys.argv[1:]
            text = "grün and 123\\n".encode() * 100000
            signal.alarm(60)

            def feed(sink, end):
                def run():
                    try:
                        sink.write(text)
                        sink.flush()
                        end()
                    except BrokenPipeError:
                        pass
                thread = threading.Thread(target=run, daemon=True)
                thread.start()

            """;

    @TempDir
    Path directory;

    private static Program python(String script) throws Exception {
        List<String> launcher = List.of(Python.interpreter(), "-c", BEGINNING + script);
        return new Program(Program.command(launcher, Program.java(StandardStreams.class)));
    }

    @Test
    void anonymousPipes() throws Exception {
        try (Program program = new Program(new ProcessBuilder(Program.java(StandardStreams.class)))) {
            program.input(TEXT.getBytes(StandardCharsets.UTF_8));
            assertEquals(0, program.exitCode());
            assertEquals(SUMMARY, program.error());
            assertTrue(UPPER.equals(program.output()));
        }
    }

    @Test
    void aSocketThatIsBothInputAndOutputAndStaysInBlockingMode() throws Exception {
        String script = """
                ours, theirs = socket.socketpair()
                child = subprocess.Popen(command, stdin=theirs, stdout=theirs)
                feed(ours.makefile("wb"), lambda: ours.shutdown(socket.SHUT_WR))
                assert ours.makefile("rb").read(len(text)) == text.upper()
                assert child.wait() == 0
                assert os.get_blocking(theirs.fileno())
                """;
        try (Program program = python(script)) {
            assertEquals(0, program.exitCode(), program::error);
            assertEquals(SUMMARY, program.error());
        }
    }

    @Test
    void fifos() throws Exception {
        String script = """
                os.chdir("%s")
                os.mkfifo("in")
                os.mkfifo("out")
                child = subprocess.Popen(["sh", "-c", 'exec "$0" "$@" <in >out'] + command)
                sink = open("in", "wb")
                feed(sink, sink.close)
                assert open("out", "rb").read() == text.upper()
                assert child.wait() == 0
                """.formatted(directory);
        try (Program program = python(script)) {
            assertEquals(0, program.exitCode(), program::error);
            assertEquals(SUMMARY, program.error());
        }
    }

    @Test
    void aTerminalThatIsAllThree() throws Exception {
        String script = """
                pid, terminal = pty.fork()
                if pid == 0:
                    os.execvp(command[0], command)
                seen = b""
                def await_(part):
                    global seen
                    while part not in seen:
                        seen += os.read(terminal, 1000)
                for word in b"hello", b"again":
                    os.write(terminal, word + b"\\n")
                    await_(word.upper() + b"\\r\\n")
                os.write(terminal, b"\\x04")
                await_(b"12 bytes\\r\\n")
                assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
                """;
        try (Program program = python(script)) {
            assertEquals(0, program.exitCode(), program::error);
            assertEquals("", program.error());
        }
    }

    @Test
    void anOutputThatNobodyReadsAnyMoreIsAnError() throws Exception {
        String script = """
                child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                feed(child.stdin, lambda: None)
                assert child.stdout.read(10) == text.upper()[:10]
                child.stdout.close()
                assert child.wait() == 1
                """;
        try (Program program = python(script)) {
            assertEquals(0, program.exitCode(), program::error);
            assertEquals("write: broken pipe (EPIPE)\n", program.error());
        }
    }

    @Test
    void aRegularFileIsRefusedWithTheReason() throws Exception {
        File file = Files.createFile(directory.resolve("file")).toFile();
        ProcessBuilder builder = new ProcessBuilder(Program.java(StandardStreams.class)).redirectInput(file);
        try (Program program = new Program(builder)) {
            assertEquals(1, program.exitCode());
            assertTrue(program.error().startsWith("open: invalid argument (EINVAL): descriptor 0 is a regular file;"),
                    program.error());
        }
    }
}
