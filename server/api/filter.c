/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Filters, their keywords and posts: https://docs.joinmastodon.org/methods/filters/. Invariant: what a
 * request does not name stays as it is.
 */
#include "json/json.h"
#include "server/api/api.h"
#include "server/api/filter.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_filter.h"

#define EXPIRES_LIMIT (100LL * 365 * 24 * 3600) /* seconds */

static int found(struct ctx *c, int err)
{
	return err == E_NOT_FOUND || err == E_GONE ? api_not_found(c) : err;
}

/* JSON can say that a filter is to have no end: null, which is absent among the parameters. */
static bool says_null(struct ctx *c, const struct request *q, const char *name)
{
	const struct json *j;

	return str_starts_fold(request_header(q, "content-type"), STR("application/json")) &&
	       json_parse(c, q->body, &j) == 0 && json_is(json_get(j, name), JSON_NULL);
}

int filter_read_expires(struct ctx *c, const struct request *q, const struct params *p, usec *ret)
{
	int64_t seconds = 0;

	if (!param_is_there(p, "expires_in")) {
		if (says_null(c, q, "expires_in"))
			*ret = 0;
		return 0;
	}
	TRY(param_i64(c, p, "expires_in", &seconds));
	if (seconds < 0 || seconds > EXPIRES_LIMIT)
		return api_unprocessable(c, "Expires in is not a time that a filter can last");
	*ret = seconds ? c->now + seconds * USEC_SEC : 0;
	return 0;
}

static struct filter_keyword_draft read_nested(const struct params *p, str place)
{
	str id = param_at(p, "keywords_attributes[%.*s][id]", STR_ARG(place));
	str whole = param_at(p, "keywords_attributes[%.*s][whole_word]", STR_ARG(place));
	str gone = param_at(p, "keywords_attributes[%.*s][_destroy]", STR_ARG(place));
	struct filter_keyword_draft d = {
		.keyword = param_at(p, "keywords_attributes[%.*s][keyword]", STR_ARG(place)),
		.whole_word = str_is_null(whole) || params_true(whole),
		.remove = params_true(gone),
	};

	if (!str_to_i64(id, &d.id) || d.id < 0)
		d.id = 0;
	return d;
}

static const struct filter_keyword_row *keyword_of(const struct filter *f, int64_t id)
{
	for (size_t i = 0; i < f->n_keywords; i++)
		if (f->keywords[i].id == id)
			return &f->keywords[i];
	return NULL;
}

/* Of one that is there, what is not named stays. */
static int read_keywords(struct ctx *c, const struct params *p, const struct filter *old,
			 struct filter_draft *d)
{
	strs places = param_places(c, p, "keywords_attributes");
	struct filter_keyword_draft *k = arena_array(c->arena, places.n + 1, sizeof(*k));

	for (size_t i = 0; i < places.n; i++) {
		const struct filter_keyword_row *before;

		k[i] = read_nested(p, places.p[i]);
		if (!k[i].id)
			continue;
		before = old ? keyword_of(old, k[i].id) : NULL;
		if (!before)
			return api_not_found(c);
		if (str_is_null(k[i].keyword))
			k[i].keyword = before->keyword;
		if (str_is_null(param_at(p, "keywords_attributes[%.*s][whole_word]",
					 STR_ARG(places.p[i]))))
			k[i].whole_word = before->whole_word;
	}
	d->keywords = k;
	d->n_keywords = places.n;
	return 0;
}

/* What the request says, over what is there (NULL: a new one). */
static int read_draft(struct ctx *c, const struct request *q, const struct filter *old,
		      struct filter_draft *ret)
{
	struct filter_draft d = { .title = STR(""), .action = STR("warn") };
	struct params *p;
	strs contexts;

	TRY(params_read(c, q, &p));
	if (old)
		d = (struct filter_draft){
			.title = old->row->title,
			.contexts = old->row->contexts,
			.action = old->row->action,
			.expires = old->row->expires,
		};
	contexts = param_list(c, p, "context");
	if (contexts.n)
		d.contexts = contexts;
	if (param_is_there(p, "title"))
		d.title = param(p, "title");
	if (param_is_there(p, "filter_action"))
		d.action = param(p, "filter_action");
	TRY(filter_read_expires(c, q, p, &d.expires));
	TRY(read_keywords(c, p, old, &d));
	*ret = d;
	return 0;
}

