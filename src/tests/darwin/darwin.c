/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * A double of Darwin's C library over Linux, for tests: Darwin's numbers, layouts and rules, and the work is done by Linux. Every
 * function is exported as darwin_ and its name. Where Linux is kinder than Darwin, the double is as adverse as Darwin; each such
 * rule names its source: [X] xnu-11417.101.15, [M] Darwin's manual pages, [U] libuv, mio. It cannot show that Darwin is so.
 */
#define _GNU_SOURCE
#include "darwin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/unix_diag.h>

enum {
#define X(name, value) D_##name = value,
    DARWIN_NUMBERS(X)
#undef X
#define X(name, value) D_##name = value,
    DARWIN_ERRNOS(X)
#undef X
};

/* ---- what a test has the double refuse, once: no program brings it about at will ---- */

struct refusal { int fd, kind, number; };
static struct refusal refusal = {-1, 0, 0};

/*
 * Refuses the next note of a filter (EVFILT_READ, EVFILT_WRITE) or the next send (0) of a descriptor. Darwin does so with a note for
 * want of memory [X, kevent_register], and with a send by EPROTOTYPE while a connection is torn down [U] and by ENOBUFS for want
 * of a buffer [X, sosend].
 */
int darwin_double_refuse(int fd, int kind, int number) {
    refusal = (struct refusal) {fd, kind, number};
    return 0;
}

static int refused(int fd, int kind) {
    if (refusal.fd != fd || refusal.kind != kind) return 0;
    refusal.fd = -1;
    return refusal.number;
}

/* ---- errno ---- */

static int darwin_errno(int linux_errno) {
    switch (linux_errno) {
#define X(name, value) case name: return value;
    DARWIN_ERRNOS(X)
#undef X
    default: return 999;
    }
}

static long long done(long long result) {
    if (result < 0) errno = darwin_errno(errno);
    return result;
}

static int fail(int number) {
    errno = number;
    return -1;
}

/* ---- what Darwin knows of a socket and Linux does not, by its inode; never freed ---- */

struct socket_state {
    struct socket_state *next;
    ino_t inode;
    ino_t peer;
    int family, type, sndbuf, rcvbuf;
    int records; /* messages with descriptors that it has sent and nobody has read */
    unsigned char nosigpipe, shut, stripped;
};

enum { BUCKETS = 4096, NET_LOCAL_STREAM_SPACE = 8192, MCLBYTES = 2048 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct socket_state *sockets[BUCKETS];

static ino_t inode_of(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) ? status.st_ino : 0;
}

static int option_of(int fd, int option) {
    int value = -1;
    socklen_t length = sizeof value;
    return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 ? value : -1;
}

/* Returns the state of a socket, null for what is none. Darwin gives streams of the Unix domain 8192 bytes each way [X,
   unpst_sendspace]; with what Linux takes of its buffer for itself that is about what is set here. */
static struct socket_state *state_of(int fd) {
    int before = errno;
    ino_t inode = inode_of(fd);
    struct socket_state *found = 0;
    if (inode) {
        pthread_mutex_lock(&lock);
        for (found = sockets[inode % BUCKETS]; found && found->inode != inode; found = found->next) {}
        if (!found && (found = calloc(1, sizeof *found))) {
            found->inode = inode;
            found->family = option_of(fd, SO_DOMAIN);
            found->type = option_of(fd, SO_TYPE);
            int is_local = found->family == AF_UNIX && found->type == SOCK_STREAM;
            int space = NET_LOCAL_STREAM_SPACE, half = space / 2;
            if (is_local) {
                setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &half, sizeof half); /* which Linux doubles */
            }
            found->sndbuf = is_local ? space : option_of(fd, SO_SNDBUF);
            found->rcvbuf = is_local ? space : option_of(fd, SO_RCVBUF);
            found->next = sockets[inode % BUCKETS];
            sockets[inode % BUCKETS] = found;
        }
        pthread_mutex_unlock(&lock);
    }
    errno = before;
    return found;
}

/* Asks Linux for the inode of a socket's peer (sock_diag(7)); 0 where it is not told. */
static ino_t ask_peer(ino_t inode) {
    struct { struct nlmsghdr head; struct unix_diag_req body; } request = {
        {sizeof request, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 0, 0},
        {AF_UNIX, 0, 0, -1, inode, UDIAG_SHOW_PEER, {-1, -1}}};
    char answer[4096];
    uint32_t peer = 0;
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    ssize_t length = netlink < 0 || send(netlink, &request, sizeof request, 0) < 0 ? -1 : recv(netlink, answer, sizeof answer, 0);
    struct nlmsghdr *head = (void *) answer;
    if (length > 0 && NLMSG_OK(head, length) && head->nlmsg_type == SOCK_DIAG_BY_FAMILY) {
        struct unix_diag_msg *body = NLMSG_DATA(head);
        struct nlattr *each = (void *) (body + 1);
        int left = head->nlmsg_len - NLMSG_LENGTH(sizeof *body);
        for (; left >= (int) sizeof *each; left -= NLMSG_ALIGN(each->nla_len),
                each = (void *) ((char *) each + NLMSG_ALIGN(each->nla_len))) {
            if (each->nla_type == UNIX_DIAG_PEER) memcpy(&peer, each + 1, sizeof peer);
        }
    }
    if (netlink >= 0) close(netlink);
    return peer;
}

/* Returns the state of the other end of a connection, null unless that is the double's too. */
static struct socket_state *sender_of(struct socket_state *state) {
    int before = errno;
    if (!state->peer) state->peer = ask_peer(state->inode);
    pthread_mutex_lock(&lock);
    struct socket_state *found = state->peer ? sockets[state->peer % BUCKETS] : 0;
    while (found && found->inode != state->peer) found = found->next;
    pthread_mutex_unlock(&lock);
    errno = before;
    return found;
}

static int is_local_stream(struct socket_state *state) {
    return state && state->family == AF_UNIX && state->type == SOCK_STREAM;
}

static int unread(int fd) {
    int bytes = 0;
    ioctl(fd, SIOCOUTQ, &bytes);
    return bytes;
}

static int room_of(int fd, struct socket_state *state) {
    int room = state->sndbuf - unread(fd);
    return room < 0 ? 0 : room;
}

static int lowat_of(struct socket_state *state) {
    return state->sndbuf < MCLBYTES ? state->sndbuf : MCLBYTES;
}

static int is_over(int fd) {
    struct pollfd polled = {fd, 0, 0};
    return poll(&polled, 1, 0) == 1 && polled.revents & POLLHUP;
}

/* ---- addresses ---- */

/* The directory of the thread's own [X, pthread_fchdir_np]; -1 for the process's. */
static __thread int here = -1;

int darwin_pthread_fchdir_np(int directory) {
    struct stat status;
    if (directory < 0) {
        if (here < 0) return fail(D_EBADF);
        here = -1;
        return 0;
    }
    if (fstat(directory, &status) < 0) return done(-1);
    if (!S_ISDIR(status.st_mode)) return fail(D_ENOTDIR);
    here = directory;
    return 0;
}

