/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Rows of the staff's work to what its pages show of them. Invariant: a list costs the same number of statements however long it is. */
#include "base/table.h"
#include "model/domain.h"
#include "model/dossier.h"
#include "model/identity.h"
#include "model/instance.h"
#include "model/post.h"
#include "model/post_decision.h"
#include "model/report.h"
#include "model/strike.h"
#include "server/web/staff.h"
#include "server/web/text.h"
#include "server/web/views.h"

#define EXCERPT 160 /* characters */

/* What the database's words are called. */
static const struct {
	const char *word, *shown;
} words[] = {
	{ "spam", "Spam" },
	{ "legal", "Against the law" },
	{ "violation", "Breaks rules" },
	{ "other", "Something else" },
	{ "none", "Warning" },
	{ "sensitive", "Media covered" },
	{ "disable", "Locked out" },
	{ "silence", "Limited" },
	{ "suspend", "Suspended" },
	{ "hold", "Posts held" },
	{ "delete_statuses", "Posts deleted" },
	{ "mark_statuses_as_sensitive", "Posts marked as sensitive" },
	{ "disabled", "locked out" },
	{ "silenced", "limited" },
	{ "suspended", "suspended" },
	{ "held", "posts held" },
	{ "note", "Note" },
	{ "claim", "Taken on" },
	{ "release", "Given back" },
	{ "change", "Category changed" },
	{ "act", "Decision" },
	{ "undo", "Taken back" },
	{ "resolve", "Resolved" },
	{ "reopen", "Opened again" },
	{ "answer", "Answered" },
	{ "appeal", "Appeal" },
	{ "decide", "Decided" },
	{ "owner", "Owner" },
	{ "admin", "Administrator" },
	{ "moderator", "Moderator" },
	{ "sign_up_requires_approval", "Sign-ups need approval" },
	{ "sign_up_block", "No sign-ups" },
	{ "no_access", "No access" },
	{ "waiting", "Appeal waits" },
	{ "accepted", "Appeal accepted" },
	{ "refused", "Appeal refused" },
	{ "post_accepted", "Post accepted" },
	{ "post_refused", "Post refused" },
	{ "post_removed", "Post removed here" },
	{ "post_held", "Post held" },
	{ "post_covered", "Post covered" },
	{ "post_unlisted", "Post taken from public timelines" },
	{ "draft", "Draft" },
	{ "on", "On" },
	{ "off", "Off" },
};

str staff_word(struct arena *a, str word)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq_c(word, words[i].word))
			return titled(a, words[i].shown);
	return word;
}

int staff_people_load(struct ctx *c, i64s ids, struct staff_people *ret)
{
	return q_identity_by_ids(c, ids, &ret->rows, &ret->n);
}

static const struct identity_row *find(const struct staff_people *p, int64_t id)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->rows[i].id == id)
			return &p->rows[i];
	return NULL;
}

struct person_view staff_person_of(struct ctx *c, const struct staff_people *p, int64_t id)
{
	const struct identity_row *i = find(p, id);

	return i ? view_person(c, i)
		 : (struct person_view){ .name = STR("?"), .handle = STR(""), .path = STR("/") };
}

str staff_source(struct ctx *c, const struct staff_people *p, const struct report_row *report)
{
	const struct identity_row *i = find(p, report->source_id);

	if (!report->source_id)
		return text_with(c, TEXT_FORM_STAFF_NO_ACCOUNT, STR(""));
	if (!i)
		return text_with(c, TEXT_FORM_STAFF_GONE, STR(""));
	if (i->id == c->domain->system_identity_id)
		return text_with(c, TEXT_FORM_STAFF_POLICY, STR(""));
	if (i->domain_id == c->domain_id)
		return view_person(c, i).handle;
	return text_with(c, TEXT_FORM_STAFF_ON, str_is_null(i->host) ? STR("?") : i->host);
}

