/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The floor of the benchmarks: the least that a server over a Unix domain socket can do, in bare C with level-triggered
 * epoll, recv and send.
 *
 *     floor WORK PATH [UPSTREAM]
 */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define EVENTS 1024
#define BACKLOG 4096
/* Connections accepted, and blocks sent, before the other connections have their turn. */
#define TURN 16
#define WRITES 1000
#define WRITE_SIZE 16

const char *upstream_path;
char buffer[READ_SIZE];

static int epoll;
static struct conn *dead;
static const struct work *work;

void die(const char *what) {
    perror(what);
    exit(1);
}

/* ---- connections ---- */

void *conn_open(size_t size, int fd, void (*ready)(struct conn *, uint32_t), uint32_t interest) {
    struct conn *c = calloc(1, size);
    if (!c)
        die("calloc");
    c->ready = ready;
    c->fd = fd;
    c->interest = interest;
    struct epoll_event event = {.events = interest, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
        die("epoll_ctl");
    return c;
}

void conn_watch(struct conn *c, uint32_t interest) {
    if (c->interest == interest)
        return;
    c->interest = interest;
    struct epoll_event event = {.events = interest, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event))
        die("epoll_ctl");
}

void conn_close(struct conn *c) {
    close(c->fd);
    free(c->pending);
    /* Another event of this turn may point here. */
    c->fd = -1;
    c->next_dead = dead;
    dead = c;
}

int conn_send(struct conn *c, const char *bytes, size_t length) {
    ssize_t sent = send(c->fd, bytes, length, MSG_NOSIGNAL);
    if (sent == (ssize_t) length)
        return 0;
    if (sent < 0) {
        if (errno != EAGAIN)
            return -1;
        sent = 0;
    }
    c->pending_at = 0;
    c->pending_end = length - sent;
    c->pending = malloc(c->pending_end);
    if (!c->pending)
        die("malloc");
    memcpy(c->pending, bytes + sent, c->pending_end);
    return 0;
}

int conn_flush(struct conn *c) {
    while (c->pending_at < c->pending_end) {
        ssize_t sent = send(c->fd, c->pending + c->pending_at, c->pending_end - c->pending_at, MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN ? 0 : -1;
        c->pending_at += sent;
    }
    free(c->pending);
    c->pending = NULL;
    return 1;
}

/* ---- echo ---- */

static void echo_ready(struct conn *c, uint32_t events) {
    (void) events;
    if (c->pending) {
        int flushed = conn_flush(c);
        if (flushed < 0)
            conn_close(c);
        else if (flushed)
            conn_watch(c, EPOLLIN);
        return;
    }
    ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);
    if (n > 0) {
        if (conn_send(c, buffer, n))
            conn_close(c);
        else if (c->pending)
            conn_watch(c, EPOLLOUT);
    } else if (n == 0 || errno != EAGAIN) {
        conn_close(c);
    }
}

static void echo_accepted(int fd) {
    conn_open(sizeof(struct conn), fd, echo_ready, EPOLLIN);
}

/* ---- sink ---- */

static void sink_ready(struct conn *c, uint32_t events) {
    (void) events;
    ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN))
        conn_close(c);
}

static void sink_accepted(int fd) {
    conn_open(sizeof(struct conn), fd, sink_ready, EPOLLIN);
}

/* ---- source ---- */

static void source_ready(struct conn *c, uint32_t events) {
    if (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) {
        conn_close(c);
        return;
    }
    for (int i = 0; i < TURN; i++) {
        ssize_t n = send(c->fd, buffer, sizeof buffer, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) {
            conn_close(c);
            return;
        }
        /* A short write says that the buffer is full: no second call to hear EAGAIN. */
        if (n < (ssize_t) sizeof buffer)
            return;
    }
}

static void source_accepted(int fd) {
    conn_open(sizeof(struct conn), fd, source_ready, EPOLLOUT | EPOLLRDHUP);
}

/* ---- a thousand small writes a turn, sent as one ---- */

static const char small[WRITE_SIZE] = "0123456789abcde";

