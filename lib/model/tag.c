/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a list of tags costs three statements, however long it is. */
#include "model/tag.h"

#include "model/hashtag.h"
#include "sql/gen/hashtag.h"

static void begin_days(const struct ctx *c, struct tag_count days[TAG_DAYS])
{
	usec today = c->now - c->now % USEC_DAY;

	for (int i = 0; i < TAG_DAYS; i++)
		days[i] = (struct tag_count){ .day = today - i * USEC_DAY };
}

static void set_day(struct tag_count days[TAG_DAYS], usec day, int64_t uses, int64_t accounts)
{
	for (int i = 0; i < TAG_DAYS; i++)
		if (days[i].day == day)
			days[i] = (struct tag_count){ day, uses, accounts };
}

static i64s ids_of(struct ctx *c, const struct tag_row *rows, size_t n)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));

	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	return (i64s){ ids, n };
}

int tags_load(struct ctx *c, const struct tag_row *rows, size_t n, struct tag **ret)
{
	struct tag *tags = arena_array(c->arena, n + 1, sizeof(*tags));
	const struct tag_day_row *days;
	const struct tag_viewer_row *own;
	size_t n_days, n_own = 0;

	TRY(q_tag_history(c, c->domain_id, ids_of(c, rows, n), &days, &n_days));
	if (c->identity_id)
		TRY(q_tag_of_viewer(c, c->identity_id, ids_of(c, rows, n), &own, &n_own));
	for (size_t i = 0; i < n; i++) {
		tags[i] = (struct tag){
			.id = rows[i].id,
			.entry_id = rows[i].entry_id,
			.name = rows[i].name,
			.display = rows[i].display.n ? rows[i].display : rows[i].name,
			.posts = rows[i].posts_count,
		};
		begin_days(c, tags[i].days);
		for (size_t k = 0; k < n_days; k++)
			if (days[k].hashtag_id == tags[i].id)
				set_day(tags[i].days, days[k].day, days[k].uses, days[k].accounts);
		for (size_t k = 0; k < n_own; k++)
			if (own[k].hashtag_id == tags[i].id) {
				tags[i].following = own[k].following;
				tags[i].featuring = own[k].featuring;
			}
	}
	*ret = tags;
	return 0;
}

static int read_name(struct ctx *c, str text, str *ret)
{
	str tag = str_starts(text, STR("#")) ? str_from(text, 1) : text;

	if (!hashtag_is_valid(c, tag))
		return fail(c, E_NOT_FOUND, "Record not found");
	*ret = hashtag_fold(c, tag);
	return 0;
}

int tag_get(struct ctx *c, str text, struct tag **ret)
{
	const struct tag_row *rows;
	str name;
	size_t n;

	TRY(read_name(c, text, &name));
	TRY(q_tag_by_names(c, (strs){ &name, 1 }, &rows, &n));
	if (n)
		return tags_load(c, rows, n, ret);
	*ret = arena_new_of(c->arena, struct tag);
	(*ret)->name = (*ret)->display = name;
	begin_days(c, (*ret)->days);
	return 0;
}

int tag_follow(struct ctx *c, str text, bool follow)
{
	const struct tag_count_row *count;
	str name, display;

	TRY(read_name(c, text, &name));
	if (!follow)
		return q_tag_unfollow(c, c->identity_id, name, NULL);
	TRY(q_tag_count_follows(c, c->identity_id, &count));
	if (count->n >= TAG_FOLLOW_LIMIT)
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: %d hashtags are followed already",
			    TAG_FOLLOW_LIMIT);
	display = str_starts(text, STR("#")) ? str_from(text, 1) : text;
	TRY(q_hashtag_make(c, (strs){ &name, 1 }, (strs){ &display, 1 }, NULL));
	return q_tag_follow(c, c->identity_id, name, NULL);
}

int tags_followed(struct ctx *c, const struct page *p, struct tag **ret, size_t *ret_n)
{
	struct page_range r = page_range(p);
	const struct tag_row *rows;
	struct tag_row *ordered;

	TRY(q_tag_followed(c, r.upward, c->identity_id, r.max, r.min, r.limit, &rows, ret_n));
	ordered = arena_array(c->arena, *ret_n + 1, sizeof(*ordered));
	for (size_t i = 0; i < *ret_n; i++)
		ordered[i] = rows[r.upward ? *ret_n - 1 - i : i];
	return tags_load(c, ordered, *ret_n, ret);
}

int tags_trending(struct ctx *c, int64_t limit, int64_t offset, struct tag **ret, size_t *ret_n)
{
	const struct tag_row *rows;

	TRY(q_tag_trending(c, c->domain_id, limit, offset, &rows, ret_n));
	return tags_load(c, rows, *ret_n, ret);
}

int links_trending(struct ctx *c, int64_t limit, int64_t offset, struct trending_link **ret,
		   size_t *ret_n)
{
	const struct link_row *rows;
	const struct link_day_row *days;
	struct trending_link *links;
	int64_t *ids;
	size_t n, n_days;

	TRY(q_link_trending(c, c->domain_id, limit, offset, &rows, &n));
	links = arena_array(c->arena, n + 1, sizeof(*links));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	TRY(q_link_history(c, (i64s){ ids, n }, c->domain_id, &days, &n_days));
	for (size_t i = 0; i < n; i++) {
		links[i] = (struct trending_link){ rows[i].id, rows[i].url };
		begin_days(c, links[i].days);
		for (size_t k = 0; k < n_days; k++)
			if (days[k].link_id == links[i].id)
				set_day(links[i].days, days[k].day, days[k].uses, days[k].accounts);
	}
	*ret = links;
	*ret_n = n;
	return 0;
}

int trends_refresh(struct ctx *c)
{
	return q_trends_refresh(c, NULL);
}
