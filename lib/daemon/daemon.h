/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What a daemon owes its service manager (sd_listen_fds(3), sd_notify(3), sd_watchdog_enabled(3)):
 * the only door to libsystemd. Works without systemd as well: then sockets are opened here.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/str.h"
#include "loop/loop.h"

/*
 * The listening socket of that name, passed by systemd (FileDescriptorName=) or opened at address:
 * "host:port", "[v6]:port", ":port", "/path" (unix, mode 0660) or "@abstract". -ENOENT when neither
 * is there. The descriptor is non-blocking, close-on-exec and the caller's. -EINVAL for an address
 * of another form and for a passed socket that does not listen; -EADDRINUSE also when a unix path
 * is answered or is no socket, while a path that nobody answers at is replaced.
 */
int daemon_socket(const char *name, const char *address, int *ret_fd) must_check;
/* Whether sockets were passed: then they outlive the process and pending connections are kept. */
bool daemon_has_passed_sockets(void);

/* READY=1, STATUS=..., RELOADING=1 with MONOTONIC_USEC, STOPPING=1. */
void daemon_ready(void);
void daemon_status(const char *format, ...) printf_like(1, 2);
void daemon_reloading(void);
void daemon_stopping(void);

/*
 * Signals as calls from the loop: SIGTERM and SIGINT stop, SIGHUP reload. Also starts the
 * watchdog's pings from a timer of this loop, so that a process with a stuck loop is restarted.
 */
struct daemon_calls {
	void (*stop)(void *arg);
	void (*reload)(void *arg); /* NULL: SIGHUP is ignored */
	void *arg;
};
int daemon_attach(struct loop *l, const struct daemon_calls *calls) must_check;
void daemon_detach(void);

/*
 * Another loop of this process, on a thread of its own: while it does not turn, nobody is told that all is well. The
 * struct is the caller's, zeroed before its first use, and lives until daemon_detach. Begins on the attached loop's
 * thread, before the other loop runs; ends on the other's own, before that loop does.
 */
struct daemon_pulse {
	struct timer timer;
	usec beat; /* monotonic, the last turn; 0: it has ended */
	struct daemon_pulse *next;
};
void daemon_pulse_begin(struct loop *l, struct daemon_pulse *p);
void daemon_pulse_end(struct daemon_pulse *p);

/* Blocks those signals for this and all later threads and ignores SIGPIPE; first thing in main. */
void daemon_block_signals(void);

/*
 * When standard error is the journal (systemd.exec(5), $JOURNAL_STREAM), log lines go there as entries with fields
 * (sd_journal_sendv(3)): what stands in the line, and REQUEST_ID, TRACE_ID, SPAN_ID, PARENT_SPAN_ID, TENANT, IDENTITY, JOB_TYPE and JOB_ID. Else nothing
 * changes. Before the first thread starts.
 */
void daemon_log_to_journal(void);

/* A credential (systemd's $CREDENTIALS_DIRECTORY) of that name, at most 64 KiB; E_NOT_FOUND. */
int daemon_credential(struct arena *a, const char *name, str *ret) must_check;

#endif
