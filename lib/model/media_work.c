/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What is done with an upload, and with pictures of people and emoji. Invariant: it may be broken off
 * at any instruction and be done again; until its last statement nothing refers to what it made.
 */
#include <sys/sendfile.h>

#include "model/identity.h"
#include "model/media_part.h"

static int write_blank(const struct probe_blank *b, int fd)
{
	static const char zeros[4096];
	uint64_t from = b->offset + b->n_head, end = b->offset + b->size;

	if (pwrite(fd, b->head, b->n_head, (off_t)b->offset) != (ssize_t)b->n_head)
		return E_LATER;
	for (; from < end; from += sizeof(zeros)) {
		size_t n = end - from < sizeof(zeros) ? (size_t)(end - from) : sizeof(zeros);

		if (pwrite(fd, zeros, n, (off_t)from) != (ssize_t)n)
			return E_LATER;
	}
	return 0;
}

/* A copy in which the parts that tell of the maker are empty, and all others stand where they stood. */
static int copy_blanked(const struct media_input *in, const struct worked *w, int fd)
{
	off_t at = 0;

	while ((size_t)at < in->view.bytes.n)
		if (sendfile(fd, in->fd, &at, in->view.bytes.n - (size_t)at) <= 0)
			return E_LATER;
	for (uint32_t i = 0; i < w->report.n_blanks; i++)
		TRY(write_blank(&w->blanks[i], fd));
	return 0;
}

static int keep_blanked(struct ctx *c, const struct media_input *in, const struct worked *w,
			str *ret_name)
{
	struct media_input copy cleanup(media_input_done) = { .fd = -1 };
	int fd, result;

	TRY(store_scratch(c->media->store, &fd));
	result = copy_blanked(in, w, fd);
	if (result) {
		close(fd);
		return fail(c, result, "there is no room for the file");
	}
	TRY(media_input_of_fd(fd, &copy));
	return media_keep(c, copy.view.bytes, (enum format_id)w->report.format, ret_name);
}

/* The form that is shown. */
static int keep_main(struct ctx *c, const struct media_input *in, const struct worked *w,
		     str *ret_name, size_t *ret_size)
{
	*ret_size = w->main.n ? w->main.n : in->view.bytes.n;
	if (w->main.n)
		return media_keep(c, w->main, (enum format_id)w->report.format, ret_name);
	if (w->report.n_blanks)
		return keep_blanked(c, in, w, ret_name);
	return media_keep(c, in->view.bytes, (enum format_id)w->report.format, ret_name);
}

static int keep_small(struct ctx *c, const struct worked *w, str *ret_name)
{
	*ret_name = STR("");
	if (!w->report.small_format || !w->small.n)
		return 0;
	return media_keep(c, w->small, (enum format_id)w->report.small_format, ret_name);
}

static int fill(struct ctx *c, int64_t id, const struct media_input *in)
{
	struct worked w cleanup(worked_done) = { .fds = { -1, -1 } };
	struct q_attachment_fill_args row = { .id = id };
	size_t size;

	TRY(worker_run(c, c->media->workers, WORK_ATTACHMENT, in->fd, MEDIA_PIXEL_LIMIT, &w));
	if (w.report.format == FORMAT_NONE)
		return fail(c, E_UNPROCESSABLE, "the file cannot be worked on");
	TRY(keep_main(c, in, &w, &row.file, &size));
	TRY(keep_small(c, &w, &row.thumbnail));
	row.media_type = str_c(format_of((enum format_id)w.report.format)->type);
	row.size = (int64_t)size;
	row.width = w.report.width;
	row.height = w.report.height;
	row.duration = w.report.duration;
	row.thumbnail_width = row.thumbnail.n ? w.report.small_width : 0;
	row.thumbnail_height = row.thumbnail.n ? w.report.small_height : 0;
	row.blurhash = str_c(w.report.blurhash);
	row.colour = str_c(w.report.colour);
	return q_attachment_fill(c, &row, NULL);
}

static int work(struct ctx *c, const struct attachment_row *a)
{
	struct media_input in cleanup(media_input_done) = { .fd = -1 };
	int fd;

	/* Worked on before, and the note of it was lost. */
	if (str_is_empty(a->source))
		return 0;
	TRY(store_open(c, c->media->store, a->source, &fd));
	TRY(media_input_of_fd(fd, &in));
	return fill(c, a->id, &in);
}

/* Only what the file itself is to blame for ends it. */
static bool is_final(int err)
{
	return err > 0 && !err_is_transient(err);
}

int media_work(struct ctx *c, int64_t attachment_id, const char **ret_state)
{
	const struct attachment_row *a;
	int result;

	TRY(q_attachment_for_job(c, attachment_id, &a));
	result = a->failure.n ? E_UNPROCESSABLE : work(c, a);
	if (result && !is_final(result))
		return result;
	if (result && !a->failure.n)
		TRY(q_attachment_fail(c, ctx_words(c, result), attachment_id, NULL));
	*ret_state = result ? "failed" : "unattached";
	return 0;
}

static const struct {
	enum work work;
	size_t limit;
} uses[] = {
	[MEDIA_AVATAR] = { WORK_AVATAR, MEDIA_IMAGE_LIMIT },
	[MEDIA_HEADER] = { WORK_HEADER, MEDIA_IMAGE_LIMIT },
	[MEDIA_EMOJI] = { WORK_EMOJI, MEDIA_EMOJI_LIMIT },
	[MEDIA_ICON] = { WORK_ICON, MEDIA_IMAGE_LIMIT },
};

int media_store_picture(struct ctx *c, str bytes, enum media_use use, struct media_picture *ret)
{
	struct media_input in cleanup(media_input_done) = { .fd = -1 };
	struct worked w cleanup(worked_done) = { .fds = { -1, -1 } };
	struct media_picture p;
	size_t size;

	if (bytes.n == 0 || bytes.n > uses[use].limit)
		return fail(c, E_UNPROCESSABLE, "the picture is larger than %zu KiB",
			    uses[use].limit >> 10);
	TRY(media_need_room(c, bytes.n));
	TRY(media_input_of_bytes(bytes, &in));
	TRY(worker_run(c, c->media->workers, uses[use].work, in.fd, MEDIA_PIXEL_LIMIT, &w));
	if (w.report.format == FORMAT_NONE)
		return fail(c, E_UNPROCESSABLE, "the picture cannot be worked on");
	TRY(keep_main(c, &in, &w, &p.file, &size));
	TRY(keep_small(c, &w, &p.file_static));
	if (str_is_empty(p.file_static))
		p.file_static = p.file;
	p.media_type = str_c(format_of((enum format_id)w.report.format)->type);
	p.url = media_url(c, c->domain_id, p.file);
	p.url_static = media_url(c, c->domain_id, p.file_static);
	*ret = p;
	return 0;
}

int media_set_picture(struct ctx *c, int64_t identity_id, enum media_use use, str bytes)
{
	struct media_picture p = { .file = STR(""), .file_static = STR(""), .url = STR("") };
	str still;

	if (!str_is_null(bytes))
		TRY(media_store_picture(c, bytes, use, &p));
	still = str_eq(p.file, p.file_static) ? STR("") : p.file_static;
	if (use == MEDIA_HEADER)
		return q_identity_set_image(c, p.file, still, p.url, identity_id, NULL);
	return q_identity_set_icon(c, p.file, still, p.url, identity_id, NULL);
}
