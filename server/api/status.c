/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Statuses: posts as the client API shows, makes, changes and deletes them. */
#include "base/id.h"
#include "html/html.h"
#include "model/idempotency.h"
#include "model/identity.h"
#include "model/interaction.h"
#include "model/media.h"
#include "model/scheduled.h"
#include "server/api/api.h"
#include "server/api/async.h"
#include "server/api/consent.h"
#include "server/api/handlers.h"
#include "server/api/render_scheduled.h"
#include "server/api/render_status.h"
#include "server/api/status_draft.h"

#define MANY 20 /* statuses asked for by their ids at once */

static int absent(struct ctx *c, int result)
{
	return result == E_NOT_FOUND || result == E_GONE ? api_not_found(c) : result;
}

int status_find_post(struct ctx *c, const struct request *q, const struct post_row **ret)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(status_proper_id(c, id, &id));
	return absent(c, post_get(c, id, c->identity_id, ret));
}

int status_respond_post(struct ctx *c, int64_t id, struct response *r)
{
	const struct post_row *p;
	struct status *s;
	struct json_out w;

	TRY(absent(c, post_get(c, id, c->identity_id, &p)));
	TRY(statuses_load(c, p, 1, c->identity_id, &s));
	api_open(c, &w);
	render_status(c, &w, NULL, s);
	return api_send(&w, r);
}

int status_respond_boost(struct ctx *c, int64_t boost_id, struct response *r)
{
	const struct interaction_row *boost;
	const struct post_row *p;
	struct status *s;
	struct json_out w;

	TRY(absent(c, q_interaction_boost(c, boost_id, c->identity_id, &boost)));
	TRY(absent(c, post_get(c, boost->post_id, c->identity_id, &p)));
	TRY(statuses_load(c, p, 1, c->identity_id, &s));
	TRY(q_identity_by_id(c, boost->identity_id, &s->booster));
	s->entry_id = boost_id;
	api_open(c, &w);
	render_status(c, &w, NULL, s);
	return api_send(&w, r);
}

int api_status(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id, proper;

	TRY(api_path_id(c, q, 0, &id));
	TRY(status_proper_id(c, id, &proper));
	return id == proper ? status_respond_post(c, id, r) : status_respond_boost(c, id, r);
}

int api_statuses(struct ctx *c, struct request *q, struct response *r)
{
	const struct post_row *posts;
	struct status *statuses;
	struct params *p;
	struct json_out w;
	i64s ids;
	size_t n;

	TRY(params_read(c, q, &p));
	ids = param_ids(c, p, "id");
	if (ids.n > MANY)
		ids.n = MANY;
	TRY(q_post_by_ids(c, ids, c->identity_id, &posts, &n));
	TRY(statuses_load(c, posts, n, c->identity_id, &statuses));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_status(c, &w, NULL, &statuses[i]);
	json_close_array(&w);
	return api_send(&w, r);
}

int api_status_context(struct ctx *c, struct request *q, struct response *r)
{
	struct status *above, *below;
	size_t n_above, n_below;
	const struct post_row *p;
	struct json_out w;

	TRY(status_find_post(c, q, &p));
	TRY(post_context(c, p, c->identity_id, &above, &n_above, &below, &n_below));
	TRY(async_offer_thread(c, p, r));
	api_open(c, &w);
	json_open_object(&w, NULL);
	json_open_array(&w, "ancestors");
	for (size_t i = 0; i < n_above; i++)
		render_status(c, &w, NULL, &above[i]);
	json_close_array(&w);
	json_open_array(&w, "descendants");
	for (size_t i = 0; i < n_below; i++)
		render_status(c, &w, NULL, &below[i]);
	json_close_array(&w);
	json_close_object(&w);
	return api_send_polled(&w, r);
}

/* What came of the same request before. */
static int respond_earlier(struct ctx *c, const struct post_draft *d, struct response *r)
{
	int64_t post_id, scheduled_id;

	TRY(idempotency_find(c, d->key, &post_id, &scheduled_id));
	return scheduled_id ? respond_scheduled(c, scheduled_id, r)
			    : status_respond_post(c, post_id, r);
}

/* When it is to appear: 0 for at once, which is also what a time that has passed means. */
static int read_time(struct ctx *c, const struct params *p, usec *ret)
{
	str said = param(p, "scheduled_at");

	*ret = 0;
	if (said.n && !clock_parse_iso(said, ret))
		return api_unprocessable(c, "scheduled_at is no time");
	if (*ret <= c->now)
		*ret = 0;
	return 0;
}