static void answer_together(struct conn *c) {
    while (c->owed && !c->pending) {
        for (int i = 0; i < WRITES; i++) {
            memcpy(buffer + i * WRITE_SIZE, small, WRITE_SIZE);
            /* Each of the writes is made: the compiler may not turn them into one. */
            __asm__ volatile("" ::: "memory");
        }
        c->owed--;
        if (conn_send(c, buffer, WRITES * WRITE_SIZE)) {
            conn_close(c);
            return;
        }
    }
    conn_watch(c, c->pending ? EPOLLOUT : EPOLLIN);
}

static void writes_ready(struct conn *c, uint32_t events) {
    (void) events;
    if (c->pending) {
        int flushed = conn_flush(c);
        if (flushed < 0)
            conn_close(c);
        else if (flushed)
            answer_together(c);
        return;
    }
    ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);
    if (n > 0) {
        c->owed += n;
        answer_together(c);
    } else if (n == 0 || errno != EAGAIN) {
        conn_close(c);
    }
}

static void writes_accepted(int fd) {
    conn_open(sizeof(struct conn), fd, writes_ready, EPOLLIN);
}

/* ---- a thousand small writes a turn, each with a system call of its own ---- */

static void writes_each_ready(struct conn *c, uint32_t events) {
    (void) events;
    if (!c->owed) {
        ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            conn_close(c);
        if (n <= 0)
            return;
        c->owed = n * WRITES;
    }
    for (; c->owed; c->owed--) {
        /* The kernel takes so few bytes whole or not at all. */
        if (send(c->fd, small, WRITE_SIZE, MSG_NOSIGNAL) == WRITE_SIZE)
            continue;
        if (errno == EAGAIN)
            break;
        conn_close(c);
        return;
    }
    conn_watch(c, c->owed ? EPOLLOUT : EPOLLIN);
}

static void writes_each_accepted(int fd) {
    conn_open(sizeof(struct conn), fd, writes_each_ready, EPOLLIN);
}

/* ---- the server ---- */

static const struct work works[] = {
    {"echo", echo_accepted},
    {"sink", sink_accepted},
    {"echo-threads", echo_accepted},
    {"source", source_accepted},
    {"writes", writes_accepted},
    {"writes-each", writes_each_accepted},
};

static const struct work *find(const char *name) {
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        if (!strcmp(works[i].name, name))
            return &works[i];
    }
    const struct work *others[] = {&handle_work, &proxy_work, &proxy_splice_work};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!strcmp(others[i]->name, name))
            return others[i];
    }
    return NULL;
}

static void listener_ready(struct conn *listener, uint32_t events) {
    (void) events;
    for (int i = 0; i < TURN; i++) {
        int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno != EAGAIN && errno != ECONNABORTED)
                die("accept4");
            return;
        }
        work->accepted(fd);
    }
}

static void stdin_ready(struct conn *c, uint32_t events) {
    (void) events;
    if (read(c->fd, buffer, sizeof buffer) == 0)
        exit(0);
}

static void listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        die(path);
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof address) || listen(fd, BACKLOG))
        die(path);
    conn_open(sizeof(struct conn), fd, listener_ready, EPOLLIN);
}

static void run(void) {
    struct epoll_event events[EVENTS];
    for (;;) {
        int n = epoll_wait(epoll, events, EVENTS, -1);
        if (n < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < n; i++) {
            struct conn *c = events[i].data.ptr;
            if (c->fd >= 0)
                c->ready(c, events[i].events);
        }
        while (dead) {
            struct conn *c = dead;
            dead = c->next_dead;
            free(c);
        }
    }
}

static void *sleeper(void *unused) {
    for (;;)
        pause();
    return unused;
}

int main(int argc, char **argv) {
    if (argc < 3 || !(work = find(argv[1]))) {
        fprintf(stderr, "usage: floor WORK PATH [UPSTREAM]\n");
        return 2;
    }
    upstream_path = argc > 3 ? argv[3] : NULL;
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        die("epoll_create1");
    conn_open(sizeof(struct conn), 0, stdin_ready, EPOLLIN);
    listen_at(argv[2]);
    /* What any JVM has: with a second thread the kernel counts who uses a descriptor in each call, and the C library makes
       each call a point where its thread could be cancelled. */
    pthread_t second;
    if (!strcmp(argv[1], "echo-threads") && pthread_create(&second, NULL, sleeper, NULL))
        die("pthread_create");
    puts("ready");
    fflush(stdout);
    run();
}
