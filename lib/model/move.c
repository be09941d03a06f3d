/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: nobody is made to follow an account that does not itself say that it is the old one. */
#include "model/move.h"

#include "db/db.h"
#include "fetch/url.h"
#include "json/write.h"
#include "model/activity.h"
#include "model/domain.h"
#include "model/follow.h"
#include "model/list.h"
#include "model/recovery.h"

#define FOLLOWERS 200 /* that are read at once */

static const char *const after_moving[] = { "moved", "undone", NULL };

static const struct graph_state move_states[] = {
	{
		.name = "moving",
		.initial = true,
		.next = after_moving,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	{ .name = "moved", .delete_after = 60 * USEC_DAY },
	{ .name = "undone", .delete_after = 60 * USEC_DAY },
};

const struct graph move_graph = { "move", move_states, ARRAY_SIZE(move_states) };

static bool contains(strs list, str one)
{
	for (size_t i = 0; i < list.n; i++)
		if (str_eq(list.p[i], one))
			return true;
	return false;
}

static int find(struct ctx *c, str text, const struct identity_row **ret)
{
	struct url url;

	text = str_trim(text);
	TRY(url_parse(c->arena, text, &url) ? identity_resolve_uri(c, text, ret)
					    : identity_resolve(c, text, ret));
	if ((*ret)->deleted || (*ret)->is_system)
		return fail(c, E_NOT_FOUND, "there is no such account");
	if ((*ret)->id == c->identity_id)
		return fail(c, E_UNPROCESSABLE, "that is this very account");
	return 0;
}

int move_add_alias(struct ctx *c, str text)
{
	const struct identity_row *self, *other;
	str *uris;

	TRY(q_identity_by_id(c, c->identity_id, &self));
	TRY(find(c, text, &other));
	if (contains(self->also_known_as, other->actor_uri))
		return 0;
	if (self->also_known_as.n >= MOVE_ALIASES)
		return fail(c, E_UNPROCESSABLE, "nobody has more than %d other accounts here",
			    MOVE_ALIASES);
	uris = arena_array(c->arena, MOVE_ALIASES + 1, sizeof(*uris));
	for (size_t i = 0; i < self->also_known_as.n; i++)
		uris[i] = self->also_known_as.p[i];
	uris[self->also_known_as.n] = other->actor_uri;
	return q_move_set_aliases(c, (strs){ uris, self->also_known_as.n + 1 }, c->identity_id,
				  c->domain_id, NULL);
}

int move_remove_alias(struct ctx *c, str uri)
{
	const struct identity_row *self;
	size_t n = 0;
	str *uris;

	TRY(q_identity_by_id(c, c->identity_id, &self));
	uris = arena_array(c->arena, self->also_known_as.n + 1, sizeof(*uris));
	for (size_t i = 0; i < self->also_known_as.n; i++)
		if (!str_eq(self->also_known_as.p[i], uri))
			uris[n++] = self->also_known_as.p[i];
	return q_move_set_aliases(c, (strs){ uris, n }, c->identity_id, c->domain_id, NULL);
}

/* As its own server says at this moment. */
static int find_anew(struct ctx *c, str text, const struct identity_row **ret)
{
	TRY(find(c, text, ret));
	TRY(identity_refresh(c, *ret));
	return q_identity_by_id(c, (*ret)->id, ret);
}

static int check_target(struct ctx *c, const struct identity_row *self,
			const struct identity_row *target)
{
	if (!contains(target->also_known_as, self->actor_uri))
		return fail(c, E_UNPROCESSABLE,
			    "that account does not name this one among its other accounts");
	if (target->moved_to_uri.n)
		return fail(c, E_UNPROCESSABLE, "that account has moved itself");
	return 0;
}

struct start {
	const struct identity_row *target;
};

static int begin(struct ctx *c, void *arg)
{
	const struct start *s = arg;
	const struct move_id_row *row;
	size_t n;

	TRY(q_move_add(c, c->domain_id, c->identity_id, s->target->id, c->now - MOVE_PAUSE, &row,
		       &n));
	if (n == 0)
		return fail(c, E_LIMITED, "this account moved within the last thirty days");
	return q_move_set_target(c, s->target->actor_uri, c->identity_id, c->domain_id, NULL);
}

int move_start(struct ctx *c, str handle, str password)
{
	const struct identity_row *self;
	struct start s;

	TRY(recovery_own_password(c, password));
	TRY(q_identity_by_id(c, c->identity_id, &self));
	TRY(find_anew(c, handle, &s.target));
	TRY(check_target(c, self, s.target));
	return db_transaction(c, begin, &s);
}

static int take_back(struct ctx *c, unused void *arg)
{
	TRY(q_move_undo(c, c->identity_id, NULL));
	return q_move_set_target(c, STR(""), c->identity_id, c->domain_id, NULL);
}

int move_undo(struct ctx *c)
{
	return db_transaction(c, take_back, NULL);
}

/* Followers here */

/* What cannot be done for one (a block, a limit) is left as it is. */
static int passing(int err)
{
	return err < 0 || err_is_transient(err) ? err : 0;
}

static int follow_on_lists(struct ctx *c, int64_t old_id, int64_t new_id)
{
	const struct list_row *lists;
	size_t n;

	TRY(lists_with(c, old_id, &lists, &n));
	for (size_t i = 0; i < n; i++)
		TRY(passing(list_add(c, lists[i].id, (i64s){ &new_id, 1 })));
	return 0;
}

static int lead(struct ctx *c, const struct move_follower_row *f, const struct identity_row *old,
		const struct identity_row *target)
{
	const struct follow_wish wish = { f->boosts, f->notify, f->languages };
	int err;

	TRY(ctx_bind(c, f->domain_id));
	c->identity_id = f->source_id;
	err = f->source_id == target->id ? 0 : follow_request_as(c, target->id, &wish);
	if (err)
		return passing(err);
	if (f->source_id != target->id)
		TRY(follow_on_lists(c, old->id, target->id));
	return follow_undo(c, old->id);
}

/* Those that a tenant sees; the old follow ends last, so that whoever dies on the way begins where it ended. */
static int lead_all(struct ctx *c, int64_t domain_id, const struct identity_row *old,
		    const struct identity_row *target)
{
	const struct move_follower_row *rows;
	int64_t after = 0;
	size_t n;

	do {
		TRY(ctx_bind(c, domain_id));
		TRY(q_move_followers(c, old->id, after, FOLLOWERS, &rows, &n));
		for (size_t i = 0; i < n; i++) {
			TRY(lead(c, &rows[i], old, target));
			after = rows[i].source_id;
		}
	} while (n == FOLLOWERS);
	c->identity_id = 0;
	return ctx_bind(c, domain_id);
}

/* The stator's part */

struct telling {
	const struct identity_row *self, *target;
	int64_t id;
};

static int tell(struct ctx *c, void *arg)
{
	const struct telling *t = arg;
	str uri = t->self->actor_uri;
	struct activity a = {
		.actor = t->self,
		.uri = str_fmt(c->arena, "%.*s#Move/%lld", STR_ARG(uri), (long long)t->id),
		.type = "Move",
		.to_followers = true,
	};
	struct json_out w;

	json_out_init(&w, c->arena, ACTIVITY_LIMIT);
	json_open_object(&w, NULL);
	activity_open(&w, a.uri, a.type, uri);
	json_open_array(&w, "to");
	json_put_str(&w, NULL, t->self->followers_uri);
	json_close_array(&w);
	json_put_str(&w, "object", uri);
	json_put_str(&w, "target", t->target->actor_uri);
	json_close_object(&w);
	TRY(json_out_done(&w, &a.body));
	return activity_publish(c, &a);
}

int move_do(struct ctx *c, int64_t id)
{
	struct telling t = { .id = id };
	const struct move_row *move;

	TRY(q_move_for_job(c, id, &move));
	TRY(q_identity_by_id(c, move->identity_id, &t.self));
	TRY(q_identity_by_id(c, move->target_id, &t.target));
	if (!str_eq(t.self->moved_to_uri, t.target->actor_uri) || t.target->deleted)
		return 0;
	TRY(db_transaction(c, tell, &t));
	return lead_all(c, t.self->domain_id, t.self, t.target);
}

int move_received(struct ctx *c, const struct identity_row *old, str target_uri)
{
	const struct identity_row *target;
	int64_t domain_id = c->domain_id;

	if (str_is_empty(old->moved_to_uri) ||
	    (target_uri.n && !str_eq(old->moved_to_uri, target_uri)))
		return 0;
	TRY(find_anew(c, old->moved_to_uri, &target));
	if (check_target(c, old, target))
		return 0;
	return lead_all(c, domain_id, old, target);
}
