/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.Async;
import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.ReadCallback;
import io.panpipe.StreamHandle;
import io.panpipe.Timer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Connects standard input and output with a pipe, or with several one after the other, as {@code nc} does.
 *
 * <p>The end of standard input is passed on as a half-close, and the pipe is read to its end. When the pipe has ended
 * first, standard input is still sent as long as it keeps coming: the other end may only have half-closed. The pipe
 * cannot tell that from a close until something is written, so silence for a while ends it, as with socat's {@code -t}.
 *
 * <p>Where there is no half-close, as on Windows, the other end does not learn that standard input has ended. Once that
 * was sent, silence of the other end stands for the end of its answer. When there was nothing to send there is no
 * answer either, and the pipe is read to its end.
 */
final class StandardRelay implements InputPump.Owner, OutputPump.Owner {

    private static final int INPUT_PIECES = 16;
    private static final int OUTPUT_BYTES = 1024 * 1024;

    /** How often to look whether a queue has been sent that is in the way of ending. */
    private static final Duration LEAST_PAUSE = Duration.ofMillis(10);

    private final Session session;
    private final TrafficLine traffic;
    private final Duration linger;
    private final IdleOption idle;
    private final DirectionOptions direction;
    private final Runnable pipeDone;
    private final InputPump input;
    private final OutputPump output;
    private final Timer silence;
    private final ReadCallback<StreamHandle<?>> onRead = this::received;
    private ConnectionDump dump = ConnectionDump.ofClient(null, 1);
    private @Nullable StreamHandle<?> pipe;
    private boolean started;
    private boolean readEnded;
    private boolean sendEnded;
    private boolean hasSent;
    private boolean awaitsAnswer;
    private boolean paused;

    /**
     * Makes a relay; reading standard input begins with the first pipe.
     *
     * @param linger how long to wait for more of standard input once the pipe has ended
     * @param idle how long a pipe may be silent
     * @param direction which of the streams are connected
     * @param pipeDone called when a pipe is done, and closed
     */
    StandardRelay(
            Session session,
            TrafficLine traffic,
            Duration linger,
            IdleOption idle,
            DirectionOptions direction,
            Runnable pipeDone) {
        this.session = session;
        this.traffic = traffic;
        this.linger = linger;
        this.idle = idle;
        this.direction = direction;
        this.pipeDone = pipeDone;
        // Standard streams are no handles of the loop; this one keeps it going while it waits for them.
        new Async(session.loop(), signal -> {}).ref();
        silence = new Timer(session.loop());
        input = new InputPump(session.loop(), StandardStreams.in(), INPUT_PIECES, this);
        output = new OutputPump(session.loop(), StandardStreams.out(), OUTPUT_BYTES, this);
    }

    /**
     * Connects a pipe with the standard streams.
     *
     * @param shown where to show what goes through
     */
    void attach(StreamHandle<?> connected, ConnectionDump shown) throws PanpipeException {
        pipe = connected;
        dump = shown;
        dump.event("connected");
        readEnded = false;
        sendEnded = !direction.sends();
        hasSent = false;
        awaitsAnswer = false;
        paused = false;
        connected.startRead(onRead);
        idle.watch(connected, () -> fellSilent(connected));
        if (!started) {
            started = true;
            output.start("panpipe-stdout");
            if (direction.sends()) {
                input.start("panpipe-stdin");
            }
        }
        if (direction.sends()) {
            input.attach(connected);
        }
    }

    private void fellSilent(StreamHandle<?> silent) {
        if (silent != pipe || paused) {
            // Standard output holds up the reading: what comes next may be there already.
            return;
        }
        long left = silent.writeQueueSize();
        if (left > 0) {
            session.report(new IOException(idle.reason() + ", and " + left + " bytes were still to be sent"));
        } else {
            session.messages().detail(idle.reason());
        }
        readEnded = true;
        sendEnded = true;
        endIfDone();
    }

    /** Ends the command once all that was received is written. */
    void finish() {
        output.end();
    }

