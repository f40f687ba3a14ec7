// Copyright 2026 The Panpipe authors
// SPDX-License-Identifier: Apache-2.0
//
// The peer with Node's net. Arguments and reports: see Task.java.
'use strict';

const net = require('node:net');
const fs = require('node:fs');
const { createHash } = require('node:crypto');

const [role, task, path, amountText, blockFile] = process.argv.slice(2);
const amount = Number(amountText);
const report = (line) => fs.writeSync(1, line + '\n');

function receive(socket, atEnd) {
  const hash = createHash('sha256');
  let bytes = 0;
  let ends = 0;
  let error = 'none';
  socket.on('data', (data) => {
    hash.update(data);
    bytes += data.length;
  });
  let hex;
  socket.on('end', () => {
    ends++;
    hex = hash.copy().digest('hex');
    atEnd(hex);
  });
  socket.on('error', (e) => {
    // An error after the end is one of sending, which is not what is counted here.
    if (ends === 0) error = e.code;
  });
  socket.on('close', () => report(`received ${bytes} ${hex ?? hash.digest('hex')} ends=${ends} error=${error}`));
}

function sink(socket) {
  receive(socket, (hex) => socket.end(hex));
}

function source(socket) {
  const block = fs.readFileSync(blockFile);
  const hash = createHash('sha256');
  let sent = 0;
  let number = 0;
  let done = false;
  socket.on('error', (e) => {
    if (!done) report(`broken ${e.code}`);
  });
  const pump = () => {
    while (sent < amount) {
      const piece = Buffer.from(block.subarray(0, Math.min(block.length, amount - sent)));
      if (piece.length < 8) throw new Error('the last piece is too short for its number');
      piece.writeBigUInt64BE(BigInt(number++));
      hash.update(piece);
      sent += piece.length;
      if (!socket.write(piece)) {
        socket.once('drain', pump);
        return;
      }
    }
    done = true;
    report(`sent ${sent} ${hash.digest('hex')}`);
    receive(socket, () => {});
    socket.end();
  };
  pump();
}

let open = 0;
let peak = 0;
let verified = 0;
let closed = 0;

function member(socket, atLastClose) {
  open++;
  peak = Math.max(peak, open);
  socket.on('error', (e) => report(`failed ${e.code}`));
  socket.on('close', () => {
    open--;
    if (++closed === amount) {
      report(`crowd ${peak} ${verified}`);
      atLastClose();
    }
  });
}

function serveMember(socket, server) {
  member(socket, () => server.close());
  socket.on('data', (data) => {
    if (data.includes(10)) verified++;
    socket.write(data);
  });
  socket.on('end', () => socket.end());
}

function connectMember(number, all) {
  const socket = net.connect({ path, allowHalfOpen: true }, () => {
    member(socket, () => {});
    const line = `message ${number}\n`;
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
      if (answer === line && ++verified === amount) all.forEach((each) => each.end());
    });
    socket.write(line);
  });
  all.push(socket);
}

const act = task === 'sink' ? sink : source;
if (role === 'connect') {
  if (task === 'crowd') {
    const all = [];
    for (let i = 0; i < amount; i++) connectMember(i, all);
  } else {
    const socket = net.connect({ path, allowHalfOpen: true }, () => act(socket));
  }
} else {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    if (task === 'crowd') {
      serveMember(socket, server);
    } else {
      server.close();
      act(socket);
    }
  });
  server.listen(path, () => report('ready'));
}
