/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.FieldOffset;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * The C structures of sockets that one Unix lays out otherwise than another: where their fields are, and how wide.
 *
 * <p>A record, whose components the JIT compiler takes for the constants that they are.
 *
 * @param mostAddress the longest address that the system takes, in bytes
 * @param hasLength whether an address begins with a byte for its length, before a byte for its family; else the family has two
 * @param unFamily where an address has its family
 * @param sunPath where struct sockaddr_un has its path
 * @param inSize the size of struct sockaddr_in
 * @param in6Size the size of struct sockaddr_in6
 * @param sinPort where both have the port
 * @param sinAddr where struct sockaddr_in has its address
 * @param sin6Addr where struct sockaddr_in6 has its address
 * @param sin6ScopeId where it has its scope
 * @param msgSize the size of struct msghdr
 * @param msgName where struct msghdr has msg_name
 * @param msgNamelen where it has msg_namelen
 * @param msgIov where it has msg_iov
 * @param msgIovlen where it has msg_iovlen
 * @param msgControl where it has msg_control
 * @param msgControllen where it has msg_controllen
 * @param msgFlags where it has msg_flags
 * @param wideCounts whether msg_iovlen, msg_controllen and cmsg_len have 8 bytes rather than 4
 * @param cmsgLevel where struct cmsghdr has cmsg_level
 * @param cmsgType where it has cmsg_type
 * @param cmsgData where the data begins, from the start of the control message
 * @param cmsgAlignment to what control messages are aligned, in bytes
 */
public record SocketLayouts(
        int mostAddress,
        boolean hasLength,
        long unFamily,
        long sunPath,
        int inSize,
        int in6Size,
        long sinPort,
        long sinAddr,
        long sin6Addr,
        long sin6ScopeId,
        long msgSize,
        long msgName,
        long msgNamelen,
        long msgIov,
        long msgIovlen,
        long msgControl,
        long msgControllen,
        long msgFlags,
        boolean wideCounts,
        long cmsgLevel,
        long cmsgType,
        long cmsgData,
        int cmsgAlignment) {

    private static final long WIDE = 8;

    /**
     * Reads everything out of the structures, which a test compares with what a C compiler says, so that nothing stands in a
     * second place.
     *
     * @param mostAddress the longest address that the system takes, in bytes
     * @param cmsgAlignment to what control messages are aligned, in bytes
     */
    public static SocketLayouts of(StructLayout un, StructLayout in, StructLayout in6, StructLayout msghdr,
            StructLayout cmsghdr, int mostAddress, int cmsgAlignment) {
        boolean wide = FieldOffset.width(msghdr, "msg_iovlen") == WIDE;
        if (FieldOffset.width(msghdr, "msg_controllen") == WIDE != wide || FieldOffset.width(cmsghdr, "cmsg_len") == WIDE != wide) {
            throw new IllegalArgumentException("counts of different widths");
        }
        return new SocketLayouts(
                mostAddress,
                FieldOffset.width(un, "sun_family") == 1,
                FieldOffset.of(un, "sun_family"),
                FieldOffset.of(un, "sun_path"),
                (int) in.byteSize(),
                (int) in6.byteSize(),
                FieldOffset.of(in, "sin_port"),
                FieldOffset.of(in, "sin_addr"),
                FieldOffset.of(in6, "sin6_addr"),
                FieldOffset.of(in6, "sin6_scope_id"),
                msghdr.byteSize(),
                FieldOffset.of(msghdr, "msg_name"),
                FieldOffset.of(msghdr, "msg_namelen"),
                FieldOffset.of(msghdr, "msg_iov"),
                FieldOffset.of(msghdr, "msg_iovlen"),
                FieldOffset.of(msghdr, "msg_control"),
                FieldOffset.of(msghdr, "msg_controllen"),
                FieldOffset.of(msghdr, "msg_flags"),
                wide,
                FieldOffset.of(cmsghdr, "cmsg_level"),
                FieldOffset.of(cmsghdr, "cmsg_type"),
                cmsghdr.byteSize() + cmsgAlignment - 1 & -cmsgAlignment,
                cmsgAlignment);
    }

    /** Returns how many bytes a path may have in an address: where the system tells lengths it needs no NUL behind it. */
    public int longestPath() {
        return mostAddress - (int) sunPath - (hasLength ? 0 : 1);
    }

    /** Rounds a control message's length up to where the next one begins. */
    public long align(long bytes) {
        return bytes + cmsgAlignment - 1 & -cmsgAlignment;
    }

    /**
     * Writes an address's head.
     *
     * @param length the address's length, for systems that have it there
     */
    public void head(MemorySegment address, int length, int family) {
        if (hasLength) {
            address.set(ValueLayout.JAVA_BYTE, 0, (byte) length);
            address.set(ValueLayout.JAVA_BYTE, unFamily, (byte) family);
        } else {
            address.set(ValueLayout.JAVA_SHORT, unFamily, (short) family);
        }
    }

    /** Writes an address's head, by a buffer of native order. */
    public void head(ByteBuffer address, int length, int family) {
        if (hasLength) {
            address.put(0, (byte) length).put((int) unFamily, (byte) family);
        } else {
            address.putShort((int) unFamily, (short) family);
        }
    }

    /** Reads the family of an address that a call has written. */
    public int family(MemorySegment address) {
        return hasLength
                ? Byte.toUnsignedInt(address.get(ValueLayout.JAVA_BYTE, unFamily))
                : Short.toUnsignedInt(address.get(ValueLayout.JAVA_SHORT, unFamily));
    }

    /** Writes one of the counts of struct msghdr and struct cmsghdr. */
    public void count(MemorySegment structure, long offset, long value) {
        if (wideCounts) {
            structure.set(ValueLayout.JAVA_LONG, offset, value);
        } else {
            structure.set(ValueLayout.JAVA_INT, offset, (int) value);
        }
    }

    /** Writes one of them, by a buffer of native order. */
    public void count(ByteBuffer structure, int offset, long value) {
        if (wideCounts) {
            structure.putLong(offset, value);
        } else {
            structure.putInt(offset, (int) value);
        }
    }

    /** Reads one of them. */
    public long count(MemorySegment structure, long offset) {
        return wideCounts
                ? structure.get(ValueLayout.JAVA_LONG, offset)
                : Integer.toUnsignedLong(structure.get(ValueLayout.JAVA_INT, offset));
    }
}
