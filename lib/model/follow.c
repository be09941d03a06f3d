/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: at most one row between two identities; people and peers only move its state, the
 * stator does what follows from it.
 */
#include "model/follow.h"

#include <assert.h>

#include "model/identity.h"
#include "model/preference.h"

static const char *const after_unrequested[] = { "pending_approval", "accepting", "rejecting",
						 "undone",	     "removed",	  NULL };
static const char *const after_pending[] = { "accepting",   "rejecting", "undone",
					     "unrequested", "removed",	 NULL };
static const char *const after_accepting[] = { "accepted", "rejecting", "undone", "removed", NULL };
static const char *const after_accepted[] = { "accepting", "rejecting", "undone", "removed", NULL };
static const char *const after_end[] = { "removed", "unrequested", NULL };

static const struct graph_state follow_states[] = {
	{
		.name = "unrequested",
		.initial = true,
		.next = after_unrequested,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = 6 * USEC_HOUR,
		.timeout = 7 * USEC_DAY,
		.timeout_to = "removed",
	},
	{ .name = "pending_approval", .next = after_pending, .external = true },
	{
		.name = "accepting",
		.next = after_accepting,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = 6 * USEC_HOUR,
		.timeout = 7 * USEC_DAY,
		.timeout_to = "accepted",
	},
	{ .name = "accepted", .next = after_accepted, .external = true },
	{
		.name = "rejecting",
		.next = after_end,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = 6 * USEC_HOUR,
		.timeout = 7 * USEC_DAY,
		.timeout_to = "removed",
	},
	{
		.name = "undone",
		.next = after_end,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = 6 * USEC_HOUR,
		.timeout = 7 * USEC_DAY,
		.timeout_to = "removed",
	},
	{ .name = "removed", .delete_after = USEC_MINUTE },
};

const struct graph follow_graph = { "follow", follow_states, ARRAY_SIZE(follow_states) };

#define FROM(...) \
	((strs){ (const str[]){ __VA_ARGS__ }, sizeof((const str[]){ __VA_ARGS__ }) / sizeof(str) })
#define LIVE FROM(STR("unrequested"), STR("pending_approval"), STR("accepting"), STR("accepted"))

static int move(struct ctx *c, int64_t source_id, int64_t target_id, strs from, str to,
		size_t *ret_n)
{
	return q_follow_move(c, to, source_id, target_id, from, ret_n);
}

/* Both ends by one statement. */
static int find_pair(struct ctx *c, int64_t target_id, const struct identity_row **ret_source,
		     const struct identity_row **ret_target)
{
	const struct identity_row *rows;
	size_t n;

	TRY(q_identity_by_ids(c, (i64s){ (const int64_t[]){ c->identity_id, target_id }, 2 }, &rows,
			      &n));
	if (n < 2)
		return fail(c, E_NOT_FOUND, "there is no such identity");
	*ret_source = rows[0].id == target_id ? &rows[1] : &rows[0];
	*ret_target = rows[0].id == target_id ? &rows[0] : &rows[1];
	return 0;
}

static int check_request(struct ctx *c, int64_t target_id, struct relation *r)
{
	const struct identity_row *source = NULL, *target = NULL;

	if (target_id == c->identity_id)
		return fail(c, E_INVALID, "nobody can follow themselves");
	TRY(find_pair(c, target_id, &source, &target));
	assert(source && target);
	if (target->deleted || target->is_system)
		return fail(c, E_NOT_FOUND, "there is no such identity");
	TRY(relation_get(c, target_id, r));
	if (r->suspended)
		return fail(c, E_NOT_FOUND, "there is no such identity");
	if (r->blocking || r->blocked_by || r->domain_blocking)
		return fail(c, E_FORBIDDEN, "a block stands between the two of you");
	if (r->following == FOLLOW_NONE && target->moved_to_uri.n)
		return fail(c, E_FORBIDDEN, "that account has moved");
	if (r->following == FOLLOW_NONE && source->following_count >= FOLLOW_LIMIT)
		return fail(c, E_UNPROCESSABLE, "nobody can follow more than %d", FOLLOW_LIMIT);
	return 0;
}

static int check_wish(struct ctx *c, const struct follow_wish *w)
{
	if (w->languages.n > FOLLOW_LANGUAGES)
		return fail(c, E_UNPROCESSABLE, "a follow has at most %d languages",
			    FOLLOW_LANGUAGES);
	for (size_t i = 0; i < w->languages.n; i++)
		if (!language_is_valid(w->languages.p[i]))
			return fail(c, E_UNPROCESSABLE, "that is no language");
	return 0;
}

