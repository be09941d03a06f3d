/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: one table says which condition an SQLSTATE is. Messages carry PostgreSQL's primary
 * message and the constraint's name, never the detail: that quotes the values of rows.
 */
#include <errno.h>
#include <string.h>

#include "db/state.h"

struct state {
	const char *prefix; /* of the SQLSTATE */
	int err;
	bool retry; /* the whole transaction may succeed when tried again */
};

/* The first that fits counts. PostgreSQL manual, appendix A. */
static const struct state states[] = {
	{ "23505", E_CONFLICT, false }, /* unique_violation */
	{ "23P01", E_CONFLICT, false }, /* exclusion_violation */
	{ "23", E_INVALID, false }, /* the other constraints */
	{ "22", E_INVALID, false }, /* a value that the type refuses */
	{ "40001", E_LATER, true }, /* serialization_failure */
	{ "40P01", E_LATER, true }, /* deadlock_detected */
	{ "08", E_LATER, false }, /* connection exceptions */
	{ "25P03", E_LATER, false }, /* idle_in_transaction_session_timeout */
	{ "25006", E_LATER, false }, /* read_only_sql_transaction: it was the primary before */
	{ "26000", E_LATER, false }, /* a PREPARE that was sent before has failed */
	{ "53", E_LATER, false }, /* insufficient resources */
	{ "55P03", E_LATER, false }, /* lock_not_available */
	{ "57014", E_LATER, false }, /* query_canceled: a time-out */
	{ "57P", E_LATER, false }, /* the server shuts down or starts */
};

static const struct state *state_of(const PGresult *r)
{
	const char *code = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	for (size_t i = 0; code && i < ARRAY_SIZE(states); i++)
		if (strncmp(code, states[i].prefix, strlen(states[i].prefix)) == 0)
			return &states[i];
	return NULL;
}

bool group_is_demoted(const struct group *g)
{
	const char *code = g->failed ? PQresultErrorField(g->result, PG_DIAG_SQLSTATE) : NULL;

	return code && strcmp(code, "25006") == 0;
}

bool group_may_retry(const struct group *g)
{
	const struct state *s = g->failed ? state_of(g->result) : NULL;

	return s && s->retry;
}

int group_error(struct ctx *c, const char *name, const struct group *g)
{
	const char *constraint = PQresultErrorField(g->result, PG_DIAG_CONSTRAINT_NAME);
	const char *message = PQresultErrorField(g->result, PG_DIAG_MESSAGE_PRIMARY);
	const struct state *s = state_of(g->result);

	if (g->lost && !s)
		return fail(c, E_LATER, "%s: the connection to the database was lost: " STR_FMT,
			    name, STR_ARG(g->conn->why));
	if (!g->failed)
		return 0;
	/* In English the message names it already. */
	if (constraint && message && strstr(message, constraint))
		constraint = NULL;
	return fail(c, s ? s->err : -EIO, "%s: %s%s%s", name, message ? message : "no answer",
		    constraint ? ", constraint " : "", constraint ? constraint : "");
}
