/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * post: fan-out of new, edited and deleted posts. Remote followers get an activity; local ones, on
 * each tenant that has some, a row on their home page by one statement.
 */
#include "model/post.h"

#include "db/db.h"
#include "model/activity.h"
#include "model/card.h"
#include "model/consent.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/limit.h"
#include "model/notification.h"
#include "model/policy.h"
#include "model/post_decision.h"
#include "model/post_remote.h"
#include "model/post_show.h"
#include "model/search.h"
#include "sql/gen/follow.h"
#include "sql/gen/inbox.h"
#include "sql/gen/interaction.h"
#include "sql/gen/poll.h"
#include "sql/gen/quote.h"
#include "sql/gen/tag.h"
#include "stator/handler.h"

struct fan_out {
	const struct post_row *post;
	const struct identity_row *author;
	const char *type; /* of the activity */
	bool is_edit;
};

static int load(struct ctx *c, const struct job *j, struct fan_out *ret)
{
	TRY(q_post_for_job(c, j->id, &ret->post));
	return q_identity_by_id(c, ret->post->author_id, &ret->author);
}

static bool is_visibility(const struct post_row *p, const char *name)
{
	return str_eq_c(p->visibility, name);
}

/* Who voted hears of a poll's counts. */
static int add_voters(struct ctx *c, const struct post_row *p, i64s *to)
{
	const struct identity_id_row *voters;
	int64_t *ids;
	size_t n;

	if (!str_eq(p->type, STR("Question")))
		return 0;
	TRY(q_poll_far_voters(c, p->id, &voters, &n));
	ids = arena_array(c->arena, to->n + n + 1, sizeof(*ids));
	for (size_t i = 0; i < to->n + n; i++)
		ids[i] = i < to->n ? to->p[i] : voters[i - to->n].id;
	*to = (i64s){ ids, to->n + n };
	return 0;
}

static int publish(struct ctx *c, void *arg)
{
	struct fan_out *f = arg;
	struct activity a = {
		.actor = f->author,
		.type = f->type,
		.to_followers = !is_visibility(f->post, "mentioned"),
	};

	TRY(post_activity(c, f->post, f->type, &a.uri, &a.body));
	TRY(post_recipients(c, f->post, &a.to));
	TRY(add_voters(c, f->post, &a.to));
	return activity_publish(c, &a);
}

/* To other servers, when the post is ours and not for local eyes only. */
static int tell_others(struct ctx *c, struct fan_out *f, const char *type)
{
	if (!f->post->domain_id || is_visibility(f->post, "local"))
		return 0;
	f->type = type;
	TRY(ctx_bind(c, f->post->domain_id));
	return db_transaction(c, publish, f);
}

/* Puts ids behind those that are there already, each once. */
static void add_ids(int64_t *ids, size_t *n, const struct domain_number_row *rows, size_t n_rows)
{
	for (size_t i = 0; i < n_rows; i++) {
		size_t k = 0;

		while (k < *n && ids[k] != rows[i].domain_id)
			k++;
		if (k == *n)
			ids[(*n)++] = rows[i].domain_id;
	}
}

/* The author's tenant, and those with followers of the author or of a hashtag, or mentioned people; each once. */
static int tenants(struct ctx *c, const struct post_row *p, i64s *ret)
{
	const struct domain_number_row own = { .domain_id = p->domain_id };
	const struct domain_number_row *following = NULL, *mentioned, *tagged = NULL;
	size_t n_following = 0, n_mentioned, n_tagged = 0, n = 0;
	int64_t *ids;

	if (!is_visibility(p, "mentioned"))
		TRY(q_follower_domains(c, p->author_id, &following, &n_following));
	TRY(q_post_mention_domains(c, p->id, &mentioned, &n_mentioned));
	if (is_visibility(p, "public"))
		TRY(q_tag_follower_domains(c, p->id, &tagged, &n_tagged));
	ids = arena_array(c->arena, n_following + n_mentioned + n_tagged + 2, sizeof(*ids));
	add_ids(ids, &n, &own, p->domain_id != 0);
	add_ids(ids, &n, following, n_following);
	add_ids(ids, &n, mentioned, n_mentioned);
	add_ids(ids, &n, tagged, n_tagged);
	*ret = (i64s){ ids, n };
	return 0;
}

/* Where it is shown and told: not where it was removed or is held, nor where its author's server is blocked. */
static int welcoming_tenants(struct ctx *c, const struct fan_out *f, i64s *ret)
{
	TRY(tenants(c, f->post, ret));
	TRY(post_decision_drop(c, f->post->id, ret));
	return identity_is_local(f->author) ? 0 : limit_drop_blocking(c, f->author->actor_uri, ret);
}

static int show(struct ctx *c, void *arg)
{
	struct fan_out *f = arg;

	return post_show(c, f->post, f->is_edit);
}

/* Only its author makes an edit of a local post; a new count of its poll or a new policy is none. */
static bool is_edit(const struct post_row *p)
{
	return !p->domain_id || p->edited == p->state_changed;
}

struct judging {
	const struct fan_out *fan_out;
	i64s domains;
};

static int judge(struct ctx *c, void *arg)
{
	const struct judging *j = arg;
	const struct post_row *p = j->fan_out->post;

	return policy_judge_stored(
		c, p->id, is_visibility(p, "public") || is_visibility(p, "unlisted"), j->domains);
}

