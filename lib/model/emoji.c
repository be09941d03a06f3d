/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a shortcode is looked for once in a unit of work, whether there is an emoji or not; and an emoji is shown only in
 * what its own tenant or server wrote.
 */
#include "model/emoji.h"

#include "fetch/fetch.h"
#include "json/json.h"
#include "model/activity.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/emoji_part.h"
#include "model/identity.h"
#include "model/media.h"
#include "model/post.h"

#define SHELF_LIMIT 600 /* shortcodes of one unit of work */
#define CODE_LIMIT 100 /* bytes */
#define SHORTCODE_LIMIT 64 /* of our own */
#define CATEGORY_LIMIT 60 /* characters */
#define LICENCE_LIMIT 500 /* characters */
#define SEARCH_LIMIT 60

struct place {
	struct emoji_origin from;
	str code;
	const struct emoji_row *emoji; /* NULL: there is none, or it was not looked for yet */
};

struct emoji_shelf {
	struct place places[SHELF_LIMIT];
	size_t n, loaded; /* those from loaded on were not looked for */
};

struct emoji_origin emoji_origin_of(const struct identity_row *i)
{
	return (struct emoji_origin){
		.domain_id = i->domain_id,
		.server_id = i->domain_id ? 0 : i->server_id,
	};
}

static struct emoji_shelf *shelf(struct ctx *c)
{
	if (!c->emojis)
		c->emojis = arena_array(c->arena, 1, sizeof(*c->emojis));
	return c->emojis;
}

static struct place *place_of(struct emoji_shelf *s, struct emoji_origin from, str code)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->places[i].from.domain_id == from.domain_id &&
		    s->places[i].from.server_id == from.server_id &&
		    str_eq(s->places[i].code, code))
			return &s->places[i];
	return NULL;
}

static bool is_code_char(char ch)
{
	return char_is_alnum(ch) || ch == '_' || ch == '-' || ch == '+' || ch == '.';
}

/* The next :shortcode: at or after *at; *at is then behind it. The colon that ends what is none may begin the next. */
bool emoji_next_code(str text, size_t *at, str *ret)
{
	size_t from = str_find_char(text, ':', *at);

	while (from != SIZE_MAX) {
		size_t end = from + 1;

		while (end < text.n && end - from <= CODE_LIMIT && is_code_char(text.p[end]))
			end++;
		if (end < text.n && text.p[end] == ':' && end > from + 1) {
			*ret = str_slice(text, from + 1, end);
			*at = end;
			return true;
		}
		from = str_find_char(text, ':', end);
	}
	return false;
}

void emoji_expect(struct ctx *c, struct emoji_origin from, str text)
{
	struct emoji_shelf *s = c->emojis;
	size_t at = 0;
	str code;

	if (!from.domain_id && !from.server_id)
		return;
	while (emoji_next_code(text, &at, &code)) {
		s = s ? s : shelf(c);
		if (s->n < SHELF_LIMIT && !place_of(s, from, code))
			s->places[s->n++] = (struct place){ .from = from, .code = code };
	}
}

void emoji_expect_identity(struct ctx *c, const struct identity_row *i)
{
	struct emoji_origin from = emoji_origin_of(i);

	emoji_expect(c, from, i->name);
	emoji_expect(c, from, i->summary);
	emoji_expect(c, from, i->fields);
}

void emoji_expect_post(struct ctx *c, const struct post_row *p, const struct identity_row *author)
{
	struct emoji_origin from = emoji_origin_of(author);

	emoji_expect(c, from, p->content);
	emoji_expect(c, from, p->summary);
	emoji_expect(c, from, p->detail);
}

static void keep(struct emoji_shelf *s, const struct emoji_row *row)
{
	struct place *p = place_of(s,
				   (struct emoji_origin){ .domain_id = row->domain_id,
							  .server_id = row->server_id },
				   row->shortcode);

	if (p)
		p->emoji = row;
}

