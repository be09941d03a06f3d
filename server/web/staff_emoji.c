/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The community's own emoji: added, worded, switched off, and copied from other servers. */
#include "model/emoji.h"

#include "model/media.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_admin_page.h"
#include "server/web/view.h"
#include "templates.h"

static struct emoji_view view(struct ctx *c, const struct emoji_row *row)
{
	return (struct emoji_view){
		.shortcode = row->shortcode,
		.category = row->category,
		.licence = row->licence,
		.url = emoji_url(c, row),
		.hidden = !row->visible,
		.disabled = row->disabled,
	};
}

static str path_of(struct ctx *c, str shortcode)
{
	return str_fmt(c->arena, "/staff/emoji/of/%.*s/", STR_ARG(url_part(c->arena, shortcode)));
}

static struct emoji_view read_form(struct ctx *c, const struct request *q)
{
	return (struct emoji_view){
		.shortcode = form_line(c, q, "shortcode"),
		.category = form_line(c, q, "category"),
		.licence = form_line(c, q, "licence"),
		.hidden = form_ticked(q, "hidden"),
		.disabled = form_ticked(q, "disabled"),
	};
}

static struct emoji_draft draft_of(const struct emoji_view *v)
{
	return (struct emoji_draft){
		.shortcode = v->shortcode,
		.category = v->category,
		.licence = v->licence,
		.hidden = v->hidden,
		.disabled = v->disabled,
	};
}

static int respond(struct ctx *c, const struct request *q, struct staff_emoji_page *page,
		   struct response *r)
{
	const struct emoji_row *rows;
	struct emoji_view *emoji;

	TRY(emoji_list(c, true, &rows, &page->n_emoji));
	emoji = arena_array(c->arena, page->n_emoji + 1, sizeof(*emoji));
	for (size_t i = 0; i < page->n_emoji; i++)
		emoji[i] = view(c, &rows[i]);
	page->emoji = emoji;
	TRY(staff_frame(c, q, SECTION_EMOJI, r, &page->staff));
	return RESPOND(c, tpl_staff_emoji, page, r);
}

int staff_emoji(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_emoji_page page = { 0 };

	return respond(c, q, &page, r);
}

/* What a form is shown again for. */
static bool is_for_people(int err)
{
	return err == E_INVALID || err == E_UNPROCESSABLE || err == E_CONFLICT ||
	       err == E_TOO_LARGE || err == E_OVER_QUOTA || err == E_REMOTE || err == E_REFUSED ||
	       err == E_LATER;
}

static int add(struct ctx *c, const struct request *q, const struct emoji_view *typed)
{
	const struct request_file *file = request_file(q, "picture");
	struct emoji_draft draft = draft_of(typed);
	const struct emoji_row *row;
	int err = emoji_get(c, typed->shortcode, &row);

	if (err != E_NOT_FOUND)
		return err ? err
			   : fail_at(c, "shortcode",
				     fail(c, E_CONFLICT, "there is an emoji of this name already"));
	if (!file || !file->data.n)
		return fail_at(c, "picture", fail(c, E_INVALID, "choose a picture"));
	draft.bytes = file->data;
	return emoji_add(c, &draft, &row);
}

int staff_emoji_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_emoji_page page = { .typed = read_form(c, q) };
	int err = add(c, q, &page.typed);

	if (is_for_people(err)) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, STR("/staff/emoji/"), "added", r);
}

static int respond_one(struct ctx *c, const struct request *q, struct staff_emoji_one_page *page,
		       struct response *r)
{
	TRY(staff_frame(c, q, SECTION_EMOJI, r, &page->staff));
	page->staff.frame.title = str_fmt(c->arena, ":%.*s:", STR_ARG(page->shortcode));
	return RESPOND(c, tpl_staff_emoji_one, page, r);
}

int staff_emoji_one(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_emoji_one_page page = { .shortcode = q->args[0] };
	const struct emoji_row *row;

	TRY(emoji_get(c, q->args[0], &row));
	page.typed = view(c, row);
	return respond_one(c, q, &page, r);
}

int staff_emoji_one_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_emoji_one_page page = { .shortcode = q->args[0], .typed = read_form(c, q) };
	struct emoji_draft draft = draft_of(&page.typed);
	const struct emoji_row *row;
	int err;

	if (form_ticked(q, "delete")) {
		TRY(emoji_remove(c, page.shortcode));
		return staff_done(c, STR("/staff/emoji/"), "removed", r);
	}
	TRY(emoji_get(c, page.shortcode, &row));
	err = emoji_change(c, page.shortcode, &draft);
	if (is_for_people(err)) {
		page.typed.url = emoji_url(c, row);
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond_one(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, path_of(c, page.typed.shortcode), "saved", r);
}

static int search(struct ctx *c, struct staff_emoji_copy_page *page)
{
	const struct remote_emoji_row *rows;
	struct remote_emoji_view *emoji;

	if (!str_is_utf8(page->shortcode) || !str_is_utf8(page->host))
		page->shortcode = page->host = STR("");
	TRY(emoji_search_remote(c, page->shortcode, str_lower(c->arena, page->host), &rows,
				&page->n_emoji));
	emoji = arena_array(c->arena, page->n_emoji + 1, sizeof(*emoji));
	for (size_t i = 0; i < page->n_emoji; i++)
		emoji[i] = (struct remote_emoji_view){ rows[i].id, rows[i].shortcode, rows[i].host,
						       media_proxy_preview_url(c, rows[i].url) };
	page->emoji = emoji;
	page->asked = true;
	return 0;
}

static int respond_copy(struct ctx *c, const struct request *q, struct staff_emoji_copy_page *page,
			struct response *r)
{
	TRY(search(c, page));
	TRY(staff_frame(c, q, SECTION_EMOJI, r, &page->staff));
	return RESPOND(c, tpl_staff_emoji_copy, page, r);
}

int staff_emoji_copy(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_emoji_copy_page page = {
		.shortcode = staff_query(q, "shortcode"),
		.host = staff_query(q, "host"),
	};

	return respond_copy(c, q, &page, r);
}

int staff_emoji_copy_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_emoji_copy_page page = {
		.shortcode = form_line(c, q, "search_shortcode"),
		.host = form_line(c, q, "search_host"),
		.chosen = form_id(q, "emoji"),
		.typed = read_form(c, q),
	};
	struct emoji_draft draft = draft_of(&page.typed);
	int err = page.chosen ? emoji_copy(c, page.chosen, &draft)
			      : fail_at(c, "emoji", fail(c, E_INVALID, "choose one of them"));

	if (is_for_people(err)) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond_copy(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, path_of(c, page.typed.shortcode), "added", r);
}
