/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a session in the idle list is in no transaction, so whoever borrows it starts clean;
 * a slot of db->turns stands for each idle session. One that cannot be brought back to that state
 * is closed, and opened again by its next use.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "db/state.h"

#define TRIES 4 /* of a transaction: the first and three more */
#define RETRY_DELAY (5 * USEC_MSEC)

int sessions_init(struct db *db, size_t n)
{
	slots_init(&db->turns, (unsigned)n);
	db->sessions = calloc(n ? n : 1, sizeof(*db->sessions));
	if (!db->sessions)
		return -ENOMEM;
	db->n_sessions = n;
	for (size_t i = n; i-- > 0;) {
		struct db_session *s = &db->sessions[i];

		conn_init(&s->conn, db);
		s->next = db->idle;
		db->idle = s;
	}
	return 0;
}

void sessions_done(struct db *db)
{
	for (size_t i = 0; i < db->n_sessions; i++)
		conn_done(&db->sessions[i].conn);
	free(db->sessions);
}

/* Ends the borrowing. What is still open on the connection goes away with it. */
static void give_back(struct ctx *c)
{
	struct db_session *s = c->session;
	struct db *db = c->db;

	if (s->conn.state == CONN_READY && PQtransactionStatus(s->conn.pg) != PQTRANS_IDLE)
		conn_lose(&s->conn, "the session was not clean");
	c->session = NULL;
	s->next = db->idle;
	db->idle = s;
	slots_give(&db->turns);
}

int db_begin(struct ctx *c)
{
	struct db *db = c->db;
	struct db_session *s;
	int r;

	assert(!c->session && db->n_sessions);
	if (turn_take(&db->turns, clock_mono() + TURN_WAIT))
		return fail(c, E_LATER, "all sessions of the database are taken");
	s = db->idle;
	db->idle = s->next;
	s->begun = s->bound = s->again = s->snapshot = false;
	s->error = 0;
	s->tenant = c->domain_id;
	c->session = s;
	r = conn_wait(c, &s->conn, clock_mono() + CONNECT_WAIT);
	if (r)
		give_back(c);
	return r;
}

int db_begin_snapshot(struct ctx *c)
{
	TRY(db_begin(c));
	c->session->snapshot = true;
	return 0;
}

int db_bind(struct ctx *c, int64_t domain_id)
{
	assert(c->session);
	if (c->session->tenant != domain_id)
		c->session->bound = false;
	c->session->tenant = domain_id;
	return c->session->error;
}

/* Keeps the first failure: nothing but a rollback works behind it. */
static int note(struct db_session *s, int err, bool again)
{
	if (!s->error) {
		s->error = err;
		s->again = again;
	}
	return err;
}

/* Whether the session can take a statement: an idle one may have lost its connection meanwhile. */
static int check_session(struct ctx *c, struct db_session *s)
{
	if (s->error)
		return fail(c, s->error, "the transaction has failed before");
	if (s->conn.state == CONN_READY)
		return 0;
	if (!s->begun)
		return conn_wait(c, &s->conn, clock_mono() + CONNECT_WAIT);
	return fail(c, E_LATER, "the connection to the database was lost: " STR_FMT,
		    STR_ARG(s->conn.why));
}

static int wait_for(struct ctx *c, const char *name, struct group *g)
{
	struct db_session *s = c->session;
	int r;

	group_send(g);
	/* Without a deadline it comes back finished. */
	if (!group_wait(g, 0))
		abort();
	r = group_error(c, name, g);
	return r ? note(s, r, group_may_retry(g)) : 0;
}

int session_query(struct ctx *c, const struct db_query *q, const struct encoded *e,
		  struct group **ret)
{
	struct db_session *s = c->session;
	struct group *g;
	int r = check_session(c, s);

	if (r)
		return note(s, r, false);
	g = group_new(&s->conn, group_wake, fiber_self());
	if (!s->begun)
		group_command(g, s->snapshot ? "begin isolation level repeatable read" : "begin");
	if (!s->bound)
		group_bind(g, s->tenant, c->trace);
	group_query(g, q, e);
	s->begun = s->bound = true;
	*ret = g;
	return wait_for(c, q->name, g);
}

static int end_transaction(struct ctx *c, const char *command)
{
	cleanup(group_freep) struct group *g =
		group_new(&c->session->conn, group_wake, fiber_self());

	group_command(g, command);
	TRY(wait_for(c, command, g));
	if (strcasecmp(PQcmdStatus(g->result), command) != 0)
		return fail(c, -EIO, "%s became %s", command, PQcmdStatus(g->result));
	return 0;
}

void db_rollback(struct ctx *c)
{
	struct db_session *s = c->session;
	str error = c->error;

	if (!s)
		return;
	if (s->begun && s->conn.state == CONN_READY && end_transaction(c, "rollback"))
		conn_lose(&s->conn, "the transaction could not be rolled back");
	/* The message that made the caller roll back is the one to show. */
	c->error = error;
	give_back(c);
}

/* *ret_again: the transaction failed in a way that another try may mend. */
static int commit(struct ctx *c, bool *ret_again)
{
	struct db_session *s = c->session;
	int r;

	assert(s);
	*ret_again = s->again;
	if (!s->begun && !s->error) {
		give_back(c);
		return 0;
	}
	r = check_session(c, s);
	if (r) {
		db_rollback(c);
		return r;
	}
	r = end_transaction(c, "commit");
	*ret_again = s->again;
	give_back(c);
	return r;
}

int db_commit(struct ctx *c)
{
	bool again;

	return commit(c, &again);
}

static int try_transaction(struct ctx *c, int (*fn)(struct ctx *c, void *arg), void *arg,
			   bool *ret_again)
{
	int r;

	*ret_again = false;
	TRY(db_begin(c));
	r = fn(c, arg);
	if (r == 0)
		return commit(c, ret_again);
	*ret_again = c->session && c->session->again;
	db_rollback(c);
	return r;
}

int db_transaction(struct ctx *c, int (*fn)(struct ctx *c, void *arg), void *arg)
{
	bool again = true;
	int r = 0;

	for (unsigned i = 0; i < TRIES && again; i++) {
		if (i)
			fiber_sleep(RETRY_DELAY << i);
		r = try_transaction(c, fn, arg, &again);
	}
	return r;
}
