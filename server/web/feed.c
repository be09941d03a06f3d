/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * RSS 2.0 and Atom (RFC 4287), for readers that nobody logged in to: what a stranger sees on the page
 * of somebody here, or of a hashtag. And the sitemap.
 */
#include "html/html.h"
#include "model/account.h"
#include "model/identity.h"
#include "model/tag.h"
#include "model/timeline.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/site_page.h"
#include "server/web/view.h"
#include "server/web/views.h"
#include "templates.h"

#define DESCRIPTION_CHARS 300
#define SITEMAP_PEOPLE 500

static int respond(struct ctx *c, const struct request *q, struct feed_page *page,
		   const struct status *statuses, size_t n, struct response *r)
{
	bool is_atom = str_ends(q->path, STR(".atom"));
	struct frame frame;
	struct out o;

	frame_bare(c, q, &frame);
	page->site = frame.site;
	page->self = str_cat(c->arena, c->domain->origin, q->raw_path);
	page->posts = view_posts(c, statuses, n);
	page->n_posts = n;
	for (size_t i = 0; i < n; i++) {
		usec last = page->posts[i].edited ? page->posts[i].edited
						  : page->posts[i].published;

		if (page->updated < last)
			page->updated = last;
	}
	page_open(c, &o);
	if (is_atom)
		tpl_atom(&o, page);
	else
		tpl_rss(&o, page);
	TRY(page_close(&o, r));
	r->type = is_atom ? STR("application/atom+xml; charset=utf-8")
			  : STR("application/rss+xml; charset=utf-8");
	r->cache = CACHE_SHORT;
	return 0;
}

int web_profile_feed(struct ctx *c, struct request *q, struct response *r)
{
	const struct page newest = { 0 };
	struct feed_page page = { 0 };
	const struct identity_row *i;
	struct timeline_by by = { .tag = STR("") };
	struct timeline found;
	struct person_view person;

	TRY(person_of_path(c, q->args[0], &i));
	if (i->domain_id != c->domain_id)
		return fail(c, E_NOT_FOUND, "only people of this community have feeds here");
	by.author_id = i->id;
	TRY(timeline_author(c, &by, &newest, 0, &found));
	person = view_person(c, i);
	page.title = str_fmt(c->arena, "%.*s (%.*s)", STR_ARG(person.name), STR_ARG(person.handle));
	page.description = view_excerpt(c, i->summary, DESCRIPTION_CHARS);
	page.url = str_cat(c->arena, c->domain->origin, person.path);
	page.updated = i->published;
	return respond(c, q, &page, found.statuses, found.n, r);
}

int web_tag_feed(struct ctx *c, struct request *q, struct response *r)
{
	const struct page newest = { 0 };
	struct feed_page page = { 0 };
	struct timeline_tags tags = { 0 };
	struct timeline found;
	struct tag *tag;

	TRY(tag_get(c, q->args[0], &tag));
	tags.any = (strs){ &tag->name, 1 };
	TRY(timeline_hashtag(c, &tags, &newest, 0, &found));
	page.title =
		str_fmt(c->arena, "#%.*s · %.*s", STR_ARG(tag->name), STR_ARG(c->domain->title));
	page.url = str_fmt(c->arena, "%.*s/tags/%.*s/", STR_ARG(c->domain->origin),
			   STR_ARG(url_part(c->arena, tag->name)));
	return respond(c, q, &page, found.statuses, found.n, r);
}

/* The community's own page, and those who want to be found. */
int web_sitemap(struct ctx *c, unused struct request *q, struct response *r)
{
	const struct directory d = { .here = true, .limit = SITEMAP_PEOPLE };
	struct sitemap_page page = { 0 };
	struct account *accounts;
	struct out o;
	str *urls;
	size_t n;

	TRY(accounts_directory(c, &d, &accounts, &n));
	urls = arena_array(c->arena, n + 1, sizeof(*urls));
	urls[page.n_urls++] = str_cat(c->arena, c->domain->origin, STR("/about/"));
	for (size_t i = 0; i < n; i++)
		urls[page.n_urls++] = str_cat(c->arena, c->domain->origin,
					      view_person(c, accounts[i].identity).path);
	page.urls = urls;
	page_open(c, &o);
	tpl_sitemap(&o, &page);
	TRY(page_close(&o, r));
	r->type = STR("application/xml; charset=utf-8");
	r->cache = CACHE_SHORT;
	return 0;
}
