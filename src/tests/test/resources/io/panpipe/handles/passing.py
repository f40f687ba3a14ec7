# Copyright 2026 The Panpipe authors
# SPDX-License-Identifier: Apache-2.0
"""Passes descriptors with nothing but Python's own library; the other side is Panpipe. Fails by an exception.

passing.py ROLE PATH, where PATH is a Unix socket to connect to.
"""
import array
import fcntl
import os
import socket
import sys
import tempfile
from multiprocessing import connection, reduction

# As io.panpipe.testbed.Patience has it.
PATIENCE = float(os.environ.get("PANPIPE_PATIENCE", "1"))


def memory_file(content):
    fd = os.memfd_create("passing.py")
    os.write(fd, content)
    return fd


def content(fd):
    return os.pread(fd, 1000, 0)


def port(of):
    return of.getsockname()[1]


def expect(wanted, got):
    if wanted != got:
        raise AssertionError(f"wanted {wanted!r}, got {got!r}")


def exactly(sock, count):
    """Receives so many bytes."""
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise AssertionError(f"the end after {data!r}")
        data += piece
    return data


def use(tcp_port, udp_port):
    """Uses a listener and a Udp socket that the other side has taken over; both echo."""
    with socket.create_connection(("127.0.0.1", tcp_port)) as client:
        client.sendall(b"over tcp")
        expect(b"over tcp", exactly(client, 8))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(60 * PATIENCE)
        client.sendto(b"over udp", ("127.0.0.1", udp_port))
        data, sender = client.recvfrom(100)
        expect((b"over udp", udp_port), (data, sender[1]))


def serve(listener, udp):
    """Answers one connection and one datagram."""
    with listener, udp:
        accepted, _ = listener.accept()
        with accepted:
            accepted.sendall(b"python answers " + exactly(accepted, 4))
        data, sender = udp.recvfrom(100)
        udp.sendto(b"python answers " + data, sender)


def send_fds(pipe):
    """socket.send_fds: a memory file, a file, a listener and a Udp socket in one message."""
    with tempfile.TemporaryFile() as file, socket.create_server(("127.0.0.1", 0)) as listener, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        file.write(b"a file of python's")
        file.flush()
        udp.bind(("127.0.0.1", 0))
        ports = port(listener), port(udp)
        fds = [memory_file(b"python's memory"), file.fileno(), listener.fileno(), udp.fileno()]
        socket.send_fds(pipe, [b"four ", b"descriptors"], fds)
        os.close(fds[0])
    expect(b"taken", exactly(pipe, 5))
    use(*ports)


def recv_fds(pipe):
    """socket.recv_fds: the same the other way round."""
    data, fds, flags, _ = socket.recv_fds(pipe, 1000, 10)
    expect((b"four descriptors", 4, 0), (data, len(fds), flags & socket.MSG_CTRUNC))
    expect([b"panpipe's memory", b"panpipe's file"], [content(fd) for fd in fds[:2]])
    pipe.sendall(b"taken")
    serve(*(blocking(socket.socket(fileno=fd)) for fd in fds[2:]))


def blocking(sock):
    """The mode came with the socket: it belongs to the open file, which the other side made for a loop."""
    sock.setblocking(True)
    return sock


def recv_hundreds(pipe):
    """As many as one message takes."""
    data, fds, flags, _ = socket.recv_fds(pipe, 1000, 253)
    expect((b"x", 253, 0), (data, len(fds), flags & socket.MSG_CTRUNC))
    expect({b"the same"}, {content(fd) for fd in fds})


def send_hundreds(pipe):
    fd = memory_file(b"the same")
    socket.send_fds(pipe, [b"x"], [fd] * 253)
    expect(b"taken", exactly(pipe, 5))


def send_handle(pipe):
    """multiprocessing.reduction: one at a time, each with a byte that says how many; then several."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        ports = port(listener), port(udp)
        over = connection.Connection(os.dup(pipe.fileno()))
        reduction.send_handle(over, memory_file(b"python's memory"), None)
        reduction.send_handle(over, listener.fileno(), None)
        reduction.send_handle(over, udp.fileno(), None)
        reduction.sendfds(pipe, [memory_file(b"one"), memory_file(b"two")])
        over.close()
    expect(b"taken", exactly(pipe, 5))
    use(*ports)


def recv_handle(pipe):
    over = connection.Connection(os.dup(pipe.fileno()))
    expect(b"panpipe's memory", content(reduction.recv_handle(over)))
    listener = blocking(socket.socket(fileno=reduction.recv_handle(over)))
    udp = blocking(socket.socket(fileno=reduction.recv_handle(over)))
    expect([b"one", b"two"], [content(fd) for fd in reduction.recvfds(pipe, 2)])
    over.close()
    pipe.sendall(b"taken")
    serve(listener, udp)


def close_on_exec(pipe):
    """Sends descriptors that are not close-on-exec: whether they are is the receiver's choice."""
    fd = memory_file(b"inheritable")
    os.set_inheritable(fd, True)
    expect(0, fcntl.fcntl(fd, fcntl.F_GETFD) & fcntl.FD_CLOEXEC)
    pipe.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd, fd]))])
    expect(b"taken", exactly(pipe, 5))


def main(role, path):
    with socket.socket(socket.AF_UNIX) as pipe:
        pipe.connect(path)
        globals()[role](pipe)


main(*sys.argv[1:])
