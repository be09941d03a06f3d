/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Answers, likes, boosts and quotations that wait for the person's decision; what was agreed to, taken back; and how new posts
 * of the person are to be.
 */
#include "model/consent.h"

#include "base/table.h"
#include "model/identity.h"
#include "model/preference.h"
#include "model/quote.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/notice_page.h"
#include "server/web/settings_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "server/web/web.h"
#include "templates.h"

#define EXCERPT_CHARS 140

static enum wish wish_of(str kind)
{
	return str_eq_c(kind, "reply")	 ? WISH_REPLY
	       : str_eq_c(kind, "like")	 ? WISH_LIKE
	       : str_eq_c(kind, "boost") ? WISH_BOOST
					 : WISH_QUOTE;
}

static struct request_view view(struct ctx *c, const struct consent_request *x)
{
	const struct post_row *object = x->object->post;

	return (struct request_view){
		.id = x->row->id,
		.wish = wish_of(x->row->kind),
		.actor = view_person(c, x->actor),
		.when = x->row->created,
		.object = view_posts(c, x->object, 1),
		.post = x->post ? view_posts(c, x->post, 1) : NULL,
		.excerpt = object->summary.n ? object->summary
					     : view_excerpt(c, object->content, EXCERPT_CHARS),
	};
}

int web_consents(struct ctx *c, struct request *q, struct response *r)
{
	const struct consent_filter all = { true, true, true, true, 0 };
	struct page p = view_page(q);
	struct consents_page page = { 0 };
	struct consent_request *list;
	struct request_view *views;
	size_t n;

	TRY(consent_requests(c, &all, &p, &list, &n));
	views = arena_array(c->arena, n + 1, sizeof(*views));
	for (size_t i = 0; i < n; i++)
		if (list[i].actor && list[i].object)
			views[page.n_requests++] = view(c, &list[i]);
	page.requests = views;
	page.pager =
		view_pager(c, q, &p, (int64_t)n == page_limit(&p), n ? list[n - 1].row->id : 0);
	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	page.frame.title = text_in(c, TEXT_SAY_TITLE_REQUESTS_POSTS);
	return RESPOND(c, tpl_consents, &page, r);
}

/* Decided elsewhere meanwhile: the list says what is left. */
int web_consents_send(struct ctx *c, struct request *q, struct response *r)
{
	int64_t yes = form_id(q, "accept"), no = form_id(q, "refuse");
	int result = yes || no ? consent_decide(c, yes ? yes : no, yes != 0) : 0;

	if (result != E_NOT_FOUND)
		TRY(result);
	return go_back(c, q, STR("/requests/posts/"), r);
}

/* Of an answer or a quotation that the person agreed to. */
int web_post_refuse(struct ctx *c, struct request *q, struct response *r)
{
	const struct quote_shown_row *quotes;
	const struct identity_row *author;
	const struct post_row *post;
	size_t n;
	int result;

	TRY(post_of_path(c, q, &author, &post));
	result = consent_revoke_reply(c, post->id);
	if (result == E_NOT_FOUND) {
		TRY(q_quote_of_posts(c, (i64s){ &post->id, 1 }, &quotes, &n));
		result = n ? quote_revoke(c, quotes[0].quoted_id, post->id) : result;
	}
	TRY(result);
	return go_to(STR("/"), r);
}

/* How new posts are to be */

static int respond_posting(struct ctx *c, const struct request *q, struct posting_page *page,
			   struct response *r)
{
	TRY(frame_load(c, q, MENU_NONE, r, &page->frame));
	page->frame.title = text_in(c, TEXT_CONSENT_POSTING);
	return RESPOND(c, tpl_posting, page, r);
}

int web_posting(struct ctx *c, struct request *q, struct response *r)
{
	const struct preference_row *usual;
	struct consent_policy policy;
	int visibility = POST_PUBLIC, quotes = QUOTE_PUBLIC;
	struct posting_page page = { .saved = !str_is_null(request_query(q, "saved")) };

	TRY(preferences_get(c, &usual));
	TRY(consent_default(c, STR("public"), &policy));
	(void)name_to_value(post_visibilities, usual->visibility, &visibility);
	(void)name_to_value(post_quote_policies, usual->quote_policy, &quotes);
	page.visibility = (enum post_visibility)visibility;
	page.quotes = (enum quote_policy)quotes;
	page.replies = consent_choice_of(&policy.reply);
	page.likes = consent_choice_of(&policy.like);
	page.boosts = consent_choice_of(&policy.boost);
	return respond_posting(c, q, &page, r);
}

static int read_choice(struct ctx *c, const struct request *q, const char *field,
		       struct consent_rule *ret)
{
	int value;

	if (!name_to_value(consent_choices, form_line(c, q, field), &value))
		return fail(c, E_INVALID, "that is no choice");
	*ret = consent_rule_of((enum consent_choice)value);
	return 0;
}

/* For every visibility alike: who wants them to differ uses a program. */
int web_posting_send(struct ctx *c, struct request *q, struct response *r)
{
	static const char *const visibilities[] = { "public", "unlisted", "followers",
						    "mentioned" };
	const struct preference_row *usual;
	struct preference_row changed;
	struct consent_policy policy;
	int visibility;

	TRY(preferences_get(c, &usual));
	changed = *usual;
	changed.visibility = form_line(c, q, "visibility");
	changed.quote_policy = form_line(c, q, "quotes");
	if (!name_to_value(post_visibilities, changed.visibility, &visibility))
		return fail(c, E_INVALID, "that is no visibility");
	TRY(read_choice(c, q, "replies", &policy.reply));
	TRY(read_choice(c, q, "likes", &policy.like));
	TRY(read_choice(c, q, "boosts", &policy.boost));
	TRY(preferences_set(c, &changed));
	for (size_t i = 0; i < ARRAY_SIZE(visibilities); i++)
		TRY(consent_set_default(c, str_c(visibilities[i]), &policy));
	return go_to(STR("/settings/posting/?saved="), r);
}
