/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* notification: what happened to a local identity. */
#ifndef MODEL_NOTIFICATION_H
#define MODEL_NOTIFICATION_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/post.h"
#include "model/timeline.h"
#include "sql/gen/notification.h"

/*
 * Tells a local identity, once for the same event; the ctx must be bound to its tenant. Nothing is told of actors that the owner
 * blocks, or mutes with notifications, nor of oneself. kind as in the table: "mention" "follow" "follow_request" "like" "boost"
 * "poll" "edit" "report". post_id 0: none.
 */
int notification_add(struct ctx *c, int64_t identity_id, const char *kind, int64_t actor_id,
		     int64_t post_id) must_check;
/* Takes it back (a withdrawn like, a cancelled request). */
int notification_remove(struct ctx *c, int64_t identity_id, const char *kind, int64_t actor_id,
			int64_t post_id) must_check;

struct notice {
	const struct notification_row *row;
	const struct identity_row *actor;
	const struct status *status; /* NULL: about no post, or one that is gone */
};
/* Of the acting identity, newest first; constant number of statements. */
int notification_list(struct ctx *c, const struct page *p, struct notice **ret,
		      size_t *ret_n) must_check;
int notification_count_unseen(struct ctx *c, int64_t *ret) must_check;
int notification_mark_seen(struct ctx *c) must_check;

#endif
