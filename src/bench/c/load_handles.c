/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors that go to the server and come back.
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

union control {
    char bytes[CMSG_SPACE(4 * sizeof(int))];
    struct cmsghdr align;
};

/* The socket that is passed, over and over. */
static int passed[2];
static ino_t passed_inode;

static void pass(struct client *c) {
    char byte = 'h';
    struct iovec one = {.iov_base = &byte, .iov_len = 1};
    union control control;
    struct msghdr message = {
        .msg_iov = &one, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = CMSG_SPACE(sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &passed[0], sizeof(int));
    if (sendmsg(c->fd, &message, MSG_NOSIGNAL) != 1)
        die("sendmsg");
}

static void check_passed(struct msghdr *message, ssize_t n) {
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (n != 1 || !header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int)))
        wrong("%zd bytes came back, %s one descriptor", n, header ? "not with" : "without");
    int fd;
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    struct stat status;
    if (options.verify && (fstat(fd, &status) || status.st_ino != passed_inode))
        wrong("another descriptor came back");
    close(fd);
}

static void handle_ready(struct client *c, uint32_t events) {
    (void) events;
    char bytes[2];
    struct iovec data = {.iov_base = bytes, .iov_len = sizeof bytes};
    union control control;
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t n = recvmsg(c->fd, &message, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EAGAIN)
        return;
    check_passed(&message, n);
    mine->operations++;
    mine->payload++;
    if (shared->running)
        pass(c);
    else
        client_finish(c);
}

static void handle_stop(struct client *c) {
    (void) c;
}

void start_handles(void) {
    struct stat status;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, passed) || fstat(passed[0], &status))
        die("socketpair");
    passed_inode = status.st_ino;
    for (int i = 0; i < options.connections; i++) {
        struct client *c = calloc(1, sizeof *c);
        if (!c)
            die("calloc");
        c->ready = handle_ready;
        c->stop = handle_stop;
        client_open(c, connect_to(options.path), EPOLLIN);
        client_counts(c);
        pass(c);
    }
}