/* The policies of neighbours about a post of ours, once it is known which of them it goes to; those of others came judged. */
static int judge_for_neighbours(struct ctx *c, const struct fan_out *f)
{
	struct judging j = { .fan_out = f };

	if (!policies_exist(c) || !f->post->domain_id || (f->is_edit && !is_edit(f->post)))
		return 0;
	TRY(tenants(c, f->post, &j.domains));
	TRY(ctx_bind(c, f->post->domain_id));
	return db_transaction(c, judge, &j);
}

static int show_here(struct ctx *c, struct fan_out *f)
{
	i64s domains;

	TRY(judge_for_neighbours(c, f));
	TRY(welcoming_tenants(c, f, &domains));
	for (size_t i = 0; i < domains.n; i++) {
		if (is_visibility(f->post, "local") && domains.p[i] != f->post->domain_id)
			continue;
		TRY(ctx_bind(c, domains.p[i]));
		TRY(db_transaction(c, show, f));
	}
	return 0;
}

static int counts(struct ctx *c, const struct fan_out *f)
{
	TRY(q_identity_recount(c, f->post->author_id, NULL));
	if (f->post->in_reply_to_id)
		TRY(q_post_recount(c, f->post->in_reply_to_id, NULL));
	return 0;
}

/* Whether the author of what it answers has not agreed. */
static int is_held(struct ctx *c, const struct fan_out *f, bool *ret)
{
	const struct consent_policy_row *rows;
	size_t n;

	TRY(q_consent_policies(c, (i64s){ &f->post->id, 1 }, &rows, &n));
	*ret = n && rows[0].consent.n > 0;
	return 0;
}

static int new (struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	struct fan_out f = { .is_edit = false };
	bool held;

	TRY(load(c, j, &f));
	TRY(is_held(c, &f, &held));
	if (held) {
		*ret_next = "held";
		return 0;
	}
	TRY(tell_others(c, &f, "Create"));
	TRY(show_here(c, &f));
	TRY(ctx_bind(c, j->domain_id));
	TRY(search_index(c, f.post));
	TRY(card_choose(c, f.post));
	TRY(counts(c, &f));
	*ret_next = "fanned_out";
	return 0;
}

/* Who boosted or quoted a post, on all tenants, hears that it was edited. */
static int tell_of_edit(struct ctx *c, const struct post_row *p)
{
	const struct domain_number_row *domains;
	size_t n;

	if (!is_edit(p))
		return 0;
	TRY(q_post_sharer_domains(c, p->id, &domains, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(ctx_bind(c, domains[i].domain_id));
		TRY(notification_tell_edited_post(c, p->id));
	}
	return 0;
}

/* A new mention in an edited post is told; who has the post already keeps it. */
static int edited(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	struct fan_out f = { .is_edit = true };
	bool held;

	TRY(load(c, j, &f));
	TRY(is_held(c, &f, &held));
	if (held) {
		*ret_next = "held";
		return 0;
	}
	TRY(tell_others(c, &f, "Update"));
	TRY(show_here(c, &f));
	TRY(ctx_bind(c, j->domain_id));
	TRY(tell_of_edit(c, f.post));
	TRY(ctx_bind(c, j->domain_id));
	TRY(search_index(c, f.post));
	TRY(card_choose(c, f.post));
	*ret_next = "fanned_out";
	return 0;
}

static int hide(struct ctx *c, const struct fan_out *f)
{
	i64s domains;

	TRY(tenants(c, f->post, &domains));
	for (size_t i = 0; i < domains.n; i++) {
		TRY(ctx_bind(c, domains.p[i]));
		TRY(q_post_unlist(c, f->post->id, NULL));
	}
	return 0;
}

/* What a deleted post quoted has a quotation less. */
static int uncount_quoted(struct ctx *c, const struct post_row *p)
{
	const struct quote_shown_row *quotes;
	size_t n;

	TRY(q_quote_of_posts(c, (i64s){ &p->id, 1 }, &quotes, &n));
	for (size_t i = 0; i < n; i++)
		if (quotes[i].quoted_id)
			TRY(q_post_recount(c, quotes[i].quoted_id, NULL));
	return 0;
}

static int deleted(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	struct fan_out f;

	TRY(load(c, j, &f));
	TRY(tell_others(c, &f, "Delete"));
	TRY(hide(c, &f));
	TRY(ctx_bind(c, j->domain_id));
	TRY(q_post_strip(c, f.post->id, NULL));
	TRY(uncount_quoted(c, f.post));
	TRY(counts(c, &f));
	*ret_next = "gone";
	return 0;
}

/* What its server does not show to everybody stays unseen. */
static int stub(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	int result = post_fetch_stub(c, j->id);

	if (result == E_NOT_FOUND || result == E_GONE || result == E_FORBIDDEN) {
		*ret_next = "gone";
		return 0;
	}
	TRY(result);
	*ret_next = "fanned_out";
	return 0;
}

static const struct state_handler handlers[] = {
	{ "stub", stub },	{ "new", new }, { "edited", edited },
	{ "deleted", deleted }, { NULL, NULL },
};

const struct machine post_machine = { &post_graph, handlers, 128 };
