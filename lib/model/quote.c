/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a quotation stands accepted only with the quoted author's consent, or between posts of one author. */
#include "model/quote.h"

#include "ap/document.h"
#include "db/db.h"
#include "model/activity.h"
#include "model/identity.h"

static const char *const after_new[] = { "pending", "accepted", "accepting", "rejected", NULL };
static const char *const after_pending[] = { "new",	  "accepting", "accepted",
					     "rejecting", "rejected",  NULL };
static const char *const after_accepting[] = { "accepted", "revoking", "revoked", NULL };
static const char *const after_accepted[] = { "new", "revoking", "revoked", NULL };
static const char *const after_rejecting[] = { "rejected", "accepting", NULL };
static const char *const after_rejected[] = { "new", "accepting", "rejecting", NULL };
static const char *const after_revoking[] = { "revoked", NULL };
static const char *const after_revoked[] = { "accepting", "rejecting", NULL };

#define SCHEDULE .first = USEC_MINUTE, .growth = 2, .ceiling = USEC_HOUR

static const struct graph_state quote_states[] = {
	{
		.name = "new",
		.initial = true,
		.next = after_new,
		SCHEDULE,
		.timeout = 3 * USEC_DAY,
		.timeout_to = "pending",
	},
	{ .name = "pending", .next = after_pending, .external = true },
	{ .name = "accepting", .next = after_accepting, SCHEDULE },
	{ .name = "accepted", .next = after_accepted, .external = true },
	{ .name = "rejecting", .next = after_rejecting, SCHEDULE },
	{ .name = "rejected", .next = after_rejected, .external = true },
	{ .name = "revoking", .next = after_revoking, SCHEDULE },
	{ .name = "revoked", .next = after_revoked, .external = true },
};

const struct graph quote_graph = { "quote", quote_states, ARRAY_SIZE(quote_states) };

static int not_quotable(struct ctx *c)
{
	return fail(
		c, E_NOT_FOUND,
		"The post you are trying to quote does not appear to exist or cannot be quoted");
}

/* What nobody here can tell, its author's server decides. */
static bool may_try(str allowed, const struct identity_row *author)
{
	if (str_eq(allowed, STR("automatic")) || str_eq(allowed, STR("manual")))
		return true;
	return !identity_is_local(author) && !str_eq(allowed, STR("denied"));
}

int quote_plan(struct ctx *c, int64_t quoted_id, struct quote_plan *ret)
{
	const struct post_quotable_row *allowed;
	struct quote_plan plan;
	const struct quote_id_row *id;
	size_t n;
	int result = post_get(c, quoted_id, c->identity_id, &plan.quoted);

	if (result == E_NOT_FOUND || result == E_GONE)
		return not_quotable(c);
	TRY(result);
	TRY(q_identity_by_id(c, plan.quoted->author_id, &plan.author));
	TRY(q_post_quotable(c, c->identity_id, (i64s){ &quoted_id, 1 }, &allowed, &n));
	if (n == 0 || !may_try(allowed[0].allowed, plan.author))
		return not_quotable(c);
	TRY(q_quote_mint(c, &id));
	plan.id = id->id;
	plan.by_hand = !str_eq(allowed[0].allowed, STR("automatic"));
	*ret = plan;
	return 0;
}

str quote_narrows(const struct quote_plan *plan, str visibility)
{
	bool wide = str_eq(visibility, STR("public")) || str_eq(visibility, STR("unlisted"));

	if (wide && plan->quoted && str_eq(plan->quoted->visibility, STR("followers")))
		return STR("followers");
	return visibility;
}

/* Where the consent of a local author can be read. */
static str authorization_uri(struct ctx *c, const struct identity_row *author, int64_t id)
{
	return str_fmt(c->arena, "%.*squotes/%lld/", STR_ARG(author->actor_uri), (long long)id);
}

/* A local author's policy has agreed already; a remote one is asked by the stator. */
int quote_write(struct ctx *c, const struct quote_plan *plan, int64_t post_id)
{
	const struct post_row *post;
	struct q_quote_add_args args = {
		.id = plan->id,
		.post_id = post_id,
		.author_id = c->identity_id,
		.domain_id = c->domain_id,
		.quoted_id = plan->quoted->id,
		.quoted_uri = plan->quoted->object_uri,
		.quoted_author_id = plan->author->id,
		.quoted_domain_id = plan->author->domain_id,
		.request_uri = STR(""),
		.authorization_uri = STR(""),
		.state = STR("new"),
	};

	TRY(q_post_for_job(c, post_id, &post));
	args.post_uri = post->object_uri;
	if (identity_is_local(plan->author))
		args.state = plan->by_hand ? STR("new") : STR("accepting");
	else
		args.request_uri = str_cat(c->arena, post->object_uri, STR("#quote"));
	if (identity_is_local(plan->author) && plan->author->id != c->identity_id && !plan->by_hand)
		args.authorization_uri = authorization_uri(c, plan->author, plan->id);
	return q_quote_add(c, &args, NULL);
}

static str or_empty(str s)
{
	return str_is_null(s) ? STR("") : s;
}

/* What is quoted, when it is here; its tenant is a party, and has to be bound to write of it. */
static int find_quoted(struct ctx *c, struct q_quote_add_args *args)
{
	const struct post_found_row *found;
	int result = q_post_find(c, args->quoted_uri, &found);

	if (result == E_NOT_FOUND)
		return 0;
	TRY(result);
	args->quoted_id = found->id;
	args->quoted_author_id = found->author_id;
	args->quoted_domain_id = found->domain_id;
	return found->domain_id ? db_bind(c, found->domain_id) : 0;
}