/* Names of up to 253 bytes are taken, terminated or not [X, getsockaddr, unp_bind]; there are none outside the file system. */
static int local_to_linux(const unsigned char *from, socklen_t length, struct sockaddr_storage *to, socklen_t *size, int *place) {
    struct sockaddr_un *un = (struct sockaddr_un *) to;
    char path[256] = {0};
    un->sun_family = AF_UNIX;
    if (length == 2) return fail(D_EINVAL);
    memcpy(path, from + 2, length - 2);
    if (!*path) return fail(D_ENOENT);
    if (here >= 0 && *path != '/') {
        int written = snprintf(un->sun_path, sizeof un->sun_path, "/proc/self/fd/%d/%s", here, path);
        if (written >= (int) sizeof un->sun_path) return fail(D_ENAMETOOLONG);
    } else if (strlen(path) < sizeof un->sun_path) {
        strcpy(un->sun_path, path);
    } else {
        char *slash = strrchr(path, '/');
        if (slash) *slash = 0;
        *place = open(!slash ? "." : slash == path ? "/" : path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (*place < 0) return done(-1);
        int written = snprintf(un->sun_path, sizeof un->sun_path, "/proc/self/fd/%d/%s", *place, slash ? slash + 1 : path);
        if (written >= (int) sizeof un->sun_path) {
            close(*place);
            return fail(D_ENAMETOOLONG);
        }
    }
    *size = offsetof(struct sockaddr_un, sun_path) + strlen(un->sun_path) + 1;
    return 0;
}

static int to_linux(const void *address, socklen_t length, struct sockaddr_storage *to, socklen_t *size, int *place) {
    const unsigned char *from = address;
    *place = -1;
    memset(to, 0, sizeof *to);
    if (length > D_SOCK_MAXADDRLEN) return fail(D_ENAMETOOLONG);
    if (length < 2) return fail(D_EINVAL);
    switch (from[1]) {
    case D_AF_UNSPEC:
        *size = sizeof(struct sockaddr);
        return 0;
    case D_AF_UNIX:
        return local_to_linux(from, length, to, size, place);
    case D_AF_INET:
        if (length != 16) return fail(D_EINVAL); /* in_pcbconnect [X] */
        memcpy(to, from, length);
        to->ss_family = AF_INET;
        *size = length;
        return 0;
    case D_AF_INET6:
        if (length != 28) return fail(D_EINVAL); /* in6_pcbconnect [X] */
        memcpy(to, from, length);
        to->ss_family = AF_INET6;
        *size = length;
        return 0;
    default:
        return fail(D_EAFNOSUPPORT);
    }
}

/* A socket without a name has one of 16 bytes full of NULs [X, unp_sockaddr]. */
static void to_darwin(const struct sockaddr_storage *from, socklen_t length, void *to, socklen_t *room) {
    unsigned char made[256] = {0};
    socklen_t size = 16;
    if (length >= 2 && from->ss_family == AF_UNIX) {
        const struct sockaddr_un *un = (const void *) from;
        size_t bytes = length <= 2 ? 0 : strnlen(un->sun_path, sizeof un->sun_path);
        size = bytes ? sizeof(struct d_sockaddr_un) : 16;
        if (bytes + 2 > size) size = bytes + 2;
        made[1] = D_AF_UNIX;
        memcpy(made + 2, un->sun_path, bytes);
    } else if (length >= 2 && from->ss_family == AF_INET) {
        memcpy(made, from, 16);
        made[1] = D_AF_INET;
    } else if (length >= 2 && from->ss_family == AF_INET6) {
        size = 28;
        memcpy(made, from, 28);
        made[1] = D_AF_INET6;
    }
    made[0] = size;
    memcpy(to, made, *room < size ? *room : size);
    *room = size;
}

/* ---- sockets ---- */

static int family(int darwin_family) {
    return darwin_family == D_AF_INET6 ? AF_INET6 : darwin_family;
}

/* No flag makes a socket non-blocking or close-on-exec at its birth [M, socket(2)]. */
int darwin_socket(int domain, int type, int protocol) {
    if (type < D_SOCK_STREAM || type > D_SOCK_SEQPACKET) return fail(D_EPROTOTYPE);
    int fd = socket(family(domain), type, protocol);
    if (fd >= 0) state_of(fd);
    return done(fd);
}

int darwin_socketpair(int domain, int type, int protocol, int *two) {
    if (type < D_SOCK_STREAM || type > D_SOCK_SEQPACKET) return fail(D_EPROTOTYPE);
    int result = socketpair(family(domain), type, protocol, two);
    if (result == 0) {
        struct socket_state *one = state_of(two[0]), *other = state_of(two[1]);
        if (one && other) {
            one->peer = other->inode;
            other->peer = one->inode;
        }
    }
    return done(result);
}

static int with_place(int result, int place, int number) {
    if (place >= 0) close(place);
    errno = number;
    return result;
}

/* A link at the end is followed, and the file is made where it leads, if there is none [X, unp_bind: CREATE, FOLLOW]. */
static int follow(struct sockaddr_un *un, socklen_t *size) {
    char leads[sizeof un->sun_path];
    ssize_t length = readlink(un->sun_path, leads, sizeof leads);
    if (length < 0) return 0; /* no link */
    char *slash = *leads == '/' ? 0 : strrchr(un->sun_path, '/');
    size_t before = slash ? slash + 1 - un->sun_path : 0;
    if (before + length >= sizeof un->sun_path) return fail(D_ENAMETOOLONG);
    memcpy(un->sun_path + before, leads, length);
    un->sun_path[before + length] = 0;
    *size = offsetof(struct sockaddr_un, sun_path) + before + length + 1;
    return 0;
}

int darwin_bind(int fd, const void *address, socklen_t length) {
    struct sockaddr_storage to;
    socklen_t size;
    int place;
    if (to_linux(address, length, &to, &size, &place) < 0) return -1;
    if (to.ss_family == AF_UNIX && follow((struct sockaddr_un *) &to, &size) < 0) return with_place(-1, place, errno);
    int result = done(bind(fd, (void *) &to, size));
    return with_place(result, place, errno);
}

int darwin_connect(int fd, const void *address, socklen_t length) {
    struct sockaddr_storage to;
    socklen_t size;
    int place;
    if (to_linux(address, length, &to, &size, &place) < 0) return -1;
    int result = done(connect(fd, (void *) &to, size)), number = errno;
    if (result < 0 && to.ss_family == AF_UNIX) {
        struct stat status;
        if (number == D_EAGAIN) number = D_ECONNREFUSED; /* a full backlog refuses [X, unp_connect, sonewconn] */
        if (number == D_ECONNREFUSED && stat(((struct sockaddr_un *) &to)->sun_path, &status) == 0
                && !S_ISSOCK(status.st_mode)) {
            number = D_ENOTSOCK; /* [X, unp_connect] */
        }
    }
    if (result == 0 && to.ss_family == AF_UNSPEC) {
        result = -1; /* dissolved, and refused all the same [X, soconnectlock; U, uv__udp_disconnect] */
        number = D_EAFNOSUPPORT;
    }
    return with_place(result, place, number);
}

int darwin_listen(int fd, int backlog) {
    return done(listen(fd, backlog));
}

/* Takes the connection before it looks for a descriptor, and closes it where there is none [X, accept_nocancel]. */
static int spare = -1;

static int lose_connection(int fd) {
    int mode = fcntl(fd, F_GETFL);
    pthread_mutex_lock(&lock);
    if (spare >= 0 && mode >= 0) {
        struct pollfd polled = {fd, POLLIN, 0};
        close(spare);
        if (poll(&polled, 1, 0) == 1) {
            int taken = accept(fd, 0, 0);
            if (taken >= 0) close(taken);
        }
        spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    pthread_mutex_unlock(&lock);
    return fail(D_EMFILE);
}

int darwin_accept(int fd, void *address, socklen_t *room) {
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    int mode = fcntl(fd, F_GETFL);
    /* O_NONBLOCK is inherited [X, accept_nocancel] */
    int result = accept4(fd, (void *) &from, &length, mode >= 0 && mode & O_NONBLOCK ? SOCK_NONBLOCK : 0);
    if (result < 0 && errno == EMFILE) return lose_connection(fd);
    if (result < 0) return done(result);
    struct socket_state *listener = state_of(fd), *state = state_of(result);
    if (listener && state) state->nosigpipe = listener->nosigpipe; /* [X, sonewconn] */
    if (address) to_darwin(&from, length, address, room);
    return result;
}

int darwin_getsockname(int fd, void *address, socklen_t *room) {
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    int result = done(getsockname(fd, (void *) &from, &length));
    if (!result) to_darwin(&from, length, address, room);
    return result;
}

int darwin_getpeername(int fd, void *address, socklen_t *room) {
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    int result = done(getpeername(fd, (void *) &from, &length));
    if (!result && is_over(fd)) return fail(D_EINVAL); /* both directions are over [X, getpeername] */
    if (!result) to_darwin(&from, length, address, room);
    return result;
}

int darwin_shutdown(int fd, int how) {
    struct socket_state *state = state_of(fd);
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    if (getpeername(fd, (void *) &from, &length) == 0) {
        int directions = how + 1;
        if (is_over(fd)) return fail(D_ENOTCONN);                                   /* [X, soshutdownlock] */
        if (state && (state->shut & directions) == directions) return fail(D_ENOTCONN); /* a second time [X] */
        if (state) state->shut |= directions;
    }
    return done(shutdown(fd, how));
}

/* ---- sending ---- */

static int flags_in(int flags) {
    return (flags & D_MSG_OOB ? MSG_OOB : 0) | (flags & D_MSG_PEEK ? MSG_PEEK : 0) | (flags & D_MSG_EOR ? MSG_EOR : 0)
            | (flags & D_MSG_WAITALL ? MSG_WAITALL : 0) | (flags & D_MSG_DONTWAIT ? MSG_DONTWAIT : 0)
            | (flags & D_MSG_NOSIGNAL ? MSG_NOSIGNAL : 0); /* MSG_TRUNC means nothing going in [M, recv(2)] */
}

static int flags_out(int flags) {
    return (flags & MSG_TRUNC ? D_MSG_TRUNC : 0) | (flags & MSG_CTRUNC ? D_MSG_CTRUNC : 0) | (flags & MSG_EOR ? D_MSG_EOR : 0);
}

/* Of a send MSG_DONTWAIT is ignored: the open file's mode alone counts [X, sosendcheck]. */
static int send_flags(struct socket_state *state, int flags) {
    return (flags_in(flags) & ~MSG_DONTWAIT) | (state && state->nosigpipe ? MSG_NOSIGNAL : 0);
}

/* There is no reset in the Unix domain: what was not read is dropped without a word [X, unp_detach]. */
static ssize_t sent(struct socket_state *state, ssize_t result) {
    if (result < 0 && errno == ECONNRESET && is_local_stream(state)) errno = EPIPE;
    return done(result);
}

ssize_t darwin_send(int fd, const void *data, size_t size, int flags) {
    struct socket_state *state = state_of(fd);
    int number = refused(fd, 0);
    if (number) return fail(number);
    return sent(state, send(fd, data, size, send_flags(state, flags)));
}

ssize_t darwin_sendto(int fd, const void *data, size_t size, int flags, const void *address, socklen_t length) {
    struct socket_state *state = state_of(fd);
    struct sockaddr_storage to;
    socklen_t to_size = 0;
    int place = -1;
    if (address && to_linux(address, length, &to, &to_size, &place) < 0) return -1;
    ssize_t result = sent(state, sendto(fd, data, size, send_flags(state, flags), address ? (void *) &to : 0, to_size));
    return with_place(result, place, errno);
}

/* Sockets that are on their way: the passed one, and by which connection. */
struct passed { struct passed *next; ino_t inode, by_inode; int by; };
static struct passed *on_their_way;

static void note_passed(int by, const int *descriptors, int count) {
    ino_t by_inode = inode_of(by);
    pthread_mutex_lock(&lock);
    for (int i = 0; i < count; i++) {
        ino_t inode = inode_of(descriptors[i]);
        struct passed *fresh = inode ? malloc(sizeof *fresh) : 0;
        if (fresh) {
            *fresh = (struct passed) {on_their_way, inode, by_inode, by};
            on_their_way = fresh;
        }
    }
    pthread_mutex_unlock(&lock);
}

static int is_open_elsewhere(ino_t inode, int but) {
    static int last = -1; /* a guess, which is looked at before it is believed */
    int guess = __atomic_load_n(&last, __ATOMIC_RELAXED), found = 0;
    if (guess != but && inode_of(guess) == inode) return 1;
    DIR *all = opendir("/proc/self/fd");
    for (struct dirent *each; all && !found && (each = readdir(all));) {
        int fd = atoi(each->d_name);
        found = each->d_name[0] != '.' && fd != but && inode_of(fd) == inode;
        if (found) __atomic_store_n(&last, fd, __ATOMIC_RELAXED);
    }
    if (all) closedir(all);
    return found;
}

/* A socket on its way that nobody else holds is taken for garbage: its input ends [X, unp_gc]. */
static void collect_garbage(int closing) {
    ino_t inode = on_their_way ? inode_of(closing) : 0;
    int found = 0;
    if (!inode) return;
    pthread_mutex_lock(&lock);
    for (struct passed **at = &on_their_way; *at && !found;) {
        struct passed *each = *at;
        int is_same = each->inode == inode;
        found = is_same && inode_of(each->by) == each->by_inode && each->by != closing && unread(each->by) > 0;
        if (is_same && !found) {
            *at = each->next;
            free(each);
        } else {
            at = &each->next;
        }
    }
    pthread_mutex_unlock(&lock);
    if (found && !is_open_elsewhere(inode, closing)) shutdown(closing, SHUT_RD);
}

ssize_t darwin_sendmsg(int fd, const struct d_msghdr *message, int flags) {
    struct socket_state *state = state_of(fd);
    struct sockaddr_storage to;
    socklen_t to_size = 0;
    int place = -1, count = 0;
    union { struct cmsghdr head; char room[CMSG_SPACE(4 * 254)]; } control;
    struct msghdr out = {.msg_iov = message->msg_iov, .msg_iovlen = message->msg_iovlen};
    int number = refused(fd, 0);
    if (number) return fail(number);
    if (message->msg_iovlen <= 0 || message->msg_iovlen > D_IOV_MAX) return fail(D_EMSGSIZE);
    if (message->msg_control) {
        /* One control message and nothing behind it, of 254 descriptors at most [X, unp_internalize]. */
        const struct d_cmsghdr *head = message->msg_control;
        uint32_t length = message->msg_controllen;
        if (length < sizeof *head || (length - sizeof *head) * 2 + sizeof *head > 2048) return fail(D_EINVAL);
        if (head->cmsg_len != length || head->cmsg_level != D_SOL_SOCKET || head->cmsg_type != D_SCM_RIGHTS) {
            return fail(D_EINVAL);
        }
        /* It has to fit into the room that is left, whatever the data does [X, uipc_send, sosendcheck]. */
        if (is_local_stream(state) && (int) length > room_of(fd, state)) return fail(D_EMSGSIZE);
        count = (length - sizeof *head) / 4;
        memset(&control, 0, sizeof control);
        control.head.cmsg_len = CMSG_LEN(4 * count);
        control.head.cmsg_level = SOL_SOCKET;
        control.head.cmsg_type = SCM_RIGHTS;
        memcpy(CMSG_DATA(&control.head), head + 1, 4 * count);
        out.msg_control = &control;
        out.msg_controllen = CMSG_SPACE(4 * count);
    }
    if (message->msg_name && message->msg_namelen) {
        if (to_linux(message->msg_name, message->msg_namelen, &to, &to_size, &place) < 0) return -1;
        out.msg_name = &to;
        out.msg_namelen = to_size;
    }
    /* The descriptors go with one byte, and the others behind it, so that who reads finds the record's begin: see read_stream. */
    int is_record = count > 0 && is_local_stream(state);
    struct iovec pieces[D_IOV_MAX], *first = pieces;
    memcpy(pieces, message->msg_iov, message->msg_iovlen * sizeof *pieces);
    struct iovec *end = pieces + message->msg_iovlen;
    while (first < end - 1 && first->iov_len == 0) first++;
    struct iovec one = {first->iov_base, first->iov_len ? 1 : 0};
    if (is_record) {
        out.msg_iov = &one;
        out.msg_iovlen = 1;
    }
    ssize_t result = sent(state, sendmsg(fd, &out, send_flags(state, flags)));
    if (is_record && result > 0) {
        __atomic_add_fetch(&state->records, 1, __ATOMIC_RELAXED);
        first->iov_base = (char *) first->iov_base + 1;
        first->iov_len--;
        struct msghdr rest = {.msg_iov = first, .msg_iovlen = end - first};
        ssize_t more = end - first == 1 && !first->iov_len ? 0 : sendmsg(fd, &rest, send_flags(state, flags));
        if (more > 0) result += more;
    }
    if (result > 0 && count > 0) {
        note_passed(fd, (const int *) CMSG_DATA(&control.head), count);
    }
    return with_place(result, place, errno);
}

/* ---- receiving ---- */

struct arrival { union { struct cmsghdr head; char room[CMSG_SPACE(4 * 254) + 256]; } control; struct msghdr message; };

static ssize_t take(int fd, struct arrival *arrival, const struct iovec *into, int count, int flags, int with_control) {
    arrival->message = (struct msghdr) {.msg_iov = (struct iovec *) into, .msg_iovlen = count,
        .msg_control = with_control ? &arrival->control : 0, .msg_controllen = with_control ? sizeof arrival->control : 0};
    return recvmsg(fd, &arrival->message, flags);
}

static int descriptors_in(struct arrival *arrival, int do_close) {
    int count = 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&arrival->message); h; h = CMSG_NXTHDR(&arrival->message, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) continue;
        int here_count = (h->cmsg_len - CMSG_LEN(0)) / 4;
        for (int i = 0; do_close && i < here_count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(h) + 4 * i, 4);
            close(fd);
        }
        count += here_count;
    }
    return count;
}

