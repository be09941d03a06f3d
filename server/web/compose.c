/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Writing, answering and editing. Invariant: whatever is wrong with what was typed, it comes back
 * in the form with a word about it.
 */
#include "server/web/compose.h"

#include "base/id.h"
#include "base/out.h"
#include "model/identity.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/views.h"
#include "templates.h"

struct compose_view compose_empty(void)
{
	return (struct compose_view){ .visibility = POST_PUBLIC, .limit = POST_LIMIT };
}

static void mention(struct ctx *c, struct out *o, const struct identity_row *i)
{
	str handle = view_person(c, i).handle;

	if (i->id == c->identity_id || str_find(out_view(o), handle, 0) != SIZE_MAX)
		return;
	out_str(o, handle);
	out_char(o, ' ');
}

struct compose_view compose_answer(struct ctx *c, const struct request *q,
				   const struct status *parent, const struct post_view *view)
{
	struct compose_view form = compose_empty();
	struct out o;

	out_init(&o, c->arena, POST_LIMIT);
	mention(c, &o, parent->author);
	for (size_t i = 0; i < parent->n_mentions; i++)
		mention(c, &o, parent->mentions[i]);
	form.text = out_view(&o);
	form.warning = parent->post->summary;
	form.lang = parent->author->id == q->identity->id ? parent->post->language : STR("");
	form.visibility = view->visibility;
	form.parent = view;
	return form;
}

static int respond(struct ctx *c, const struct request *q, const struct compose_view *form,
		   struct response *r)
{
	struct compose_page page = { .compose = *form };

	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	page.frame.title = form->edits ? STR("Edit") : form->parent ? STR("Reply") : STR("Write");
	return RESPOND(c, tpl_compose, &page, r);
}

static int load_answer(struct ctx *c, const struct request *q, int64_t id, struct compose_view *ret)
{
	const struct post_row *post;
	struct status *status;

	TRY(post_get(c, id, c->identity_id, &post));
	TRY(statuses_load(c, post, 1, c->identity_id, &status));
	*ret = compose_answer(c, q, status, view_posts(c, status, 1));
	return 0;
}

static int load_edit(struct ctx *c, int64_t id, struct compose_view *ret)
{
	const struct post_row *post;

	TRY(post_get(c, id, c->identity_id, &post));
	if (post->author_id != c->identity_id)
		return fail(c, E_FORBIDDEN, "this post is somebody else's");
	*ret = compose_empty();
	ret->text = post->source;
	ret->warning = post->summary;
	ret->lang = post->language;
	ret->sensitive = post->sensitive;
	ret->edits = id;
	return 0;
}

int web_compose(struct ctx *c, struct request *q, struct response *r)
{
	struct compose_view form = compose_empty();
	int64_t id;

	if (id_parse(request_query(q, "reply_to"), &id))
		TRY(load_answer(c, q, id, &form));
	else if (id_parse(request_query(q, "edit"), &id))
		TRY(load_edit(c, id, &form));
	return respond(c, q, &form, r);
}

struct submission {
	struct compose_view form;
	struct post_draft draft;
	bool visibility_is_known;
	int64_t id; /* of the post */
};

static struct submission read_form(struct ctx *c, const struct request *q)
{
	int visibility = POST_PUBLIC;
	bool is_known =
		name_to_value(post_visibilities, form_line(c, q, "visibility"), &visibility);
	struct submission s = { .form = compose_empty(), .visibility_is_known = is_known };

	s.form.text = form_text(c, q, "text");
	s.form.warning = form_line(c, q, "summary");
	s.form.lang = form_line(c, q, "language");
	s.form.visibility = (enum post_visibility)visibility;
	s.form.edits = form_id(q, "edits");
	s.draft = (struct post_draft){
		.text = s.form.text,
		.summary = s.form.warning,
		.visibility = s.form.visibility,
		.sensitive = s.form.warning.n > 0,
		.language = s.form.lang,
		.in_reply_to_id = form_id(q, "in_reply_to"),
		.text_only = s.form.edits != 0,
	};
	return s;
}

static int submit(struct ctx *c, struct submission *s)
{
	if (s->form.edits) {
		s->id = s->form.edits;
		return post_edit(c, s->form.edits, &s->draft);
	}
	/* Never wider than meant: what says not whom it is for is not sent. */
	if (!s->visibility_is_known)
		return fail(c, E_INVALID, "choose who may see the post");
	return post_create(c, &s->draft, &s->id);
}

/* The form once more. A parent that is gone meanwhile is left out. */
static int respond_again(struct ctx *c, const struct request *q, struct submission *s, int err,
			 struct response *r)
{
	struct post_view parent;

	s->form.error = form_error(c, err);
	if (s->draft.in_reply_to_id) {
		int result = view_post(c, s->draft.in_reply_to_id, &parent);

		if (result < 0)
			return result;
		if (result == 0)
			s->form.parent = &parent;
	}
	r->status = form_status(err);
	return respond(c, q, &s->form, r);
}

int web_compose_send(struct ctx *c, struct request *q, struct response *r)
{
	struct submission s = read_form(c, q);
	int err = submit(c, &s);
	str path, back = form_line(c, q, "back");

	if (err > 0)
		return respond_again(c, q, &s, err, r);
	TRY(err);
	path = str_fmt(c->arena, "%.*sposts/%lld/", STR_ARG(view_person(c, q->identity).path),
		       (long long)s.id);
	return go_to(str_is_empty(back) || str_starts(back, STR("/compose/")) ? path : back, r);
}
