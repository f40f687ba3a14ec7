/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * libuv's server of the benchmarks, as a tuned user writes it: read buffers from a free list, uv_try_write first and
 * uv_write for the rest, no allocation per message.
 *
 *     libuv WORK PATH [UPSTREAM]
 *     libuv --version
 */
#include "libuv.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define BACKLOG 4096
/* Blocks sent before the other connections have their turn. */
#define TURN 16

const char *upstream_path;
uv_loop_t *loop;

/* Of this thread: most works have only one. */
static __thread struct block *blocks;
static const struct work *work;
/* Look for events again and again instead of sleeping, as long as there is a client: the processor is also others'. */
static bool busy;
static unsigned open_connections;

void check(int result, const char *what) {
    if (result < 0) {
        fprintf(stderr, "%s: %s\n", what, uv_strerror(result));
        exit(1);
    }
}

/* ---- blocks and connections ---- */

void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
    (void) handle;
    (void) suggested;
    struct block *b = blocks;
    if (b)
        blocks = b->next;
    else if (!(b = malloc(sizeof *b)))
        check(UV_ENOMEM, "malloc");
    *out = uv_buf_init(b->bytes, READ_SIZE);
}

struct block *block_of(const char *bytes) {
    return (struct block *) (bytes - offsetof(struct block, bytes));
}

void block_free(struct block *b) {
    b->next = blocks;
    blocks = b;
}

static void conn_closed(uv_handle_t *handle) {
    open_connections--;
    free(handle);
}

void conn_close(struct conn *c) {
    if (!uv_is_closing((uv_handle_t *) c))
        uv_close((uv_handle_t *) c, conn_closed);
}

bool send_block(struct conn *to, struct block *b, size_t length, uv_write_cb written, bool *failed) {
    uv_buf_t buf = uv_buf_init(b->bytes, length);
    int sent = uv_try_write((uv_stream_t *) to, &buf, 1);
    *failed = sent < 0 && sent != UV_EAGAIN;
    if (*failed || sent == (int) length) {
        block_free(b);
        return false;
    }
    if (sent < 0)
        sent = 0;
    uv_buf_t rest = uv_buf_init(b->bytes + sent, length - sent);
    b->write.data = b;
    to->writing++;
    check(uv_write(&b->write, (uv_stream_t *) to, &rest, 1, written), "uv_write");
    return true;
}

/* ---- echo ---- */

static void echo_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static void echo_written(uv_write_t *req, int status) {
    struct conn *c = (struct conn *) req->handle;
    block_free(req->data);
    c->writing--;
    if (status < 0)
        conn_close(c);
    else if (!uv_is_closing((uv_handle_t *) c))
        uv_read_start((uv_stream_t *) c, allocate, echo_read);
}

static void echo_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
    struct conn *c = (struct conn *) stream;
    struct block *b = buf->base ? block_of(buf->base) : NULL;
    if (n > 0) {
        bool failed;
        if (send_block(c, b, n, echo_written, &failed))
            uv_read_stop(stream);
        else if (failed)
            conn_close(c);
        return;
    }
    if (b)
        block_free(b);
    if (n < 0)
        conn_close(c);
}

void echo_accepted(struct conn *c) {
    uv_read_start((uv_stream_t *) c, allocate, echo_read);
}

/* ---- sink ---- */

static void sink_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
    if (buf->base)
        block_free(block_of(buf->base));
    if (n < 0)
        conn_close((struct conn *) stream);
}

static void sink_accepted(struct conn *c) {
    uv_read_start((uv_stream_t *) c, allocate, sink_read);
}

/* ---- source ---- */

struct source {
    struct conn conn;
    uv_write_t write;
};

static char source_bytes[READ_SIZE];

static void source_write(struct source *s);

static void source_written(uv_write_t *req, int status) {
    struct source *s = (struct source *) req->handle;
    if (status < 0)
        conn_close(&s->conn);
    else if (!uv_is_closing((uv_handle_t *) s))
        source_write(s);
}

static void source_write(struct source *s) {
    uv_buf_t buf = uv_buf_init(source_bytes, READ_SIZE);
    int sent = READ_SIZE;
    for (int i = 0; i < TURN && sent == READ_SIZE; i++)
        sent = uv_try_write((uv_stream_t *) s, &buf, 1);
    if (sent < 0 && sent != UV_EAGAIN) {
        conn_close(&s->conn);
        return;
    }
    /* The rest of the block when there is room again; a whole one if it was enough for this turn. */
    int begun = sent > 0 && sent < READ_SIZE ? sent : 0;
    uv_buf_t rest = uv_buf_init(source_bytes + begun, READ_SIZE - begun);
    check(uv_write(&s->write, (uv_stream_t *) s, &rest, 1, source_written), "uv_write");
}

