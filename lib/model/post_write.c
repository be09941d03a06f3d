/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what is written here is one transaction: the row, its mentions, hashtags, media and
 * poll, what it quotes, the request's key and the author's own home page appear together, and the
 * stator finds the post in state new.
 */
#include "db/db.h"
#include "model/consent.h"
#include "model/hashtag.h"
#include "model/idempotency.h"
#include "model/language.h"
#include "model/limit.h"
#include "model/media.h"
#include "model/policy.h"
#include "model/poll.h"
#include "model/post.h"
#include "model/post_compose.h"
#include "model/quote.h"
#include "sql/gen/scheduled.h"
#include "sql/gen/timeline.h"

const struct name post_quote_policies[] = {
	{ "public", QUOTE_PUBLIC },
	{ "followers", QUOTE_FOLLOWERS },
	{ "nobody", QUOTE_NOBODY },
	{ "ask", QUOTE_ASK },
	{ NULL, 0 },
};

static int check_text(struct ctx *c, const struct post_draft *d)
{
	size_t length;

	if (!str_is_utf8(d->text) || !str_is_utf8(d->summary) || !str_is_utf8(d->language))
		return fail_at(c, "text", fail(c, E_INVALID, "the text is not UTF-8"));
	TRY(post_length(c, d->text, &length));
	length += str_chars(d->summary);
	if (length > POST_LIMIT)
		return fail_at(
			c, "text",
			fail(c, E_UNPROCESSABLE,
			     "Validation failed: the post has %zu characters, %d are allowed",
			     length, POST_LIMIT));
	return 0;
}

int post_check(struct ctx *c, const struct post_draft *d)
{
	TRY(check_text(c, d));
	if (str_is_empty(str_trim(d->text)) && !d->media_ids.n && !d->quoted_id)
		return fail_at(c, "text",
			       fail(c, E_UNPROCESSABLE, "Validation failed: Text can't be blank"));
	if (d->language.n && !language_is_known(d->language))
		return fail_at(c, "language",
			       fail(c, E_UNPROCESSABLE, "Validation failed: that is no language"));
	return d->poll ? poll_check(c, d->poll) : 0;
}

static bool is_for_all(str visibility)
{
	return str_eq(visibility, STR("public")) || str_eq(visibility, STR("unlisted"));
}

/* Who may quote a post when its author agrees. */
static strs manual_of(enum quote_policy policy, str visibility)
{
	static const str everybody[] = { { "public", 6 } };

	return policy == QUOTE_ASK && is_for_all(visibility) ? (strs){ everybody, 1 }
							     : (strs){ NULL, 0 };
}

/* Who may quote a post without asking; one that is not for everybody, nobody. */
static strs automatic_of(enum quote_policy policy, str visibility)
{
	static const str everybody[] = { { "public", 6 } }, followers[] = { { "followers", 9 } };

	if (policy == QUOTE_NOBODY || policy == QUOTE_ASK || !is_for_all(visibility))
		return (strs){ NULL, 0 };
	return (strs){ policy == QUOTE_PUBLIC ? everybody : followers, 1 };
}

struct writing {
	const struct post_draft *draft;
	struct composition composition;
	struct quote_plan quote; /* quoted NULL: none */
	struct consent_policy policy;
	struct policy_verdict verdict;
	struct q_post_write_args row;
};

static int attach(struct ctx *c, int64_t id, const struct composition *m)
{
	TRY(q_post_set_mentions(c, id, m->mentions, NULL));
	return hashtag_set(c, id, m->tags.p, m->tags.n);
}

/* A post for later appears once, and a request's key is used once: else E_CONFLICT. */
static int claim(struct ctx *c, const struct post_draft *d, int64_t post_id)
{
	size_t n = 1;

	if (d->scheduled_id)
		TRY(q_scheduled_publish(c, post_id, d->scheduled_id, &n));
	if (n && d->key.n)
		TRY(idempotency_take(c, d->key, post_id, 0));
	return n ? 0 : fail(c, E_CONFLICT, "this post appeared already");
}

static int write_post(struct ctx *c, void *arg)
{
	struct writing *w = arg;

	TRY(claim(c, w->draft, w->row.id));
	TRY(q_post_write(c, &w->row, NULL));
	if (!consent_is_open(&w->policy))
		TRY(consent_set_policy(c, w->row.id, &w->policy));
	TRY(attach(c, w->row.id, &w->composition));
	if (w->draft->media_ids.n)
		TRY(media_attach(c, w->row.id, w->draft->media_ids));
	if (w->draft->poll)
		TRY(poll_write(c, w->row.id, w->draft->poll));
	if (w->quote.quoted)
		TRY(quote_write(c, &w->quote, w->row.id));
	TRY(policy_follow_up(c, &w->verdict, w->row.id));
	if (is_for_all(w->row.visibility) && !w->row.held)
		TRY(policy_judge_stored(c, w->row.id, true, (i64s){ NULL, 0 }));
	return q_timeline_add_own(c, c->identity_id, w->row.id, c->domain_id, NULL);
}