static int set_wish(struct ctx *c, int64_t target_id, const struct follow_wish *w)
{
	struct q_follow_set_args args = {
		.boosts = w->boosts,
		.notify = w->notify,
		.languages = w->languages,
		.source_id = c->identity_id,
		.target_id = target_id,
		.domain_id = c->domain_id,
	};

	return q_follow_set(c, &args, NULL);
}

static int request(struct ctx *c, int64_t target_id, const struct follow_wish *w, bool change)
{
	struct q_follow_request_args args = {
		.boosts = w->boosts,
		.notify = w->notify,
		.languages = w->languages,
		.source_id = c->identity_id,
		.target_id = target_id,
	};
	struct relation r = { 0 };

	TRY(check_wish(c, w));
	TRY(check_request(c, target_id, &r));
	if (r.following != FOLLOW_NONE)
		return change ? set_wish(c, target_id, w) : 0;
	return q_follow_request(c, &args, NULL);
}

int follow_request(struct ctx *c, int64_t target_id)
{
	return request(c, target_id, &(struct follow_wish){ .boosts = true }, false);
}

int follow_request_as(struct ctx *c, int64_t target_id, const struct follow_wish *w)
{
	return request(c, target_id, w, true);
}

int follow_undo(struct ctx *c, int64_t target_id)
{
	return move(c, c->identity_id, target_id, LIVE, STR("undone"), NULL);
}

/* Only what waits for approval can be decided on; a follower of before can still be turned away. */
static int decide(struct ctx *c, int64_t source_id, strs from, str to)
{
	size_t n;

	TRY(move(c, source_id, c->identity_id, from, to, &n));
	if (n == 0)
		return fail(c, E_NOT_FOUND, "there is no such request");
	return 0;
}

int follow_accept(struct ctx *c, int64_t source_id)
{
	return decide(c, source_id, FROM(STR("pending_approval")), STR("accepting"));
}

int follow_reject(struct ctx *c, int64_t source_id)
{
	return decide(c, source_id, LIVE, STR("rejecting"));
}

int follow_received(struct ctx *c, const struct identity_row *source,
		    const struct identity_row *target, str uri)
{
	if (source->id == target->id)
		return fail(c, E_INVALID, "nobody can follow themselves");
	return q_follow_receive(c, source->id, target->id, target->domain_id, uri, NULL);
}

int follow_answered(struct ctx *c, int64_t source_id, int64_t target_id, bool accepted)
{
	if (accepted)
		return move(c, source_id, target_id,
			    FROM(STR("unrequested"), STR("pending_approval")), STR("accepting"),
			    NULL);
	return move(c, source_id, target_id, LIVE, STR("rejecting"), NULL);
}

int follow_withdrawn(struct ctx *c, int64_t source_id, int64_t target_id)
{
	return move(c, source_id, target_id, LIVE, STR("undone"), NULL);
}

static enum follow_status status_of(str state)
{
	if (str_eq(state, STR("accepted")) || str_eq(state, STR("accepting")))
		return FOLLOW_ACTIVE;
	if (str_eq(state, STR("unrequested")) || str_eq(state, STR("pending_approval")))
		return FOLLOW_REQUESTED;
	return FOLLOW_NONE;
}

static struct relation relation_of(const struct relation_row *row)
{
	return (struct relation){
		.following = status_of(row->following),
		.followed_by = status_of(row->followed_by),
		.wish = { row->boosts, row->notify, row->languages },
		.blocking = row->blocking,
		.blocked_by = row->blocked_by,
		.muting = row->muting,
		.muting_notifications = row->muting_notifications,
		.mute_expires = row->mute_expires,
		.domain_blocking = row->domain_blocking,
		.suspended = row->suspended,
		.endorsed = row->endorsed,
		.note = row->note,
	};
}

int relations_get(struct ctx *c, i64s others, struct relation *ret)
{
	const struct relation_row *rows;
	size_t n;

	TRY(q_follow_relation(c, c->identity_id, others, &rows, &n));
	for (size_t i = 0; i < others.n; i++)
		for (size_t k = 0; k < n; k++)
			if (rows[k].other_id == others.p[i])
				ret[i] = relation_of(&rows[k]);
	return 0;
}

int relation_get(struct ctx *c, int64_t other_id, struct relation *ret)
{
	return relations_get(c, (i64s){ &other_id, 1 }, ret);
}
