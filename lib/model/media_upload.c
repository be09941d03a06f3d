/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Uploads. Invariant: an upload is durable before its sender hears of it; its first form, which may
 * tell where a picture was taken, is never served and goes as soon as there is a clean one.
 */
#include <math.h>
#include <stdlib.h>

#include "model/media_part.h"

#define HEAD_START \
	(2 * USEC_MINUTE) /* of one who works on an upload at once, before the stator does */
#define NUMBER_LIMIT 32 /* characters of a coordinate */

const char *const media_upload_types[] = {
	"image/jpeg", "image/png",	 "image/gif",  "image/webp", "image/avif", "image/heic",
	"video/mp4",  "video/quicktime", "video/webm", "audio/mpeg", "audio/ogg",  "audio/flac",
	"audio/wav",  "audio/mp4",	 "audio/webm", NULL,
};

static bool number_parse(str text, double *ret)
{
	char z[NUMBER_LIMIT + 1] = { 0 }, *end;
	double value;

	if (text.n == 0 || text.n > NUMBER_LIMIT)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (!char_is_digit(text.p[i]) &&
		    str_find_char(STR("+-.eE"), text.p[i], 0) == SIZE_MAX)
			return false;
		z[i] = text.p[i];
	}
	value = strtod(z, &end);
	if (*end || !isfinite(value))
		return false;
	*ret = fmax(-1, fmin(1, value));
	return true;
}

bool media_focus_parse(str text, double *ret_x, double *ret_y)
{
	size_t comma = str_find_char(text, ',', 0);
	double x, y;

	if (comma == SIZE_MAX || !number_parse(str_trim(str_slice(text, 0, comma)), &x) ||
	    !number_parse(str_trim(str_from(text, comma + 1)), &y))
		return false;
	*ret_x = x;
	*ret_y = y;
	return true;
}

static int check_description(struct ctx *c, str description)
{
	if (!str_is_null(description) &&
	    (!str_is_utf8(description) || str_chars(description) > MEDIA_DESCRIPTION_LIMIT))
		return fail_at(c, "description",
			       fail(c, E_UNPROCESSABLE, "a description has at most %d characters",
				    MEDIA_DESCRIPTION_LIMIT));
	return 0;
}

static int check(struct ctx *c, const struct media_draft *d, enum format_id *ret)
{
	enum format_id id = format_sniff(d->bytes);
	size_t most;

	TRY(check_description(c, d->description));
	if (id == FORMAT_NONE)
		return fail(c, E_UNPROCESSABLE, "the file is of no kind that is taken here");
	most = format_of(id)->class == FORMAT_PICTURE ? MEDIA_IMAGE_LIMIT : MEDIA_VIDEO_LIMIT;
	if (d->bytes.n > most)
		return fail(c, E_UNPROCESSABLE, "the file is larger than %zu MiB", most >> 20);
	*ret = id;
	return media_need_room(c, d->bytes.n);
}

/* A picture that its owner chose to stand for an upload. */
static int set_thumbnail(struct ctx *c, int64_t id, str bytes)
{
	struct media_input in cleanup(media_input_done) = { .fd = -1 };
	struct worked w cleanup(worked_done) = { .fds = { -1, -1 } };
	str name;

	if (bytes.n > MEDIA_IMAGE_LIMIT)
		return fail(c, E_UNPROCESSABLE, "the picture is too large");
	TRY(media_input_of_bytes(bytes, &in));
	TRY(worker_run(c, c->media->workers, WORK_PREVIEW, in.fd, MEDIA_PIXEL_LIMIT, &w));
	TRY(media_keep(c, w.small, (enum format_id)w.report.small_format, &name));
	return q_attachment_set_thumbnail(c,
					  &(struct q_attachment_set_thumbnail_args){
						  .id = id,
						  .thumbnail = name,
						  .width = w.report.small_width,
						  .height = w.report.small_height,
						  .blurhash = str_c(w.report.blurhash),
						  .colour = str_c(w.report.colour),
					  },
					  NULL);
}

static str or_empty(str s)
{
	return str_is_null(s) ? STR("") : s;
}

