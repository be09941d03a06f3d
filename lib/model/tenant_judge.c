/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what a row of an archive shows to people, lets a program work for or opens with a key of ours went
 * through the same judge as what comes from people and servers.
 */
#include <errno.h>

#include "crypt/hash.h"
#include "crypt/key.h"
#include "crypt/password.h"
#include "crypt/seal.h"
#include "html/html.h"
#include "model/factor.h"
#include "model/policy.h"
#include "model/tenant_archive_part.h"
#include "model/webhook.h"

#define PATCH_LIMIT (1024 * 1024) /* bytes */
#define ROW_LIMIT (4 * 1024 * 1024) /* bytes */
#define FIELDS_MAX 32 /* of a profile; more than anybody may have here */
#define FIELD_LIMIT 2048 /* bytes */
#define WEB_LIMIT 2048 /* bytes of an address */
#define BYTEA "\\x" /* how PostgreSQL writes bytes in JSON */

struct judge {
	struct ctx *c;
	const struct archive_kinds *all;
	struct json_out *patch;
	str column;
	const struct json *row, *value;
};

static int take_html(struct judge *j)
{
	html safe;

	TRY(html_sanitise(j->c, json_str(j->value), &safe));
	json_put_str(j->patch, j->column.p, safe.s);
	return 0;
}

/* Whether a field was verified, is found out again. */
static int take_fields(struct judge *j)
{
	json_open_array(j->patch, j->column.p);
	for (size_t i = 0; i < json_count(j->value) && i < FIELDS_MAX; i++) {
		const struct json *field = json_at(j->value, i);
		html safe;

		TRY(html_sanitise(j->c, str_clip(json_get_str(field, "value"), FIELD_LIMIT),
				  &safe));
		json_open_object(j->patch, NULL);
		json_put_str(j->patch, "name", str_clip(json_get_str(field, "name"), FIELD_LIMIT));
		json_put_str(j->patch, "value", safe.s);
		json_close_object(j->patch);
	}
	json_close_array(j->patch);
	return 0;
}

static int take_web(struct judge *j)
{
	str url = json_str(j->value);

	if (url.n > WEB_LIMIT ||
	    (!str_starts(url, STR("https://")) && !str_starts(url, STR("http://"))))
		json_put_c(j->patch, j->column.p, "");
	return 0;
}

/* What would take us long to compute, or another way than ours, is no password: its owner asks for a new one. */
static int take_password(struct judge *j)
{
	if (!password_is_hash(json_str(j->value)))
		json_put_c(j->patch, j->column.p, "");
	return 0;
}

static int bytes_of(struct judge *j, str *ret)
{
	str text = json_str(j->value);

	if (!str_starts(text, STR(BYTEA)) ||
	    !hex_decode(j->c->arena, str_from(text, STR(BYTEA).n), ret))
		return fail(j->c, E_INVALID, "%.*s holds no bytes", STR_ARG(j->column));
	return 0;
}

static void put_bytes(struct judge *j, str bytes)
{
	json_put_str(j->patch, j->column.p,
		     str_cat(j->c->arena, STR(BYTEA), hex_encode(j->c->arena, bytes)));
}

static int take_key(struct judge *j)
{
	cleanup(key_freep) struct key *key = NULL;
	str der;

	TRY(bytes_of(j, &der));
	return key_load_private(der, &key) ? fail(j->c, E_INVALID, "there is a key that is none")
					   : 0;
}

static int take_secret(struct judge *j, str key)
{
	str secret;

	TRY(bytes_of(j, &secret));
	put_bytes(j, seal(j->c->arena, key, secret));
	return 0;
}

static int take_code(struct judge *j)
{
	return take_secret(j, j->all->seal_code);
}

static int take_hook(struct judge *j)
{
	return take_secret(j, j->all->seal_hook);
}

static int give_secret(struct judge *j, str key)
{
	str sealed, secret;

	TRY(bytes_of(j, &sealed));
	if (seal_open(j->c->arena, key, sealed, &secret))
		return fail(j->c, E_UNPROCESSABLE, "a secret in %.*s was not sealed here",
			    STR_ARG(j->column));
	put_bytes(j, secret);
	return 0;
}

static int give_code(struct judge *j)
{
	return give_secret(j, j->all->seal_code);
}

static int give_hook(struct judge *j)
{
	return give_secret(j, j->all->seal_hook);
}

/* All of the row, whose limits are those of one that was typed: every process holds it in memory. */
static int take_policy(struct judge *j)
{
	int result = policy_judge_row(j->c, j->row, j->patch);

	if (result != E_UNPROCESSABLE)
		return result;
	return fail(j->c, E_INVALID, "there is a policy that is none: %.*s",
		    STR_ARG(str_dup(j->c->arena, j->c->error)));
}

