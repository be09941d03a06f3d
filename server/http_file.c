/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Responses that are files. Invariant: what strangers made is shown as what it is and as nothing
 * else: its own media type, no scripts, no frames.
 */
#include <microhttpd.h>
#include <unistd.h>

#include "server/http_exchange.h"

struct range {
	int64_t from, to; /* to is behind the last byte */
};

/*
 * "bytes=0-99", "bytes=100-", "bytes=-50" (RFC 9110, 14.1.2). False for several ranges and for what is
 * none: then all of it is sent. An unsatisfiable one comes out empty.
 */
static bool range_parse(str s, int64_t size, struct range *ret)
{
	size_t dash = str_find_char(s, '-', 0);
	struct range r = { 0, size };
	str first, last;

	if (!str_starts(s, STR("bytes=")) || dash == SIZE_MAX)
		return false;
	first = str_slice(s, 6, dash);
	last = str_from(s, dash + 1);
	if (first.n && (!str_to_i64(first, &r.from) || r.from < 0))
		return false;
	if (last.n && (!str_to_i64(last, &r.to) || r.to < 0 || r.to == INT64_MAX))
		return false;
	if (!first.n && !last.n)
		return false;
	if (!first.n)
		r = (struct range){ r.to < size ? size - r.to : 0, size };
	else if (last.n)
		r.to = r.to + 1 < size ? r.to + 1 : size;
	if (r.from >= r.to)
		r = (struct range){ 0, 0 };
	*ret = r;
	return true;
}

/* A range of another version than the client's is not wanted. */
static bool wants_range(struct exchange *x, struct range *ret)
{
	str only = request_header(&x->request, "if-range"),
	    s = request_header(&x->request, "range");

	if (str_is_null(s) || x->response.status != 200 || x->request.method != METHOD_GET)
		return false;
	if (only.n && !str_eq(only, x->response.etag))
		return false;
	return range_parse(str_trim(s), x->response.file->size, ret);
}

static struct MHD_Response *empty(void)
{
	return MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *part(struct response_file *f, int64_t from, int64_t to)
{
	struct MHD_Response *m = MHD_create_response_from_fd_at_offset64((uint64_t)(to - from),
									 f->fd, (uint64_t)from);

	if (m)
		f->fd = -1; /* it is the library's now */
	return m;
}

struct MHD_Response *file_response(struct exchange *x)
{
	struct response *r = &x->response;
	struct response_file *f = r->file;
	struct MHD_Response *m;
	struct range range;

	if (r->status != 200)
		return empty();
	if (!wants_range(x, &range)) {
		m = part(f, 0, f->size);
	} else if (range.from == range.to) {
		r->status = 416;
		m = empty();
		if (m)
			exchange_add(m, x, "Content-Range",
				     str_fmt(x->ctx.arena, "bytes */%lld", (long long)f->size));
	} else {
		r->status = 206;
		m = part(f, range.from, range.to);
		if (m)
			exchange_add(m, x, "Content-Range",
				     str_fmt(x->ctx.arena, "bytes %lld-%lld/%lld",
					     (long long)range.from, (long long)range.to - 1,
					     (long long)f->size));
	}
	if (m)
		MHD_add_response_header(m, "Accept-Ranges", "bytes");
	return m;
}

void file_done(struct exchange *x)
{
	struct response_file *f = x->response.file;

	if (f && f->fd >= 0)
		close(f->fd);
}
