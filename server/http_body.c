/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Bodies of requests. Invariant: what is in memory is small; a large body is in a file without a
 * name, of which there are few at once, and is read only after its sender was admitted.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "media/media.h"
#include "server/http_exchange.h"

static bool is_large(const struct exchange *x)
{
	int64_t length;

	if (x->body_limit <= BODY_IN_MEMORY)
		return false;
	return !str_to_i64(request_header(&x->request, "content-length"), &length) || length < 0 ||
	       length > BODY_LIMIT;
}

void body_init(struct exchange *x)
{
	x->spool = -1;
	x->is_large = is_large(x);
	out_init(&x->body, x->ctx.arena, x->is_large ? BODY_LIMIT : x->body_limit);
}

static void spool(struct exchange *x, str data)
{
	if (x->spool < 0 && store_scratch(x->ctx.media->store, &x->spool)) {
		x->body_error = E_LATER;
		return;
	}
	x->spooled += data.n;
	if (x->spooled > x->body_limit)
		x->body_error = E_TOO_LARGE;
	while (data.n && !x->body_error) {
		ssize_t n = write(x->spool, data.p, data.n);

		if (n <= 0 && errno != EINTR)
			x->body_error = E_LATER;
		if (n > 0)
			data = str_from(data, (size_t)n);
	}
}

void body_add(struct exchange *x, str data)
{
	if (!x->is_large)
		out_str(&x->body, data);
	else if (!x->body_error)
		spool(x, data);
}

int body_end(struct exchange *x)
{
	if (x->body.failed)
		return E_TOO_LARGE;
	if (x->body_error)
		return x->body_error;
	x->request.body = out_view(&x->body);
	if (x->spooled) {
		void *p = mmap(NULL, x->spooled, PROT_READ, MAP_PRIVATE, x->spool, 0);

		if (p == MAP_FAILED)
			return E_LATER;
		x->request.body = x->mapped = (str){ p, x->spooled };
	}
	return 0;
}

void body_done(struct exchange *x)
{
	if (x->mapped.n)
		munmap((void *)(uintptr_t)x->mapped.p, x->mapped.n);
	if (x->spool >= 0)
		close(x->spool);
}
