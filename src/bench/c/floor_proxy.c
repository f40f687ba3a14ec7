/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The floor of proxying: what one side sends goes to the other, by recv and send or by splice through a pipe.
 */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* One of the two ends. What it reads goes to the other; what could not be sent is kept with the one it goes to. */
struct side {
    struct conn conn;
    struct side *other;
    bool ended;
    /* The pipe that bytes for this end lie in, when they are spliced, and how many there are. */
    int pipe[2];
    size_t piped;
};

static void close_both(struct side *s) {
    struct side *both[] = {s, s->other};
    for (int i = 0; i < 2; i++) {
        if (both[i]->pipe[0]) {
            close(both[i]->pipe[0]);
            close(both[i]->pipe[1]);
        }
        conn_close(&both[i]->conn);
    }
}

static bool blocked(const struct side *s) {
    return s->conn.pending || s->piped;
}

/* An end is read while its other end takes what it reads, and written while something waits for it. */
static void watch(struct side *s) {
    conn_watch(&s->conn, (!s->ended && !blocked(s->other) ? EPOLLIN : 0) | (blocked(s) ? EPOLLOUT : 0));
}

static void watch_both(struct side *s) {
    watch(s);
    watch(s->other);
}

static void end(struct side *s) {
    s->ended = true;
    shutdown(s->other->conn.fd, SHUT_WR);
    if (s->other->ended)
        close_both(s);
    else
        watch_both(s);
}

static void copy(struct side *s) {
    ssize_t n = recv(s->conn.fd, buffer, sizeof buffer, 0);
    if (n > 0) {
        if (conn_send(&s->other->conn, buffer, n))
            close_both(s);
        else if (s->other->conn.pending)
            watch_both(s);
    } else if (n == 0) {
        end(s);
    } else if (errno != EAGAIN) {
        close_both(s);
    }
}

static void copy_ready(struct conn *c, uint32_t events) {
    struct side *s = (struct side *) c;
    if (c->pending) {
        int flushed = conn_flush(c);
        if (flushed < 0) {
            close_both(s);
            return;
        }
        if (flushed)
            watch_both(s);
    }
    if (!s->ended && !blocked(s->other) && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        copy(s);
}

/* Moves what lies in the pipe to the end it is for; -1 if the connection broke. */
static int drain(struct side *to) {
    while (to->piped) {
        ssize_t n = splice(to->pipe[0], NULL, to->conn.fd, NULL, to->piped, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (n < 0)
            return errno == EAGAIN ? 0 : -1;
        to->piped -= n;
    }
    return 0;
}

static void splice_ready(struct conn *c, uint32_t events) {
    struct side *s = (struct side *) c;
    if (s->piped) {
        if (drain(s)) {
            close_both(s);
            return;
        }
        if (!s->piped)
            watch_both(s);
    }
    if (s->ended || blocked(s->other) || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        return;
    struct side *to = s->other;
    ssize_t n = splice(c->fd, NULL, to->pipe[1], NULL, READ_SIZE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (n > 0) {
        to->piped = n;
        if (drain(to))
            close_both(s);
        else if (to->piped)
            watch_both(s);
    } else if (n == 0) {
        end(s);
    } else if (errno != EAGAIN) {
        close_both(s);
    }
}

static int connect_upstream(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!upstream_path || strlen(upstream_path) >= sizeof address.sun_path) {
        errno = EINVAL;
        die("upstream");
    }
    strcpy(address.sun_path, upstream_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* A Unix domain socket connects at once or not at all. */
    if (fd < 0 || connect(fd, (struct sockaddr *) &address, sizeof address))
        die(upstream_path);
    return fd;
}

static struct side *pair(int fd, void (*ready)(struct conn *, uint32_t)) {
    struct side *client = conn_open(sizeof(struct side), fd, ready, EPOLLIN);
    struct side *upstream = conn_open(sizeof(struct side), connect_upstream(), ready, EPOLLIN);
    client->other = upstream;
    upstream->other = client;
    return client;
}

static void copy_accepted(int fd) {
    pair(fd, copy_ready);
}

static void splice_accepted(int fd) {
    struct side *s = pair(fd, splice_ready);
    if (pipe2(s->pipe, O_NONBLOCK | O_CLOEXEC) || pipe2(s->other->pipe, O_NONBLOCK | O_CLOEXEC))
        die("pipe2");
}

const struct work proxy_work = {"proxy", copy_accepted, NULL, false};
const struct work proxy_splice_work = {"proxy-splice", splice_accepted, NULL, false};
