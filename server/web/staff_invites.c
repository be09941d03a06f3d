/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invitations: made, taken back, and who came by them. */
#include "model/invite.h"

#include "model/identity.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_admin_page.h"
#include "server/web/views.h"
#include "templates.h"

#define DAYS_LIMIT 3650

static const struct identity_row *identity_of(const struct identity_row *rows, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == id)
			return &rows[i];
	return NULL;
}

/* Everybody who came, in one array; each invitation has a part of it. */
static int fill_guests(struct ctx *c, struct staff_invite_view *invites, size_t n)
{
	const struct invite_used_row *used;
	const struct identity_row *people;
	struct guest_view *guests;
	size_t n_used, n_people, at = 0;
	int64_t *ids;

	TRY(invite_guests(c, &used, &n_used));
	ids = arena_array(c->arena, n_used + 1, sizeof(*ids));
	for (size_t i = 0; i < n_used; i++)
		ids[i] = used[i].identity_id;
	TRY(q_identity_by_ids(c, (i64s){ ids, n_used }, &people, &n_people));
	guests = arena_array(c->arena, n_used + 1, sizeof(*guests));
	for (size_t k = 0; k < n; k++) {
		invites[k].guests = &guests[at];
		for (size_t i = 0; i < n_used; i++) {
			const struct identity_row *who =
				identity_of(people, n_people, used[i].identity_id);

			if (used[i].invite_id != invites[k].id || !who)
				continue;
			guests[at++] = (struct guest_view){ view_person(c, who), used[i].created };
			invites[k].n_guests++;
		}
	}
	return 0;
}

static int respond(struct ctx *c, const struct request *q, struct staff_invites_page *page,
		   struct response *r)
{
	struct staff_invite_view *views;
	const struct invite_row *rows;

	TRY(invite_list(c, &rows, &page->n_invites));
	views = arena_array(c->arena, page->n_invites + 1, sizeof(*views));
	for (size_t i = 0; i < page->n_invites; i++)
		views[i] = (struct staff_invite_view){
			.id = rows[i].id,
			.note = rows[i].note,
			.url = invite_url(c, &rows[i]),
			.unlimited = rows[i].unlimited,
			.uses_left = rows[i].uses_left,
			.expires = rows[i].expires,
			.created = rows[i].created,
			.over = (rows[i].expires && rows[i].expires < c->now) ||
				(!rows[i].unlimited && rows[i].uses_left <= 0),
		};
	page->invites = views;
	TRY(fill_guests(c, views, page->n_invites));
	TRY(staff_frame(c, q, SECTION_INVITES, r, &page->staff));
	return RESPOND(c, tpl_staff_invites, page, r);
}

int staff_invites(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_invites_page page = { .uses = STR("1"), .days = STR("7") };

	return respond(c, q, &page, r);
}

/* Empty: without limit. */
static int read_number(struct ctx *c, str typed, int64_t most, int64_t *ret)
{
	*ret = 0;
	if (typed.n && (!str_to_i64(typed, ret) || *ret < 1 || *ret > most))
		return fail(c, E_INVALID, "this is a number from 1 to %lld", (long long)most);
	return 0;
}

static int add(struct ctx *c, const struct staff_invites_page *page)
{
	struct invite_draft draft = { .note = page->note };
	const struct invite_row *made;
	int64_t days;

	TRY(fail_at(c, "uses", read_number(c, page->uses, INVITE_USES_LIMIT, &draft.uses)));
	TRY(fail_at(c, "days", read_number(c, page->days, DAYS_LIMIT, &days)));
	draft.expires = days ? c->now + days * USEC_DAY : 0;
	return invite_create(c, &draft, &made);
}

int staff_invites_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_invites_page page = {
		.note = form_line(c, q, "note"),
		.uses = form_line(c, q, "uses"),
		.days = form_line(c, q, "days"),
	};
	int64_t withdrawn = form_id(q, "withdraw");
	int err;

	if (withdrawn) {
		TRY(invite_withdraw(c, withdrawn));
		return staff_done(c, STR("/staff/invites/"), "removed", r);
	}
	err = add(c, &page);
	if (err == E_INVALID) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, STR("/staff/invites/"), "added", r);
}
