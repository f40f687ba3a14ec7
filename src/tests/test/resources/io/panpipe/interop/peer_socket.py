# Copyright 2026 The Panpipe authors
# SPDX-License-Identifier: Apache-2.0
"""The peer with Python's socket, blocking. Arguments and reports: see Task.java."""

import errno
import hashlib
import socket
import sys

role, task, path, amount, block_file = sys.argv[1:]
amount = int(amount)


def report(line):
    print(line, flush=True)


def code(error):
    return errno.errorcode.get(error.errno, str(error))


def receive(sock):
    digest = hashlib.sha256()
    received = 0
    ends = 0
    failure = "none"
    try:
        while data := sock.recv(100_000):
            digest.update(data)
            received += len(data)
        ends = 1
    except OSError as error:
        failure = code(error)
    report(f"received {received} {digest.hexdigest()} ends={ends} error={failure}")
    return digest.hexdigest()


def sink(sock):
    digest = receive(sock)
    try:
        sock.sendall(digest.encode())
    except OSError as error:
        report(f"broken {code(error)}")


def source(sock):
    with open(block_file, "rb") as file:
        block = bytearray(file.read())
    digest = hashlib.sha256()
    sent = 0
    number = 0
    try:
        while sent < amount:
            block[0:8] = number.to_bytes(8, "big")
            number += 1
            piece = memoryview(block)[: min(len(block), amount - sent)]
            digest.update(piece)
            sock.sendall(piece)
            sent += len(piece)
    except OSError as error:
        report(f"broken {code(error)}")
        return
    report(f"sent {sent} {digest.hexdigest()}")
    sock.shutdown(socket.SHUT_WR)
    receive(sock)


def read_line(sock):
    line = b""
    while not line.endswith(b"\n"):
        data = sock.recv(100)
        if not data:
            raise EOFError("the end in the middle of a line")
        line += data
    return line


def crowd(socks):
    verified = 0
    begins = role == "connect"
    if begins:
        for number, sock in enumerate(socks):
            sock.sendall(b"message %d\n" % number)
    for number, sock in enumerate(socks):
        line = read_line(sock)
        if not begins:
            sock.sendall(line)
            verified += 1
        elif line == b"message %d\n" % number:
            verified += 1
    if not begins:
        for sock in socks:
            if sock.recv(1):
                raise ValueError("more than one line")
    report(f"crowd {len(socks)} {verified}")


def connect():
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(path)
    return sock


def open_all(count):
    if role == "connect":
        return [connect() for _ in range(count)]
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(path)
        server.listen()
        report("ready")
        return [server.accept()[0] for _ in range(count)]


if task == "crowd":
    crowd(open_all(amount))
else:
    {"sink": sink, "source": source}[task](open_all(1)[0])
