/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a community has in writing: its privacy policy and its terms. */
#include "model/instance.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/site_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

static int respond(struct ctx *c, const struct request *q, enum text_key title, str text,
		   struct words_page *page, struct response *r)
{
	TRY(instance_markup(c, text, &page->text));
	TRY(frame_load(c, q, MENU_ABOUT, r, &page->frame));
	page->frame.title = text_in(c, title);
	return RESPOND(c, tpl_words, page, r);
}

static int respond_setting(struct ctx *c, const struct request *q, enum instance_key key,
			   enum text_key title, const char *otherwise, struct response *r)
{
	struct words_page page = { .since = STR("") };
	struct instance i;
	str text;

	TRY(instance_load(c, &i));
	text = i.settings[key].value;
	if (str_is_empty(text))
		return fail(c, E_NOT_FOUND, "%s", otherwise);
	return respond(c, q, title, text, &page, r);
}

int web_privacy(struct ctx *c, struct request *q, struct response *r)
{
	return respond_setting(c, q, INSTANCE_PRIVACY, TEXT_ABOUT_PRIVACY,
			       "this community has no privacy policy in writing", r);
}

int web_imprint(struct ctx *c, struct request *q, struct response *r)
{
	return respond_setting(c, q, INSTANCE_IMPRINT, TEXT_ABOUT_IMPRINT,
			       "this community has no imprint", r);
}

static int respond_terms(struct ctx *c, const struct request *q, const struct terms_row *terms,
			 struct response *r)
{
	struct words_page page = { .since = terms->effective };
	const struct terms_row *all, *current;
	size_t n;
	str *days;
	int err = terms_current(c, &current);

	if (err && err != E_NOT_FOUND)
		return err;
	page.ended = !err && terms->is_effective && !str_eq(current->effective, terms->effective);
	TRY(terms_list(c, &all, &n));
	page.days = days = arena_array(c->arena, n + 1, sizeof(*days));
	for (size_t i = 0; i < n; i++)
		if (!str_eq(all[i].effective, terms->effective))
			days[page.n_days++] = all[i].effective;
	return respond(c, q, TEXT_ABOUT_TERMS, terms->text, &page, r);
}

int web_terms(struct ctx *c, struct request *q, struct response *r)
{
	const struct terms_row *terms;

	TRY(terms_current(c, &terms));
	return respond_terms(c, q, terms, r);
}

int web_terms_of(struct ctx *c, struct request *q, struct response *r)
{
	const struct terms_row *terms;
	int err = terms_get(c, q->args[0], &terms);

	if (err == E_INVALID)
		return fail(c, E_NOT_FOUND, "there are no terms of that day");
	TRY(err);
	return respond_terms(c, q, terms, r);
}

int view_rules(struct ctx *c, const str **ret, size_t *ret_n)
{
	const struct rule_row *rules;
	str *texts;
	size_t n;

	TRY(rules_list(c, &rules, &n));
	texts = arena_array(c->arena, n + 1, sizeof(*texts));
	for (size_t i = 0; i < n; i++)
		texts[i] = rules[i].text;
	*ret = texts;
	*ret_n = n;
	return 0;
}
