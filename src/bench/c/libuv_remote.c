/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Two threads in libuv: answers that a second thread hands to the loop by uv_async_send; and two loops, the second of
 * which gets every second connection.
 */
#include "libuv.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A client that sends more without waiting for its answer is closed. */
#define ANSWER_SIZE 4096

/* ---- a queue between threads ---- */

struct link {
    struct link *next;
};

struct queue {
    uv_mutex_t lock;
    uv_cond_t filled;
    struct link *first, **end;
};

static void queue_init(struct queue *q) {
    check(uv_mutex_init(&q->lock), "uv_mutex_init");
    check(uv_cond_init(&q->filled), "uv_cond_init");
    q->first = NULL;
    q->end = &q->first;
}

static void put(struct queue *q, struct link *item) {
    item->next = NULL;
    uv_mutex_lock(&q->lock);
    *q->end = item;
    q->end = &item->next;
    uv_cond_signal(&q->filled);
    uv_mutex_unlock(&q->lock);
}

static struct link *take_all(struct queue *q, bool wait) {
    uv_mutex_lock(&q->lock);
    while (wait && !q->first)
        uv_cond_wait(&q->filled, &q->lock);
    struct link *all = q->first;
    q->first = NULL;
    q->end = &q->first;
    uv_mutex_unlock(&q->lock);
    return all;
}

static uv_thread_t second;
static uv_async_t wakeup;
static struct queue there, back;

/* ---- answers of a second thread ---- */

struct remote {
    struct conn conn;
    struct link link;
    uv_write_t write;
    size_t length;
    /* With the second thread, or on the way back: not to be closed. */
    bool handed, ended;
    char answer[ANSWER_SIZE];
};

static struct remote *remote_of(struct link *link) {
    return (struct remote *) ((char *) link - offsetof(struct remote, link));
}

static void second_thread(void *unused) {
    (void) unused;
    for (;;) {
        for (struct link *l = take_all(&there, true), *next; l; l = next) {
            next = l->next;
            put(&back, l);
            check(uv_async_send(&wakeup), "uv_async_send");
        }
    }
}

static void remote_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
    (void) suggested;
    struct remote *r = (struct remote *) handle;
    *out = uv_buf_init(r->answer + r->length, sizeof r->answer - r->length);
}

static void remote_close(struct remote *r) {
    r->ended = true;
    if (!r->handed && !r->conn.writing)
        conn_close(&r->conn);
    else
        uv_read_stop((uv_stream_t *) r);
}

static void remote_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
    (void) buf;
    struct remote *r = (struct remote *) stream;
    if (n < 0)
        remote_close(r);
    if (n <= 0)
        return;
    r->length += n;
    if (!r->handed) {
        r->handed = true;
        put(&there, &r->link);
    }
}

static void remote_written(uv_write_t *req, int status) {
    struct remote *r = (struct remote *) req->handle;
    r->conn.writing--;
    r->length = 0;
    if (status < 0 || r->ended)
        remote_close(r);
    else
        uv_read_start((uv_stream_t *) r, remote_allocate, remote_read);
}

static void remote_send(struct remote *r) {
    uv_buf_t buf = uv_buf_init(r->answer, r->length);
    int sent = uv_try_write((uv_stream_t *) r, &buf, 1);
    r->handed = false;
    if (sent == (int) r->length) {
        r->length = 0;
    } else if (sent >= 0 || sent == UV_EAGAIN) {
        int begun = sent < 0 ? 0 : sent;
        buf = uv_buf_init(r->answer + begun, r->length - begun);
        uv_read_stop((uv_stream_t *) r);
        r->conn.writing++;
        check(uv_write(&r->write, (uv_stream_t *) r, &buf, 1, remote_written), "uv_write");
    } else {
        r->ended = true;
    }
    if (r->ended)
        remote_close(r);
}

static void came_back(uv_async_t *async) {
    (void) async;
    for (struct link *l = take_all(&back, false), *next; l; l = next) {
        next = l->next;
        remote_send(remote_of(l));
    }
}

static void remote_accepted(struct conn *c) {
    uv_read_start((uv_stream_t *) c, remote_allocate, remote_read);
}

static void remote_begin(void) {
    queue_init(&there);
    queue_init(&back);
    check(uv_async_init(loop, &wakeup, came_back), "uv_async_init");
    check(uv_thread_create(&second, second_thread, NULL), "uv_thread_create");
}

/* ---- two loops ---- */

struct passed {
    struct link link;
    int fd;
};

static uv_loop_t second_loop;

static void adopt(uv_async_t *async) {
    for (struct link *l = take_all(&there, false), *next; l; l = next) {
        next = l->next;
        struct conn *c = calloc(1, sizeof *c);
        if (!c)
            check(UV_ENOMEM, "calloc");
        check(uv_pipe_init(async->loop, &c->pipe, 0), "uv_pipe_init");
        check(uv_pipe_open(&c->pipe, ((struct passed *) l)->fd), "uv_pipe_open");
        free(l);
        echo_accepted(c);
    }
}

static void run_second(void *unused) {
    (void) unused;
    uv_run(&second_loop, UV_RUN_DEFAULT);
}

static void two_accepted(struct conn *c) {
    static bool to_second;
    to_second = !to_second;
    if (!to_second) {
        echo_accepted(c);
        return;
    }
    /* A handle stays with its loop: a duplicate of the descriptor goes. */
    uv_os_fd_t fd;
    struct passed *p = malloc(sizeof *p);
    if (!p)
        check(UV_ENOMEM, "malloc");
    check(uv_fileno((uv_handle_t *) c, &fd), "uv_fileno");
    p->fd = dup(fd);
    check(p->fd < 0 ? UV_EMFILE : 0, "dup");
    put(&there, &p->link);
    check(uv_async_send(&wakeup), "uv_async_send");
    conn_close(c);
}

static void two_begin(void) {
    queue_init(&there);
    check(uv_loop_init(&second_loop), "uv_loop_init");
    check(uv_async_init(&second_loop, &wakeup, adopt), "uv_async_init");
    check(uv_thread_create(&second, run_second, NULL), "uv_thread_create");
}

const struct work remote_work = {"remote", remote_accepted, sizeof(struct remote), false, remote_begin, false};
const struct work two_work = {"two-loops", two_accepted, sizeof(struct conn), false, two_begin, false};
