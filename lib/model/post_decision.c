/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a decision, what follows from it and its line in the audit log are one transaction. What nobody sees any more, nobody
 * is told of either.
 */
#include "model/post_decision.h"

#include "db/db.h"
#include "json/write.h"
#include "model/audit.h"
#include "model/dossier.h"
#include "model/post.h"
#include "model/post_show.h"
#include "sql/gen/timeline.h"

#define DETAIL_LIMIT (16 * 1024)

const struct name post_decisions[] = {
	{ "removed", DECISION_REMOVED },
	{ "held", DECISION_HELD },
	{ "covered", DECISION_COVERED },
	{ "unlisted", DECISION_UNLISTED },
	{ NULL, 0 },
};

/* What the audit log calls a decision, and taking it back; and what the dossier of its author calls it. */
static const struct {
	const char *done, *undone, *noted;
} actions[] = {
	[DECISION_REMOVED] = { "post.remove", "post.restore", "post_removed" },
	[DECISION_HELD] = { "post.hold", "post.release", "post_held" },
	[DECISION_COVERED] = { "post.cover", "post.uncover", "post_covered" },
	[DECISION_UNLISTED] = { "post.unlist", "post.list", "post_unlisted" },
};

static bool is_away(enum post_decision kind)
{
	return kind == DECISION_REMOVED || kind == DECISION_HELD;
}

int posts_get_as_staff(struct ctx *c, i64s ids, const struct post_row **ret, size_t *ret_n)
{
	return q_posts_before_staff(c, ids, c->identity_id, ret, ret_n);
}

int post_get_as_staff(struct ctx *c, int64_t id, const struct post_row **ret)
{
	const struct post_row *rows;
	size_t n;

	TRY(posts_get_as_staff(c, (i64s){ &id, 1 }, &rows, &n));
	if (n == 0)
		return fail(c, E_NOT_FOUND, "there is no such post");
	*ret = rows;
	return 0;
}

static int set(struct ctx *c, int64_t post_id, enum post_decision kind, str words, str reason)
{
	struct q_post_decide_args args = {
		.domain_id = c->domain_id,
		.post_id = post_id,
		.kind = str_c(name_of_value(post_decisions, (int)kind)),
		.words = words,
		.reason = reason,
		.identity_id = c->identity_id,
	};

	TRY(q_post_decide(c, &args, NULL));
	if (kind == DECISION_COVERED)
		return 0;
	TRY(q_timeline_remove_public(c, c->domain_id, post_id, NULL));
	return is_away(kind) ? q_post_untell(c, c->domain_id, post_id, NULL) : 0;
}

static int write_audit(struct ctx *c, const char *action, int64_t post_id, str words, str reason)
{
	struct json_out w;
	str detail;

	json_out_init(&w, c->arena, DETAIL_LIMIT);
	json_open_object(&w, NULL);
	if (words.n)
		json_put_str(&w, "words", words);
	if (reason.n)
		json_put_str(&w, "reason", reason);
	json_close_object(&w);
	TRY(json_out_done(&w, &detail));
	return audit_add(c, action, str_fmt(c->arena, "%lld", (long long)post_id), detail);
}

struct deciding {
	const struct post_decision_draft *draft;
	const struct post_row *post;
	str words, reason;
};

static int decide(struct ctx *c, void *arg)
{
	const struct deciding *d = arg;
	const char *action = actions[d->draft->kind].done;
	size_t n;

	/* What was held and is removed does not wait any more. */
	if (d->draft->kind == DECISION_REMOVED)
		TRY(q_post_undecide(c, c->domain_id, d->post->id, STR("held"), &n));
	TRY(set(c, d->post->id, d->draft->kind, d->words, d->reason));
	TRY(dossier_add(c, d->post->author_id, d->draft->report_id, "act",
			str_c(actions[d->draft->kind].noted)));
	return write_audit(c, action, d->post->id, d->words, d->reason);
}

static int check_text(struct ctx *c, const char *field, str text)
{
	if (str_chars(text) <= DECISION_TEXT_LIMIT && str_is_utf8(text))
		return 0;
	return fail_at(c, field,
		       fail(c, E_UNPROCESSABLE, "at most %d characters", DECISION_TEXT_LIMIT));
}

