/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a complaint belongs to one tenant, whose staff hears of it at once; who made it is never told to another server: the
 * tenant's own actor complains there.
 */
#include "model/report.h"

#include "base/table.h"
#include "db/db.h"
#include "json/write.h"
#include "model/activity.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/limit.h"
#include "model/throttle.h"

#define REPORTS 100 /* of one identity ... */
#define REPORTS_WINDOW USEC_DAY
#define COMMENT_BYTES 10000 /* kept of one from elsewhere */

static const char *const categories[] = { "spam", "legal", "violation", "other" };

static int check_category(struct ctx *c, str category)
{
	for (size_t i = 0; i < ARRAY_SIZE(categories); i++)
		if (str_eq_c(category, categories[i]))
			return 0;
	return fail(c, E_UNPROCESSABLE, "Validation failed: Category is not included in the list");
}

int report_tell_staff(struct ctx *c, const char *kind, int64_t actor_id, int64_t subject_id)
{
	const struct told_staff_row *told;

	return q_report_tell_staff(c, c->domain_id, str_c(kind), actor_id, subject_id, &told);
}

int report_receive(struct ctx *c, const struct report_received *r)
{
	struct q_report_store_args args = {
		.domain_id = c->domain_id,
		.uri = r->uri,
		.source_id = r->source->id,
		.subject_id = r->subject_id,
		.post_ids = r->post_ids,
		.comment = str_clip(r->comment, COMMENT_BYTES),
	};
	const struct report_id_row *made;
	bool unheard = false;
	int result;

	if (!identity_is_local(r->source))
		TRY(limit_rejects_reports(c, r->source->actor_uri, &unheard));
	if (unheard)
		return 0;
	result = q_report_store(c, &args, &made);
	if (result == E_NOT_FOUND)
		return 0;
	TRY(result);
	return report_tell_staff(c, "report", r->source->id, made->id);
}

/* Reports of the acting identity on their way. */
struct making {
	const struct report_draft *draft;
	const struct identity_row *subject;
	const struct identity_row *system; /* the tenant's own actor; NULL: nothing is forwarded */
	i64s to;
	str category;
	const struct report_row *made;
};

static int write_flag(struct ctx *c, const struct making *m, str *ret)
{
	const struct report_post_row *posts;
	struct json_out w;
	size_t n;

	TRY(q_report_post_uris(c, m->made->post_ids, &posts, &n));
	json_out_init(&w, c->arena, ACTIVITY_LIMIT);
	json_open_object(&w, NULL);
	activity_open(&w, m->made->uri, "Flag", m->system->actor_uri);
	json_put_str(&w, "content", m->made->comment);
	json_open_array(&w, "object");
	json_put_str(&w, NULL, m->subject->actor_uri);
	for (size_t i = 0; i < n; i++)
		json_put_str(&w, NULL, posts[i].uri);
	json_close_array(&w);
	json_close_object(&w);
	return json_out_done(&w, ret);
}

static int forward(struct ctx *c, const struct making *m)
{
	struct activity a = {
		.actor = m->system,
		.uri = m->made->uri,
		.type = "Flag",
		.to = m->to,
	};

	if (!m->system || m->to.n == 0)
		return 0;
	TRY(write_flag(c, m, &a.body));
	return activity_publish(c, &a);
}

static int make(struct ctx *c, void *arg)
{
	struct making *m = arg;
	const struct report_draft *d = m->draft;
	struct q_report_add_args args = {
		.domain_id = c->domain_id,
		.origin = c->domain->origin,
		.source_id = c->identity_id,
		.subject_id = d->subject_id,
		.post_ids = d->post_ids,
		.comment = d->comment,
		.category = m->category,
		.rule_ids = d->rule_ids,
		.collection_ids = d->collection_ids,
		.forwarded = m->system != NULL,
	};

	TRY(q_report_add(c, &args, &m->made));
	TRY(report_tell_staff(c, "report", c->identity_id, m->made->id));
	return forward(c, m);
}

static bool is_among(str s, strs list)
{
	for (size_t i = 0; i < list.n; i++)
		if (str_eq_fold(list.p[i], s))
			return true;
	return false;
}