/* All that was expected since the last time, by one statement. */
int emoji_load(struct ctx *c)
{
	struct emoji_shelf *s = c->emojis;
	size_t n = s ? s->n - s->loaded : 0, n_rows;
	int64_t *domains, *servers;
	const struct emoji_row *rows;
	str *codes;

	if (n == 0)
		return 0;
	domains = arena_array(c->arena, n, sizeof(*domains));
	servers = arena_array(c->arena, n, sizeof(*servers));
	codes = arena_array(c->arena, n, sizeof(*codes));
	for (size_t i = 0; i < n; i++) {
		const struct place *p = &s->places[s->loaded + i];

		domains[i] = p->from.domain_id;
		servers[i] = p->from.server_id;
		codes[i] = p->code;
	}
	s->loaded += n;
	TRY(q_emoji_find(c, (i64s){ domains, n }, (i64s){ servers, n }, (strs){ codes, n }, &rows,
			 &n_rows));
	for (size_t i = 0; i < n_rows; i++)
		keep(s, &rows[i]);
	return 0;
}

const struct emoji_row *emoji_known(struct ctx *c, struct emoji_origin from, str code)
{
	const struct place *p = c->emojis ? place_of(c->emojis, from, code) : NULL;

	return p ? p->emoji : NULL;
}

static bool is_among(const struct emoji_row *e, const struct emoji_row *const *found, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (found[i] == e)
			return true;
	return false;
}

int emoji_find(struct ctx *c, struct emoji_origin from, const str *texts, size_t n_texts,
	       const struct emoji_row *const **ret, size_t *ret_n)
{
	const struct emoji_row **found;
	size_t n = 0, at;
	str code;

	for (size_t i = 0; i < n_texts; i++)
		emoji_expect(c, from, texts[i]);
	TRY(emoji_load(c));
	*ret = NULL;
	*ret_n = 0;
	if (!c->emojis)
		return 0;
	found = arena_array(c->arena, c->emojis->n + 1, sizeof(*found));
	for (size_t i = 0; i < n_texts; i++) {
		at = 0;
		while (emoji_next_code(texts[i], &at, &code)) {
			const struct place *p = place_of(c->emojis, from, code);

			if (p && p->emoji && !is_among(p->emoji, found, n))
				found[n++] = p->emoji;
		}
	}
	*ret = found;
	*ret_n = n;
	return 0;
}

str emoji_url(struct ctx *c, const struct emoji_row *e)
{
	return e->domain_id ? media_url(c, e->domain_id, e->file) : media_proxy_url(c, e->url);
}

str emoji_static_url(struct ctx *c, const struct emoji_row *e)
{
	return e->domain_id ? media_url(c, e->domain_id, e->file_static)
			    : media_proxy_preview_url(c, e->url);
}

#define LIST_LIMIT 5000

int emoji_list(struct ctx *c, bool all, const struct emoji_row **ret, size_t *ret_n)
{
	return q_emoji_list(c, c->domain_id, all, LIST_LIMIT, ret, ret_n);
}

static int check_draft(struct ctx *c, const struct emoji_draft *d)
{
	bool good = d->shortcode.n >= 2 && d->shortcode.n <= SHORTCODE_LIMIT;

	for (size_t i = 0; i < d->shortcode.n; i++)
		good &= char_is_alnum(d->shortcode.p[i]) || d->shortcode.p[i] == '_';
	if (!good)
		return fail_at(c, "shortcode",
			       fail(c, E_INVALID,
				    "a shortcode has 2 to %d letters, digits and underscores",
				    SHORTCODE_LIMIT));
	if (str_chars(d->licence) > LICENCE_LIMIT || !str_is_utf8(d->licence))
		return fail_at(c, "licence",
			       fail(c, E_INVALID, "the note has at most %d characters",
				    LICENCE_LIMIT));
	if (str_chars(d->category) > CATEGORY_LIMIT || !str_is_utf8(d->category))
		return fail_at(c, "category",
			       fail(c, E_INVALID, "a category has at most %d characters",
				    CATEGORY_LIMIT));
	return 0;
}

