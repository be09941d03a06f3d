/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Identities of the log-in: the switch between them, further ones, and who shares them. */
#include "model/domain.h"
#include "model/identity.h"
#include "model/session.h"
#include "model/sharing.h"
#include "server/web/auth_page.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/proof.h"
#include "server/web/security_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

#define SWITCH_PATH "/switch/"

/* The identities of these ids, in no order. */
static int load(struct ctx *c, const int64_t *ids, size_t n, const struct identity_row **ret,
		size_t *ret_n)
{
	return q_identity_by_ids(c, (i64s){ ids, n }, ret, ret_n);
}

static const struct identity_row *find(const struct identity_row *rows, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == id)
			return &rows[i];
	return NULL;
}

static int load_offers(struct ctx *c, struct switch_page *page)
{
	const struct sharing_invitation_row *rows;
	const struct identity_row *people;
	struct offer_view *offers;
	int64_t *ids;
	size_t n, n_people;

	TRY(q_sharing_offers(c, c->user_id, c->domain_id, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].identity_id;
	TRY(load(c, ids, n, &people, &n_people));
	offers = arena_array(c->arena, n + 1, sizeof(*offers));
	for (size_t i = 0; i < n; i++) {
		const struct identity_row *who = find(people, n_people, rows[i].identity_id);

		if (who)
			offers[page->n_offers++] = (struct offer_view){
				.person = view_person(c, who),
				.guest_id = rows[i].guest_id,
				.owner = str_eq(rows[i].role, STR("owner")),
			};
	}
	page->offers = offers;
	return 0;
}

static int respond_switch(struct ctx *c, const struct request *q, struct switch_page *page,
			  struct response *r)
{
	TRY(load_offers(c, page));
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page->frame));
	page->frame.title = text_in(c, TEXT_SETTINGS_IDENTITIES);
	return RESPOND(c, tpl_switch, page, r);
}

int web_switch(struct ctx *c, struct request *q, struct response *r)
{
	struct switch_page page = { 0 };

	return respond_switch(c, q, &page, r);
}

static int refuse_switch(struct ctx *c, const struct request *q, int err, struct response *r)
{
	struct switch_page page = { 0 };

	if (err < 0)
		return err;
	page.error = form_error(c, err);
	r->status = form_status(err);
	return respond_switch(c, q, &page, r);
}

/* Pages that every community has under the same address. */
static const char *const common[] = {
	"/home/",	  "/local/",	  "/notifications/", "/search/", "/compose/",
	"/bookmarks/",	  "/favourites/", "/conversations/", "/switch/", "/settings/profile/",
	"/settings/data/"
};

static str path_there(str back)
{
	for (size_t i = 0; i < ARRAY_SIZE(common); i++)
		if (str_eq_c(back, common[i]))
			return back;
	return STR("/");
}

/* To another tenant the way leads over a ticket: the one redirect that leaves this site. */
int web_switch_send(struct ctx *c, struct request *q, struct response *r)
{
	str url = STR_NULL;
	int err = session_switch(c, q->session, form_id(q, "identity"),
				 path_there(form_line(c, q, "back")), &url);

	if (err)
		return refuse_switch(c, q, err, r);
	if (str_is_null(url))
		return go_back(c, q, STR("/"), r);
	r->status = 303;
	r->location = url;
	return 0;
}

/* A further one */

static int respond_new(struct ctx *c, const struct request *q, struct identity_new_page *page,
		       struct response *r)
{
	TRY(sharing_cap(c, &page->owned, &page->cap));
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page->frame));
	page->frame.title = text_in(c, TEXT_IDENTITIES_NEW);
	return RESPOND(c, tpl_identity_new, page, r);
}

int web_identity_new(struct ctx *c, struct request *q, struct response *r)
{
	struct identity_new_page page = { 0 };

	return respond_new(c, q, &page, r);
}

int web_identity_new_send(struct ctx *c, struct request *q, struct response *r)
{
	struct identity_new_page page = { .username = form_line(c, q, "username") };
	str ignored;
	int64_t id;
	int err = sharing_create(c, page.username, &id);

	if (err < 0)
		return err;
	if (err == 0) {
		TRY(session_switch(c, q->session, id, STR("/"), &ignored));
		return go_to(STR("/settings/profile/"), r);
	}
	page.error = form_error(c, err);
	r->status = form_status(err);
	return respond_new(c, q, &page, r);
}

/* Who holds one */

/* What "/settings/identities/<this>/" is about: an identity that the log-in holds. */
static int held(struct ctx *c, const struct request *q, const struct identity_row **ret,
		enum sharing_role *ret_role)
{
	int64_t id;

	if (!str_to_i64(q->args[0], &id))
		return fail(c, E_NOT_FOUND, "there is no such identity");
	TRY(sharing_role_of(c, id, ret_role));
	if (*ret_role == SHARING_NONE)
		return fail(c, E_NOT_FOUND, "there is no such identity");
	return q_identity_by_id(c, id, ret);
}

struct crowd {
	const struct sharing_holder_row *holders;
	const struct sharing_invitation_row *asked;
	size_t n_holders, n_asked;
	const struct identity_row *people;
	size_t n_people;
};