int api_status_create(struct ctx *c, struct request *q, struct response *r)
{
	struct post_draft d;
	struct params *p;
	int64_t id;
	usec due;
	int result;

	TRY(params_read(c, q, &p));
	TRY(status_draft_read(c, q, p, &d));
	TRY(read_time(c, p, &due));
	result = respond_earlier(c, &d, r);
	if (result != E_NOT_FOUND)
		return result;
	if (due) {
		TRY(scheduled_add(c, &d, due, &id));
		return respond_scheduled(c, id, r);
	}
	TRY(post_create(c, &d, &id));
	return status_respond_post(c, id, r);
}

/* Descriptions and focal points of media that are in the post already. */
static int describe_media(struct ctx *c, const struct params *p)
{
	strs places = param_places(c, p, "media_attributes");

	for (size_t i = 0; i < places.n; i++) {
		str id = param_at(p, "media_attributes[%.*s][id]", STR_ARG(places.p[i]));
		str focus = param_at(p, "media_attributes[%.*s][focus]", STR_ARG(places.p[i]));
		struct q_post_describe_media_args args = {
			.description = param_at(p, "media_attributes[%.*s][description]",
						STR_ARG(places.p[i])),
			.author_id = c->identity_id,
		};

		args.has_focus = media_focus_parse(focus, &args.focus_x, &args.focus_y);
		if (id_parse(id, &args.id))
			TRY(q_post_describe_media(c, &args, NULL));
	}
	return 0;
}

int api_status_edit(struct ctx *c, struct request *q, struct response *r)
{
	const struct post_row *post;
	struct post_draft d;
	struct params *p;

	TRY(status_find_post(c, q, &post));
	if (post->author_id != c->identity_id)
		return api_not_found(c);
	TRY(params_read(c, q, &p));
	TRY(status_draft_read(c, q, p, &d));
	if (!param_is_there(p, "quote_approval_policy"))
		d.quote_policy = status_policy_of(post);
	if (!param_is_there(p, "language"))
		d.language = post->language;
	TRY(describe_media(c, p));
	TRY(post_edit(c, post->id, &d));
	return status_respond_post(c, post->id, r);
}

static int delete_boost(struct ctx *c, int64_t boost_id, struct response *r)
{
	const struct interaction_row *boost;

	TRY(absent(c, q_interaction_boost(c, boost_id, c->identity_id, &boost)));
	if (boost->identity_id != c->identity_id)
		return api_not_found(c);
	TRY(status_respond_boost(c, boost_id, r));
	return interaction_remove(c, boost->post_id, INTERACTION_BOOST);
}

int api_status_delete(struct ctx *c, struct request *q, struct response *r)
{
	const struct post_row *post;
	struct status *s;
	struct params *p;
	struct json_out w;
	int64_t id, proper;

	TRY(api_path_id(c, q, 0, &id));
	TRY(params_read(c, q, &p));
	TRY(status_proper_id(c, id, &proper));
	if (id != proper)
		return delete_boost(c, id, r);
	TRY(absent(c, post_get(c, id, c->identity_id, &post)));
	if (post->author_id != c->identity_id)
		return api_not_found(c);
	TRY(statuses_load(c, post, 1, c->identity_id, &s));
	api_open(c, &w);
	render_status_source(c, &w, s, post->source);
	TRY(post_delete(c, id, !param_bool(p, "delete_media", false)));
	return api_send(&w, r);
}

int api_status_source(struct ctx *c, struct request *q, struct response *r)
{
	const struct post_row *p;
	struct json_out w;
	str text;

	TRY(status_find_post(c, q, &p));
	text = p->source;
	if (!p->domain_id)
		TRY(html_to_text(c, p->content, &text));
	api_open(c, &w);
	json_open_object(&w, NULL);
	json_put_id(&w, "id", p->id);
	json_put_str(&w, "text", text);
	json_put_str(&w, "spoiler_text", p->summary);
	json_close_object(&w);
	return api_send(&w, r);
}

/* No translator is configured: clients ask, and hide the button. */
int api_status_translate(struct ctx *c, struct request *q, unused struct response *r)
{
	const struct post_row *p;

	TRY(status_find_post(c, q, &p));
	return fail(c, E_LATER, "Translation is not available here");
}

int api_status_policy(struct ctx *c, struct request *q, struct response *r)
{
	const struct post_row *post;
	const struct consent_policy *rules;
	enum quote_policy policy;
	struct params *p;

	TRY(status_find_post(c, q, &post));
	if (post->author_id != c->identity_id)
		return api_not_found(c);
	policy = status_policy_of(post);
	TRY(params_read(c, q, &p));
	TRY(status_policy_read(c, p, &policy));
	TRY(consent_policy_read(c, p, "interaction_policy", &rules));
	if (rules)
		TRY(consent_set_policy(c, post->id, rules));
	TRY(post_set_quote_policy(c, post->id, policy));
	return status_respond_post(c, post->id, r);
}
