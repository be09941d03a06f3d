/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a statement of a ctx without a session travels as a group of its own on the shared
 * connection, together with its tenant, and holds one of the window's slots while it is there.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/tally.h"
#include "db/state.h"

#define IDLE_LIMIT "30s"
#define WAIT_LEAST 50 /* microseconds */

/* What the server is told about a session at its start; the connection string's own come last. */
static char *session_options(const struct db_options *o, const char *own)
{
	char *options;

	/*
	 * Compiling a statement costs more than any of ours, and so does planning most of them anew: left to itself,
	 * PostgreSQL takes the limit of a page for a tenth of the table and plans each page for its numbers.
	 */
	if (asprintf(
		    &options,
		    "-c jit=off -c plan_cache_mode=force_generic_plan -c statement_timeout=%lld -c idle_in_transaction_session_timeout=" IDLE_LIMIT
		    " -c search_path=public -c timezone=UTC %s",
		    (long long)(o->statement_timeout / USEC_MSEC), own ? own : "") < 0)
		return NULL;
	return options;
}

/*
 * What holds unless the connection string says otherwise: no standby is ever written to, and a server that went away
 * without a word is noticed within about a quarter of a minute.
 */
static const struct {
	const char *keyword, *value;
} defaults[] = {
	{ "target_session_attrs", "read-write" }, { "keepalives_idle", "5" },
	{ "keepalives_interval", "3" },		  { "keepalives_count", "3" },
	{ "tcp_user_timeout", "15000" },
};

/* Those that the connection string, or the environment, does not set; says how many. */
static size_t put_defaults(struct db *db)
{
	size_t n = 0;

	for (PQconninfoOption *p = db->parsed; p->keyword; p++)
		for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
			if (!p->val && strcmp(p->keyword, defaults[i].keyword) == 0 &&
			    !(p->envvar && getenv(p->envvar))) {
				db->keywords[n] = defaults[i].keyword;
				db->values[n++] = defaults[i].value;
			}
	return n;
}

/* The connection string as arrays for libpq, with what we add to it. */
static int read_conninfo(struct db *db, const struct db_options *o)
{
	const char *own = NULL;
	size_t n, room = 5 + ARRAY_SIZE(defaults);

	db->parsed = PQconninfoParse(o->conninfo, NULL);
	if (!db->parsed)
		return -EINVAL;
	for (PQconninfoOption *p = db->parsed; p->keyword; p++)
		room++;
	db->keywords = calloc(room, sizeof(*db->keywords));
	db->values = calloc(room, sizeof(*db->values));
	if (!db->keywords || !db->values)
		return -ENOMEM;
	n = put_defaults(db);
	for (PQconninfoOption *p = db->parsed; p->keyword; p++) {
		if (p->val && strcmp(p->keyword, "options") == 0)
			own = p->val;
		db->keywords[n] = p->keyword;
		db->values[n] = p->val;
		n += p->val != NULL;
	}
	db->options = session_options(o, own);
	db->program = strdup(o->program ? o->program : "rookery");
	if (!db->options || !db->program)
		return -ENOMEM;
	db->keywords[n] = "application_name";
	db->values[n++] = db->program;
	db->keywords[n] = "client_encoding";
	db->values[n++] = "UTF8";
	db->keywords[n] = "options";
	db->values[n++] = db->options;
	db->keywords[n] = NULL;
	db->n_hosts = hosts_count(db);
	return 0;
}

static int db_init(struct db *db, struct loop *l, const struct db_options *o)
{
	db->loop = l;
	db->check_schema = o->check_schema;
	conn_init(&db->shared, db);
	slots_init(&db->window, GROUPS_IN_FLIGHT);
	listen_init(db);
	TRY(read_conninfo(db, o));
	return sessions_init(db, o->sessions);
}

int db_new(struct loop *l, const struct db_options *o, struct db **ret)
{
	struct db *db = calloc(1, sizeof(*db));
	int r = db ? db_init(db, l, o) : -ENOMEM;

	if (r) {
		db_free(db);
		return r;
	}
	*ret = db;
	return 0;
}

void db_free(struct db *db)
{
	if (!db)
		return;
	conn_done(&db->shared);
	sessions_done(db);
	listen_done(db);
	PQconninfoFree(db->parsed);
	free(db->keywords);
	free(db->values);
	free(db->options);
	free(db->program);
	free(db);
}

static usec earlier(usec a, usec b)
{
	return b && b < a ? b : a;
}

int turn_take(struct slots *s, usec deadline)
{
	usec begun = clock_mono();
	int result = slots_take(s, deadline);
	usec waited = clock_mono() - begun;

	if (result)
		tally_add(TALLY_DB_TIMEOUTS, 1);
	/* Who did not park has not waited. */
	if (waited >= WAIT_LEAST) {
		tally_add(TALLY_DB_WAITS, 1);
		tally_add(TALLY_DB_WAIT_USEC, waited);
	}
	return result;
}

/* Waits for the connection and for a place in the window: both at once. */
static int take_place(struct ctx *c, usec deadline)
{
	struct db *db = c->db;
	usec now = clock_mono();

	do {
		TRY(conn_wait(c, &db->shared, earlier(now + CONNECT_WAIT, deadline)));
		if (turn_take(&db->window, earlier(now + TURN_WAIT, deadline)))
			return fail(c, E_LATER, "the database is busy");
		if (db->shared.state == CONN_READY)
			return 0;
		slots_give(&db->window);
	} while (true);
}

static int shared_query(struct ctx *c, const struct db_query *q, const struct encoded *e,
			usec deadline, struct group **ret)
{
	struct group *g;
	bool finished;

	TRY(take_place(c, deadline));
	g = group_new(&c->db->shared, group_wake, fiber_self());
	group_bind(g, c->domain_id, c->trace);
	group_query(g, q, e);
	group_send(g);
	finished = group_wait(g, deadline);
	slots_give(&c->db->window);
	if (!finished)
		return fail(c, E_LATER, "%s: the database did not answer in time", q->name);
	*ret = g;
	return group_error(c, q->name, g);
}

int db_query(struct ctx *c, const struct db_query *q, const union db_value *params, void **ret_rows,
	     size_t *ret_count)
{
	cleanup(group_freep) struct group *g = NULL;
	struct encoded e;

	assert(fiber_self());
	c->statements++;
	TRY(encode_params(c, q, params, &e));
	if (c->session)
		TRY(session_query(c, q, &e, &g));
	else
		TRY(shared_query(c, q, &e, c->deadline, &g));
	assert(g);
	return decode_rows(c, q, g->result, ret_rows, ret_count);
}

int db_ping(struct ctx *c, usec timeout)
{
	static const struct db_query q = { .name = "rookery_ping", .sql = "select 1" };
	cleanup(group_freep) struct group *g = NULL;

	return shared_query(c, &q, &(struct encoded){ 0 }, clock_mono() + timeout, &g);
}
