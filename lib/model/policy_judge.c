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

/* The host's, which judge before a tenant's own and stand before them. */
static struct rules floor_rules(const struct ctx *c)
{
	struct rules all = all_rules(c), none = { NULL, 0 };
	size_t at = 0;

	return all.n && all.p->domain_id == 0 ? next_tenant(&all, &at) : none;
}

/* Those of them that may fit: of the rules that judge for all, most posts are none's business. */
static struct rules floor_for(struct ctx *c, const struct policy_subject *s)
{
	struct rules all = floor_rules(c);
	struct policy_row *kept = arena_array(c->arena, all.n + 1, sizeof(*kept));
	size_t n = 0;

	for (size_t i = 0; i < all.n; i++)
		if (policy_may_fit(c, &all.p[i], s))
			kept[n++] = all.p[i];
	return (struct rules){ kept, n };
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

static int judge_by(struct ctx *c, const struct rules *r, const struct policy_subject *s,
		    struct policy_verdict *v, const struct policy_row **reports)
{
	bool fits;

	for (size_t i = 0; i < r->n; i++) {
		TRY(policy_fits(c, &r->p[i], s, &fits));
		if (fits)
			note(&r->p[i], v, reports);
	}
	return 0;
}

/* The first that does something counts, so the floor comes first. */
static int judge(struct ctx *c, const struct rules *floor, const struct rules *own,
		 const struct policy_subject *s, struct policy_verdict *ret)
{
	const struct policy_row **reports =
		arena_array(c->arena, floor->n + own->n + 1, sizeof(*reports));

	*ret = (struct policy_verdict){ .reports = reports };
	TRY(judge_by(c, floor, s, ret, reports));
	return judge_by(c, own, s, ret, reports);
}

static int open_case(struct ctx *c, const struct policy_row *p, int64_t author_id, int64_t post_id)
{
	struct q_policy_open_case_args args = {
		.domain_id = c->domain_id,
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

	TRY(q_policy_add_to_case(c, post_id, c->domain_id, p->id, author_id, &n));
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
static int judge_for(struct ctx *c, const struct domain *there, const struct rules *floor,
		     const struct rules *own, const struct policy_subject *s, int64_t post_id)
{
	const struct domain *here = c->domain;
	int64_t bound = c->domain_id;
	struct policy_verdict v;
	int result;

	if (floor->n + own->n == 0)
		return 0;
	result = db_bind(c, there->id);
	c->domain = there;
	c->domain_id = there->id;
	if (!result)
		result = judge(c, floor, own, s, &v);
	if (!result)
		result = apply(c, &v, s->author_id, post_id);
	c->domain = here;
	c->domain_id = bound;
	return result;
}

/* Rules of tenants and tenants are in order of ids. */
static int judge_for_others(struct ctx *c, const struct policy_subject *s, int64_t post_id,
			    bool is_for_all, i64s audience)
{
	struct rules floor = floor_for(c, s), all = all_rules(c), next, none = { NULL, 0 };
	size_t at = floor_rules(c).n;
	int64_t bound = c->domain_id;

	next = next_tenant(&all, &at);
	for (size_t i = 0; i < domain_count(c->domains); i++) {
		const struct domain *there = domain_at(c->domains, i);

		while (next.n && next.p->domain_id < there->id)
			next = next_tenant(&all, &at);
		if (there->id != s->domain_id && (is_for_all || is_among(audience, there->id)))
			TRY(judge_for(c, there, &floor,
				      next.n && next.p->domain_id == there->id ? &next : &none, s,
				      post_id));
	}
	return db_bind(c, bound);
}

int policy_judge_stored(struct ctx *c, int64_t post_id, bool is_for_all, i64s audience)
{
	const struct policy_subject_row *row;
	struct policy_subject s;
	size_t n;

	if (all_rules(c).n == 0)
		return 0;
	TRY(q_policy_subjects(c, (i64s){ &post_id, 1 }, &row, &n));
	if (n == 0)
		return 0;
	TRY(policy_subject_of_row(c, row, &s));
	s.at = c->now;
	s.is_own = false;
	return judge_for_others(c, &s, post_id, is_for_all, audience);
}

bool policies_exist(const struct ctx *c)
{
	return all_rules(c).n > 0;
}

int policy_judge_draft(struct ctx *c, const struct policy_subject *s, struct policy_verdict *ret)
{
	struct rules floor = floor_for(c, s), own = rules_of(c, c->domain_id);

	return judge(c, &floor, &own, s, ret);
}

static bool has_own(struct rules r)
{
	for (size_t i = 0; i < r.n; i++)
		if (r.p[i].own)
			return true;
	return false;
}

bool policy_judges_own(const struct ctx *c)
{
	return has_own(floor_rules(c)) || has_own(rules_of(c, c->domain_id));
}
