/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * interaction: tells the author of a like or boost, the booster's followers of a boost, other
 * servers of what ours did; and takes all of it back.
 */
#include "model/interaction.h"

#include "db/db.h"
#include "json/write.h"
#include "model/activity.h"
#include "model/consent.h"
#include "model/domain.h"
#include "model/emoji.h"
#include "model/identity.h"
#include "model/limit.h"
#include "model/notification.h"
#include "model/post.h"
#include "sql/gen/follow.h"
#include "sql/gen/timeline.h"
#include "stator/handler.h"

struct act {
	const struct interaction_row *row;
	const struct identity_row *actor, *author;
	const struct post_row *post;
	bool undo;
};

/* A post that was deleted meanwhile leaves nothing to tell. */
static int load(struct ctx *c, const struct job *j, struct act *ret)
{
	TRY(q_interaction_by_id(c, j->id, &ret->row));
	TRY(q_identity_by_id(c, ret->row->identity_id, &ret->actor));
	TRY(q_post_for_job(c, ret->row->post_id, &ret->post));
	return q_identity_by_id(c, ret->post->author_id, &ret->author);
}

static bool is_kind(const struct act *a, const char *kind)
{
	return str_eq_c(a->row->kind, kind);
}

static const char *type_of(const struct act *a)
{
	if (is_kind(a, "boost"))
		return "Announce";
	if (is_kind(a, "pin"))
		return a->undo ? "Remove" : "Add";
	if (is_kind(a, "reaction"))
		return "EmojiReact";
	return "Like";
}

/* Whom it is for: the author alone, or (a boost, a pin) followers, with everybody in front, behind or not at all. */
static void write_addressees(struct json_out *w, const struct act *a)
{
	bool to_all = is_kind(a, "boost") || is_kind(a, "pin");
	bool unlisted = str_eq(a->row->visibility, STR("unlisted"));
	bool narrow = str_eq(a->row->visibility, STR("followers"));

	json_open_array(w, "to");
	if (!to_all)
		json_put_str(w, NULL, a->author->actor_uri);
	else
		json_put_str(w, NULL,
			     unlisted || narrow ? a->actor->followers_uri : STR(AS_PUBLIC));
	json_close_array(w);
	if (!to_all)
		return;
	json_open_array(w, "cc");
	if (!narrow)
		json_put_str(w, NULL, unlisted ? STR(AS_PUBLIC) : a->actor->followers_uri);
	if (a->author->id != a->actor->id)
		json_put_str(w, NULL, a->author->actor_uri);
	json_close_array(w);
}

/* A vote is a note that says no more than the option's name. */
static void write_vote(struct json_out *w, const struct act *a)
{
	json_open_object(w, "object");
	json_put_str(w, "id", a->row->uri);
	json_put_c(w, "type", "Note");
	json_put_str(w, "attributedTo", a->actor->actor_uri);
	json_put_str(w, "name", a->row->value);
	json_put_str(w, "inReplyTo", a->post->object_uri);
	json_put_time(w, "published", a->row->published);
	write_addressees(w, a);
	json_close_object(w);
	write_addressees(w, a);
}

static int write_ballot(struct ctx *c, const struct act *a, struct activity *ret)
{
	struct json_out w;

	ret->uri = str_cat(c->arena, a->row->uri, STR("/create"));
	ret->type = "Create";
	ret->personal = true;
	json_out_init(&w, c->arena, ACTIVITY_LIMIT);
	json_open_object(&w, NULL);
	activity_open(&w, ret->uri, ret->type, a->actor->actor_uri);
	write_vote(&w, a);
	json_close_object(&w);
	return json_out_done(&w, &ret->body);
}

/* What it says, and the picture that is meant (FEP-c0e0). */
static int write_reaction(struct ctx *c, struct json_out *w, const struct act *a)
{
	json_put_str(w, "content", a->row->value);
	json_open_array(w, "tag");
	TRY(emoji_write_ap(c, a->actor, &a->row->value, 1, w));
	json_close_array(w);
	return 0;
}

/* The consent of the post's author, where it was needed. */
static int write_authorization(struct ctx *c, struct json_out *w, const struct act *a)
{
	str uri;

	if (is_kind(a, "pin") || a->undo)
		return 0;
	TRY(consent_authorization(c, a->row->uri, &uri));
	json_put_str_opt(w, is_kind(a, "boost") ? "announceAuthorization" : "likeAuthorization",
			 uri);
	return 0;
}

static int write_core(struct ctx *c, struct json_out *w, const struct act *a)
{
	json_put_str(w, "object", a->post->object_uri);
	if (is_kind(a, "pin"))
		json_put_str(w, "target", a->actor->featured_uri);
	if (is_kind(a, "boost"))
		json_put_time(w, "published", a->row->published);
	write_addressees(w, a);
	TRY(write_authorization(c, w, a));
	return is_kind(a, "reaction") ? write_reaction(c, w, a) : 0;
}

