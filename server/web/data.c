/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What one has gathered: taken away as files, and brought as files. */
#include "server/web/data.h"

#include "base/id.h"
#include "model/archive.h"
#include "model/export.h"
#include "model/import.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/text.h"
#include "templates.h"

#define KINDS 16
#define FAILURES_SHOWN 20

static int load_archive(struct ctx *c, struct data_page *page)
{
	int result = archive_latest(c, &page->archive);

	if (result == E_NOT_FOUND)
		page->archive = NULL;
	if (!result && page->archive->failure.n)
		page->archive_failure = sentence(c, page->archive->failure);
	return result == E_NOT_FOUND ? 0 : result;
}

int data_respond(struct ctx *c, const struct request *q, struct data_page *page, struct response *r)
{
	str *kinds = arena_array(c->arena, KINDS, sizeof(*kinds));
	int64_t counts[EXPORT_KINDS];

	TRY(export_count(c, counts));
	for (size_t i = 0; i < EXPORT_KINDS; i++)
		page->exports[i] = (struct export_view){ str_c(export_kinds[i].name), counts[i] };
	while (import_kinds[page->n_kinds]) {
		kinds[page->n_kinds] = str_c(import_kinds[page->n_kinds]);
		page->n_kinds++;
	}
	page->kinds = kinds;
	TRY(load_archive(c, page));
	TRY(import_list(c, &page->imports, &page->n_imports));
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page->frame));
	page->frame.title = text_in(c, TEXT_DATA);
	return RESPOND(c, tpl_data, page, r);
}

int web_data(struct ctx *c, struct request *q, struct response *r)
{
	struct data_page page = { .kind = STR("") };

	return data_respond(c, q, &page, r);
}

int data_check_whose(struct ctx *c, const struct request *q)
{
	int64_t shown = form_id(q, "whose");

	return !shown || shown == c->identity_id
		       ? 0
		       : fail(c, E_CONFLICT,
			      "you act as another identity by now: look to whom it goes");
}

static int begin(struct ctx *c, const struct request *q, const struct data_page *page,
		 int64_t *ret_id)
{
	const struct request_file *file = request_file(q, "file");

	TRY(data_check_whose(c, q));
	return import_start(c, page->kind, page->overwrite, file ? file->data : STR(""), ret_id);
}

static str import_path(struct ctx *c, int64_t id)
{
	return str_fmt(c->arena, "/settings/import/%lld/", (long long)id);
}

int web_data_send(struct ctx *c, struct request *q, struct response *r)
{
	struct data_page page = {
		.kind = form_line(c, q, "kind"),
		.overwrite = str_eq(form_line(c, q, "mode"), STR("overwrite")),
	};
	int64_t id;
	int err = begin(c, q, &page, &id);

	if (err < 0)
		return err;
	if (err == 0)
		return go_to(import_path(c, id), r);
	page.error = form_error(c, err);
	r->status = form_status(err);
	return data_respond(c, q, &page, r);
}

/* The last segment names the kind, and what it is: "following.csv". */
int web_export(struct ctx *c, struct request *q, struct response *r)
{
	const struct export_kind *kind;
	str name = q->args[0];

	if (!str_ends(name, STR(".csv")))
		return fail(c, E_NOT_FOUND, "there is no such file");
	TRY(export_write(c, str_slice(name, 0, name.n - 4), &kind, &r->body));
	r->type = STR("text/csv; charset=utf-8");
	r->disposition = str_fmt(c->arena, "attachment; filename=\"%s\"", kind->file);
	return 0;
}

static int import_of_path(struct ctx *c, const struct request *q, const struct import_row **ret)
{
	int64_t id;
	int result = id_parse(q->args[0], &id) ? import_get(c, id, ret) : E_NOT_FOUND;

	return result == E_NOT_FOUND ? fail(c, result, "you brought no such file") : result;
}

/* Of a post in an archive, its address. */
static str first_cell(str line)
{
	return str_slice(line, 0, str_find_char(line, ',', 0));
}

static int load_failures(struct ctx *c, struct import_page *page)
{
	const struct import_line_row *rows;
	bool is_archive = str_eq(page->import->kind, STR("archive"));
	struct failure_view *views;

	TRY(q_import_failures(c, page->import->id, FAILURES_SHOWN, &rows, &page->n_failures));
	views = arena_array(c->arena, page->n_failures + 1, sizeof(*views));
	for (size_t i = 0; i < page->n_failures; i++)
		views[i] = (struct failure_view){
			.line = str_clip(is_archive ? first_cell(rows[i].line) : rows[i].line, 300),
			.reason = rows[i].error.n ? sentence(c, rows[i].error) : STR(""),
		};
	page->failures = views;
	return 0;
}

int web_import(struct ctx *c, struct request *q, struct response *r)
{
	struct import_page page = { 0 };

	TRY(import_of_path(c, q, &page.import));
	page.total = page.import->waiting + page.import->done + page.import->failed;
	page.failure = page.import->failure.n ? sentence(c, page.import->failure) : STR("");
	page.is_preparing = str_eq(page.import->state, STR("preparing")) && !page.total;
	page.is_running = page.import->waiting > 0 || page.is_preparing;
	TRY(load_failures(c, &page));
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page.frame));
	page.frame.title = text_in(c, TEXT_SAY_TITLE_IMPORT);
	return RESPOND(c, tpl_import, &page, r);
}

int web_import_cancel(struct ctx *c, struct request *q, struct response *r)
{
	const struct import_row *row;

	TRY(import_of_path(c, q, &row));
	TRY(import_cancel(c, row->id));
	return go_to(import_path(c, row->id), r);
}

int web_import_failures(struct ctx *c, struct request *q, struct response *r)
{
	const struct import_row *row;

	TRY(import_of_path(c, q, &row));
	TRY(import_write_failures(c, row->id, &r->body));
	r->type = STR("text/csv; charset=utf-8");
	r->disposition =
		str_fmt(c->arena, "attachment; filename=\"%.*s_failures.csv\"", STR_ARG(row->kind));
	return 0;
}
