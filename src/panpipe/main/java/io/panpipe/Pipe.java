/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.platform.Platform;
import io.panpipe.internal.stream.HandleGroup;
import io.panpipe.internal.stream.PendingHandles;
import io.panpipe.internal.stream.StreamCore.Phase;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pipe: a Unix domain socket, a named pipe of Windows, or what else {@link #open} adopts.
 *
 * <p>A server binds, listens and accepts; a client connects; both then read and write. A name is a path, or on Linux
 * {@code "\0name"} for an abstract name, which lives outside the file system and vanishes with its socket, or on Windows
 * {@code \\.\pipe\name} (or {@code //./pipe/name}); {@link #portableName} makes one for the running system. A name that is
 * too long is an error and never cut.
 *
 * <p>On Windows a pipe has no half-close, so that {@link #shutdown} is an ENOTSUP, and buffers of a fixed size. Only where
 * another program's server has made a pipe of messages, an empty one is the end of what there is to read, and a shutdown
 * sends one. Clients of other machines are rejected.
 *
 * @since 0.1
 */
public final class Pipe extends StreamHandle<Pipe> {

    private static final int OWNER_ONLY = 0600;

    /** libuv's default on Windows. */
    private static final int DEFAULT_INSTANCES = 4;

    private @Nullable Naming naming;

    /** How this pipe binds a name. A connection, of which there may be ten thousand, has none. */
    private static final class Naming {
        private int mode = OWNER_ONLY;
        private int instances = DEFAULT_INSTANCES;
        private @Nullable String securityDescriptor;
    }

    /**
     * Makes a pipe that is not connected yet.
     *
     * @param loop the loop to run in, on whose thread this is called
     */
    public Pipe(Loop loop) {
        this(loop, false);
    }

    /**
     * Makes a pipe that is not connected yet, and may carry handles beside its bytes.
     *
     * @param loop the loop to run in, on whose thread this is called
     * @param ipc whether handles are sent and received over it; it is then a connection and cannot listen
     */
    public Pipe(Loop loop, boolean ipc) {
        super(loop);
        if (ipc) {
            core().carryHandles();
            PanpipeException.prepare();
        }
    }

    /**
     * Makes a pipe that sends and receives handles beside its bytes; the same as {@code new Pipe(loop, true)}.
     *
     * @param loop the loop that runs it
     * @return a pipe that is not bound or connected
     */
    public static Pipe ipc(Loop loop) {
        return new Pipe(loop, true);
    }

    /**
     * Makes two pipes that are connected with each other (socketpair(2); on Windows a named pipe of one instance).
     *
     * @param loop the loop of both
     * @return an array of two
     * @throws PanpipeException EMFILE or ENFILE when there are no descriptors left
     */
    public static Pipe[] pair(Loop loop) throws PanpipeException {
        return pair(loop, false);
    }

    /**
     * Makes two pipes that are connected with each other, and may carry handles.
     *
     * @param loop the loop of both
     * @param ipc whether handles are sent and received over them
     * @return an array of two
     * @throws PanpipeException EMFILE or ENFILE when there are no descriptors left
     */
    public static Pipe[] pair(Loop loop, boolean ipc) throws PanpipeException {
        loop.core().checkOpen();
        PipeChannel[] channels;
        try {
            channels = loop.core().selector().pair();
        } catch (KernelException refused) {
            throw PanpipeException.of(refused, "").traced();
        }
        Pipe first = new Pipe(loop, ipc);
        Pipe second = new Pipe(loop, ipc);
        first.core().attach(channels[0]);
        second.core().attach(channels[1]);
        return new Pipe[] {first, second};
    }

    /**
     * Makes a name that the running system can bind: on Unix a path in XDG_RUNTIME_DIR, where only this user can, or
     * else in the directory for temporary files; on Windows {@code \\.\pipe\} and the name.
     *
     * @param simple a plain name without separators, such as {@code demo}
     * @return a name for {@link #bind} and {@link #connect}
     * @throws IllegalArgumentException if the name is empty or contains a slash, a backslash or NUL
     */
    public static String portableName(String simple) {
        return portableName(Platform.kernel(), simple);
    }

    /**
     * Makes an abstract name of Linux (unix(7)): it is outside the file system, anybody may connect to it, and it
     * vanishes with its socket. Other systems refuse it. The {@code panpipe} command and many other programs write
     * {@code @simple}, which to {@link #bind} and {@link #connect} is a file of that name.
     *
     * @param simple the name, 1 to 107 bytes in UTF-8
     * @return a name for {@link #bind} and {@link #connect}: NUL and the name
     * @throws IllegalArgumentException if the name is empty
     */
    public static String abstractName(String simple) {
        if (simple.isEmpty()) {
            throw new IllegalArgumentException("an abstract name has one character at least");
        }
        return '\0' + simple;
    }

    /**
     * Returns the name of a path.
     *
     * <p>To Linux a name is bytes, and a path's text does not tell those that the locale's charset does not know. The
     * name does: bytes that are not UTF-8 are in it as U+DC80 to U+DCFF, as in Python's {@code surrogateescape}, and so
     * they are in the names that {@link #localName} and {@link #peerName} read.
     *
     * @param path a path of the default file system
     * @return the name, for {@link #bind(String, BindOption...)}, {@code connect}, and wherever else one is asked for
     * @throws IllegalArgumentException if the path is of another file system
     */
    public static String nameOf(Path path) {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException("a path of another file system: " + path);
        }
        return Platform.kernel().nameOf(path);
    }

    /**
     * Returns the path that a name stands for; the way back from {@link #nameOf}, and from {@link #localName}.
     *
     * @param name a name that is a path
     * @return the path
     * @throws java.nio.file.InvalidPathException if it is none, as Linux's abstract names
     */
    public static Path pathOf(String name) {
        return Platform.kernel().pathOf(name);
    }

    static String portableName(Kernel kernel, String simple) {
        if (simple.isEmpty() || simple.chars().anyMatch(c -> c == '/' || c == '\\' || c == 0)) {
            throw new IllegalArgumentException("not a plain name: " + PanpipeException.printable(simple));
        }
        return kernel.portableName(simple);
    }

    /**
     * Binds to a name, as the server does.
     *
     * <p>The name's mode is 0600 unless {@link #permissions} said otherwise, and holds before anyone can connect.
     * Closing this handle removes the name, if it is still its own, and so does the end of the JVM; once a listening handle
     * has been passed to another process or detached, its name stays. A name of Windows lasts as long as one of
     * the connections to it; a client that connects between {@code bind} and {@link #listen} waits there, and on Unix is
     * refused.
     *
     * @param name a path; {@code "\0name"} for an abstract name of Linux, which has no mode; {@code \\.\pipe\name} on
     *     Windows, at most 256 characters, whose case does not matter; or empty for one that is picked. A path of more
     *     than 107 bytes is bound through its directory, of which other programs then see an alias
     *     ({@code /proc/self/fd/...}) as the peer's name
     * @param options how to treat a name that is taken
     * @throws PanpipeException EADDRINUSE if the name is taken, also by a server that is gone; ENAMETOOLONG; EACCES;
     *     ENOENT if the directory does not exist; EINVAL for a NUL inside a path, and for a name that no bytes stand
     *     for, with half a surrogate pair in it
     * @throws IllegalStateException if this handle is bound or connected already
     */
    public void bind(String name, BindOption... options) throws PanpipeException {
        core().checkUnused();
        int flags = List.of(options).contains(BindOption.REPLACE_STALE) ? PipeChannel.REPLACE_STALE : 0;
        core().rename(Objects.requireNonNull(name, "name"));
        PipeChannel fresh = newChannel();
        Naming how = naming();
        try {
            fresh.pendingInstances(how.instances);
            if (how.securityDescriptor != null) {
                fresh.securityDescriptor(how.securityDescriptor);
            }
            fresh.bind(name, how.mode, flags);
            core().rename(fresh.localName());
        } catch (KernelException refused) {
            core().closeChannel(true);
            throw failure(refused);
        }
        core().bound();
    }

    private Naming naming() {
        Naming present = naming;
        if (present == null) {
            present = new Naming();
            naming = present;
        }
        return present;
    }

    /**
     * Binds to a path, as the server does; see {@link #bind(String, BindOption...)}.
     *
     * @param path a path of the default file system, whatever bytes it has
     * @param options how to treat a name that is taken
     * @throws PanpipeException as there
     * @throws IllegalStateException if this handle is bound or connected already
     */
    public void bind(Path path, BindOption... options) throws PanpipeException {
        bind(nameOf(path), options);
    }

    /**
     * Frees the path that this handle has bound, if it still leads here, so that another one can bind it at once. Who is
     * connected stays, and who waits to be accepted is still announced. {@link #close} does this by itself, and so does the
     * end of the JVM. An abstract name, and one of Windows, lasts until the handle is closed.
     *
     * <p>May be called from any thread that has got hold of this handle after {@link #bind}, and waits for no loop.
     *
     * @since 0.1
     */
    public void releaseName() {
        if (core().channelOrNull() instanceof PipeChannel present) {
            present.releaseName();
        }
    }

    private PipeChannel newChannel() {
        PipeChannel fresh = core().loop().selector().newPipe();
        core().channel(fresh);
        return fresh;
    }

    /**
     * Sets who may connect: before {@link #bind} for the name to come, after it for the name there is. At first only the
     * owner may.
     *
     * <p>On Linux connecting takes the permission to write (unix(7)). Abstract names have no permissions. On Windows the
     * group is the primary group of this process's user, others are Everyone, and reading and writing are what they say;
     * the owner keeps all rights, and nobody else gets the right to make further instances of the pipe, which is a part
     * of GENERIC_WRITE: clients of other users must not ask for that, but for FILE_WRITE_DATA, as Panpipe's do ("Named
     * Pipe Security and Access Rights").
     *
     * @param permissions the permissions of the socket file, whatever the umask
     * @throws PanpipeException EINVAL if the name has none; ENOENT if the path leads elsewhere by now
     */
    public void permissions(Set<PosixFilePermission> permissions) throws PanpipeException {
        checkUsable();
        int bits = 0;
        for (PosixFilePermission permission : permissions) {
            // The enum's order is that of the mode's bits, from the owner's read on.
            bits |= 0400 >> permission.ordinal();
        }
        if (core().phase() == Phase.BOUND || core().phase() == Phase.LISTENING) {
            try {
                pipeChannel().permissions(bits);
            } catch (KernelException refused) {
                throw failure(refused);
            }
        }
        naming().mode = bits;
    }

    /**
     * Sets who may open a named pipe of Windows, in its own terms, instead of {@link #permissions}.
     *
     * <p>It has to give this process all rights (GA), which it needs to make further instances of the pipe. Whoever else
     * gets GENERIC_WRITE may make instances too, and so take the server's clients: {@code 0x12019b} is reading and writing
     * without that.
     *
     * @param sddl a security descriptor in text form ("Security Descriptor String Format"), such as
     *     {@code D:P(A;;GA;;;OW)(A;;0x12019b;;;BU)}, at most 2047 characters; to be set before {@link #bind}, which fails
     *     with EINVAL if it cannot be read
     * @throws PanpipeException ENOTSUP on other systems
     * @throws IllegalStateException if this handle is in use
     */
    public void securityDescriptor(String sddl) throws PanpipeException {
        core().checkUnused();
        try {
            core().loop().selector().newPipe().securityDescriptor(Objects.requireNonNull(sddl, "sddl"));
        } catch (KernelException refused) {
            throw failure(refused);
        }
        naming().securityDescriptor = sddl;
    }

    /**
     * Sets how many instances of a Windows named pipe wait for clients, at first 4. Unix has the backlog of {@link
     * #listen} instead, and there it is without effect. Each instance that a client takes is replaced as soon as the loop
     * turns; of clients that come faster, the rest is told ERROR_PIPE_BUSY, and {@link #connect} tries again.
     *
     * @param count 1 or more; to be set before {@link #listen}
     */
    public void pendingInstances(int count) {
        checkUsable();
        if (count < 1) {
            throw new IllegalArgumentException("less than one instance: " + count);
        }
        naming().instances = count;
        if (core().phase() == Phase.BOUND) {
            pipeChannel().pendingInstances(count);
        }
    }

    /**
     * Connects to a server, trying once; see {@link #connect(String, Duration, StreamCallback)}. A full backlog is then
     * an EAGAIN. On Windows a server is busy whenever clients come faster than it turns, so there this tries for 30
     * seconds, as libuv does, and the error is then ETIMEDOUT.
     *
     * @param name the server's name
     * @param callback called once
     */
    public void connect(String name, StreamCallback<? super Pipe> callback) {
        connect(name, -1, callback);
    }

    /**
     * Connects to a server, and waits while its backlog is full. Data may be written at once; it is sent when connected.
     *
     * @param name the server's name
     * @param timeout how long to wait, zero or more; the error is then ETIMEDOUT
     * @param callback called once: with null when connected, or with ENOENT if there is no such name, ECONNREFUSED if
     *     nobody listens there, EACCES, ENAMETOOLONG, …; the handle may then be used anew
     * @throws IllegalStateException if the handle is connected, connecting or listening
     */
    public void connect(String name, Duration timeout, StreamCallback<? super Pipe> callback) {
        connect(name, Timer.nanos(timeout, "timeout"), callback);
    }

    /**
     * Connects to a server, trying once; see {@link #connect(String, StreamCallback)}.
     *
     * @param path a path of the default file system, whatever bytes it has
     * @param callback called once
     */
    public void connect(Path path, StreamCallback<? super Pipe> callback) {
        connect(nameOf(path), callback);
    }

    /**
     * Connects to a server, and waits while its backlog is full; see {@link #connect(String, Duration, StreamCallback)}.
     *
     * @param path a path of the default file system, whatever bytes it has
     * @param timeout how long to wait, zero or more
     * @param callback called once
     */
    public void connect(Path path, Duration timeout, StreamCallback<? super Pipe> callback) {
        connect(nameOf(path), timeout, callback);
    }

    private void connect(String name, long timeoutNanos, StreamCallback<? super Pipe> callback) {
        core().checkConnectable();
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(callback, "callback");
        PipeChannel channel = core().channelOrNull() == null ? newChannel() : pipeChannel();
        long timeout = timeoutNanos < 0 ? channel.busyPatience() : timeoutNanos;
        core().connect(name, () -> channel.connect(name, timeout >= 0), timeout, callback);
    }

    /**
     * Adopts an open descriptor: a stream socket of the Unix domain, which may be a bound one that is to {@link
     * #listen}, a FIFO, an anonymous pipe or a terminal; on Windows the HANDLE of a connected pipe.
     *
     * <p>It belongs to this handle from now on and is closed with it, except that 0, 1 and 2 stay open, as in libuv.
     * {@link #detach} gives it back. Its blocking mode, which it shares with everyone who has the same open file, is left
     * as it is, and the loop does not block on it all the same. A blocking pipe, FIFO or terminal is opened a second
     * time for this ({@code /proc/self/fd}); where the system refuses that, helper threads read and write.
     *
     * <p>A HANDLE that is associated with a completion port already, as one that another loop has had, is driven by events
     * and a thread for each 63 operations. Its mode is set to waiting, and to single messages if it is a pipe of those, for
     * all who share it. One that was opened for synchronous I/O, an anonymous pipe for example, is read and written by
     * helper threads; on such a pipe that goes both ways a read makes way for a write, but a write that waits for its
     * reader holds up the reading. 0, 1 and 2 mean what GetStdHandle answers; those HANDLEs stay open.
     *
     * @param descriptor the descriptor's number, or the HANDLE's value
     * @throws PanpipeException EBADF if it is not open, EEXIST if a handle of this loop has it, which
     *     is not noticed of a {@link RawDescriptor}, EINVAL if it is of another
     *     kind, such as a regular file; it then still belongs to the caller
     * @throws IllegalStateException if this handle is in use
     */
    public void open(long descriptor) throws PanpipeException {
        core().checkUnused();
        PipeChannel adopted;
        try {
            adopted = core().loop().selector().adopt(descriptor);
        } catch (KernelException refused) {
            throw failure(refused);
        }
        core().adopt(adopted);
    }

    /**
     * Returns the name this end is bound to.
     *
     * @return the name; empty if it has none, as clients mostly have
     * @throws PanpipeException EBADF if there is no descriptor yet, ENOTSOCK for what is no socket
     */
    public String localName() throws PanpipeException {
        try {
            return knownChannel("getsockname").localName();
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Returns the name the other end is bound to.
     *
     * @return the server's name at a client; mostly empty at a server
     * @throws PanpipeException ENOTCONN if it is not connected, ENOTSOCK for what is no socket
     */
    public String peerName() throws PanpipeException {
        try {
            return knownChannel("getpeername").peerName();
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Returns who is at the other end.
     *
     * <p>On Windows: the number of the process that has opened the other end, which is a hint: a process that has ended by
     * now may have left it to another one. The user of a client is the one that it has connected as
     * (ImpersonateNamedPipeClient), and null if the client does not let itself be identified. The user of a server is that
     * of the process, if this one may ask.
     *
     * @return process, user and group, as far as the system knows them
     * @throws PanpipeException ENOTCONN if it is not connected, ENOTSOCK for what is no socket
     */
    public PeerCredentials peerCredentials() throws PanpipeException {
        try {
            Credentials known = knownChannel("peerCredentials").peerCredentials();
            return new PeerCredentials(known.pid(), known.uid(), known.gid(), known.sid());
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    private PipeChannel knownChannel(String call) throws KernelException {
        return (PipeChannel) core().openChannel(call);
    }

    private PipeChannel pipeChannel() {
        return (PipeChannel) core().channel();
    }

    // Handles on the way.

    /**
     * Tells whether this stream may carry handles.
     *
     * @return what was given at construction
     */
    public boolean ipc() {
        return core().pendingHandles() != null;
    }

    /**
     * Writes data and sends handles with its first byte; see {@link StreamHandle#write(ByteBuffer, StreamCallback)}.
     *
     * <p>The handles may be closed right after this call, and stay usable here if they are not. Pipes, Tcp and Udp handles
     * are duplicated in it, and so are RawDescriptor handles on Windows and those of another loop, which has to be this
     * thread's as well. They leave exactly once, in the order of the writes; the receiver gets them with the first of these
     * bytes, possibly behind bytes of earlier writes, and never together with bytes of later ones.
     *
     * <p>On Windows pipes (but not listeners) and raw handles can be sent, to a process that this one may open with
     * PROCESS_DUP_HANDLE; a pipe with a write in flight cannot (EBUSY). The write waits until the other end has said that it
     * takes handles; ENOTSUP if it says that it does not, as libuv's pipes. Handles of frames that are cancelled while in
     * flight stay open in the other process.
     *
     * @param data the bytes between position and limit, at least one
     * @param callback called once when the system has taken all of it, or with an error
     * @param handles pipes, Tcp, Udp or RawDescriptor handles, 1 to 253 (Linux's SCM_MAX_FD)
     * @return false if the queue has reached its high-water mark
     * @throws PanpipeException EMFILE if a handle cannot be duplicated; nothing is written then
     * @throws IllegalArgumentException without data, without a handle, or for a handle that has no descriptor
     * @throws IllegalStateException if this stream was not made for handles
     * @throws WrongThreadException also for a handle of a loop that belongs to another thread; nothing is written then
     */
    public boolean write(ByteBuffer data, StreamCallback<? super Pipe> callback, Handle... handles)
            throws PanpipeException {
        Objects.requireNonNull(callback, "callback");
        checkHandles(data, handles);
        if (!core().mayWrite(callback)) {
            return true;
        }
        // Before an output is borrowed, which an idle stream does not hold.
        HandleGroup descriptors = group(handles);
        try {
            return core().write(data, descriptors, callback);
        } catch (Throwable failed) {
            descriptors.close(false);
            throw failed;
        }
    }

    /**
     * Writes what the system takes at once, and sends handles with the first byte; queues nothing.
     *
     * @param data the bytes between position and limit, at least one
     * @param handles 1 to 253
     * @return bytes written, at least one; the handles have been sent
     * @throws PanpipeException as {@link StreamHandle#tryWrite(ByteBuffer)}; no handle has been sent then
     * @throws IllegalArgumentException as {@link #write(ByteBuffer, StreamCallback, Handle...)}
     * @throws IllegalStateException if this stream was not made for handles
     * @throws WrongThreadException also for a handle of a loop that belongs to another thread; nothing is written then
     */
    public int tryWrite(ByteBuffer data, Handle... handles) throws PanpipeException {
        checkHandles(data, handles);
        try {
            core().checkTryWrite();
            return core().tryWrite(data, group(handles));
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /** Borrows or duplicates the descriptors of handles: of all, or of none if that throws. */
    private HandleGroup group(Handle[] handles) throws PanpipeException {
        HandleGroup group = new HandleGroup(core(), handles.length);
        for (Handle handle : handles) {
            try {
                group.add(handle.core());
            } catch (KernelException refused) {
                group.close(false);
                throw handle.failure(refused);
            } catch (Throwable thrown) {
                group.close(false);
                throw thrown;
            }
        }
        return group;
    }

    private void checkHandles(ByteBuffer data, Handle[] handles) {
        checkUsable();
        checkIpc();
        if (!data.hasRemaining()) {
            throw new IllegalArgumentException("handles travel with data, at least one byte: the receiver would lose them");
        }
        if (handles.length == 0 || handles.length > Selector.MOST_HANDLES) {
            throw new IllegalArgumentException("not 1 to " + Selector.MOST_HANDLES + " handles: " + handles.length);
        }
    }

    private void checkIpc() {
        if (!ipc()) {
            throw new IllegalStateException(this + " carries no handles: make it with new Pipe(loop, true)");
        }
    }

    /**
     * Starts reading data and handles.
     *
     * <p>Handles that came with data wait, first in, first out, for {@link #accept(Tcp)} and the like, in this callback
     * or later. While 64 or more wait, reading pauses. Those that are never accepted are closed with this pipe.
     *
     * <p>{@link #startRead} collects handles as well, and does not ask the system of what type the first one is.
     *
     * @param callback called for each piece of data, and once for the end or an error, after which reading has stopped
     * @throws PanpipeException if the system cannot watch the descriptor
     * @throws IllegalStateException if it reads already, is not connected, was opened for writing only, or was not made
     *     for handles
     */
    public void startRead2(HandleReadCallback<? super Pipe> callback) throws PanpipeException {
        Objects.requireNonNull(callback, "callback");
        checkUsable();
        checkIpc();
        startRead(UserCode.reading(callback));
    }

    /**
     * Returns how many received handles wait to be accepted.
     *
     * @return the number, 0 for a pipe that is no ipc pipe
     */
    public int pendingCount() {
        checkThread();
        PendingHandles pending = core().pendingHandles();
        return pending == null ? 0 : pending.count();
    }

    /**
     * Returns the type of the received handle that is accepted next.
     *
     * @return NONE if none waits
     */
    public PendingType pendingType() {
        checkThread();
        PendingHandles pending = core().pendingHandles();
        return pending == null ? PendingType.NONE : PendingType.of(pending.kind());
    }

    /**
     * Takes a received TCP socket, connected or listening.
     *
     * @param handle a new handle of the same loop, which becomes the socket
     * @throws PanpipeException EAGAIN if no handle waits
     * @throws IllegalArgumentException if something else waits, which the message names
     */
    public void accept(Tcp handle) throws PanpipeException {
        PendingHandles waiting = pending(PendingType.TCP, handle);
        handle.open(waiting.first());
        core().handleTaken(waiting);
    }

    /**
     * Takes a received UDP socket.
     *
     * @param handle a new handle of the same loop, which becomes the socket
     * @throws PanpipeException EAGAIN if no handle waits
     * @throws IllegalArgumentException if something else waits, which the message names
     */
    public void accept(Udp handle) throws PanpipeException {
        PendingHandles waiting = pending(PendingType.UDP, handle);
        handle.open(waiting.first());
        core().handleTaken(waiting);
    }

    /**
     * Takes a received descriptor of any kind, a socket included.
     *
     * @param handle a new handle of the same loop, which owns the descriptor from now on
     * @throws PanpipeException EAGAIN if no handle waits
     */
    public void accept(RawDescriptor handle) throws PanpipeException {
        PendingHandles waiting = pending(null, handle);
        handle.take(waiting.first());
        core().handleTaken(waiting);
    }

    @Override
    boolean acceptPending(Pipe handle) throws PanpipeException {
        if (!ipc()) {
            return false;
        }
        PendingHandles waiting = pending(PendingType.PIPE, handle);
        handle.open(waiting.first());
        core().handleTaken(waiting);
        return true;
    }

    private PendingHandles pending(@Nullable PendingType wanted, Handle handle) throws PanpipeException {
        checkUsable();
        checkIpc();
        if (handle.loop() != loop()) {
            throw new IllegalArgumentException("the handle belongs to another loop");
        }
        PendingHandles waiting = core().pendingHandles();
        if (waiting == null || waiting.count() == 0) {
            throw PanpipeException.of(Fault.EAGAIN, "accept", core().name()).traced();
        }
        PendingType type = wanted == null ? null : PendingType.of(waiting.kind());
        if (type != wanted) {
            throw new IllegalArgumentException("what waits is of type " + type + ", not " + wanted);
        }
        return waiting;
    }

    @Override
    public String toString() {
        return core().name().isEmpty() ? "Pipe" : "Pipe " + PanpipeException.printable(core().name());
    }
}
