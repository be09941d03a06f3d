/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Archives: everything as one file, for its owner alone, and posts that come in one. Invariant: no cache keeps a file of
 * the first kind, and its address is of no use to anybody else.
 */
#include "model/archive.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"
#include "model/import.h"
#include "server/web/data.h"
#include "server/web/form.h"
#include "server/web/handlers.h"

int web_archive_ask(struct ctx *c, struct request *q, struct response *r)
{
	struct data_page page = { .kind = STR("") };
	int err = archive_ask(c);

	if (err < 0)
		return err;
	if (err == 0)
		return go_to(STR("/settings/data/"), r);
	page.archive_error = form_error(c, err);
	r->status = form_status(err);
	return data_respond(c, q, &page, r);
}

int web_archive(struct ctx *c, struct request *q, struct response *r)
{
	struct media_file f;
	struct stat st;
	int64_t id;
	str name;
	int err = id_parse(q->args[0], &id) ? archive_open(c, id, &f, &name) : E_NOT_FOUND;

	if (err == E_NOT_FOUND)
		return fail(c, err, "there is no such archive");
	TRY(err);
	if (fstat(f.fd, &st)) {
		close(f.fd);
		return fail(c, E_LATER, "the file cannot be read");
	}
	r->file = arena_new_of(c->arena, struct response_file);
	*r->file = (struct response_file){ f.fd, st.st_size };
	r->type = STR("application/zip");
	r->cache = CACHE_NONE;
	r->etag = str_fmt(c->arena, "\"%lld\"", (long long)id);
	r->disposition = str_fmt(c->arena, "attachment; filename=\"%.*s\"", STR_ARG(name));
	return 0;
}

static int bring(struct ctx *c, const struct request *q, int64_t *ret_id)
{
	const struct request_file *file = request_file(q, "archive");

	TRY(data_check_whose(c, q));
	if (!str_eq(form_line(c, q, "own"), STR("1")))
		return fail_at(c, "own",
			       fail(c, E_INVALID,
				    "say that the posts are yours: others' are not brought along"));
	return fail_at(c, "archive", import_archive_start(c, file ? file->data : STR(""), ret_id));
}

int web_archive_bring(struct ctx *c, struct request *q, struct response *r)
{
	struct data_page page = { .kind = STR("") };
	int64_t id;
	int err = bring(c, q, &id);

	if (err < 0)
		return err;
	if (err == 0)
		return go_to(str_fmt(c->arena, "/settings/import/%lld/", (long long)id), r);
	page.bring_error = form_error(c, err);
	r->status = form_status(err);
	return data_respond(c, q, &page, r);
}
