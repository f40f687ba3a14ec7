/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * A proxy of libuv: what one side sends goes to the other, and a side is not read while the other has no room.
 */
#include "libuv.h"

#include <stdlib.h>

struct side {
    struct conn conn;
    struct side *other;
    uv_connect_t connect;
    uv_shutdown_t shutdown;
};

static void side_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static void close_both(struct side *s) {
    conn_close(&s->other->conn);
    conn_close(&s->conn);
}

static void side_written(uv_write_t *req, int status) {
    struct side *s = (struct side *) req->handle;
    block_free(req->data);
    s->conn.writing--;
    if (status == UV_ECANCELED)
        return;
    if (status < 0)
        close_both(s);
    else if (!s->other->conn.ended)
        uv_read_start((uv_stream_t *) s->other, allocate, side_read);
}

static void side_shut(uv_shutdown_t *req, int status) {
    struct side *s = (struct side *) req->handle;
    if (status == UV_ECANCELED)
        return;
    /* What this side sent has ended too, and all that was meant for it is out. */
    if (status < 0 || s->conn.ended)
        close_both(s);
}

static void side_ended(struct side *s) {
    s->conn.ended = true;
    uv_read_stop((uv_stream_t *) s);
    check(uv_shutdown(&s->other->shutdown, (uv_stream_t *) s->other, side_shut), "uv_shutdown");
}

static void side_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
    struct side *s = (struct side *) stream;
    struct block *b = buf->base ? block_of(buf->base) : NULL;
    if (n > 0) {
        bool failed;
        if (send_block(&s->other->conn, b, n, side_written, &failed))
            uv_read_stop(stream);
        else if (failed)
            close_both(s);
        return;
    }
    if (b)
        block_free(b);
    if (n == UV_EOF)
        side_ended(s);
    else if (n < 0)
        close_both(s);
}

static void connected(uv_connect_t *req, int status) {
    struct side *upstream = (struct side *) req->handle;
    check(status, "upstream");
    uv_read_start((uv_stream_t *) upstream, allocate, side_read);
    uv_read_start((uv_stream_t *) upstream->other, allocate, side_read);
}

static void proxy_accepted(struct conn *c) {
    struct side *client = (struct side *) c;
    struct side *upstream = calloc(1, sizeof *upstream);
    if (!upstream || !upstream_path)
        check(UV_EINVAL, "upstream");
    check(uv_pipe_init(loop, &upstream->conn.pipe, 0), "uv_pipe_init");
    client->other = upstream;
    upstream->other = client;
    uv_pipe_connect(&upstream->connect, &upstream->conn.pipe, upstream_path, connected);
}

const struct work proxy_work = {"proxy", proxy_accepted, sizeof(struct side), false, NULL, false};
