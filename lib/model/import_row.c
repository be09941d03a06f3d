/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a line of an import wants. Invariant: each looks first what is there, or writes what may be written twice. */
#include "ap/handle.h"
#include "model/block.h"
#include "model/domain.h"
#include "model/domain_block.h"
#include "model/filter.h"
#include "model/follow.h"
#include "model/identity.h"
#include "model/import_part.h"
#include "model/interaction.h"
#include "model/list.h"
#include "model/post.h"
#include "model/post_remote.h"

#define CONTEXTS 5
#define KEYWORDS 2000

static bool is_true(str cell, bool otherwise)
{
	if (str_is_empty(cell))
		return otherwise;
	return str_eq_fold(cell, STR("true")) || str_eq(cell, STR("1"));
}

str import_handle(struct ctx *c, str cell)
{
	str name, host = STR_NULL;

	if (!handle_parse(c->arena, cell, &name, &host))
		return str_lower(c->arena, cell);
	if (str_is_null(host))
		host = c->domain->name;
	return str_lower(c->arena, str_fmt(c->arena, "%.*s@%.*s", STR_ARG(name), STR_ARG(host)));
}

str import_host(struct ctx *c, str cell)
{
	str host;

	return handle_host(c->arena, str_trim(cell), &host) ? host : cell;
}

static int find(struct ctx *c, str cell, const struct identity_row **ret)
{
	TRY(identity_resolve(c, cell, ret));
	if ((*ret)->deleted || (*ret)->is_system)
		return fail(c, E_NOT_FOUND, "there is no such account");
	return 0;
}

/* Words between separators, without white space around them. */
static strs words_of(struct ctx *c, str cell, char separator, size_t most)
{
	str *words = arena_array(c->arena, most + 1, sizeof(*words)), word;
	size_t n = 0;

	while (n < most && str_cut(&cell, separator, &word))
		if (str_trim(word).n)
			words[n++] = str_trim(word);
	return (strs){ words, n };
}

int import_follow(struct ctx *c, const str *cells, unused bool overwrite)
{
	const struct follow_wish wish = {
		.boosts = is_true(cells[1], true),
		.notify = is_true(cells[2], false),
		.languages = words_of(c, cells[3], ',', FOLLOW_LANGUAGES),
	};
	const struct identity_row *i;

	TRY(find(c, cells[0], &i));
	return follow_request_as(c, i->id, &wish);
}

static int list_by_title(struct ctx *c, str title, int64_t *ret_id)
{
	const struct list_row *rows;
	size_t n;

	TRY(lists_get(c, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (str_eq(rows[i].title, title)) {
			*ret_id = rows[i].id;
			return 0;
		}
	return fail(c, E_NOT_FOUND, "there was no room for that list");
}

static int is_on(struct ctx *c, int64_t list_id, int64_t member_id, bool *ret)
{
	const struct list_row *rows;
	size_t n;

	*ret = false;
	TRY(lists_with(c, member_id, &rows, &n));
	for (size_t i = 0; i < n; i++)
		*ret |= rows[i].id == list_id;
	return 0;
}

/* Who is on a list is followed. */
int import_list_member(struct ctx *c, const str *cells, unused bool overwrite)
{
	const struct identity_row *i;
	int64_t id = 0;
	bool there;

	TRY(list_by_title(c, cells[0], &id));
	TRY(find(c, cells[1], &i));
	TRY(is_on(c, id, i->id, &there));
	if (there)
		return 0;
	if (i->id != c->identity_id)
		TRY(follow_request(c, i->id));
	return list_add(c, id, (i64s){ &i->id, 1 });
}

int import_block(struct ctx *c, const str *cells, unused bool overwrite)
{
	const struct identity_row *i;

	TRY(find(c, cells[0], &i));
	return block_add(c, i->id);
}

int import_mute(struct ctx *c, const str *cells, unused bool overwrite)
{
	const struct identity_row *i;

	TRY(find(c, cells[0], &i));
	return mute_add(c, i->id, is_true(cells[1], true), 0);
}

int import_domain_block(struct ctx *c, const str *cells, unused bool overwrite)
{
	return domain_block_add(c, cells[0]);
}

int import_bookmark(struct ctx *c, const str *cells, unused bool overwrite)
{
	const struct post_row *post;
	int64_t id = 0;
	int err = post_get_by_uri(c, cells[0], c->identity_id, &post);

	if (err == 0)
		return interaction_bookmark(c, post->id, true);
	if (err != E_NOT_FOUND)
		return err;
	TRY(post_fetch(c, cells[0], (i64s){ &c->domain_id, 1 }, &id));
	TRY(post_get(c, id, c->identity_id, &post));
	return interaction_bookmark(c, post->id, true);
}

static const struct filter_keyword_row *keyword_of(const struct filter *f, str keyword)
{
	for (size_t i = 0; f && i < f->n_keywords; i++)
		if (str_eq(f->keywords[i].keyword, keyword))
			return &f->keywords[i];
	return NULL;
}

static size_t take_keywords(struct filter_keyword_draft *k, strs words, bool whole,
			    const struct filter *old)
{
	for (size_t i = 0; i < words.n; i++) {
		const struct filter_keyword_row *row = keyword_of(old, words.p[i]);

		k[i] = (struct filter_keyword_draft){
			.id = row ? row->id : 0,
			.keyword = words.p[i],
			.whole_word = whole,
		};
	}
	return words.n;
}

static bool is_named(const struct filter_draft *d, str keyword)
{
	for (size_t i = 0; i < d->n_keywords; i++)
		if (str_eq(d->keywords[i].keyword, keyword))
			return true;
	return false;
}

static void draft_of(struct ctx *c, const str *cells, const struct filter *old, bool overwrite,
		     struct filter_draft *d)
{
	struct filter_keyword_draft *k =
		arena_array(c->arena, 2 * KEYWORDS + (old ? old->n_keywords : 0), sizeof(*k));

	*d = (struct filter_draft){
		.title = cells[0],
		.contexts = words_of(c, cells[1], ' ', CONTEXTS),
		.action = str_is_empty(cells[2]) ? STR("warn") : cells[2],
		.keywords = k,
	};
	if (!clock_parse_iso(cells[3], &d->expires))
		d->expires = 0;
	d->n_keywords = take_keywords(k, words_of(c, cells[4], '\n', KEYWORDS), true, old);
	d->n_keywords +=
		take_keywords(k + d->n_keywords, words_of(c, cells[5], '\n', KEYWORDS), false, old);
	for (size_t i = 0; old && overwrite && i < old->n_keywords; i++)
		if (!is_named(d, old->keywords[i].keyword))
			k[d->n_keywords++] =
				(struct filter_keyword_draft){ .id = old->keywords[i].id,
							       .remove = true };
}

int import_filter(struct ctx *c, const str *cells, bool overwrite)
{
	const struct filter *old = NULL;
	struct filter *filters;
	struct filter_draft d;
	int64_t id;
	size_t n;

	TRY(filters_list(c, &filters, &n));
	for (size_t i = 0; i < n && !old; i++)
		if (str_eq(filters[i].row->title, cells[0]))
			old = &filters[i];
	draft_of(c, cells, old, overwrite, &d);
	return old ? filter_change(c, old->row->id, &d) : filter_create(c, &d, &id);
}