/* Looks, without taking anything, how many bytes there are up to the first that brings descriptors, that one too; how many it
   brings, or -1 if the process has no numbers for them. */
static ssize_t look(int fd, int *descriptors) {
    static __thread char unwanted[1024 * 1024]; /* more than is ever on its way: behind its end Linux finds descriptors as well */
    struct arrival arrival;
    struct iovec into = {unwanted, sizeof unwanted};
    ssize_t bytes = take(fd, &arrival, &into, 1, MSG_PEEK | MSG_DONTWAIT, 1);
    *descriptors = bytes <= 0 ? 0 : descriptors_in(&arrival, 1);
    if (bytes > 0 && arrival.message.msg_flags & MSG_CTRUNC) *descriptors = -1;
    return bytes;
}

/*
 * Reads a stream of the Unix domain. A message with descriptors begins a record: a read ends in front of it, or begins with it and
 * goes on with the plain bytes behind it [X, sbappendcontrol, soreceive]; Linux joins what is in front. The double's own senders
 * put descriptors on one byte, by which it knows where a record begins; of others' messages Linux's way is kept. Where the process
 * has no number for a descriptor, all are closed and the read fails, its data still waiting [X, unp_externalize].
 */
static ssize_t read_stream(int fd, struct socket_state *state, void *into, size_t size, int flags, struct arrival *arrival) {
    struct arrival unused;
    struct iovec all = {into, size};
    struct socket_state *sender = sender_of(state);
    int wants = arrival != 0, linux_flags = flags_in(flags), descriptors = 0;
    int has_records = sender && __atomic_load_n(&sender->records, __ATOMIC_RELAXED) > 0;
    if (!arrival) arrival = &unused;
    if (size == 0 || flags & (D_MSG_PEEK | D_MSG_OOB) || (sender && !has_records) || (!sender && !wants)) {
        return take(fd, arrival, &all, 1, linux_flags, wants);
    }
    ssize_t seen = look(fd, &descriptors);
    if (descriptors == 0) return take(fd, arrival, &all, 1, linux_flags, 0);
    if (has_records && seen > 1) {
        all.iov_len = (size_t) seen - 1 < size ? (size_t) seen - 1 : size;
        return take(fd, arrival, &all, 1, linux_flags, 0);
    }
    if (wants && descriptors < 0 && !state->stripped) {
        state->stripped = 1;
        return fail(EMSGSIZE);
    }
    int was_stripped = state->stripped;
    state->stripped = 0;
    if (has_records) all.iov_len = 1;
    ssize_t result = take(fd, arrival, &all, 1, linux_flags, wants && !was_stripped);
    if (was_stripped) arrival->message.msg_flags = 0;
    if (has_records && result > 0) {
        struct arrival more;
        __atomic_sub_fetch(&sender->records, 1, __ATOMIC_RELAXED);
        seen = look(fd, &descriptors);
        size_t plain = seen <= 0 ? 0 : descriptors ? (size_t) seen - 1 : (size_t) seen;
        struct iovec rest = {(char *) into + result, plain < size - result ? plain : size - result};
        ssize_t joined = rest.iov_len ? take(fd, &more, &rest, 1, linux_flags | MSG_DONTWAIT, 0) : 0;
        if (joined > 0) result += joined;
    }
    return result;
}