static void fill_row(struct writing *w, const struct post_draft *d, const struct post_row *parent)
{
	str visibility = str_c(name_of_value(post_visibilities, (int)d->visibility));

	w->row.type = d->poll ? STR("Question") : STR("Note");
	w->row.visibility = quote_narrows(&w->quote, visibility);
	w->row.content = w->composition.content.s;
	w->row.source = str_is_null(d->text) ? STR("") : d->text;
	w->row.summary = str_is_null(d->summary) ? STR("") : str_trim(d->summary);
	w->row.sensitive = d->sensitive;
	w->row.language = str_is_null(d->language) ? STR("") : d->language;
	w->row.in_reply_to_uri = parent ? parent->object_uri : STR("");
	w->row.in_reply_to_id = parent ? parent->id : 0;
	w->row.thread_id = parent ? parent->thread_id : 0;
	w->row.application_id = d->application_id;
	w->row.quote_uri = w->quote.quoted ? w->quote.quoted->object_uri : STR("");
	w->row.quote_automatic = automatic_of(d->quote_policy, w->row.visibility);
	w->row.quote_manual = manual_of(d->quote_policy, w->row.visibility);
}

/* What the community's own rules make of it. */
static int judge(struct ctx *c, struct writing *w, const struct post_row *parent)
{
	const struct policy_draft d = {
		.draft = w->draft,
		.composition = &w->composition,
		.summary = w->row.summary,
		.visibility = w->row.visibility,
		.language = w->row.language,
		.answered_id = parent ? parent->author_id : 0,
	};
	const struct policy_verdict *v = &w->verdict;

	TRY(policy_judge_own(c, &d, &w->verdict));
	w->row.held = v->holds != NULL;
	w->row.policy_id = v->holds ? v->holds->id : 0;
	w->row.sensitive |= v->covers != NULL;
	w->row.summary = policy_cover(c, v, w->row.summary);
	if (v->unlists && !str_eq(w->row.visibility, STR("public")))
		w->verdict.unlists = NULL;
	if (v->unlists)
		w->row.visibility = STR("unlisted");
	return 0;
}

/* What came of the same request, or of the same post for later, before. */
static int find_earlier(struct ctx *c, const struct post_draft *d, int64_t *ret_id)
{
	const struct scheduled_row *scheduled;
	int64_t none;

	if (!d->scheduled_id)
		return idempotency_find(c, d->key, ret_id, &none);
	TRY(q_scheduled_for_job(c, d->scheduled_id, &scheduled));
	*ret_id = scheduled->post_id;
	return scheduled->post_id ? 0 : fail(c, E_NOT_FOUND, "the post was withdrawn");
}

/* Who is quoted would be asked for leave before staff saw what quotes them. */
static int check_quoting(struct ctx *c)
{
	struct identity_limits_row limits;

	TRY(identity_limits_get(c, c->identity_id, &limits));
	return limits.held
		       ? fail(c, E_UNPROCESSABLE,
			      "Validation failed: your posts wait for approval, and cannot quote")
		       : 0;
}

/* One that the author may answer, though its own author may have to agree first. */
static int find_parent(struct ctx *c, int64_t id, const struct post_row **ret)
{
	TRY(post_get(c, id, c->identity_id, ret));
	return consent_may(c, id, "reply");
}

int post_create(struct ctx *c, const struct post_draft *d, int64_t *ret_id)
{
	struct writing w = { .draft = d };
	const struct post_row *parent = NULL;
	const struct post_minted_row *id;
	int result;

	TRY(post_check(c, d));
	if (d->in_reply_to_id)
		TRY(find_parent(c, d->in_reply_to_id, &parent));
	if (d->quoted_id)
		TRY(check_quoting(c));
	if (d->quoted_id)
		TRY(quote_plan(c, d->quoted_id, &w.quote));
	TRY(post_compose(c, d->text, parent ? parent->author_id : 0, w.quote.quoted,
			 &w.composition));
	TRY(q_post_mint_of(c, c->identity_id, &id));
	if (id->moved)
		return fail(c, E_FORBIDDEN, "this account has moved, and writes no more");
	w.row.id = id->id;
	w.row.author_id = c->identity_id;
	fill_row(&w, d, parent);
	TRY(judge(c, &w, parent));
	if (d->policy)
		w.policy = *d->policy;
	else
		TRY(consent_default(c, w.row.visibility, &w.policy));
	result = db_transaction(c, write_post, &w);
	if (result == E_CONFLICT && (d->key.n || d->scheduled_id))
		return find_earlier(c, d, ret_id);
	TRY(result);
	*ret_id = id->id;
	return 0;
}

