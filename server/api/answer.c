/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Answers of the client API: bodies, pages and their links. */
#include <stdarg.h>

#include "base/id.h"
#include "model/domain.h"
#include "server/api/api.h"

#define LINK_LIMIT 4096 /* bytes of an address in a Link header */

void api_open(struct ctx *c, struct json_out *w)
{
	json_out_init(w, c->arena, API_BODY_LIMIT);
}

int api_send(struct json_out *w, struct response *r)
{
	TRY(json_out_done(w, &r->body));
	r->type = STR("application/json; charset=utf-8");
	return 0;
}

int api_send_empty(struct response *r)
{
	r->body = STR("{}");
	r->type = STR("application/json; charset=utf-8");
	return 0;
}

int api_send_polled(struct json_out *w, struct response *r)
{
	TRY(api_send(w, r));
	r->cache = CACHE_PRIVATE;
	return 0;
}

static int64_t id_of(const struct request *q, const char *name)
{
	int64_t id;

	return id_parse(request_query(q, name), &id) ? id : 0;
}

void api_page(const struct request *q, int64_t otherwise, int64_t most, struct page *ret)
{
	int64_t limit;

	if (!str_to_i64(request_query(q, "limit"), &limit) || limit < 1)
		limit = otherwise;
	*ret = (struct page){
		.max_id = id_of(q, "max_id"),
		.since_id = id_of(q, "since_id"),
		.min_id = id_of(q, "min_id"),
		.limit = (int)(limit < most ? limit : most),
		.most = (int)most,
	};
}

static bool is_bound(str pair)
{
	static const char *const bounds[] = { "max_id=", "since_id=", "min_id=", "offset=" };

	for (size_t i = 0; i < ARRAY_SIZE(bounds); i++)
		if (str_starts(pair, str_c(bounds[i])))
			return true;
	return false;
}

/* <this address with another bound>; rel="..." */
static void write_link(struct ctx *c, const struct request *q, const char *bound, int64_t id,
		       const char *rel, struct out *o)
{
	str rest = q->query, pair;

	if (o->n)
		out_c(o, ", ");
	out_fmt(o, "<%.*s%.*s?", STR_ARG(c->domain->origin), STR_ARG(q->raw_path));
	while (str_cut(&rest, '&', &pair))
		if (pair.n && !is_bound(pair) && str_find_char(pair, '>', 0) == SIZE_MAX)
			out_fmt(o, "%.*s&", STR_ARG(pair));
	out_fmt(o, "%s=%lld>; rel=\"%s\"", bound, (long long)id, rel);
}

void api_link(struct ctx *c, const struct request *q, int64_t newest, int64_t oldest, bool is_full,
	      struct response *r)
{
	struct out o;
	str link;

	if (!newest)
		return;
	out_init(&o, c->arena, LINK_LIMIT);
	if (is_full)
		write_link(c, q, "max_id", oldest, "next", &o);
	write_link(c, q, "min_id", newest, "prev", &o);
	if (out_done(&o, &link) == 0)
		r->link = link;
}

int64_t api_offset(const struct request *q)
{
	int64_t offset;

	if (!str_to_i64(request_query(q, "offset"), &offset) || offset < 0)
		return 0;
	return offset < OFFSET_MOST ? offset : OFFSET_MOST;
}

void api_link_offset(struct ctx *c, const struct request *q, int64_t limit, bool is_full,
		     struct response *r)
{
	int64_t offset = api_offset(q);
	struct out o;
	str link;

	out_init(&o, c->arena, LINK_LIMIT);
	if (is_full)
		write_link(c, q, "offset", offset + limit, "next", &o);
	if (offset)
		write_link(c, q, "offset", offset > limit ? offset - limit : 0, "prev", &o);
	if (o.n && out_done(&o, &link) == 0)
		r->link = link;
}

int api_path_id(struct ctx *c, const struct request *q, size_t n, int64_t *ret)
{
	return id_parse(q->args[n], ret) ? 0 : api_not_found(c);
}

int api_not_found(struct ctx *c)
{
	return fail(c, E_NOT_FOUND, "Record not found");
}

int api_unprocessable(struct ctx *c, const char *format, ...)
{
	va_list args;
	struct out o;
	str text;

	out_init(&o, c->arena, LINK_LIMIT);
	va_start(args, format);
	out_vfmt(&o, format, args);
	va_end(args);
	if (out_done(&o, &text))
		text = STR("it cannot be done");
	return fail(c, E_UNPROCESSABLE, "Validation failed: %.*s", STR_ARG(text));
}
