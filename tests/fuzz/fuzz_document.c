/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Any JSON through all views: whatever comes out keeps the promises of ap/document.h on ids, URLs
 * and limits.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "ap/document.h"
#include "ap/shape.h"
#include "base/ctx.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_url(str url)
{
	assert(str_is_null(url) || shape_is_url(url));
}

static void check_object(struct ctx *c, const struct json *j)
{
	const struct ap_object *o;

	if (ap_object_parse(c, j, &o))
		return;
	assert(shape_is_url(o->id) && shape_is_url(o->url));
	assert(o->content.n <= AP_CONTENT_LIMIT && o->name.n <= AP_NAME_LIMIT);
	assert(o->to.n <= AP_RECIPIENT_LIMIT && o->n_attachments <= AP_ATTACHMENT_LIMIT);
	check_url(o->attributed_to);
	check_url(o->in_reply_to);
	check_url(o->quote_uri);
	check_url(o->preview);
	for (size_t i = 0; i < o->n_attachments; i++) {
		assert(shape_is_url(o->attachments[i].url));
		assert(!str_is_empty(o->attachments[i].media_type));
	}
	for (size_t i = 0; i < o->n_mentions; i++)
		assert(shape_is_url(o->mentions[i].href));
	for (size_t i = 0; i < o->hashtags.n; i++)
		assert(o->hashtags.p[i].n && o->hashtags.p[i].n <= AP_NAME_LIMIT);
	(void)ap_visibility_of(o, STR("https://a.example/followers"));
}

static void check_actor(struct ctx *c, const struct json *j)
{
	const struct ap_actor *a;

	if (ap_actor_parse(c, j, &a))
		return;
	assert(shape_is_url(a->id) && shape_is_url(a->inbox) && shape_is_url(a->url));
	check_url(a->shared_inbox);
	check_url(a->icon);
	for (size_t i = 0; i < a->n_keys; i++)
		assert(str_eq(a->keys[i].owner, a->id) && ap_same_host(a->keys[i].id, a->id));
}

static void check_activity(struct ctx *c, const struct json *j)
{
	const struct ap_activity *a;
	const struct ap_collection *l;

	if (ap_activity_parse(c, j, &a) == 0) {
		assert(shape_is_url(a->actor));
		assert(str_is_null(a->id) || ap_same_host(a->id, a->actor));
		if (a->object_json)
			check_object(c, a->object_json);
	}
	if (ap_collection_parse(c, j, &l) == 0)
		assert(l->n_items <= AP_ITEM_LIMIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	const struct json *j;
	struct ctx c;

	ctx_init(&c, arena);
	if (json_parse(&c, (str){ (const char *)data, size }, &j))
		return 0;
	check_object(&c, j);
	check_actor(&c, j);
	check_activity(&c, j);
	return 0;
}
