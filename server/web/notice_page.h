/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Notifications, and what waits for a decision. See page.h. */
#ifndef SERVER_WEB_NOTICE_PAGE_H
#define SERVER_WEB_NOTICE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"
#include "server/web/page.h"

enum notice_kind {
	NOTICE_MENTION,
	NOTICE_FOLLOW,
	NOTICE_FOLLOW_REQUEST,
	NOTICE_LIKE,
	NOTICE_BOOST,
	NOTICE_POLL,
	NOTICE_EDIT,
	NOTICE_REPORT,
	NOTICE_STATUS,
	NOTICE_QUOTE,
	NOTICE_QUOTED_EDIT,
	NOTICE_SIGN_UP,
	NOTICE_SEVERED,
	NOTICE_WARNING,
	NOTICE_REACTION,
	NOTICE_ASKS_REPLY, /* these and after: something waits for the owner's decision */
	NOTICE_ASKS_LIKE,
	NOTICE_ASKS_BOOST,
	NOTICE_ASKS_QUOTE,
};

struct notice_view {
	int64_t id;
	enum notice_kind kind;
	struct person_view actor;
	const struct post_view *post; /* NULL: about none */
	str excerpt; /* of the post, plain text, for likes and boosts */
	usec when;
	bool unseen;
};

enum wish { WISH_REPLY, WISH_LIKE, WISH_BOOST, WISH_QUOTE };

/* Somebody's wish that waits for the person's decision. */
struct request_view {
	int64_t id;
	enum wish wish;
	struct person_view actor;
	usec when;
	const struct post_view *object; /* what it is about */
	const struct post_view *post; /* the answer or quotation; NULL: none, or not here */
	str excerpt; /* of object, plain text */
};

struct consents_page {
	struct frame frame;
	const struct request_view *requests;
	size_t n_requests;
	struct pager_view pager;
};

struct notifications_page {
	struct frame frame;
	const struct notice_view *notices;
	size_t n_notices;
	str live; /* where its script hears of more; empty: not the newest page */
	struct pager_view pager;
};

#endif
