/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The floor of passing handles: each byte that comes with a descriptor goes back with it.
 */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

static void send_back(struct conn *c, char byte, int fd) {
    struct iovec one = {.iov_base = &byte, .iov_len = 1};
    union control control;
    struct msghdr message = {
        .msg_iov = &one, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    /* A client has one message under way: there is always room. */
    ssize_t sent = sendmsg(c->fd, &message, MSG_NOSIGNAL);
    close(fd);
    if (sent != 1)
        conn_close(c);
}

static void handle_ready(struct conn *c, uint32_t events) {
    (void) events;
    char byte;
    struct iovec one = {.iov_base = &byte, .iov_len = 1};
    union control control;
    struct msghdr message = {
        .msg_iov = &one, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t n = recvmsg(c->fd, &message, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EAGAIN)
        return;
    struct cmsghdr *header = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (!header || header->cmsg_type != SCM_RIGHTS) {
        conn_close(c);
        return;
    }
    int fd;
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    send_back(c, byte, fd);
}

static void handle_accepted(int fd) {
    conn_open(sizeof(struct conn), fd, handle_ready, EPOLLIN);
}

const struct work handle_work = {"handles", handle_accepted, NULL, false};
