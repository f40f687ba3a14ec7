/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Closed loops of messages: echo, alone or among idle connections, and a byte that is answered by many small writes.
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define WRITES 1000
#define WRITE_SIZE 16
#define CHUNK 65536

struct echo {
    struct client client;
    char *message;
    size_t sent, received;
    uint64_t number, sent_at;
};

static char incoming[CHUNK];

/* ---- echo ---- */

static void send_message(struct echo *e) {
    ssize_t n = send(e->client.fd, e->message + e->sent, options.size - e->sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN)
        die("send");
    if (n > 0)
        e->sent += n;
    client_watch(&e->client, e->sent < options.size ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void next_message(struct echo *e) {
    e->sent = e->received = 0;
    e->number++;
    memcpy(e->message, &e->number, options.size < sizeof e->number ? options.size : sizeof e->number);
    if (options.latency)
        e->sent_at = now_ns();
    send_message(e);
}

static void check_echo(struct echo *e, size_t n) {
    if (e->received + n > e->sent)
        wrong("%zu bytes back of %zu sent", e->received + n, e->sent);
    /* The beginning differs from message to message and is compared always. */
    size_t compare = options.verify ? n : e->received < sizeof e->number ? sizeof e->number - e->received : 0;
    if (compare > n)
        compare = n;
    if (memcmp(incoming, e->message + e->received, compare))
        wrong("message %llu came back changed", (unsigned long long) e->number);
}

static void echo_ready(struct client *c, uint32_t events) {
    struct echo *e = (struct echo *) c;
    if (events & EPOLLOUT && e->sent < options.size)
        send_message(e);
    if (!(events & ~EPOLLOUT))
        return;
    size_t room = options.size - e->received;
    ssize_t n = recv(c->fd, incoming, room < CHUNK ? room : CHUNK, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        wrong("the server closed a connection: %s", n ? strerror(errno) : "end of stream");
    check_echo(e, n);
    e->received += n;
    if (e->received < options.size)
        return;
    if (options.latency)
        record_latency(now_ns() - e->sent_at);
    mine->operations++;
    mine->payload += options.size;
    if (shared->running)
        next_message(e);
    else
        client_finish(c);
}

/* A message is always under way, and its answer ends the connection. */
static void echo_stop(struct client *c) {
    (void) c;
}

static struct echo *echo_open(int fd) {
    struct echo *e = calloc(1, sizeof *e);
    if (!e || !(e->message = malloc(options.size)))
        die("malloc");
    for (size_t i = 0; i < options.size; i++)
        e->message[i] = (char) ('a' + (i * 7 + fd) % 26);
    e->client.ready = echo_ready;
    e->client.stop = echo_stop;
    client_open(&e->client, fd, EPOLLIN);
    client_counts(&e->client);
    return e;
}

void start_echo(void) {
    struct echo **all = calloc(options.connections, sizeof *all);
    for (int i = 0; i < options.connections; i++)
        all[i] = echo_open(connect_to(options.path));
    for (int i = 0; i < options.connections; i++)
        next_message(all[i]);
    free(all);
}

/* ---- many idle connections ---- */

static void idle_ready(struct client *c, uint32_t events) {
    (void) c;
    wrong("an idle connection reports %x", events);
}

static struct client *idle_open(int fd) {
    struct client *c = calloc(1, sizeof *c);
    if (!c)
        die("calloc");
    c->ready = idle_ready;
    c->stop = client_finish;
    client_open(c, fd, EPOLLIN);
    client_counts(c);
    return c;
}

void start_idle(void) {
    struct echo **speaking = calloc(options.connections, sizeof *speaking);
    int spoke = 0, each = options.idle / options.connections;
    for (int i = 0; i < options.idle; i++) {
        int fd = connect_to(options.path);
        if (spoke < options.connections && i % each == each - 1)
            speaking[spoke++] = echo_open(fd);
        else
            idle_open(fd);
    }
    if (spoke < options.connections)
        wrong("%d connections cannot speak among %d", options.connections, options.idle);
    for (int i = 0; i < spoke; i++)
        next_message(speaking[i]);
    free(speaking);
}

/* Sends a byte on each connection and waits for all the echoes, which say that the server has accepted these and all before. */
static void round_trips(const int *fds, int count) {
    char byte = 'r';
    struct epoll_event event = {.events = EPOLLIN};
    int waiter = epoll_create1(EPOLL_CLOEXEC);
    if (waiter < 0)
        die("epoll_create1");
    for (int i = 0; i < count; i++) {
        event.data.fd = fds[i];
        if (epoll_ctl(waiter, EPOLL_CTL_ADD, fds[i], &event) || send(fds[i], &byte, 1, MSG_NOSIGNAL) != 1)
            die("round trip");
    }
    /* One byte is read of each, so that none is ready twice, unless the server sends more than it was asked for. */
    for (int i = 0; i < count; i++) {
        if (epoll_wait(waiter, &event, 1, 10000) != 1 || recv(event.data.fd, &byte, 1, 0) != 1 || byte != 'r')
            wrong("no echo");
    }
    close(waiter);
}

static void wait_for_line(void) {
    for (int c; (c = getchar()) != '\n';) {
        if (c == EOF)
            exit(0);
    }
}

/* Connects, says so, waits for a line, speaks once on each connection, says so, and waits for the end of its input. */
void hold(void) {
    int *fds = calloc(options.idle, sizeof *fds);
    for (int i = 0; i < options.idle; i++)
        fds[i] = connect_to(options.path);
    /* A server that accepts in another order is done a little later. */
    round_trips(fds, 1);
    round_trips(fds + options.idle - 1, 1);
    puts("connected");
    fflush(stdout);
    wait_for_line();
    round_trips(fds, options.idle);
    puts("spoken");
    fflush(stdout);
    wait_for_line();
}

/* ---- a byte, and many small writes in answer ---- */

/* What each of the writes is to be. */
static const char small[WRITE_SIZE] = "0123456789abcde";

static void ask(struct echo *e) {
    e->received = 0;
    if (send(e->client.fd, "w", 1, MSG_NOSIGNAL) != 1)
        die("send");
}

static void writes_ready(struct client *c, uint32_t events) {
    (void) events;
    struct echo *e = (struct echo *) c;
    ssize_t n = recv(c->fd, incoming, sizeof incoming, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        wrong("the server closed a connection: %s", n ? strerror(errno) : "end of stream");
    if (options.verify) {
        for (ssize_t i = 0; i < n; i++) {
            if (incoming[i] != small[(e->received + i) % WRITE_SIZE])
                wrong("byte %zu of an answer is %d", e->received + i, incoming[i]);
        }
    }
    e->received += n;
    mine->payload += n;
    if (e->received > WRITES * WRITE_SIZE)
        wrong("%zu bytes in answer", e->received);
    if (e->received < WRITES * WRITE_SIZE)
        return;
    mine->operations += WRITES;
    if (shared->running)
        ask(e);
    else
        client_finish(c);
}

void start_writes(void) {
    for (int i = 0; i < options.connections; i++) {
        struct echo *e = calloc(1, sizeof *e);
        if (!e)
            die("calloc");
        e->client.ready = writes_ready;
        e->client.stop = echo_stop;
        client_open(&e->client, connect_to(options.path), EPOLLIN);
        client_counts(&e->client);
        ask(e);
    }
}

/* ---- connections that last for two bytes ---- */

static void connect_next(struct client *c) {
    client_open(c, connect_to(options.path), EPOLLIN);
    if (send(c->fd, "ab", 2, MSG_NOSIGNAL) != 2)
        die("send");
}

static void connect_ready(struct client *c, uint32_t events) {
    (void) events;
    char two[3];
    ssize_t n = recv(c->fd, two, sizeof two, 0);
    if (n != 2 || memcmp(two, "ab", 2))
        wrong("%zd bytes of 2: %s", n, n < 0 ? strerror(errno) : "");
    mine->operations++;
    mine->payload += n;
    if (!shared->running) {
        client_finish(c);
        return;
    }
    close(c->fd);
    connect_next(c);
}

void start_connect(void) {
    for (int i = 0; i < options.connections; i++) {
        struct client *c = calloc(1, sizeof *c);
        if (!c)
            die("calloc");
        c->ready = connect_ready;
        c->stop = echo_stop;
        client_counts(c);
        connect_next(c);
    }
}
