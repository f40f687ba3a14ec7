/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The load of the benchmarks: keeps a server busy in one way, checks its answers, and tells how much of a processor the
 * server took meanwhile.
 *
 *     load MODE ADDRESS --pid SERVER --seconds S --connections N --size B [--idle N] [--flight N] [--upstream PATH]
 *                       [--threads N] [--latency] [--spin] [--verify] [--abrupt]
 *
 * The address is a path, or tcp:PORT or udp:PORT on the loopback. With more than one thread, which are processes that share
 * nothing but their counters, each has its part of the connections: for servers that one processor's load cannot keep busy.
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <getopt.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 512
/* A server that lets nothing happen for so long has lost something. */
#define STALL_NS 10000000000u
#define CONNECT_PATIENCE_NS 10000000000u

/* Latencies in 64 steps for each power of two: off by less than 1.6 %. */
#define STEPS 64
#define STEP_BITS 6

#define MOST_THREADS 16

struct options options = {.seconds = 1, .connections = 64, .size = 64, .flight = 1, .threads = 1};

/* What a process of the load tells the first one. */
struct member {
    struct counters counters;
    uint64_t latencies[64 * STEPS], latency_count;
    pid_t pid;
};

/* Mapped, so that all processes see it. */
static struct load {
    struct shared shared;
    struct member members[MOST_THREADS];
} *load;

struct shared *shared;
struct counters *mine;
static struct member *self;

static int epoll;
static struct client **clients;
static size_t client_count, client_capacity, open_clients;
/* There is no end of a stream to wait for. */
static bool datagrams;
/* When the server was last seen to do something. */
static uint64_t moved;

void die(const char *what) {
    perror(what);
    exit(1);
}

void wrong(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "load %s: ", options.mode);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static uint64_t clock_ns(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t))
        die("clock_gettime");
    return t.tv_sec * UINT64_C(1000000000) + t.tv_nsec;
}

uint64_t now_ns(void) {
    return clock_ns(CLOCK_MONOTONIC);
}

/* ---- latencies ---- */

static size_t step_of(uint64_t nanos) {
    if (nanos < STEPS)
        return nanos;
    int shift = 63 - __builtin_clzll(nanos) - STEP_BITS;
    return (size_t) (shift + 1) * STEPS + ((nanos >> shift) - STEPS);
}

static uint64_t value_of(size_t step) {
    if (step < STEPS)
        return step;
    int shift = step / STEPS - 1;
    return ((uint64_t) (step % STEPS + STEPS) << shift) + (UINT64_C(1) << shift) / 2;
}

void record_latency(uint64_t nanos) {
    if (!shared->measuring)
        return;
    self->latencies[step_of(nanos)]++;
    self->latency_count++;
}

static uint64_t percentile(double part) {
    uint64_t count = 0, seen = 0;
    for (int m = 0; m < options.threads; m++)
        count += load->members[m].latency_count;
    uint64_t rank = (uint64_t) (part * count);
    for (size_t i = 0; i < sizeof self->latencies / sizeof *self->latencies; i++) {
        for (int m = 0; m < options.threads; m++)
            seen += load->members[m].latencies[i];
        if (seen > rank)
            return value_of(i);
    }
    return 0;
}

/* ---- connections ---- */

static struct sockaddr_un address_of(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        die(path);
    }
    strcpy(address.sun_path, path);
    return address;
}

static int socket_or_die(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket");
    return fd;
}

/* The loopback's port that `address` names behind `protocol`, or 0. */
static int port_of(const char *address, const char *protocol) {
    size_t length = strlen(protocol);
    return strncmp(address, protocol, length) ? 0 : atoi(address + length);
}

static int connect_to_port(int type, int port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *) &address, sizeof address))
        die("connect");
    if (type == SOCK_STREAM && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int) {1}, sizeof(int)))
        die("TCP_NODELAY");
    if (fcntl(fd, F_SETFL, O_NONBLOCK))
        die("O_NONBLOCK");
    return fd;
}

int connect_to(const char *path) {
    int port = port_of(path, "tcp:");
    if (port)
        return connect_to_port(SOCK_STREAM, port);
    port = port_of(path, "udp:");
    if (port) {
        datagrams = true;
        return connect_to_port(SOCK_DGRAM, port);
    }
    struct sockaddr_un address = address_of(path);
    int fd = socket_or_die();
    uint64_t start = now_ns();
    while (connect(fd, (struct sockaddr *) &address, sizeof address)) {
        /* EAGAIN: the backlog is full. No readiness would follow. */
        if (errno != EAGAIN || now_ns() - start > CONNECT_PATIENCE_NS)
            die(path);
        usleep(100);
    }
    return fd;
}

