/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Passes descriptors as plain C programs do, for the tests of Panpipe, and tells how this system lays out the structures
 * that this takes. It shares no line with the library.
 *
 *   handles send PATH             connects and sends descriptors in several ways, waits for one byte
 *   handles receive PATH SIZE     connects, receives SIZE bytes at a time until the end, prints what came
 *   handles layouts               prints sizes and offsets
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST = 253, LONG = 200000 };

static void fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static int check(int result, const char *what) {
    if (result < 0) {
        fail(what);
    }
    return result;
}

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int fd = check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    check(connect(fd, (struct sockaddr *)&address, sizeof address), "connect");
    return fd;
}

static int memory_file(const char *content) {
    int fd = check(memfd_create("handles-c", 0), "memfd_create");
    check(write(fd, content, strlen(content)), "write");
    return fd;
}

/* Sends bytes with descriptors, in so many control messages; returns how many bytes went. */
static ssize_t send_with(int to, const void *bytes, size_t length, const int *fds, int count, int messages) {
    union {
        struct cmsghdr head;
        char bytes[1024];
    } control;
    struct iovec vector = {.iov_base = (void *)bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.bytes};
    size_t each = (size_t)(count / messages) * sizeof(int);
    message.msg_controllen = (size_t)messages * CMSG_SPACE(each);
    memset(&control, 0, sizeof control);
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    for (int i = 0; i < messages; i++, head = CMSG_NXTHDR(&message, head)) {
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(each);
        memcpy(CMSG_DATA(head), (const char *)fds + (size_t)i * each, each);
    }
    ssize_t sent = sendmsg(to, &message, MSG_NOSIGNAL);
    check((int)sent, "sendmsg");
    return sent;
}

static void send_all(int to, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t sent = write(to, bytes, length);
        check((int)sent, "write");
        bytes += sent;
        length -= (size_t)sent;
    }
}

static int do_send(const char *path) {
    int to = connect_to(path);
    int several[3] = {memory_file("one"), memory_file("two"), memory_file("three")};
    send_with(to, "hello", 5, several, 3, 1);
    send_all(to, "plain", 5);
    int two[2] = {memory_file("four"), memory_file("five")};
    send_with(to, "!", 1, two, 2, 2);
    char *bytes = malloc(LONG);
    for (int i = 0; i < LONG; i++) {
        bytes[i] = (char)('a' + i % 26);
    }
    int last = memory_file("six");
    ssize_t sent = send_with(to, bytes, LONG, &last, 1, 1);
    send_all(to, bytes + sent, LONG - (size_t)sent);
    char done;
    return read(to, &done, 1) == 1 && done == 'k' ? 0 : 2;
}

static void print_content(int fd) {
    char content[1024];
    ssize_t length = pread(fd, content, sizeof content - 1, 0);
    content[check((int)length, "pread")] = 0;
    printf("file %s", content);
}

static void print_socket(int fd) {
    int domain, type, listens;
    socklen_t size = sizeof domain;
    check(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size), "SO_DOMAIN");
    check(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size), "SO_TYPE");
    check(getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size), "SO_ACCEPTCONN");
    printf("%s", domain == AF_UNIX ? "unix" : type == SOCK_STREAM ? "tcp" : "udp");
    if (listens) {
        printf(" listening");
    }
    if (domain == AF_INET) {
        struct sockaddr_in address;
        size = sizeof address;
        check(getsockname(fd, (struct sockaddr *)&address, &size), "getsockname");
        printf(" %d", ntohs(address.sin_port));
    }
}

static void print_descriptor(int fd) {
    struct stat status;
    check(fstat(fd, &status), "fstat");
    if (S_ISREG(status.st_mode)) {
        print_content(fd);
    } else if (S_ISSOCK(status.st_mode)) {
        print_socket(fd);
    } else {
        printf("other %o", (unsigned)status.st_mode & S_IFMT);
    }
    printf("\n");
    close(fd);
}

static int do_receive(const char *path, size_t size) {
    int from = connect_to(path);
    char *bytes = malloc(size);
    size_t at = 0;
    for (;;) {
        char control[CMSG_SPACE(MOST * sizeof(int))];
        struct iovec vector = {.iov_base = bytes, .iov_len = size};
        struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control};
        message.msg_controllen = sizeof control;
        ssize_t length = recvmsg(from, &message, 0);
        if (check((int)length, "recvmsg") == 0) {
            printf("end at %zu\n", at);
            return 0;
        }
        if (message.msg_flags & MSG_CTRUNC) {
            printf("truncated\n");
        }
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        for (; head != NULL; head = CMSG_NXTHDR(&message, head)) {
            int count = (int)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
            for (int i = 0; i < count; i++) {
                int fd;
                memcpy(&fd, CMSG_DATA(head) + (size_t)i * sizeof fd, sizeof fd);
                printf("in %zu-%zu ", at, at + (size_t)length);
                print_descriptor(fd);
            }
        }
        at += (size_t)length;
    }
}

#define SIZE(type) printf(#type " %zu\n", sizeof(struct type))
#define FIELD(type, field) printf(#type "." #field " %zu\n", offsetof(struct type, field))

static int do_layouts(void) {
    SIZE(cmsghdr);
    FIELD(cmsghdr, cmsg_len);
    FIELD(cmsghdr, cmsg_level);
    FIELD(cmsghdr, cmsg_type);
    SIZE(sockaddr_in);
    FIELD(sockaddr_in, sin_family);
    FIELD(sockaddr_in, sin_port);
    FIELD(sockaddr_in, sin_addr);
    SIZE(sockaddr_in6);
    FIELD(sockaddr_in6, sin6_family);
    FIELD(sockaddr_in6, sin6_port);
    FIELD(sockaddr_in6, sin6_flowinfo);
    FIELD(sockaddr_in6, sin6_addr);
    FIELD(sockaddr_in6, sin6_scope_id);
    SIZE(ip_mreqn);
    FIELD(ip_mreqn, imr_multiaddr);
    FIELD(ip_mreqn, imr_address);
    FIELD(ip_mreqn, imr_ifindex);
    SIZE(ipv6_mreq);
    FIELD(ipv6_mreq, ipv6mr_multiaddr);
    FIELD(ipv6_mreq, ipv6mr_interface);
    SIZE(msghdr);
    FIELD(msghdr, msg_name);
    FIELD(msghdr, msg_namelen);
    FIELD(msghdr, msg_iov);
    FIELD(msghdr, msg_iovlen);
    FIELD(msghdr, msg_control);
    FIELD(msghdr, msg_controllen);
    FIELD(msghdr, msg_flags);
    SIZE(iovec);
    FIELD(iovec, iov_base);
    FIELD(iovec, iov_len);
    printf("CMSG_LEN(0) %zu\n", (size_t)CMSG_LEN(0));
    printf("CMSG_SPACE(4*253) %zu\n", (size_t)CMSG_SPACE(4 * MOST));
    printf("SCM_RIGHTS %d\n", SCM_RIGHTS);
    printf("MSG_CTRUNC %d\n", MSG_CTRUNC);
    return 0;
}

int main(int count, char **arguments) {
    if (count == 3 && strcmp(arguments[1], "send") == 0) {
        return do_send(arguments[2]);
    }
    if (count == 4 && strcmp(arguments[1], "receive") == 0) {
        return do_receive(arguments[2], (size_t)atol(arguments[3]));
    }
    if (count == 2 && strcmp(arguments[1], "layouts") == 0) {
        return do_layouts();
    }
    fprintf(stderr, "usage: handles send PATH | receive PATH SIZE | layouts\n");
    return 64;
}