static ssize_t received(struct socket_state *state, ssize_t result) {
    if (result < 0 && errno == ECONNRESET && is_local_stream(state)) return 0; /* an end, and no reset [X, unp_detach] */
    return done(result);
}

ssize_t darwin_recv(int fd, void *into, size_t size, int flags) {
    struct socket_state *state = state_of(fd);
    return received(state, is_local_stream(state)
            ? read_stream(fd, state, into, size, flags, 0)
            : recv(fd, into, size, flags_in(flags)));
}

ssize_t darwin_recvfrom(int fd, void *into, size_t size, int flags, void *address, socklen_t *room) {
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    ssize_t result = done(recvfrom(fd, into, size, flags_in(flags), (void *) &from, &length));
    if (result >= 0 && address) to_darwin(&from, length, address, room);
    return result;
}

ssize_t darwin_recvmsg(int fd, struct d_msghdr *message, int flags) {
    struct socket_state *state = state_of(fd);
    struct arrival arrival;
    struct sockaddr_storage from;
    const struct iovec *into = message->msg_iov;
    ssize_t result;
    if (is_local_stream(state)) {
        if (message->msg_iovlen != 1) return fail(D_ENOSYS); /* the double reads into one piece */
        result = read_stream(fd, state, into->iov_base, into->iov_len, flags, &arrival);
    } else {
        arrival.message = (struct msghdr) {.msg_iov = (struct iovec *) into, .msg_iovlen = message->msg_iovlen,
            .msg_name = &from, .msg_namelen = sizeof from};
        result = recvmsg(fd, &arrival.message, flags_in(flags));
    }
    result = received(state, result);
    if (result < 0) return result;
    if (message->msg_name && arrival.message.msg_name) {
        socklen_t room = message->msg_namelen;
        to_darwin(&from, arrival.message.msg_namelen, message->msg_name, &room);
        message->msg_namelen = room;
    }
    message->msg_flags = flags_out(arrival.message.msg_flags);
    uint32_t room = message->msg_controllen, at = 0;
    message->msg_controllen = 0;
    /* Received descriptors are not close-on-exec, and no flag makes them so [M, recv(2)]. */
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&arrival.message); h && message->msg_control; h = CMSG_NXTHDR(&arrival.message, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) continue;
        uint32_t bytes = h->cmsg_len - CMSG_LEN(0);
        struct d_cmsghdr head = {sizeof head + bytes, D_SOL_SOCKET, D_SCM_RIGHTS};
        if (at + head.cmsg_len > room) { /* cut behind what is installed already: descriptors leak [X, sodopreceive] */
            message->msg_flags |= D_MSG_CTRUNC;
            break;
        }
        memcpy((char *) message->msg_control + at, &head, sizeof head);
        memcpy((char *) message->msg_control + at + sizeof head, CMSG_DATA(h), bytes);
        at += head.cmsg_len; /* 4 bytes each: nothing to align [M, CMSG_SPACE(3)] */
    }
    message->msg_controllen = at;
    return result;
}

