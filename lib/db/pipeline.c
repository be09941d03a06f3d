/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the groups of a connection's list are those that were sent and whose sync has not
 * come back, in order; results belong to the first of them. A name is in conn->prepared from the
 * moment that its PREPARE was sent, and leaves it when that turns out to have failed: groups that
 * were sent in between fail with an unknown name, which counts as "try later".
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "db/conn.h"
#include "db/state.h"

#define FIRST_ROOM 64 /* prepared statements */

static const struct db_query bind_query = {
	.name = "rookery_bind",
	.sql = "select set_config('rookery.domain', $1, true), set_config('rookery.trace', $2, true)",
};

/* The place of q among the prepared ones, or where it would have to be. */
static size_t prepared_place(const struct conn *conn, const struct db_query *q)
{
	size_t low = 0, high = conn->n_prepared;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (conn->prepared[middle] < q)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool prepared_has(const struct conn *conn, const struct db_query *q)
{
	size_t i = prepared_place(conn, q);

	return i < conn->n_prepared && conn->prepared[i] == q;
}

static void prepared_add(struct conn *conn, const struct db_query *q)
{
	size_t i = prepared_place(conn, q), n = conn->n_prepared;
	const struct db_query **p = conn->prepared;

	if (n == conn->room) {
		conn->room = n ? n * 2 : FIRST_ROOM;
		conn->prepared = arena_array(conn->arena, conn->room, sizeof(*p));
		if (n)
			memcpy(conn->prepared, p, n * sizeof(*p));
		p = conn->prepared;
	}
	memmove(p + i + 1, p + i, (n - i) * sizeof(*p));
	p[i] = q;
	conn->n_prepared = n + 1;
}

static void prepared_remove(struct conn *conn, const struct db_query *q)
{
	size_t i = prepared_place(conn, q);

	if (!prepared_has(conn, q))
		return;
	conn->n_prepared--;
	memmove(conn->prepared + i, conn->prepared + i + 1,
		(conn->n_prepared - i) * sizeof(*conn->prepared));
}

struct group *group_new(struct conn *conn, void (*done)(struct group *g), void *arg)
{
	struct group *g = calloc(1, sizeof(*g));

	if (!g)
		abort();
	assert(conn->pg);
	g->conn = conn;
	g->done = done;
	g->arg = arg;
	return g;
}

void group_free(struct group *g)
{
	if (!g)
		return;
	PQclear(g->result);
	free(g);
}

void group_freep(struct group **g)
{
	group_free(*g);
}

/* Notes a step, and that the connection is lost when libpq did not take it. */
static void add_step(struct group *g, int taken, const struct db_query *prepares)
{
	assert(g->n_steps < GROUP_STEPS);
	g->prepares[g->n_steps++] = prepares;
	if (!taken)
		g->lost = true;
}

void group_command(struct group *g, const char *sql)
{
	add_step(g, PQsendQueryParams(g->conn->pg, sql, 0, NULL, NULL, NULL, NULL, 1), NULL);
}

void group_query(struct group *g, const struct db_query *q, const struct encoded *e)
{
	PGconn *pg = g->conn->pg;

	if (!prepared_has(g->conn, q)) {
		add_step(g, PQsendPrepare(pg, q->name, q->sql, 0, NULL), q);
		prepared_add(g->conn, q);
	}
	add_step(g, PQsendQueryPrepared(pg, q->name, e->n, e->values, e->lengths, e->formats, 1),
		 NULL);
}

void group_bind(struct group *g, int64_t domain_id, const char *trace)
{
	char tenant[24] = "", cause[24];
	const char *const values[] = { tenant, cause };
	int lengths[2] = { 0 }, formats[] = { 1, 1 };

	if (domain_id)
		lengths[0] = snprintf(tenant, sizeof(tenant), "%" PRId64, domain_id);
	/* As a number of 64 bits with a sign, which is how rows keep it. */
	lengths[1] = snprintf(cause, sizeof(cause), "%" PRId64, (int64_t)strtoull(trace, NULL, 16));
	group_query(g, &bind_query,
		    &(struct encoded){ 2, (const char **)(uintptr_t)values, lengths, formats });
}

static void append(struct conn *conn, struct group *g)
{
	if (conn->last)
		conn->last->next = g;
	else
		conn->first = g;
	conn->last = g;
}

bool group_wait(struct group *g, usec deadline)
{
	while (!g->finished)
		if (!fiber_park(deadline)) {
			g->done = group_free;
			return false;
		}
	return true;
}

void group_wake(struct group *g)
{
	fiber_wake(g->arg);
}

static void finish_first(struct conn *conn)
{
	struct group *g = conn->first;

	conn->first = g->next;
	if (!conn->first)
		conn->last = NULL;
	g->finished = true;
	g->done(g);
}

void pipeline_lose(struct conn *conn)
{
	struct group *end = conn->last;
	bool more = conn->first != NULL;

	/* A group that is sent meanwhile, by one that is told, is not of these. */
	while (more) {
		more = conn->first != end;
		conn->first->lost = true;
		finish_first(conn);
	}
}

static void keep_result(struct group *g, PGresult *r)
{
	PQclear(g->result);
	g->result = r;
}

static void take_result(struct group *g, PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);
	bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (!good && g->prepares[g->at])
		prepared_remove(g->conn, g->prepares[g->at]);
	if (!good && !g->failed) {
		g->failed = true;
		keep_result(g, r);
	} else if (!g->failed && g->at + 1 == g->n_steps) {
		keep_result(g, r);
	} else {
		PQclear(r);
	}
}

