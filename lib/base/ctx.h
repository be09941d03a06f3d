/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ctx: one unit of work (a request, a stator job, a command). It is the first parameter of
 * everything that touches the database, the network or a tenant, so that no query can forget the
 * tenant. The doors it points to are opaque here; each room includes the header of the door that
 * it uses.
 */
#ifndef BASE_CTX_H
#define BASE_CTX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

struct db; /* lib/db: this loop's database door */
struct db_session; /* lib/db: the exclusive session of an open transaction */
struct fetch; /* lib/fetch: this loop's outbound door */
struct media; /* lib/media: this loop's store of files and decoding workers */
struct domain; /* lib/model: the tenant's record */
struct domain_table; /* lib/model: all tenants' records */
struct emoji_shelf; /* lib/model: emoji that were loaded */
struct settings; /* lib/model: what the configuration says */

struct ctx {
	struct arena *arena;
	struct db *db;
	struct db_session *session; /* set between db_begin and db_commit */
	struct fetch *fetch;
	struct media *media;
	const struct settings *settings;
	struct domain_table
		*domains; /* the snapshot that this unit works with; it holds a reference */
	const struct domain *domain; /* the tenant; NULL for host and neutral work */
	int64_t domain_id; /* the tenant that row-level security binds to; 0: none */
	int64_t user_id; /* who is logged in; 0: nobody */
	int64_t identity_id; /* whom they act as; 0: nobody */
	unsigned language; /* of pages; 0: English */
	usec now; /* when the unit began, Unix microseconds */
	struct emoji_shelf *emojis; /* of what this unit shows; NULL: none so far */
	const char *job_type; /* what the stator works on, for logs; NULL: nothing */
	int64_t job_id;
	unsigned statements; /* sent to the database so far */
	usec deadline; /* monotonic, of statements outside of a transaction; 0: none */
	str error; /* message of the last fail() */
	bool is_inner; /* it names what is inside, and is for logs alone */
	const char *error_field; /* the field of a form that it is about; NULL: none */
	/*
	 * 16 hex digits each, on every log line of the unit: the trace that it belongs to, its own span (W3C Trace
	 * Context), and the span that caused it, which may be empty. The span that a trace begins with has its number, so
	 * that whoever knows the trace knows the parent.
	 */
	char trace[17], span[17], parent[17];
};

/* A ctx on the arena that begins a trace of its own, and the present time; everything else is zero. */
void ctx_init(struct ctx *c, struct arena *a);

/* Begins a trace of that number here, below a span of somebody else's; 0 changes nothing, and no parent is 0. */
void ctx_begin(struct ctx *c, int64_t trace, int64_t parent);
/* The unit is a span below the beginning of that trace, so that logs and rows join; 0 changes nothing. */
void ctx_follow(struct ctx *c, int64_t trace);
/* The trace as rows keep it, in the form of logs. */
str trace_text(struct arena *a, int64_t trace);

/* Keeps the message for whoever shows the error, and returns err. */
int fail(struct ctx *c, int err, const char *format, ...) printf_like(3, 4);

/* E_NOT_FOUND: the statement of that name had to give one row, and gave none. */
int fail_row(struct ctx *c, const char *statement);

/*
 * Says which field of a form a condition is about, by the field's name, and returns err: what says
 * it first knows it best. Nothing happens when err is none.
 */
int fail_at(struct ctx *c, const char *field, int err);
/* The same of one of several fields alike, whose name ends with its number. */
int fail_at_row(struct ctx *c, const char *field, size_t number, int err);

/* The message of the last fail(), or the name of err when there was none; for logs. */
str ctx_error(const struct ctx *c, int err);

/* The same for whoever asked: a statement's name is not for them. */
str ctx_words(const struct ctx *c, int err);

#endif
