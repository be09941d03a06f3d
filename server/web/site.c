/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The community's own page, and the page of every error. */
#include "model/domain.h"
#include "model/instance.h"
#include "model/timeline.h"
#include "server/web/console.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/site_page.h"
#include "server/web/views.h"
#include "server/web/web.h"
#include "sql/gen/page.h"
#include "templates.h"

#define LATEST 5 /* posts on the page about the community */

static int fill_staff(struct ctx *c, struct about_page *page)
{
	const struct staff_identity_row *rows;
	struct person_row_view *staff;
	int64_t *ids;
	size_t n;

	TRY(q_page_staff(c, c->domain_id, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].identity_id;
	TRY(view_people_by_ids(c, (i64s){ ids, n }, &staff, &page->n_staff));
	page->staff = staff;
	return 0;
}

static int fill_words(struct ctx *c, struct about_page *page)
{
	struct instance i;

	TRY(instance_load(c, &i));
	page->contact = i.settings[INSTANCE_CONTACT_EMAIL].value;
	if (c->domain->sign_up == SIGN_UP_CLOSED)
		page->closed = i.settings[INSTANCE_CLOSED_MESSAGE].value;
	return instance_markup(c, i.settings[INSTANCE_DESCRIPTION].value, &page->words);
}

int web_about(struct ctx *c, struct request *q, struct response *r)
{
	const struct page newest = { .limit = LATEST };
	const struct timeline_choice own = { .local = true };
	struct instance_counts_row counts;
	struct about_page page = { 0 };
	struct timeline found;

	TRY(instance_counts(c, &counts));
	TRY(fill_words(c, &page));
	TRY(view_rules(c, &page.rules, &page.n_rules));
	TRY(fill_staff(c, &page));
	TRY(timeline_public(c, own, &newest, c->identity_id, &found));
	TRY(frame_load(c, q, MENU_ABOUT, r, &page.frame));
	page.frame.canonical = str_cat(c->arena, c->domain->origin, STR("/about/"));
	page.frame.description = c->domain->description;
	page.n_people = counts.users;
	page.n_posts_total = counts.posts;
	page.posts = view_posts(c, found.statuses, found.n);
	page.n_posts = found.n;
	return RESPOND(c, tpl_about, &page, r);
}

int web_front(struct ctx *c, struct request *q, struct response *r)
{
	struct page p = view_page(q);
	const struct timeline_choice own = { .local = true };
	struct instance_counts_row counts;
	struct front_page page = { 0 };
	struct timeline found;
	struct instance i;

	TRY(instance_load(c, &i));
	if (str_eq(i.settings[INSTANCE_FRONT].value, STR("about")))
		return web_about(c, q, r);
	TRY(instance_counts(c, &counts));
	TRY(timeline_public(c, own, &p, 0, &found));
	TRY(frame_load(c, q, MENU_HOME, r, &page.frame));
	page.frame.canonical = str_cat(c->arena, c->domain->origin, STR("/"));
	page.frame.description = c->domain->description;
	if (c->domain->sign_up == SIGN_UP_CLOSED)
		page.closed = i.settings[INSTANCE_CLOSED_MESSAGE].value;
	page.n_people = counts.users;
	page.n_posts_total = counts.posts;
	page.posts = view_posts_in(c, "public", found.statuses, found.n, &page.n_posts);
	page.pager = view_pager(c, q, &p, found.is_full, found.oldest);
	return RESPOND(c, tpl_front, &page, r);
}

/* When something is broken, nothing is asked of the database once more. */
static void load_frame(struct ctx *c, const struct request *q, struct response *r,
		       struct frame *ret)
{
	if (r->status >= 500 || frame_load(c, q, MENU_NONE, r, ret))
		frame_bare(c, q, ret);
}

int web_error_page(struct ctx *c, const struct request *q, str message, struct response *r)
{
	struct error_page page = {
		.status = r->status,
		.message = sentence(c, message),
		.trace = str_dup(c->arena, str_c(c->trace)),
	};

	if (r->status == 503 && domain_maintenance(c->domains)->on) {
		const struct maintenance *m = domain_maintenance(c->domains);

		page.rests = true;
		page.until = m->until;
		page.message = m->message;
		page.trace = STR("");
	}
	if (c->domain->id == 0)
		return console_error(c, q, message, r);
	load_frame(c, q, r, &page.frame);
	page.frame.title = str_fmt(c->arena, "%d", r->status);
	page.frame.hidden = true;
	page.frame.rests = page.rests;
	if (q->method != METHOD_GET)
		page.frame.path = STR("/");
	return RESPOND(c, tpl_error, &page, r);
}
