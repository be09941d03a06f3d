/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Featured hashtags: https://docs.joinmastodon.org/methods/featured_tags/ */
#include "base/id.h"
#include "fetch/url.h"
#include "model/domain.h"
#include "model/featured_tag.h"
#include "server/api/accounts.h"
#include "server/api/api.h"
#include "server/api/featured_tag.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_account.h"

str api_tag_url(struct ctx *c, str name)
{
	return str_fmt(c->arena, "%.*s/tags/%.*s/", STR_ARG(c->domain->origin),
		       STR_ARG(url_encode(c->arena, name)));
}

static void put_number(struct ctx *c, struct json_out *w, const char *key, int64_t n)
{
	json_put_str(w, key, str_fmt(c->arena, "%lld", (long long)n));
}

void render_featured_tag(struct ctx *c, struct json_out *w, const struct featured_tag_row *t)
{
	json_open_object(w, NULL);
	json_put_id(w, "id", t->id);
	json_put_str(w, "name", t->name);
	json_put_str(w, "url", api_tag_url(c, t->name));
	put_number(c, w, "statuses_count", t->posts_count);
	render_day(c, w, "last_status_at", t->last_posted);
	json_close_object(w);
}

static int send_tags(struct ctx *c, int64_t identity_id, struct response *r)
{
	const struct featured_tag_row *rows;
	struct json_out w;
	size_t n;

	TRY(featured_tags_get(c, identity_id, &rows, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_featured_tag(c, &w, &rows[i]);
	json_close_array(&w);
	return api_send(&w, r);
}

int api_account_featured_tags(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i = NULL;

	TRY(api_path_account(c, q, 0, &i));
	return send_tags(c, i->id, r);
}

int api_featured_tags(struct ctx *c, unused struct request *q, struct response *r)
{
	return send_tags(c, c->identity_id, r);
}

int api_featured_tag_add(struct ctx *c, struct request *q, struct response *r)
{
	const struct featured_tag_row *tag;
	struct json_out w;
	struct params *p;

	TRY(params_read(c, q, &p));
	TRY(featured_tag_add(c, param(p, "name"), &tag));
	api_open(c, &w);
	render_featured_tag(c, &w, tag);
	return api_send(&w, r);
}

int api_featured_tag_remove(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(featured_tag_remove(c, id));
	return api_send_empty(r);
}

static void put_history(struct ctx *c, struct json_out *w, int64_t id,
			const struct tag_day_row *days, size_t n)
{
	json_open_array(w, "history");
	for (size_t i = 0; i < n; i++) {
		if (days[i].hashtag_id != id)
			continue;
		json_open_object(w, NULL);
		put_number(c, w, "day", days[i].day / USEC_SEC);
		put_number(c, w, "uses", days[i].uses);
		put_number(c, w, "accounts", days[i].accounts);
		json_close_object(w);
	}
	json_close_array(w);
}

static void put_suggestion(struct ctx *c, struct json_out *w, const struct tag_suggestion_row *t,
			   const struct tag_day_row *days, size_t n)
{
	json_open_object(w, NULL);
	json_put_id(w, "id", t->id);
	json_put_str(w, "name", t->name);
	json_put_str(w, "url", api_tag_url(c, t->name));
	put_history(c, w, t->id, days, n);
	json_put_bool(w, "featuring", false);
	json_close_object(w);
}

int api_featured_tag_suggestions(struct ctx *c, unused struct request *q, struct response *r)
{
	const struct tag_suggestion_row *rows;
	const struct tag_day_row *days = NULL;
	size_t n, n_days = 0;
	struct json_out w;
	int64_t *ids;

	TRY(featured_tag_suggestions(c, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	if (n)
		TRY(q_featured_tag_history(c, (i64s){ ids, n }, id_at(c->now - 8 * USEC_DAY), &days,
					   &n_days));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		put_suggestion(c, &w, &rows[i], days, n_days);
	json_close_array(&w);
	return api_send(&w, r);
}
