/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What one does not want to read: filters, each with its words one in a line. */
#include "model/filter.h"

#include "base/id.h"
#include "base/out.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/settings_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

#define KEYWORDS 200 /* of one filter, in its form */
#define TEXT_LIMIT ((FILTER_TEXT_LIMIT + 1) * 4 * KEYWORDS)
#define LASTS_LIMIT (400LL * 24 * 3600) /* seconds */

static const char *const contexts[FILTER_CONTEXTS] = {
	"home", "notifications", "public", "thread", "account",
};

static int view(struct ctx *c, const struct filter *f, struct filter_view *ret)
{
	struct out o;

	*ret = (struct filter_view){
		.id = f->row->id,
		.title = f->row->title,
		.hides = str_eq(f->row->action, STR("hide")),
		.whole_words = true,
		.expires = f->row->expires,
		.lasts = f->row->expires ? -1 : 0,
	};
	out_init(&o, c->arena, (f->n_keywords + 1) * (FILTER_TEXT_LIMIT + 1) * 4);
	for (size_t i = 0; i < f->n_keywords; i++) {
		out_str(&o, f->keywords[i].keyword);
		out_char(&o, '\n');
		ret->whole_words &= f->keywords[i].whole_word;
	}
	for (size_t i = 0; i < f->row->contexts.n; i++)
		for (size_t k = 0; k < FILTER_CONTEXTS; k++)
			ret->contexts[k] |= str_eq_c(f->row->contexts.p[i], contexts[k]);
	ret->keywords = str_trim(out_view(&o));
	return 0;
}

int web_filters(struct ctx *c, struct request *q, struct response *r)
{
	struct filters_page page = { 0 };
	struct filter_view *views;
	struct filter *filters;

	TRY(filters_list(c, &filters, &page.n_filters));
	views = arena_array(c->arena, page.n_filters + 1, sizeof(*views));
	for (size_t i = 0; i < page.n_filters; i++)
		TRY(view(c, &filters[i], &views[i]));
	page.filters = views;
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page.frame));
	page.frame.title = text_in(c, TEXT_FILTERS);
	return RESPOND(c, tpl_filters, &page, r);
}

static int respond(struct ctx *c, const struct request *q, struct filter_page *page,
		   struct response *r)
{
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page->frame));
	page->frame.title = text_in(c, page->filter.id ? TEXT_SAY_TITLE_FILTER : TEXT_FILTERS_NEW);
	return RESPOND(c, tpl_filter, page, r);
}

int web_filter_new(struct ctx *c, struct request *q, struct response *r)
{
	struct filter_page page = {
		.filter = { .contexts = { true, true, true, true, true }, .whole_words = true },
	};

	return respond(c, q, &page, r);
}

static int filter_of_path(struct ctx *c, const struct request *q, struct filter *ret)
{
	int64_t id;
	int result = id_parse(q->args[0], &id) ? filter_get(c, id, ret) : E_NOT_FOUND;

	return result == E_NOT_FOUND ? fail(c, result, "you have no such filter") : result;
}

int web_filter(struct ctx *c, struct request *q, struct response *r)
{
	struct filter_page page = { 0 };
	struct filter f;

	TRY(filter_of_path(c, q, &f));
	TRY(view(c, &f, &page.filter));
	return respond(c, q, &page, r);
}

static struct filter_view read_form(struct ctx *c, const struct request *q)
{
	struct filter_view v = {
		.title = form_line(c, q, "title"),
		.keywords = str_trim(form_text(c, q, "keywords")),
		.hides = form_ticked(q, "hides"),
		.whole_words = form_ticked(q, "whole_words"),
	};

	for (size_t i = 0; i < FILTER_CONTEXTS; i++)
		v.contexts[i] = form_ticked(q, contexts[i]);
	if (!str_to_i64(form_line(c, q, "lasts"), &v.lasts) || v.lasts > LASTS_LIMIT)
		v.lasts = 0;
	return v;
}

