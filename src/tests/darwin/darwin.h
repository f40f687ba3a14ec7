/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Darwin's numbers and structures, as the double of its C library has them. The lane of the headers compares each of them with
 * Apple's, so that what the double believes and what the library believes cannot be wrong together.
 */
#ifndef PANPIPE_DARWIN_H
#define PANPIPE_DARWIN_H

#include <stdint.h>

#define DARWIN_NUMBERS(X) \
    X(AF_UNSPEC, 0) X(AF_UNIX, 1) X(AF_INET, 2) X(AF_INET6, 30) \
    X(SOCK_STREAM, 1) X(SOCK_DGRAM, 2) X(SOCK_SEQPACKET, 5) \
    X(SOL_SOCKET, 0xffff) X(SO_ACCEPTCONN, 2) X(SO_REUSEADDR, 4) X(SO_KEEPALIVE, 8) X(SO_BROADCAST, 0x20) \
    X(SO_REUSEPORT, 0x200) X(SO_SNDBUF, 0x1001) X(SO_RCVBUF, 0x1002) X(SO_SNDLOWAT, 0x1003) X(SO_ERROR, 0x1007) \
    X(SO_TYPE, 0x1008) X(SO_NOSIGPIPE, 0x1022) \
    X(SOL_LOCAL, 0) X(LOCAL_PEERCRED, 1) X(LOCAL_PEERPID, 2) X(XUCRED_VERSION, 0) \
    X(MSG_OOB, 1) X(MSG_PEEK, 2) X(MSG_EOR, 8) X(MSG_TRUNC, 0x10) X(MSG_CTRUNC, 0x20) X(MSG_WAITALL, 0x40) \
    X(MSG_DONTWAIT, 0x80) X(MSG_NOSIGNAL, 0x80000) X(SCM_RIGHTS, 1) X(SOCK_MAXADDRLEN, 255) \
    X(O_ACCMODE, 3) X(O_NONBLOCK, 4) X(O_APPEND, 8) X(O_NOFOLLOW, 0x100) X(O_NOCTTY, 0x20000) X(O_DIRECTORY, 0x100000) \
    X(O_CLOEXEC, 0x1000000) \
    X(F_DUPFD, 0) X(F_GETFD, 1) X(F_SETFD, 2) X(F_GETFL, 3) X(F_SETFL, 4) X(F_GETPATH, 50) X(F_DUPFD_CLOEXEC, 67) \
    X(F_SETNOSIGPIPE, 73) X(FD_CLOEXEC, 1) X(AT_FDCWD, -2) X(AT_SYMLINK_NOFOLLOW, 0x20) \
    X(PATH_MAX, 1024) X(PIPE_BUF, 512) X(IOV_MAX, 1024) X(SIGIO, 23) X(SIG_UNBLOCK, 2) \
    X(IPPROTO_IP, 0) X(IPPROTO_TCP, 6) X(IPPROTO_IPV6, 41) X(TCP_NODELAY, 1) X(TCP_KEEPALIVE, 0x10) \
    X(IP_TTL, 4) X(IP_MULTICAST_IF, 9) X(IP_MULTICAST_TTL, 10) X(IP_MULTICAST_LOOP, 11) X(IP_ADD_MEMBERSHIP, 12) \
    X(IP_DROP_MEMBERSHIP, 13) X(IPV6_UNICAST_HOPS, 4) X(IPV6_MULTICAST_IF, 9) X(IPV6_MULTICAST_HOPS, 10) \
    X(IPV6_MULTICAST_LOOP, 11) X(IPV6_JOIN_GROUP, 12) X(IPV6_LEAVE_GROUP, 13) X(IPV6_V6ONLY, 27) \
    X(EVFILT_READ, -1) X(EVFILT_WRITE, -2) X(EVFILT_USER, -10) X(EV_ADD, 1) X(EV_DELETE, 2) X(EV_ENABLE, 4) \
    X(EV_DISABLE, 8) X(EV_ONESHOT, 0x10) X(EV_CLEAR, 0x20) X(EV_RECEIPT, 0x40) X(EV_DISPATCH, 0x80) X(EV_ERROR, 0x4000) \
    X(EV_EOF, 0x8000) X(NOTE_TRIGGER, 0x01000000)