int emoji_add(struct ctx *c, const struct emoji_draft *d, const struct emoji_row **ret)
{
	struct media_picture picture;
	struct q_emoji_put_args args = {
		.domain_id = c->domain_id,
		.shortcode = d->shortcode,
		.category = d->category,
		.visible = !d->hidden,
		.licence = str_is_null(d->licence) ? STR("") : d->licence,
	};

	TRY(check_draft(c, d));
	TRY(media_store_picture(c, d->bytes, MEDIA_EMOJI, &picture));
	args.file = picture.file;
	args.file_static = picture.file_static;
	args.media_type = picture.media_type;
	TRY(q_emoji_put(c, &args, NULL));
	TRY(audit_add(c, "emoji.add", d->shortcode, STR("")));
	return q_emoji_by_shortcode(c, c->domain_id, d->shortcode, ret);
}

int emoji_get(struct ctx *c, str shortcode, const struct emoji_row **ret)
{
	int result = q_emoji_by_shortcode(c, c->domain_id, shortcode, ret);

	return result == E_NOT_FOUND ? fail(c, result, "there is no emoji %.*s", STR_ARG(shortcode))
				     : result;
}

static int taken(struct ctx *c, str shortcode)
{
	return fail_at(c, "shortcode",
		       fail(c, E_CONFLICT, "there is an emoji %.*s already", STR_ARG(shortcode)));
}

int emoji_change(struct ctx *c, str shortcode, const struct emoji_draft *d)
{
	struct q_emoji_change_args args = {
		.shortcode = d->shortcode,
		.category = d->category,
		.visible = !d->hidden,
		.disabled = d->disabled,
		.licence = str_is_null(d->licence) ? STR("") : d->licence,
		.domain_id = c->domain_id,
	};
	const struct emoji_row *row;
	int result;

	TRY(emoji_get(c, shortcode, &row));
	TRY(check_draft(c, d));
	args.id = row->id;
	result = q_emoji_change(c, &args, NULL);
	if (result == E_CONFLICT)
		return taken(c, d->shortcode);
	TRY(result);
	return audit_add(c, "emoji.change", d->shortcode, STR(""));
}

int emoji_search_remote(struct ctx *c, str shortcode, str host, const struct remote_emoji_row **ret,
			size_t *ret_n)
{
	return q_emoji_remote_search(c, shortcode, host, SEARCH_LIMIT, ret, ret_n);
}

static int fetch_picture(struct ctx *c, str url, str *ret)
{
	const struct fetch_request q = { .url = url, .limit = MEDIA_EMOJI_LIMIT, .redirects = 3 };
	struct fetch_response r;

	TRY(fetch(c, &q, &r));
	if (r.status != 200)
		return fail(c, E_REMOTE, "its server answered %d", r.status);
	*ret = r.body;
	return 0;
}

int emoji_copy(struct ctx *c, int64_t remote_id, const struct emoji_draft *d)
{
	struct emoji_draft own = *d;
	const struct remote_emoji_row *remote;
	const struct emoji_row *row;
	int result;

	TRY(check_draft(c, d));
	result = q_emoji_by_shortcode(c, c->domain_id, d->shortcode, &row);
	if (result != E_NOT_FOUND)
		return result ? result : taken(c, d->shortcode);
	result = q_emoji_remote_by_id(c, remote_id, &remote);
	if (result == E_NOT_FOUND)
		return fail(c, result, "there is no such emoji");
	TRY(result);
	TRY(fetch_picture(c, remote->url, &own.bytes));
	return emoji_add(c, &own, &row);
}

int emoji_remove(struct ctx *c, str shortcode)
{
	size_t n;

	TRY(q_emoji_remove(c, c->domain_id, shortcode, &n));
	if (!n)
		return fail(c, E_NOT_FOUND, "there is no emoji %.*s", STR_ARG(shortcode));
	return audit_add(c, "emoji.remove", shortcode, STR(""));
}

