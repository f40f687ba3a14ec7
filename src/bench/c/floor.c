/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The floor of the benchmarks: the least that a server over a socket can do, in bare C with level-triggered epoll, recv
 * and send.
 *
 *     floor WORK PATH [UPSTREAM]
 */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define EVENTS 1024
#define BACKLOG 4096
/* Connections accepted, and blocks sent, before the other connections have their turn. */
#define TURN 16
/* Blocks in one call of the work source-gather: more than a socket's buffer takes. */
#define GATHER 4
/* Standard input and the listener are connections, too. */
#define NO_CLIENT 2
#define WRITES 1000
#define WRITE_SIZE 16

const char *upstream_path;
__thread char buffer[READ_SIZE];

/* Of this thread: most works have only one. */
static __thread int epoll;
static __thread struct conn *dead;
static const struct work *work;
/* Ask epoll again and again instead of sleeping in it, as long as there is a client: the processor is also others'. */
static bool busy;
static unsigned open_connections;

void die(const char *what) {
    perror(what);
    exit(1);
}

/* ---- connections ---- */

void *conn_open(size_t size, int fd, void (*ready)(struct conn *, uint32_t), uint32_t interest) {
    struct conn *c = calloc(1, size);
    if (!c)
        die("calloc");
    c->ready = ready;
    c->fd = fd;
    c->interest = interest;
    struct epoll_event event = {.events = interest, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
        die("epoll_ctl");
    open_connections++;
    return c;
}

void conn_watch(struct conn *c, uint32_t interest) {
    if (c->interest == interest)
        return;
    c->interest = interest;
    struct epoll_event event = {.events = interest, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event))
        die("epoll_ctl");
}

void conn_close(struct conn *c) {
    close(c->fd);
    open_connections--;
    free(c->pending);
    /* Another event of this turn may point here. */
    c->fd = -1;
    c->next_dead = dead;
    dead = c;
}

int conn_send(struct conn *c, const char *bytes, size_t length) {
    ssize_t sent = send(c->fd, bytes, length, MSG_NOSIGNAL);
    if (sent == (ssize_t) length)
        return 0;
    if (sent < 0) {
        if (errno != EAGAIN)
            return -1;
        sent = 0;
    }
    c->pending_at = 0;
    c->pending_end = length - sent;
    c->pending = malloc(c->pending_end);
    if (!c->pending)
        die("malloc");
    memcpy(c->pending, bytes + sent, c->pending_end);
    return 0;
}

int conn_flush(struct conn *c) {
    while (c->pending_at < c->pending_end) {
        ssize_t sent = send(c->fd, c->pending + c->pending_at, c->pending_end - c->pending_at, MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN ? 0 : -1;
        c->pending_at += sent;
    }
    free(c->pending);
    c->pending = NULL;
    return 1;
}

/* ---- echo ---- */

static void echo_ready(struct conn *c, uint32_t events) {
    (void) events;
    if (c->pending) {
        int flushed = conn_flush(c);
        if (flushed < 0)
            conn_close(c);
        else if (flushed)
            conn_watch(c, EPOLLIN);
        return;
    }
    ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);
    if (n > 0) {
        if (conn_send(c, buffer, n))
            conn_close(c);
        else if (c->pending)
            conn_watch(c, EPOLLOUT);
    } else if (n == 0 || errno != EAGAIN) {
        conn_close(c);
    }
}

static void echo_accepted(int fd) {
    conn_open(sizeof(struct conn), fd, echo_ready, EPOLLIN);
}

/* ---- sink ---- */

static void sink_ready(struct conn *c, uint32_t events) {
    (void) events;
    ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN))
        conn_close(c);
}

static void sink_accepted(int fd) {
    conn_open(sizeof(struct conn), fd, sink_ready, EPOLLIN);
}

/* ---- source ---- */

