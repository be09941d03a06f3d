/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Inside of lib/db: one connection in pipeline mode, whoever uses it (the shared pipeline, a
 * session, the listener), and groups, the units that travel on it: some steps and a sync. Groups
 * are answered in the order in which they were sent, and an error ends its own group only.
 */
#ifndef DB_CONN_H
#define DB_CONN_H

#include <stdbool.h>
#include <stddef.h>

#include <libpq-fe.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "db/db.h"
#include "loop/fiber.h"
#include "loop/loop.h"

struct encoded;
struct conn_waiter;

enum conn_state {
	CONN_CLOSED, /* until somebody wants it */
	CONN_WAITING, /* for the time of the next try */
	CONN_CONNECTING,
	CONN_CHECKING, /* which version the schema has */
	CONN_READY,
};

struct conn {
	struct db *db;
	PGconn *pg; /* NULL when closed or waiting */
	enum conn_state state;
	bool always; /* opened again without being asked */
	bool refused; /* the schema's version was not known at the last look */
	struct watch watch;
	struct timer timer;
	unsigned first_host; /* of several, with which the next try begins */
	usec delay; /* before the next try */
	usec not_before; /* monotonic: no try earlier */
	struct arena *arena; /* from one loss to the next: what follows */
	str why; /* it is not ready, for messages */
	const struct db_query **prepared; /* by address */
	size_t n_prepared;
	size_t room; /* for prepared ones */
	struct conn_waiter *waiters;
	struct group *first, *last; /* sent, not answered */
	void (*on_ready)(struct conn *conn);
	void (*on_notify)(struct conn *conn, const char *channel, str payload);
};

/* Opens nothing. */
void conn_init(struct conn *conn, struct db *db);
/* Starts to connect, now or when the delay is over, unless that happens already. */
void conn_open(struct conn *conn);
/* Parks the fiber until the connection is ready: 0, or E_LATER at the deadline or a refusal. */
int conn_wait(struct ctx *c, struct conn *conn, usec deadline) must_check;
/* Closes; what is in flight is lost, and told why. A later use opens it again. */
void conn_lose(struct conn *conn, const char *why);
/* For good. */
void conn_done(struct conn *conn);

/* pipeline.c */

#define GROUP_STEPS 6

struct group {
	struct group *next;
	struct conn *conn;
	void (*done)(struct group *g); /* called once, when finished */
	void *arg;
	const struct db_query *prepares[GROUP_STEPS]; /* by each step; NULL: it prepares nothing */
	unsigned n_steps;
	unsigned at; /* the step whose results come next */
	PGresult *result; /* of the last step, or the first error */
	bool failed; /* a step failed: result says why, or is NULL */
	bool lost; /* the connection went away first */
	bool finished;
};

/* A group for a connection that is ready. */
struct group *group_new(struct conn *conn, void (*done)(struct group *g), void *arg) must_check;
void group_free(struct group *g);
void group_freep(struct group **g);
/* Adds a statement without parameters, not prepared. */
void group_command(struct group *g, const char *sql);
/* Adds a statement, prepared before when the connection does not have it. */
void group_query(struct group *g, const struct db_query *q, const struct encoded *e);
/* Adds the binding to a tenant, and the trace of the unit of work, for the rest of the transaction. */
void group_bind(struct group *g, int64_t domain_id, const char *trace);
/* Ends it and sends; from here the group may be finished at any time. */
void group_send(struct group *g);
/*
 * Parks until a group, made with group_wake and the running fiber, is finished. At the deadline
 * (0: none) false: then the group frees itself later and is no longer the caller's.
 */
bool group_wait(struct group *g, usec deadline) must_check;
void group_wake(struct group *g);

/* Reads and sends what can be, for the events of the connection's watch. */
void pipeline_event(struct conn *conn);
/* All in flight are lost. */
void pipeline_lose(struct conn *conn);

#endif