/*
 * Takes the results that are there. Each step gives results and then NULL, a sync gives one result
 * and no NULL; two NULLs after each other mean that libpq and we disagree about what is in flight.
 */
static void take_results(struct conn *conn)
{
	bool was_null = false;

	while (conn->pg && conn->first && !PQisBusy(conn->pg)) {
		PGresult *r = PQgetResult(conn->pg);

		if (!r && was_null) {
			conn_lose(conn, PQstatus(conn->pg) == CONNECTION_BAD
						? PQerrorMessage(conn->pg)
						: "the connection is out of step");
			return;
		}
		was_null = !r;
		if (!r) {
			conn->first->at++;
		} else if (PQresultStatus(r) == PGRES_PIPELINE_SYNC) {
			bool is_demoted = group_is_demoted(conn->first);

			PQclear(r);
			finish_first(conn);
			if (is_demoted && conn->pg)
				conn_lose(conn, "the server has become read-only");
		} else if (conn->first->at >= conn->first->n_steps) {
			/* The sync itself failed, as it does when the server ends the session. */
			PQclear(r);
			conn_lose(conn, PQerrorMessage(conn->pg));
		} else {
			take_result(conn->first, r);
		}
	}
}

/* The connection broke while we sent: what it has answered before still counts. */
static void give_up(struct conn *conn)
{
	take_results(conn);
	if (conn->pg)
		conn_lose(conn, PQerrorMessage(conn->pg));
}

/* Sends what the socket takes, and waits for room for the rest. */
static void flush(struct conn *conn)
{
	int more = PQflush(conn->pg);
	uint32_t events = EPOLLIN | (more ? EPOLLOUT : 0);

	if (more < 0)
		give_up(conn);
	else if (conn->watch.events != events && watch_change(&conn->watch, events))
		conn_lose(conn, "the socket cannot be watched");
}

/*
 * When a write fails libpq reads what the server has said, and says nothing. The next write finds
 * the end of the connection and forgets what the answers belong to, so they are taken now.
 */
void group_send(struct group *g)
{
	struct conn *conn = g->conn;
	bool taken = !g->lost && PQpipelineSync(conn->pg);

	g->lost = false;
	append(conn, g);
	if (!taken) {
		give_up(conn);
		return;
	}
	flush(conn);
	take_results(conn);
}

static void take_notifications(struct conn *conn)
{
	PGnotify *n;

	while (conn->pg && (n = PQnotifies(conn->pg))) {
		if (conn->on_notify)
			conn->on_notify(conn, n->relname, str_c(n->extra));
		PQfreemem(n);
	}
}

void pipeline_event(struct conn *conn)
{
	bool alive = PQconsumeInput(conn->pg);

	take_results(conn);
	take_notifications(conn);
	if (!conn->pg)
		return;
	if (alive)
		flush(conn);
	else
		conn_lose(conn, PQerrorMessage(conn->pg));
}
