/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a name is flat, and lists have numbers in it: "name[]" is stored as name[0], name[1] in
 * the order in which they came, "list[][key]" likewise by the occurrence of the whole name.
 */
#include "server/api/params.h"

#include <stdarg.h>

#include "base/id.h"
#include "base/out.h"
#include "fetch/url.h"
#include "json/json.h"

#define NAME_LIMIT 256 /* bytes */
#define DEPTH_LIMIT 6

struct pair {
	str name, value;
	str raw; /* as it came, to count its occurrences */
};

struct params {
	struct ctx *ctx;
	struct pair *pairs;
	size_t n;
};

static size_t occurrences(const struct params *p, str raw)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += str_eq(p->pairs[i].raw, raw);
	return n;
}

/* The first "[]" gets a number. */
static str numbered(const struct params *p, str raw)
{
	size_t at = str_find(raw, STR("[]"), 0);

	if (at == SIZE_MAX)
		return raw;
	return str_fmt(p->ctx->arena, "%.*s[%zu]%.*s", STR_ARG(str_slice(raw, 0, at)),
		       occurrences(p, raw), STR_ARG(str_from(raw, at + 2)));
}

static int add(struct params *p, str raw, str value)
{
	if (raw.n == 0 || raw.n > NAME_LIMIT || !str_is_utf8(raw))
		return 0;
	if (!str_is_utf8(value) || str_find_char(value, '\0', 0) != SIZE_MAX)
		return fail(p->ctx, E_INVALID, "a parameter is no text in UTF-8");
	if (p->n == PARAMS_LIMIT)
		return fail(p->ctx, E_TOO_LARGE, "too many parameters");
	/* A second "[]" (options in a list of objects) is numbered as well. */
	p->pairs[p->n] = (struct pair){ numbered(p, numbered(p, raw)), value, raw };
	p->n++;
	return 0;
}

static int add_json(struct params *p, str name, const struct json *j, unsigned depth);

static int add_members(struct params *p, str name, const struct json *j, unsigned depth)
{
	struct arena *a = p->ctx->arena;
	const struct json *value;
	str key;

	for (size_t i = 0; json_member(j, i, &key, &value); i++)
		TRY(add_json(p,
			     name.n ? str_fmt(a, "%.*s[%.*s]", STR_ARG(name), STR_ARG(key)) : key,
			     value, depth));
	return 0;
}

static int add_number(struct params *p, str name, const struct json *j)
{
	return add(p, name, json_dump(p->ctx, j));
}

static int add_json(struct params *p, str name, const struct json *j, unsigned depth)
{
	if (depth == DEPTH_LIMIT)
		return fail(p->ctx, E_INVALID, "the document is nested too deep");
	switch (json_kind(j)) {
	case JSON_STRING:
		return add(p, name, json_str(j));
	case JSON_BOOL:
		return add(p, name, json_bool(j) ? STR("true") : STR("false"));
	case JSON_NUMBER:
		return add_number(p, name, j);
	case JSON_OBJECT:
		return add_members(p, name, j, depth + 1);
	case JSON_ARRAY:
		for (size_t i = 0; i < json_count(j); i++)
			TRY(add_json(p, str_fmt(p->ctx->arena, "%.*s[%zu]", STR_ARG(name), i),
				     json_at(j, i), depth + 1));
		return 0;
	case JSON_NULL:
	case JSON_ABSENT:
		break;
	}
	return 0;
}

static int read_json(struct params *p, const struct request *q)
{
	const struct json *j;

	if (str_is_empty(str_trim(q->body)))
		return 0;
	TRY(json_parse(p->ctx, q->body, &j));
	if (!json_is(j, JSON_OBJECT))
		return fail(p->ctx, E_INVALID, "the body has to be a JSON object");
	return add_members(p, STR(""), j, 0);
}

static int read_form(struct params *p, const struct request *q)
{
	str name, value;

	for (size_t i = 0; request_form_at(q, i, &name, &value); i++)
		TRY(add(p, name, value));
	return 0;
}

