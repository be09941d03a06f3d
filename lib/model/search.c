/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: words are only ever looked for here; other servers are asked for a whole handle or address
 * alone, for a person who is logged in, and not often.
 */
#include "model/search.h"

#include "ap/handle.h"
#include "base/fold.h"
#include "base/id.h"
#include "base/out.h"
#include "fetch/url.h"
#include "html/chars.h"
#include "model/domain.h"
#include "model/hashtag.h"
#include "model/identity.h"
#include "model/post_remote.h"
#include "model/throttle.h"
#include "sql/gen/search.h"

#define FETCHES 30 /* of one person ... */
#define FETCHES_WINDOW (10 * USEC_MINUTE)
#define WORDS 10 /* of a name that are looked for */
#define NAME_LIMIT 300 /* bytes of one */
#define POSTS_OFFSET 400 /* how far posts are counted through */

/* By handle or address */

static int may_fetch(struct ctx *c)
{
	return throttle_hit(c, "search_fetch", str_fmt(c->arena, "%lld", (long long)c->user_id),
			    FETCHES, FETCHES_WINDOW);
}

static int find_handle(struct ctx *c, str text, bool fetch, struct search_found *f)
{
	const struct identity_row *i;
	str name, host = STR_NULL;
	int err = identity_find(c, text, &i);

	if (err == E_NOT_FOUND && fetch && handle_parse(c->arena, text, &name, &host) &&
	    !str_is_null(host)) {
		TRY(may_fetch(c));
		err = identity_resolve(c, text, &i);
	}
	TRY(err);
	if (i->deleted || i->is_system)
		return fail(c, E_NOT_FOUND, "there is no such account");
	f->person = i;
	return 0;
}

/* "@name" of a path of that tenant's. */
static str handle_at(struct ctx *c, str handle, const struct domain *d)
{
	if (str_find_char(handle, '@', 1) != SIZE_MAX)
		return handle;
	return str_fmt(c->arena, "%.*s@%.*s", STR_ARG(handle), STR_ARG(d->name));
}

/* An address of this installation, as people copy it: "https://<a tenant>/@name/posts/1/". */
static int find_own(struct ctx *c, const struct domain *d, str path, struct search_found *f)
{
	const struct post_row *post;
	str handle, segment;
	int64_t id;

	path = str_from(path, 1);
	if (!str_cut(&path, '/', &handle) || !str_starts(handle, STR("@")))
		return fail(c, E_NOT_FOUND, "nothing is there");
	if (!str_cut(&path, '/', &segment) || !str_eq(segment, STR("posts")) ||
	    !str_cut(&path, '/', &segment) || !id_parse(segment, &id))
		return find_handle(c, handle_at(c, handle, d), false, f);
	TRY(post_get(c, id, c->identity_id, &post));
	f->post_id = post->id;
	return 0;
}

static int find_known(struct ctx *c, str uri, struct search_found *f)
{
	const struct post_row *post;
	int err = q_post_by_uri(c, uri, c->identity_id, &post);

	if (err == 0)
		f->post_id = post->id;
	return err == E_NOT_FOUND ? q_identity_by_uri(c, uri, &f->person) : err;
}

/* Whether a post is there or somebody, only its own server knows. */
static int fetch_address(struct ctx *c, str uri, struct search_found *f)
{
	int err;

	TRY(may_fetch(c));
	err = post_fetch(c, uri, (i64s){ &c->domain_id, 1 }, &f->post_id);
	if (err == 0 && !f->post_id)
		return fail(c, E_NOT_FOUND, "this post is not for everybody");
	if (err == E_INVALID || err == E_UNPROCESSABLE || err == E_UNSUPPORTED || err == E_REMOTE)
		return identity_resolve_uri(c, uri, &f->person);
	return err;
}

static int find_address(struct ctx *c, str uri, const struct url *url, bool fetch,
			struct search_found *f)
{
	const struct domain *d = domain_by_host(c->domains, url->authority);
	int err = find_known(c, uri, f);

	if (err == E_NOT_FOUND && d)
		return find_own(c, d, url->path, f);
	return err == E_NOT_FOUND && fetch ? fetch_address(c, uri, f) : err;
}

int search_find(struct ctx *c, str text, bool fetch, struct search_found *ret)
{
	struct search_found f = { 0 };
	struct url url;

	fetch &= c->identity_id != 0;
	if (url_parse(c->arena, text, &url))
		TRY(find_address(c, text, &url, fetch, &f));
	else
		TRY(find_handle(c, text, fetch, &f));
	*ret = f;
	return 0;
}

/* Accounts by words */

/* 'kea':* & 'we':* of "@Kea we"; the null str when there are no words. */
static str beginnings(struct ctx *c, str text)
{
	str folded = str_fold(c->arena, text);
	size_t words = 0, at = 0, n;
	bool within = false;
	struct out o;
	uint32_t ch;

	out_init(&o, c->arena, NAME_LIMIT + 16 * WORDS);
	for (; (n = char_at(folded, at, &ch)); at += n) {
		bool is_word = ch != CHAR_NONE && ch != '_' && char_is_word(ch);

		if (is_word && !within && words++ == WORDS)
			break;
		if (is_word && !within)
			out_c(&o, words > 1 ? " & '" : "'");
		if (is_word)
			out_str(&o, str_slice(folded, at, at + n));
		if (!is_word && within)
			out_c(&o, "':*");
		within = is_word;
	}
	if (within && words <= WORDS)
		out_c(&o, "':*");
	return words ? out_view(&o) : STR_NULL;
}

