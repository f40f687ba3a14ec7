/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.NativeFunctions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may open a pipe of Windows: what its access control list says, read back from the system. */
public abstract class WindowsAccessContract extends Contract {

    private static final int DACL_SECURITY_INFORMATION = 4;
    private static final int BUFFER = 4096;

    /** Where a self-relative SECURITY_DESCRIPTOR says where its list is; the sizes of an ACL's parts. */
    private static final int DACL_OFFSET = 16;
    private static final int ACE_COUNT = 4;
    private static final int FIRST_ACE = 8;

    private static final int READ = 0x120089;
    private static final int WRITE = 0x120112;
    private static final int FILE_CREATE_PIPE_INSTANCE = 4;

    /** Windows turns the one into the other; Wine keeps it. */
    private static final int GENERIC_ALL = 0x10000000;

    private static final int FILE_ALL_ACCESS = 0x1f01ff;
    private static final String EVERYONE = "S-1-1-0";

    private record Entry(int access, String sid) {}

    private static List<Entry> entries(Pipe server) throws PanpipeException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment descriptor = arena.allocate(BUFFER, Long.BYTES);
            MemorySegment needed = arena.allocate(ValueLayout.JAVA_INT);
            MethodHandle get = NativeFunctions.of("advapi32.dll").eight("GetKernelObjectSecurity");
            CallState state = new CallState();
            int got = (int) (long) get.invokeExact(
                    state.segment(), server.fileno(), (long) DACL_SECURITY_INFORMATION, descriptor.address(), (long) BUFFER,
                    needed.address(), 0L, 0L, 0L);
            assertTrue(got != 0, () -> "GetKernelObjectSecurity: " + state.error());
            return entries(descriptor);
        } catch (PanpipeException | AssertionError failed) {
            throw failed;
        } catch (Throwable wrongBinding) {
            throw new AssertionError(wrongBinding);
        }
    }

    private static List<Entry> entries(MemorySegment descriptor) {
        MemorySegment list = descriptor.asSlice(descriptor.get(ValueLayout.JAVA_INT, DACL_OFFSET));
        List<Entry> entries = new ArrayList<>();
        long at = FIRST_ACE;
        for (int i = 0; i < list.get(ValueLayout.JAVA_SHORT, ACE_COUNT); i++) {
            assertEquals(0, list.get(ValueLayout.JAVA_BYTE, at), "it grants access");
            entries.add(new Entry(list.get(ValueLayout.JAVA_INT_UNALIGNED, at + 4), sid(list.asSlice(at + 8))));
            at += list.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 2);
        }
        return entries;
    }

    private static String sid(MemorySegment sid) {
        StringBuilder text = new StringBuilder("S-1-").append(sid.get(ValueLayout.JAVA_BYTE, 7));
        for (int i = 0; i < sid.get(ValueLayout.JAVA_BYTE, 1); i++) {
            text.append('-').append(Integer.toUnsignedString(sid.get(ValueLayout.JAVA_INT_UNALIGNED, 8 + 4L * i)));
        }
        return text.toString();
    }

    private static Set<String> sids(List<Entry> entries) {
        Set<String> all = new TreeSet<>();
        entries.forEach(entry -> all.add(entry.sid()));
        return all;
    }

    private String self() throws PanpipeException {
        return ends().a().peerCredentials().sid();
    }

    private static Entry of(List<Entry> entries, String sid) {
        return entries.stream().filter(entry -> entry.sid().equals(sid)).findFirst().orElseThrow();
    }

    @Test
    void aPipeIsAtFirstItsOwnersAlone() throws Exception {
        Pipe server = pipe();
        server.bind(kernel.freshName());
        List<Entry> entries = entries(server);
        assertEquals(Set.of(self()), sids(entries));
        int access = entries.getFirst().access();
        assertTrue(access == FILE_ALL_ACCESS || access == GENERIC_ALL, () -> Integer.toHexString(access));
    }

    @Test
    void furtherInstancesAreTheOwnersAloneToo() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, (listener, error) -> {
            listener.accept(pipe());
            log.add("accepted");
        });
        for (int i = 0; i < 6; i++) {
            int before = i;
            pipe().connect(name, (pipe, error) -> throwIfAny(error));
            runUntil(() -> log.size() > before);
            settle();
            assertEquals(Set.of(self()), sids(entries(server)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "---------", "rwx------"})
    void theOwnerHasAllRightsWhateverThePermissions(String permissions) throws Exception {
        Pipe server = pipe();
        server.permissions(PosixFilePermissions.fromString(permissions));
        server.bind(kernel.freshName());
        assertEquals(Set.of(self()), sids(entries(server)));
    }

    @Test
    void othersMayReadAndWriteButMakeNoInstances() throws Exception {
        Pipe server = pipe();
        server.permissions(PosixFilePermissions.fromString("rw----rw-"));
        server.bind(kernel.freshName());
        List<Entry> entries = entries(server);
        assertEquals(Set.of(self(), EVERYONE), sids(entries));
        assertEquals(READ | WRITE, of(entries, EVERYONE).access());
        assertEquals(0, of(entries, EVERYONE).access() & FILE_CREATE_PIPE_INSTANCE);
    }

    @Test
    void oneDirectionMayBeGrantedAlone() throws Exception {
        Pipe server = pipe();
        server.permissions(PosixFilePermissions.fromString("rw-----w-"));
        server.bind(kernel.freshName());
        assertEquals(WRITE, of(entries(server), EVERYONE).access());
    }

    @Test
    void theGroupIsTheOwnersPrimaryOne() throws Exception {
        Pipe server = pipe();
        server.permissions(PosixFilePermissions.fromString("rw-rw----"));
        server.bind(kernel.freshName());
        List<Entry> entries = entries(server);
        assertEquals(2, entries.size());
        assertEquals(self(), entries.getFirst().sid());
        assertEquals(READ | WRITE, entries.getLast().access());
        assertTrue(!entries.getLast().sid().equals(EVERYONE));
    }

    @Test
    void permissionsChangeAlsoWhileNoInstanceIsFree() throws Exception {
        String name = kernel.freshName();
        Pipe server = pipe();
        server.bind(name);
        server.listen(logs("connection"), 1);
        for (int i = 0; i < 2; i++) {
            boolean[] connected = new boolean[1];
            pipe().connect(name, (pipe, error) -> connected[0] = error == null);
            runUntil(() -> connected[0]);
            settle();
        }
        assertTrue(server.fileno() > 0);
        server.permissions(PosixFilePermissions.fromString("rw-rw-rw-"));
        assertTrue(sids(entries(server)).contains(EVERYONE));
        server.accept(pipe());
        settle();
        assertTrue(sids(entries(server)).contains(EVERYONE), "instances made since then");
    }

    @Test
    void permissionsChangeTheListOfAServerThatListens() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, (listener, error) -> {
            listener.accept(pipe());
            log.add("accepted");
        });
        server.permissions(PosixFilePermissions.fromString("rw-rw-rw-"));
        assertTrue(sids(entries(server)).contains(EVERYONE));
        server.permissions(PosixFilePermissions.fromString("rw-------"));
        assertEquals(Set.of(self()), sids(entries(server)));
        for (int i = 0; i < 6; i++) {
            int before = i;
            pipe().connect(name, (pipe, error) -> throwIfAny(error));
            runUntil(() -> log.size() > before);
        }
        settle();
        assertEquals(Set.of(self()), sids(entries(server)), "instances made since then");
    }
}
