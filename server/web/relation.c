/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What people do about each other: each form names somebody in its path and leads back. */
#include "model/block.h"
#include "model/follow.h"
#include "model/identity.h"
#include "server/web/form.h"
#include "server/web/handlers.h"
#include "server/web/views.h"

static int act(struct ctx *c, const struct request *q, struct response *r,
	       int (*fn)(struct ctx *c, int64_t other_id))
{
	const struct identity_row *i;

	TRY(person_of_path(c, q->args[0], &i));
	TRY(fn(c, i->id));
	return go_back(c, q, view_person(c, i).path, r);
}

int web_person_follow(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, follow_request);
}

int web_person_unfollow(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, follow_undo);
}

int web_person_accept(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, follow_accept);
}

int web_person_reject(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, follow_reject);
}

int web_person_block(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, block_add);
}

int web_person_unblock(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, block_remove);
}

/* With notifications, until it is taken back. */
static int mute(struct ctx *c, int64_t id)
{
	return mute_add(c, id, true, 0);
}

int web_person_mute(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, mute);
}

int web_person_unmute(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, mute_remove);
}
