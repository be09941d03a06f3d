/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Log lines as entries of the journal. Invariant: a field has an id or a word of ours, never text of people, so that
 * fields tell no more than lines do.
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/log.h"

/* After base/log.h: it brings syslog.h along, whose macros have names of our enumerators, and their numbers. */
#define SD_JOURNAL_SUPPRESS_LOCATION /* it would be this file for every line */
#include <systemd/sd-journal.h>

#define FIELDS 11
#define FIELD_LIMIT 64

/* One entry: its fields, and the room that they stand in. */
struct entry {
	struct iovec fields[FIELDS];
	char room[FIELDS][FIELD_LIMIT];
	size_t n;
};

static void put(struct entry *e, const char *format, ...) printf_like(2, 3);

static void put(struct entry *e, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(e->room[e->n], FIELD_LIMIT, format, args);
	va_end(args);
	if (n <= 0 || n >= FIELD_LIMIT)
		return;
	e->fields[e->n] = (struct iovec){ e->room[e->n], (size_t)n };
	e->n++;
}

/* A trace's id is of 32 digits for the rest of the world: a shorter one has noughts before it (W3C Trace Context). */
static void put_context(struct entry *e, const struct ctx *c)
{
	if (c->trace[0]) {
		put(e, "REQUEST_ID=%s", c->trace);
		put(e, "TRACE_ID=%016d%s", 0, c->trace);
		put(e, "SPAN_ID=%s", c->span);
	}
	if (c->parent[0])
		put(e, "PARENT_SPAN_ID=%s", c->parent);
	if (c->domain_id)
		put(e, "TENANT=%lld", (long long)c->domain_id);
	if (c->identity_id)
		put(e, "IDENTITY=%lld", (long long)c->identity_id);
	if (!c->job_type)
		return;
	put(e, "JOB_TYPE=%s", c->job_type);
	put(e, "JOB_ID=%lld", (long long)c->job_id);
}

static bool send_entry(enum log_level level, const struct ctx *c, const char *line, size_t n)
{
	static const char name[] = "MESSAGE=";
	struct entry e = { .n = 0 };
	char message[4096];

	if (sizeof(name) + n > sizeof(message))
		return false;
	memcpy(message, name, sizeof(name) - 1);
	memcpy(message + sizeof(name) - 1, line, n);
	e.fields[e.n++] = (struct iovec){ message, sizeof(name) - 1 + n };
	put(&e, "PRIORITY=%d", (int)level);
	put(&e, "SYSLOG_IDENTIFIER=%s", program_invocation_short_name);
	if (c)
		put_context(&e, c);
	return sd_journal_sendv(e.fields, (int)e.n) == 0;
}

/* Somebody may have led standard error elsewhere since: then it is not the stream that the variable names. */
static bool is_journal(int fd)
{
	const char *text = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;
	int end = 0;

	if (!text || sscanf(text, "%llu:%llu%n", &device, &inode, &end) != 2 || text[end])
		return false;
	return fstat(fd, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void daemon_log_to_journal(void)
{
	if (is_journal(STDERR_FILENO))
		log_set_sink(send_entry);
}