static void source_ready(struct conn *c, uint32_t events) {
    if (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) {
        conn_close(c);
        return;
    }
    for (int i = 0; i < TURN; i++) {
        ssize_t n = send(c->fd, buffer, sizeof buffer, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) {
            conn_close(c);
            return;
        }
        /* A short write says that the buffer is full: no second call to hear EAGAIN. */
        if (n < (ssize_t) sizeof buffer)
            return;
    }
}

static void source_accepted(int fd) {
    conn_open(sizeof(struct conn), fd, source_ready, EPOLLOUT | EPOLLRDHUP);
}

/* ---- source, several blocks in a call ---- */

static void source_gather_ready(struct conn *c, uint32_t events) {
    if (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) {
        conn_close(c);
        return;
    }
    struct iovec blocks[GATHER];
    for (int i = 0; i < GATHER; i++)
        blocks[i] = (struct iovec) {.iov_base = buffer, .iov_len = sizeof buffer};
    struct msghdr message = {.msg_iov = blocks, .msg_iovlen = GATHER};
    for (int i = 0; i < TURN / GATHER; i++) {
        ssize_t n = sendmsg(c->fd, &message, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) {
            conn_close(c);
            return;
        }
        if (n < (ssize_t) (GATHER * sizeof buffer))
            return;
    }
}

static void source_gather_accepted(int fd) {
    conn_open(sizeof(struct conn), fd, source_gather_ready, EPOLLOUT | EPOLLRDHUP);
}

/* ---- a thousand small writes a turn, sent as one ---- */

static const char small[WRITE_SIZE] = "0123456789abcde";

static void answer_together(struct conn *c) {
    while (c->owed && !c->pending) {
        for (int i = 0; i < WRITES; i++) {
            memcpy(buffer + i * WRITE_SIZE, small, WRITE_SIZE);
            /* Each of the writes is made: the compiler may not turn them into one. */
            __asm__ volatile("" ::: "memory");
        }
        c->owed--;
        if (conn_send(c, buffer, WRITES * WRITE_SIZE)) {
            conn_close(c);
            return;
        }
    }
    conn_watch(c, c->pending ? EPOLLOUT : EPOLLIN);
}

static void writes_ready(struct conn *c, uint32_t events) {
    (void) events;
    if (c->pending) {
        int flushed = conn_flush(c);
        if (flushed < 0)
            conn_close(c);
        else if (flushed)
            answer_together(c);
        return;
    }
    ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);
    if (n > 0) {
        c->owed += n;
        answer_together(c);
    } else if (n == 0 || errno != EAGAIN) {
        conn_close(c);
    }
}

static void writes_accepted(int fd) {
    conn_open(sizeof(struct conn), fd, writes_ready, EPOLLIN);
}

/* ---- a thousand small writes a turn, each with a system call of its own ---- */

static void writes_each_ready(struct conn *c, uint32_t events) {
    (void) events;
    if (!c->owed) {
        ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            conn_close(c);
        if (n <= 0)
            return;
        c->owed = n * WRITES;
    }
    for (; c->owed; c->owed--) {
        /* The kernel takes so few bytes whole or not at all. */
        if (send(c->fd, small, WRITE_SIZE, MSG_NOSIGNAL) == WRITE_SIZE)
            continue;
        if (errno == EAGAIN)
            break;
        conn_close(c);
        return;
    }
    conn_watch(c, c->owed ? EPOLLOUT : EPOLLIN);
}

static void writes_each_accepted(int fd) {
    conn_open(sizeof(struct conn), fd, writes_each_ready, EPOLLIN);
}

/* ---- echo in two threads, each with an epoll of its own ---- */

static int second_epoll;

static void two_accepted(int fd) {
    static bool to_second;
    int own = epoll;
    if (to_second)
        epoll = second_epoll;
    to_second = !to_second;
    echo_accepted(fd);
    epoll = own;
}

static void run(void);

static void *second_loop(void *unused) {
    epoll = second_epoll;
    run();
    return unused;
}

static void start(void *(*body)(void *)) {
    pthread_t thread;
    errno = pthread_create(&thread, NULL, body, NULL);
    if (errno)
        die("pthread_create");
}