/* ---- options ---- */

static int option(int level, int name, int *linux_level, struct socket_state *state) {
    *linux_level = level == D_SOL_SOCKET ? SOL_SOCKET : level;
    if (level == D_SOL_SOCKET) switch (name) { /* SO_DOMAIN is not among them */
        case D_SO_ACCEPTCONN: return SO_ACCEPTCONN;
        case D_SO_REUSEADDR: return SO_REUSEADDR;
        case D_SO_KEEPALIVE: return SO_KEEPALIVE;
        case D_SO_BROADCAST: return SO_BROADCAST;
        /* UDP sockets share an address by it, and TCP listeners no connections [U]. */
        case D_SO_REUSEPORT: return state && state->type == SOCK_DGRAM ? SO_REUSEADDR : SO_REUSEPORT;
        case D_SO_SNDBUF: return SO_SNDBUF;
        case D_SO_RCVBUF: return SO_RCVBUF;
        case D_SO_ERROR: return SO_ERROR;
        case D_SO_TYPE: return SO_TYPE;
        default: return -1;
    }
    if (level == IPPROTO_TCP) return name == D_TCP_NODELAY ? TCP_NODELAY : name == D_TCP_KEEPALIVE ? TCP_KEEPIDLE : -1;
    if (level == IPPROTO_IPV6) switch (name) {
        case D_IPV6_V6ONLY: return IPV6_V6ONLY;
        case D_IPV6_UNICAST_HOPS: return IPV6_UNICAST_HOPS;
        case D_IPV6_MULTICAST_IF: return IPV6_MULTICAST_IF;
        case D_IPV6_MULTICAST_HOPS: return IPV6_MULTICAST_HOPS;
        case D_IPV6_MULTICAST_LOOP: return IPV6_MULTICAST_LOOP;
        case D_IPV6_JOIN_GROUP: return IPV6_JOIN_GROUP;
        case D_IPV6_LEAVE_GROUP: return IPV6_LEAVE_GROUP;
        default: return -1;
    }
    if (level == IPPROTO_IP) switch (name) {
        case D_IP_TTL: return IP_TTL;
        case D_IP_MULTICAST_IF: return IP_MULTICAST_IF;
        case D_IP_MULTICAST_TTL: return IP_MULTICAST_TTL;
        case D_IP_MULTICAST_LOOP: return IP_MULTICAST_LOOP;
        case D_IP_ADD_MEMBERSHIP: return IP_ADD_MEMBERSHIP;
        case D_IP_DROP_MEMBERSHIP: return IP_DROP_MEMBERSHIP;
        default: return -1;
    }
    return -1;
}

static int answer(void *value, socklen_t *room, int number) {
    memcpy(value, &number, sizeof number);
    *room = sizeof number;
    return 0;
}

static int peer_of(int fd, int name, void *value, socklen_t *room) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return done(-1);
    if (peer.pid == 0 && peer.uid == (uid_t) -1) return fail(D_ENOTCONN);
    if (name == D_LOCAL_PEERCRED) {
        struct d_xucred made = {D_XUCRED_VERSION, peer.uid, 1, {peer.gid}};
        if (*room > sizeof made) *room = sizeof made;
        memcpy(value, &made, *room);
        return 0;
    }
    if (name == D_LOCAL_PEERPID) {
        return is_over(fd) ? fail(D_ENOTCONN) : answer(value, room, peer.pid); /* while it is there [X, uipc_ctloutput] */
    }
    return fail(D_ENOPROTOOPT);
}

int darwin_getsockopt(int fd, int level, int name, void *value, socklen_t *room) {
    struct socket_state *state = state_of(fd);
    if (!state) return fcntl(fd, F_GETFD) < 0 ? fail(D_EBADF) : fail(D_ENOTSOCK);
    if (level == D_SOL_LOCAL && state->family == AF_UNIX) return peer_of(fd, name, value, room);
    if (level == D_SOL_SOCKET) switch (name) {
        case D_SO_NOSIGPIPE: return answer(value, room, state->nosigpipe);
        case D_SO_SNDBUF: return answer(value, room, state->sndbuf); /* what was set, and not doubled [X] */
        case D_SO_RCVBUF: return answer(value, room, state->rcvbuf);
        case D_SO_SNDLOWAT: return answer(value, room, lowat_of(state)); /* [X, sbreserve] */
        default: break;
    }
    int linux_level, linux_name = option(level, name, &linux_level, state);
    if (linux_name < 0) return fail(D_ENOPROTOOPT);
    int result = done(getsockopt(fd, linux_level, linux_name, value, room));
    if (!result && level == D_SOL_SOCKET && name < 0x1000 && *(int *) value) *(int *) value = name; /* its own bit [X] */
    if (!result && level == D_SOL_SOCKET && name == D_SO_ERROR && *(int *) value) {
        int number = *(int *) value;
        *(int *) value = number == ECONNRESET && is_local_stream(state) ? 0 : darwin_errno(number);
    }
    return result;
}

