/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* interaction: likes, boosts, pins, votes and reactions of local and remote identities on posts. */
#ifndef MODEL_INTERACTION_H
#define MODEL_INTERACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/graph.h"
#include "model/post.h"
#include "sql/gen/interaction.h"

struct identity_row;

extern const struct graph interaction_graph;

#define PIN_LIMIT 5 /* posts of one identity */

enum interaction_kind {
	INTERACTION_LIKE,
	INTERACTION_BOOST,
	INTERACTION_PIN,
	INTERACTION_VOTE,
	INTERACTION_REACTION
};

/* As the acting identity, on a post that it may read. Again is no error. A boost needs a public or unlisted post, or
 * an own followers-only one (E_FORBIDDEN); a pin an own post that is not for mentioned ones, at most five (E_UNPROCESSABLE). */
int interaction_add(struct ctx *c, int64_t post_id, enum interaction_kind kind) must_check;
int interaction_remove(struct ctx *c, int64_t post_id, enum interaction_kind kind) must_check;
/* A boost for the public, unlisted, or for followers alone. The boost's id; 0: it waits for the author's consent. */
int interaction_boost(struct ctx *c, int64_t post_id, enum post_visibility visibility,
		      int64_t *ret_id) must_check;
/* A reaction, and one back: an emoji, or the shortcode of one of the tenant's. Again is no error. E_UNPROCESSABLE for
 * what is no emoji, or too many. */
int interaction_react(struct ctx *c, int64_t post_id, str name) must_check;
int interaction_unreact(struct ctx *c, int64_t post_id, str name) must_check;
/* An identity's own bookmarks, of which nobody hears, and threads of which it wants to hear nothing. */
int interaction_bookmark(struct ctx *c, int64_t post_id, bool keep) must_check;
int interaction_mute_thread(struct ctx *c, const struct post_row *post, bool mute) must_check;

/* Inbound, called with a checked actor and a stored post. */
int interaction_received(struct ctx *c, const struct identity_row *actor,
			 const struct post_row *post, enum interaction_kind kind, str uri,
			 usec published) must_check;
/* A boost for the public, unlisted, or for followers alone. */
int interaction_boosted(struct ctx *c, const struct identity_row *actor,
			const struct post_row *post, enum post_visibility visibility, str uri,
			usec published) must_check;
/* A reaction in a word: an emoji, or ":name:" with a picture (else empty). */
int interaction_reacted(struct ctx *c, const struct identity_row *actor,
			const struct post_row *post, str uri, str word, str picture_url,
			usec published) must_check;
/* By the activity's URI, or by actor, post and kind when the URI is unknown here. */
int interaction_withdrawn(struct ctx *c, const struct identity_row *actor, str uri,
			  const struct post_row *post, enum interaction_kind kind) must_check;

#endif
