/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: whatever is read or written is the acting identity's: each keyword and each post is reached
 * through a filter that is its own.
 */
#include "model/filter.h"

#include "db/db.h"
#include "model/post.h"

static const char *const contexts[] = {
	"home", "notifications", "public", "thread", "account", NULL
};
static const char *const actions[] = { "warn", "hide", "blur", NULL };

static bool is_among(str s, const char *const *words)
{
	for (; *words; words++)
		if (str_eq_c(s, *words))
			return true;
	return false;
}

static int refuse(struct ctx *c, const char *why)
{
	return fail(c, E_UNPROCESSABLE, "Validation failed: %s", why);
}

static int check_keyword(struct ctx *c, const struct filter_keyword_draft *d)
{
	if (d->remove)
		return 0;
	if (str_is_empty(str_trim(d->keyword)))
		return refuse(c, "Keyword can't be blank");
	if (str_chars(d->keyword) > FILTER_TEXT_LIMIT)
		return refuse(c, "Keyword is too long");
	return 0;
}

static int check(struct ctx *c, const struct filter_draft *d)
{
	if (str_is_empty(str_trim(d->title)))
		return fail_at(c, "title", refuse(c, "Title can't be blank"));
	if (str_chars(d->title) > FILTER_TEXT_LIMIT)
		return fail_at(c, "title", refuse(c, "Title is too long"));
	if (d->contexts.n == 0)
		return refuse(c, "Context can't be blank");
	for (size_t i = 0; i < d->contexts.n; i++)
		if (!is_among(d->contexts.p[i], contexts))
			return refuse(c, "Context None or invalid context supplied");
	if (!is_among(d->action, actions))
		return refuse(c, "Action is not included in the list");
	for (size_t i = 0; i < d->n_keywords; i++)
		TRY(fail_at(c, "keywords", check_keyword(c, &d->keywords[i])));
	return 0;
}

/* Whether so many more may come. */
static int check_room(struct ctx *c, size_t filters, size_t keywords, size_t posts)
{
	const struct filter_count_row *n;

	TRY(q_filter_count(c, c->identity_id, &n));
	if (n->filters + (int64_t)filters > FILTER_LIMIT)
		return refuse(c, "there are too many filters");
	if (n->keywords + (int64_t)keywords > FILTER_KEYWORD_LIMIT)
		return refuse(c, "there are too many keywords");
	if (n->posts + (int64_t)posts > FILTER_STATUS_LIMIT)
		return refuse(c, "there are too many posts");
	return 0;
}

/* A filter and its keywords on their way to the database. */
struct writing {
	int64_t id;
	const struct filter_draft *draft;
};

static int write_keyword(struct ctx *c, int64_t filter_id, const struct filter_keyword_draft *k)
{
	const struct filter_id_row *made;

	if (k->id && k->remove)
		return q_filter_keyword_delete(c, filter_id, k->id, NULL);
	if (k->id)
		return q_filter_keyword_update(c, k->keyword, k->whole_word, filter_id, k->id,
					       NULL);
	if (k->remove)
		return 0;
	return q_filter_keyword_insert(c, c->domain_id, filter_id, k->keyword, k->whole_word,
				       &made);
}

static int write_keywords(struct ctx *c, const struct writing *w)
{
	for (size_t i = 0; i < w->draft->n_keywords; i++)
		TRY(write_keyword(c, w->id, &w->draft->keywords[i]));
	return 0;
}

static int insert(struct ctx *c, void *arg)
{
	struct writing *w = arg;
	struct q_filter_insert_args args = {
		.domain_id = c->domain_id,
		.identity_id = c->identity_id,
		.title = w->draft->title,
		.contexts = w->draft->contexts,
		.action = w->draft->action,
		.expires = w->draft->expires,
	};
	const struct filter_id_row *made;

	TRY(q_filter_insert(c, &args, &made));
	w->id = made->id;
	return write_keywords(c, w);
}

int filter_create(struct ctx *c, const struct filter_draft *d, int64_t *ret_id)
{
	struct writing w = { .draft = d };

	TRY(check(c, d));
	TRY(check_room(c, 1, d->n_keywords, 0));
	TRY(db_transaction(c, insert, &w));
	*ret_id = w.id;
	return 0;
}

static int change(struct ctx *c, void *arg)
{
	struct writing *w = arg;
	struct q_filter_update_args args = {
		.title = w->draft->title,
		.contexts = w->draft->contexts,
		.action = w->draft->action,
		.expires = w->draft->expires,
		.identity_id = c->identity_id,
		.id = w->id,
	};
	size_t n;

	TRY(q_filter_update(c, &args, &n));
	if (n == 0)
		return fail(c, E_NOT_FOUND, "there is no such filter");
	return write_keywords(c, w);
}

