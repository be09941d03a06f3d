/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: values stand as they are; columns and their order are those of Mastodon. */
#include "model/export.h"

#include "base/csv.h"
#include "model/filter.h"
#include "sql/gen/export.h"

#define LINES 100000 /* of a file */
#define FILE_LIMIT (64 * 1024 * 1024) /* bytes of one */

static str flag(bool value)
{
	return value ? STR("true") : STR("false");
}

static str handle(struct ctx *c, str username, str host)
{
	return str_fmt(c->arena, "%.*s@%.*s", STR_ARG(username), STR_ARG(host));
}

static str join(struct ctx *c, strs words, const char *between)
{
	struct out o;

	out_init(&o, c->arena, FILE_LIMIT);
	for (size_t i = 0; i < words.n; i++) {
		out_c(&o, i ? between : "");
		out_str(&o, words.p[i]);
	}
	return o.n ? out_view(&o) : STR("");
}

static int write_following(struct ctx *c, struct out *o)
{
	const struct export_follow_row *rows;
	size_t n;

	TRY(q_export_following(c, c->identity_id, LINES, &rows, &n));
	out_c(o, "Account address,Show boosts,Notify on new posts,Languages\n");
	for (size_t i = 0; i < n; i++) {
		const str cells[] = { handle(c, rows[i].username, rows[i].host),
				      flag(rows[i].boosts), flag(rows[i].notify),
				      join(c, rows[i].languages, ", ") };

		csv_put_line(o, cells, ARRAY_SIZE(cells));
	}
	return 0;
}

static int write_followers(struct ctx *c, struct out *o)
{
	const struct export_handle_row *rows;
	size_t n;

	TRY(q_export_followers(c, c->identity_id, LINES, &rows, &n));
	out_c(o, "Account address\n");
	for (size_t i = 0; i < n; i++) {
		const str cell = handle(c, rows[i].username, rows[i].host);

		csv_put_line(o, &cell, 1);
	}
	return 0;
}

static int write_lists(struct ctx *c, struct out *o)
{
	const struct export_member_row *rows;
	size_t n;

	TRY(q_export_lists(c, c->identity_id, c->domain_id, LINES, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		const str cells[] = { rows[i].title, handle(c, rows[i].username, rows[i].host) };

		csv_put_line(o, cells, ARRAY_SIZE(cells));
	}
	return 0;
}

static int write_blocks(struct ctx *c, struct out *o)
{
	const struct export_block_row *rows;
	size_t n;

	TRY(q_export_blocks(c, c->identity_id, STR("block"), LINES, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		const str cell = handle(c, rows[i].username, rows[i].host);

		csv_put_line(o, &cell, 1);
	}
	return 0;
}

static int write_mutes(struct ctx *c, struct out *o)
{
	const struct export_block_row *rows;
	size_t n;

	TRY(q_export_blocks(c, c->identity_id, STR("mute"), LINES, &rows, &n));
	out_c(o, "Account address,Hide notifications\n");
	for (size_t i = 0; i < n; i++) {
		const str cells[] = { handle(c, rows[i].username, rows[i].host),
				      flag(rows[i].notifications) };

		csv_put_line(o, cells, ARRAY_SIZE(cells));
	}
	return 0;
}

static void write_lines(struct out *o, const struct export_line_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		csv_put_line(o, &rows[i].line, 1);
}

static int write_domain_blocks(struct ctx *c, struct out *o)
{
	const struct export_line_row *rows;
	size_t n;

	TRY(q_export_domains(c, c->identity_id, c->domain_id, LINES, &rows, &n));
	write_lines(o, rows, n);
	return 0;
}

static int write_bookmarks(struct ctx *c, struct out *o)
{
	const struct export_line_row *rows;
	size_t n;

	TRY(q_export_bookmarks(c, c->identity_id, c->domain_id, LINES, &rows, &n));
	write_lines(o, rows, n);
	return 0;
}

/* Keywords of a filter that are whole words, or those that are not, one in a line. */
static str keywords(struct ctx *c, const struct filter *f, bool whole)
{
	str *words = arena_array(c->arena, f->n_keywords + 1, sizeof(*words));
	size_t n = 0;

	for (size_t i = 0; i < f->n_keywords; i++)
		if (f->keywords[i].whole_word == whole)
			words[n++] = f->keywords[i].keyword;
	return join(c, (strs){ words, n }, "\n");
}

/* Mastodon writes none; one filter stands in one line. */
static int write_filters(struct ctx *c, struct out *o)
{
	struct filter *filters;
	size_t n;

	TRY(filters_list(c, &filters, &n));
	out_c(o, "Title,Contexts,Action,Expires,Words,Parts of words\n");
	for (size_t i = 0; i < n; i++) {
		const struct filter_row *row = filters[i].row;
		const str cells[] = { row->title,
				      join(c, row->contexts, " "),
				      row->action,
				      row->expires ? clock_iso(c->arena, row->expires) : STR(""),
				      keywords(c, &filters[i], true),
				      keywords(c, &filters[i], false) };

		csv_put_line(o, cells, ARRAY_SIZE(cells));
	}
	return 0;
}

const struct export_kind export_kinds[] = {
	{ "following", "following_accounts.csv", write_following },
	{ "followers", "followers.csv", write_followers },
	{ "lists", "lists.csv", write_lists },
	{ "blocks", "blocked_accounts.csv", write_blocks },
	{ "mutes", "muted_accounts.csv", write_mutes },
	{ "domain_blocks", "blocked_domains.csv", write_domain_blocks },
	{ "bookmarks", "bookmarks.csv", write_bookmarks },
	{ "filters", "filters.csv", write_filters },
	{ NULL, NULL, NULL },
};

int export_write(struct ctx *c, str kind, const struct export_kind **ret_kind, str *ret)
{
	for (const struct export_kind *k = export_kinds; k->name; k++) {
		struct out o;

		if (!str_eq_c(kind, k->name))
			continue;
		out_init(&o, c->arena, FILE_LIMIT);
		TRY(k->write(c, &o));
		TRY(out_done(&o, ret));
		*ret_kind = k;
		return 0;
	}
	return fail(c, E_NOT_FOUND, "there is no such file");
}

int export_count(struct ctx *c, int64_t *ret)
{
	const struct export_counts_row *n;

	TRY(q_export_counts(c, c->identity_id, &n));
	ret[0] = n->following;
	ret[1] = n->followers;
	ret[2] = n->lists;
	ret[3] = n->blocks;
	ret[4] = n->mutes;
	ret[5] = n->domain_blocks;
	ret[6] = n->bookmarks;
	ret[7] = n->filters;
	return 0;
}
