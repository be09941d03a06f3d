/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: pg is set, and watched, exactly in the states CONNECTING, CHECKING and READY, and the
 * timer runs exactly in WAITING, CONNECTING and CHECKING. Connections are opened for somebody who
 * waits: without demand nothing is tried, so an idle program with a lost database costs nothing.
 */
#include "db/conn.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "base/tally.h"
#include "db/migrate.h"
#include "db/state.h"

#define ATTEMPT_LIMIT (5 * USEC_SEC)
#define FIRST_ATTEMPT_LIMIT USEC_SEC
#define FIRST_DELAY (50 * USEC_MSEC)
#define LAST_DELAY (2 * USEC_SEC)

struct conn_waiter {
	struct fiber *fiber;
	struct conn_waiter *next;
};

static void on_event(struct watch *w, uint32_t events);
static void on_timer(struct timer *t);

void conn_init(struct conn *conn, struct db *db)
{
	*conn = (struct conn){
		.db = db,
		.arena = arena_new(),
		.watch = { .fn = on_event, .arg = conn, .fd = -1 },
		.timer = { .fn = on_timer, .arg = conn },
	};
}

static void wake_waiters(struct conn *conn)
{
	for (struct conn_waiter *w = conn->waiters; w; w = w->next)
		fiber_wake(w->fiber);
}

static void conn_close(struct conn *conn)
{
	watch_remove(&conn->watch);
	timer_stop(&conn->timer);
	PQfinish(conn->pg);
	conn->pg = NULL;
	conn->state = CONN_CLOSED;
}

static void forget(struct conn *conn)
{
	conn->prepared = NULL;
	conn->n_prepared = conn->room = 0;
	arena_reset(conn->arena);
}

void conn_lose(struct conn *conn, const char *why)
{
	bool was_ready = conn->state == CONN_READY;

	forget(conn);
	/* The message may belong to the connection that goes. */
	conn->why = str_dup(conn->arena, (str){ why, strcspn(why, "\n") });
	if (was_ready)
		tally_add(TALLY_DB_LOSSES, 1);
	log_debug(NULL, "event=db_lost why=\"" STR_FMT "\"", STR_ARG(conn->why));
	conn_close(conn);
	conn->delay = was_ready || conn->delay == 0 ? FIRST_DELAY : conn->delay * 2;
	if (conn->delay > LAST_DELAY)
		conn->delay = LAST_DELAY;
	/* One that worked until now may be opened again at once. */
	conn->not_before = was_ready && !conn->always ? 0 : clock_mono() + conn->delay;
	pipeline_lose(conn);
	if (conn->state == CONN_CLOSED && (conn->waiters || conn->always))
		conn_open(conn);
	wake_waiters(conn);
}

void conn_done(struct conn *conn)
{
	assert(!conn->waiters);
	conn->always = false;
	if (conn->pg || conn->state != CONN_CLOSED)
		conn_close(conn);
	pipeline_lose(conn);
	arena_free(conn->arena);
}

