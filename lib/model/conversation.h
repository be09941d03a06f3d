/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * conversation: threads of posts for mentioned people alone, as one of them sees it. The stator puts posts
 * there (conversation_add() in the database), and a deleted one is taken out by a trigger (post_forget()).
 */
#ifndef MODEL_CONVERSATION_H
#define MODEL_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/post.h"
#include "model/timeline.h"
#include "sql/gen/conversation.h"

struct conversation {
	const struct conversation_row *row;
	const struct identity_row *const *people; /* all others */
	size_t n_people;
	const struct status *last; /* NULL: not to be read any longer */
};

/* Conversations of the acting identity, the newest post first; pages are by the ids of these posts. */
int conversations_list(struct ctx *c, const struct page *p, struct conversation **ret,
		       size_t *ret_n) must_check;
/* One of its own, or E_NOT_FOUND. */
int conversation_get(struct ctx *c, int64_t id, struct conversation **ret) must_check;
int conversation_mark(struct ctx *c, int64_t id, bool unread) must_check;
int conversation_delete(struct ctx *c, int64_t id) must_check;

#endif
