/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The floor of an echo over UDP: a call for each datagram that comes and one for each that goes; and as many as there are
 * by one call, recvmmsg and sendmmsg.
 */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Datagrams, before something else has its turn: as many as in libuv. */
#define TURN 32
/* As much as one datagram may have, in the work of many by one call; the buffer has room for a turn. */
#define DATAGRAM_SIZE 2048

static void udp_ready(struct conn *c, uint32_t events) {
    (void) events;
    for (int i = 0; i < TURN; i++) {
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        ssize_t n = recvfrom(c->fd, buffer, sizeof buffer, 0, (struct sockaddr *) &from, &length);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            die("recvfrom");
        /* A client has one datagram under way: there is room. */
        if (sendto(c->fd, buffer, n, 0, (struct sockaddr *) &from, length) != n)
            die("sendto");
    }
}

static void udp_many_ready(struct conn *c, uint32_t events) {
    (void) events;
    struct sockaddr_in from[TURN];
    struct iovec data[TURN];
    struct mmsghdr messages[TURN];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < TURN; i++) {
        data[i] = (struct iovec) {.iov_base = buffer + i * DATAGRAM_SIZE, .iov_len = DATAGRAM_SIZE};
        messages[i].msg_hdr = (struct msghdr) {
            .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &data[i], .msg_iovlen = 1};
    }
    int n = recvmmsg(c->fd, messages, TURN, 0, NULL);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 0)
        die("recvmmsg");
    for (int i = 0; i < n; i++)
        data[i].iov_len = messages[i].msg_len;
    if (sendmmsg(c->fd, messages, n, 0) != n)
        die("sendmmsg");
}

static void udp_open(void (*ready)(struct conn *, uint32_t)) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof address))
        die("UDP");
    conn_open(sizeof(struct conn), fd, ready, EPOLLIN);
    announce("udp", fd);
}

static void udp_begin(void) {
    udp_open(udp_ready);
}

static void udp_many_begin(void) {
    udp_open(udp_many_ready);
}

const struct work udp_work = {"udp-echo", NULL, udp_begin, true};
const struct work udp_many_work = {"udp-echo-many", NULL, udp_many_begin, true};