static str or_empty(str s)
{
	return str_is_null(s) ? STR("") : str_trim(s);
}

int post_decide(struct ctx *c, const struct post_decision_draft *draft)
{
	struct deciding d = {
		.draft = draft,
		.words = draft->kind == DECISION_COVERED ? or_empty(draft->words) : STR(""),
		.reason = or_empty(draft->reason),
	};

	TRY(check_text(c, "words", d.words));
	TRY(check_text(c, "reason", d.reason));
	TRY(post_get_as_staff(c, draft->post_id, &d.post));
	if (d.post->domain_id == c->domain_id)
		return fail(c, E_UNPROCESSABLE, "who wrote this is a member, and is told why");
	return db_transaction(c, decide, &d);
}

struct undoing {
	const struct post_row *post;
	enum post_decision kind;
};

static int cannot_undo(struct ctx *c, int64_t post_id, const char *kind)
{
	const struct post_decided_row *row;

	TRY(q_post_decided(c, c->domain_id, post_id, str_c(kind), &row));
	return row->there ? fail(c, E_FORBIDDEN, "the host of this installation decided this")
			  : fail(c, E_NOT_FOUND, "this was not decided about the post");
}

static int undo(struct ctx *c, void *arg)
{
	const struct undoing *u = arg;
	const char *name = name_of_value(post_decisions, (int)u->kind);
	size_t n;

	TRY(q_post_undecide(c, c->domain_id, u->post->id, str_c(name), &n));
	if (n == 0)
		return cannot_undo(c, u->post->id, name);
	TRY(dossier_add(c, u->post->author_id, 0, "undo", str_c(actions[u->kind].noted)));
	TRY(write_audit(c, actions[u->kind].undone, u->post->id, STR(""), STR("")));
	if (is_away(u->kind))
		return post_show_late(c, u->post);
	return u->kind == DECISION_UNLISTED ? post_list_late(c, u->post) : 0;
}

int post_undecide(struct ctx *c, int64_t post_id, enum post_decision kind)
{
	struct undoing u = { .kind = kind };

	TRY(post_get_as_staff(c, post_id, &u.post));
	return db_transaction(c, undo, &u);
}

int post_decisions_of(struct ctx *c, int64_t post_id, const struct post_decision_row **ret,
		      size_t *ret_n)
{
	return q_post_decisions(c, c->domain_id, post_id, ret, ret_n);
}

int posts_decidable(struct ctx *c, i64s ids, int64_t author_id, i64s *ret)
{
	const struct post_id_row *rows;
	int64_t *kept;
	size_t n;

	TRY(q_post_decidable(c, ids, author_id, c->domain_id, &rows, &n));
	kept = arena_array(c->arena, n + 1, sizeof(*kept));
	for (size_t i = 0; i < n; i++)
		kept[i] = rows[i].id;
	*ret = (i64s){ kept, n };
	return 0;
}

int posts_decide_within(struct ctx *c, i64s ids, enum post_decision kind, str reason)
{
	reason = str_clip(or_empty(reason), DECISION_TEXT_LIMIT);
	for (size_t i = 0; i < ids.n; i++) {
		TRY(set(c, ids.p[i], kind, STR(""), reason));
		TRY(write_audit(c, actions[kind].done, ids.p[i], STR(""), reason));
	}
	return 0;
}

int post_decision_drop(struct ctx *c, int64_t post_id, i64s *domains)
{
	const struct domain_number_row *away;
	int64_t *kept;
	size_t n_away, n = 0;

	if (domains->n == 0)
		return 0;
	TRY(q_post_putting_away(c, post_id, &away, &n_away));
	kept = arena_array(c->arena, domains->n, sizeof(*kept));
	for (size_t i = 0; i < domains->n; i++) {
		size_t k = 0;

		while (k < n_away && away[k].domain_id != domains->p[i])
			k++;
		if (k == n_away)
			kept[n++] = domains->p[i];
	}
	*domains = (i64s){ kept, n };
	return 0;
}

int held_queue(struct ctx *c, const struct page *p, const struct held_queue_row **ret,
	       size_t *ret_n)
{
	return q_held_queue(c, c->domain_id, p->max_id ? p->max_id : INT64_MAX, page_limit(p), ret,
			    ret_n);
}
