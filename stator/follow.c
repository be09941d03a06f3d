/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * follow: asks, answers, and takes back. The row belongs to two tenants when both ends are local:
 * each step binds to the one whose identity acts or is told.
 */
#include "model/follow.h"

#include "db/db.h"
#include "json/write.h"
#include "model/activity.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/notification.h"
#include "model/timeline.h"
#include "stator/handler.h"

struct pair {
	const struct follow_row *follow;
	const struct identity_row *source, *target;
	usec entered; /* the state: the same for every attempt, so that an answer has one id */
};

static int load(struct ctx *c, const struct job *j, struct pair *ret)
{
	struct pair p = { .entered = j->state_changed };

	TRY(q_follow_by_id(c, j->id, &p.follow));
	TRY(q_identity_by_id(c, p.follow->source_id, &p.source));
	TRY(q_identity_by_id(c, p.follow->target_id, &p.target));
	*ret = p;
	return 0;
}

static void write_follow(struct json_out *w, const char *key, const struct pair *p)
{
	json_open_object(w, key);
	json_put_str(w, "id", p->follow->uri);
	json_put_c(w, "type", "Follow");
	json_put_str(w, "actor", p->source->actor_uri);
	json_put_str(w, "object", p->target->actor_uri);
	json_close_object(w);
}

/* Sends an activity about the follow from one end to the other's own inbox. */
static int send(struct ctx *c, const struct pair *p, const char *type,
		const struct identity_row *from, const struct identity_row *to)
{
	struct json_out w;
	bool is_follow = str_eq_c(STR("Follow"), type);
	struct activity a = {
		.actor = from,
		.uri = is_follow ? p->follow->uri
				 : str_fmt(c->arena, "%.*s#%s/%lld/%lld", STR_ARG(from->actor_uri),
					   type, (long long)p->follow->id, (long long)p->entered),
		.type = type,
		.to = { &to->id, 1 },
		.personal = true,
	};

	json_out_init(&w, c->arena, ACTIVITY_LIMIT);
	json_open_object(&w, NULL);
	activity_open(&w, a.uri, type, from->actor_uri);
	json_open_array(&w, "to");
	json_put_str(&w, NULL, to->actor_uri);
	json_close_array(&w);
	if (is_follow)
		json_put_str(&w, "object", to->actor_uri);
	else
		write_follow(&w, "object", p);
	json_close_object(&w);
	TRY(json_out_done(&w, &a.body));
	return activity_publish(c, &a);
}

static bool is_blocked(struct ctx *c, const struct pair *p, int *result)
{
	struct relation r = { 0 };

	c->identity_id = p->target->id;
	*result = relation_get(c, p->source->id, &r);
	c->identity_id = 0;
	return r.blocking || r.domain_blocking || r.suspended;
}

static int ask(struct ctx *c, void *arg)
{
	struct pair *p = arg;

	return send(c, p, "Follow", p->source, p->target);
}

/* A request to a local identity: turned away, kept for approval, or accepted. */
static int receive(struct ctx *c, const struct pair *p, const char **ret_next)
{
	int result;

	TRY(ctx_bind(c, p->target->domain_id));
	if (p->target->deleted || is_blocked(c, p, &result)) {
		*ret_next = "rejecting";
		return 0;
	}
	TRY(result);
	if (p->target->locked) {
		TRY(notification_add(c, p->target->id, "follow_request", p->source->id, 0));
		*ret_next = "pending_approval";
		return 0;
	}
	*ret_next = "accepting";
	return 0;
}

static int unrequested(struct ctx *c, const struct job *j, const char **ret_next,
		       unused usec *ret_at)
{
	struct pair p;

	TRY(load(c, j, &p));
	if (identity_is_local(p.target))
		return receive(c, &p, ret_next);
	if (p.target->deleted || !identity_is_local(p.source)) {
		*ret_next = "removed";
		return 0;
	}
	if (str_is_empty(p.target->inbox_uri))
		return fail(c, E_LATER, "the target's actor was not fetched yet");
	TRY(ctx_bind(c, p.source->domain_id));
	TRY(db_transaction(c, ask, &p));
	TRY(identity_look(c, p.target));
	*ret_next = "pending_approval";
	return 0;
}

static int accept(struct ctx *c, void *arg)
{
	struct pair *p = arg;

	if (identity_is_local(p->target)) {
		TRY(notification_remove(c, p->target->id, "follow_request", p->source->id, 0));
		TRY(notification_add(c, p->target->id, "follow", p->source->id, 0));
		if (!identity_is_local(p->source))
			TRY(send(c, p, "Accept", p->target, p->source));
	}
	return 0;
}

static int recount(struct ctx *c, const struct pair *p)
{
	TRY(q_identity_recount(c, p->source->id, NULL));
	return q_identity_recount(c, p->target->id, NULL);
}

static int accepting(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	struct pair p;

	TRY(load(c, j, &p));
	if (identity_is_local(p.target)) {
		if (!identity_is_local(p.source) && str_is_empty(p.source->inbox_uri))
			return fail(c, E_LATER, "the follower's actor was not fetched yet");
		TRY(ctx_bind(c, p.target->domain_id));
		TRY(db_transaction(c, accept, &p));
	}
	if (identity_is_local(p.source)) {
		TRY(ctx_bind(c, p.source->domain_id));
		TRY(timeline_fill(c, p.source->id, p.target->id));
	}
	TRY(recount(c, &p));
	*ret_next = "accepted";
	return 0;
}

static int reject(struct ctx *c, void *arg)
{
	struct pair *p = arg;

	TRY(notification_remove(c, p->target->id, "follow_request", p->source->id, 0));
	TRY(notification_remove(c, p->target->id, "follow", p->source->id, 0));
	if (!identity_is_local(p->source))
		TRY(send(c, p, "Reject", p->target, p->source));
	return 0;
}

static int rejecting(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	struct pair p;

	TRY(load(c, j, &p));
	if (identity_is_local(p.target)) {
		TRY(ctx_bind(c, p.target->domain_id));
		TRY(db_transaction(c, reject, &p));
	}
	if (identity_is_local(p.source)) {
		TRY(ctx_bind(c, p.source->domain_id));
		TRY(timeline_clear(c, p.source->id, p.target->id));
	}
	TRY(recount(c, &p));
	*ret_next = "removed";
	return 0;
}

static int take_back(struct ctx *c, void *arg)
{
	struct pair *p = arg;

	TRY(timeline_clear(c, p->source->id, p->target->id));
	if (!identity_is_local(p->target) && !p->target->deleted)
		TRY(send(c, p, "Undo", p->source, p->target));
	return 0;
}

static int undone(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	struct pair p;

	TRY(load(c, j, &p));
	if (identity_is_local(p.source)) {
		TRY(ctx_bind(c, p.source->domain_id));
		TRY(db_transaction(c, take_back, &p));
	}
	if (identity_is_local(p.target)) {
		TRY(ctx_bind(c, p.target->domain_id));
		TRY(notification_remove(c, p.target->id, "follow_request", p.source->id, 0));
		TRY(notification_remove(c, p.target->id, "follow", p.source->id, 0));
	}
	TRY(recount(c, &p));
	*ret_next = "removed";
	return 0;
}

static const struct state_handler handlers[] = {
	{ "unrequested", unrequested },
	{ "accepting", accepting },
	{ "rejecting", rejecting },
	{ "undone", undone },
	{ NULL, NULL },
};

const struct machine follow_machine = { &follow_graph, handlers, 128 };
