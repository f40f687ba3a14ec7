/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * An echo by libuv in which each message puts off a timer of its connection, which would close that.
 */
#include "libuv.h"

#include <stdlib.h>

#define SILENCE_MS 10000

struct watched {
    struct conn conn;
    uv_timer_t silence;
    unsigned open_handles;
};

static void closed(uv_handle_t *handle) {
    struct watched *w = handle->data;
    if (--w->open_handles == 0)
        free(w);
}

static void watched_close(struct watched *w) {
    if (uv_is_closing((uv_handle_t *) w))
        return;
    uv_close((uv_handle_t *) w, closed);
    uv_close((uv_handle_t *) &w->silence, closed);
}

static void silent(uv_timer_t *timer) {
    watched_close(timer->data);
}

static void watched_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static void watched_written(uv_write_t *req, int status) {
    struct watched *w = (struct watched *) req->handle;
    block_free(req->data);
    w->conn.writing--;
    if (status < 0)
        watched_close(w);
    else if (!uv_is_closing((uv_handle_t *) w))
        uv_read_start((uv_stream_t *) w, allocate, watched_read);
}

static void watched_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
    struct watched *w = (struct watched *) stream;
    struct block *b = buf->base ? block_of(buf->base) : NULL;
    if (n > 0) {
        bool failed;
        check(uv_timer_again(&w->silence), "uv_timer_again");
        if (send_block(&w->conn, b, n, watched_written, &failed))
            uv_read_stop(stream);
        else if (failed)
            watched_close(w);
        return;
    }
    if (b)
        block_free(b);
    if (n < 0)
        watched_close(w);
}

static void watched_accepted(struct conn *c) {
    struct watched *w = (struct watched *) c;
    w->conn.pipe.data = w->silence.data = w;
    w->open_handles = 2;
    check(uv_timer_init(loop, &w->silence), "uv_timer_init");
    check(uv_timer_start(&w->silence, silent, SILENCE_MS, SILENCE_MS), "uv_timer_start");
    uv_read_start((uv_stream_t *) c, allocate, watched_read);
}

const struct work timers_work = {"timers", watched_accepted, sizeof(struct watched), false, NULL, false};