static void source_accepted(struct conn *c) {
    uv_read_start((uv_stream_t *) c, allocate, sink_read);
    source_write((struct source *) c);
}

/* ---- echo over TCP, and without sleeping ---- */

static void connected(uv_stream_t *listener, int status);

void announce(const char *protocol, const struct sockaddr_in *address) {
    printf("ready %s:%d\n", protocol, ntohs(address->sin_port));
    fflush(stdout);
}

static void tcp_begin(void) {
    static uv_tcp_t listener;
    struct sockaddr_in address;
    int length = sizeof address;
    check(uv_ip4_addr("127.0.0.1", 0, &address), "address");
    check(uv_tcp_init(loop, &listener), "uv_tcp_init");
    check(uv_tcp_bind(&listener, (struct sockaddr *) &address, 0), "uv_tcp_bind");
    check(uv_listen((uv_stream_t *) &listener, BACKLOG, connected), "uv_listen");
    check(uv_tcp_getsockname(&listener, (struct sockaddr *) &address, &length), "uv_tcp_getsockname");
    announce("tcp", &address);
}

static void busy_begin(void) {
    busy = true;
}

/* ---- the server ---- */

static const struct work works[] = {
    {"echo", echo_accepted, sizeof(struct conn), false, NULL, false},
    {"echo-busy", echo_accepted, sizeof(struct conn), false, busy_begin, false},
    {"tcp-echo", echo_accepted, sizeof(struct conn), false, tcp_begin, true},
    {"sink", sink_accepted, sizeof(struct conn), false, NULL, false},
    {"source", source_accepted, sizeof(struct source), false, NULL, false},
};

static const struct work *find(const char *name) {
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        if (!strcmp(works[i].name, name))
            return &works[i];
    }
    const struct work *others[] = {
        &handle_work, &proxy_work, &writes_work, &writes_try_work, &writes_gather_work, &writes_copy_work, &remote_work,
        &timers_work, &two_work, &udp_work, &udp_many_work};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!strcmp(others[i]->name, name))
            return others[i];
    }
    return NULL;
}

static void connected(uv_stream_t *listener, int status) {
    check(status, "listen");
    struct conn *c = calloc(1, work->conn_size);
    if (!c)
        check(UV_ENOMEM, "calloc");
    if (work->over_ip)
        check(uv_tcp_init(loop, &c->tcp), "uv_tcp_init");
    else
        check(uv_pipe_init(loop, &c->pipe, work->ipc), "uv_pipe_init");
    check(uv_accept(listener, (uv_stream_t *) c), "uv_accept");
    if (work->over_ip)
        check(uv_tcp_nodelay(&c->tcp, 1), "uv_tcp_nodelay");
    open_connections++;
    work->accepted(c);
}

static void stdin_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
    static char nothing[256];
    (void) handle;
    (void) suggested;
    *out = uv_buf_init(nothing, sizeof nothing);
}

static void stdin_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
    (void) stream;
    (void) buf;
    if (n < 0)
        exit(0);
}

int main(int argc, char **argv) {
    if (argc == 2 && !strcmp(argv[1], "--version")) {
        puts(uv_version_string());
        return 0;
    }
    if (argc < 3 || !(work = find(argv[1]))) {
        fprintf(stderr, "usage: libuv WORK PATH [UPSTREAM]\n");
        return 2;
    }
    upstream_path = argc > 3 ? argv[3] : NULL;
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    loop = uv_default_loop();

    static uv_pipe_t input, listener;
    check(uv_pipe_init(loop, &input, 0), "uv_pipe_init");
    check(uv_pipe_open(&input, 0), "standard input");
    check(uv_read_start((uv_stream_t *) &input, stdin_allocate, stdin_read), "standard input");
    if (work->begin)
        work->begin();
    if (!work->over_ip) {
        check(uv_pipe_init(loop, &listener, 0), "uv_pipe_init");
        check(uv_pipe_bind(&listener, argv[2]), argv[2]);
        check(uv_listen((uv_stream_t *) &listener, BACKLOG, connected), argv[2]);
        puts("ready");
        fflush(stdout);
    }
    while (busy)
        uv_run(loop, open_connections ? UV_RUN_NOWAIT : UV_RUN_ONCE);
    return uv_run(loop, UV_RUN_DEFAULT);
}
