/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* block: ends follows, clears pages, tells a blocked remote identity's server. Mutes stay here. */
#include "model/block.h"

#include "db/db.h"
#include "json/write.h"
#include "model/activity.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/timeline.h"
#include "stator/handler.h"

struct pair {
	const struct block_row *block;
	const struct identity_row *source, *target;
};

static int load(struct ctx *c, const struct job *j, struct pair *ret)
{
	struct pair p;

	TRY(q_block_by_id(c, j->id, &p.block));
	TRY(q_identity_by_id(c, p.block->source_id, &p.source));
	TRY(q_identity_by_id(c, p.block->target_id, &p.target));
	*ret = p;
	return 0;
}

static void write_block(struct json_out *w, const struct pair *p)
{
	json_put_str(w, "object", p->target->actor_uri);
	json_open_array(w, "to");
	json_put_str(w, NULL, p->target->actor_uri);
	json_close_array(w);
}

static int send(struct ctx *c, const struct pair *p, bool undo)
{
	struct json_out w;
	struct activity a = {
		.actor = p->source,
		.uri = undo ? str_cat(c->arena, p->block->uri, STR("/undo")) : p->block->uri,
		.type = undo ? "Undo" : "Block",
		.to = { &p->target->id, 1 },
		.personal = true,
	};

	json_out_init(&w, c->arena, ACTIVITY_LIMIT);
	json_open_object(&w, NULL);
	activity_open(&w, a.uri, a.type, p->source->actor_uri);
	if (undo) {
		json_open_object(&w, "object");
		json_put_str(&w, "id", p->block->uri);
		json_put_c(&w, "type", "Block");
		json_put_str(&w, "actor", p->source->actor_uri);
	}
	write_block(&w, p);
	if (undo)
		json_close_object(&w);
	json_close_object(&w);
	TRY(json_out_done(&w, &a.body));
	return activity_publish(c, &a);
}

static bool is_mute(const struct pair *p)
{
	return str_eq(p->block->kind, STR("mute"));
}

/* Only a local block of a remote identity is told; what comes from elsewhere was told to us. */
static bool is_told(const struct pair *p)
{
	return !is_mute(p) && identity_is_local(p->source) && !identity_is_local(p->target) &&
	       !p->target->deleted && p->target->inbox_uri.n;
}

static int apply(struct ctx *c, void *arg)
{
	struct pair *p = arg;

	TRY(q_block_end_follows(c, p->source->id, p->target->id, NULL));
	return is_told(p) ? send(c, p, false) : 0;
}

/* Each side's page loses the other, in the side's own tenant. */
static int clear(struct ctx *c, const struct identity_row *owner, const struct identity_row *other)
{
	if (!identity_is_local(owner))
		return 0;
	TRY(ctx_bind(c, owner->domain_id));
	return timeline_clear(c, owner->id, other->id);
}

static int new (struct ctx *c, const struct job *j, const char **ret_next, usec *ret_at)
{
	struct pair p;

	TRY(load(c, j, &p));
	if (is_mute(&p)) {
		TRY(clear(c, p.source, p.target));
		*ret_next = p.block->expires ? "expiring" : "sent";
		*ret_at = p.block->expires;
		return 0;
	}
	TRY(db_transaction(c, apply, &p));
	TRY(clear(c, p.source, p.target));
	TRY(clear(c, p.target, p.source));
	*ret_next = "sent";
	return 0;
}

static int expiring(struct ctx *c, const struct job *j, const char **ret_next, usec *ret_at)
{
	struct pair p;

	TRY(load(c, j, &p));
	if (p.block->expires > c->now)
		*ret_at = p.block->expires;
	else
		*ret_next = "undone";
	return 0;
}

static int take_back(struct ctx *c, void *arg)
{
	struct pair *p = arg;

	return send(c, p, true);
}

static int undone(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	struct pair p;

	TRY(load(c, j, &p));
	if (is_told(&p))
		TRY(db_transaction(c, take_back, &p));
	*ret_next = "removed";
	return 0;
}

static const struct state_handler handlers[] = {
	{ "new", new },
	{ "expiring", expiring },
	{ "undone", undone },
	{ NULL, NULL },
};

const struct machine block_machine = { &block_graph, handlers, 16 };