static int read_query(struct params *p, const struct request *q)
{
	struct arena *a = p->ctx->arena;
	str rest = q->query, pair, name, value;

	while (str_cut(&rest, '&', &pair)) {
		size_t equals = str_find_char(pair, '=', 0);

		value = equals == SIZE_MAX ? STR("") : str_from(pair, equals + 1);
		if (!url_decode(a, str_slice(pair, 0, equals), true, &name) ||
		    !url_decode(a, value, true, &value))
			return fail(p->ctx, E_INVALID, "the query cannot be read");
		TRY(add(p, name, value));
	}
	return 0;
}

int params_read(struct ctx *c, const struct request *q, struct params **ret)
{
	struct params *p = arena_new_of(c->arena, struct params);

	p->ctx = c;
	p->pairs = arena_array(c->arena, PARAMS_LIMIT, sizeof(*p->pairs));
	if (str_starts_fold(request_header(q, "content-type"), STR("application/json")))
		TRY(read_json(p, q));
	else
		TRY(read_form(p, q));
	TRY(read_query(p, q));
	*ret = p;
	return 0;
}

static str find(const struct params *p, str name)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->pairs[i].name, name))
			return p->pairs[i].value;
	return STR_NULL;
}

str param(const struct params *p, const char *name)
{
	return find(p, str_c(name));
}

str param_at(const struct params *p, const char *format, ...)
{
	struct out o;
	va_list args;

	out_init(&o, p->ctx->arena, NAME_LIMIT);
	va_start(args, format);
	out_vfmt(&o, format, args);
	va_end(args);
	return o.failed ? STR_NULL : find(p, out_view(&o));
}

bool param_is_there(const struct params *p, const char *name)
{
	return !str_is_null(param(p, name));
}

bool params_true(str value)
{
	static const char *const no[] = { "false", "0", "f", "off", "FALSE", "F", "OFF", "" };

	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		if (str_eq_c(value, no[i]))
			return false;
	return !str_is_null(value);
}

bool param_bool(const struct params *p, const char *name, bool otherwise)
{
	str value = param(p, name);

	return str_is_null(value) ? otherwise : params_true(value);
}

int param_i64(struct ctx *c, const struct params *p, const char *name, int64_t *ret)
{
	str value = param(p, name);

	if (str_is_empty(value))
		return 0;
	return str_to_i64(value, ret) ? 0 : fail(c, E_UNPROCESSABLE, "%s is not a number", name);
}

int64_t param_id(const struct params *p, const char *name)
{
	int64_t id;

	return id_parse(param(p, name), &id) ? id : 0;
}

/* What stands between the brackets right behind a name: "0" of "list[0]" and of "list[0][key]". */
static str place_of(str full, str name)
{
	size_t end;

	if (!str_starts(full, name) || full.n <= name.n || full.p[name.n] != '[')
		return STR_NULL;
	end = str_find_char(full, ']', name.n);
	return end == SIZE_MAX ? STR_NULL : str_slice(full, name.n + 1, end);
}

strs param_list(struct ctx *c, const struct params *p, const char *name)
{
	str *values = arena_array(c->arena, p->n + 1, sizeof(*values));
	str place;
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		str full = p->pairs[i].name;

		place = place_of(full, str_c(name));
		if (str_eq_c(full, name) || (!str_is_null(place) && str_ends(full, STR("]")) &&
					     full.n == str_c(name).n + place.n + 2))
			values[n++] = p->pairs[i].value;
	}
	return (strs){ values, n };
}

i64s param_ids(struct ctx *c, const struct params *p, const char *name)
{
	strs values = param_list(c, p, name);
	int64_t *ids = arena_array(c->arena, values.n + 1, sizeof(*ids));
	size_t n = 0;

	for (size_t i = 0; i < values.n; i++)
		n += id_parse(values.p[i], &ids[n]);
	return (i64s){ ids, n };
}

strs param_places(struct ctx *c, const struct params *p, const char *name)
{
	str *places = arena_array(c->arena, p->n + 1, sizeof(*places));
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		str place = place_of(p->pairs[i].name, str_c(name));
		bool known = str_is_null(place);

		for (size_t k = 0; k < n && !known; k++)
			known = str_eq(places[k], place);
		if (!known)
			places[n++] = place;
	}
	return (strs){ places, n };
}