int search_accounts(struct ctx *c, str text, bool following, struct search_range range,
		    struct account **ret, size_t *ret_n)
{
	str exact = str_starts(text, STR("@")) ? str_from(text, 1) : text;
	struct q_search_accounts_args args = {
		.words = beginnings(c, str_clip(text, NAME_LIMIT)),
		.viewer = c->identity_id,
		.following = following,
		.exact = str_lower(c->arena, exact),
		.domain_id = c->domain_id,
		.limit = range.limit,
		.offset = range.offset,
	};
	const struct search_id_row *rows;
	int64_t *ids;
	size_t n;

	*ret_n = 0;
	*ret = arena_array(c->arena, 1, sizeof(**ret));
	if (str_is_null(args.words))
		return 0;
	TRY(q_search_accounts(c, &args, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	return accounts_by_ids(c, (i64s){ ids, n }, ret, ret_n);
}

/* Hashtags by their beginning */

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

int search_tags(struct ctx *c, str text, bool used, struct search_range range, struct tag **ret,
		size_t *ret_n)
{
	str name = hashtag_fold(c, str_clip(text, SEARCH_LIMIT));
	struct q_tag_search_args args = {
		.used = used,
		.limit = range.limit,
		.offset = range.offset,
	};
	const struct tag_row *rows;

	*ret_n = 0;
	*ret = arena_array(c->arena, 1, sizeof(**ret));
	if (str_is_empty(name))
		return 0;
	args.pattern = pattern_of(c, name);
	args.exact = name;
	TRY(q_tag_search(c, &args, &rows, ret_n));
	return tags_load(c, rows, *ret_n, ret);
}

/* Posts by words */

/* #a<id> for each handle; *ret_known says whether all are of somebody. */
static int marks_of_authors(struct ctx *c, strs handles, str *marks, size_t *n, bool *ret_known)
{
	const struct identity_row *i;

	*ret_known = true;
	for (size_t k = 0; k < handles.n; k++) {
		int64_t id = c->identity_id;
		int err = str_eq(handles.p[k], STR("me")) ? 0 : identity_find(c, handles.p[k], &i);

		if (err < 0)
			return err;
		if (!err && !str_eq(handles.p[k], STR("me")))
			id = i->id;
		*ret_known &= !err;
		if (!err)
			marks[(*n)++] = str_fmt(c->arena, "#a%lld", (long long)id);
	}
	return 0;
}

/* Marks of a question, with those of its authors. */
static int join_marks(struct ctx *c, strs marks, strs handles, strs *ret, bool *ret_known)
{
	str *all = arena_array(c->arena, marks.n + handles.n + 1, sizeof(*all));
	size_t n = 0;

	for (; n < marks.n; n++)
		all[n] = marks.p[n];
	TRY(marks_of_authors(c, handles, all, &n, ret_known));
	*ret = (strs){ all, n };
	return 0;
}

/* The narrower of what the page and the question ask for. */
static void bound(const struct search_question *q, const struct page *p,
		  struct q_search_posts_args *args)
{
	struct page_range r = page_range(p);

	args->max_id = r.max;
	args->min_id = r.min;
	if (q->before && id_at(q->before) < args->max_id)
		args->max_id = id_at(q->before);
	if (q->after && id_at(q->after) - 1 > args->min_id)
		args->min_id = id_at(q->after) - 1;
}

static int load_posts(struct ctx *c, const struct search_id_row *rows, size_t n, int64_t offset,
		      struct status **ret, size_t *ret_n)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	size_t kept = 0;

	for (size_t i = (size_t)offset; i < n; i++)
		ids[kept++] = rows[i].id;
	return timeline_of_ids(c, (i64s){ ids, kept }, c->identity_id, ret, ret_n);
}

int search_posts(struct ctx *c, str text, int64_t author_id, const struct page *p, int64_t offset,
		 struct status **ret, size_t *ret_n)
{
	struct search_question q;
	struct q_search_posts_args args = { .viewer = c->identity_id, .author_id = author_id };
	const struct search_id_row *rows;
	bool all_known, any_known;
	size_t n;

	*ret_n = 0;
	*ret = arena_array(c->arena, 1, sizeof(**ret));
	search_parse(c, str_clip(text, SEARCH_LIMIT), &q);
	TRY(join_marks(c, q.marks, q.from, &args.marks, &all_known));
	TRY(join_marks(c, q.no_marks, q.no_from, &args.no_marks, &any_known));
	if (q.nothing || !all_known || offset < 0 || offset > POSTS_OFFSET)
		return 0;
	args.terms = q.terms;
	args.no_terms = q.no_terms;
	args.language = q.language;
	args.library = q.library;
	args.public = q.public;
	args.limit = page_limit(p) + offset;
	bound(&q, p, &args);
	TRY(q_search_posts(c, &args, &rows, &n));
	return load_posts(c, rows, n, offset, ret, ret_n);
}
