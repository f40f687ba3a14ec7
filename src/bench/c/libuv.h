/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the works of the libuv server share: connections, and blocks to read into from a free list.
 */
#ifndef BENCH_LIBUV_H
#define BENCH_LIBUV_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#define READ_SIZE 65536

/* A block of memory to read into, and the request that sends it on: nothing is allocated per message. */
struct block {
    char bytes[READ_SIZE];
    uv_write_t write;
    struct block *next;
};

/* A connection; works put it first in structures of their own. */
struct conn {
    union {
        uv_pipe_t pipe;
        uv_tcp_t tcp;
    };
    /* Requests that are not done yet. */
    unsigned writing;
    bool ended;
};

struct work {
    const char *name;
    /* Serves an accepted connection. */
    void (*accepted)(struct conn *c);
    size_t conn_size;
    bool ipc;
    /* Called once before the first event. */
    void (*begin)(void);
    /* Whether begin opens and announces a socket in the place of the one at the path. */
    bool over_ip;
};

extern const struct work handle_work, proxy_work, writes_work, writes_try_work, writes_gather_work, writes_copy_work;
extern const struct work remote_work, timers_work, two_work, udp_work, udp_many_work;
extern const char *upstream_path;
extern uv_loop_t *loop;

void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *out);
struct block *block_of(const char *bytes);
void block_free(struct block *b);
void conn_close(struct conn *c);
/* Tries to send; what there was no room for is written from the block, which the callback gets in `req->data`. False if
   the block is free again: all was sent, or `failed` says that the connection broke. */
bool send_block(struct conn *to, struct block *b, size_t length, uv_write_cb written, bool *failed);
/* Reads and sends back; what serves an accepted connection in several works. */
void echo_accepted(struct conn *c);
/* Tells who started this process to which port of the loopback clients may come. */
void announce(const char *protocol, const struct sockaddr_in *address);
void check(int result, const char *what);

#endif
