/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the works of the floor share: connections that epoll reports, and the bytes that they could not send at once.
 */
#ifndef FLOOR_H
#define FLOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define READ_SIZE 65536

/* A descriptor in epoll, and what is to be done when it is ready. Works put it first in structures of their own. */
struct conn {
    void (*ready)(struct conn *, uint32_t events);
    int fd;
    uint32_t interest;
    /* Bytes that the socket had no room for; while there are any, nothing is read. */
    char *pending;
    size_t pending_at;
    size_t pending_end;
    /* Writes that are still to be made (works of small writes). */
    uint64_t owed;
    struct conn *next_dead;
};

struct work {
    const char *name;
    /* Makes the connection of an accepted socket. */
    void (*accepted)(int fd);
    /* Called once before the first event. */
    void (*begin)(void);
    /* Whether begin opens and announces a socket in the place of the one at the path. */
    bool over_ip;
};

extern const struct work handle_work, proxy_work, proxy_splice_work, remote_work, udp_work, udp_many_work;
extern const char *upstream_path;
/* The one read buffer of a thread. */
extern __thread char buffer[READ_SIZE];

/* A connection in epoll, of `size` bytes, all of them zero but those of struct conn. */
void *conn_open(size_t size, int fd, void (*ready)(struct conn *, uint32_t), uint32_t interest);
void conn_watch(struct conn *c, uint32_t interest);
/* Closes the descriptor now and frees the memory when the events at hand are done. */
void conn_close(struct conn *c);
/* Sends what it can and keeps the rest; 0, or -1 if the connection broke. */
int conn_send(struct conn *c, const char *bytes, size_t length);
/* Sends what was kept; 1 if nothing is left, 0 if there is no room, -1 if the connection broke. */
int conn_flush(struct conn *c);
/* Tells who started this process to which port of the loopback clients may come. */
void announce(const char *protocol, int fd);
/* Says why and ends the process. */
void die(const char *what);

#endif