static str or_empty(str s)
{
	return str_is_null(s) ? STR("") : s;
}

int emoji_learn(struct ctx *c, int64_t server_id, const struct ap_emoji *emojis, size_t n)
{
	str *codes = arena_array(c->arena, n + 1, sizeof(*codes));
	str *uris = arena_array(c->arena, n + 1, sizeof(*uris));
	str *urls = arena_array(c->arena, n + 1, sizeof(*urls));
	str *types = arena_array(c->arena, n + 1, sizeof(*types));
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (str_is_empty(emojis[i].url) || str_is_empty(emojis[i].name) ||
		    emojis[i].name.n > CODE_LIMIT)
			continue;
		codes[kept] = emojis[i].name;
		uris[kept] = or_empty(emojis[i].id);
		urls[kept] = emojis[i].url;
		types[kept++] = or_empty(emojis[i].media_type);
	}
	if (kept == 0 || !server_id)
		return 0;
	return q_emoji_learn(c,
			     &(struct q_emoji_learn_args){
				     .server_id = server_id,
				     .shortcodes = { codes, kept },
				     .uris = { uris, kept },
				     .urls = { urls, kept },
				     .media_types = { types, kept },
			     },
			     NULL);
}

static void write_members(struct ctx *c, const struct emoji_row *e, struct json_out *w)
{
	json_put_str(w, "id",
		     str_fmt(c->arena, "%.*s/emojis/%lld/", STR_ARG(c->domain->origin),
			     (long long)e->id));
	json_put_c(w, "type", "Emoji");
	json_put_str(w, "name", str_fmt(c->arena, ":%.*s:", STR_ARG(e->shortcode)));
	json_put_time(w, "updated", e->updated);
	json_open_object(w, "icon");
	json_put_c(w, "type", "Image");
	json_put_str(w, "mediaType", e->media_type);
	json_put_str(w, "url", emoji_url(c, e));
	json_close_object(w);
}

static void write_tag(struct ctx *c, const struct emoji_row *e, struct json_out *w)
{
	json_open_object(w, NULL);
	write_members(c, e, w);
	json_close_object(w);
}

int emoji_write_document(struct ctx *c, int64_t id, struct json_out *w)
{
	const struct emoji_row *e;

	TRY(q_emoji_by_id(c, c->domain_id, id, &e));
	json_open_object(w, NULL);
	json_put_raw(w, "@context", ap_context);
	write_members(c, e, w);
	json_close_object(w);
	return 0;
}

#define REACTION_BYTES 64

/* Emoji stand beyond ASCII, but for the key caps that begin with a digit, # or *; letters are none. */
static bool is_unicode_emoji(str name)
{
	bool beyond = false;

	for (size_t i = 0; i < name.n; i++) {
		unsigned char ch = (unsigned char)name.p[i];

		beyond |= ch >= 0xe2;
		if (ch < 0x80 && !char_is_digit(name.p[i]) && ch != '#' && ch != '*')
			return false;
	}
	return beyond && str_chars(name) <= 16;
}

int emoji_of_reaction(struct ctx *c, str name, const struct emoji_row **ret)
{
	int result = E_NOT_FOUND;

	*ret = NULL;
	if (name.n && name.n <= REACTION_BYTES && str_is_utf8(name)) {
		if (is_unicode_emoji(name))
			return 0;
		result = q_emoji_by_shortcode(c, c->domain_id, name, ret);
	}
	if (result == E_NOT_FOUND || (result == 0 && (*ret)->disabled))
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: Name is not a recognized emoji");
	return result;
}

int emoji_write_ap(struct ctx *c, const struct identity_row *owner, const str *texts, size_t n,
		   struct json_out *w)
{
	const struct emoji_row *const *found;
	size_t n_found;

	TRY(emoji_find(c, emoji_origin_of(owner), texts, n, &found, &n_found));
	for (size_t i = 0; i < n_found; i++)
		write_tag(c, found[i], w);
	return 0;
}