/* What Linux calls by the same name, in Darwin's number. */
#define DARWIN_ERRNOS(X) \
    X(EPERM, 1) X(ENOENT, 2) X(EINTR, 4) X(EIO, 5) X(ENXIO, 6) X(E2BIG, 7) X(EBADF, 9) X(EDEADLK, 11) X(ENOMEM, 12) \
    X(EACCES, 13) X(EFAULT, 14) X(EBUSY, 16) X(EEXIST, 17) X(ENODEV, 19) X(ENOTDIR, 20) X(EISDIR, 21) X(EINVAL, 22) \
    X(ENFILE, 23) X(EMFILE, 24) X(ENOTTY, 25) X(ETXTBSY, 26) X(ENOSPC, 28) X(ESPIPE, 29) X(EROFS, 30) X(EPIPE, 32) \
    X(EAGAIN, 35) X(EINPROGRESS, 36) X(EALREADY, 37) X(ENOTSOCK, 38) X(EDESTADDRREQ, 39) X(EMSGSIZE, 40) \
    X(EPROTOTYPE, 41) X(ENOPROTOOPT, 42) X(EPROTONOSUPPORT, 43) X(EAFNOSUPPORT, 47) X(EADDRINUSE, 48) \
    X(EADDRNOTAVAIL, 49) X(ENETDOWN, 50) X(ENETUNREACH, 51) X(ECONNABORTED, 53) X(ECONNRESET, 54) X(ENOBUFS, 55) \
    X(EISCONN, 56) X(ENOTCONN, 57) X(ETOOMANYREFS, 59) X(ETIMEDOUT, 60) X(ECONNREFUSED, 61) X(ELOOP, 62) \
    X(ENAMETOOLONG, 63) X(EHOSTUNREACH, 65) X(ENOTEMPTY, 66) X(ENOSYS, 78) X(ECANCELED, 89) X(EPROTO, 100) \
    X(EOPNOTSUPP, 102)

struct d_sockaddr_un { uint8_t sun_len, sun_family; char sun_path[104]; };
struct d_msghdr {
    void *msg_name; uint32_t msg_namelen; void *msg_iov; int msg_iovlen; void *msg_control; uint32_t msg_controllen;
    int msg_flags;
};
struct d_cmsghdr { uint32_t cmsg_len; int cmsg_level, cmsg_type; };
struct d_kevent { uint64_t ident; int16_t filter; uint16_t flags; uint32_t fflags; int64_t data; void *udata; };
struct d_stat {
    int32_t st_dev; uint16_t st_mode, st_nlink; uint64_t st_ino; uint32_t st_uid, st_gid; int32_t st_rdev;
    char rest[116];
};
struct d_xucred { uint32_t cr_version, cr_uid; int16_t cr_ngroups; uint32_t cr_groups[16]; };
struct d_sigaction { void *handler; uint32_t sa_mask; int sa_flags; };

#define DARWIN_STRUCTS(S, F) \
    S(sockaddr_un) F(sockaddr_un, sun_len) F(sockaddr_un, sun_family) F(sockaddr_un, sun_path) \
    S(msghdr) F(msghdr, msg_name) F(msghdr, msg_namelen) F(msghdr, msg_iov) F(msghdr, msg_iovlen) F(msghdr, msg_control) \
    F(msghdr, msg_controllen) F(msghdr, msg_flags) \
    S(cmsghdr) F(cmsghdr, cmsg_len) F(cmsghdr, cmsg_level) F(cmsghdr, cmsg_type) \
    S(kevent) F(kevent, ident) F(kevent, filter) F(kevent, flags) F(kevent, fflags) F(kevent, data) F(kevent, udata) \
    S(stat) F(stat, st_dev) F(stat, st_mode) F(stat, st_nlink) F(stat, st_ino) F(stat, st_uid) F(stat, st_gid) F(stat, st_rdev) \
    S(xucred) F(xucred, cr_version) F(xucred, cr_uid) F(xucred, cr_ngroups) F(xucred, cr_groups) \
    S(sigaction) F(sigaction, sa_mask) F(sigaction, sa_flags)

#endif
