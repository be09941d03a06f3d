/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * timeline: lists of posts, newest first, paged by entry ids. All return statuses that the viewer
 * may read, without those of identities that the viewer blocks or mutes.
 */
#ifndef MODEL_TIMELINE_H
#define MODEL_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/post.h"

struct page {
	int64_t max_id; /* only entries below; 0: from the newest */
	int64_t since_id; /* only entries above, of these the newest; 0: no bound */
	int64_t min_id; /* only entries above, of these the oldest, so that no gap is left; 0: no bound */
	int limit; /* at most most; 0: 20 */
	int most; /* 0: 40 */
};

/* The limit that applies: 1 to most, 20 when none is given. */
static inline int64_t page_limit(const struct page *p)
{
	int most = p->most ? p->most : 40;

	if (p->limit <= 0)
		return 20;
	return p->limit < most ? p->limit : most;
}

/* What a page asks of its statement: entries between min and max, both excluded, from one end. */
struct page_range {
	bool upward; /* oldest first, right above min; what comes has to be turned */
	int64_t max, min;
	int64_t limit;
};
static inline struct page_range page_range(const struct page *p)
{
	return (struct page_range){
		.upward = p->min_id != 0,
		.max = p->max_id ? p->max_id : INT64_MAX,
		.min = p->min_id > p->since_id ? p->min_id : p->since_id,
		.limit = page_limit(p),
	};
}

/* One page of a timeline. */
struct timeline {
	struct status *statuses;
	size_t n;
	/* Entries that the neighbouring pages begin behind, whether or not they are shown; 0: there are none. */
	int64_t newest, oldest;
	bool is_full; /* more may follow, even where nothing is shown */
};

/* Home of the acting identity. */
int timeline_home(struct ctx *c, const struct page *p, struct timeline *ret) must_check;

/* Which posts of a public timeline; local and remote together are neither. */
struct timeline_choice {
	bool local; /* only those of the tenant's own people */
	bool remote; /* only those of all others */
	bool only_media;
};
/* Public and local posts of the tenant's people and public ones of whom they follow, without answers to others. */
int timeline_public(struct ctx *c, struct timeline_choice which, const struct page *p,
		    int64_t viewer, struct timeline *ret) must_check;

#define TIMELINE_TAG_LIMIT 4 /* hashtags of each sort beside the first */
/* Hashtags, case-folded, without #: one of any, all of all, none of none. */
struct timeline_tags {
	strs any, all, none;
	struct timeline_choice which;
};
/* Public posts with hashtags. */
int timeline_hashtag(struct ctx *c, const struct timeline_tags *t, const struct page *p,
		     int64_t viewer, struct timeline *ret) must_check;

struct timeline_by {
	int64_t author_id;
	bool replies; /* also answers to others */
	bool boosts;
	bool only_media; /* without boosts */
	str tag; /* only those with this hashtag, case-folded; empty: all */
};
/* Posts of one author that the viewer may read. */
int timeline_author(struct ctx *c, const struct timeline_by *by, const struct page *p,
		    int64_t viewer, struct timeline *ret) must_check;
/* Pinned public posts of an author. */
int timeline_pinned(struct ctx *c, int64_t author_id, int64_t viewer, struct status **ret,
		    size_t *ret_n) must_check;

/* Public posts that link to an address. */
int timeline_link(struct ctx *c, str url, const struct page *p, int64_t viewer,
		  struct timeline *ret) must_check;
/* Posts for mentioned people alone that the acting identity wrote or got. */
int timeline_direct(struct ctx *c, const struct page *p, struct timeline *ret) must_check;
/* Posts and boosts of those on a list that was found to be the acting identity's. */
int timeline_list(struct ctx *c, int64_t list_id, const struct page *p,
		  struct timeline *ret) must_check;
/* What the acting identity likes, and what it keeps; entry ids are those of the likes and bookmarks. */
int timeline_liked(struct ctx *c, const struct page *p, struct timeline *ret) must_check;
int timeline_bookmarked(struct ctx *c, const struct page *p, struct timeline *ret) must_check;
/* What trends on the tenant, best first, from offset on. */
int timeline_trending(struct ctx *c, int64_t limit, int64_t offset, int64_t viewer,
		      struct status **ret, size_t *ret_n) must_check;

/* Statuses of posts that viewer may read, in the order of their ids. */
int timeline_of_ids(struct ctx *c, i64s ids, int64_t viewer, struct status **ret,
		    size_t *ret_n) must_check;

/* A post comes to where the bound tenant's people read it: for the stator. */
int timeline_show(struct ctx *c, int64_t post_id) must_check;

/* Puts the newest posts of somebody just followed on a home page; takes all of somebody's off. The ctx
 * is bound to the owner's tenant. */
int timeline_fill(struct ctx *c, int64_t identity_id, int64_t author_id) must_check;
int timeline_clear(struct ctx *c, int64_t identity_id, int64_t author_id) must_check;

#endif
