/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Inside of lib/db: the door's state, and the parts of a statement's way that its files share.
 */
#ifndef DB_STATE_H
#define DB_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include <libpq-fe.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "db/conn.h"
#include "db/db.h"

#define CONNECT_WAIT (2 * USEC_SEC) /* a fiber waits for a connection */
#define TURN_WAIT (10 * USEC_SEC) /* a fiber waits for its turn */
#define GROUPS_IN_FLIGHT 128 /* on the shared connection */
#define VALUES_LIMIT ((size_t)64 << 20) /* bytes of parameters, or of a result */

struct db_session {
	struct conn conn;
	struct db_session *next; /* idle */
	int64_t tenant;
	bool begun; /* BEGIN was sent */
	bool bound; /* to the tenant */
	bool snapshot; /* all statements see the same */
	int error; /* of the first statement that failed */
	bool again; /* it was a serialisation failure or a deadlock */
};

struct db {
	struct loop *loop;
	const char **keywords; /* for libpq, both end with NULL */
	const char **values;
	PQconninfoOption *parsed; /* owns most of the values */
	unsigned n_hosts;
	char *options;
	char *program;
	bool check_schema;
	struct conn shared;
	struct slots window; /* groups in flight on the shared connection */
	struct db_session *sessions;
	size_t n_sessions;
	struct db_session *idle;
	struct slots turns; /* idle sessions */
	struct conn listen;
	struct listener *listeners;
};

/* Parameters as libpq takes them, in binary, on the ctx's arena. */
struct encoded {
	int n;
	const char **values;
	int *lengths;
	int *formats;
};

/* encode.c: E_INVALID or E_TOO_LARGE for a value that has no binary form. */
int encode_params(struct ctx *c, const struct db_query *q, const union db_value *params,
		  struct encoded *ret) must_check;

/* decode.c */
int decode_rows(struct ctx *c, const struct db_query *q, const PGresult *r, void **ret_rows,
		size_t *ret_count) must_check;

/* error.c: the condition of a finished group with its message, 0 when it succeeded. */
int group_error(struct ctx *c, const char *name, const struct group *g) must_check;
/* Whether the server takes no writes any more: the connection is of no use. */
bool group_is_demoted(const struct group *g);
/* Whether the whole transaction may succeed when tried again. */
bool group_may_retry(const struct group *g);

/* query.c: slots_take(), counted. */
int turn_take(struct slots *s, usec deadline) must_check;

/* session.c */
int sessions_init(struct db *db, size_t n) must_check;
void sessions_done(struct db *db);
int session_query(struct ctx *c, const struct db_query *q, const struct encoded *e,
		  struct group **ret) must_check;

/* hosts.c */
/* How many hosts there are. */
unsigned hosts_count(const struct db *db);
/* Begins to connect, with the by-th host first. */
PGconn *hosts_connect(const struct db *db, unsigned by);

/* listen.c */
void listen_init(struct db *db);
void listen_done(struct db *db);

#endif
