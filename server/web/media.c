/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Files: what this tenant has stored, and through the proxy what its pages show of other servers.
 * Invariant: what is served was stored by us after a look at its bytes, under the type that they are.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "model/media.h"
#include "server/web/handlers.h"

/* The file's own name at the end of its address makes a good tag: what it names does not change. */
static int respond(struct ctx *c, struct media_file *f, str tag, enum cache_class cache,
		   struct response *r)
{
	struct stat st;

	r->cache = cache;
	r->cors = true;
	if (f->location.n) {
		r->status = 302;
		r->location = f->location;
		return 0;
	}
	if (fstat(f->fd, &st)) {
		close(f->fd);
		return fail(c, E_LATER, "the file cannot be read");
	}
	r->file = arena_new_of(c->arena, struct response_file);
	*r->file = (struct response_file){ f->fd, st.st_size };
	r->type = f->media_type;
	r->etag = str_fmt(c->arena, "\"%.*s\"", STR_ARG(str_slice(tag, 0, 32)));
	r->disposition = STR("inline");
	return 0;
}

int web_media(struct ctx *c, struct request *q, struct response *r)
{
	struct media_file f;

	TRY(media_open(c, q->args[0], &f));
	return respond(c, &f, q->args[0], CACHE_ASSET, r);
}

int web_media_still(struct ctx *c, struct request *q, struct response *r)
{
	struct media_file f;

	TRY(media_open_still(c, q->args[0], &f));
	return respond(c, &f, q->args[0], CACHE_ASSET, r);
}

static int proxy(struct ctx *c, struct request *q, bool preview, struct response *r)
{
	struct media_file f;

	TRY(media_open_remote(c, q->args[0], q->args[1], preview, &f));
	return respond(c, &f, f.name, CACHE_DAY, r);
}

int web_proxy(struct ctx *c, struct request *q, struct response *r)
{
	return proxy(c, q, false, r);
}

int web_proxy_preview(struct ctx *c, struct request *q, struct response *r)
{
	return proxy(c, q, true, r);
}
