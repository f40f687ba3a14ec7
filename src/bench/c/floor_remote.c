/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The floor of answers that come from another thread: the loop hands each message to a second thread, which hands it back
 * and wakes the loop by an eventfd.
 */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* A client that sends more without waiting for its answer is closed. */
#define ANSWER_SIZE 4096

struct remote {
    struct conn conn;
    struct remote *next;
    size_t length;
    /* With the second thread, or on the way back: not to be closed. */
    bool handed, ended;
    char answer[ANSWER_SIZE];
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct remote *first, **end;
};

static struct queue there = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, &there.first};
static struct queue back = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, &back.first};
static int wakeup;

/* True if the queue was empty. */
static bool put(struct queue *q, struct remote *r) {
    r->next = NULL;
    pthread_mutex_lock(&q->lock);
    bool first = !q->first;
    *q->end = r;
    q->end = &r->next;
    pthread_cond_signal(&q->filled);
    pthread_mutex_unlock(&q->lock);
    return first;
}

static struct remote *take_all(struct queue *q, bool wait) {
    pthread_mutex_lock(&q->lock);
    while (wait && !q->first)
        pthread_cond_wait(&q->filled, &q->lock);
    struct remote *all = q->first;
    q->first = NULL;
    q->end = &q->first;
    pthread_mutex_unlock(&q->lock);
    return all;
}

static void *second_thread(void *unused) {
    for (;;) {
        for (struct remote *r = take_all(&there, true), *next; r; r = next) {
            next = r->next;
            if (put(&back, r) && write(wakeup, &(uint64_t) {1}, sizeof(uint64_t)) < 0)
                die("eventfd");
        }
    }
    return unused;
}

static void remote_ready(struct conn *c, uint32_t events) {
    (void) events;
    struct remote *r = (struct remote *) c;
    if (c->pending) {
        int flushed = conn_flush(c);
        if (flushed < 0)
            conn_close(c);
        else if (flushed)
            conn_watch(c, EPOLLIN);
        return;
    }
    ssize_t n = recv(c->fd, r->answer + r->length, sizeof r->answer - r->length, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n > 0) {
        r->length += n;
        if (!r->handed) {
            r->handed = true;
            put(&there, r);
        }
    } else if (r->handed) {
        r->ended = true;
        conn_watch(c, 0);
    } else {
        conn_close(c);
    }
}

static void came_back(struct conn *c, uint32_t events) {
    (void) events;
    uint64_t count;
    if (read(c->fd, &count, sizeof count) < 0)
        die("eventfd");
    for (struct remote *r = take_all(&back, false), *next; r; r = next) {
        next = r->next;
        r->handed = false;
        if (conn_send(&r->conn, r->answer, r->length) || r->ended)
            conn_close(&r->conn);
        else if (r->conn.pending)
            conn_watch(&r->conn, EPOLLOUT);
        r->length = 0;
    }
}

static void remote_accepted(int fd) {
    conn_open(sizeof(struct remote), fd, remote_ready, EPOLLIN);
}

static void remote_begin(void) {
    wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wakeup < 0)
        die("eventfd");
    conn_open(sizeof(struct conn), wakeup, came_back, EPOLLIN);
    pthread_t thread;
    errno = pthread_create(&thread, NULL, second_thread, NULL);
    if (errno)
        die("pthread_create");
}

const struct work remote_work = {"remote", remote_accepted, remote_begin, false};