/* One that is noted already gets its post, and another look when it brings a consent that was missing. */
static int meet_again(struct ctx *c, const struct quote_row *q, int64_t post_id,
		      const struct ap_object *o)
{
	TRY(q_quote_set_post(c, post_id, q->id, NULL));
	if (str_is_empty(o->quote_authorization) ||
	    str_eq(o->quote_authorization, q->authorization_uri) || q->quoted_domain_id)
		return 0;
	return q_quote_move(c,
			    &(struct q_quote_move_args){
				    .id = q->id,
				    .state = STR("new"),
				    .authorization_uri = o->quote_authorization,
				    .request_uri = STR(""),
				    .from = { (const str[]){ STR("pending"), STR("rejected") }, 2 },
			    },
			    NULL);
}

int quote_store(struct ctx *c, int64_t post_id, const struct ap_object *o,
		const struct identity_row *author)
{
	const struct quote_id_row *id;
	const struct quote_row *q;
	struct q_quote_add_args args = {
		.post_id = post_id,
		.post_uri = o->id,
		.author_id = author->id,
		.quoted_uri = or_empty(o->quote_uri),
		.request_uri = STR(""),
		.authorization_uri = or_empty(o->quote_authorization),
		.state = STR("new"),
	};
	int result;

	TRY(q_quote_forget(c, post_id, args.quoted_uri, NULL));
	if (str_is_empty(o->quote_uri))
		return 0;
	TRY(find_quoted(c, &args));
	result = q_quote_by_uri(c, o->id, &q);
	if (result == 0)
		return q->author_id == author->id ? meet_again(c, q, post_id, o) : 0;
	if (result != E_NOT_FOUND)
		return result;
	TRY(q_quote_mint(c, &id));
	args.id = id->id;
	return q_quote_add(c, &args, NULL);
}

const char *quote_standing(str state)
{
	static const struct {
		const char *ours, *theirs;
	} words[] = {
		{ "accepting", "accepted" }, { "accepted", "accepted" },
		{ "rejecting", "rejected" }, { "rejected", "rejected" },
		{ "revoking", "revoked" },   { "revoked", "revoked" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq_c(state, words[i].ours))
			return words[i].theirs;
	return "pending";
}

int quote_revoke(struct ctx *c, int64_t quoted_id, int64_t post_id)
{
	const struct post_row *quoted;
	const struct quote_row *q;
	size_t n;

	TRY(post_get_own(c, quoted_id, &quoted));
	TRY(q_quote_between(c, post_id, quoted_id, &q));
	TRY(q_quote_move(c,
			 &(struct q_quote_move_args){
				 .id = q->id,
				 .state = STR("revoking"),
				 .authorization_uri = q->authorization_uri,
				 .request_uri = STR(""),
				 .from = { (const str[]){ STR("accepting"), STR("accepted") }, 2 },
			 },
			 &n));
	return n ? 0 : fail(c, E_NOT_FOUND, "this quotation does not stand");
}

int quote_decide(struct ctx *c, int64_t id, bool yes)
{
	const struct identity_row *author;
	const struct quote_row *q;
	size_t n;

	TRY(q_quote_by_id(c, id, &q));
	if (q->quoted_author_id != c->identity_id)
		return fail(c, E_NOT_FOUND, "this does not wait for a decision");
	TRY(q_identity_by_id(c, c->identity_id, &author));
	TRY(q_quote_move(c,
			 &(struct q_quote_move_args){
				 .id = id,
				 .state = yes ? STR("accepting") : STR("rejecting"),
				 .authorization_uri = yes ? authorization_uri(c, author, id)
							  : STR(""),
				 .request_uri = STR(""),
				 .from = { (const str[]){ STR("pending") }, 1 },
			 },
			 &n));
	return n ? 0 : fail(c, E_NOT_FOUND, "this does not wait for a decision");
}

int quote_list(struct ctx *c, int64_t quoted_id, const struct page *p, struct status **ret,
	       size_t *ret_n)
{
	const struct quote_post_row *rows;
	struct post_row *ordered;
	const struct post_row *posts;
	int64_t *ids;
	size_t n, n_posts, kept = 0;
	struct q_quote_posts_args args = {
		.post_id = quoted_id,
		.max_id = p->max_id ? p->max_id : INT64_MAX,
		.since_id = p->since_id > p->min_id ? p->since_id : p->min_id,
		.viewer = c->identity_id,
		.limit = page_limit(p),
	};

	TRY(q_quote_posts(c, &args, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	ordered = arena_array(c->arena, n + 1, sizeof(*ordered));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	TRY(q_post_by_ids(c, (i64s){ ids, n }, c->identity_id, &posts, &n_posts));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_posts; k++)
			if (posts[k].id == ids[i])
				ordered[kept++] = posts[k];
	TRY(statuses_load(c, ordered, kept, c->identity_id, ret));
	*ret_n = kept;
	return 0;
}

int quote_write_ap(struct ctx *c, const struct identity_row *author, int64_t id, struct json_out *w)
{
	const struct quote_row *q;

	TRY(q_quote_by_id(c, id, &q));
	if (q->quoted_author_id != author->id || str_is_empty(q->authorization_uri) ||
	    !str_eq_c(STR("accepted"), quote_standing(q->state)))
		return fail(c, E_NOT_FOUND, "there is no such authorization");
	json_open_object(w, NULL);
	json_put_raw(w, "@context", ap_context);
	json_put_str(w, "id", q->authorization_uri);
	json_put_c(w, "type", "QuoteAuthorization");
	json_put_str(w, "attributedTo", author->actor_uri);
	json_put_str(w, "interactingObject", q->post_uri);
	json_put_str(w, "interactionTarget", q->quoted_uri);
	json_close_object(w);
	return 0;
}
