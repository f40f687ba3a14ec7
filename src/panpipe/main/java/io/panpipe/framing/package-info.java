/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Messages over a stream of bytes: lines, messages behind their length, and whatever else a protocol has.
 *
 * <p>A stream has no messages. What was written in one piece is read in several, and the other way round. A {@link
 * io.panpipe.framing.Framing} says where a message begins and ends; a {@link io.panpipe.framing.MessageReader} hands
 * out whole ones, and a {@link io.panpipe.framing.MessageWriter} writes them. A server that answers lines:
 *
 * {@snippet :
 * server.listen((s, error) -> {
 *     Pipe connection = new Pipe(loop);
 *     s.accept(connection);
 *     MessageWriter<Pipe> answers = new MessageWriter<>(connection, Framing.lines());
 *     MessageReader.startText(connection, Framing.lines(), (c, line, end) -> {
 *         if (line != null) {
 *             answers.write("you said " + line);
 *         } else {
 *             c.close();
 *         }
 *     });
 * });
 * }
 *
 * <p>A reader has a limit, 1 MiB where nothing else is said: whoever is at the other end does not decide about this
 * program's memory. What is longer, no message, or cut off by the end of the stream is a {@link
 * io.panpipe.framing.FramingException}.
 *
 * <p>Bytes rather than text are handed out as they are in the loop's own buffer, without a copy, where a message came
 * in one read.
 *
 * <p>This is for callbacks on a loop. Code that waits has the same in {@code io.panpipe.channels}.
 *
 * @since 0.1
 */
@NullMarked
package io.panpipe.framing;

import org.jspecify.annotations.NullMarked;