static const struct way {
	const char *name;
	int (*in)(struct judge *j);
	int (*out)(struct judge *j); /* NULL: as it is */
} ways[] = {
	{ "html", take_html, NULL },
	{ "fields", take_fields, NULL },
	{ "web", take_web, NULL },
	{ "password", take_password, NULL },
	{ "key", take_key, NULL },
	{ "policy", take_policy, NULL },
	{ "seal_code", take_code, give_code },
	{ "seal_hook", take_hook, give_hook },
};

static const struct way *way_of(str name)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (str_eq_c(name, ways[i].name))
			return &ways[i];
	return NULL;
}

static int parse(struct ctx *c, str line, const struct json **ret)
{
	TRY(json_parse(c, line, ret));
	return json_is(*ret, JSON_OBJECT) ? 0 : fail(c, E_INVALID, "there is a row that is none");
}

int archive_judge_row(struct ctx *c, const struct archive_kinds *all, const struct archive_kind *k,
		      str line, str *ret_patch)
{
	struct json_out patch;
	struct judge j = { .c = c, .all = all, .patch = &patch };
	const struct json *row, *how;

	TRY(parse(c, line, &row));
	json_out_init(&patch, c->arena, PATCH_LIMIT);
	json_open_object(&patch, NULL);
	j.row = row;
	for (size_t i = 0; json_member(k->judged, i, &j.column, &how); i++) {
		const struct way *way = way_of(json_str(how));

		j.value = json_get(row, j.column.p);
		if (!way)
			return fail(c, -EINVAL, "nobody judges %.*s", STR_ARG(json_str(how)));
		if (j.value && !json_is(j.value, JSON_NULL))
			TRY(way->in(&j));
	}
	json_close_object(&patch);
	return json_out_done(&patch, ret_patch);
}

/* Lays the members of over on those of the row. */
static int merge(struct ctx *c, const struct json *row, str over, str *ret)
{
	const struct json *patch, *value;
	struct json_out w;
	str key;

	TRY(json_parse(c, over, &patch));
	json_out_init(&w, c->arena, ROW_LIMIT);
	json_open_object(&w, NULL);
	for (size_t i = 0; json_member(row, i, &key, &value); i++) {
		const struct json *other = json_get(patch, key.p);

		json_put_raw(&w, key.p, json_dump(c, other ? other : value));
	}
	json_close_object(&w);
	return json_out_done(&w, ret);
}

int archive_open_row(struct ctx *c, const struct archive_kinds *all, const struct archive_kind *k,
		     str line, str *ret)
{
	struct json_out patch;
	struct judge j = { .c = c, .all = all, .patch = &patch };
	const struct json *row, *how;
	bool any = false;
	str over;

	for (size_t i = 0; json_member(k->judged, i, &j.column, &how); i++) {
		const struct way *way = way_of(json_str(how));

		any |= way && way->out;
	}
	*ret = line;
	if (!any)
		return 0;
	TRY(parse(c, line, &row));
	json_out_init(&patch, c->arena, PATCH_LIMIT);
	json_open_object(&patch, NULL);
	for (size_t i = 0; json_member(k->judged, i, &j.column, &how); i++) {
		const struct way *way = way_of(json_str(how));

		j.value = json_get(row, j.column.p);
		if (way && way->out && json_is(j.value, JSON_STRING))
			TRY(way->out(&j));
	}
	json_close_object(&patch);
	TRY(json_out_done(&patch, &over));
	return merge(c, row, over, ret);
}

str archive_entry_name(struct arena *a, str kind, int64_t n)
{
	return str_fmt(a, "rows/%.*s/%06lld.jsonl", STR_ARG(kind), (long long)n);
}

str archive_notice_name(str entry)
{
	return str_slice(entry, 0, entry.n ? entry.n - 1 : 0); /* .jsonl, .json */
}

int archive_kinds_load(struct ctx *c, struct archive_kinds *ret)
{
	const struct archive_kind_row *rows;
	struct archive_kind *p;
	size_t n;

	TRY(q_archive_kinds(c, &rows, &n));
	p = arena_array(c->arena, n + 1, sizeof(*p));
	for (size_t i = 0; i < n; i++) {
		p[i].name = rows[i].name;
		TRY(json_parse(c, rows[i].judged, &p[i].judged));
	}
	*ret = (struct archive_kinds){ .p = p, .n = n };
	TRY(factor_sealing_key(c, &ret->seal_code));
	return webhook_sealing_key(c, &ret->seal_hook);
}
