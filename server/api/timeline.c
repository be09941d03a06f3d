/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Timelines of the client API: https://docs.joinmastodon.org/methods/timelines/, and lists of statuses like them. */
#include "model/hashtag.h"
#include "model/identity.h"
#include "model/list.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_status.h"
#include "sql/gen/tag.h"

static struct timeline_choice read_choice(const struct params *p)
{
	struct timeline_choice which = {
		.local = param_bool(p, "local", false),
		.remote = param_bool(p, "remote", false),
		.only_media = param_bool(p, "only_media", false),
	};

	/* Both together are neither: all. */
	if (which.local && which.remote)
		which.local = which.remote = false;
	return which;
}

int api_timeline_home(struct ctx *c, struct request *q, struct response *r)
{
	struct page page;
	struct timeline found;

	api_page(q, 20, 40, &page);
	TRY(timeline_home(c, &page, &found));
	return respond_timeline(c, q, &found, r);
}

int api_timeline_public(struct ctx *c, struct request *q, struct response *r)
{
	struct page page;
	struct params *p;
	struct timeline found;

	TRY(params_read(c, q, &p));
	api_page(q, 20, 40, &page);
	TRY(timeline_public(c, read_choice(p), &page, c->identity_id, &found));
	return respond_timeline(c, q, &found, r);
}

/* Folded names of a list, each once; what is no hashtag can be on no post, and stays to say so. */
static strs read_tags(struct ctx *c, const struct params *p, const char *name, str first)
{
	strs values = param_list(c, p, name);
	str *tags = arena_array(c->arena, TIMELINE_TAG_LIMIT + 1, sizeof(*tags));
	size_t n = 0, most = TIMELINE_TAG_LIMIT;

	if (!str_is_null(first)) {
		tags[n++] = first;
		most++;
	}
	for (size_t i = 0; i < values.n && n < most; i++) {
		str tag = hashtag_fold(c, values.p[i]);
		size_t k = 0;

		if (str_is_null(tag))
			tag = STR("");
		while (k < n && !str_eq(tags[k], tag))
			k++;
		if (k == n)
			tags[n++] = tag;
	}
	return (strs){ tags, n };
}

int api_timeline_tag(struct ctx *c, struct request *q, struct response *r)
{
	str tag = hashtag_fold(c, q->args[0]);
	struct timeline_tags tags;
	struct page page;
	struct params *p;
	struct timeline found;

	if (str_is_null(tag))
		return api_not_found(c);
	TRY(params_read(c, q, &p));
	api_page(q, 20, 40, &page);
	tags = (struct timeline_tags){
		.any = read_tags(c, p, "any", tag),
		.all = read_tags(c, p, "all", STR_NULL),
		.none = read_tags(c, p, "none", STR_NULL),
		.which = read_choice(p),
	};
	TRY(timeline_hashtag(c, &tags, &page, c->identity_id, &found));
	return respond_timeline(c, q, &found, r);
}

/* An address that nobody here wrote of is not there; one that has no more posts is an empty page. */
int api_timeline_link(struct ctx *c, struct request *q, struct response *r)
{
	const struct link_row *link;
	struct page page;
	struct params *p;
	struct timeline found;
	int err;

	TRY(params_read(c, q, &p));
	if (str_is_empty(param(p, "url")))
		return api_not_found(c);
	api_page(q, 20, 40, &page);
	err = q_link_by_url(c, param(p, "url"), &link);
	if (err == E_NOT_FOUND)
		return api_not_found(c);
	TRY(err);
	TRY(timeline_link(c, link->url, &page, c->identity_id, &found));
	return respond_timeline(c, q, &found, r);
}

int api_timeline_list(struct ctx *c, struct request *q, struct response *r)
{
	const struct list_row *list;
	struct page page;
	struct timeline found;
	int64_t id;
	int err;

	TRY(api_path_id(c, q, 0, &id));
	err = list_get(c, id, &list);
	if (err == E_NOT_FOUND)
		return api_not_found(c);
	TRY(err);
	api_page(q, 20, 40, &page);
	TRY(timeline_list(c, list->id, &page, &found));
	return respond_timeline(c, q, &found, r);
}

int api_timeline_direct(struct ctx *c, struct request *q, struct response *r)
{
	struct page page;
	struct timeline found;

	api_page(q, 20, 40, &page);
	TRY(timeline_direct(c, &page, &found));
	return respond_timeline(c, q, &found, r);
}

int api_favourites(struct ctx *c, struct request *q, struct response *r)
{
	struct page page;
	struct timeline found;

	api_page(q, 20, 40, &page);
	TRY(timeline_liked(c, &page, &found));
	return respond_timeline(c, q, &found, r);
}

int api_bookmarks(struct ctx *c, struct request *q, struct response *r)
{
	struct page page;
	struct timeline found;

	api_page(q, 20, 40, &page);
	TRY(timeline_bookmarked(c, &page, &found));
	return respond_timeline(c, q, &found, r);
}

static int find_author(struct ctx *c, const struct request *q, const struct identity_row **ret)
{
	int64_t id;
	int err;

	TRY(api_path_id(c, q, 0, &id));
	err = q_identity_by_id(c, id, ret);
	if (err == E_NOT_FOUND || (!err && (*ret)->deleted))
		return api_not_found(c);
	return err;
}

int api_account_statuses(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *author;
	struct timeline_by by;
	struct page page;
	struct params *p;
	struct timeline found;
	struct status *statuses;
	size_t n;

	TRY(params_read(c, q, &p));
	TRY(find_author(c, q, &author));
	api_page(q, 20, 40, &page);
	if (param_bool(p, "pinned", false)) {
		TRY(timeline_pinned(c, author->id, c->identity_id, &statuses, &n));
		return respond_statuses(c, q, statuses, n, INT64_MAX, r);
	}
	by = (struct timeline_by){
		.author_id = author->id,
		.replies = !param_bool(p, "exclude_replies", false),
		.boosts = !param_bool(p, "exclude_reblogs", false),
		.only_media = param_bool(p, "only_media", false),
		.tag = STR(""),
	};
	if (param_is_there(p, "tagged"))
		by.tag = hashtag_fold(c, param(p, "tagged"));
	if (str_is_null(by.tag))
		by.tag = STR("#"); /* is no name */
	TRY(timeline_author(c, &by, &page, c->identity_id, &found));
	return respond_timeline(c, q, &found, r);
}