/* Whom a forwarded complaint goes to: the subject, and whom its posts answer, on the servers that were named. */
static int find_recipients(struct ctx *c, struct making *m)
{
	const struct report_draft *d = m->draft;
	const struct identity_id_row *others;
	int64_t *ids;
	size_t n, n_ids = 0;

	TRY(q_report_bystanders(c, d->post_ids, d->forward_to, &others, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	if (d->forward_to.n == 0 ||
	    (!str_is_null(m->subject->host) && is_among(m->subject->host, d->forward_to)))
		ids[n_ids++] = m->subject->id;
	for (size_t i = 0; i < n; i++)
		if (others[i].id != m->subject->id)
			ids[n_ids++] = others[i].id;
	m->to = (i64s){ ids, n_ids };
	return 0;
}

static int prepare_forward(struct ctx *c, struct making *m)
{
	int64_t system_id = c->domain->system_identity_id;

	if (!m->draft->forward || m->subject->domain_id == c->domain_id)
		return 0;
	if (!system_id)
		TRY(identity_create_system(c, &system_id));
	TRY(q_identity_by_id(c, system_id, &m->system));
	return find_recipients(c, m);
}

/* Another tenant of this installation hears of it without a network between. */
static int tell_neighbour(struct ctx *c, const struct making *m)
{
	struct report_received r = {
		.source = m->system,
		.subject_id = m->subject->id,
		.post_ids = m->made->post_ids,
		.uri = m->made->uri,
		.comment = m->made->comment,
	};
	int64_t here = c->domain_id;
	int result;

	if (!m->system || !identity_is_local(m->subject))
		return 0;
	TRY(ctx_bind(c, m->subject->domain_id));
	result = report_receive(c, &r);
	TRY(ctx_bind(c, here));
	return result;
}

static int check(struct ctx *c, struct making *m)
{
	const struct report_draft *d = m->draft;
	int result = q_identity_by_id(c, d->subject_id, &m->subject);

	if (result == E_NOT_FOUND || (!result && (m->subject->deleted || m->subject->is_system)))
		return fail(c, E_NOT_FOUND, "Record not found");
	TRY(result);
	if (d->subject_id == c->identity_id)
		return fail(c, E_UNPROCESSABLE, "Validation failed: one cannot report oneself");
	if (str_chars(d->comment) > REPORT_COMMENT_LIMIT)
		return fail_at(
			c, "comment",
			fail(c, E_UNPROCESSABLE,
			     "Validation failed: Comment is too long (maximum is %d characters)",
			     REPORT_COMMENT_LIMIT));
	m->category = d->category;
	if (d->rule_ids.n && !str_eq(d->category, STR("legal")))
		m->category = STR("violation");
	if (str_is_empty(m->category))
		m->category = STR("other");
	TRY(check_category(c, m->category));
	return throttle_hit(c, "report", str_fmt(c->arena, "%lld", (long long)c->identity_id),
			    REPORTS, REPORTS_WINDOW);
}

int report_create(struct ctx *c, const struct report_draft *d, const struct report_row **ret)
{
	struct making m = { .draft = d };

	TRY(check(c, &m));
	TRY(prepare_forward(c, &m));
	TRY(db_transaction(c, make, &m));
	TRY(tell_neighbour(c, &m));
	*ret = m.made;
	return 0;
}

int report_get(struct ctx *c, int64_t id, const struct report_row **ret)
{
	return q_report_by_id(c, id, c->domain_id, ret);
}

int report_list(struct ctx *c, const struct report_choice *choice, const struct page *p,
		const struct report_row **ret, size_t *ret_n)
{
	struct q_report_list_args args = {
		.domain_id = c->domain_id,
		.max_id = p->max_id ? p->max_id : INT64_MAX,
		.min_id = p->min_id ? p->min_id : p->since_id,
		.resolved = choice->resolved,
		.source_id = choice->source_id,
		.subject_id = choice->subject_id,
		.host = choice->host,
		.holder_id = choice->holder_id,
		.category = str_is_null(choice->category) ? STR("") : choice->category,
		.origin = str_is_null(choice->origin) ? STR("") : choice->origin,
		.limit = page_limit(p),
	};
	const struct report_row *rows;
	struct report_row *ordered;
	size_t n;

	TRY(q_report_list(c, p->min_id != 0, &args, &rows, &n));
	ordered = arena_array(c->arena, n + 1, sizeof(*ordered));
	for (size_t i = 0; i < n; i++)
		ordered[i] = rows[p->min_id ? n - 1 - i : i];
	*ret = ordered;
	*ret_n = n;
	return 0;
}

static int audit(struct ctx *c, const char *action, int64_t id)
{
	return audit_add(c, action, str_fmt(c->arena, "%lld", (long long)id), STR(""));
}

int report_change(struct ctx *c, int64_t id, str category, i64s rule_ids)
{
	struct q_report_change_args args = {
		.domain_id = c->domain_id,
		.id = id,
		.category = category,
		.rule_ids = rule_ids,
		.by_id = c->identity_id,
	};
	size_t n;

	TRY(check_category(c, category));
	TRY(q_report_change(c, &args, &n));
	return n ? audit(c, "report.change", id) : E_NOT_FOUND;
}

static int claim(struct ctx *c, int64_t id)
{
	const struct report_row *row;
	size_t n;

	TRY(q_report_claim(c, c->identity_id, c->now + REPORT_LEASE, id, c->domain_id, &n));
	if (n)
		return audit(c, "report.assign", id);
	TRY(report_get(c, id, &row));
	return fail(c, E_CONFLICT, "somebody else deals with this report");
}

int report_assign(struct ctx *c, int64_t id, bool to_self)
{
	size_t n;

	if (to_self)
		return claim(c, id);
	TRY(q_report_release(c, id, c->domain_id, c->identity_id, &n));
	return n ? audit(c, "report.unassign", id) : E_NOT_FOUND;
}

int report_resolve(struct ctx *c, int64_t id, bool done)
{
	size_t n;

	TRY(q_report_resolve(c, done, c->identity_id, id, c->domain_id, &n));
	return n ? audit(c, done ? "report.resolve" : "report.reopen", id) : E_NOT_FOUND;
}
