/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* domain: looks for the proof of a claimed name, proves names again from time to time, deletes tenants. */
#include "model/domain_life.h"

#include "db/db.h"
#include "model/audit.h"
#include "stator/handler.h"

/* How long the servers of others may take to hear of a deletion. */
#define ANNOUNCEMENT (8 * USEC_DAY)

static int write_down(struct ctx *c, void *arg)
{
	const struct domain_row *d = arg;
	str detail = str_fmt(c->arena, "{\"by\":\"%.*s\"}", STR_ARG(d->verified_by));

	TRY(q_domain_prove(c, d->verified_by, d->id, NULL));
	return audit_add(c, "domain.verify", d->name, detail);
}

/* A proof that is missing may come any time: it is looked for by the schedule. */
static int pending(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	const struct domain_row *row;
	struct domain_row proved;
	enum domain_proof by;
	int result;

	TRY(q_domain_by_id(c, j->id, &row));
	result = domain_find_proof(c, row, DOMAIN_PROOF_ANY, &by);
	if (result == E_UNPROCESSABLE)
		return E_LATER;
	TRY(result);
	proved = *row;
	proved.verified_by = str_c(name_of_value(domain_proofs, (int)by));
	TRY(db_transaction(c, write_down, &proved));
	*ret_next = "verified";
	return 0;
}

/* A proof that is gone is left in state_error for the operator, who alone may suspend a tenant. */
static int active(struct ctx *c, const struct job *j, unused const char **ret_next,
		  unused usec *ret_at)
{
	const struct domain_row *row;
	int by = DOMAIN_PROOF_OPERATOR;
	enum domain_proof found;

	TRY(q_domain_by_id(c, j->id, &row));
	name_to_value(domain_proofs, row->verified_by, &by);
	if (by == DOMAIN_PROOF_OPERATOR)
		return 0;
	TRY(domain_find_proof(c, row, DOMAIN_PROOF_ANY, &found));
	return q_domain_prove(c, str_c(name_of_value(domain_proofs, (int)found)), row->id, NULL);
}

/* Keys are kept until the servers of others were told, by the states of the identities and deliveries. */
static int deleting(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	const struct domain_deletion_row *left;
	bool is_late = c->now - j->state_changed > ANNOUNCEMENT;

	TRY(q_domain_delete_identities(c, j->id, NULL));
	TRY(q_domain_deletion_left(c, j->id, &left));
	if (left->identities || (left->deliveries && !is_late))
		return 0;
	TRY(q_domain_clear(c, j->id, NULL));
	*ret_next = "deleted";
	return 0;
}

static const struct state_handler handlers[] = {
	{ "pending", pending },
	{ "active", active },
	{ "deleting", deleting },
	{ NULL, NULL },
};

const struct machine domain_machine = { &domain_graph, handlers, 4 };
