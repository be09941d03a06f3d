/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Featured hashtags: https://docs.joinmastodon.org/methods/featured_tags/ */
#include "fetch/url.h"
#include "model/domain.h"
#include "model/featured_tag.h"
#include "model/tag.h"
#include "server/api/accounts.h"
#include "server/api/api.h"
#include "server/api/featured_tag.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_account.h"
#include "server/api/render_tag.h"

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

int api_featured_tag_suggestions(struct ctx *c, unused struct request *q, struct response *r)
{
	const struct tag_suggestion_row *rows;
	struct json_out w;
	struct tag_row *found;
	struct tag *tags;
	size_t n;

	TRY(featured_tag_suggestions(c, &rows, &n));
	found = arena_array(c->arena, n + 1, sizeof(*found));
	for (size_t i = 0; i < n; i++)
		found[i] = (struct tag_row){ .id = rows[i].id, .name = rows[i].name };
	TRY(tags_load(c, found, n, &tags));
	api_open(c, &w);
	render_tags(c, &w, NULL, tags, n);
	return api_send(&w, r);
}
