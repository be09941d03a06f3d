/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * post: what people write, here or elsewhere. Who may read one is decided in the database, in
 * post_is_readable(), and nowhere else.
 */
#ifndef MODEL_POST_H
#define MODEL_POST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/table.h"
#include "json/write.h"
#include "model/graph.h"
#include "model/media.h"
#include "sql/gen/post.h"

extern const struct graph post_graph;

enum post_visibility { POST_PUBLIC, POST_UNLISTED, POST_FOLLOWERS, POST_MENTIONED, POST_LOCAL };
extern const struct name
	post_visibilities[]; /* "public", "unlisted", "followers", "mentioned", "local" */

#define POST_LIMIT 5000 /* characters of text and content warning together */
#define POST_MENTION_LIMIT 50
#define POST_HASHTAG_LIMIT 30
#define POST_ANCESTOR_LIMIT 60 /* parents fetched or shown above a post */
#define POST_DESCENDANT_LIMIT 200 /* replies shown below a post */

enum quote_policy { QUOTE_PUBLIC, QUOTE_FOLLOWERS, QUOTE_NOBODY, QUOTE_ASK };
extern const struct name post_quote_policies[]; /* "public", "followers", "nobody", "ask" */

struct poll_draft; /* model/poll.h */
struct consent_policy; /* model/consent.h */

struct post_draft {
	str text; /* plain text as typed; empty only with media or something quoted */
	str summary; /* content warning; empty: none */
	enum post_visibility visibility;
	bool sensitive;
	str language; /* empty: not said */
	int64_t in_reply_to_id; /* must be readable to the author; 0: none */
	i64s media_ids; /* own uploads, in order */
	const struct poll_draft *poll; /* NULL: none */
	int64_t quoted_id; /* E_NOT_FOUND when its author does not allow it; 0: none */
	enum quote_policy quote_policy; /* who may quote this one */
	const struct consent_policy
		*policy; /* who may answer, like and boost it; NULL: as the author's posts are,
					      * or as it is */
	int64_t application_id; /* it is written with; 0: none */
	str key; /* of the request (idempotency_key()); empty: none */
	int64_t scheduled_id; /* the post for later that this is; 0: none */
	bool text_only; /* of an edit: media, poll and policy stay as they are */
};
/*
 * Writes a post as the acting identity: text to HTML, mentions resolved, hashtags stored, put on
 * the author's own home page; the stator does the rest. A reply is never wider than its visibility
 * says, and never reaches a parent that the author may not read (E_NOT_FOUND). A key or a post for
 * later that was used already gives the post that came of it.
 */
int post_create(struct ctx *c, const struct post_draft *d, int64_t *ret_id) must_check;
/* What post_create() refuses of a draft, without writing anything. */
int post_check(struct ctx *c, const struct post_draft *d) must_check;
/* Edits an own post (visibility, parent and what it quotes stay as they are); the version until now is kept.
 * E_FORBIDDEN for another's. */
int post_edit(struct ctx *c, int64_t id, const struct post_draft *d) must_check;
/* Who may quote an own post from now on. */
int post_set_quote_policy(struct ctx *c, int64_t id, enum quote_policy policy) must_check;
/* Deletes an own post; E_FORBIDDEN for another's. Media that are kept are uploads again, for another post. */
int post_delete(struct ctx *c, int64_t id, bool keep_media) must_check;
/* An own post; E_FORBIDDEN for another's. */
int post_get_own(struct ctx *c, int64_t id, const struct post_row **ret) must_check;

/* A post that viewer (identity; 0: anybody) may read; else E_NOT_FOUND. Deleted: E_GONE. */
int post_get(struct ctx *c, int64_t id, int64_t viewer, const struct post_row **ret) must_check;
int post_get_by_uri(struct ctx *c, str uri, int64_t viewer, const struct post_row **ret) must_check;

/*
 * ActivityPub of a local post (post_ap.c). The object (Note, Question ...) as a member named key, or as the
 * document when key is NULL, then with @context. The activities "Create", "Update" and "Delete" around it, serialised.
 */
int post_write_ap(struct ctx *c, const struct post_row *p, const char *key,
		  struct json_out *w) must_check;
int post_activity(struct ctx *c, const struct post_row *p, const char *type, str *ret_uri,
		  str *ret_body) must_check;
/* The Create of an own post for its author's archive: whoever it is for, with media by their names in there. */
int post_write_archived(struct ctx *c, const struct post_row *p, struct json_out *w) must_check;
#define POST_ARCHIVED_MEDIA "media_attachments/files/" /* before a file's name */
/* The type and address of a post that is gone, as a document (ActivityPub 6.4). */
int post_write_tombstone(struct ctx *c, str object_uri, usec deleted,
			 struct json_out *w) must_check;
/* Whom a post is sent to besides its author's followers: mentioned ones and the parent's author. */
int post_recipients(struct ctx *c, const struct post_row *p, i64s *ret) must_check;

/*
 * A post with everything that a page or an API entity shows of it, loaded for many at once by a
 * constant number of statements.
 */
struct filter_match; /* filter.h */
struct poll_row;
struct quote_shown_row;
struct post_reaction_row;
struct post_application_row;
struct card_row;
struct status {
	int64_t entry_id; /* timeline position: post id or boost id */
	const struct post_row *post;
	const struct identity_row *author;
	const struct identity_row *booster; /* NULL: not here by a boost */
	const struct status_media *media;
	size_t n_media;
	const struct identity_row *const *mentions;
	size_t n_mentions;
	const str *hashtags;
	size_t n_hashtags;
	const struct identity_row *in_reply_to; /* author of the parent; NULL: none or unknown */
	const struct post_application_row
		*application; /* it was written with; NULL: not known here */
	const struct card_row *card; /* the page that it links to; NULL: none */
	const struct identity_row
		*card_creator; /* who wrote that page by their own word; NULL: not known */
	const struct poll_row *poll; /* NULL: none */
	strs own_votes; /* options that the viewer chose */
	const struct quote_shown_row *quote; /* NULL: quotes nothing */
	const struct status
		*quoted; /* NULL: not here, or not for the viewer; has no quoted itself */
	str veil; /* why the viewer may not want to see quoted: "blocked_account", "muted_account",
		   * "blocked_domain"; null: no reason */
	const struct post_reaction_row *reactions;
	size_t n_reactions;
	const struct consent_policy_row
		*policy; /* and whether it waits for consent itself; NULL: everybody may */
	str quotable; /* by the viewer: "automatic", "manual", "denied", "unknown" */
	bool liked, boosted, bookmarked, pinned; /* by the viewer */
	bool muted; /* its thread, by the viewer */
	bool covered; /* its media count as sensitive, because staff wants it, or its author's, so */
	str cover; /* words of staff that stand before it; empty: none */
	const struct filter_match *filters; /* of the viewer that fit it */
	size_t n_filters;
};
/* Statuses of these posts in the same order; viewer as in post_get. A constant number of statements. */
int statuses_load(struct ctx *c, const struct post_row *posts, size_t n, int64_t viewer,
		  struct status **ret) must_check;

/* What stands before a status: words of staff, and those of its author; empty: nothing. */
str status_warning(struct arena *a, const struct status *s);

/* Parents, oldest first, and replies, in thread order, that viewer may read. */
int post_context(struct ctx *c, const struct post_row *p, int64_t viewer, struct status **ret_above,
		 size_t *ret_n_above, struct status **ret_below, size_t *ret_n_below) must_check;

#endif
