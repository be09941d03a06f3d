/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what is stored is judged by the same code as what comes. Nothing is done, and one go looks at a bounded number of posts.
 */
#include "model/policy.h"

#include "model/audit.h"

#define BATCH 200

struct batch {
	int64_t last; /* id that the next one is below; 0: there is none */
	const struct policy_subject_row *rows;
	size_t n;
};

static int load(struct ctx *c, const struct policy_row *p, usec since, int64_t max_id,
		struct batch *ret)
{
	struct q_policy_candidates_args args = {
		.max_id = max_id,
		.since = since,
		.incoming = p->incoming,
		.own = p->own,
		.domain_id = c->domain_id,
		.private = p->private,
		.limit = BATCH,
	};
	const struct post_id_row *rows;
	int64_t *ids;
	size_t n;

	TRY(q_policy_candidates(c, &args, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	*ret = (struct batch){ .last = n ? ids[n - 1] : 0 };
	return n ? q_policy_subjects(c, (i64s){ ids, n }, &ret->rows, &ret->n) : 0;
}

/* Stops behind the post that fills the page. */
static int judge(struct ctx *c, const struct policy_row *p, const struct batch *b,
		 struct policy_replay *r)
{
	for (size_t i = 0; i < b->n && r->n_matches < REPLAY_MATCHES; i++) {
		struct policy_subject subject;
		bool fits;

		TRY(policy_subject_of_row(c, &b->rows[i], &subject));
		TRY(policy_fits(c, p, &subject, &fits));
		if (fits)
			r->matches[r->n_matches++] = b->rows[i].id;
		r->max_id = b->rows[i].id;
		r->looked_at++;
	}
	if (r->n_matches < REPLAY_MATCHES)
		r->max_id = b->last;
	return 0;
}

/* Once for all goes: what staff looked through is written down as what it did is. */
static int write_down(struct ctx *c, const struct policy_row *p, int64_t days)
{
	return audit_add(c, "policy.replay", str_fmt(c->arena, "%lld", (long long)p->id),
			 str_fmt(c->arena, "{\"days\":%lld}", (long long)days));
}

int policy_replay(struct ctx *c, const struct policy_row *p, int64_t days, struct policy_replay *r)
{
	struct batch b;

	if (days < 1 || days > REPLAY_DAYS)
		return fail_at(c, "days",
			       fail(c, E_UNPROCESSABLE, "between 1 and %d days", REPLAY_DAYS));
	r->matches = arena_array(c->arena, REPLAY_MATCHES, sizeof(*r->matches));
	r->n_matches = r->looked_at = 0;
	if (!r->max_id) {
		TRY(write_down(c, p, days));
		r->max_id = INT64_MAX;
	}
	while (r->max_id && r->looked_at < REPLAY_STEP && r->n_matches < REPLAY_MATCHES) {
		TRY(load(c, p, c->now - days * USEC_DAY, r->max_id, &b));
		TRY(judge(c, p, &b, r));
	}
	return 0;
}
