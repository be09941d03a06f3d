/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* People as pages show them, one at a time and in lists. */
#include "base/id.h"
#include "fetch/url.h"
#include "html/html.h"
#include "model/emoji.h"
#include "model/follow.h"
#include "model/identity.h"
#include "model/media.h"
#include "server/web/views.h"

#define ABOUT_CHARS 120

str view_url(struct ctx *c, str url, str otherwise)
{
	struct url parsed;

	if (url_parse(c->arena, url, &parsed))
		return url;
	return url_parse(c->arena, otherwise, &parsed) ? otherwise : STR("");
}

/*
 * A handle that nobody confirmed may be somebody else's: then the id stands in, as "/@123@/", which
 * can be no handle.
 */
static str path_of(struct ctx *c, const struct identity_row *i)
{
	str name = url_encode(c->arena, i->username);

	if (i->domain_id && i->domain_id == c->domain_id)
		return str_fmt(c->arena, "/@%.*s/", STR_ARG(name));
	if (str_is_empty(i->host))
		return str_fmt(c->arena, "/@%lld@/", (long long)i->id);
	return str_fmt(c->arena, "/@%.*s@%.*s/", STR_ARG(name),
		       STR_ARG(url_encode(c->arena, i->host)));
}

struct person_view view_person(struct ctx *c, const struct identity_row *i)
{
	return (struct person_view){
		.id = i->id,
		.name = identity_name(i),
		.drawn = emoji_draw_text(c, emoji_origin_of(i), i->name),
		.handle = identity_handle(c->arena, i),
		.path = path_of(c, i),
		.url = view_url(c, i->url, i->actor_uri),
		.icon = media_portrait_of(c, i).avatar,
		.local = i->domain_id && i->domain_id == c->domain_id,
		.bot = str_eq(i->actor_type, STR("Service")) ||
		       str_eq(i->actor_type, STR("Application")),
		.locked = i->locked,
	};
}

static int find(struct ctx *c, str handle, const struct identity_row **ret)
{
	int64_t id;

	if (str_ends(handle, STR("@")) && id_parse(str_slice(handle, 0, handle.n - 1), &id))
		return q_identity_by_id(c, id, ret);
	return identity_find(c, handle, ret);
}

int person_of_path(struct ctx *c, str handle, const struct identity_row **ret)
{
	const struct identity_row *i;
	int err = find(c, handle, &i);

	if (err == E_NOT_FOUND || err == E_INVALID || (!err && i->is_system))
		return fail(c, E_NOT_FOUND, "nobody here is called @%.*s",
			    STR_ARG(str_clip(handle, 100)));
	TRY(err);
	if (i->deleted)
		return fail(c, E_GONE, "this account was deleted");
	*ret = i;
	return 0;
}

bool leads_away(struct ctx *c, const struct identity_row *i, str url, struct response *r)
{
	if (c->identity_id || i->domain_id == c->domain_id)
		return false;
	r->status = 302;
	r->location = view_url(c, url, i->actor_uri);
	return r->location.n > 0;
}

str view_excerpt(struct ctx *c, str markup, size_t chars)
{
	str text, word, cut = STR("");
	struct out o;
	size_t n = 0;

	if (str_is_empty(markup) || html_to_text(c, markup, &text))
		return STR("");
	out_init(&o, c->arena, text.n + 8);
	for (size_t i = 0; i < text.n;) {
		size_t end = i;

		while (end < text.n && !char_is_space(text.p[end]))
			end++;
		word = str_slice(text, i, end);
		i = end + 1;
		n += str_chars(word) + 1;
		if (n > chars && o.n) {
			cut = STR("…");
			break;
		}
		if (word.n && o.n)
			out_char(&o, ' ');
		out_str(&o, word.n > 4 * chars ? str_clip(word, 4 * chars) : word);
	}
	return str_cat(c->arena, out_view(&o), cut);
}

int view_people(struct ctx *c, const struct identity_row *const *people, size_t n,
		struct person_row_view **ret)
{
	struct person_row_view *rows = arena_array(c->arena, n + 1, sizeof(*rows));
	struct relation *relations = arena_array(c->arena, n + 1, sizeof(*relations));
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));

	for (size_t i = 0; i < n; i++)
		ids[i] = people[i]->id;
	for (size_t i = 0; i < n; i++)
		emoji_expect(c, emoji_origin_of(people[i]), people[i]->name);
	TRY(emoji_load(c));
	if (c->identity_id && n)
		TRY(relations_get(c, (i64s){ ids, n }, relations));
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct person_row_view){
			.person = view_person(c, people[i]),
			.about = view_excerpt(c, people[i]->summary, ABOUT_CHARS),
			.relation = relations[i],
			.self = people[i]->id == c->identity_id,
		};
	*ret = rows;
	return 0;
}

int view_people_by_ids(struct ctx *c, i64s ids, struct person_row_view **ret, size_t *ret_n)
{
	const struct identity_row *rows,
		**ordered = arena_array(c->arena, ids.n + 1, sizeof(*ordered));
	size_t n, kept = 0;

	TRY(q_identity_by_ids(c, ids, &rows, &n));
	for (size_t i = 0; i < ids.n; i++)
		for (size_t k = 0; k < n; k++)
			if (rows[k].id == ids.p[i] && !rows[k].deleted)
				ordered[kept++] = &rows[k];
	TRY(view_people(c, ordered, kept, ret));
	*ret_n = kept;
	return 0;
}
