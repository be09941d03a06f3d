/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a block or mute holds from the moment it is written; the stator only tells and tidies. */
#include "model/block.h"

#include "model/identity.h"

static const char *const after_new[] = { "sent", "expiring", "undone", NULL };
static const char *const after_sent[] = { "undone", "new", NULL };
static const char *const after_undone[] = { "removed", "new", NULL };

static const struct graph_state block_states[] = {
	{
		.name = "new",
		.initial = true,
		.next = after_new,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = 6 * USEC_HOUR,
		.timeout = 7 * USEC_DAY,
		.timeout_to = "sent",
	},
	{ .name = "sent", .next = after_sent, .external = true },
	{
		.name = "expiring",
		.next = after_sent,
		.first = USEC_HOUR,
		.growth = 1,
		.ceiling = USEC_HOUR,
	},
	{
		.name = "undone",
		.next = after_undone,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = 6 * USEC_HOUR,
		.timeout = 7 * USEC_DAY,
		.timeout_to = "removed",
	},
	{ .name = "removed", .delete_after = USEC_HOUR },
};

const struct graph block_graph = { "block", block_states, ARRAY_SIZE(block_states) };

static int add(struct ctx *c, int64_t target_id, const char *kind, bool notifications, usec expires)
{
	struct q_block_add_args args = {
		.kind = str_c(kind),
		.notifications = notifications,
		.expires = expires,
		.source_id = c->identity_id,
		.target_id = target_id,
	};
	const struct identity_row *target;

	if (target_id == c->identity_id)
		return fail(c, E_INVALID,
			    str_eq(args.kind, STR("mute")) ? "nobody can mute themselves"
							   : "nobody can block themselves");
	TRY(q_identity_by_id(c, target_id, &target));
	return q_block_add(c, &args, NULL);
}

/* Follows end at once for everybody's eyes; the stator does it again, for a follow that came meanwhile. */
int block_add(struct ctx *c, int64_t target_id)
{
	TRY(add(c, target_id, "block", true, 0));
	return q_block_end_follows(c, c->identity_id, target_id, NULL);
}

int mute_add(struct ctx *c, int64_t target_id, bool notifications, usec expires)
{
	return add(c, target_id, "mute", notifications, expires);
}

int block_remove(struct ctx *c, int64_t target_id)
{
	return q_block_remove(c, c->identity_id, target_id, STR("block"), NULL);
}

int mute_remove(struct ctx *c, int64_t target_id)
{
	return q_block_remove(c, c->identity_id, target_id, STR("mute"), NULL);
}

int block_received(struct ctx *c, const struct identity_row *source,
		   const struct identity_row *target, str uri)
{
	return q_block_receive(c, source->id, target->id, target->domain_id, uri, NULL);
}

int block_withdrawn(struct ctx *c, int64_t source_id, int64_t target_id)
{
	return q_block_remove(c, source_id, target_id, STR("block"), NULL);
}

int block_withdrawn_by_uri(struct ctx *c, int64_t source_id, str uri)
{
	return q_block_remove_uri(c, source_id, uri, NULL);
}