int listen_at(const char *path) {
    struct sockaddr_un address = address_of(path);
    int fd = socket_or_die();
    unlink(path);
    if (bind(fd, (struct sockaddr *) &address, sizeof address) || listen(fd, 4096))
        die(path);
    return fd;
}

void client_open(struct client *c, int fd, uint32_t interest) {
    c->fd = fd;
    c->interest = interest;
    struct epoll_event event = {.events = interest, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
        die("epoll_ctl");
}

void client_watch(struct client *c, uint32_t interest) {
    if (c->interest == interest)
        return;
    c->interest = interest;
    struct epoll_event event = {.events = interest, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event))
        die("epoll_ctl");
}

void client_counts(struct client *c) {
    if (client_count == client_capacity) {
        client_capacity = client_capacity ? 2 * client_capacity : 256;
        clients = realloc(clients, client_capacity * sizeof *clients);
        if (!clients)
            die("realloc");
    }
    clients[client_count++] = c;
    open_clients++;
}

static void finish_ready(struct client *c, uint32_t events) {
    (void) events;
    char rest[64];
    ssize_t n = recv(c->fd, rest, sizeof rest, 0);
    if (n > 0)
        wrong("%zd bytes more than were asked for", n);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 0)
        die("recv at the end");
    client_ended(c);
}

void client_finish(struct client *c) {
    if (options.abrupt || datagrams) {
        client_ended(c);
        return;
    }
    if (shutdown(c->fd, SHUT_WR))
        die("shutdown");
    c->ready = finish_ready;
    client_watch(c, EPOLLIN);
}

void client_ended(struct client *c) {
    close(c->fd);
    c->ended = true;
    open_clients--;
}

/* ---- a run ---- */

struct sample {
    uint64_t time, cpu, operations, payload;
};

static struct sample sample(clockid_t server) {
    struct sample all = {now_ns(), options.pid ? clock_ns(server) : 0, 0, 0};
    for (int m = 0; m < options.threads; m++) {
        all.operations += load->members[m].counters.operations;
        all.payload += load->members[m].counters.payload;
    }
    return all;
}

/* Serves events until `deadline`, or until all connections have ended. */
static void serve(uint64_t deadline) {
    struct epoll_event events[EVENTS];
    for (uint64_t now = now_ns(); now < deadline && open_clients; now = now_ns()) {
        int n = epoll_wait(epoll, events, EVENTS, options.spin ? 0 : 50);
        if (n < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            if (!c->ended)
                c->ready(c, events[i].events);
        }
        if (n > 0)
            moved = now;
        else if (now > moved + STALL_NS)
            wrong("the server is silent, with %zu connections open and %" PRIu64 " operations done", open_clients,
                  mine->operations);
    }
}

static void serve_for(double seconds) {
    serve(now_ns() + (uint64_t) (seconds * 1e9));
}

static void print_result(struct sample from, struct sample to) {
    printf("mode=%s ops=%" PRIu64 " seconds=%.6f server_cpu_ns=%" PRIu64 " bytes=%" PRIu64,
           options.mode, to.operations - from.operations, (to.time - from.time) / 1e9, to.cpu - from.cpu,
           to.payload - from.payload);
    if (options.latency)
        printf(" p50_ns=%" PRIu64 " p99_ns=%" PRIu64 " p999_ns=%" PRIu64,
               percentile(.5), percentile(.99), percentile(.999));
    putchar('\n');
}

static bool all_answered(void) {
    for (int m = 0; m < options.threads; m++) {
        if (!load->members[m].counters.operations)
            return false;
    }
    return true;
}

/* What is under way has to arrive, and nothing else. */
static void stop_all(void) {
    for (size_t i = 0; i < client_count; i++) {
        clients[i]->stopping = true;
        if (!clients[i]->ended)
            clients[i]->stop(clients[i]);
    }
    options.spin = false;
    serve(UINT64_MAX);
}

/* Another process than the first: it goes on until that one says that it is over. */
static void help(void) {
    while (shared->running)
        serve_for(0.01);
    stop_all();
}

