/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* People as staff looks for them, and those who wait to be let in. */
#include "base/table.h"
#include "model/identity.h"
#include "model/moderation.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/views.h"
#include "templates.h"

#define PEOPLE 40 /* on a page */

static const struct staff_person_row_view *view(struct ctx *c, const struct admin_account *accounts,
						size_t n)
{
	struct staff_person_row_view *rows = arena_array(c->arena, n + 1, sizeof(*rows));

	for (size_t i = 0; i < n; i++)
		rows[i] = (struct staff_person_row_view){
			.person = view_person(c, accounts[i].identity),
			.facts = accounts[i].facts,
		};
	return rows;
}

/* "@ann@example.org", "ann", or the beginning of either. */
static void choose_name(struct ctx *c, str typed, struct admin_account_choice *ret)
{
	str name = str_lower(c->arena, typed), user;

	if (str_starts(name, STR("@")))
		name = str_from(name, 1);
	if (str_find(name, STR("@"), 0) != SIZE_MAX && str_cut(&name, '@', &user)) {
		ret->username = user;
		ret->host = name;
		return;
	}
	ret->username = name;
}

static struct admin_account_choice choice_of(struct ctx *c, const struct staff_people_page *page)
{
	struct admin_account_choice choice = {
		.ours = str_eq(page->origin, STR("local")),
		.others = str_eq(page->origin, STR("remote")),
		.staff = str_eq(page->status, STR("staff")),
		.status = str_eq(page->status, STR("staff")) ? STR("") : page->status,
		.username = STR(""),
		.name = STR(""),
		.host = STR(""),
		.email = str_lower(c->arena, page->email),
		.address = page->address,
	};

	choose_name(c, page->name, &choice);
	return choice;
}

int staff_people(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_people_page page = {
		.name = staff_query(q, "name"),
		.email = staff_query(q, "email"),
		.address = staff_query(q, "address"),
		.origin = str_is_null(request_query(q, "origin")) ? STR("local")
								  : staff_query(q, "origin"),
		.status = staff_query(q, "status"),
	};
	struct page p = view_page(q);
	const struct admin_account_choice choice = choice_of(c, &page);
	struct admin_account *accounts;

	p.limit = PEOPLE;
	TRY(admin_account_list(c, &choice, &p, &accounts, &page.n_people));
	TRY(staff_sees(c, CAPABILITY_ADDRESSES, &page.sees_addresses));
	TRY(staff_frame(c, q, SECTION_PEOPLE, r, &page.staff));
	page.people = view(c, accounts, page.n_people);
	page.pager = staff_pager(c, q, &p, page.n_people == PEOPLE,
				 page.n_people ? accounts[page.n_people - 1].identity->id : 0);
	return RESPOND(c, tpl_staff_people, &page, r);
}

static int respond_sign_ups(struct ctx *c, const struct request *q,
			    struct staff_sign_ups_page *page, struct response *r)
{
	const struct admin_account_choice choice = {
		.ours = true,
		.status = STR("pending"),
		.username = STR(""),
		.name = STR(""),
		.host = STR(""),
		.email = STR(""),
		.address = STR(""),
	};
	struct page p = view_page(q);
	struct admin_account *accounts;

	p.limit = PEOPLE;
	TRY(admin_account_list(c, &choice, &p, &accounts, &page->n_people));
	TRY(staff_sees(c, CAPABILITY_ADDRESSES, &page->sees_addresses));
	TRY(staff_frame(c, q, SECTION_SIGN_UPS, r, &page->staff));
	page->people = view(c, accounts, page->n_people);
	page->pager = staff_pager(c, q, &p, page->n_people == PEOPLE,
				  page->n_people ? accounts[page->n_people - 1].identity->id : 0);
	return RESPOND(c, tpl_staff_sign_ups, page, r);
}

int staff_sign_ups(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_sign_ups_page page = { .n_people = 0 };

	return respond_sign_ups(c, q, &page, r);
}

/* Those that were decided about meanwhile are passed over, unless it is the only one. */
int staff_sign_ups_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_sign_ups_page page = { .error =
						    wrong_at(NULL, STR("Choose somebody first.")) };
	i64s ids = staff_form_ids(c, q, "id");
	str what = form_line(c, q, "do");
	bool accepts = str_eq(what, STR("approve"));

	if (ids.n == 0 || (!accepts && !str_eq(what, STR("refuse")))) {
		r->status = form_status(E_UNPROCESSABLE);
		return respond_sign_ups(c, q, &page, r);
	}
	for (size_t i = 0; i < ids.n; i++) {
		int err = accepts ? moderation_approve(c, ids.p[i])
				  : moderation_reject(c, ids.p[i]);

		if (err < 0 || (err && ids.n == 1))
			return err;
	}
	return staff_done(c, STR("/staff/sign-ups/"), "done", r);
}