int darwin_setsockopt(int fd, int level, int name, const void *value, socklen_t length) {
    struct socket_state *state = state_of(fd);
    struct sockaddr_storage from;
    socklen_t size = sizeof from;
    if (!state) return fcntl(fd, F_GETFD) < 0 ? fail(D_EBADF) : fail(D_ENOTSOCK);
    if (getpeername(fd, (void *) &from, &size) == 0 && is_over(fd)) return fail(D_EINVAL); /* [X, sosetoptlock] */
    if (level == D_SOL_SOCKET && name == D_SO_NOSIGPIPE) {
        state->nosigpipe = *(const int *) value != 0;
        return 0;
    }
    int linux_level, linux_name = option(level, name, &linux_level, state);
    if (linux_name < 0) return fail(D_ENOPROTOOPT);
    if (level == IPPROTO_IP && (name == D_IP_ADD_MEMBERSHIP || name == D_IP_DROP_MEMBERSHIP)) {
        if (length < sizeof(struct ip_mreq)) return fail(D_EINVAL);
        length = sizeof(struct ip_mreq); /* the index behind it is not read [X, inp_join_group] */
    }
    int half = *(const int *) value / 2;
    if (is_local_stream(state) && linux_level == SOL_SOCKET && linux_name == SO_SNDBUF) value = &half; /* doubled by Linux */
    int result = done(setsockopt(fd, linux_level, linux_name, value, length));
    if (!result && level == D_SOL_SOCKET && name == D_SO_SNDBUF) state->sndbuf = value == &half ? 2 * half : *(const int *) value;
    if (!result && level == D_SOL_SOCKET && name == D_SO_RCVBUF) state->rcvbuf = *(const int *) value;
    return result;
}

/* ---- files ---- */

static int oflags_in(int flags) {
    return (flags & D_O_ACCMODE) | (flags & D_O_NONBLOCK ? O_NONBLOCK : 0) | (flags & D_O_APPEND ? O_APPEND : 0)
            | (flags & D_O_NOFOLLOW ? O_NOFOLLOW : 0) | (flags & D_O_NOCTTY ? O_NOCTTY : 0)
            | (flags & D_O_DIRECTORY ? O_DIRECTORY : 0) | (flags & D_O_CLOEXEC ? O_CLOEXEC : 0);
}

int darwin_open(const char *path, int flags, ...) {
    return done(open(path, oflags_in(flags)));
}

/* A FIFO that stands in a directory has a path, an anonymous pipe has none [X, fcntl; U, uv__stream_try_select]. */
static int path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, D_PATH_MAX - 1);
    struct stat status;
    if (length < 0 || *path != '/') return fail(D_EBADF); /* no vnode */
    if (fstat(fd, &status) == 0 && status.st_nlink == 0) return fail(D_ENOENT); /* a vnode without a name [X, vn_getpath] */
    path[length] = 0;
    return 0;
}

int darwin_fcntl(int fd, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    long value = va_arg(arguments, long);
    va_end(arguments);
    struct socket_state *state;
    int flags;
    switch (command) {
    case D_F_DUPFD: return done(fcntl(fd, F_DUPFD, value));
    case D_F_DUPFD_CLOEXEC: return done(fcntl(fd, F_DUPFD_CLOEXEC, value));
    case D_F_GETFD: return done(fcntl(fd, F_GETFD));
    case D_F_SETFD: return done(fcntl(fd, F_SETFD, value));
    case D_F_GETFL:
        flags = done(fcntl(fd, F_GETFL));
        return flags < 0 ? flags
                : (flags & O_ACCMODE) | (flags & O_NONBLOCK ? D_O_NONBLOCK : 0) | (flags & O_APPEND ? D_O_APPEND : 0);
    case D_F_SETFL: return done(fcntl(fd, F_SETFL, oflags_in(value)));
    case D_F_GETPATH: return path_of(fd, (char *) value);
    case D_F_SETNOSIGPIPE:
        if (!(state = state_of(fd))) return fail(D_EBADF);
        state->nosigpipe = value != 0;
        return 0;
    default: return fail(D_EINVAL);
    }
}

static int status_out(int result, const struct stat *from, struct d_stat *to) {
    if (result < 0) return done(result);
    memset(to, 0, sizeof *to);
    *to = (struct d_stat) {.st_dev = from->st_dev, .st_mode = from->st_mode, .st_nlink = from->st_nlink,
        .st_ino = from->st_ino, .st_uid = from->st_uid, .st_gid = from->st_gid, .st_rdev = from->st_rdev};
    return 0;
}

/* On x86-64 the plain names are those with 32 bits for an inode, and nobody may call them [Apple's headers]. */
#ifdef __x86_64__
#define INODE64 "$INODE64"
#else
#define INODE64 ""
#endif
int darwin_lstat(const char *path, struct d_stat *to) __asm__("darwin_lstat" INODE64);
int darwin_fstat(int fd, struct d_stat *to) __asm__("darwin_fstat" INODE64);

int darwin_lstat(const char *path, struct d_stat *to) {
    struct stat from;
    return status_out(lstat(path, &from), &from, to);
}

int darwin_fstat(int fd, struct d_stat *to) {
    struct stat from;
    return status_out(fstat(fd, &from), &from, to);
}

int darwin_fchmod(int fd, unsigned mode) {
    return inode_of(fd) ? fail(D_EINVAL) : done(fchmod(fd, mode)); /* [X, fchmod1] */
}

int darwin_chmod(const char *path, unsigned mode) {
    return done(chmod(path, mode));
}

int darwin_fchmodat(int directory, const char *path, unsigned mode, int flags) {
    struct stat status;
    if (directory != D_AT_FDCWD || (flags & ~D_AT_SYMLINK_NOFOLLOW)) return fail(D_EINVAL);
    if (flags && lstat(path, &status) == 0 && S_ISLNK(status.st_mode)) return 0; /* the link's own mode, which says nothing */
    return done(chmod(path, mode));
}

int darwin_unlink(const char *path) { return done(unlink(path)); }
int darwin_flock(int fd, int operation) { return done(flock(fd, operation)); }
int darwin_isatty(int fd) { return isatty(fd); }
int darwin_abs(int number) { return abs(number); }

ssize_t darwin_read(int fd, void *into, size_t size) {
    return inode_of(fd) ? darwin_recv(fd, into, size, 0) : done(read(fd, into, size));
}

ssize_t darwin_write(int fd, const void *data, size_t size) { return done(write(fd, data, size)); }
ssize_t darwin_writev(int fd, const void *pieces, int count) { return done(writev(fd, pieces, count)); }

/* ---- waiting for a few ---- */

/* Of a FIFO with a name nobody hears that its last writer has gone, by kqueue or by poll, which is made of it [X; U]. */
static int never_ends(int fd) {
    struct stat status;
    char path[D_PATH_MAX];
    int before = errno, result = fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) 
            && (path_of(fd, path) == 0 || errno != D_EBADF);
    errno = before;
    return result;
}