/* Pins are taken back by Remove, all else by an Undo around the activity. */
static int write_activity(struct ctx *c, const struct act *a, struct activity *ret)
{
	struct json_out w;
	bool wrapped = a->undo && !is_kind(a, "pin");

	ret->uri = a->undo ? str_cat(c->arena, a->row->uri, STR("/undo")) : a->row->uri;
	ret->type = wrapped ? "Undo" : type_of(a);
	json_out_init(&w, c->arena, ACTIVITY_LIMIT);
	json_open_object(&w, NULL);
	activity_open(&w, ret->uri, ret->type, a->actor->actor_uri);
	if (wrapped) {
		write_addressees(&w, a);
		json_open_object(&w, "object");
		json_put_str(&w, "id", a->row->uri);
		json_put_c(&w, "type", type_of(a));
		json_put_str(&w, "actor", a->actor->actor_uri);
	}
	TRY(write_core(c, &w, a));
	if (wrapped)
		json_close_object(&w);
	json_close_object(&w);
	return json_out_done(&w, &ret->body);
}

static int publish(struct ctx *c, void *arg)
{
	struct act *a = arg;
	struct activity out = {
		.actor = a->actor,
		.to_followers = is_kind(a, "boost") || is_kind(a, "pin"),
		.to = { &a->author->id, 1 },
	};

	TRY(is_kind(a, "vote") ? write_ballot(c, a, &out) : write_activity(c, a, &out));
	return activity_publish(c, &out);
}

static int tell_others(struct ctx *c, struct act *a)
{
	bool secret = is_kind(a, "vote") && (a->undo || identity_is_local(a->author));

	if (!identity_is_local(a->actor) || secret || str_eq(a->post->visibility, STR("local")))
		return 0;
	TRY(ctx_bind(c, a->actor->domain_id));
	return db_transaction(c, publish, a);
}

static int tell_author(struct ctx *c, const struct act *a)
{
	const char *kind = is_kind(a, "boost") ? "boost" : is_kind(a, "like") ? "like" : "reaction";
	const char *asked = is_kind(a, "boost") ? "pending_boost" : "pending_like";

	if (!identity_is_local(a->author) || is_kind(a, "pin") || is_kind(a, "vote"))
		return 0;
	TRY(ctx_bind(c, a->author->domain_id));
	if (!a->undo)
		return notification_add(c, a->author->id, kind, a->actor->id, a->post->id);
	TRY(notification_remove(c, a->author->id, asked, a->actor->id, a->post->id));
	return notification_remove(c, a->author->id, kind, a->actor->id, a->post->id);
}

/* Tenants with followers of the booster that block neither its server nor the author's. */
static int boost_domains(struct ctx *c, const struct act *a, i64s *ret)
{
	const struct identity_row *both[] = { a->actor, a->author };
	const struct domain_number_row *rows;
	int64_t *ids;
	size_t n;

	TRY(q_follower_domains(c, a->actor->id, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].domain_id;
	*ret = (i64s){ ids, n };
	for (size_t i = 0; i < ARRAY_SIZE(both); i++)
		if (!a->undo && !identity_is_local(both[i]))
			TRY(limit_drop_blocking(c, both[i]->actor_uri, ret));
	return 0;
}

static int show_boost(struct ctx *c, const struct act *a)
{
	i64s domains;

	if (!is_kind(a, "boost"))
		return 0;
	TRY(boost_domains(c, a, &domains));
	for (size_t i = 0; i < domains.n; i++) {
		TRY(ctx_bind(c, domains.p[i]));
		if (a->undo)
			TRY(q_timeline_remove_boost(c, a->post->id, a->row->id, NULL));
		else
			TRY(q_timeline_add_boost(c, a->row->id, a->actor->id, a->post->id,
						 domains.p[i], NULL));
	}
	return 0;
}

static int run(struct ctx *c, const struct job *j, bool undo)
{
	struct act a = { .undo = undo };

	TRY(load(c, j, &a));
	if (a.post->deleted && !undo)
		return 0;
	TRY(tell_others(c, &a));
	TRY(tell_author(c, &a));
	TRY(show_boost(c, &a));
	return q_post_recount(c, a.post->id, NULL);
}

static int new (struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	TRY(run(c, j, false));
	*ret_next = "fanned_out";
	return 0;
}

static int undone(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	TRY(run(c, j, true));
	*ret_next = "gone";
	return 0;
}

static const struct state_handler handlers[] = {
	{ "new", new },
	{ "undone", undone },
	{ NULL, NULL },
};

const struct machine interaction_machine = { &interaction_graph, handlers, 128 };
