/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Handles passed by libuv: each comes as a handle of the loop and goes back by uv_write2.
 */
#include "libuv.h"

#include <stdlib.h>

/* A handle that was received, and the request that sends it back. Kept in a free list. */
struct passed {
    uv_pipe_t pipe;
    uv_write_t write;
    struct conn *from;
    struct passed *next;
};

static struct passed *unused;
static char one_byte[1] = {'h'};

static void passed_closed(uv_handle_t *handle) {
    struct passed *p = (struct passed *) handle;
    p->next = unused;
    unused = p;
}

static void sent_back(uv_write_t *req, int status) {
    struct passed *p = req->data;
    uv_close((uv_handle_t *) p, passed_closed);
    if (status < 0)
        conn_close(p->from);
}

static void handle_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
    struct conn *c = (struct conn *) stream;
    if (buf->base)
        block_free(block_of(buf->base));
    if (n < 0) {
        conn_close(c);
        return;
    }
    while (uv_pipe_pending_count(&c->pipe) > 0) {
        struct passed *p = unused;
        if (p)
            unused = p->next;
        else if (!(p = malloc(sizeof *p)))
            check(UV_ENOMEM, "malloc");
        check(uv_pipe_init(loop, &p->pipe, 0), "uv_pipe_init");
        check(uv_accept(stream, (uv_stream_t *) p), "uv_accept");
        p->from = c;
        p->write.data = p;
        uv_buf_t byte = uv_buf_init(one_byte, 1);
        check(uv_write2(&p->write, stream, &byte, 1, (uv_stream_t *) p, sent_back), "uv_write2");
    }
}

static void handle_accepted(struct conn *c) {
    uv_read_start((uv_stream_t *) c, allocate, handle_read);
}

const struct work handle_work = {"handles", handle_accepted, sizeof(struct conn), true, NULL, false};