int filter_change(struct ctx *c, int64_t id, const struct filter_draft *d)
{
	struct writing w = { .id = id, .draft = d };

	TRY(check(c, d));
	TRY(check_room(c, 0, d->n_keywords, 0));
	return db_transaction(c, change, &w);
}

int filter_delete(struct ctx *c, int64_t id)
{
	size_t n;

	TRY(q_filter_delete(c, c->identity_id, id, &n));
	return n ? 0 : fail(c, E_NOT_FOUND, "there is no such filter");
}

/* Those of the rows, which stand by filter, that are of one. */
static void take_keywords(struct filter *f, const struct filter_keyword_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].filter_id == f->row->id && f->n_keywords++ == 0)
			f->keywords = &rows[i];
}

static void take_statuses(struct filter *f, const struct filter_status_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].filter_id == f->row->id && f->n_statuses++ == 0)
			f->statuses = &rows[i];
}

/* Keywords and posts of filters, by two statements. */
static int load(struct ctx *c, const struct filter_row *rows, size_t n, struct filter *ret)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct filter_keyword_row *keywords;
	const struct filter_status_row *statuses;
	size_t n_keywords, n_statuses;

	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	TRY(q_filter_keywords_of(c, (i64s){ ids, n }, &keywords, &n_keywords));
	TRY(q_filter_statuses_of(c, (i64s){ ids, n }, &statuses, &n_statuses));
	for (size_t i = 0; i < n; i++) {
		ret[i] = (struct filter){ .row = &rows[i] };
		take_keywords(&ret[i], keywords, n_keywords);
		take_statuses(&ret[i], statuses, n_statuses);
	}
	return 0;
}

int filters_list(struct ctx *c, struct filter **ret, size_t *ret_n)
{
	const struct filter_row *rows;

	TRY(q_filter_of(c, c->identity_id, &rows, ret_n));
	*ret = arena_array(c->arena, *ret_n + 1, sizeof(**ret));
	return load(c, rows, *ret_n, *ret);
}

int filter_get(struct ctx *c, int64_t id, struct filter *ret)
{
	const struct filter_row *row;

	TRY(q_filter_by_id(c, c->identity_id, id, &row));
	return load(c, row, 1, ret);
}

int filter_keyword_add(struct ctx *c, int64_t filter_id, const struct filter_keyword_draft *d,
		       const struct filter_keyword_row **ret)
{
	const struct filter_row *filter;
	const struct filter_id_row *made;

	TRY(q_filter_by_id(c, c->identity_id, filter_id, &filter));
	TRY(check_keyword(c, d));
	TRY(check_room(c, 0, 1, 0));
	TRY(q_filter_keyword_insert(c, c->domain_id, filter_id, d->keyword, d->whole_word, &made));
	return filter_keyword_get(c, made->id, ret);
}

int filter_keyword_get(struct ctx *c, int64_t id, const struct filter_keyword_row **ret)
{
	return q_filter_keyword_by_id(c, c->identity_id, id, ret);
}

int filter_keyword_change(struct ctx *c, int64_t id, const struct filter_keyword_draft *d)
{
	const struct filter_keyword_row *k;

	TRY(filter_keyword_get(c, id, &k));
	TRY(check_keyword(c, d));
	return q_filter_keyword_update(c, d->keyword, d->whole_word, k->filter_id, id, NULL);
}

int filter_keyword_delete(struct ctx *c, int64_t id)
{
	const struct filter_keyword_row *k;

	TRY(filter_keyword_get(c, id, &k));
	return q_filter_keyword_delete(c, k->filter_id, id, NULL);
}

int filter_keyword_delete_last(struct ctx *c, int64_t id)
{
	const struct filter_keyword_row *k;

	TRY(filter_keyword_get(c, id, &k));
	TRY(q_filter_keyword_delete(c, k->filter_id, id, NULL));
	return q_filter_delete_empty(c, c->identity_id, k->filter_id, NULL);
}

int filter_status_add(struct ctx *c, int64_t filter_id, int64_t post_id,
		      const struct filter_status_row **ret)
{
	const struct filter_row *filter;
	const struct filter_id_row *made;
	const struct post_row *post;

	TRY(q_filter_by_id(c, c->identity_id, filter_id, &filter));
	TRY(post_get(c, post_id, c->identity_id, &post));
	TRY(check_room(c, 0, 0, 1));
	TRY(q_filter_status_insert(c, c->domain_id, filter_id, post_id, &made));
	return filter_status_get(c, made->id, ret);
}

int filter_status_get(struct ctx *c, int64_t id, const struct filter_status_row **ret)
{
	return q_filter_status_by_id(c, c->identity_id, id, ret);
}

int filter_status_delete(struct ctx *c, int64_t id)
{
	const struct filter_status_row *s;

	TRY(filter_status_get(c, id, &s));
	return q_filter_status_delete(c, s->filter_id, id, NULL);
}