struct rewriting {
	const struct post_draft *draft;
	struct composition composition;
	struct policy_verdict verdict;
	struct q_post_rewrite_args row;
};

static int rewrite_parts(struct ctx *c, int64_t id, const struct post_draft *d)
{
	TRY(media_attach(c, id, d->media_ids));
	return d->poll ? poll_rewrite(c, id, d->poll) : q_poll_remove(c, id, NULL);
}

static int rewrite_post(struct ctx *c, void *arg)
{
	struct rewriting *w = arg;

	TRY(q_post_keep_version(c, w->row.id, NULL));
	TRY(q_post_rewrite(c, &w->row, NULL));
	if (w->draft->policy)
		TRY(consent_set_policy(c, w->row.id, w->draft->policy));
	if (!w->draft->text_only)
		TRY(rewrite_parts(c, w->row.id, w->draft));
	TRY(policy_follow_up(c, &w->verdict, w->row.id));
	return attach(c, w->row.id, &w->composition);
}

static int parent_author(struct ctx *c, const struct post_row *post, int64_t *ret)
{
	const struct post_parent_row *parents;
	size_t n;

	TRY(q_post_parents(c, (i64s){ &post->id, 1 }, &parents, &n));
	*ret = n ? parents[0].author_id : 0;
	return 0;
}

/* What an own post quotes; NULL: nothing that is here. */
static int quoted_of(struct ctx *c, const struct post_row *post, const struct post_row **ret)
{
	int result;

	*ret = NULL;
	if (str_is_empty(post->quote_uri))
		return 0;
	result = post_get_by_uri(c, post->quote_uri, c->identity_id, ret);
	return result == E_NOT_FOUND || result == E_GONE ? 0 : result;
}

static str type_after(const struct post_row *post, const struct post_draft *d)
{
	if (d->text_only)
		return post->type;
	return d->poll ? STR("Question") : STR("Note");
}

/* What was public stays so: an edit does not hide a post, it is not taken. */
static int judge_edit(struct ctx *c, struct rewriting *w, const struct post_row *post,
		      int64_t answered)
{
	const struct policy_draft d = {
		.draft = w->draft,
		.composition = &w->composition,
		.summary = w->row.summary,
		.visibility = post->visibility,
		.language = w->row.language,
		.answered_id = answered,
		.post_id = post->id,
	};

	if (str_eq(post->visibility, STR("held")))
		return 0;
	TRY(policy_judge_own(c, &d, &w->verdict));
	w->verdict.unlists = NULL;
	w->row.sensitive |= w->verdict.covers != NULL;
	w->row.summary = policy_cover(c, &w->verdict, w->row.summary);
	return 0;
}

int post_edit(struct ctx *c, int64_t id, const struct post_draft *d)
{
	struct rewriting w = { .draft = d };
	const struct post_row *post, *quoted;
	int64_t answered;

	TRY(post_get_own(c, id, &post));
	TRY(post_check(c, d));
	TRY(parent_author(c, post, &answered));
	TRY(quoted_of(c, post, &quoted));
	TRY(post_compose(c, d->text, answered, quoted, &w.composition));
	w.row = (struct q_post_rewrite_args){
		.type = type_after(post, d),
		.content = w.composition.content.s,
		.source = str_is_null(d->text) ? STR("") : d->text,
		.summary = str_is_null(d->summary) ? STR("") : str_trim(d->summary),
		.sensitive = d->sensitive,
		.language = str_is_null(d->language) ? STR("") : d->language,
		.quote_automatic = d->text_only ? post->quote_automatic
						: automatic_of(d->quote_policy, post->visibility),
		.quote_manual = d->text_only ? post->quote_manual
					     : manual_of(d->quote_policy, post->visibility),
		.id = id,
	};
	TRY(judge_edit(c, &w, post, answered));
	return db_transaction(c, rewrite_post, &w);
}

int post_set_quote_policy(struct ctx *c, int64_t id, enum quote_policy policy)
{
	const struct post_row *post;

	TRY(post_get_own(c, id, &post));
	return q_post_set_quote_policy(c, automatic_of(policy, post->visibility),
				       manual_of(policy, post->visibility), id, NULL);
}

static int bury(struct ctx *c, void *arg)
{
	const int64_t *id = arg;

	TRY(q_post_release_media(c, *id, NULL));
	return q_post_bury(c, *id, NULL);
}

int post_delete(struct ctx *c, int64_t id, bool keep_media)
{
	const struct post_row *post;

	TRY(post_get_own(c, id, &post));
	return keep_media ? db_transaction(c, bury, &id) : q_post_bury(c, id, NULL);
}
