/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Echoes of which several are under way on each connection: for every answer the next message is sent, those of several
 * answers by one call.
 */
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define CHUNK 65536

struct pipelined {
    struct client client;
    /* As many messages as may be under way, which are alike but for the number at their beginning. */
    char *messages;
    /* The one that is expected next, and how much of it has come. */
    char *expected;
    size_t received;
    uint64_t sent, answered;
};

static char incoming[CHUNK];

static void number(char *message, uint64_t n) {
    memcpy(message, &n, options.size < sizeof n ? options.size : sizeof n);
}

static void send_next(struct pipelined *p, int count) {
    for (int i = 0; i < count; i++)
        number(p->messages + i * options.size, ++p->sent);
    ssize_t length = count * options.size;
    /* There is always room for what may be under way. */
    if (send(p->client.fd, p->messages, length, MSG_NOSIGNAL) != length)
        die("send");
}

/* Compares with the message that is due, and returns how many are complete. */
static int check_answers(struct pipelined *p, const char *at, size_t n) {
    int complete = 0;
    while (n) {
        if (p->received == 0)
            number(p->expected, p->answered + 1);
        size_t part = options.size - p->received < n ? options.size - p->received : n;
        /* The beginning differs from message to message and is compared always. */
        if ((options.verify || p->received == 0) && memcmp(at, p->expected + p->received, part))
            wrong("message %llu came back changed", (unsigned long long) p->answered + 1);
        p->received += part;
        at += part;
        n -= part;
        if (p->received == options.size) {
            p->received = 0;
            p->answered++;
            complete++;
        }
    }
    return complete;
}

static void pipelined_ready(struct client *c, uint32_t events) {
    (void) events;
    struct pipelined *p = (struct pipelined *) c;
    ssize_t n = recv(c->fd, incoming, sizeof incoming, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        wrong("the server closed a connection: %s", n ? strerror(errno) : "end of stream");
    int complete = check_answers(p, incoming, n);
    if (p->answered > p->sent)
        wrong("%llu answers", (unsigned long long) p->answered);
    mine->operations += complete;
    mine->payload += complete * options.size;
    if (shared->running)
        send_next(p, complete);
    else if (p->answered == p->sent)
        client_finish(c);
}

/* Messages are always under way, and the answer to the last ends the connection. */
static void pipelined_stop(struct client *c) {
    (void) c;
}

void start_pipelined(void) {
    for (int i = 0; i < options.connections; i++) {
        struct pipelined *p = calloc(1, sizeof *p);
        if (!p || !(p->messages = malloc((options.flight + 1) * options.size)))
            die("malloc");
        p->expected = p->messages + options.flight * options.size;
        for (size_t at = 0; at < (options.flight + 1) * options.size; at++)
            p->messages[at] = (char) ('a' + (at % options.size * 7 + i) % 26);
        p->client.ready = pipelined_ready;
        p->client.stop = pipelined_stop;
        client_open(&p->client, connect_to(options.path), EPOLLIN);
        client_counts(&p->client);
        send_next(p, options.flight);
    }
}
