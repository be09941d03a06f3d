/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Rows and statuses to what pages show of them (page.h). */
#ifndef SERVER_WEB_VIEWS_H
#define SERVER_WEB_VIEWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/timeline.h"
#include "server/http.h"
#include "server/web/page.h"
#include "server/web/post_page.h"

struct identity_row;

/* The URL when it is an http(s) one that a browser may be led to; else the other, or empty. */
str view_url(struct ctx *c, str url, str otherwise);
/* The first words of markup as plain text on one line. */
str view_excerpt(struct ctx *c, str markup, size_t chars);

struct person_view view_person(struct ctx *c, const struct identity_row *i);
/* Who "/@<this>/" is about, local or remote; E_GONE when they were deleted. */
int person_of_path(struct ctx *c, str handle, const struct identity_row **ret) must_check;
/* Whether a page about somebody remote is only for those who are logged in; then leads to their own. */
bool leads_away(struct ctx *c, const struct identity_row *i, str url, struct response *r);

/* People of a list, with the viewer's relations to all of them by one statement. */
int view_people(struct ctx *c, const struct identity_row *const *people, size_t n,
		struct person_row_view **ret) must_check;
/* The same for these ids, in their order. */
int view_people_by_ids(struct ctx *c, i64s ids, struct person_row_view **ret,
		       size_t *ret_n) must_check;

/* What has no address that a page may load is left out. */
const struct media_view *view_media(struct ctx *c, const struct status_media *media, size_t n,
				    size_t *ret_n);
struct post_view *view_posts(struct ctx *c, const struct status *statuses, size_t n);
/* The same, as the viewer's filters of a context ("home", "public", "account") let them be seen. */
struct post_view *view_posts_in(struct ctx *c, const char *context, const struct status *statuses,
				size_t n, size_t *ret_n);
/* The post of "/@<author>/posts/<id>/", which the viewer may read and which must be that author's. */
int post_of_path(struct ctx *c, const struct request *q, const struct identity_row **ret_author,
		 const struct post_row **ret) must_check;
/* One post that the viewer may read. */
int view_post(struct ctx *c, int64_t id, struct post_view *ret) must_check;

/* Hashtags that somebody shows on their page. */
int view_featured_tags(struct ctx *c, int64_t identity_id, const struct tag_view **ret,
		       size_t *ret_n) must_check;

/* The community's rules, as texts. */
int view_rules(struct ctx *c, const str **ret, size_t *ret_n) must_check;

/* Which page of a list is asked for ("?max_id="). */
struct page view_page(const struct request *q);
/* Where the script of a page hears of more behind its newest entry (0: it has none); empty: nobody is logged in. */
str view_live(struct ctx *c, const struct request *q, const char *name, int64_t newest);
/* Links to the pages around one; is_full: there may be more below last_id. */
struct pager_view view_pager(struct ctx *c, const struct request *q, const struct page *p,
			     bool is_full, int64_t last_id);

#endif
