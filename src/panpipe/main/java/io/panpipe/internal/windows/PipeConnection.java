/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** One end of a connection: its HANDLE, what waits to be read, and what is being written. */
final class PipeConnection implements FrameReader.Recipient {

    private static final long[] NO_HANDLES = {};

    final PipeHandle handle;
    final boolean readable;
    final boolean writable;
    private final WindowsSelector selector;
    private final boolean isServer;
    private final OverlappedReads reads;
    private final PipeReader reader;
    private final PipeWriter writer;
    private @Nullable FrameReader frameReader;
    private @Nullable FrameWriter frameWriter;
    private final boolean isOpenedAnew;
    private boolean trustsOpener;
    private final NamedPipeChannel channel;
    private final MessageMode mode;
    private @Nullable MessageEnd end;
    private boolean awaitsPeer;
    private boolean answerDue;

    PipeConnection(NamedPipeChannel channel, PipeHandle handle, boolean isServer, boolean readable, boolean writable)
            throws KernelException {
        this(channel, handle, isServer, readable, writable, MessageMode.BYTES);
    }

    PipeConnection(
            NamedPipeChannel channel,
            PipeHandle handle,
            boolean isServer,
            boolean readable,
            boolean writable,
            MessageMode mode)
            throws KernelException {
        this.channel = channel;
        this.mode = mode;
        this.handle = handle;
        this.isServer = isServer;
        this.readable = readable;
        this.writable = writable;
        selector = channel.selector;
        isOpenedAnew = handle.isAdopted();
        reads = new OverlappedReads(channel, handle, mode);
        reader = reads.reader;
        writer = new PipeWriter(channel, handle);
    }

    /** Divides the stream into frames from now on, which takes both ends. */
    void useFrames() {
        frameReader = new FrameReader(this, reader, selector.frames.take(), isOpenedAnew);
        FrameWriter framing = new FrameWriter(writer, selector.frames.take());
        frameWriter = framing;
        framing.announce(Frames.ANNOUNCEMENT);
        // Now, while it is there: it may have ended when its handles are read, and its number be another's.
        trustsOpener = isServer
                ? identity().clientMayGiveHandles(handle.value)
                : identity().mayGiveHandles(openerOrNone());
    }

    private ProcessIdentity identity() {
        return selector.identity();
    }

    /** Tells whether who has opened the other end may put handles into this process. */
    private boolean trustsOpener() {
        // A client that could not be identified can be once something of its has been read.
        trustsOpener = trustsOpener || isServer && identity().clientMayGiveHandles(handle.value);
        return trustsOpener;
    }

    private static int ownProcess() {
        return (int) ProcessHandle.current().pid();
    }

    private int openerOrNone() {
        try {
            return opener();
        } catch (KernelException unknown) {
            return 0;
        }
    }

    boolean isClosed() {
        return handle.isClosed();
    }

    /** Returns which of the wanted operations can be tried now. */
    int ready(int wanted) {
        boolean hasInput = ((wanted & Channel.READ) != 0 || awaitsPeer) && reader.isReady();
        int ready = hasInput ? wanted & Channel.READ : 0;
        boolean mayMeetPeer = hasInput && frameReader != null && !frameReader.isInsideFrame();
        boolean mayWrite = (wanted & Channel.WRITE) != 0 && !writer.isInFlight() && (!awaitsPeer || mayMeetPeer);
        return mayWrite ? ready | Channel.WRITE : ready;
    }

    /** Tells whether a write waits for the other end to say what it understands. */
    boolean awaitsPeer() {
        return awaitsPeer;
    }

    int read(long into, int length, @Nullable HandleInbox inbox) throws KernelException {
        FrameReader framing = frameReader;
        if (framing == null || inbox == null) {
            return reader.read(into, length);
        }
        int result = framing.read(into, length, inbox);
        answerDue |= framing.takeAnswerDue();
        answer();
        return result;
    }

    /** Tells an end that has begun anew what this one understands, as soon as nothing is in flight. */
    private void answer() {
        FrameWriter framing = frameWriter;
        if (answerDue && framing != null && !writer.isInFlight()) {
            answerDue = false;
            framing.announce(Frames.ANSWER);
        }
    }

    int write(Gather data) throws KernelException {
        if (writer.isInFlight()) {
            return StreamChannel.WOULD_BLOCK;
        }
        FrameWriter framing = frameWriter;
        if (framing != null) {
            return framing.write(data, NO_HANDLES, 0);
        }
        writer.begin();
        writer.add(data, PipeWriter.MOST_BYTES);
        return writer.end();
    }

