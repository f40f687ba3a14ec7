/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Both sides of a proxy: clients that wait for their echo, and the echo behind the proxy.
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define CHUNK 65536

/* A connection that the proxy made, and what it did not yet take back. */
struct upstream {
    struct client client;
    char kept[CHUNK];
    size_t from, to;
};

static struct client listener;

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
            if (running)
                wrong("the proxy closed a connection");
            if (options.abrupt)
                client_watch(c, 0);
            else
                client_ended(c);
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
        u->client.ready = upstream_ready;
        u->client.stop = upstream_stop;
        client_open(&u->client, fd, EPOLLIN);
        /* A proxy that was left abruptly need not end what it has here. */
        if (!options.abrupt)
            client_counts(&u->client);
    }
}

void start_proxy(void) {
    if (!options.upstream)
        wrong("where is the upstream?");
    listener.ready = listener_ready;
    client_open(&listener, listen_at(options.upstream), EPOLLIN);
    start_echo();
}
