/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Stored files. Invariant: the row comes before the bytes and goes after them, so whatever a kill
 * interrupts, no bytes are without a row; and what is being removed is not announced again before it
 * is gone.
 */
#include <assert.h>
#include <errno.h>

#include "loop/fiber.h"
#include "model/disk.h"
#include "model/media_part.h"
#include "model/settings.h"

#define REMOVAL_TRIES 50
#define REMOVAL_PAUSE (100 * USEC_MSEC)
#define OPEN_TURN (30 * USEC_SEC)

static int announce(struct ctx *c, str name, str type, size_t size, bool *ret_is_stored)
{
	const struct media_file_known_row *known;

	assert(!c->session); /* others have to see the row before its bytes are written */
	for (int i = 0; i < REMOVAL_TRIES; i++) {
		int result = q_media_file_announce(c, name, type, (int64_t)size, &known);

		if (result != E_NOT_FOUND) {
			TRY(result);
			*ret_is_stored = known->is_stored;
			return 0;
		}
		fiber_sleep(REMOVAL_PAUSE);
	}
	return fail(c, E_LATER, "the file is just being removed");
}

static int keep(struct ctx *c, str bytes, str type, const char *ending, str *ret_name)
{
	str name = store_name(c, bytes, ending);
	bool is_stored = false;

	TRY(disk_need_room(c));
	TRY(announce(c, name, type, bytes.n, &is_stored));
	if (!is_stored)
		TRY(store_put(c, c->media->store, name, type, bytes));
	*ret_name = name;
	return 0;
}

int media_keep(struct ctx *c, str bytes, enum format_id id, str *ret_name)
{
	const struct format *f = format_of(id);

	return keep(c, bytes, str_c(f->type), f->ending, ret_name);
}

int media_keep_archive(struct ctx *c, str bytes, str *ret_name)
{
	return keep(c, bytes, STR("application/zip"), "zip", ret_name);
}

int media_file_remove(struct ctx *c, int64_t id)
{
	const struct media_file_row *f;

	TRY(q_media_file_for_job(c, id, &f));
	return store_remove(c, c->media->store, f->name);
}

int media_quota(struct ctx *c, const struct media_quota_row **ret)
{
	return q_media_quota(c, c->domain_id, MEDIA_QUOTA, ret);
}

int media_need_room(struct ctx *c, size_t bytes)
{
	const struct media_quota_row *q;

	TRY(media_quota(c, &q));
	if (q->bytes + (int64_t)bytes > q->quota)
		return fail(c, E_OVER_QUOTA, "this community has no room left for files");
	return 0;
}

/* What comes from a store of objects is on our disk for a while, so few of it come at once. */
static int open_in_turn(struct ctx *c, str name, int *ret_fd)
{
	int result;

	if (!*c->settings->media_s3)
		return store_open(c, c->media->store, name, ret_fd);
	result = slots_take(&c->media->fetches, clock_mono() + OPEN_TURN);
	if (result == -ETIMEDOUT)
		return fail(c, E_LATER, "too many files are asked for");
	TRY(result);
	result = store_open(c, c->media->store, name, ret_fd);
	slots_give(&c->media->fetches);
	return result;
}

int media_open_own(struct ctx *c, str name, struct media_file *ret)
{
	struct media_file f = { .fd = -1, .name = name, .media_type = STR("application/zip") };

	TRY(open_in_turn(c, name, &f.fd));
	*ret = f;
	return 0;
}

int media_open_stored(struct ctx *c, str name, str type, struct media_file *ret)
{
	struct media_file f = {
		.fd = -1,
		.name = name,
		.media_type = type,
		.location = store_location(c, c->media->store, name),
	};

	if (str_is_empty(f.location))
		TRY(open_in_turn(c, name, &f.fd));
	*ret = f;
	return 0;
}

int media_open(struct ctx *c, str name, struct media_file *ret)
{
	const struct media_file_row *f;

	if (!store_is_name(name))
		return fail(c, E_NOT_FOUND, "there is no such file");
	TRY(q_media_file_of_tenant(c, c->domain_id, name, &f));
	return media_open_stored(c, f->name, f->media_type, ret);
}

int media_open_still(struct ctx *c, str name, struct media_file *ret)
{
	const struct media_still_row *still;

	if (!store_is_name(name))
		return fail(c, E_NOT_FOUND, "there is no such file");
	TRY(q_media_still(c, name, c->domain_id, &still));
	return media_open(c, still->name, ret);
}

int media_input_of_fd(int fd, struct media_input *ret)
{
	struct media_input in = { .fd = fd };
	int result = store_view(fd, &in.view);

	if (result) {
		close(fd);
		return result;
	}
	*ret = in;
	return 0;
}

int media_input_of_bytes(str bytes, struct media_input *ret)
{
	int fd;

	TRY(worker_input(bytes, &fd));
	return media_input_of_fd(fd, ret);
}

void media_input_done(struct media_input *in)
{
	store_view_done(&in->view);
	media_close(&in->fd);
	in->fd = -1;
}
