/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a post and what policies decide about it become visible in the same transaction, so that nobody sees for a moment what is
 * held. The rules are those of the process's snapshot; a post for which there are none costs no statement.
 */
#include "model/policy.h"

#include "db/db.h"
#include "model/domain.h"
#include "model/post_decision.h"
#include "model/report.h"
#include "sql/gen/timeline.h"

/* Rules in use of one tenant; they stand together. */
struct rules {
	const struct policy_row *p;
	size_t n;
};

/* Those from place *at on, which moves behind them; none left: n is 0. */
static struct rules next_tenant(const struct rules *all, size_t *at)
{
	struct rules r = { all->p + *at, 0 };

	while (*at < all->n && all->p[*at].domain_id == r.p->domain_id) {
		++*at;
		r.n++;
	}
	return r;
}

static struct rules all_rules(const struct ctx *c)
{
	struct rules r = { NULL, 0 };

	if (c->domains)
		r.p = domain_policies(c->domains, &r.n);
	return r;
}

static struct rules rules_of(const struct ctx *c, int64_t domain_id)
{
	struct rules all = all_rules(c), r;
	size_t at = 0;

	do
		r = next_tenant(&all, &at);
	while (r.n && r.p->domain_id != domain_id);
	return r;
}

static void note(const struct policy_row *p, struct policy_verdict *v,
		 const struct policy_row **reports)
{
	const struct {
		const char *action;
		const struct policy_row **place;
	} places[] = {
		{ "remove", &v->removes },
		{ "hold", &v->holds },
		{ "cover", &v->covers },
		{ "unlist", &v->unlists },
	};

	if (str_eq(p->action, STR("report")))
		reports[v->n_reports++] = p;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (str_eq_c(p->action, places[i].action) && !*places[i].place)
			*places[i].place = p;
}

static int judge(struct ctx *c, const struct rules *r, const struct policy_subject *s,
		 struct policy_verdict *ret)
{
	const struct policy_row **reports = arena_array(c->arena, r->n + 1, sizeof(*reports));
	bool fits;

	*ret = (struct policy_verdict){ .reports = reports };
	for (size_t i = 0; i < r->n; i++) {
		TRY(policy_fits(c, &r->p[i], s, &fits));
		if (fits)
			note(&r->p[i], ret, reports);
	}
	return 0;
}

static int open_case(struct ctx *c, const struct policy_row *p, int64_t author_id, int64_t post_id)
{
	struct q_policy_open_case_args args = {
		.domain_id = p->domain_id,
		.origin = c->domain->origin,
		.source_id = c->domain->system_identity_id,
		.subject_id = author_id,
		.post_id = post_id,
		.comment = p->title,
		.policy_id = p->id,
	};
	const struct report_id_row *made;
	size_t n;
	int result;

	TRY(q_policy_add_to_case(c, post_id, p->domain_id, p->id, author_id, &n));
	if (n)
		return 0;
	result = q_policy_open_case(c, &args, &made);
	if (result == E_NOT_FOUND)
		return 0;
	TRY(result);
	return report_tell_staff(c, "report", author_id, made->id);
}

int policy_open_cases(struct ctx *c, const struct policy_verdict *v, int64_t author_id,
		      int64_t post_id)
{
	for (size_t i = 0; i < v->n_reports; i++)
		TRY(open_case(c, v->reports[i], author_id, post_id));
	return 0;
}

static int decide(struct ctx *c, const struct policy_row *p, enum post_decision kind,
		  int64_t post_id)
{
	struct q_post_decide_by_policy_args args = {
		.domain_id = c->domain_id,
		.post_id = post_id,
		.kind = str_c(name_of_value(post_decisions, (int)kind)),
		.reason = p ? p->title : STR(""),
		.words = p && kind == DECISION_COVERED ? p->words : STR(""),
		.policy_id = p ? p->id : 0,
	};

	if (!p)
		return 0;
	TRY(q_post_decide_by_policy(c, &args, NULL));
	if (kind == DECISION_COVERED)
		return 0;
	/* One that is judged again, because it was edited, was shown before. */
	TRY(q_timeline_remove_public(c, c->domain_id, post_id, NULL));
	return kind == DECISION_UNLISTED ? 0 : q_post_untell(c, c->domain_id, post_id, NULL);
}

static int apply(struct ctx *c, const struct policy_verdict *v, int64_t author_id, int64_t post_id)
{
	TRY(decide(c, v->removes, DECISION_REMOVED, post_id));
	TRY(decide(c, v->removes ? NULL : v->holds, DECISION_HELD, post_id));
	TRY(decide(c, v->covers, DECISION_COVERED, post_id));
	TRY(decide(c, v->unlists, DECISION_UNLISTED, post_id));
	return policy_open_cases(c, v, author_id, post_id);
}

static bool is_among(i64s ids, int64_t id)
{
	for (size_t i = 0; i < ids.n; i++)
		if (ids.p[i] == id)
			return true;
	return false;
}

/* Binds ctx and session to a tenant for the time of judging; what fails leaves the ctx as it was, too. */
static int judge_for(struct ctx *c, const struct rules *r, const struct policy_subject *s,
		     int64_t post_id)
{
	const struct domain *there = domain_by_id(c->domains, r->p->domain_id), *here = c->domain;
	int64_t bound = c->domain_id;
	struct policy_verdict v;
	int result;

	if (!there)
		return 0;
	result = db_bind(c, there->id);
	c->domain = there;
	c->domain_id = there->id;
	if (!result)
		result = judge(c, r, s, &v);
	if (!result)
		result = apply(c, &v, s->author_id, post_id);
	c->domain = here;
	c->domain_id = bound;
	return result;
}

int policy_judge_stored(struct ctx *c, int64_t post_id, bool is_for_all, i64s audience)
{
	const struct policy_subject_row *row;
	struct rules all = all_rules(c), r;
	struct policy_subject s;
	int64_t bound = c->domain_id;
	size_t at = 0, n;

	if (all.n == 0)
		return 0;
	TRY(q_policy_subjects(c, (i64s){ &post_id, 1 }, &row, &n));
	if (n == 0)
		return 0;
	TRY(policy_subject_of_row(c, row, &s));
	s.at = c->now;
	while ((r = next_tenant(&all, &at)).n)
		if (r.p->domain_id != s.domain_id &&
		    (is_for_all || is_among(audience, r.p->domain_id)))
			TRY(judge_for(c, &r, &s, post_id));
	return db_bind(c, bound);
}

bool policies_exist(const struct ctx *c)
{
	return all_rules(c).n > 0;
}

int policy_judge_draft(struct ctx *c, const struct policy_subject *s, struct policy_verdict *ret)
{
	struct rules r = rules_of(c, c->domain_id);

	return judge(c, &r, s, ret);
}

bool policy_judges_own(const struct ctx *c)
{
	struct rules r = rules_of(c, c->domain_id);

	for (size_t i = 0; i < r.n; i++)
		if (r.p[i].own)
			return true;
	return false;
}
