/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Accounts that one looks for: the directory, and the search by names. */
#include "ap/handle.h"
#include "base/out.h"
#include "fetch/url.h"
#include "model/account.h"
#include "model/identity.h"
#include "model/throttle.h"

#define TEXT_LIMIT 2048 /* bytes */
#define FETCHES 30 /* of one person ... */
#define FETCHES_WINDOW (10 * USEC_MINUTE)

static int load_ids(struct ctx *c, const struct account_id_row *rows, size_t n,
		    struct account **ret, size_t *ret_n)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));

	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	return accounts_by_ids(c, (i64s){ ids, n }, ret, ret_n);
}

int accounts_directory(struct ctx *c, const struct directory *d, struct account **ret,
		       size_t *ret_n)
{
	const struct account_id_row *rows;
	size_t n;

	if (d->by_age && d->here)
		TRY(q_account_directory_new_here(c, c->domain_id, c->identity_id, d->limit,
						 d->offset, &rows, &n));
	else if (d->by_age)
		TRY(q_account_directory_new(c, c->identity_id, d->limit, d->offset, &rows, &n));
	else if (d->here)
		TRY(q_account_directory_active_here(c, c->domain_id, c->identity_id, d->limit,
						    d->offset, &rows, &n));
	else
		TRY(q_account_directory_active(c, c->identity_id, d->limit, d->offset, &rows, &n));
	return load_ids(c, rows, n, ret, ret_n);
}

/* Text as the beginning of a LIKE pattern. */
static str pattern_of(struct ctx *c, str text)
{
	struct out o;

	out_init(&o, c->arena, 2 * text.n + 1);
	for (size_t i = 0; i < text.n; i++) {
		if (str_find_char(STR("%_\\"), text.p[i], 0) != SIZE_MAX)
			out_char(&o, '\\');
		out_char(&o, text.p[i]);
	}
	out_char(&o, '%');
	return out_view(&o);
}

static int search_names(struct ctx *c, const struct account_search *s, str text,
			struct account **ret, size_t *ret_n)
{
	size_t at = str_find_char(text, '@', 0);
	str host = at == SIZE_MAX ? STR("") : str_from(text, at + 1);
	struct q_account_search_args args = {
		.viewer = c->identity_id,
		.pattern = pattern_of(c, str_slice(text, 0, at)),
		.name = str_slice(text, 0, at),
		.host = host.n ? pattern_of(c, host) : STR(""),
		.following = s->following,
		.domain_id = c->domain_id,
		.limit = s->limit,
		.offset = s->offset,
	};
	const struct account_id_row *rows;
	size_t n;

	TRY(q_account_search(c, &args, &rows, &n));
	return load_ids(c, rows, n, ret, ret_n);
}

static int may_fetch(struct ctx *c)
{
	return throttle_hit(c, "search_fetch", str_fmt(c->arena, "%lld", (long long)c->user_id),
			    FETCHES, FETCHES_WINDOW);
}

/* A whole handle or address of somebody who is not here yet makes them known; nothing else is asked for. */
static int resolve(struct ctx *c, str text)
{
	const struct identity_row *i;
	str name, host = STR_NULL;
	struct url url;
	int err;

	if (url_parse(c->arena, text, &url)) {
		err = q_identity_by_uri(c, text, &i);
		if (err != E_NOT_FOUND)
			return err;
		TRY(may_fetch(c));
		return identity_resolve_uri(c, text, &i);
	}
	if (!handle_parse(c->arena, text, &name, &host) || str_is_null(host))
		return 0;
	err = identity_find(c, text, &i);
	if (err != E_NOT_FOUND)
		return err;
	TRY(may_fetch(c));
	return identity_resolve(c, text, &i);
}

/* The one whose address the text is. */
static int search_address(struct ctx *c, str uri, struct account **ret, size_t *ret_n)
{
	const struct identity_row *i;
	int err = q_identity_by_uri(c, uri, &i);

	if (err && err != E_NOT_FOUND)
		return err;
	return accounts_by_ids(c, (i64s){ err ? NULL : &i->id, !err }, ret, ret_n);
}

int accounts_search(struct ctx *c, const struct account_search *s, struct account **ret,
		    size_t *ret_n)
{
	str text = str_trim(str_clip(s->text, TEXT_LIMIT));
	struct url url;
	int err = 0;

	*ret_n = 0;
	if (str_is_empty(text) || !str_is_utf8(text))
		return 0;
	if (s->resolve && s->offset == 0)
		err = resolve(c, text);
	if (err < 0 || err == E_LIMITED)
		return err;
	if (url_parse(c->arena, text, &url))
		return search_address(c, text, ret, ret_n);
	text = str_lower(c->arena, text);
	if (str_starts(text, STR("@")))
		text = str_from(text, 1);
	if (str_is_empty(text) || text.p[0] == '@')
		return 0;
	return search_names(c, s, text, ret, ret_n);
}
