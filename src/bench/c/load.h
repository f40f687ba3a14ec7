/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the modes of the load share: connections that epoll reports, the counters, and the end of a run.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A connection of the load; modes put it first in structures of their own. */
struct client {
    void (*ready)(struct client *, uint32_t events);
    /* Called when the run is over: sends nothing more, and calls client_ended when nothing is outstanding. */
    void (*stop)(struct client *);
    int fd;
    uint32_t interest;
    bool stopping;
    bool ended;
};

struct options {
    const char *mode;
    const char *path;
    const char *upstream;
    double seconds;
    int connections;
    /* Messages under way on a connection. */
    int flight;
    /* Processes that make the load together. */
    int threads;
    int idle;
    size_t size;
    /* Compare every byte. */
    bool verify;
    /* Ask epoll again and again instead of sleeping in it. */
    bool spin;
    bool latency;
    /* Close at the end without waiting for the server's end of the stream. */
    bool abrupt;
    int pid;
};

/* Operations and payload bytes of one process since the start. */
struct counters {
    uint64_t operations, payload;
};

/* What all processes of the load see. */
struct shared {
    /* False as soon as the time is up: closed loops then stop. */
    volatile bool running;
    /* Latencies count. */
    volatile bool measuring;
};

extern struct options options;
extern struct counters *mine;
extern struct shared *shared;

void die(const char *what);
/* The server answered wrongly: says how and ends the process. */
void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
uint64_t now_ns(void);
void record_latency(uint64_t nanos);

/* To a path of a Unix domain socket, or to tcp:PORT or udp:PORT on the loopback. */
int connect_to(const char *address);
int listen_at(const char *path);
/* Puts `c`, whose descriptor is `fd`, into epoll. */
void client_open(struct client *c, int fd, uint32_t interest);
void client_watch(struct client *c, uint32_t interest);
/* Nothing is outstanding: says so to the server and waits for its end of the stream, which has to follow at once. */
void client_finish(struct client *c);
/* Closes the descriptor; the connection is done for good. */
void client_ended(struct client *c);
/* Counts a connection for whose end the run waits. */
void client_counts(struct client *c);

void start_echo(void);
void start_pipelined(void);
void start_idle(void);
void start_writes(void);
void start_connect(void);
void start_sink(void);
void start_source(void);
void start_handles(void);
void start_proxy(void);
void start_relay(void);
/* At the end: all that was sent through the proxy has come. */
void check_relay(void);
void hold(void);

#endif