int darwin_poll(struct pollfd *all, unsigned count, int timeout) {
    int result = done(poll(all, count, timeout));
    for (unsigned i = 0; result > 0 && i < count; i++) {
        if (all[i].revents & POLLHUP && never_ends(all[i].fd)) all[i].revents &= ~POLLHUP;
    }
    return result;
}

int darwin_select(int bound, void *read, void *written, void *except, struct timeval *timeout)
        __asm__("darwin_select$DARWIN_EXTSN");

static int is_in(const unsigned char *set, int fd) {
    return set && set[fd / 8] >> fd % 8 & 1;
}

/* By poll, as Linux's select takes 1024 descriptors and no more. */
int darwin_select(int bound, void *read, void *written, void *except, struct timeval *timeout) {
    struct pollfd polled[64];
    int count = 0, result = 0;
    (void) except;
    for (int fd = 0; fd < bound; fd++) {
        if (is_in(read, fd) || is_in(written, fd)) {
            if (count == 64) return fail(D_ENOSYS);
            polled[count++] = (struct pollfd) {
                fd, (is_in(read, fd) ? POLLIN : 0) | (is_in(written, fd) ? POLLOUT : 0), 0};
        }
    }
    if (poll(polled, count, timeout ? timeout->tv_sec * 1000 + timeout->tv_usec / 1000 : -1) < 0) return done(-1);
    for (int i = 0; i < count; i++) {
        int fd = polled[i].fd, ended = polled[i].revents & (POLLHUP | POLLERR);
        if (polled[i].revents & POLLNVAL) return fail(D_EBADF);
        if (is_in(read, fd) && !(polled[i].revents & POLLIN || ended)) ((unsigned char *) read)[fd / 8] &= ~(1 << fd % 8);
        if (is_in(written, fd) && !(polled[i].revents & POLLOUT || ended)) ((unsigned char *) written)[fd / 8] &= ~(1 << fd % 8);
        result += is_in(read, fd) + is_in(written, fd);
    }
    return result;
}

/* ---- signals ---- */

static int signal_in(int number) {
    return number == D_SIGIO ? SIGIO : number;
}

int darwin_sigaction(int number, const struct d_sigaction *to, struct d_sigaction *was) {
    struct sigaction in = {.sa_handler = to ? (void (*)(int)) to->handler : SIG_DFL}, out;
    int result = done(sigaction(signal_in(number), to ? &in : 0, &out));
    if (!result && was) *was = (struct d_sigaction) {(void *) out.sa_handler, 0, 0};
    return result;
}

int darwin_sigemptyset(uint32_t *set) { *set = 0; return 0; }
int darwin_sigaddset(uint32_t *set, int number) { *set |= 1u << (number - 1); return 0; }

int darwin_pthread_sigmask(int how, const uint32_t *set, uint32_t *was) {
    sigset_t mask;
    (void) was;
    if (how != D_SIG_UNBLOCK) return D_EINVAL;
    sigemptyset(&mask);
    for (int number = 1; number <= 31; number++) {
        if (*set >> (number - 1) & 1) sigaddset(&mask, signal_in(number));
    }
    return pthread_sigmask(SIG_UNBLOCK, &mask, 0);
}

void *darwin_pthread_self(void) { return (void *) pthread_self(); }
int darwin_pthread_kill(void *thread, int number) { return pthread_kill((pthread_t) thread, signal_in(number)); }

/* ---- kqueue: one epoll for what is read, in which there is another one for what is written ---- */

struct knote { uint16_t flags; unsigned char on, off; void *udata; };
struct kq { struct kq *next; int fd, writes, wake, size, triggered; struct knote *notes[2], user; };
static struct kq *queues;

int darwin_kqueue(void) {
    struct kq *fresh = calloc(1, sizeof *fresh);
    if (!fresh) return fail(D_ENOMEM);
    fresh->fd = epoll_create1(0);
    fresh->writes = fresh->fd < 0 ? -1 : epoll_create1(EPOLL_CLOEXEC);
    fresh->wake = fresh->writes < 0 ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fresh->wake < 0) {
        int number = darwin_errno(errno);
        if (fresh->writes >= 0) close(fresh->writes);
        if (fresh->fd >= 0) close(fresh->fd);
        free(fresh);
        return fail(number);
    }
    struct epoll_event woken = {.events = EPOLLIN, .data.fd = -1}, written = {.events = EPOLLIN, .data.fd = -2};
    epoll_ctl(fresh->fd, EPOLL_CTL_ADD, fresh->wake, &woken);
    epoll_ctl(fresh->fd, EPOLL_CTL_ADD, fresh->writes, &written);
    pthread_mutex_lock(&lock);
    if (spare < 0) spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    fresh->next = queues;
    queues = fresh;
    pthread_mutex_unlock(&lock);
    return fresh->fd;
}

static int tell(struct kq *queue, int filter, int fd, int was) {
    struct knote *note = &queue->notes[filter][fd];
    int epoll = filter ? queue->writes : queue->fd;
    struct epoll_event event = {.data.fd = fd,
        .events = (filter ? EPOLLOUT : EPOLLIN | EPOLLRDHUP) | (note->flags & D_EV_CLEAR ? EPOLLET : 0)};
    if (!note->on || note->off) return was ? epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event) : 0;
    int result = epoll_ctl(epoll, was ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    return result < 0 && errno == ENOENT ? epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) : result;
}

static int is_odd_device(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && major(status.st_rdev) == 5 && minor(status.st_rdev) == 0;
}

static int grow(struct kq *queue, int fd) {
    if (fd < queue->size) return 1;
    int size = fd * 2 + 16;
    for (int filter = 0; filter < 2; filter++) {
        struct knote *more = realloc(queue->notes[filter], size * sizeof *more);
        if (!more) return 0;
        memset(more + queue->size, 0, (size - queue->size) * sizeof *more);
        queue->notes[filter] = more;
    }
    queue->size = size;
    return 1;
}

/* Makes one change; 0 or an errno of Darwin's. */
static int change(struct kq *queue, const struct d_kevent *wanted) {
    if (wanted->filter == D_EVFILT_USER) {
        if (wanted->flags & D_EV_ADD) queue->user = (struct knote) {wanted->flags, 1, 0, wanted->udata};
        if (!queue->user.on) return D_ENOENT;
        if (wanted->fflags & D_NOTE_TRIGGER) {
            uint64_t one = 1;
            queue->triggered = 1;
            if (write(queue->wake, &one, sizeof one) < 0 && errno != EAGAIN) return D_EIO;
        }
        return 0;
    }
    if (wanted->filter != D_EVFILT_READ && wanted->filter != D_EVFILT_WRITE) return D_EINVAL;
    int filter = D_EVFILT_READ - wanted->filter, fd = (int) wanted->ident;
    if (fcntl(fd, F_GETFD) < 0) return D_EBADF;
    if (!grow(queue, fd)) return D_ENOMEM;
    if (wanted->flags & D_EV_ADD && is_odd_device(fd)) return D_EINVAL; /* [X, filt_specattach] */
    /* EPIPE is said of a pipe without its other end, whose note is there all the same [mio, of old systems]. */
    int refusal_number = wanted->flags & D_EV_ADD ? refused(fd, wanted->filter) : 0;
    if (refusal_number && refusal_number != D_EPIPE) return refusal_number;
    struct knote *note = &queue->notes[filter][fd], before = *note;
    int was = note->on && !note->off;
    if (wanted->flags & D_EV_DELETE) {
        if (!note->on) return D_ENOENT;
        memset(note, 0, sizeof *note);
        tell(queue, filter, fd, was);
        return 0;
    }
    if (!note->on && !(wanted->flags & D_EV_ADD)) return D_ENOENT;
    /* A note that is there keeps its EV_CLEAR, or its lack of it [X, kevent_register]. */
    if (!note->on) note->flags = wanted->flags & (D_EV_ONESHOT | D_EV_CLEAR | D_EV_DISPATCH);
    note->on = 1;
    note->udata = wanted->udata;
    if (wanted->flags & D_EV_DISABLE) note->off = 1;
    else if (wanted->flags & (D_EV_ENABLE | D_EV_ADD)) note->off = 0;
    if (tell(queue, filter, fd, was) < 0) {
        int number = errno == EPERM ? D_EINVAL : darwin_errno(errno);
        *note = before;
        return number;
    }
    return refusal_number;
}

