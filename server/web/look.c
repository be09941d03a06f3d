/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The page on which people choose how pages look. Invariant: whatever is stored, a page comes in a
 * language and a theme that there are.
 */
#include "server/web/look.h"

#include "model/domain.h"
#include "model/settings.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/settings_page.h"
#include "server/web/text.h"
#include "sql/gen/session.h"
#include "sql/gen/user.h"
#include "templates.h"

static const char *const themes[] = {
	[THEME_AUTO] = "auto",
	[THEME_LIGHT] = "light",
	[THEME_DARK] = "dark",
	[THEME_CONTRAST] = "contrast",
};

static const char *const sizes[] = {
	[SIZE_MEDIUM] = "medium",
	[SIZE_LARGE] = "large",
	[SIZE_LARGEST] = "largest",
};

/* Where in a list a word stands; its end when it is in none. */
static size_t place(const char *const *list, size_t n, str word)
{
	size_t i = 0;

	while (i < n && !str_eq_c(word, list[i]))
		i++;
	return i;
}

void look_read(const struct session_row *session, struct viewer_view *ret)
{
	size_t theme = place(themes, ARRAY_SIZE(themes), session->theme);
	size_t size = place(sizes, ARRAY_SIZE(sizes), session->text_size);

	if (theme < ARRAY_SIZE(themes) && theme != THEME_AUTO)
		ret->theme = (enum theme)theme;
	ret->size = size < ARRAY_SIZE(sizes) ? (enum text_size)size : SIZE_MEDIUM;
	ret->still = session->still;
	ret->shortcuts = session->shortcuts;
}

void look_language(struct ctx *c, const struct request *q)
{
	bool pseudo = c->settings->development;

	c->language = 0;
	if (str_starts(q->path, STR("/oauth/authorize")) &&
	    text_language_find(request_query(q, "lang"), pseudo, &c->language))
		return;
	if (q->session && text_language_find(q->session->language, pseudo, &c->language))
		return;
	if (text_language_accepted(request_header(q, "accept-language"), pseudo, &c->language))
		return;
	if (c->domain)
		text_language_find(c->domain->language, pseudo, &c->language);
}

static const struct language_view *languages_of(struct ctx *c, str chosen, size_t *ret_n)
{
	struct language_view *views = arena_array(c->arena, n_text_catalogues, sizeof(*views));
	size_t n = 0;

	for (unsigned i = 0; i < n_text_catalogues; i++)
		if (!text_catalogues[i].pseudo || c->settings->development)
			views[n++] = (struct language_view){
				.code = text_catalogues[i].code,
				.name = text_catalogues[i].name,
				.done = text_language_done(i),
				.chosen = str_eq_c(chosen, text_catalogues[i].code),
			};
	*ret_n = n;
	return views;
}

static int respond_look(struct ctx *c, const struct request *q, str language,
			struct look_page *page, struct response *r)
{
	page->languages = languages_of(c, language, &page->n_languages);
	page->asks = str_is_empty(language);
	page->theme = (enum theme)place(themes, ARRAY_SIZE(themes), q->session->theme);
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page->frame));
	page->frame.title = text_in(c, TEXT_SETTINGS);
	return RESPOND(c, tpl_look, page, r);
}

int web_look(struct ctx *c, struct request *q, struct response *r)
{
	struct look_page page = { 0 };

	return respond_look(c, q, q->session->language, &page, r);
}

/* What a form says; the name of a field that says nothing that there is, or NULL. */
static const char *read_form(struct ctx *c, const struct request *q,
			     struct q_user_set_looks_args *ret)
{
	str language = form_line(c, q, "language");
	size_t theme = place(themes, ARRAY_SIZE(themes), form_line(c, q, "theme"));
	size_t size = place(sizes, ARRAY_SIZE(sizes), form_line(c, q, "size"));
	unsigned found;

	if (language.n && !text_language_find(language, c->settings->development, &found))
		return "language";
	if (theme == ARRAY_SIZE(themes) || size == ARRAY_SIZE(sizes))
		return theme == ARRAY_SIZE(themes) ? "theme" : "size";
	*ret = (struct q_user_set_looks_args){
		.language = language,
		.theme = str_c(themes[theme]),
		.text_size = str_c(sizes[size]),
		.still = form_ticked(q, "still"),
		.shortcuts = form_ticked(q, "shortcuts"),
		.id = c->user_id,
	};
	return NULL;
}

int web_look_send(struct ctx *c, struct request *q, struct response *r)
{
	struct q_user_set_looks_args looks;
	struct look_page page = { 0 };
	const char *wrong = read_form(c, q, &looks);
	size_t n;

	if (!wrong) {
		TRY(q_user_set_looks(c, &looks, &n));
		return go_to(STR("/settings/look/"), r);
	}
	page.error = wrong_at(wrong, STR("Choose something of what is there."));
	r->status = 422;
	return respond_look(c, q, form_line(c, q, "language"), &page, r);
}