static void measure(void) {
    clockid_t server = 0;
    if (options.pid && (errno = clock_getcpuclockid(options.pid, &server)))
        die("clock_getcpuclockid");
    /* The first messages find cold caches and sleeping processors. */
    serve_for(options.seconds < 0.5 ? options.seconds / 5 : 0.1);
    /* A JVM's first answer may take longer than that. */
    uint64_t first = now_ns();
    while (!all_answered()) {
        serve_for(0.01);
        if (now_ns() - first > STALL_NS)
            wrong("the server is silent from the beginning");
    }
    shared->measuring = true;
    struct sample from = sample(server);
    serve_for(options.seconds);
    struct sample to = sample(server);
    shared->measuring = false;
    shared->running = false;
    stop_all();
    for (int m = 1; m < options.threads; m++) {
        int status;
        if (waitpid(load->members[m].pid, &status, 0) < 0)
            die("waitpid");
        if (!WIFEXITED(status) || WEXITSTATUS(status))
            exit(1);
    }
    print_result(from, to);
}

/* Starts the other processes; false in each of them. Every one has its part of the connections. */
static bool is_first(void) {
    int connections = options.connections, idle = options.idle, threads = options.threads, me = 0;
    for (int m = 1; m < threads && !me; m++) {
        pid_t parent = getpid(), child = fork();
        if (child < 0)
            die("fork");
        if (child) {
            load->members[m].pid = child;
            continue;
        }
        /* None of them outlives the first. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            exit(1);
        me = m;
    }
    self = &load->members[me];
    mine = &self->counters;
    self->pid = getpid();
    options.connections = connections / threads + (me < connections % threads);
    options.idle = idle / threads + (me < idle % threads);
    return me == 0;
}

static const struct mode {
    const char *name;
    void (*start)(void);
    void (*check)(void);
} modes[] = {
    {"echo", start_echo, NULL},       {"pipelined", start_pipelined, NULL},
    {"idle", start_idle, NULL},     {"writes", start_writes, NULL},
    {"connect", start_connect, NULL}, {"sink", start_sink, NULL},     {"source", start_source, NULL},
    {"handles", start_handles, NULL}, {"proxy", start_proxy, NULL},   {"relay", start_relay, check_relay},
};

static void parse(int argc, char **argv) {
    static const struct option known[] = {
        {"pid", required_argument, NULL, 'p'},     {"seconds", required_argument, NULL, 's'},
        {"connections", required_argument, NULL, 'c'}, {"size", required_argument, NULL, 'b'},
        {"flight", required_argument, NULL, 'f'},  {"threads", required_argument, NULL, 't'},
        {"idle", required_argument, NULL, 'i'},    {"upstream", required_argument, NULL, 'u'},
        {"verify", no_argument, NULL, 'v'},        {"spin", no_argument, NULL, 'S'},
        {"latency", no_argument, NULL, 'l'},       {"abrupt", no_argument, NULL, 'a'},
        {NULL, 0, NULL, 0},
    };
    for (int o; (o = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (o) {
        case 'p': options.pid = atoi(optarg); break;
        case 's': options.seconds = atof(optarg); break;
        case 'c': options.connections = atoi(optarg); break;
        case 'b': options.size = strtoul(optarg, NULL, 10); break;
        case 'i': options.idle = atoi(optarg); break;
        case 'f': options.flight = atoi(optarg); break;
        case 't': options.threads = atoi(optarg); break;
        case 'u': options.upstream = optarg; break;
        case 'v': options.verify = true; break;
        case 'S': options.spin = true; break;
        case 'l': options.latency = true; break;
        case 'a': options.abrupt = true; break;
        default: exit(2);
        }
    }
    if (argc - optind != 2) {
        fprintf(stderr, "usage: load MODE ADDRESS [options]\n");
        exit(2);
    }
    if (options.threads < 1 || options.threads > MOST_THREADS || options.threads > options.connections) {
        fprintf(stderr, "at least one thread, at most %d, and a connection for each\n", MOST_THREADS);
        exit(2);
    }
    options.mode = argv[optind];
    options.path = argv[optind + 1];
}

/* NULL for "hold", which is no load. */
static const struct mode *find_mode(void) {
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (!strcmp(modes[i].name, options.mode))
            return &modes[i];
    }
    if (strcmp(options.mode, "hold")) {
        fprintf(stderr, "no such mode: %s\n", options.mode);
        exit(2);
    }
    return NULL;
}

int main(int argc, char **argv) {
    parse(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    load = mmap(NULL, sizeof *load, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (load == MAP_FAILED)
        die("mmap");
    shared = &load->shared;
    shared->running = true;
    const struct mode *mode = find_mode();
    bool first = is_first();
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        die("epoll_create1");
    moved = now_ns();
    if (!mode) {
        hold();
        return 0;
    }
    mode->start();
    if (first)
        measure();
    else
        help();
    if (mode->check)
        mode->check();
    return 0;
}
