/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Search: https://docs.joinmastodon.org/methods/search/. Invariant: without a person's token nothing is
 * fetched, nothing is counted through, and no posts are found but one by its address.
 */
#include "model/search.h"

#include "fetch/url.h"
#include "model/identity.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_account.h"
#include "server/api/render_status.h"
#include "server/api/render_tag.h"

#define OFFSET_LIMIT 1000

struct question {
	str text;
	bool resolve, following, used;
	bool accounts, hashtags, statuses; /* what is wanted */
	int64_t account_id;
	struct page page;
	struct search_range range;
};

struct results {
	struct account *people;
	struct tag *tags;
	struct status *statuses;
	size_t n_people, n_tags, n_statuses;
};

static int check_access(struct ctx *c, const struct question *s)
{
	if (c->identity_id || (!s->resolve && !s->range.offset))
		return 0;
	return fail(c, E_UNAUTHORIZED, "Search queries %s is not supported without authentication",
		    s->resolve ? "that resolve remote resources" : "pagination");
}

static int read_question(struct ctx *c, const struct request *q, struct question *ret)
{
	struct question s = { 0 };
	struct params *p;
	str type;

	TRY(params_read(c, q, &p));
	api_page(q, 20, 40, &s.page);
	s.text = str_clip(str_trim(param(p, "q")), SEARCH_LIMIT);
	if (str_is_empty(s.text))
		return fail(c, E_INVALID, "param is missing or the value is empty: q");
	type = param(p, "type");
	s.accounts = str_is_empty(type) || str_eq(type, STR("accounts"));
	s.hashtags = str_is_empty(type) || str_eq(type, STR("hashtags"));
	s.statuses = str_is_empty(type) || str_eq(type, STR("statuses"));
	s.resolve = param_bool(p, "resolve", false);
	s.following = param_bool(p, "following", false);
	s.used = param_bool(p, "exclude_unreviewed", false);
	s.account_id = param_id(p, "account_id");
	s.range.limit = page_limit(&s.page);
	if (!str_to_i64(param(p, "offset"), &s.range.offset) || s.range.offset < 0)
		s.range.offset = 0;
	if (s.range.offset > OFFSET_LIMIT)
		s.range.offset = OFFSET_LIMIT;
	*ret = s;
	return check_access(c, &s);
}

/* Somebody or something that the whole text names; that it cannot be had is no error. */
static int find_named(struct ctx *c, const struct question *s, struct search_found *ret)
{
	int err = search_find(c, s->text, s->resolve, ret);

	return err < 0 ? err : 0;
}

static int show_address(struct ctx *c, const struct question *s, struct results *ret)
{
	struct search_found f = { 0 };

	TRY(find_named(c, s, &f));
	if (f.post_id && s->statuses)
		return timeline_of_ids(c, (i64s){ &f.post_id, 1 }, c->identity_id, &ret->statuses,
				       &ret->n_statuses);
	if (!f.person || f.person->deleted || f.person->is_system || !s->accounts)
		return 0;
	return accounts_by_ids(c, (i64s){ &f.person->id, 1 }, &ret->people, &ret->n_people);
}

/* Who is called exactly so comes first, also when it is far away. */
static int find_people(struct ctx *c, const struct question *s, struct results *ret)
{
	struct account *found, *exact, *all;
	struct search_found named = { 0 };
	size_t n, n_exact = 0, kept = 0;

	if (!s->range.offset && !s->following)
		TRY(find_named(c, s, &named));
	if (named.person)
		TRY(accounts_by_ids(c, (i64s){ &named.person->id, 1 }, &exact, &n_exact));
	TRY(search_accounts(c, s->text, s->following, s->range, &found, &n));
	all = arena_array(c->arena, n + 1, sizeof(*all));
	if (n_exact)
		all[kept++] = exact[0];
	for (size_t i = 0; i < n && (int64_t)kept < s->range.limit; i++)
		if (!n_exact || found[i].identity->id != exact[0].identity->id)
			all[kept++] = found[i];
	ret->people = all;
	ret->n_people = kept;
	return 0;
}

static int find(struct ctx *c, const struct question *s, struct results *ret)
{
	struct url url;

	if (url_parse(c->arena, s->text, &url))
		return s->range.offset ? 0 : show_address(c, s, ret);
	if (s->accounts)
		TRY(find_people(c, s, ret));
	if (s->hashtags && !str_starts(s->text, STR("@")))
		TRY(search_tags(c, s->text, s->used, s->range, &ret->tags, &ret->n_tags));
	if (s->statuses && c->identity_id)
		TRY(search_posts(c, s->text, s->account_id, &s->page, s->range.offset,
				 &ret->statuses, &ret->n_statuses));
	return 0;
}

int api_search(struct ctx *c, struct request *q, struct response *r)
{
	struct results found = { 0 };
	struct question s;
	struct json_out w;

	TRY(read_question(c, q, &s));
	TRY(find(c, &s, &found));
	api_open(c, &w);
	json_open_object(&w, NULL);
	json_open_array(&w, "accounts");
	for (size_t i = 0; i < found.n_people; i++)
		render_whole_account(c, &w, NULL, &found.people[i]);
	json_close_array(&w);
	json_open_array(&w, "statuses");
	for (size_t i = 0; i < found.n_statuses; i++)
		render_status(c, &w, NULL, &found.statuses[i]);
	json_close_array(&w);
	render_tags(c, &w, "hashtags", found.tags, found.n_tags);
	json_close_object(&w);
	return api_send(&w, r);
}