/* The keyword that is there already; NULL: none. */
static const struct filter_keyword_row *known(const struct filter *old, str keyword)
{
	for (size_t i = 0; old && i < old->n_keywords; i++)
		if (str_eq(old->keywords[i].keyword, keyword))
			return &old->keywords[i];
	return NULL;
}

static bool is_kept(str keywords, str keyword)
{
	str line;

	while (str_cut(&keywords, '\n', &line))
		if (str_eq(str_trim(line), keyword))
			return true;
	return false;
}

/* Lines that are there, and what was there and is in none of them. */
static int read_keywords(struct ctx *c, const struct filter_view *v, const struct filter *old,
			 struct filter_draft *d)
{
	size_t n_old = old ? old->n_keywords : 0;
	struct filter_keyword_draft *k = arena_array(c->arena, KEYWORDS + n_old + 1, sizeof(*k));
	str lines = v->keywords, line;

	d->keywords = k;
	while (str_cut(&lines, '\n', &line)) {
		str keyword = str_trim(line);
		const struct filter_keyword_row *row = known(old, keyword);

		if (keyword.n == 0)
			continue;
		if (d->n_keywords == KEYWORDS)
			return fail_at(c, "keywords",
				       fail(c, E_UNPROCESSABLE, "a filter has at most %d words",
					    KEYWORDS));
		k[d->n_keywords++] = (struct filter_keyword_draft){
			.id = row ? row->id : 0,
			.keyword = keyword,
			.whole_word = v->whole_words,
		};
	}
	for (size_t i = 0; i < n_old; i++)
		if (!is_kept(v->keywords, old->keywords[i].keyword))
			k[d->n_keywords++] = (struct filter_keyword_draft){
				.id = old->keywords[i].id,
				.keyword = old->keywords[i].keyword,
				.remove = true,
			};
	return 0;
}

static int draft_of(struct ctx *c, const struct filter_view *v, const struct filter *old,
		    struct filter_draft *ret)
{
	str *places = arena_array(c->arena, FILTER_CONTEXTS, sizeof(*places));

	*ret = (struct filter_draft){
		.title = v->title,
		.contexts = { places, 0 },
		.action = v->hides ? STR("hide") : STR("warn"),
	};
	for (size_t i = 0; i < FILTER_CONTEXTS; i++)
		if (v->contexts[i])
			places[ret->contexts.n++] = str_c(contexts[i]);
	if (v->lasts > 0)
		ret->expires = c->now + v->lasts * USEC_SEC;
	else if (v->lasts < 0 && old)
		ret->expires = old->row->expires;
	return read_keywords(c, v, old, ret);
}

/* old: the filter that is changed; NULL: a new one. */
static int save(struct ctx *c, const struct filter_view *v, const struct filter *old)
{
	struct filter_draft d;
	int64_t id;

	TRY(draft_of(c, v, old, &d));
	if (d.contexts.n == 0)
		return fail_at(c, "home",
			       fail(c, E_UNPROCESSABLE, "choose where the filter is to work"));
	return old ? filter_change(c, old->row->id, &d) : filter_create(c, &d, &id);
}

static int send(struct ctx *c, const struct request *q, const struct filter *old,
		struct response *r)
{
	struct filter_page page = { .filter = read_form(c, q) };
	int err = save(c, &page.filter, old);

	if (err == E_UNPROCESSABLE || err == E_INVALID) {
		page.error = form_error(c, err);
		page.filter.id = old ? old->row->id : 0;
		page.filter.expires = old ? old->row->expires : 0;
		r->status = form_status(err);
		return respond(c, q, &page, r);
	}
	TRY(err);
	return go_to(STR("/filters/"), r);
}

int web_filter_new_send(struct ctx *c, struct request *q, struct response *r)
{
	return send(c, q, NULL, r);
}

int web_filter_send(struct ctx *c, struct request *q, struct response *r)
{
	struct filter f;

	TRY(filter_of_path(c, q, &f));
	if (form_ticked(q, "delete")) {
		TRY(filter_delete(c, f.row->id));
		return go_to(STR("/filters/"), r);
	}
	return send(c, q, &f, r);
}
