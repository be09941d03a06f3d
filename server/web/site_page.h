/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a community says of itself, to people, feed readers and search engines; and errors. See page.h. */
#ifndef SERVER_WEB_SITE_PAGE_H
#define SERVER_WEB_SITE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"
#include "html/html.h"
#include "server/web/page.h"

struct error_page {
	struct frame frame;
	int status; /* HTTP */
	str message; /* plain text; empty: the status says enough */
	str trace; /* finds the log lines */
	bool rests; /* the installation does: message is the operator's */
	usec until; /* when it is expected back; 0: nobody knows */
};

struct about_page {
	struct frame frame;
	html words; /* what else there is to say of it; empty: nothing */
	str closed; /* why nobody can join, in its own words; empty: no words */
	const str *rules; /* plain text */
	size_t n_rules;
	const struct person_row_view *staff;
	size_t n_staff;
	str contact; /* an e-mail address; may be empty */
	int64_t n_people, n_posts_total;
	const struct post_view *posts; /* newest local ones */
	size_t n_posts;
};

/* What strangers see first: what is written here, beside a few words about the community. */
struct front_page {
	struct frame frame;
	str closed; /* as above */
	int64_t n_people, n_posts_total;
	const struct post_view *posts;
	size_t n_posts;
	struct pager_view pager;
};

/* A text of the community's own: how it treats what people tell, its terms. */
struct words_page {
	struct frame frame;
	html text;
	str since; /* the day since when it holds; empty: not said */
	bool ended; /* others hold by now */
	const str *days; /* other versions, by their days */
	size_t n_days;
};

/* Posts for feed readers: of somebody, or with a hashtag. */
struct feed_page {
	const struct site_view *site;
	str title, description;
	str url; /* of the page, absolute */
	str self; /* of the feed, absolute */
	usec updated;
	const struct post_view *posts;
	size_t n_posts;
};

/* Addresses for search engines, absolute. */
struct sitemap_page {
	const str *urls;
	size_t n_urls;
};

#endif
