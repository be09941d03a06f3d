/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Lists of servers: written as a file, and read from one in two steps. The first shows what each line would do and whom it would
 * cost which follows; the second does the lines that were not left out. Nothing is kept between them but what the page holds.
 */
#include "base/id.h"
#include "base/out.h"
#include "model/limit_list.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_admin_page.h"
#include "server/web/text.h"
#include "templates.h"

#define PART (32 * 1024) /* bytes of a list that one field of the page holds */
#define PARTS (LIMIT_LIST_BYTES / PART + 1)

int staff_servers_file(struct ctx *c, unused struct request *q, struct response *r)
{
	TRY(limit_list_write(c, &r->body));
	r->type = STR("text/csv; charset=utf-8");
	r->disposition = STR("attachment; filename=\"domain_blocks.csv\"");
	return 0;
}

static int respond(struct ctx *c, const struct request *q, struct staff_server_list_page *page,
		   struct response *r)
{
	TRY(staff_frame(c, q, SECTION_SERVERS, r, &page->staff));
	page->staff.frame.title = text_in(c, TEXT_SERVERS_IMPORT);
	return RESPOND(c, tpl_staff_server_list, page, r);
}

int staff_servers_import(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_server_list_page page = { 0 };

	return respond(c, q, &page, r);
}

/* The file that was sent, or what the page held of it. */
static str text_of(struct ctx *c, const struct request *q)
{
	const struct request_file *file = request_file(q, "file");
	str name, value;
	struct out o;

	if (file && file->data.n)
		return file->data;
	out_init(&o, c->arena, 2 * LIMIT_LIST_BYTES);
	for (size_t i = 0; request_form_at(q, i, &name, &value); i++)
		if (str_eq(name, STR("part")))
			out_str(&o, value);
	return o.n ? out_view(&o) : STR("");
}

/* Without ends of lines at the cuts: a browser may write them in another way. */
static void cut(struct ctx *c, str text, struct staff_server_list_page *page)
{
	str *parts = arena_array(c->arena, PARTS + 1, sizeof(*parts));

	while (text.n && page->n_parts < PARTS) {
		str part = str_clip(text, PART);

		while (part.n < text.n && part.n > 1 &&
		       (text.p[part.n] == '\n' || part.p[part.n - 1] == '\r' ||
			part.p[part.n - 1] == '\n'))
			part.n--;
		parts[page->n_parts++] = part;
		text = str_from(text, part.n);
	}
	page->parts = parts;
}

static bool is_left_out(const struct request *q, size_t number)
{
	str name, value;
	int64_t n;

	for (size_t i = 0; request_form_at(q, i, &name, &value); i++)
		if (str_eq(name, STR("skip")) && id_parse(value, &n) && (size_t)n == number)
			return true;
	return false;
}

static void count_line(struct staff_server_list_page *page, const struct limit_line *line)
{
	int64_t *const counts[] = {
		[LIMIT_EFFECT_WRONG] = &page->n_wrong,	   [LIMIT_EFFECT_NEW] = &page->n_new,
		[LIMIT_EFFECT_CHANGES] = &page->n_changed, [LIMIT_EFFECT_SAME] = &page->n_same,
		[LIMIT_EFFECT_REMOVES] = &page->n_removed,
	};

	++*counts[line->effect];
}

static int fill_severs(struct ctx *c, const struct limit_line *lines, size_t n,
		       struct staff_server_list_page *page)
{
	TRY(limit_list_severs(c, lines, n, &page->severs, &page->n_severs));
	for (size_t i = 0; i < page->n_severs; i++) {
		page->followers += page->severs[i].followers;
		page->following += page->severs[i].following;
	}
	return 0;
}

/* What cannot be done is said beside its line, and the others go on. */
static int do_line(struct ctx *c, const struct limit_line *line,
		   struct staff_server_list_page *page, struct limit_line_view *view)
{
	int err;

	if (view->skipped || line->effect == LIMIT_EFFECT_WRONG ||
	    line->effect == LIMIT_EFFECT_SAME)
		return 0;
	err = limit_line_apply(c, line);
	if (err < 0)
		return err;
	if (err)
		view->error = sentence(c, ctx_words(c, err));
	else
		page->n_done++;
	return 0;
}

static int fill_lines(struct ctx *c, const struct request *q, const struct limit_line *lines,
		      size_t n, struct staff_server_list_page *page)
{
	struct limit_line_view *views = arena_array(c->arena, n + 1, sizeof(*views));

	for (size_t i = 0; i < n; i++) {
		views[i] = (struct limit_line_view){
			.line = &lines[i],
			.skipped = is_left_out(q, lines[i].number),
			.error = lines[i].error,
		};
		count_line(page, &lines[i]);
		if (page->done)
			TRY(do_line(c, &lines[i], page, &views[i]));
	}
	page->lines = views;
	page->n_lines = n;
	page->is_read = true;
	return page->done ? 0 : fill_severs(c, lines, n, page);
}

int staff_servers_import_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_server_list_page page = {
		.retract = form_ticked(q, "retract"),
		.done = form_ticked(q, "apply"),
	};
	str text = text_of(c, q);
	struct limit_line *lines;
	size_t n;
	int err = limit_list_read(c, text, page.retract, &lines, &n);

	if (err == E_INVALID) {
		page.done = false;
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond(c, q, &page, r);
	}
	TRY(err);
	TRY(fill_lines(c, q, lines, n, &page));
	if (!page.done)
		cut(c, text, &page);
	return respond(c, q, &page, r);
}
