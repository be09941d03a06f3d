/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Posts and their replies for other servers; a signed request may read what its signer may read. */
#include "base/id.h"
#include "model/activity.h"
#include "model/consent.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/inbox.h"
#include "model/post.h"
#include "model/quote.h"
#include "server/fedi/fedi.h"
#include "server/web/web.h"

#define PAGE 20

/* Who asks: the signer, or anybody. A signature that is there and wrong is an error. */
static int viewer_of(struct ctx *c, const struct request *q, int64_t *ret)
{
	const struct identity_row *signer;
	struct http_message m;
	int result;

	*ret = 0;
	if (str_is_null(request_header(q, "signature")))
		return 0;
	fedi_message(c, q, &m);
	result = inbox_signer(c, &m, &signer);
	if (result == 0)
		*ret = signer->id;
	return result == E_NOT_FOUND ? 0 : result;
}

/* The post of the path, which must be the named author's. */
static int post_of(struct ctx *c, const struct request *q, int64_t viewer,
		   const struct post_row **ret)
{
	const struct identity_row *author;
	int64_t id;

	if (!id_parse(q->args[1], &id))
		return fail(c, E_NOT_FOUND, "there is no such post");
	TRY(fedi_identity(c, q->args[0], &author));
	TRY(post_get(c, id, viewer, ret));
	if ((*ret)->author_id != author->id)
		return fail(c, E_NOT_FOUND, "there is no such post");
	return 0;
}

static int respond_tombstone(struct ctx *c, const struct request *q, struct response *r)
{
	const struct post_tombstone_row *t;
	struct json_out w;
	int64_t id;

	if (!id_parse(q->args[1], &id))
		return fail(c, E_NOT_FOUND, "there is no such post");
	TRY(q_post_tombstone(c, id, STR(""), &t));
	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	TRY(post_write_tombstone(c, t->object_uri, t->deleted, &w));
	TRY(fedi_respond(&w, r));
	r->status = 410;
	return 0;
}

int fedi_post(struct ctx *c, struct request *q, struct response *r)
{
	const struct post_row *post;
	struct json_out w;
	int64_t viewer;
	int result;

	r->vary = STR("Accept");
	if (!request_wants_activity(q))
		return web_post(c, q, r);
	TRY(viewer_of(c, q, &viewer));
	result = post_of(c, q, viewer, &post);
	if (result == E_GONE)
		return respond_tombstone(c, q, r);
	TRY(result);
	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	TRY(post_write_ap(c, post, NULL, &w));
	TRY(fedi_respond(&w, r));
	if (viewer) {
		r->cache = CACHE_NONE;
		r->vary = STR("Accept, Signature");
	}
	return 0;
}

/* Public replies, oldest first. */
int fedi_replies(struct ctx *c, struct request *q, struct response *r)
{
	str min_id = request_query(q, "min_id"), uri;
	const struct post_uri_row *rows;
	const struct post_row *post;
	struct json_out w;
	int64_t after = 0;
	size_t n;

	TRY(post_of(c, q, 0, &post));
	if (!str_is_null(min_id) && !id_parse(min_id, &after))
		return fail(c, E_INVALID, "min_id is no id");
	uri = str_cat(c->arena, post->object_uri, STR("replies/"));
	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	json_open_object(&w, NULL);
	json_put_raw(&w, "@context", ap_context);
	if (str_is_null(q->query)) {
		json_put_str(&w, "id", uri);
		json_put_c(&w, "type", "Collection");
		json_put_i64(&w, "totalItems", post->replies_count);
		json_put_str(&w, "first", str_cat(c->arena, uri, STR("?page=1")));
		json_close_object(&w);
		return fedi_respond(&w, r);
	}
	TRY(q_post_replies(c, post->id, after, PAGE, &rows, &n));
	json_put_str(&w, "id", str_fmt(c->arena, "%.*s?%.*s", STR_ARG(uri), STR_ARG(q->query)));
	json_put_c(&w, "type", "CollectionPage");
	json_put_str(&w, "partOf", uri);
	if (n == PAGE)
		json_put_str(&w, "next",
			     str_fmt(c->arena, "%.*s?min_id=%lld", STR_ARG(uri),
				     (long long)rows[n - 1].id));
	json_open_array(&w, "items");
	for (size_t i = 0; i < n; i++)
		json_put_str(&w, NULL, rows[i].object_uri);
	json_close_array(&w);
	json_close_object(&w);
	return fedi_respond(&w, r);
}

/* A local author's consent to be quoted (FEP-044f). */
int fedi_quote(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *author;
	struct json_out w;
	int64_t id;

	TRY(fedi_identity(c, q->args[0], &author));
	if (!id_parse(q->args[1], &id))
		return fail(c, E_NOT_FOUND, "there is no such authorization");
	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	TRY(quote_write_ap(c, author, id, &w));
	return fedi_respond(&w, r);
}

/* A local author's consent to an answer, a like or a boost (GoToSocial's interaction controls). */
int fedi_consent(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *owner;
	struct json_out w;
	int64_t id;

	TRY(fedi_identity(c, q->args[0], &owner));
	if (!id_parse(q->args[1], &id))
		return fail(c, E_NOT_FOUND, "there is no such authorization");
	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	TRY(consent_write_authorization(c, owner, id, &w));
	return fedi_respond(&w, r);
}
