/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.linux.LinuxKernel;
import io.panpipe.testbed.Patience;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Who waits for whom in the place of a stale file. */
@EnabledOnOs(OS.LINUX)
class StaleLockTest {

    private static final FileStatus STALE = new FileStatus(7, ProcessHandle.current().pid(), 0140600, 0);

    @TempDir
    private Path directory;

    private void lockAndUnlock(FileStatus file, String parent) throws Exception {
        UnixSelector selector = (UnixSelector) new LinuxKernel().openSelector();
        try {
            StaleLock.of(selector, file, parent).close();
        } finally {
            selector.close();
        }
    }

    private Thread.State whileLocked(FileStatus file, String parent) throws Exception {
        UnixSelector selector = (UnixSelector) new LinuxKernel().openSelector();
        FutureTask<Void> rival = new FutureTask<>(() -> {
            lockAndUnlock(file, parent);
            return null;
        });
        Thread thread = Thread.ofPlatform().unstarted(rival);
        Thread.State state;
        try {
            StaleLock lock = StaleLock.of(selector, STALE, directory.toString());
            thread.start();
            do {
                state = thread.getState();
                Thread.onSpinWait();
            } while (state != Thread.State.TIMED_WAITING && state != Thread.State.TERMINATED);
            lock.close();
        } finally {
            selector.close();
        }
        assertTrue(thread.join(Patience.minutes(1)));
        rival.get();
        return state;
    }

    @Test
    void aRivalForTheSameFileWaits() throws Exception {
        assertEquals(Thread.State.TIMED_WAITING, whileLocked(STALE, "/nowhere"), "by the file's name alone");
    }

    @Test
    void aRivalOfAnotherNetworkWaitsForTheDirectory() throws Exception {
        FileStatus same = new FileStatus(8, STALE.inode(), STALE.mode(), 0);
        assertEquals(Thread.State.TIMED_WAITING, whileLocked(same, directory.toString()));
    }

    @Test
    void otherFilesElsewhereAreNoMatter() throws Exception {
        FileStatus other = new FileStatus(9, STALE.inode(), STALE.mode(), 0);
        assertEquals(Thread.State.TERMINATED, whileLocked(other, "/nowhere"));
    }
}