int staff_view_reports(struct ctx *c, const struct report_row *rows, size_t n,
		       struct staff_report_view **ret)
{
	struct staff_report_view *views = arena_array(c->arena, n + 1, sizeof(*views));
	int64_t *ids = arena_array(c->arena, 3 * n + 1, sizeof(*ids));
	struct staff_people people;

	for (size_t i = 0; i < n; i++) {
		ids[3 * i] = rows[i].subject_id;
		ids[3 * i + 1] = rows[i].source_id;
		ids[3 * i + 2] = rows[i].assigned_id;
	}
	TRY(staff_people_load(c, (i64s){ ids, 3 * n }, &people));
	for (size_t i = 0; i < n; i++)
		views[i] = (struct staff_report_view){
			.id = rows[i].id,
			.subject = staff_person_of(c, &people, rows[i].subject_id),
			.source = staff_source(c, &people, &rows[i]),
			.category = rows[i].category,
			.excerpt = str_clip(rows[i].comment, EXCERPT),
			.holder = rows[i].assigned_id
					  ? staff_person_of(c, &people, rows[i].assigned_id).name
					  : STR(""),
			.n_posts = rows[i].post_ids.n,
			.created = rows[i].created,
			.resolved = rows[i].resolved != 0,
		};
	*ret = views;
	return 0;
}

/* Texts of the rules that a decision names; those that are no rule any more are left out. */
static void name_rules(struct ctx *c, const struct rule_row *rules, size_t n,
		       struct staff_strike_view *v)
{
	str *texts = arena_array(c->arena, v->row->rule_ids.n + 1, sizeof(*texts));

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v->row->rule_ids.n; k++)
			if (rules[i].id == v->row->rule_ids.p[k])
				texts[v->n_rules++] = rules[i].text;
	v->rules = texts;
}

int staff_view_strikes(struct ctx *c, const struct strike_row *rows, size_t n,
		       struct staff_strike_view **ret)
{
	struct staff_strike_view *views = arena_array(c->arena, n + 1, sizeof(*views));
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct rule_row *rules;
	struct staff_people people;
	size_t n_rules;

	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].identity_id;
	TRY(staff_people_load(c, (i64s){ ids, n }, &people));
	TRY(rules_list(c, &rules, &n_rules));
	for (size_t i = 0; i < n; i++) {
		views[i] = (struct staff_strike_view){
			.row = &rows[i],
			.person = staff_person_of(c, &people, rows[i].identity_id),
			.open = strike_is_open(c, &rows[i]),
		};
		name_rules(c, rules, n_rules, &views[i]);
	}
	*ret = views;
	return 0;
}

/* Whether what happened says more of itself by a word than in somebody's own words. */
static bool is_word(str kind)
{
	static const char *const kinds[] = { "act", "undo", "change", "decide" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_eq_c(kind, kinds[i]))
			return true;
	return false;
}

int staff_view_events(struct ctx *c, const struct dossier_entry_row *rows, size_t n,
		      struct staff_event_view **ret)
{
	struct staff_event_view *views = arena_array(c->arena, n + 1, sizeof(*views));
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	struct staff_people people;

	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].identity_id;
	TRY(staff_people_load(c, (i64s){ ids, n }, &people));
	for (size_t i = 0; i < n; i++)
		views[i] = (struct staff_event_view){
			.kind = rows[i].kind,
			.text = rows[i].text,
			.is_word = is_word(rows[i].kind),
			.who = rows[i].identity_id
				       ? staff_person_of(c, &people, rows[i].identity_id).name
				       : STR(""),
			.when = rows[i].created,
			.report_id = rows[i].report_id,
		};
	*ret = views;
	return 0;
}

int staff_view_posts(struct ctx *c, i64s ids, const struct post_view **ret, size_t *ret_n)
{
	const struct post_row *posts;
	struct status *statuses;
	size_t n;

	TRY(posts_get_as_staff(c, ids, &posts, &n));
	TRY(statuses_load(c, posts, n, c->identity_id, &statuses));
	*ret = view_posts(c, statuses, n);
	*ret_n = n;
	return 0;
}
