/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Uploads: https://docs.joinmastodon.org/methods/media/ */
#include "media/format.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_media.h"

static int respond(struct ctx *c, const struct attachment_row *row, int status, struct response *r)
{
	struct status_media m = media_of_row(c, row);
	struct json_out w;

	api_open(c, &w);
	render_media(c, &w, NULL, &m);
	r->status = status;
	return api_send(&w, r);
}

static int read_focus(struct ctx *c, const struct params *p, struct media_draft *d, bool *ret_has)
{
	str focus = param(p, "focus");

	*ret_has = focus.n > 0;
	if (focus.n && !media_focus_parse(focus, &d->focus_x, &d->focus_y))
		return api_unprocessable(c,
					 "focus is two numbers from -1 to 1, with a comma between");
	return 0;
}

static int read_draft(struct ctx *c, struct request *q, struct media_draft *d, bool *ret_has_focus)
{
	const struct request_file *file = request_file(q, "file");
	const struct request_file *thumbnail = request_file(q, "thumbnail");
	struct params *p;

	TRY(params_read(c, q, &p));
	if (file)
		d->bytes = file->data;
	if (thumbnail)
		d->thumbnail = thumbnail->data;
	d->description = param(p, "description");
	return read_focus(c, p, d, ret_has_focus);
}

static int create(struct ctx *c, struct request *q, struct response *r,
		  int (*upload)(struct ctx *c, const struct media_draft *d,
				const struct attachment_row **ret))
{
	const struct attachment_row *row;
	struct media_draft d = { 0 };
	bool has_focus;

	TRY(read_draft(c, q, &d, &has_focus));
	if (d.bytes.n == 0)
		return api_unprocessable(c, "Validation failed: File can't be blank");
	TRY(upload(c, &d, &row));
	return respond(c, row, row->file.n ? 200 : 202, r);
}

/* Pictures are ready when they are answered, as clients know it: they attach them at once. Films and sounds follow. */
static int upload_later(struct ctx *c, const struct media_draft *d,
			const struct attachment_row **ret)
{
	enum format_id format = format_sniff(d->bytes);
	bool is_quick = format != FORMAT_NONE && format_of(format)->class == FORMAT_PICTURE;

	return is_quick ? media_upload_now(c, d, ret) : media_upload(c, d, ret);
}

int api_media_create(struct ctx *c, struct request *q, struct response *r)
{
	return create(c, q, r, upload_later);
}

int api_media_create_now(struct ctx *c, struct request *q, struct response *r)
{
	return create(c, q, r, media_upload_now);
}

/* 206 while it is worked on: clients ask again until it is 200. */
int api_media_show(struct ctx *c, struct request *q, struct response *r)
{
	const struct attachment_row *row;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(media_upload_get(c, id, &row));
	if (row->failure.n)
		return api_unprocessable(c, "%.*s", STR_ARG(row->failure));
	return respond(c, row, row->file.n ? 200 : 206, r);
}

int api_media_edit(struct ctx *c, struct request *q, struct response *r)
{
	const struct attachment_row *row;
	struct media_draft d = { 0 };
	bool has_focus;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(read_draft(c, q, &d, &has_focus));
	TRY(media_upload_edit(c, id, &d, has_focus, &row));
	return respond(c, row, 200, r);
}

int api_media_delete(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(media_upload_delete(c, id));
	return api_send_empty(r);
}
