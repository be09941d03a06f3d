/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What people do to a status, and who did. Every verb answers with the status as it is then; the
 * counts of it are made anew at once, so that who acted sees it.
 */
#include "model/consent.h"
#include "model/identity.h"
#include "model/interaction.h"
#include "model/quote.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_account.h"
#include "server/api/render_status.h"
#include "server/api/status_draft.h"
#include "sql/gen/interaction.h"

static int act(struct ctx *c, const struct request *q, enum interaction_kind kind, bool undo,
	       struct response *r)
{
	const struct post_row *p;

	TRY(status_find_post(c, q, &p));
	TRY(undo ? interaction_remove(c, p->id, kind) : interaction_add(c, p->id, kind));
	TRY(q_post_recount(c, p->id, NULL));
	return status_respond_post(c, p->id, r);
}

int api_status_favourite(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, INTERACTION_LIKE, false, r);
}

int api_status_unfavourite(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, INTERACTION_LIKE, true, r);
}

int api_status_unreblog(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, INTERACTION_BOOST, true, r);
}

int api_status_pin(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, INTERACTION_PIN, false, r);
}

int api_status_unpin(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, INTERACTION_PIN, true, r);
}

/* Answers with the boost, in which the post is. */
int api_status_reblog(struct ctx *c, struct request *q, struct response *r)
{
	enum post_visibility visibility = POST_PUBLIC;
	const struct post_row *p;
	struct params *params;
	int64_t boost_id;
	int result;

	TRY(status_find_post(c, q, &p));
	TRY(params_read(c, q, &params));
	if (param(params, "visibility").n &&
	    (!visibility_from_api(param(params, "visibility"), &visibility) ||
	     visibility > POST_FOLLOWERS))
		return api_unprocessable(c, "a boost is public, unlisted or private");
	TRY(consent_may(c, p->id, "boost"));
	result = interaction_boost(c, p->id, visibility, &boost_id);
	if (result == E_FORBIDDEN)
		return api_not_found(c);
	TRY(result);
	TRY(q_post_recount(c, p->id, NULL));
	return boost_id ? status_respond_boost(c, boost_id, r) : status_respond_post(c, p->id, r);
}

static int keep(struct ctx *c, const struct request *q, bool kept, struct response *r)
{
	const struct post_row *p;

	TRY(status_find_post(c, q, &p));
	TRY(interaction_bookmark(c, p->id, kept));
	return status_respond_post(c, p->id, r);
}

int api_status_bookmark(struct ctx *c, struct request *q, struct response *r)
{
	return keep(c, q, true, r);
}

int api_status_unbookmark(struct ctx *c, struct request *q, struct response *r)
{
	return keep(c, q, false, r);
}

static int mute(struct ctx *c, const struct request *q, bool muted, struct response *r)
{
	const struct post_row *p;

	TRY(status_find_post(c, q, &p));
	TRY(interaction_mute_thread(c, p, muted));
	return status_respond_post(c, p->id, r);
}

int api_status_mute(struct ctx *c, struct request *q, struct response *r)
{
	return mute(c, q, true, r);
}

int api_status_unmute(struct ctx *c, struct request *q, struct response *r)
{
	return mute(c, q, false, r);
}

/* Accounts in the order of what they did. */
static int respond_people(struct ctx *c, const struct request *q,
			  const struct interaction_person_row *rows, size_t n, int64_t limit,
			  struct response *r)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct identity_row *people;
	struct json_out w;
	size_t n_people;

	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].identity_id;
	TRY(q_identity_by_ids(c, (i64s){ ids, n }, &people, &n_people));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_people; k++)
			if (people[k].id == ids[i])
				render_account(c, &w, NULL, &people[k]);
	json_close_array(&w);
	if (n)
		api_link(c, q, rows[0].id, rows[n - 1].id, (int64_t)n == limit, r);
	return api_send(&w, r);
}

static int list_people(struct ctx *c, const struct request *q, str kind, struct response *r)
{
	const struct interaction_person_row *rows;
	const struct post_row *p;
	struct page page;
	size_t n;

	TRY(status_find_post(c, q, &p));
	api_page(q, 40, 80, &page);
	TRY(q_interaction_people(c,
				 &(struct q_interaction_people_args){
					 .post_id = p->id,
					 .kind = kind,
					 .max_id = page.max_id ? page.max_id : INT64_MAX,
					 .since_id = page.min_id > page.since_id ? page.min_id
										 : page.since_id,
					 .viewer = c->identity_id,
					 .limit = page_limit(&page),
				 },
				 &rows, &n));
	return respond_people(c, q, rows, n, page_limit(&page), r);
}

int api_status_reblogged_by(struct ctx *c, struct request *q, struct response *r)
{
	return list_people(c, q, STR("boost"), r);
}

int api_status_favourited_by(struct ctx *c, struct request *q, struct response *r)
{
	return list_people(c, q, STR("like"), r);
}

int api_status_quotes(struct ctx *c, struct request *q, struct response *r)
{
	struct status *statuses;
	const struct post_row *p;
	struct page page;
	size_t n;

	TRY(status_find_post(c, q, &p));
	api_page(q, 20, 40, &page);
	TRY(quote_list(c, p->id, &page, &statuses, &n));
	return respond_statuses(c, q, statuses, n, page_limit(&page), r);
}

int api_status_quote_revoke(struct ctx *c, struct request *q, struct response *r)
{
	const struct post_row *p;
	int64_t quoting_id;
	int result;

	TRY(status_find_post(c, q, &p));
	TRY(api_path_id(c, q, 1, &quoting_id));
	if (p->author_id != c->identity_id)
		return fail(c, E_FORBIDDEN, "This action is not allowed");
	result = quote_revoke(c, p->id, quoting_id);
	if (result == E_NOT_FOUND)
		return api_not_found(c);
	TRY(result);
	TRY(q_post_recount(c, p->id, NULL));
	return status_respond_post(c, quoting_id, r);
}
