/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a community has in writing: its privacy policy and its terms. */
#include "model/instance.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/views.h"
#include "templates.h"

static int respond_words(struct ctx *c, const struct request *q, str title, str text, str since,
			 struct response *r)
{
	struct words_page page = { .since = since };

	TRY(instance_markup(c, text, &page.text));
	TRY(frame_load(c, q, MENU_ABOUT, r, &page.frame));
	page.frame.title = title;
	return RESPOND(c, tpl_words, &page, r);
}

int web_privacy(struct ctx *c, struct request *q, struct response *r)
{
	struct instance i;
	str text;

	TRY(instance_load(c, &i));
	text = i.settings[INSTANCE_PRIVACY].value;
	if (str_is_empty(text))
		return fail(c, E_NOT_FOUND, "this community has no privacy policy in writing");
	return respond_words(c, q, STR("Privacy policy"), text, STR(""), r);
}

int web_terms(struct ctx *c, struct request *q, struct response *r)
{
	const struct terms_row *terms;

	TRY(terms_current(c, &terms));
	return respond_words(c, q, STR("Terms of service"), terms->text, terms->effective, r);
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