/* A failed change is an event if there is room for it; without, the call fails and what comes behind it is not made [M, kevent(2);
   X, kevent_register]. Such answers come alone. */
static int change_all(struct kq *queue, const struct d_kevent *in, int count, struct d_kevent *out, int room) {
    int answers = 0;
    for (int i = 0; i < count; i++) {
        struct d_kevent each = in[i];
        int number = change(queue, &each);
        if (number || each.flags & D_EV_RECEIPT) {
            if (answers < room) {
                each.flags |= D_EV_ERROR;
                each.data = number;
                out[answers++] = each;
            } else if (number) {
                return fail(number);
            }
        }
    }
    return answers;
}

static int is_reportable(struct kq *queue, int filter, int fd, int found) {
    struct knote *note = fd < queue->size ? &queue->notes[filter][fd] : 0;
    if (!note || !note->on || note->off) return 0;
    if (found & (EPOLLHUP | EPOLLRDHUP) && !(found & (EPOLLIN | EPOLLOUT | EPOLLERR)) && never_ends(fd)) return 0;
    struct socket_state *state = filter ? state_of(fd) : 0;
    if (is_local_stream(state) && !(found & (EPOLLHUP | EPOLLERR))) {
        return state->shut & 2 || room_of(fd, state) >= lowat_of(state); /* [X, filt_sowrite] */
    }
    return 1;
}

static void report(struct kq *queue, int filter, int fd, int found, struct d_kevent *out) {
    struct knote *note = &queue->notes[filter][fd];
    struct socket_state *state = state_of(fd);
    /* An end of the output is one of our own as well [X, filt_sowrite: SS_CANTSENDMORE]. */
    int ended = found & (EPOLLHUP | EPOLLERR | (filter ? 0 : EPOLLRDHUP)) || (filter && state && state->shut & 2), bytes = 0;
    if (filter) bytes = is_local_stream(state) ? room_of(fd, state) : MCLBYTES; /* of sockets the free room [M, kqueue(2)] */
    else ioctl(fd, FIONREAD, &bytes);
    *out = (struct d_kevent) {fd, D_EVFILT_READ - filter, note->flags | (ended ? D_EV_EOF : 0), 0, bytes, note->udata};
    if (note->flags & D_EV_ONESHOT) {
        memset(note, 0, sizeof *note);
        tell(queue, filter, fd, 1);
    } else if (note->flags & D_EV_DISPATCH) {
        note->off = 1;
        tell(queue, filter, fd, 1);
    }
}

/* Collects what an epoll has found. A note that is level-triggered and not to be reported comes again, until it is. */
static int collect(struct kq *queue, int filter, struct epoll_event *found, int count, struct d_kevent *out, int made, int room) {
    for (int i = 0; i < count && made < room; i++) {
        int fd = found[i].data.fd;
        if (fd == -1) {
            uint64_t ignored;
            /* Without EV_CLEAR it stays triggered, and is told again and again [M, kqueue(2)]. */
            if (queue->user.flags & D_EV_CLEAR && read(queue->wake, &ignored, sizeof ignored) < 0) continue;
            if (queue->triggered) out[made++] = (struct d_kevent) {0, D_EVFILT_USER, queue->user.flags, 0, 0, queue->user.udata};
            if (queue->user.flags & D_EV_CLEAR) queue->triggered = 0;
        } else if (fd == -2) {
            struct epoll_event more[256];
            int most = room - made < 256 ? room - made : 256, ready = epoll_wait(queue->writes, more, most, 0);
            made = ready > 0 ? collect(queue, 1, more, ready, out, made, room) : made;
        } else if (is_reportable(queue, filter, fd, found[i].events)) {
            report(queue, filter, fd, found[i].events, &out[made++]);
        }
    }
    return made;
}

static long long millis_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

int darwin_kevent(int fd, const struct d_kevent *in, int in_count, struct d_kevent *out, int room, const struct timespec *timeout) {
    /* Absurd seconds are refused [X, itimerfix]. */
    if (timeout && (timeout->tv_sec < 0 || timeout->tv_sec > 100000000 || timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000)) {
        return fail(D_EINVAL);
    }
    pthread_mutex_lock(&lock);
    struct kq *queue = queues;
    while (queue && queue->fd != fd) queue = queue->next;
    pthread_mutex_unlock(&lock);
    if (!queue) return fail(D_EBADF);
    int answers = change_all(queue, in, in_count, out, room);
    if (answers != 0 || room == 0) return answers;
    long long wait = timeout ? timeout->tv_sec * 1000LL + (timeout->tv_nsec + 999999) / 1000000 : -1;
    long long deadline = wait > 0 ? millis_now() + wait : 0;
    while (1) {
        struct epoll_event found[256];
        int most = room < 256 ? room : 256;
        int count = epoll_wait(fd, found, most, wait > 0x7fffffff ? 0x7fffffff : (int) wait);
        if (count < 0) return done(count);
        int made = collect(queue, 0, found, count, out, 0, room);
        if (made > 0 || wait == 0 || count == 0) return made;
        if (wait > 0 && (wait = deadline - millis_now()) < 0) wait = 0;
        /* Linux finds ready what Darwin does not: looked at again in a moment. */
        poll(0, 0, 1);
    }
}

/* Ends the notes of the number, whatever duplicates there are [M, kqueue(2); X, knote_fdclose]. */
int darwin_close(int fd) {
    collect_garbage(fd);
    pthread_mutex_lock(&lock);
    for (struct kq **at = &queues; *at; at = &(*at)->next) {
        struct kq *queue = *at;
        if (queue->fd == fd) {
            *at = queue->next;
            close(queue->wake);
            close(queue->writes);
            free(queue->notes[0]);
            free(queue->notes[1]);
            free(queue);
            break;
        }
        for (int filter = 0; filter < 2 && fd >= 0 && fd < queue->size; filter++) {
            if (queue->notes[filter][fd].on) {
                memset(&queue->notes[filter][fd], 0, sizeof(struct knote));
                epoll_ctl(filter ? queue->writes : queue->fd, EPOLL_CTL_DEL, fd, 0);
            }
        }
    }
    pthread_mutex_unlock(&lock);
    return done(close(fd));
}