static int send_filter(struct ctx *c, int64_t id, struct response *r)
{
	struct filter f;
	struct json_out w;

	TRY(found(c, filter_get(c, id, &f)));
	api_open(c, &w);
	render_filter(&w, NULL, &f);
	return api_send(&w, r);
}

int api_filters(struct ctx *c, unused struct request *q, struct response *r)
{
	struct filter *filters;
	struct json_out w;
	size_t n;

	TRY(filters_list(c, &filters, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_filter(&w, NULL, &filters[i]);
	json_close_array(&w);
	return api_send(&w, r);
}

int api_filter(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	return send_filter(c, id, r);
}

int api_filter_create(struct ctx *c, struct request *q, struct response *r)
{
	struct filter_draft d;
	int64_t id;

	TRY(read_draft(c, q, NULL, &d));
	TRY(filter_create(c, &d, &id));
	return send_filter(c, id, r);
}

int api_filter_change(struct ctx *c, struct request *q, struct response *r)
{
	struct filter_draft d;
	struct filter old;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(found(c, filter_get(c, id, &old)));
	TRY(read_draft(c, q, &old, &d));
	TRY(found(c, filter_change(c, id, &d)));
	return send_filter(c, id, r);
}

int api_filter_delete(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(found(c, filter_delete(c, id)));
	return api_send_empty(r);
}

/* Keywords */

static int send_keyword(struct ctx *c, const struct filter_keyword_row *k, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	render_filter_keyword(&w, NULL, k);
	return api_send(&w, r);
}

int api_filter_keywords(struct ctx *c, struct request *q, struct response *r)
{
	struct filter f;
	struct json_out w;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(found(c, filter_get(c, id, &f)));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < f.n_keywords; i++)
		render_filter_keyword(&w, NULL, &f.keywords[i]);
	json_close_array(&w);
	return api_send(&w, r);
}

int api_filter_keyword_add(struct ctx *c, struct request *q, struct response *r)
{
	const struct filter_keyword_row *k;
	struct filter_keyword_draft d = { 0 };
	struct params *p;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(params_read(c, q, &p));
	d.keyword = param(p, "keyword");
	d.whole_word = param_bool(p, "whole_word", true);
	TRY(found(c, filter_keyword_add(c, id, &d, &k)));
	return send_keyword(c, k, r);
}

int api_filter_keyword(struct ctx *c, struct request *q, struct response *r)
{
	const struct filter_keyword_row *k;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(found(c, filter_keyword_get(c, id, &k)));
	return send_keyword(c, k, r);
}

int api_filter_keyword_change(struct ctx *c, struct request *q, struct response *r)
{
	const struct filter_keyword_row *k;
	struct filter_keyword_draft d = { 0 };
	struct params *p;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(params_read(c, q, &p));
	TRY(found(c, filter_keyword_get(c, id, &k)));
	d.keyword = param_is_there(p, "keyword") ? param(p, "keyword") : k->keyword;
	d.whole_word = param_bool(p, "whole_word", k->whole_word);
	TRY(filter_keyword_change(c, id, &d));
	TRY(found(c, filter_keyword_get(c, id, &k)));
	return send_keyword(c, k, r);
}

int api_filter_keyword_delete(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(found(c, filter_keyword_delete(c, id)));
	return api_send_empty(r);
}

/* Posts */

static int send_status(struct ctx *c, const struct filter_status_row *s, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	render_filter_status(&w, NULL, s);
	return api_send(&w, r);
}

int api_filter_statuses(struct ctx *c, struct request *q, struct response *r)
{
	struct filter f;
	struct json_out w;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(found(c, filter_get(c, id, &f)));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < f.n_statuses; i++)
		render_filter_status(&w, NULL, &f.statuses[i]);
	json_close_array(&w);
	return api_send(&w, r);
}

int api_filter_status_add(struct ctx *c, struct request *q, struct response *r)
{
	const struct filter_status_row *s;
	struct params *p;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(params_read(c, q, &p));
	TRY(found(c, filter_status_add(c, id, param_id(p, "status_id"), &s)));
	return send_status(c, s, r);
}

int api_filter_status(struct ctx *c, struct request *q, struct response *r)
{
	const struct filter_status_row *s;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(found(c, filter_status_get(c, id, &s)));
	return send_status(c, s, r);
}

/* The answer is what went: the documentation says so, and who expects {} does not look. */
int api_filter_status_delete(struct ctx *c, struct request *q, struct response *r)
{
	const struct filter_status_row *s;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(found(c, filter_status_get(c, id, &s)));
	TRY(filter_status_delete(c, id));
	return send_status(c, s, r);
}
