/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Both sides of a proxy: clients that wait for their echo, and the echo behind the proxy; or clients that send without
 * end, and who takes it.
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define CHUNK 65536
#define TURN 16

/* A connection that the proxy made, and what it did not yet take back. */
struct upstream {
    struct client client;
    char kept[CHUNK];
    size_t from, to;
};

static struct client listener;
static void (*served)(struct client *, uint32_t);

/* What the clients send, and how many bytes they have sent. */
static char block[CHUNK];
static uint64_t sent;

static void upstream_ended(struct client *c) {
    if (shared->running)
        wrong("the proxy closed a connection");
    if (options.abrupt)
        client_watch(c, 0);
    else
        client_ended(c);
}

static void send_kept(struct upstream *u) {
    while (u->from < u->to) {
        ssize_t n = send(u->client.fd, u->kept + u->from, u->to - u->from, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            client_watch(&u->client, EPOLLOUT);
            return;
        }
        if (n < 0)
            die("send to the proxy");
        u->from += n;
    }
    client_watch(&u->client, EPOLLIN);
}

static void upstream_ready(struct client *c, uint32_t events) {
    (void) events;
    struct upstream *u = (struct upstream *) c;
    if (u->from == u->to) {
        ssize_t n = recv(c->fd, u->kept, CHUNK, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            die("recv from the proxy");
        if (n == 0) {
            upstream_ended(c);
            return;
        }
        u->from = 0;
        u->to = n;
    }
    send_kept(u);
}

/* The proxy ends it when the client has ended. */
static void upstream_stop(struct client *c) {
    (void) c;
}

static void listener_ready(struct client *c, uint32_t events) {
    (void) events;
    for (;;) {
        int fd = accept4(c->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && errno == EAGAIN)
            return;
        if (fd < 0)
            die("accept4");
        struct upstream *u = calloc(1, sizeof *u);
        if (!u)
            die("calloc");
        u->client.ready = served;
        u->client.stop = upstream_stop;
        client_open(&u->client, fd, EPOLLIN);
        /* A proxy that was left abruptly need not end what it has here. */
        if (!options.abrupt)
            client_counts(&u->client);
    }
}

static void listen_upstream(void (*ready)(struct client *, uint32_t)) {
    if (!options.upstream)
        wrong("where is the upstream?");
    if (options.threads > 1)
        wrong("the upstream is in one process");
    served = ready;
    listener.ready = listener_ready;
    client_open(&listener, listen_at(options.upstream), EPOLLIN);
}

void start_proxy(void) {
    listen_upstream(upstream_ready);
    start_echo();
}

/* ---- in one direction, without end ---- */

static void taker_ready(struct client *c, uint32_t events) {
    (void) events;
    static char taken[CHUNK];
    ssize_t n = recv(c->fd, taken, sizeof taken, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 0)
        die("recv from the proxy");
    if (n == 0) {
        upstream_ended(c);
        return;
    }
    mine->payload += n;
    mine->operations++;
}

static void sender_ready(struct client *c, uint32_t events) {
    (void) events;
    for (int i = 0; i < TURN; i++) {
        ssize_t n = send(c->fd, block, options.size, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            die("send");
        sent += n;
        if (n < (ssize_t) options.size)
            return;
    }
}

void start_relay(void) {
    if (options.size > CHUNK)
        wrong("at most %d bytes a block", CHUNK);
    listen_upstream(taker_ready);
    for (int i = 0; i < options.connections; i++) {
        struct client *c = calloc(1, sizeof *c);
        if (!c)
            die("calloc");
        c->ready = sender_ready;
        c->stop = client_finish;
        client_open(c, connect_to(options.path), EPOLLOUT);
        client_counts(c);
    }
}

void check_relay(void) {
    if (mine->payload != sent && !options.abrupt)
        wrong("%llu bytes came through of %llu", (unsigned long long) mine->payload, (unsigned long long) sent);
}
