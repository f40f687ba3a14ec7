/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * A thousand small writes a turn in libuv: by uv_write, its normal write; by uv_try_write; and as a tuned program does it,
 * by one vectored uv_try_write, or by one of a buffer that they were copied to.
 */
#include "libuv.h"

#include <string.h>

#define WRITES 1000
#define WRITE_SIZE 16

struct writer {
    struct conn conn;
    /* Requests used again and again, all of them in one answer. */
    uv_write_t requests[WRITES];
    uint64_t owed;
    /* Answers what is owed, in the way of the work. */
    void (*answer)(struct writer *);
};

static char small[WRITE_SIZE] = "0123456789abcde";

static void written(uv_write_t *req, int status) {
    struct writer *w = (struct writer *) req->handle;
    w->conn.writing--;
    if (status < 0)
        conn_close(&w->conn);
    else if (w->conn.writing == 0 && !uv_is_closing((uv_handle_t *) w))
        w->answer(w);
}

static void write_from(struct writer *w, unsigned already) {
    w->owed--;
    for (unsigned i = already; i < WRITES; i++) {
        uv_buf_t buf = uv_buf_init(small, WRITE_SIZE);
        w->conn.writing++;
        check(uv_write(&w->requests[i], (uv_stream_t *) w, &buf, 1, written), "uv_write");
    }
}

static void answer(struct writer *w) {
    if (w->owed)
        write_from(w, 0);
}

static void answer_trying(struct writer *w) {
    while (w->owed && !w->conn.writing) {
        unsigned made = 0;
        uv_buf_t buf = uv_buf_init(small, WRITE_SIZE);
        while (made < WRITES && uv_try_write((uv_stream_t *) w, &buf, 1) == WRITE_SIZE)
            made++;
        write_from(w, made);
    }
}

/* Where the writes meet: as buffers of their own, or copied into one. */
static uv_buf_t gathered[WRITES];
static char copied[WRITES * WRITE_SIZE];

/* Sends all of `bufs`; what there is no room for is written from them, for their bytes are the same in every answer. */
static void send_together(struct writer *w, uv_buf_t *bufs, unsigned count) {
    int sent = uv_try_write((uv_stream_t *) w, bufs, count);
    if (sent == WRITES * WRITE_SIZE)
        return;
    if (sent < 0 && sent != UV_EAGAIN) {
        conn_close(&w->conn);
        return;
    }
    unsigned at = 0;
    size_t gone = sent < 0 ? 0 : sent;
    while (gone >= bufs[at].len)
        gone -= bufs[at++].len;
    uv_buf_t whole = bufs[at];
    bufs[at] = uv_buf_init(whole.base + gone, whole.len - gone);
    w->conn.writing++;
    check(uv_write(&w->requests[0], (uv_stream_t *) w, bufs + at, count - at, written), "uv_write");
    bufs[at] = whole;
}

static void answer_gathering(struct writer *w) {
    while (w->owed && !w->conn.writing && !uv_is_closing((uv_handle_t *) w)) {
        w->owed--;
        for (int i = 0; i < WRITES; i++) {
            gathered[i] = uv_buf_init(small, WRITE_SIZE);
            /* Each of the writes is made: the compiler may not turn them into one. */
            __asm__ volatile("" ::: "memory");
        }
        send_together(w, gathered, WRITES);
    }
}

static void answer_copying(struct writer *w) {
    while (w->owed && !w->conn.writing && !uv_is_closing((uv_handle_t *) w)) {
        w->owed--;
        for (int i = 0; i < WRITES; i++) {
            memcpy(copied + i * WRITE_SIZE, small, WRITE_SIZE);
            __asm__ volatile("" ::: "memory");
        }
        uv_buf_t one = uv_buf_init(copied, sizeof copied);
        send_together(w, &one, 1);
    }
}

static void writer_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
    struct writer *w = (struct writer *) stream;
    if (buf->base)
        block_free(block_of(buf->base));
    if (n < 0) {
        conn_close(&w->conn);
        return;
    }
    w->owed += n;
    if (w->owed && !w->conn.writing)
        w->answer(w);
}

static void writes_accepted(struct conn *c) {
    ((struct writer *) c)->answer = answer;
    uv_read_start((uv_stream_t *) c, allocate, writer_read);
}

static void writes_try_accepted(struct conn *c) {
    ((struct writer *) c)->answer = answer_trying;
    uv_read_start((uv_stream_t *) c, allocate, writer_read);
}

static void writes_gather_accepted(struct conn *c) {
    ((struct writer *) c)->answer = answer_gathering;
    uv_read_start((uv_stream_t *) c, allocate, writer_read);
}

static void writes_copy_accepted(struct conn *c) {
    ((struct writer *) c)->answer = answer_copying;
    uv_read_start((uv_stream_t *) c, allocate, writer_read);
}

const struct work writes_work = {"writes", writes_accepted, sizeof(struct writer), false, NULL, false};
const struct work writes_try_work = {"writes-try", writes_try_accepted, sizeof(struct writer), false, NULL, false};
const struct work writes_gather_work = {
    "writes-gather", writes_gather_accepted, sizeof(struct writer), false, NULL, false};
const struct work writes_copy_work = {"writes-copy", writes_copy_accepted, sizeof(struct writer), false, NULL, false};
