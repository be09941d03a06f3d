/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Hashtags and following them: https://docs.joinmastodon.org/methods/tags/, followed_tags. */
#include "model/featured_tag.h"
#include "model/tag.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/render_tag.h"

static int send(struct ctx *c, str name, struct response *r)
{
	struct json_out w;
	struct tag *t;

	TRY(tag_get(c, name, &t));
	api_open(c, &w);
	render_tag(c, &w, NULL, t);
	return api_send(&w, r);
}

int api_tag(struct ctx *c, struct request *q, struct response *r)
{
	return send(c, q->args[0], r);
}

int api_tag_follow(struct ctx *c, struct request *q, struct response *r)
{
	TRY(tag_follow(c, q->args[0], true));
	return send(c, q->args[0], r);
}

int api_tag_unfollow(struct ctx *c, struct request *q, struct response *r)
{
	TRY(tag_follow(c, q->args[0], false));
	return send(c, q->args[0], r);
}

int api_tag_feature(struct ctx *c, struct request *q, struct response *r)
{
	const struct featured_tag_row *tag;

	TRY(featured_tag_add(c, q->args[0], &tag));
	return send(c, q->args[0], r);
}

int api_tag_unfeature(struct ctx *c, struct request *q, struct response *r)
{
	TRY(featured_tag_remove_name(c, q->args[0]));
	return send(c, q->args[0], r);
}

int api_followed_tags(struct ctx *c, struct request *q, struct response *r)
{
	struct page page;
	struct json_out w;
	struct tag *tags;
	size_t n;

	api_page(q, 100, 200, &page);
	TRY(tags_followed(c, &page, &tags, &n));
	api_open(c, &w);
	render_tags(c, &w, NULL, tags, n);
	if (n)
		api_link(c, q, tags[0].entry_id, tags[n - 1].entry_id,
			 (int64_t)n == page_limit(&page), r);
	return api_send(&w, r);
}