static void two_begin(void) {
    second_epoll = epoll_create1(EPOLL_CLOEXEC);
    if (second_epoll < 0)
        die("epoll_create1");
    start(second_loop);
}

/* ---- what else there is around an echo ---- */

/* What any JVM has: with a second thread the kernel counts who uses a descriptor in each call, and the C library makes each
   call a point where its thread could be cancelled. */
static void *sleeper(void *unused) {
    for (;;)
        pause();
    return unused;
}

static void threads_begin(void) {
    start(sleeper);
}

static void busy_begin(void) {
    busy = true;
}

static void tcp_accepted(int fd) {
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int) {1}, sizeof(int)))
        die("TCP_NODELAY");
    echo_accepted(fd);
}

static void listener_ready(struct conn *listener, uint32_t events);

static void tcp_begin(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof address) || listen(fd, BACKLOG))
        die("TCP");
    conn_open(sizeof(struct conn), fd, listener_ready, EPOLLIN);
    announce("tcp", fd);
}

void announce(const char *protocol, int fd) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *) &address, &length))
        die("getsockname");
    printf("ready %s:%d\n", protocol, ntohs(address.sin_port));
    fflush(stdout);
}

/* ---- the server ---- */

static const struct work works[] = {
    {"echo", echo_accepted, NULL, false},
    {"echo-threads", echo_accepted, threads_begin, false},
    {"echo-busy", echo_accepted, busy_begin, false},
    {"tcp-echo", tcp_accepted, tcp_begin, true},
    {"two-loops", two_accepted, two_begin, false},
    /* No timer could be less. */
    {"timers", echo_accepted, NULL, false},
    {"sink", sink_accepted, NULL, false},
    {"source", source_accepted, NULL, false},
    {"source-gather", source_gather_accepted, NULL, false},
    {"writes", writes_accepted, NULL, false},
    {"writes-each", writes_each_accepted, NULL, false},
};

static const struct work *find(const char *name) {
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        if (!strcmp(works[i].name, name))
            return &works[i];
    }
    const struct work *others[] = {
        &handle_work, &proxy_work, &proxy_splice_work, &remote_work, &udp_work, &udp_many_work};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!strcmp(others[i]->name, name))
            return others[i];
    }
    return NULL;
}

static void listener_ready(struct conn *listener, uint32_t events) {
    (void) events;
    for (int i = 0; i < TURN; i++) {
        int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno != EAGAIN && errno != ECONNABORTED)
                die("accept4");
            return;
        }
        work->accepted(fd);
    }
}

static void stdin_ready(struct conn *c, uint32_t events) {
    (void) events;
    if (read(c->fd, buffer, sizeof buffer) == 0)
        exit(0);
}

static void listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        die(path);
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof address) || listen(fd, BACKLOG))
        die(path);
    conn_open(sizeof(struct conn), fd, listener_ready, EPOLLIN);
}

static void run(void) {
    struct epoll_event events[EVENTS];
    for (;;) {
        int n = epoll_wait(epoll, events, EVENTS, busy && open_connections > NO_CLIENT ? 0 : -1);
        if (n < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < n; i++) {
            struct conn *c = events[i].data.ptr;
            if (c->fd >= 0)
                c->ready(c, events[i].events);
        }
        while (dead) {
            struct conn *c = dead;
            dead = c->next_dead;
            free(c);
        }
    }
}

int main(int argc, char **argv) {
    if (argc < 3 || !(work = find(argv[1]))) {
        fprintf(stderr, "usage: floor WORK PATH [UPSTREAM]\n");
        return 2;
    }
    upstream_path = argc > 3 ? argv[3] : NULL;
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        die("epoll_create1");
    conn_open(sizeof(struct conn), 0, stdin_ready, EPOLLIN);
    if (work->begin)
        work->begin();
    if (!work->over_ip) {
        listen_at(argv[2]);
        puts("ready");
        fflush(stdout);
    }
    run();
}
