/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

/**
 * What stat(2) says of a file, as far as a pipe asks.
 *
 * @param device the file system it is on
 * @param inode its number there; with the device, its identity while it exists
 * @param mode type and permission bits
 * @param special the device number of a character device, else 0
 */
public record FileStatus(long device, long inode, int mode, long special) {

    private static final int TYPE = 0170000;
    private static final int SOCKET = 0140000;
    private static final int FIFO = 0010000;
    private static final int CHARACTER_DEVICE = 0020000;
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;
    private static final int BLOCK_DEVICE = 0060000;
    private static final int LINK = 0120000;

    /** Tells whether it is a socket, or the name of one. */
    public boolean isSocket() {
        return (mode & TYPE) == SOCKET;
    }

    /** Tells whether it is a FIFO or an anonymous pipe. */
    public boolean isFifo() {
        return (mode & TYPE) == FIFO;
    }

    /** Tells whether it is a character device, as terminals are. */
    public boolean isCharacterDevice() {
        return (mode & TYPE) == CHARACTER_DEVICE;
    }

    /** Tells whether both are the same file. */
    public boolean isSameFile(FileStatus other) {
        return device == other.device && inode == other.inode;
    }

    /** Tells whether it is a symbolic link, which leads elsewhere. */
    public boolean isLink() {
        return (mode & TYPE) == LINK;
    }

    /** Returns the nine permission bits. */
    public int permissions() {
        return mode & 0777;
    }

    /** Names the type in words. */
    public String kind() {
        return switch (mode & TYPE) {
            case SOCKET -> "a socket";
            case FIFO -> "a FIFO";
            case CHARACTER_DEVICE -> "a character device";
            case DIRECTORY -> "a directory";
            case REGULAR -> "a regular file";
            case BLOCK_DEVICE -> "a block device";
            case LINK -> "a symbolic link";
            default -> "a file of another kind";
        };
    }
}
