// Copyright 2026 The Panpipe authors
// SPDX-License-Identifier: Apache-2.0
//
// A program of libuv's at the other end of a named pipe: node node_pipe.js ROLE TASK NAME BYTES
//
// ROLE  listen, connect; or ipc, which connects with libuv's frames
// TASK  sink: reads BYTES and answers with their digest; source: sends BYTES; echo; socket: sends a TCP socket (ipc)
// It prints what it has seen, "much" after 5 MB, and ends when its connection does.
'use strict';

const net = require('node:net');
const { createHash } = require('node:crypto');

const [role, task, name, amountText] = process.argv.slice(2);
const amount = Number(amountText);
const MUCH = 5e6;
const report = (line) => console.log(line);

function sink(connection) {
  const hash = createHash('sha256');
  let bytes = 0;
  connection.on('data', (data) => {
    hash.update(data);
    if (bytes < MUCH && bytes + data.length >= MUCH) report('much');
    bytes += data.length;
    if (bytes === amount) connection.end(hash.copy().digest('hex'));
  });
  connection.on('close', () => report(`received ${bytes} ${hash.digest('hex')}`));
}

function source(connection) {
  const block = Buffer.alloc(65521, 'a block of an odd size, ');
  const hash = createHash('sha256');
  let sent = 0;
  const pump = () => {
    while (sent < amount) {
      const piece = Buffer.from(block.subarray(0, Math.min(block.length, amount - sent)));
      if (piece.length > 8) piece.writeDoubleBE(sent);
      hash.update(piece);
      sent += piece.length;
      if (!connection.write(piece)) return connection.once('drain', pump);
    }
    report(`sent ${sent} ${hash.digest('hex')}`);
    connection.end();
  };
  pump();
  connection.resume();
}

function converse(connection) {
  connection.on('end', () => report('end'));
  connection.on('error', (error) => report(`error ${error.code}`));
  connection.on('close', () => report('close'));
  if (task === 'sink') sink(connection);
  else if (task === 'source') source(connection);
  else connection.pipe(connection);
}

// What child_process uses for its channel, without the JSON: a pipe made for handles.
function ipc() {
  const { internalBinding } = require('internal/test/binding');
  const { Pipe, PipeConnectWrap, constants } = internalBinding('pipe_wrap');
  const { WriteWrap, streamBaseState, kReadBytesOrError } = internalBinding('stream_wrap');
  const pipe = new Pipe(constants.IPC);
  const write = (text, handle) => {
    const request = new WriteWrap();
    request.oncomplete = (status) => { if (status !== 0) report(`write ${status}`); };
    const refused = pipe.writeUtf8String(request, text, handle);
    if (refused) report(`refused ${refused}`);
  };
  const connecting = new PipeConnectWrap();
  connecting.oncomplete = (status) => {
    if (status !== 0) {
      report(`connect ${status}`);
      process.exit(1);
    }
    pipe.onread = (data) => {
      const length = streamBaseState[kReadBytesOrError];
      if (length < 0) {
        report(`end ${length}`);
        pipe.close();
      } else if (data !== undefined) {
        write(Buffer.from(data, 0, length).toString());
      }
    };
    pipe.readStart();
    if (task === 'socket') {
      const server = net.createServer().listen(0, '127.0.0.1', () => {
        write('with a socket', server._handle);
        server.close();
      });
    }
  };
  pipe.connect(connecting, name);
}

if (role === 'ipc') {
  ipc();
} else if (role === 'connect') {
  const connection = net.connect(name, () => converse(connection));
  connection.on('error', (error) => report(`connect ${error.code}`));
} else {
  const server = net.createServer((connection) => {
    server.close();
    converse(connection);
  }).listen(name);
}
