/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A public key of SSH (RFC 4253, section 6.6).
 *
 * @param type such as {@code ssh-ed25519}
 * @param blob the key as the protocols carry it
 * @param comment what its owner calls it
 */
record SshKey(String type, byte[] blob, String comment) {

    private static final int IDENTITIES_ANSWER = 12;

    /** Reads the agent's answer. */
    static List<SshKey> list(ByteBuffer message) throws IOException {
        if (!message.hasRemaining()) {
            throw new IOException("the agent answers nothing");
        }
        int answer = message.get();
        if (answer != IDENTITIES_ANSWER) {
            throw new IOException("the agent answers " + answer + " and no list of keys");
        }
        try {
            List<SshKey> keys = new ArrayList<>();
            for (int left = message.getInt(); left != 0; left--) {
                byte[] blob = string(message);
                keys.add(new SshKey(text(string(ByteBuffer.wrap(blob))), blob, text(string(message))));
            }
            return keys;
        } catch (BufferUnderflowException malformed) {
            throw new IOException("a list of keys that ends in a key", malformed);
        }
    }

    /** Takes a string of SSH's: a length, and so many bytes. */
    private static byte[] string(ByteBuffer from) {
        int length = from.getInt();
        if (length < 0 || length > from.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        from.get(bytes);
        return bytes;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Returns what people compare. */
    String fingerprint() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(blob);
            return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    @Override
    public String toString() {
        return fingerprint() + " " + comment + " (" + type + ")";
    }
}
