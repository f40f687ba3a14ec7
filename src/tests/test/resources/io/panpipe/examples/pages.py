# Copyright 2026 The Panpipe authors
# SPDX-License-Identifier: Apache-2.0
#
# The pages that the tests of UnixHttp ask a daemon (gunicorn) for.
import os

LINE = b'0123456789abcdef' * 64 + b'\n'


def lines(count):
    for number in range(count):
        yield str(number).encode() + b' ' + LINE[:number % len(LINE)] + b'\n'


def broken():
    yield b'the beginning, '
    os._exit(1)


def application(environ, start_response):
    path = environ['PATH_INFO']
    if path == '/length':
        start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '18')])
        return [b'body of ', b'18 bytes\r\n']
    if path == '/chunked':
        start_response('200 Fine', [('Content-Type', 'text/plain')])
        return lines(3000)
    if path == '/empty':
        start_response('204 No Content', [])
        return []
    if path == '/broken':
        start_response('200 OK', [('Content-Length', '1000')])
        return broken()
    if path == '/broken-chunks':
        start_response('200 OK', [])
        return broken()
    text = b'there is no page ' + (path + '?' + environ['QUERY_STRING']).encode() + b'\n'
    start_response('404 Not Found', [('Content-Length', str(len(text))), ('X-Twice', '1'), ('X-Twice', '2')])
    return [text]
