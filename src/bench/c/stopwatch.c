/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * How long a program takes from its start to its first byte on standard output, and to its end.
 *
 *     stopwatch PROGRAM [ARGUMENT]...
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what) {
    perror(what);
    exit(1);
}

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
    int output[2];
    if (argc < 2 || pipe2(output, O_CLOEXEC))
        die("stopwatch PROGRAM [ARGUMENT]...");
    double start = now_ms();
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0) {
        dup2(output[1], 1);
        execvp(argv[1], argv + 1);
        die(argv[1]);
    }
    close(output[1]);
    char bytes[4096];
    ssize_t n = read(output[0], bytes, sizeof bytes);
    double first = now_ms();
    if (n < 0)
        die("read");
    while (n > 0)
        n = read(output[0], bytes, sizeof bytes);
    int status;
    if (waitpid(child, &status, 0) != child)
        die("waitpid");
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        return 1;
    printf("first_ms=%.3f end_ms=%.3f\n", first - start, now_ms() - start);
    return 0;
}
