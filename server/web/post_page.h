/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Pages of posts, and the form that writes them. See page.h. */
#ifndef SERVER_WEB_POST_PAGE_H
#define SERVER_WEB_POST_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"
#include "html/html.h"
#include "model/consent.h"
#include "model/media.h"
#include "model/poll.h"
#include "model/post.h"
#include "server/web/page.h"
#include "server/web/wrong.h"

/* A place for a file of a post. */
struct slot_view {
	int64_t id; /* of the upload; 0: none yet */
	str preview; /* small picture of it; empty: none */
	str description; /* as typed */
};

/* The part of the form that an error is about. */
enum compose_part { COMPOSE_ALL, COMPOSE_MEDIA, COMPOSE_POLL, COMPOSE_DUE };

/* The form that writes a post. */
struct compose_view {
	str text, warning; /* as typed */
	enum post_visibility visibility;
	str lang;
	bool sensitive;
	enum quote_policy quote_policy;
	enum consent_choice reply_policy;
	const struct post_view *parent; /* what it answers; NULL: nothing */
	const struct post_view *quoted; /* what it quotes; NULL: nothing */
	struct slot_view slots[MEDIA_PER_POST];
	str options[POLL_OPTION_LIMIT]; /* of a poll, as typed */
	int64_t poll_seconds; /* how long it is open */
	bool poll_multiple, poll_hides; /* the latter: counts, while it is open */
	str due; /* when it is to appear, as typed; empty: at once */
	str once; /* tells the same form sent twice from two forms */
	int64_t edits; /* the own post that is edited; 0: a new one */
	int64_t draft; /* it goes on with; 0: none */
	int limit; /* characters */
	struct wrong error;
	enum compose_part wrong;
};

/* A post for later. */
struct later_view {
	int64_t id;
	str text; /* the beginning, plain text */
	enum post_visibility visibility;
	size_t n_media;
	bool has_poll;
	usec due;
	str typed; /* a new time, as the form holds it */
	struct wrong error;
};

/* Home and local timeline. */
struct timeline_page {
	struct frame frame;
	bool local;
	str live; /* where its script hears of more; empty: not the newest page */
	const struct compose_view *compose; /* NULL: no form above */
	const struct post_view *posts;
	size_t n_posts;
	struct pager_view pager;
};

struct compose_page {
	struct frame frame;
	struct compose_view compose;
	const struct post_view *preview; /* as it would look; NULL: not asked for */
};

/* Bookmarks, or what one likes. */
struct saved_page {
	struct frame frame;
	bool liked;
	const struct post_view *posts;
	size_t n_posts;
	struct pager_view pager;
};

struct conversation_view {
	int64_t id;
	const struct person_view *people; /* all others */
	size_t n_people;
	const struct post_view *last; /* NULL: not to be read any longer */
	bool unread;
};

struct conversations_page {
	struct frame frame;
	const struct conversation_view *conversations;
	size_t n_conversations;
	struct pager_view pager;
};

struct scheduled_page {
	struct frame frame;
	const struct later_view *posts; /* last made first */
	size_t n_posts;
	struct pager_view pager;
};

struct post_page {
	struct frame frame;
	const struct post_view *above; /* parents, oldest first */
	size_t n_above;
	struct post_view post;
	const struct post_view *below; /* replies, in thread order, with their depth */
	size_t n_below;
	bool cut; /* more replies than are shown */
	str origin; /* where its author brought it from (URI); empty: nowhere */
	const struct compose_view *compose; /* the answer; NULL: no form */
};

/* What a post said from some time on. */
struct version_view {
	html content;
	str warning;
	str lang;
	usec written;
	const struct media_view *media;
	size_t n_media;
	const str *options; /* of its poll */
	size_t n_options;
};

struct history_page {
	struct frame frame;
	struct post_view post;
	const struct version_view *versions; /* newest first, which is the present one */
	size_t n_versions;
};

struct tag_view {
	str name; /* without # */
	str path;
	int64_t posts;
	bool following, featuring; /* the viewer does */
};

struct search_page {
	struct frame frame;
	str query; /* as typed; empty: nothing asked yet */
	const struct person_row_view *people;
	size_t n_people;
	const struct tag_view *tags;
	size_t n_tags;
	const struct post_view *posts;
	size_t n_posts;
	struct pager_view pager; /* of posts */
	struct wrong error;
};

struct tag_page {
	struct frame frame;
	struct tag_view tag;
	const struct post_view *posts;
	size_t n_posts;
	struct pager_view pager;
};

#endif
