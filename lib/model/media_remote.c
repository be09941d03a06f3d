/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The proxy. Invariant: it fetches what a page or an entity of ours pointed to, signed for this
 * tenant, and nothing else; what it serves is a picture, video or sound by its own bytes, and
 * pictures have passed a worker.
 */
#include <errno.h>

#include "crypt/hash.h"
#include "fetch/fetch.h"
#include "fetch/url.h"
#include "model/disk.h"
#include "model/domain.h"
#include "model/limit.h"
#include "model/media_part.h"
#include "model/settings.h"

#define TIMEOUT (USEC_MINUTE)
#define REDIRECTS 3
#define TOUCH USEC_HOUR /* how well it is known when something was used */
#define IDLE USEC_MINUTE /* of a file, after which nobody is just about to refer to it */
#define TURN (30 * USEC_SEC) /* that a request waits for its turn to fetch */

static int not_there(struct ctx *c)
{
	return fail(c, E_NOT_FOUND, "there is no such picture");
}

/* What is another tenant's of ours is read from the store, not asked of ourselves. */
static int open_neighbour(struct ctx *c, const struct domain *d, str path, struct media_file *ret)
{
	int64_t own = c->domain_id;
	str name = str_from(path, sizeof(MEDIA_PATH) - 1);
	int result;

	if (!str_starts(path, STR(MEDIA_PATH)))
		return not_there(c);
	TRY(ctx_bind(c, d->id));
	if (str_ends(name, STR(MEDIA_STILL)))
		result = media_open_still(c, str_slice(name, 0, name.n - (sizeof(MEDIA_STILL) - 1)),
					  ret);
	else
		result = media_open(c, name, ret);
	TRY(ctx_bind(c, own));
	return result;
}

static int download(struct ctx *c, str url, int fd)
{
	static const struct fetch_header accept[] = {
		{ STR("Accept"), STR("image/*, video/*, audio/*;q=0.9, */*;q=0.1") },
	};
	struct fetch_request q = {
		.url = url,
		.headers = accept,
		.n_headers = ARRAY_SIZE(accept),
		.limit = MEDIA_VIDEO_LIMIT,
		.redirects = REDIRECTS,
		.timeout = TIMEOUT,
		.sink = &fd,
	};
	struct fetch_response r;

	TRY(fetch(c, &q, &r));
	if (r.status != 200)
		return fail(c, E_REMOTE, "the other server answers %d", r.status);
	return 0;
}

static int store(struct ctx *c, str url, const struct media_input *in)
{
	struct worked w cleanup(worked_done) = { .fds = { -1, -1 } };
	struct q_media_remote_store_args row = { .url = url, .preview = STR("") };
	enum format_id id = format_sniff(in->view.bytes);

	if (id == FORMAT_NONE ||
	    (format_of(id)->class == FORMAT_PICTURE && in->view.bytes.n > 2 * MEDIA_IMAGE_LIMIT))
		return fail(c, E_UNPROCESSABLE, "the other server sent no picture, video or sound");
	TRY(worker_run(c, c->media->workers, WORK_ATTACHMENT, in->fd, MEDIA_PIXEL_LIMIT, &w));
	if (w.report.format == FORMAT_NONE)
		return fail(c, E_UNPROCESSABLE, "the file cannot be worked on");
	TRY(media_keep(c, w.main.n ? w.main : in->view.bytes, (enum format_id)w.report.format,
		       &row.file));
	if (w.report.small_format && w.small.n)
		TRY(media_keep(c, w.small, (enum format_id)w.report.small_format, &row.preview));
	row.media_type = str_c(format_of((enum format_id)w.report.format)->type);
	row.size = (int64_t)((w.main.n ? w.main.n : in->view.bytes.n) + w.small.n);
	return q_media_remote_store(c, &row, NULL);
}

static int fetch_and_store(struct ctx *c, str url)
{
	struct media_input in cleanup(media_input_done) = { .fd = -1 };
	int fd, readable, result;

	TRY(store_scratch(c->media->store, &fd));
	result = download(c, url, fd);
	if (!result)
		result = store_read_only(fd, &readable);
	close(fd);
	TRY(result);
	TRY(media_input_of_fd(readable, &in));
	return store(c, url, &in);
}

/* What failed is not asked for again at once, by whoever reloads a page. */
static int obtain(struct ctx *c, str url)
{
	int result = disk_need_room(c);

	TRY(result);
	result = slots_take(&c->media->fetches, clock_mono() + TURN);

	if (result == -ETIMEDOUT)
		return fail(c, E_LATER, "too many pictures are fetched");
	TRY(result);
	result = fetch_and_store(c, url);
	slots_give(&c->media->fetches);
	if (result > 0) {
		str reason = c->error;

		TRY(q_media_remote_fail(c, url, NULL));
		c->error = reason;
	}
	return result;
}

/* What this tenant blocks it does not show, whoever had it fetched. */
static int check_server(struct ctx *c, str url)
{
	enum limit_severity severity;

	TRY(limit_of_uri(c, url, &severity));
	return severity == LIMIT_BLOCK ? not_there(c) : 0;
}

static int find(struct ctx *c, str url, const struct media_remote_row **ret)
{
	int result;

	TRY(check_server(c, url));
	result = q_media_remote_by_url(c, url, ret);
	if (!result && (*ret)->file.n)
		return 0;
	if (!result && (*ret)->retry_after > c->now)
		return not_there(c);
	if (result && result != E_NOT_FOUND)
		return result;
	TRY(obtain(c, url));
	return q_media_remote_by_url(c, url, ret);
}

static int open_cached(struct ctx *c, const struct media_remote_row *r, bool preview,
		       struct media_file *ret)
{
	str name = preview ? r->preview : r->file;

	if (str_is_empty(name))
		return not_there(c);
	if (r->last_used < c->now - TOUCH)
		TRY(q_media_remote_touch(c, r->id, NULL));
	return media_open_stored(
		c, name, preview ? str_c(format_of(FORMAT_WEBP)->type) : r->media_type, ret);
}

int media_open_remote(struct ctx *c, str signature, str encoded, bool preview,
		      struct media_file *ret)
{
	const struct media_remote_row *r;
	const struct domain *d;
	struct url parsed;
	str url;

	if (!base64url_decode(c->arena, encoded, &url) || url.n > PROXY_URL_LIMIT ||
	    !secret_eq(signature, media_proxy_signature(c, url)) ||
	    !url_parse(c->arena, url, &parsed))
		return not_there(c);
	d = domain_by_host(c->domains, parsed.authority);
	if (d)
		return open_neighbour(c, d, parsed.path, ret);
	TRY(find(c, url, &r));
	return open_cached(c, r, preview, ret);
}

/* While a disk is nearly full the copies go by halves, and their files do not wait to be found useful again. */
static int make_room(struct ctx *c, int64_t *limit)
{
	const struct media_hurry_row *hurried;
	const struct media_tally_row *t;

	if (disk_level() < DISK_REFUSE || *c->settings->media_s3)
		return 0;
	TRY(q_media_tally(c, &t));
	if (t->remote_bytes / 2 < *limit)
		*limit = t->remote_bytes / 2;
	return q_media_file_hurry(c, IDLE, &hurried);
}

int media_evict(struct ctx *c, int64_t *ret_n)
{
	int64_t limit = c->settings->media_cache_size << 20;
	size_t n;

	TRY(make_room(c, &limit));
	TRY(q_media_remote_evict(c, limit, &n));
	*ret_n = (int64_t)n;
	return 0;
}
