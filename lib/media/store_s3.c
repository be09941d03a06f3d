/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Files as objects of an S3-compatible store. Invariant: a body is sent under the digest that its
 * name is, so that the store itself refuses one that was damaged on the way.
 */
#include "media/store_part.h"

#include <unistd.h>

#include "fetch/fetch.h"

#define PUT_TIMEOUT (5 * USEC_MINUTE)
#define OBJECT_LIMIT (3ULL * 1024 * 1024 * 1024) /* archives are the largest */
/* SHA-256 of nothing. */
#define NO_BODY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static int exchange(struct ctx *c, struct store *s, struct fetch_request *q, str name,
		    struct fetch_response *ret)
{
	const struct store_options *o = &s->options;
	struct ctx own = *c;
	struct fetch_sigv4 signature = {
		.scope = str_fmt(c->arena, "aws:amz:%s:s3", o->s3_region),
		.user = str_fmt(c->arena, "%s:%s", o->s3_key, o->s3_secret),
	};
	int result;

	q->url = str_fmt(c->arena, "%s/%.*s", o->s3, STR_ARG(name));
	q->sigv4 = &signature;
	q->timeout = PUT_TIMEOUT;
	own.fetch = o->fetch;
	result = fetch(&own, q, ret);
	c->error = own.error;
	/* Whatever it is, the store may work again later; the caller's own file is not at fault. */
	return result > 0 ? E_LATER : result;
}

static int unexpected(struct ctx *c, const struct fetch_response *r)
{
	return fail(c, E_LATER, "the store of objects answers %d: %.*s", r->status,
		    STR_ARG(str_clip(r->body, 200)));
}

static int s3_put(struct ctx *c, struct store *s, str name, str media_type, str bytes)
{
	struct fetch_header headers[] = {
		{ STR("Content-Type"), media_type },
		{ STR("x-amz-content-sha256"), str_slice(name, 0, 64) },
	};
	struct fetch_request q = {
		.method = STR("PUT"),
		.headers = headers,
		.n_headers = ARRAY_SIZE(headers),
		.body = bytes,
	};
	struct fetch_response r;

	TRY(exchange(c, s, &q, name, &r));
	return r.status == 200 ? 0 : unexpected(c, &r);
}

static const struct fetch_header bare[] = {
	{ STR("Content-Type"), STR("application/octet-stream") },
	{ STR("x-amz-content-sha256"), STR(NO_BODY) },
};

static int judge(struct ctx *c, const struct fetch_response *r)
{
	if (r->status == 200)
		return 0;
	return r->status == 404 ? fail(c, E_NOT_FOUND, "the file is not stored there")
				: unexpected(c, r);
}

static int s3_read(struct ctx *c, struct store *s, str name, int fd)
{
	struct fetch_request q = {
		.headers = bare,
		.n_headers = ARRAY_SIZE(bare),
		.limit = OBJECT_LIMIT,
		.sink = &fd,
	};
	struct fetch_response r;

	TRY(exchange(c, s, &q, name, &r));
	return judge(c, &r);
}

static int s3_size(struct ctx *c, struct store *s, str name, int64_t *ret)
{
	struct fetch_request q = {
		.method = STR("HEAD"),
		.headers = bare,
		.n_headers = ARRAY_SIZE(bare),
	};
	struct fetch_response r;

	TRY(exchange(c, s, &q, name, &r));
	TRY(judge(c, &r));
	for (size_t i = 0; i < r.n_headers; i++)
		if (str_eq(r.headers[i].name, STR("content-length")) &&
		    str_to_i64(r.headers[i].value, ret))
			return 0;
	return fail(c, E_LATER, "the store of objects does not say how large a file is");
}

/* Into a file of this disk: it may be large, and is read in parts. */
static int s3_open(struct ctx *c, struct store *s, str name, int *ret_fd)
{
	int fd, result;

	TRY(store_scratch(s, &fd));
	result = s3_read(c, s, name, fd);
	if (!result)
		result = store_read_only(fd, ret_fd);
	close(fd);
	return result;
}

static int s3_remove(struct ctx *c, struct store *s, str name)
{
	struct fetch_request q = {
		.method = STR("DELETE"),
		.headers = bare,
		.n_headers = ARRAY_SIZE(bare),
	};
	struct fetch_response r;

	TRY(exchange(c, s, &q, name, &r));
	return r.status == 200 || r.status == 204 || r.status == 404 ? 0 : unexpected(c, &r);
}

const struct store_kind store_s3 = {
	.put = s3_put,
	.open = s3_open,
	.read = s3_read,
	.size = s3_size,
	.remove = s3_remove,
};