static int create(struct ctx *c, const struct media_draft *d, usec wait, int64_t *ret_id)
{
	const struct attachment_id_row *row;
	enum format_id id = FORMAT_NONE;
	str source;

	TRY(check(c, d, &id));
	TRY(media_keep(c, d->bytes, id, &source));
	TRY(q_attachment_create(c,
				&(struct q_attachment_create_args){
					.domain_id = c->domain_id,
					.author_id = c->identity_id,
					.media_type = str_c(format_of(id)->type),
					.source = source,
					.description = or_empty(d->description),
					.focus_x = d->focus_x,
					.focus_y = d->focus_y,
					.wait = wait,
				},
				&row));
	*ret_id = row->id;
	return str_is_empty(d->thumbnail) ? 0 : set_thumbnail(c, row->id, d->thumbnail);
}

int media_upload(struct ctx *c, const struct media_draft *d, const struct attachment_row **ret)
{
	int64_t id;

	TRY(create(c, d, 0, &id));
	return media_upload_get(c, id, ret);
}

int media_upload_now(struct ctx *c, const struct media_draft *d, const struct attachment_row **ret)
{
	const struct attachment_row *row;
	const char *state;
	int64_t id;

	TRY(create(c, d, HEAD_START, &id));
	TRY(media_work(c, id, &state));
	TRY(q_attachment_finish(c, id, NULL));
	TRY(media_upload_get(c, id, &row));
	if (row->failure.n) {
		str reason = row->failure;

		TRY(q_attachment_delete(c, id, c->identity_id, NULL));
		return fail(c, E_UNPROCESSABLE, "%.*s", STR_ARG(reason));
	}
	*ret = row;
	return 0;
}

int media_upload_get(struct ctx *c, int64_t id, const struct attachment_row **ret)
{
	return q_attachment_own(c, id, c->identity_id, c->domain_id, ret);
}

int media_upload_edit(struct ctx *c, int64_t id, const struct media_draft *d, bool has_focus,
		      const struct attachment_row **ret)
{
	const struct attachment_row *row;

	TRY(check_description(c, d->description));
	TRY(media_upload_get(c, id, &row));
	TRY(q_attachment_describe(c,
				  str_is_null(d->description) ? row->description : d->description,
				  has_focus ? d->focus_x : row->focus_x,
				  has_focus ? d->focus_y : row->focus_y, id, NULL));
	if (d->thumbnail.n) {
		TRY(media_need_room(c, d->thumbnail.n));
		TRY(set_thumbnail(c, id, d->thumbnail));
	}
	return media_upload_get(c, id, ret);
}

int media_upload_delete(struct ctx *c, int64_t id)
{
	size_t n;

	TRY(q_attachment_delete(c, id, c->identity_id, &n));
	return n ? 0 : fail(c, E_NOT_FOUND, "Record not found");
}

/* Into posts */

static bool is_taken(const struct attachment_row *a, int64_t post_id)
{
	return a->post_id && a->post_id != post_id;
}

static int check_together(struct ctx *c, const struct attachment_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (n > 1 && media_kind_of_type(rows[i].media_type) != MEDIA_KIND_IMAGE)
			return fail(c, E_UNPROCESSABLE,
				    "video and sound stand alone, not beside other attachments");
	return 0;
}

int media_attach(struct ctx *c, int64_t post_id, i64s ids)
{
	const struct attachment_row *rows;
	size_t n;

	if (ids.n > MEDIA_PER_POST)
		return fail(c, E_UNPROCESSABLE, "a post has at most %d attachments",
			    MEDIA_PER_POST);
	if (post_id)
		TRY(q_attachment_detach(c, post_id, c->identity_id, ids, NULL));
	if (ids.n == 0)
		return 0;
	TRY(q_attachment_own_many(c, ids, c->identity_id, c->domain_id, &rows, &n));
	if (n != ids.n)
		return fail(c, E_UNPROCESSABLE, "an attachment is not there");
	TRY(check_together(c, rows, n));
	for (size_t i = 0; i < n; i++) {
		if (is_taken(&rows[i], post_id))
			return fail(c, E_UNPROCESSABLE, "an attachment is in another post");
		if (str_is_empty(rows[i].file))
			return fail(
				c, E_UNPROCESSABLE,
				"Cannot attach files that have not finished processing. Try again in a moment!");
	}
	TRY(q_attachment_attach(c, post_id, ids, c->identity_id, &n));
	return n == ids.n ? 0 : fail(c, E_UNPROCESSABLE, "an attachment is not there");
}
