/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Bytes without end in one direction: to a sink, and from a source.
 */
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define BLOCK_MAX (1 << 20)
#define TURN 8

static char block[BLOCK_MAX];

static void open_all(void (*ready)(struct client *, uint32_t), void (*stop)(struct client *), uint32_t interest) {
    if (options.size > BLOCK_MAX)
        wrong("at most %d bytes a block", BLOCK_MAX);
    for (int i = 0; i < options.connections; i++) {
        struct client *c = calloc(1, sizeof *c);
        if (!c)
            die("calloc");
        c->ready = ready;
        c->stop = stop;
        client_open(c, connect_to(options.path), interest);
        client_counts(c);
    }
}

static void sink_ready(struct client *c, uint32_t events) {
    (void) events;
    for (int i = 0; i < TURN; i++) {
        ssize_t n = send(c->fd, block, options.size, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            die("send");
        mine->payload += n;
        mine->operations++;
        if (n < (ssize_t) options.size)
            return;
    }
}

void start_sink(void) {
    /* The end of the stream is answered when all before it was read: a server that closes earlier resets the
       connection. */
    open_all(sink_ready, client_finish, EPOLLOUT);
}

static void source_ready(struct client *c, uint32_t events) {
    (void) events;
    ssize_t n = recv(c->fd, block, options.size, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        wrong("the server closed a connection: %s", n ? strerror(errno) : "end of stream");
    mine->payload += n;
    mine->operations++;
}

void start_source(void) {
    open_all(source_ready, client_ended, EPOLLIN);
}
