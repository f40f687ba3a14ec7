// Copyright 2026 The Panpipe authors
// SPDX-License-Identifier: Apache-2.0
'use strict';

// The parent of the example NodeChild. Arguments: a scenario and the child's command. What it sees it prints.

const {spawn} = require('child_process');
const net = require('net');

const [scenario, command, ...args] = process.argv.slice(2);
const child = spawn(command, args, {stdio: ['ignore', 'inherit', 'inherit', 'ipc']});
child.on('exit', (code, signal) => console.log('exit', code === null ? signal : code));
child.on('disconnect', () => console.log('disconnected'));
process.on('warning', warning => console.log('warning', warning.message));

const difficult = {text: 'ü "quoted" \\ \n\t\u0000 \u2028 😀', list: [1, -2.5, 1e30, true, null, [], {}], cmd: 'none'};

// Says something, and prints what comes back until the other end has ended.
function ask(where, text, done) {
  let heard = '';
  const socket = net.connect(where, () => socket.end(text));
  socket.setEncoding('utf8').on('data', data => heard += data);
  socket.on('end', () => {
    console.log('client heard', JSON.stringify(heard));
    done();
  });
}

// Serves by passing each connection on; calls back with the server.
function passOn(where, listening) {
  const server = net.createServer({pauseOnConnect: true}, socket => child.send({for: 'you'}, socket));
  server.listen(where, () => listening(server));
}

const scenarios = {
  messages(ready) {
    const big = 'x'.repeat(1 << 20);
    const expected = [difficult, big, null, 17, 'a\nb'];
    child.on('message', answer => {
      const sent = expected.shift();
      console.log(JSON.stringify(answer.got) === JSON.stringify(sent === null ? 'nothing' : sent));
      if (expected.length === 0) {
        child.disconnect();
      }
    });
    expected.forEach(message => child.send(message));
  },

  sockets(ready) {
    passOn({host: '127.0.0.1', port: 0}, server => {
      let left = 3;
      const done = () => {
        if (--left === 0) {
          child.send('how many?');
        }
      };
      for (let i = 0; i < 3; i++) {
        ask({host: '127.0.0.1', port: server.address().port}, 'echo', done);
      }
      child.on('message', answer => {
        console.log('served', answer.served);
        // Its callback comes when the child has told that its sockets are closed.
        server.close(() => {
          console.log('server closed');
          child.disconnect();
        });
      });
    });
  },

  unix(ready) {
    passOn({path: process.env.SOCKET}, server => ask({path: process.env.SOCKET}, 'echo', () => server.close(() => {
      console.log('server closed');
      child.disconnect();
    })));
  },

  // The server's close waits for a socket that the child still has open.
  waiting(ready) {
    passOn({host: '127.0.0.1', port: 0}, server => {
      const client = net.connect(server.address().port, '127.0.0.1');
      client.once('data', () => {
        server.getConnections((error, count) => {
          console.log('connections', count);
          server.close(() => {
            console.log('server closed');
            child.disconnect();
          });
          child.send('still there?');
        });
      });
      client.resume();
      child.on('message', () => {
        console.log('client ends');
        client.end();
      });
    });
  },

  // A datagram socket is nothing that the child serves; what comes behind it is answered.
  datagrams(ready) {
    const socket = require('dgram').createSocket('udp4');
    socket.bind(0, '127.0.0.1', () => {
      child.send('udp', socket);
      child.send('after it');
    });
    child.on('message', answer => {
      console.log(answer.got, 'served', answer.served);
      socket.close();
      child.disconnect();
    });
  },

  killed(ready) {
    console.log(ready);
    process.kill(process.pid, 'SIGKILL');
  },
};

child.once('message', message => {
  if (message.ready !== child.pid) {
    console.log('not ready', message);
  }
  scenarios[scenario](message.ready);
});
