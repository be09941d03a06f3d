/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Moving to another account, saying which others are one's own, and deleting one's account. */
#include "model/leave.h"

#include "model/identity.h"
#include "model/move.h"
#include "server/web/cookie.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/member_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

/* An alias is shown by its handle as far as it is known. */
static int load_aliases(struct ctx *c, const struct identity_row *self, struct move_page *page)
{
	struct alias_view *views = arena_array(c->arena, self->also_known_as.n + 1, sizeof(*views));
	const struct identity_row *other;

	for (size_t i = 0; i < self->also_known_as.n && i < MOVE_ALIASES; i++) {
		int err = q_identity_by_uri(c, self->also_known_as.p[i], &other);

		if (err && err != E_NOT_FOUND)
			return err;
		views[page->n_aliases++] = (struct alias_view){
			.uri = self->also_known_as.p[i],
			.name = err ? self->also_known_as.p[i] : view_person(c, other).handle,
		};
	}
	page->aliases = views;
	return 0;
}

static int load_target(struct ctx *c, const struct identity_row *self, struct move_page *page)
{
	const struct identity_row *target;
	int err;

	page->moved_to = self->moved_to_uri;
	if (str_is_empty(self->moved_to_uri))
		return 0;
	err = q_identity_by_uri(c, self->moved_to_uri, &target);
	if (err == 0)
		page->moved_to = view_person(c, target).handle;
	return err == E_NOT_FOUND ? 0 : err;
}

static int respond_move(struct ctx *c, const struct request *q, struct move_page *page,
			struct response *r)
{
	const struct move_last_row *last;
	const struct identity_row *self;
	size_t n;

	TRY(q_identity_by_id(c, c->identity_id, &self));
	TRY(load_aliases(c, self, page));
	TRY(load_target(c, self, page));
	TRY(q_move_last(c, c->identity_id, &last, &n));
	if (n && last->created + MOVE_PAUSE > c->now)
		page->again = last->created + MOVE_PAUSE;
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page->frame));
	page->frame.title = text_in(c, TEXT_MOVE);
	return RESPOND(c, tpl_move, page, r);
}

int web_move(struct ctx *c, struct request *q, struct response *r)
{
	struct move_page page = { 0 };

	return respond_move(c, q, &page, r);
}

static int done_move(struct ctx *c, const struct request *q, int err, struct wrong *error,
		     struct move_page *page, struct response *r)
{
	if (err < 0)
		return err;
	if (err == 0)
		return go_to(STR("/settings/move/"), r);
	*error = form_error(c, err);
	r->status = form_status(err);
	return respond_move(c, q, page, r);
}

int web_move_send(struct ctx *c, struct request *q, struct response *r)
{
	str password = request_form(q, "password");
	struct move_page page = { .target = form_line(c, q, "target") };
	int err = form_ticked(q, "undo")
			  ? move_undo(c)
			  : move_start(c, page.target, str_is_null(password) ? STR("") : password);

	return done_move(c, q, err, &page.error, &page, r);
}

int web_move_alias(struct ctx *c, struct request *q, struct response *r)
{
	struct move_page page = { .alias = form_line(c, q, "alias") };
	str removed = form_line(c, q, "remove");
	int err = removed.n ? move_remove_alias(c, removed) : move_add_alias(c, page.alias);

	return done_move(c, q, err, &page.alias_error, &page, r);
}

static int respond_leave(struct ctx *c, const struct request *q, struct leave_page *page,
			 struct response *r)
{
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page->frame));
	page->frame.title = text_in(c, TEXT_LEAVE);
	page->username = q->identity->username;
	return RESPOND(c, tpl_leave, page, r);
}

int web_leave(struct ctx *c, struct request *q, struct response *r)
{
	struct leave_page page = { 0 };

	return respond_leave(c, q, &page, r);
}

int web_leave_send(struct ctx *c, struct request *q, struct response *r)
{
	str password = request_form(q, "password");
	struct leave_page page = { .name = form_line(c, q, "name") };
	int err = leave(c, page.name, str_is_null(password) ? STR("") : password);

	if (err < 0)
		return err;
	if (err == 0) {
		cookie_clear(c, r);
		return go_to(STR("/auth/left/"), r);
	}
	page.error = form_error(c, err);
	r->status = form_status(err);
	return respond_leave(c, q, &page, r);
}
