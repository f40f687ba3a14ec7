/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * An echo over UDP by libuv: received into one buffer, since nothing of it is kept, and sent by uv_udp_try_send; and with
 * many datagrams received by one call (UV_UDP_RECVMMSG).
 */
#include "libuv.h"

#include <stddef.h>

/* libuv gives each datagram 64 KiB, and takes so many by one call at most. */
#define DATAGRAM_SIZE 65536
#define MOST 20

static uv_udp_t udp;
static char input[MOST * DATAGRAM_SIZE];
static size_t input_size = DATAGRAM_SIZE;

static void udp_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
    (void) handle;
    (void) suggested;
    *out = uv_buf_init(input, input_size);
}

static void received(uv_udp_t *from, ssize_t n, const uv_buf_t *buf, const struct sockaddr *sender, unsigned flags) {
    (void) flags;
    check(n, "receive");
    /* Nothing more to read, or the end of many. */
    if (!sender)
        return;
    uv_buf_t answer = uv_buf_init(buf->base, n);
    /* A client has one datagram under way: there is room. */
    check(uv_udp_try_send(from, &answer, 1, sender), "uv_udp_try_send");
}

static void udp_open(unsigned flags) {
    struct sockaddr_in address;
    int length = sizeof address;
    check(uv_ip4_addr("127.0.0.1", 0, &address), "address");
    check(uv_udp_init_ex(loop, &udp, AF_INET | flags), "uv_udp_init_ex");
    check(uv_udp_bind(&udp, (struct sockaddr *) &address, 0), "uv_udp_bind");
    check(uv_udp_recv_start(&udp, udp_allocate, received), "uv_udp_recv_start");
    check(uv_udp_getsockname(&udp, (struct sockaddr *) &address, &length), "uv_udp_getsockname");
    announce("udp", &address);
}

static void udp_begin(void) {
    udp_open(0);
}

static void udp_many_begin(void) {
    input_size = sizeof input;
    udp_open(UV_UDP_RECVMMSG);
}

const struct work udp_work = {"udp-echo", NULL, 0, false, udp_begin, true};
const struct work udp_many_work = {"udp-echo-many", NULL, 0, false, udp_many_begin, true};
