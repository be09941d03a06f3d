/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Filters as the first version of the API had them, which programs still use: each is a keyword, with the
 * contexts, end and action of the filter that it belongs to; its id is the keyword's.
 */
#include "server/api/api.h"
#include "server/api/filter.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_filter.h"

static int found(struct ctx *c, int err)
{
	return err == E_NOT_FOUND ? api_not_found(c) : err;
}

struct one {
	const struct filter_keyword_row *keyword;
	struct filter filter;
};

static int find(struct ctx *c, int64_t id, struct one *ret)
{
	TRY(found(c, filter_keyword_get(c, id, &ret->keyword)));
	return found(c, filter_get(c, ret->keyword->filter_id, &ret->filter));
}

static int send(struct ctx *c, int64_t id, struct response *r)
{
	struct json_out w;
	struct one one;

	TRY(find(c, id, &one));
	api_open(c, &w);
	render_filter_v1(&w, NULL, one.filter.row, one.keyword);
	return api_send(&w, r);
}

int api_filters_v1(struct ctx *c, unused struct request *q, struct response *r)
{
	struct filter *filters;
	struct json_out w;
	size_t n;

	TRY(filters_list(c, &filters, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < filters[i].n_keywords; k++)
			render_filter_v1(&w, NULL, filters[i].row, &filters[i].keywords[k]);
	json_close_array(&w);
	return api_send(&w, r);
}

int api_filter_v1(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	return send(c, id, r);
}

static str action_of(const struct params *p, str otherwise)
{
	if (!param_is_there(p, "irreversible"))
		return otherwise;
	return param_bool(p, "irreversible", false) ? STR("hide") : STR("warn");
}

int api_filter_v1_create(struct ctx *c, struct request *q, struct response *r)
{
	struct filter_keyword_draft k = { 0 };
	struct filter_draft d = { .keywords = &k, .n_keywords = 1 };
	struct filter made;
	struct params *p;
	int64_t id;

	TRY(params_read(c, q, &p));
	k.keyword = d.title = param(p, "phrase");
	k.whole_word = param_bool(p, "whole_word", false);
	d.contexts = param_list(c, p, "context");
	d.action = action_of(p, STR("warn"));
	TRY(filter_read_expires(c, q, p, &d.expires));
	TRY(filter_create(c, &d, &id));
	TRY(found(c, filter_get(c, id, &made)));
	return send(c, made.keywords[0].id, r);
}

static bool same_contexts(strs a, strs b)
{
	bool same = a.n == b.n;

	for (size_t i = 0; same && i < a.n; i++)
		same = str_eq(a.p[i], b.p[i]);
	return same;
}

/* What is of the filter may only change when this is all that it has. */
int api_filter_v1_change(struct ctx *c, struct request *q, struct response *r)
{
	struct filter_keyword_draft k = { 0 };
	struct filter_draft d = { .keywords = &k, .n_keywords = 1 };
	const struct filter_row *f;
	struct params *p;
	struct one one;
	strs contexts;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(params_read(c, q, &p));
	TRY(find(c, id, &one));
	f = one.filter.row;
	k.id = id;
	k.keyword = param_is_there(p, "phrase") ? param(p, "phrase") : one.keyword->keyword;
	k.whole_word = param_bool(p, "whole_word", one.keyword->whole_word);
	contexts = param_list(c, p, "context");
	d.contexts = contexts.n ? contexts : f->contexts;
	d.action = action_of(p, f->action);
	d.title = one.filter.n_keywords == 1 ? k.keyword : f->title;
	d.expires = f->expires;
	TRY(filter_read_expires(c, q, p, &d.expires));
	if (one.filter.n_keywords > 1 && (d.expires != f->expires || !str_eq(d.action, f->action) ||
					  !same_contexts(d.contexts, f->contexts)))
		return fail(c, E_UNPROCESSABLE,
			    "this filter has several keywords, so it cannot be changed here");
	TRY(found(c, filter_change(c, f->id, &d)));
	return send(c, id, r);
}

int api_filter_v1_delete(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(found(c, filter_keyword_delete_last(c, id)));
	return api_send_empty(r);
}
