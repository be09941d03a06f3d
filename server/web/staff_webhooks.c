/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Webhooks: programs elsewhere that are told what happens, and what they answered. */
#include "model/webhook.h"

#include <assert.h>

#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_admin_page.h"
#include "templates.h"

static bool has(strs events, const char *event)
{
	for (size_t i = 0; i < events.n; i++)
		if (str_eq_c(events.p[i], event))
			return true;
	return false;
}

static void pick(struct staff_webhook_view *v, strs events)
{
	for (size_t i = 0; webhook_events[i]; i++) {
		assert(i < WEBHOOK_EVENTS);
		v->events[i] =
			(struct pick_view){ webhook_events[i], has(events, webhook_events[i]) };
	}
}

static struct staff_webhook_view view(const struct webhook_row *row)
{
	struct staff_webhook_view v = {
		.id = row->id,
		.url = row->url,
		.template = row->template,
		.enabled = row->enabled,
	};

	pick(&v, row->events);
	return v;
}

/* The same events again and again are once. */
static strs events_of(struct ctx *c, const struct request *q)
{
	str *events = arena_array(c->arena, WEBHOOK_EVENTS + 1, sizeof(*events)), name, value;
	size_t n = 0;

	for (size_t i = 0; request_form_at(q, i, &name, &value) && n <= WEBHOOK_EVENTS; i++)
		if (str_eq(name, STR("event")))
			events[n++] = value;
	return (strs){ events, n };
}

static struct webhook_draft read_form(struct ctx *c, const struct request *q,
				      struct staff_webhook_view *ret_typed)
{
	struct webhook_draft d = {
		.url = form_line(c, q, "url"),
		.events = events_of(c, q),
		.template = str_trim(form_text(c, q, "template")),
		.enabled = form_ticked(q, "enabled"),
	};

	ret_typed->url = d.url;
	ret_typed->template = d.template;
	ret_typed->enabled = d.enabled;
	pick(ret_typed, d.events);
	return d;
}

static int respond(struct ctx *c, const struct request *q, struct staff_webhooks_page *page,
		   struct response *r)
{
	struct staff_webhook_view *hooks;
	const struct webhook_row *rows;

	TRY(webhook_list(c, &rows, &page->n_hooks));
	hooks = arena_array(c->arena, page->n_hooks + 1, sizeof(*hooks));
	for (size_t i = 0; i < page->n_hooks; i++)
		hooks[i] = view(&rows[i]);
	page->hooks = hooks;
	TRY(staff_frame(c, q, SECTION_WEBHOOKS, r, &page->staff));
	return RESPOND(c, tpl_staff_webhooks, page, r);
}

int staff_webhooks(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_webhooks_page page = { .typed = { .enabled = true } };

	pick(&page.typed, (strs){ NULL, 0 });
	return respond(c, q, &page, r);
}

static int respond_one(struct ctx *c, const struct request *q, struct staff_webhook_page *page,
		       struct response *r)
{
	TRY(webhook_calls(c, page->typed.id, &page->calls, &page->n_calls));
	TRY(staff_frame(c, q, SECTION_WEBHOOKS, r, &page->staff));
	return RESPOND(c, tpl_staff_webhook, page, r);
}

/* The secret is in this answer and nowhere else, so nothing leads on from it. */
static int show_secret(struct ctx *c, const struct request *q, int64_t id, str secret,
		       struct response *r)
{
	struct staff_webhook_page page = { .secret = secret };
	const struct webhook_row *row;

	TRY(webhook_get(c, id, &row));
	page.typed = view(row);
	return respond_one(c, q, &page, r);
}

static bool is_for_people(int err)
{
	return err == E_INVALID || err == E_LIMITED || err == E_UNPROCESSABLE;
}

int staff_webhooks_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_webhooks_page page = { 0 };
	struct webhook_draft draft = read_form(c, q, &page.typed);
	int64_t id;
	str secret;
	int err = webhook_add(c, &draft, &id, &secret);

	if (is_for_people(err)) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond(c, q, &page, r);
	}
	TRY(err);
	r->made = STR("/staff/webhooks/");
	return show_secret(c, q, id, secret, r);
}

int staff_webhook(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_webhook_page page = { 0 };
	const struct webhook_row *row;
	int64_t id;

	TRY(staff_path_id(c, q, 0, &id));
	TRY(webhook_get(c, id, &row));
	page.typed = view(row);
	return respond_one(c, q, &page, r);
}

static int done(struct ctx *c, int64_t id, const char *word, struct response *r)
{
	return staff_done(c, str_fmt(c->arena, "/staff/webhooks/%lld/", (long long)id), word, r);
}

static int rotate(struct ctx *c, const struct request *q, int64_t id, struct response *r)
{
	str secret;

	TRY(webhook_rotate(c, id, &secret));
	return show_secret(c, q, id, secret, r);
}

static int save(struct ctx *c, const struct request *q, const struct webhook_row *row,
		struct response *r)
{
	struct staff_webhook_page page = { .typed = view(row) };
	bool is_test = str_eq(form_line(c, q, "do"), STR("test"));
	struct webhook_draft draft;
	int err;

	if (is_test) {
		err = webhook_test(c, row->id);
	} else {
		draft = read_form(c, q, &page.typed);
		err = webhook_change(c, row->id, &draft);
	}
	if (is_for_people(err)) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond_one(c, q, &page, r);
	}
	TRY(err);
	return done(c, row->id, is_test ? "sent" : "saved", r);
}

int staff_webhook_send(struct ctx *c, struct request *q, struct response *r)
{
	str what = form_line(c, q, "do");
	const struct webhook_row *row;
	int64_t id;

	TRY(staff_path_id(c, q, 0, &id));
	TRY(webhook_get(c, id, &row));
	if (str_eq(what, STR("rotate")))
		return rotate(c, q, id, r);
	if (str_eq(what, STR("delete"))) {
		TRY(webhook_remove(c, id));
		return staff_done(c, STR("/staff/webhooks/"), "removed", r);
	}
	return save(c, q, row, r);
}
