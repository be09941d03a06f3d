/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Actors and their collections (ActivityPub 4, 5). Each address answers with its own document. */
#include "model/activity.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/post.h"
#include "model/timeline.h"
#include "server/fedi/fedi.h"
#include "server/web/web.h"
#include "sql/gen/collection.h"

#define PAGE 20 /* items */

static int respond_actor(struct ctx *c, const struct identity_row *i, struct response *r)
{
	struct json_out w;

	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	TRY(identity_write_ap(c, i, &w));
	return fedi_respond(&w, r);
}

/* What is left of a deleted identity, so that nobody takes its silence for an outage. */
static int respond_tombstone(struct ctx *c, str handle, struct response *r)
{
	const struct identity_row *i;
	struct json_out w;

	TRY(identity_find(c, handle, &i));
	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	json_open_object(&w, NULL);
	json_put_raw(&w, "@context", ap_context);
	json_put_str(&w, "id", i->actor_uri);
	json_put_c(&w, "type", "Tombstone");
	json_put_str(&w, "formerType", i->actor_type);
	json_put_time(&w, "deleted", i->deleted);
	json_close_object(&w);
	TRY(fedi_respond(&w, r));
	r->status = 410;
	return 0;
}

int fedi_actor(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i;
	int result;

	r->vary = STR("Accept");
	if (!request_wants_activity(q))
		return web_profile(c, q, r);
	result = fedi_identity(c, q->args[0], &i);
	if (result == E_GONE)
		return respond_tombstone(c, q->args[0], r);
	TRY(result);
	return respond_actor(c, i, r);
}

int fedi_system_actor(struct ctx *c, unused struct request *q, struct response *r)
{
	const struct identity_row *i;

	if (!c->domain->system_identity_id)
		return fail(c, E_NOT_FOUND, "this community has no actor of its own yet");
	TRY(q_identity_by_id(c, c->domain->system_identity_id, &i));
	return respond_actor(c, i, r);
}

/* An ordered collection without items: how many there are, and where its first page is. */
static void open_collection(struct json_out *w, str uri, int64_t total)
{
	json_open_object(w, NULL);
	json_put_raw(w, "@context", ap_context);
	json_put_str(w, "id", uri);
	json_put_c(w, "type", "OrderedCollection");
	json_put_i64(w, "totalItems", total);
}

static void open_page(struct ctx *c, struct json_out *w, str uri, str query)
{
	json_open_object(w, NULL);
	json_put_raw(w, "@context", ap_context);
	json_put_str(w, "id", str_fmt(c->arena, "%.*s?%.*s", STR_ARG(uri), STR_ARG(query)));
	json_put_c(w, "type", "OrderedCollectionPage");
	json_put_str(w, "partOf", uri);
}

static void put_next(struct ctx *c, struct json_out *w, str uri, int64_t last, size_t n)
{
	if (n == PAGE)
		json_put_str(w, "next",
			     str_fmt(c->arena, "%.*s?max_id=%lld", STR_ARG(uri), (long long)last));
}

static int respond_summary(struct ctx *c, str uri, int64_t total, bool has_pages,
			   struct response *r)
{
	struct json_out w;

	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	open_collection(&w, uri, total);
	if (has_pages)
		json_put_str(&w, "first", str_cat(c->arena, uri, STR("?page=1")));
	json_close_object(&w);
	return fedi_respond(&w, r);
}

/* Posts in the outbox stand in the activities that made them. */
static int write_posts(struct ctx *c, struct json_out *w, const struct post_id_row *ids, size_t n)
{
	json_open_array(w, "orderedItems");
	for (size_t i = 0; i < n; i++) {
		const struct post_row *post;
		str uri, body;

		TRY(q_post_by_id(c, ids[i].id, 0, &post));
		TRY(post_activity(c, post, "Create", &uri, &body));
		json_put_raw(w, NULL, body);
	}
	json_close_array(w);
	return 0;
}

int fedi_outbox(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i;
	const struct post_id_row *ids;
	struct json_out w;
	int64_t max_id;
	size_t n;

	TRY(fedi_identity(c, q->args[0], &i));
	if (!fedi_page(q, &max_id))
		return respond_summary(c, i->outbox_uri, i->posts_count, true, r);
	TRY(q_outbox_posts(c, i->id, max_id, PAGE, &ids, &n));
	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	open_page(c, &w, i->outbox_uri, q->query);
	put_next(c, &w, i->outbox_uri, n ? ids[n - 1].id : 0, n);
	TRY(write_posts(c, &w, ids, n));
	json_close_object(&w);
	return fedi_respond(&w, r);
}

/* The tenant's own actor posts nothing and follows nobody; each collection says so under its own name. */
int fedi_system_collection(struct ctx *c, struct request *q, struct response *r)
{
	return respond_summary(c, str_cat(c->arena, c->domain->origin, q->raw_path), 0, false, r);
}

static int respond_members(struct ctx *c, const struct request *q, str uri,
			   const struct collection_member_row *rows, size_t n, struct response *r)
{
	struct json_out w;

	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	open_page(c, &w, uri, q->query);
	put_next(c, &w, uri, n ? rows[n - 1].id : 0, n);
	json_open_array(&w, "orderedItems");
	for (size_t i = 0; i < n; i++)
		json_put_str(&w, NULL, rows[i].actor_uri);
	json_close_array(&w);
	json_close_object(&w);
	return fedi_respond(&w, r);
}

/* Who hides their follows shows their number and nobody. */
int fedi_followers(struct ctx *c, struct request *q, struct response *r)
{
	const struct collection_member_row *rows;
	const struct identity_row *i;
	int64_t max_id;
	size_t n;

	r->vary = STR("Accept");
	if (!request_wants_activity(q))
		return web_followers(c, q, r);
	TRY(fedi_identity(c, q->args[0], &i));
	if (!i->show_follows || !fedi_page(q, &max_id))
		return respond_summary(c, i->followers_uri, i->followers_count, i->show_follows, r);
	TRY(q_collection_followers(c, i->id, max_id, PAGE, &rows, &n));
	return respond_members(c, q, i->followers_uri, rows, n, r);
}

int fedi_following(struct ctx *c, struct request *q, struct response *r)
{
	const struct collection_member_row *rows;
	const struct identity_row *i;
	int64_t max_id;
	size_t n;

	r->vary = STR("Accept");
	if (!request_wants_activity(q))
		return web_following(c, q, r);
	TRY(fedi_identity(c, q->args[0], &i));
	if (!i->show_follows || !fedi_page(q, &max_id))
		return respond_summary(c, i->following_uri, i->following_count, i->show_follows, r);
	TRY(q_collection_following(c, i->id, max_id, PAGE, &rows, &n));
	return respond_members(c, q, i->following_uri, rows, n, r);
}

int fedi_featured(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i;
	struct status *statuses;
	struct json_out w;
	size_t n;

	TRY(fedi_identity(c, q->args[0], &i));
	TRY(timeline_pinned(c, i->id, 0, &statuses, &n));
	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	open_collection(&w, i->featured_uri, (int64_t)n);
	json_open_array(&w, "orderedItems");
	for (size_t k = 0; k < n; k++)
		json_put_str(&w, NULL, statuses[k].post->object_uri);
	json_close_array(&w);
	json_close_object(&w);
	return fedi_respond(&w, r);
}