    private void received(StreamHandle<?> from, @Nullable ByteBuffer data, @Nullable PanpipeException error) {
        if (data != null) {
            traffic.received(data.remaining());
            dump.received(data);
            if (awaitsAnswer) {
                awaitAnswer();
            }
            if (direction.receives() && !output.put(data)) {
                paused = true;
                from.stopRead();
            }
            return;
        }
        readEnded = true;
        if (error == null || error.code() == ErrorCode.EOF) {
            dump.receivedEnd();
        } else if (direction.sends()) {
            sendFailed(error);
        } else {
            session.report(error);
        }
        endIfDone();
    }

    @Override
    public void drained() {
        StreamHandle<?> present = pipe;
        if (!paused || present == null || present.closed()) {
            return;
        }
        paused = false;
        try {
            present.startRead(onRead);
        } catch (PanpipeException refused) {
            session.fail(refused);
        }
    }

    @Override
    public void sending(ByteBuffer data) {
        dump.sent(data);
    }

    @Override
    public void sent(StreamHandle<?> to, int bytes, @Nullable PanpipeException error) {
        if (error == null) {
            traffic.sent(bytes);
        }
        if (to != pipe) {
            // What was queued for a client before fails behind its back, piece by piece.
            return;
        }
        if (error == null) {
            hasSent = true;
        } else if (error.code() != ErrorCode.ECANCELED) {
            sendFailed(error);
        }
        endIfDone();
    }

    /** The pipe takes nothing more. What it has sent before can still be read. */
    private void sendFailed(PanpipeException error) {
        if (!sendEnded) {
            sendEnded = true;
            input.detach();
            session.report(error);
        }
    }

    @Override
    public void inputFailed(IOException error) {
        session.report("standard input", error);
    }

    @Override
    public void inputEnded() {
        StreamHandle<?> present = pipe;
        if (present == null || sendEnded) {
            return;
        }
        dump.sentEnd();
        present.shutdown((shut, error) -> {
            if (shut != pipe) {
                return;
            }
            boolean untold = error != null && error.code() == ErrorCode.ENOTSUP;
            if (error != null && !untold && error.code() != ErrorCode.ECANCELED) {
                sendFailed(error);
            }
            sendEnded = true;
            awaitsAnswer = untold && hasSent && direction.receives();
            if (awaitsAnswer) {
                awaitAnswer();
            } else if (!direction.receives()) {
                // A close with something unread would be a reset, which could overtake what was sent: so not at once.
                silence.start(timer -> receivedEnough(), linger);
            }
            endIfDone();
        });
    }

    /** Waits for the pipe to be silent, when nothing else will say that the other end has answered. */
    private void awaitAnswer() {
        silence.start(timer -> answered(), linger);
    }

    private void receivedEnough() {
        readEnded = true;
        endIfDone();
    }

    private void answered() {
        if (paused) {
            // Standard output holds up the reading: what comes next may be there already.
            silence.start(timer -> answered(), atLeast(linger));
            return;
        }
        readEnded = true;
        endIfDone();
    }

    private void endIfDone() {
        StreamHandle<?> present = pipe;
        if (!readEnded || present == null) {
            return;
        }
        if (!sendEnded) {
            // Again and again: each piece that is sent puts the end off.
            silence.start(timer -> silent(), linger);
            return;
        }
        silence.stop();
        input.detach();
        pipe = null;
        present.close();
        dump.event("closed");
        pipeDone.run();
    }

    private static Duration atLeast(Duration pause) {
        return pause.compareTo(LEAST_PAUSE) > 0 ? pause : LEAST_PAUSE;
    }

    private void silent() {
        StreamHandle<?> present = pipe;
        if (present != null && present.writeQueueSize() > 0) {
            silence.start(timer -> silent(), atLeast(linger));
            return;
        }
        sendEnded = true;
        endIfDone();
    }

    @Override
    public void outputEnded(@Nullable IOException error) {
        if (error == null) {
            session.finish();
        } else if (isBrokenPipe(error)) {
            // As nc in "nc -U name | head -1": whoever closed the pipeline does not want to hear about it.
            session.failQuietly();
        } else {
            session.report("standard output", error);
            session.finish();
        }
    }

    private static boolean isBrokenPipe(IOException error) {
        String message = error.getMessage();
        // "Broken pipe", or on Windows "The pipe is being closed" and "The pipe has been ended".
        return message != null && message.toLowerCase(Locale.ROOT).contains("pipe");
    }
}