static void log_notice(void *arg unused, const PGresult *r)
{
	log_debug(NULL, "event=db_notice message=\"%s\"",
		  PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
}

/* (Re)places the watch: between two steps of connecting libpq may have changed the socket. */
static void watch_socket(struct conn *conn, uint32_t events)
{
	conn->watch.fd = PQsocket(conn->pg);
	conn->watch.events = events;
	if (conn->watch.fd < 0 || watch_add(conn->db->loop, &conn->watch))
		conn_lose(conn, "the socket cannot be watched");
}

/* Of several hosts one may be silent: then the next is tried soon, and slow ones get more with each round. */
static usec attempt_limit(const struct conn *conn)
{
	unsigned rounds = conn->first_host / conn->db->n_hosts;
	usec limit = rounds > 2 ? ATTEMPT_LIMIT : FIRST_ATTEMPT_LIMIT << rounds;

	return conn->db->n_hosts == 1 || limit > ATTEMPT_LIMIT ? ATTEMPT_LIMIT : limit;
}

static void connect_start(struct conn *conn)
{
	conn->state = CONN_CONNECTING;
	conn->pg = hosts_connect(conn->db, conn->first_host);
	if (!conn->pg || PQstatus(conn->pg) == CONNECTION_BAD) {
		conn_lose(conn, conn->pg ? PQerrorMessage(conn->pg) : strerror(ENOMEM));
		return;
	}
	PQsetNoticeReceiver(conn->pg, log_notice, NULL);
	timer_start(conn->db->loop, &conn->timer, attempt_limit(conn));
	watch_socket(conn, EPOLLOUT);
}

void conn_open(struct conn *conn)
{
	usec now = clock_mono();

	if (conn->state != CONN_CLOSED)
		return;
	if (now >= conn->not_before) {
		connect_start(conn);
		return;
	}
	conn->state = CONN_WAITING;
	timer_start(conn->db->loop, &conn->timer, conn->not_before - now);
}

static void on_timer(struct timer *t)
{
	struct conn *conn = t->arg;

	if (conn->state != CONN_WAITING) {
		conn->first_host++;
		conn_lose(conn, "connecting took too long");
		return;
	}
	conn->state = CONN_CLOSED;
	if (conn->waiters || conn->always)
		connect_start(conn);
}

static void become_ready(struct conn *conn)
{
	tally_add(TALLY_DB_CONNECTS, 1);
	timer_stop(&conn->timer);
	conn->state = CONN_READY;
	conn->refused = false;
	conn->first_host %= conn->db->n_hosts;
	wake_waiters(conn);
	if (conn->on_ready)
		conn->on_ready(conn);
}

static void refuse(struct conn *conn, const struct schema *s)
{
	char why[160];

	snprintf(why, sizeof(why),
		 "the database has schema version %" PRId64 ", this program knows %" PRId64 ": %s",
		 s->version, migrate_newest(),
		 migrate_fit(s) == SCHEMA_OLDER ? "run 'rookery migrate'"
						: "install the newer program");
	conn->refused = true;
	conn_lose(conn, why);
}

static int64_t column_i64(const PGresult *r, int column)
{
	return strtoll(PQgetvalue(r, 0, column), NULL, 10);
}

/* The table is missing in an empty database: version 0. */
static void version_came(struct group *g)
{
	struct conn *conn = g->conn;
	const char *state = PQresultErrorField(g->result, PG_DIAG_SQLSTATE);
	struct schema s = { 0 };

	if (g->lost) {
		group_free(g);
		return;
	}
	if (!g->failed)
		s = (struct schema){ column_i64(g->result, 0), column_i64(g->result, 1),
				     column_i64(g->result, 2) };
	if (g->failed && (!state || strcmp(state, "42P01") != 0))
		conn_lose(conn, PQresultErrorMessage(g->result));
	else if (migrate_fit(&s) == SCHEMA_FITS)
		become_ready(conn);
	else
		refuse(conn, &s);
	group_free(g);
}

static void connected(struct conn *conn)
{
	struct group *g;

	if (PQsetnonblocking(conn->pg, 1) || !PQenterPipelineMode(conn->pg)) {
		conn_lose(conn, PQerrorMessage(conn->pg));
		return;
	}
	watch_socket(conn, EPOLLIN);
	if (!conn->pg)
		return;
	conn->state = CONN_CHECKING;
	if (!conn->db->check_schema) {
		become_ready(conn);
		return;
	}
	g = group_new(conn, version_came, NULL);
	group_command(g, SCHEMA_SQL);
	group_send(g);
}

static void connect_step(struct conn *conn)
{
	watch_remove(&conn->watch);
	switch (PQconnectPoll(conn->pg)) {
	case PGRES_POLLING_READING:
		watch_socket(conn, EPOLLIN);
		break;
	case PGRES_POLLING_WRITING:
		watch_socket(conn, EPOLLOUT);
		break;
	case PGRES_POLLING_OK:
		connected(conn);
		break;
	default:
		conn_lose(conn, PQerrorMessage(conn->pg));
	}
}

static void on_event(struct watch *w, uint32_t events unused)
{
	struct conn *conn = w->arg;

	if (conn->state == CONN_CONNECTING)
		connect_step(conn);
	else
		pipeline_event(conn);
}

static void leave(struct conn *conn, struct conn_waiter *me)
{
	struct conn_waiter **w = &conn->waiters;

	while (*w != me)
		w = &(*w)->next;
	*w = me->next;
}

int conn_wait(struct ctx *c, struct conn *conn, usec deadline)
{
	struct conn_waiter me = { fiber_self(), conn->waiters };
	bool in_time = true;
	str why;

	if (conn->state == CONN_READY)
		return 0;
	assert(me.fiber);
	conn->waiters = &me;
	conn_open(conn);
	while (conn->state != CONN_READY && in_time &&
	       !(conn->refused && conn->state == CONN_WAITING)) {
		in_time = fiber_park(deadline);
		conn_open(conn);
	}
	leave(conn, &me);
	if (conn->state == CONN_READY)
		return 0;
	if (conn->refused)
		return fail(c, E_LATER, STR_FMT, STR_ARG(conn->why));
	why = str_is_null(conn->why) ? STR("it does not answer") : conn->why;
	return fail(c, E_LATER, "no connection to the database: " STR_FMT, STR_ARG(why));
}

/* "15.8": since version 10 there are two numbers. */
str db_version(struct arena *a)
{
	return str_fmt(a, "%d.%d", PQlibVersion() / 10000, PQlibVersion() % 10000);
}
