/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Writing, answering and editing. Invariant: whatever is wrong with what was typed, it comes back
 * in the form with a word about it.
 */
#include "server/web/compose.h"

#include "base/id.h"
#include "base/out.h"
#include "crypt/hash.h"
#include "model/identity.h"
#include "model/preference.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/post_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

#define ONCE_BYTES 12
#define POLL_SECONDS 86400

int compose_empty(struct ctx *c, struct compose_view *ret)
{
	const struct preference_row *usual;
	struct consent_policy rules;
	int visibility = POST_PUBLIC, policy = QUOTE_PUBLIC;

	TRY(preferences_get(c, &usual));
	(void)name_to_value(post_visibilities, usual->visibility, &visibility);
	(void)name_to_value(post_quote_policies, usual->quote_policy, &policy);
	TRY(consent_default(c, usual->visibility, &rules));
	*ret = (struct compose_view){
		.reply_policy = consent_choice_of(&rules.reply),
		.visibility = (enum post_visibility)visibility,
		.quote_policy = (enum quote_policy)policy,
		.lang = usual->language,
		.sensitive = usual->sensitive,
		.poll_seconds = POLL_SECONDS,
		.once = random_token(c->arena, ONCE_BYTES),
		.limit = POST_LIMIT,
	};
	return 0;
}

static void mention(struct ctx *c, struct out *o, const struct identity_row *i)
{
	str handle = view_person(c, i).handle;

	if (i->id == c->identity_id || str_find(out_view(o), handle, 0) != SIZE_MAX)
		return;
	out_str(o, handle);
	out_char(o, ' ');
}

int compose_answer(struct ctx *c, const struct request *q, const struct status *parent,
		   const struct post_view *view, struct compose_view *ret)
{
	struct out o;

	TRY(compose_empty(c, ret));
	out_init(&o, c->arena, POST_LIMIT);
	mention(c, &o, parent->author);
	for (size_t i = 0; i < parent->n_mentions; i++)
		mention(c, &o, parent->mentions[i]);
	ret->text = out_view(&o);
	ret->warning = parent->post->summary;
	if (parent->author->id == q->identity->id)
		ret->lang = parent->post->language;
	ret->visibility = view->visibility;
	ret->parent = view;
	return 0;
}

static int respond(struct ctx *c, const struct request *q, const struct compose_view *form,
		   const struct post_view *preview, struct response *r)
{
	struct compose_page page = { .compose = *form, .preview = preview };

	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	page.frame.title = text_in(c, form->edits    ? TEXT_POST_EDIT
				      : form->parent ? TEXT_POST_REPLY
						     : TEXT_MENU_WRITE);
	r->previews = true;
	return RESPOND(c, tpl_compose, &page, r);
}

static int load_answer(struct ctx *c, const struct request *q, int64_t id, struct compose_view *ret)
{
	const struct post_row *post;
	struct status *status;

	TRY(post_get(c, id, c->identity_id, &post));
	TRY(statuses_load(c, post, 1, c->identity_id, &status));
	return compose_answer(c, q, status, view_posts(c, status, 1), ret);
}

static int load_quote(struct ctx *c, int64_t id, struct compose_view *ret)
{
	struct post_view *quoted = arena_new_of(c->arena, struct post_view);

	TRY(view_post(c, id, quoted));
	if (!quoted->can_quote)
		return fail(c, E_FORBIDDEN, "its author does not want this post to be quoted");
	TRY(compose_empty(c, ret));
	ret->quoted = quoted;
	return 0;
}

static int load_edit(struct ctx *c, int64_t id, struct compose_view *ret)
{
	const struct post_row *post;

	TRY(post_get(c, id, c->identity_id, &post));
	if (post->author_id != c->identity_id)
		return fail(c, E_FORBIDDEN, "this post is somebody else's");
	TRY(compose_empty(c, ret));
	ret->text = post->source;
	ret->warning = post->summary;
	ret->lang = post->language;
	ret->sensitive = post->sensitive;
	ret->edits = id;
	return 0;
}

int web_compose(struct ctx *c, struct request *q, struct response *r)
{
	struct compose_view form;
	int64_t id;

	if (id_parse(request_query(q, "reply_to"), &id))
		TRY(load_answer(c, q, id, &form));
	else if (id_parse(request_query(q, "edit"), &id))
		TRY(load_edit(c, id, &form));
	else if (id_parse(request_query(q, "draft"), &id))
		TRY(submission_continue(c, id, &form));
	else if (id_parse(request_query(q, "quote"), &id))
		TRY(load_quote(c, id, &form));
	else
		TRY(compose_empty(c, &form));
	return respond(c, q, &form, NULL, r);
}

/* One that is gone meanwhile is left out. */
int compose_other(struct ctx *c, int64_t id, const struct post_view **ret)
{
	struct post_view *view = arena_new_of(c->arena, struct post_view);
	int result = id ? view_post(c, id, view) : E_NOT_FOUND;

	*ret = result ? NULL : view;
	return result < 0 ? result : 0;
}

/* The form once more. */
static int respond_again(struct ctx *c, const struct request *q, struct submission *s, int err,
			 struct response *r)
{
	s->form.error = wrong_in(STR("compose-"), form_error(c, err));
	TRY(compose_other(c, s->draft.in_reply_to_id, &s->form.parent));
	TRY(compose_other(c, s->draft.quoted_id, &s->form.quoted));
	r->status = form_status(err);
	return respond(c, q, &s->form, NULL, r);
}

static int keep(struct ctx *c, const struct request *q, struct submission *s, struct response *r)
{
	int err = submission_keep(c, q, s);

	if (err > 0)
		return respond_again(c, q, s, err, r);
	TRY(err);
	return go_to(STR("/drafts/"), r);
}

static int show(struct ctx *c, const struct request *q, struct submission *s, struct response *r)
{
	struct post_view *view = arena_new_of(c->arena, struct post_view);
	int err = submission_preview(c, q, s, view);

	if (err > 0)
		return respond_again(c, q, s, err, r);
	TRY(err);
	TRY(compose_other(c, s->draft.in_reply_to_id, &s->form.parent));
	TRY(compose_other(c, s->draft.quoted_id, &s->form.quoted));
	return respond(c, q, &s->form, view, r);
}

int web_compose_send(struct ctx *c, struct request *q, struct response *r)
{
	str path, back = form_line(c, q, "back"), what = form_line(c, q, "do");
	struct submission s;
	int err;

	submission_read(c, q, &s);
	if (str_eq(what, STR("preview")))
		return show(c, q, &s, r);
	if (str_eq(what, STR("draft")) && !s.form.edits)
		return keep(c, q, &s, r);
	err = submission_take(c, q, &s);
	if (err > 0)
		return respond_again(c, q, &s, err, r);
	TRY(err);
	if (s.scheduled_id)
		return go_to(STR("/scheduled/"), r);
	path = str_fmt(c->arena, "%.*sposts/%lld/", STR_ARG(view_person(c, q->identity).path),
		       (long long)s.post_id);
	return go_to(str_is_empty(back) || str_starts(back, STR("/compose/")) ? path : back, r);
}