    /** Writes data, and with it handles that this process goes on owning. */
    int write(Gather data, long[] handles, int count) throws KernelException {
        FrameReader incoming = frameReader;
        FrameWriter outgoing = frameWriter;
        if (incoming == null || outgoing == null) {
            throw new KernelException(Fault.ENOTSUP, 0, "write", "this pipe was not made for handles");
        }
        if (writer.isInFlight()) {
            return StreamChannel.WOULD_BLOCK;
        }
        int met = incoming.meetPeer();
        awaitsPeer = met == StreamChannel.WOULD_BLOCK;
        if (awaitsPeer) {
            return StreamChannel.WOULD_BLOCK;
        }
        if (met == StreamChannel.END_OF_STREAM) {
            throw new KernelException(Fault.EPIPE, 0, "ReadFile");
        }
        if (!incoming.peerTakesHandles()) {
            throw new KernelException(Fault.ENOTSUP, 0, "DuplicateHandle",
                    "the other end has not announced that it takes handles, as Panpipe does");
        }
        int process = incoming.peerProcess();
        if (!HandleTrust.gives(trustsOpener(), openerOrNone(), process, ownProcess(), identity()::mayGiveHandles)) {
            throw new KernelException(Fault.EPERM, 0, "DuplicateHandle",
                    "the other end says that it is another process than the one that has opened it");
        }
        long[] theirs = HandleTransfer.give(selector, handles, count, process);
        try {
            return outgoing.write(data, theirs, count);
        } catch (KernelException refused) {
            if (writer.landed() == 0) {
                // Otherwise the other end may have closed them by now, and have others of the same value.
                HandleTransfer.takeBack(selector, theirs, process);
            }
            throw refused;
        }
    }

    boolean hasReport() {
        return writer.hasReport();
    }

    void report(ChannelListener listener) {
        FrameWriter framing = frameWriter;
        if (framing != null) {
            framing.report(listener);
            if (handle.isClosed()) {
                selector.frames.giveBack(framing.buffer());
            } else {
                answer();
            }
        } else {
            writer.report(listener, 0);
        }
    }

    /** Returns the process at the other end, and its user: who a client is says its token, not its number. */
    Credentials peer() throws KernelException {
        int process = opener();
        String user = isServer ? selector.identity().clientUser(handle.value) : selector.identity().user(process);
        return new Credentials(process, -1, -1, user);
    }

    private int opener() throws KernelException {
        long number = selector.numbers.address();
        int error = isServer
                ? PipeCalls.clientProcess(selector.state, handle.value, number)
                : PipeCalls.serverProcess(selector.state, handle.value, number);
        if (error != 0) {
            throw WindowsErrors.failure(
                    error, isServer ? "GetNamedPipeClientProcessId" : "GetNamedPipeServerProcessId");
        }
        return selector.numbers.get(ValueLayout.JAVA_INT, 0);
    }

    @Override
    public void checkMayGiveHandles(int announced) throws KernelException {
        if (!HandleTrust.takes(trustsOpener(), openerOrNone(), announced, ownProcess(), identity()::mayGiveHandles)) {
            throw new KernelException(Fault.EPERM, 0, "ReadFile",
                    "handles are not taken where a process of another user, or of less integrity, or that had ended, has"
                            + " opened the other end or says that it has it now");
        }
    }

    @Override
    public void closeUndelivered(long received) {
        selector.closeDescriptor(received);
    }

    @Override
    public void refuseSocket(long information) throws KernelException {
        SocketCalls.takeAndClose(selector.state, information);
    }

    // The end of messages.

    /** Tells whether this is a pipe of messages, which has a half-close. */
    boolean hasMessages() {
        return mode.hasMessages();
    }

    /** Says to the other end, once it has read all, that no more will come. */
    void endMessages() throws KernelException {
        if (end == null) {
            end = MessageEnd.begin(channel, handle.value);
        }
    }

    /** Lets go of what has said so. */
    void finishEnd() {
        if (end != null && end.isDone()) {
            closeEnd();
        }
    }

    private void closeEnd() {
        MessageEnd present = end;
        end = null;
        if (present != null) {
            present.close();
        }
    }

    /** Gives the HANDLE away. It stays with this loop's completion port: another loop drives it by events. */
    long release() throws KernelException {
        checkIdle("detach");
        if (frameReader != null && frameReader.isInsideFrame()) {
            throw new KernelException(Fault.EBUSY, 0, "detach", "a frame was read in part: read on");
        }
        reads.close();
        endFrames();
        return handle.release();
    }

    long duplicate() throws KernelException {
        checkIdle("duplicate");
        return HandleTransfer.duplicateHere(selector, handle.value);
    }

    private void checkIdle(String call) throws KernelException {
        if (writer.isInFlight()) {
            throw new KernelException(Fault.EBUSY, 0, call, "a write is in flight: wait for its callback");
        }
        if (end != null) {
            throw new KernelException(Fault.EBUSY, 0, call, "the other end has not read all up to the shutdown");
        }
    }

    private void endFrames() {
        if (frameReader != null) {
            selector.frames.giveBack(frameReader.buffer());
        }
        if (frameWriter != null && !writer.isInFlight()) {
            selector.frames.giveBack(frameWriter.buffer());
        }
    }

    void close() {
        if (!handle.isClosed()) {
            if (frameReader != null) {
                reader.discard();
                MemorySegment scratch = selector.frames.take();
                frameReader.discard(scratch);
                selector.frames.giveBack(scratch);
            }
            closeEnd();
            reads.close();
            writer.cancel();
            handle.close();
            endFrames();
        }
    }
}