static int load_crowd(struct ctx *c, int64_t identity_id, struct crowd *ret)
{
	int64_t *ids;
	size_t n = 0;

	TRY(q_sharing_holders(c, identity_id, c->domain_id, &ret->holders, &ret->n_holders));
	TRY(q_sharing_asked(c, identity_id, c->domain_id, &ret->asked, &ret->n_asked));
	ids = arena_array(c->arena, ret->n_holders + ret->n_asked + 1, sizeof(*ids));
	for (size_t i = 0; i < ret->n_holders; i++)
		ids[n++] = ret->holders[i].known_as;
	for (size_t i = 0; i < ret->n_asked; i++)
		ids[n++] = ret->asked[i].guest_id;
	return load(c, ids, n, &ret->people, &ret->n_people);
}

static void view_holders(struct ctx *c, const struct crowd *crowd,
			 struct identity_people_page *page)
{
	struct holder_view *views = arena_array(c->arena, crowd->n_holders + 1, sizeof(*views));

	for (size_t i = 0; i < crowd->n_holders; i++) {
		const struct sharing_holder_row *row = &crowd->holders[i];
		const struct identity_row *who =
			find(crowd->people, crowd->n_people, row->known_as);

		views[i] = (struct holder_view){
			.user_id = row->user_id,
			.known = who != NULL,
			.self = row->user_id == c->user_id,
			.owner = str_eq(row->role, STR("owner")),
		};
		if (who)
			views[i].person = view_person(c, who);
	}
	page->holders = views;
	page->n_holders = crowd->n_holders;
}

static void view_asked(struct ctx *c, const struct crowd *crowd, struct identity_people_page *page)
{
	struct sharer_view *views = arena_array(c->arena, crowd->n_asked + 1, sizeof(*views));

	for (size_t i = 0; i < crowd->n_asked; i++) {
		const struct identity_row *who =
			find(crowd->people, crowd->n_people, crowd->asked[i].guest_id);

		if (who)
			views[page->n_asked++].person = view_person(c, who);
	}
	page->asked = views;
}

static int respond_people(struct ctx *c, const struct request *q, const struct identity_row *i,
			  struct identity_people_page *page, struct response *r)
{
	struct crowd crowd;

	TRY(load_crowd(c, i->id, &crowd));
	view_holders(c, &crowd, page);
	view_asked(c, &crowd, page);
	page->person = view_person(c, i);
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page->frame));
	page->frame.title = text_in(c, TEXT_SETTINGS_IDENTITIES);
	return RESPOND(c, tpl_identity_people, page, r);
}

int web_identity_people(struct ctx *c, struct request *q, struct response *r)
{
	struct identity_people_page page = { 0 };
	const struct identity_row *i;
	enum sharing_role role;

	TRY(held(c, q, &i, &role));
	page.owner = role == SHARING_OWNER;
	return respond_people(c, q, i, &page, r);
}

/* Who leaves what they act as goes on as another one of theirs. */
static int leave(struct ctx *c, const struct request *q, const struct identity_row *i)
{
	const struct sharing_other_row *other;
	str ignored;
	int result = q_sharing_other(c, c->user_id, c->domain_id, i->id, &other);

	if (result && result != E_NOT_FOUND)
		return result;
	if (!result && q->session->identity_id == i->id)
		TRY(session_switch(c, q->session, other->identity_id, STR("/"), &ignored));
	return sharing_remove(c, i->id, c->user_id);
}

static int act(struct ctx *c, const struct request *q, const struct identity_row *i,
	       const struct identity_people_page *page)
{
	str what = form_line(c, q, "do");
	int64_t user_id = form_id(q, "user");

	if (str_eq(what, STR("ask")))
		return fail_at(c, "handle",
			       sharing_ask(c, i->id, page->handle,
					   page->as_owner ? SHARING_OWNER : SHARING_MEMBER));
	if (str_eq(what, STR("withdraw")))
		return sharing_withdraw(c, i->id, form_id(q, "guest"));
	if (str_eq(what, STR("remove")))
		return user_id == c->user_id ? leave(c, q, i) : sharing_remove(c, i->id, user_id);
	return fail(c, E_INVALID, "this form asks for nothing");
}

int web_identity_people_send(struct ctx *c, struct request *q, struct response *r)
{
	struct identity_people_page page = { .handle = form_line(c, q, "handle"),
					     .as_owner = form_ticked(q, "owner") };
	const struct identity_row *i;
	enum sharing_role role;
	int err;

	TRY(held(c, q, &i, &role));
	if (proof_is_asked(c, q, STR_NULL, r))
		return 0;
	err = act(c, q, i, &page);
	if (err < 0)
		return err;
	if (err == 0)
		return go_to(form_id(q, "user") == c->user_id ? STR(SWITCH_PATH) : q->raw_path, r);
	page.owner = role == SHARING_OWNER;
	page.error = form_error(c, err);
	if (!page.owner)
		page.error.field = STR(""); /* who may not ask has no form */
	r->status = form_status(err);
	return respond_people(c, q, i, &page, r);
}

int web_identity_answer_send(struct ctx *c, struct request *q, struct response *r)
{
	int err = sharing_answer(c, form_id(q, "identity"), form_id(q, "guest"),
				 str_eq(form_line(c, q, "answer"), STR("accept")));

	return err ? refuse_switch(c, q, err, r) : go_to(STR(SWITCH_PATH), r);
}
