# Copyright 2026 The Panpipe authors
# SPDX-License-Identifier: Apache-2.0
"""The peer with Python's asyncio, its protocols and transports. Arguments and reports: see Task.java."""

import asyncio
import errno
import hashlib
import sys

role, task, path, amount, block_file = sys.argv[1:]
amount = int(amount)


def report(line):
    print(line, flush=True)


class Peer(asyncio.Protocol):
    """What all tasks share: one connection, that tells when it is over."""

    def __init__(self, over):
        self.over = over

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, error):
        if not self.over.done():
            self.over.set_result(None)


class Receiver(Peer):
    def __init__(self, over):
        super().__init__(over)
        self.digest = hashlib.sha256()
        self.received = 0
        self.ends = 0

    def data_received(self, data):
        self.digest.update(data)
        self.received += len(data)

    def eof_received(self):
        self.ends += 1
        self.answer()
        return True  # The transport stays open: this is a half-close.

    def answer(self):
        self.transport.close()

    def connection_lost(self, error):
        # An error after the end is one of sending, which is not what is counted here.
        failed = error is not None and self.ends == 0
        failure = errno.errorcode.get(error.errno, str(error)) if failed else "none"
        report(f"received {self.received} {self.digest.hexdigest()} ends={self.ends} error={failure}")
        super().connection_lost(error)


class Sink(Receiver):
    def answer(self):
        self.transport.write(self.digest.hexdigest().encode())
        self.transport.close()


class Source(Receiver):
    def connection_made(self, transport):
        super().connection_made(transport)
        transport.pause_reading()
        with open(block_file, "rb") as file:
            self.block = bytearray(file.read())
        self.sent_digest = hashlib.sha256()
        self.sent = 0
        self.number = 0
        self.paused = False
        self.done = False
        self.pump()

    def pause_writing(self):
        self.paused = True

    def resume_writing(self):
        self.paused = False
        self.pump()

    def pump(self):
        while self.sent < amount and not self.paused and not self.transport.is_closing():
            self.block[0:8] = self.number.to_bytes(8, "big")
            self.number += 1
            piece = bytes(memoryview(self.block)[: min(len(self.block), amount - self.sent)])
            self.sent_digest.update(piece)
            self.sent += len(piece)
            self.transport.write(piece)
        if self.sent == amount and not self.done:
            self.done = True
            report(f"sent {self.sent} {self.sent_digest.hexdigest()}")
            self.transport.write_eof()
            self.transport.resume_reading()

    def connection_lost(self, error):
        if self.done:
            super().connection_lost(error)
        else:
            report(f"broken {errno.errorcode.get(error.errno, str(error)) if error else 'none'}")
            self.over.set_result(None)


class Crowd:
    """The connections, and what they have carried so far."""

    def __init__(self, over):
        self.over = over
        self.transports = []
        self.peak = 0
        self.open = 0
        self.closed = 0
        self.verified = 0


class Member(asyncio.Protocol):
    def __init__(self, crowd, line):
        self.crowd = crowd
        self.line = line
        self.answer = b""

    def connection_made(self, transport):
        self.transport = transport
        self.crowd.transports.append(transport)
        self.crowd.open += 1
        self.crowd.peak = max(self.crowd.peak, self.crowd.open)
        if self.line is not None:
            transport.write(self.line)

    def data_received(self, data):
        if self.line is None:
            self.transport.write(data)
            self.crowd.verified += data.endswith(b"\n")
            return
        self.answer += data
        if self.answer == self.line:
            self.crowd.verified += 1
            if self.crowd.verified == amount:
                for transport in self.crowd.transports:
                    transport.close()

    def connection_lost(self, error):
        self.crowd.open -= 1
        self.crowd.closed += 1
        if error is not None:
            report(f"failed {error}")
        if self.crowd.closed == amount:
            report(f"crowd {self.crowd.peak} {self.crowd.verified}")
            self.crowd.over.set_result(None)


async def main():
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    if task == "crowd":
        crowd = Crowd(over)
        factory = lambda number: Member(crowd, None if number is None else b"message %d\n" % number)
        count = amount
    else:
        factory = lambda number: {"sink": Sink, "source": Source}[task](over)
        count = 1
    if role == "connect":
        for number in range(count):
            await loop.create_unix_connection(lambda: factory(number), path)
    else:
        await loop.create_unix_server(lambda: factory(None), path)
        report("ready")
    await over


asyncio.run(main())
