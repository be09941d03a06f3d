/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Incoming activities about posts. */
#include "ap/transport.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/inbox_handlers.h"
#include "model/interaction.h"
#include "model/limit.h"
#include "model/poll.h"
#include "model/post.h"
#include "model/post_remote.h"
#include "sql/gen/follow.h"
#include "sql/gen/inbox.h"

#define REACTION_LIMIT 100 /* bytes */

/* Lemmy and its like announce whole activities; these are not boosts. */
static bool is_wrapped_activity(const struct ap_activity *a)
{
	return a->object_json && ap_type_is_activity(ap_type_of(a->object_json));
}

/* An embedded object is believed from its author alone; anything else is asked for at its own host. */
static bool is_own_object(const struct incoming *in, const struct ap_object *o)
{
	return str_eq(o->attributed_to, in->actor->actor_uri) &&
	       ap_same_host(o->id, in->actor->actor_uri);
}

static int vote(struct ctx *c, const struct incoming *in, const struct ap_object *o)
{
	const struct post_found_row *found;
	const struct post_row *poll;
	int result = q_post_find(c, o->in_reply_to, &found);

	if (result)
		return result == E_NOT_FOUND ? 0 : result;
	TRY(inbox_enter(c, in, found->domain_id));
	TRY(post_get(c, found->id, in->actor->id, &poll));
	if (!str_eq(poll->type, STR("Question")))
		return fail(c, E_INVALID, "the post is no poll");
	return poll_vote_received(c, in->actor, poll, o->name, o->id);
}

/* A mere id: its own server is asked, if that is the actor's, and kept is what concerns somebody here. */
static int create_by_id(struct ctx *c, const struct incoming *in)
{
	str uri = in->activity->object;

	if (!ap_same_host(uri, in->actor->actor_uri))
		return fail(c, E_FORBIDDEN, "the post is on another host than the actor");
	return post_fetch_if_wanted(c, uri, in->row->domain_ids);
}

int inbox_create(struct ctx *c, const struct incoming *in)
{
	const struct ap_activity *a = in->activity;
	const struct ap_object *o;

	if (!a->object_json)
		return create_by_id(c, in);
	if (!ap_type_is_post(ap_type_of(a->object_json)))
		return 0;
	TRY(ap_object_parse(c, a->object_json, &o));
	if (!is_own_object(in, o))
		return fail(c, E_FORBIDDEN, "the post is not the actor's");
	if (o->is_vote)
		return vote(c, in, o);
	return post_receive(c, o, in->actor, in->row->domain_ids, true, NULL);
}

int inbox_update(struct ctx *c, const struct incoming *in)
{
	const struct ap_activity *a = in->activity;
	const struct ap_object *o;
	enum ap_type type = a->object_json ? ap_type_of(a->object_json) : AP_UNKNOWN;
	bool found;

	if (str_eq(a->object, in->actor->actor_uri) || ap_type_is_actor(type))
		return str_eq(a->object, in->actor->actor_uri)
			       ? identity_refresh(c, in->actor)
			       : fail(c, E_FORBIDDEN, "an actor can update itself only");
	TRY(inbox_feature_changed(c, in, &found));
	if (found || !ap_type_is_post(type))
		return 0;
	TRY(ap_object_parse(c, a->object_json, &o));
	if (!is_own_object(in, o))
		return fail(c, E_FORBIDDEN, "the post is not the actor's");
	return post_update(c, o, in->actor, in->row->domain_ids);
}

int inbox_delete(struct ctx *c, const struct incoming *in)
{
	const struct post_found_row *found;
	str uri = in->activity->object;
	bool revoked;
	int result;

	if (str_eq(uri, in->actor->actor_uri))
		return q_identity_mark_deleted(c, in->actor->id, NULL);
	TRY(inbox_revoke_quote(c, in, &revoked));
	if (!revoked)
		TRY(inbox_revoke_consent(c, in, &revoked));
	if (!revoked)
		TRY(inbox_feature_gone(c, in, &revoked));
	if (revoked)
		return 0;
	TRY(ctx_bind(c, 0));
	result = q_post_find(c, uri, &found);
	if (result)
		return result == E_NOT_FOUND ? 0 : result;
	if (found->author_id != in->actor->id || found->domain_id)
		return fail(c, E_FORBIDDEN, "the post is not the actor's");
	return post_bury(c, found->id, in->row->domain_ids);
}

/* A post that is here, read with the actor's eyes in its own tenant. */
static int find_for_actor(struct ctx *c, const struct incoming *in, str uri,
			  const struct post_row **ret)
{
	const struct post_found_row *found;
	int result = q_post_find(c, uri, &found);

	if (result)
		return result;
	TRY(inbox_enter(c, in, found->domain_id));
	return post_get(c, found->id, in->actor->id, ret);
}

/* Somebody did it before under the same id: that is no error. */
static int once(int result)
{
	return result == E_CONFLICT ? 0 : result;
}

static str uri_of(struct ctx *c, const struct incoming *in)
{
	if (in->activity->id.n)
		return in->activity->id;
	return str_fmt(c->arena, "%.*s#%.*s/%.*s", STR_ARG(in->actor->actor_uri),
		       STR_ARG(in->activity->type_name), STR_ARG(in->activity->object));
}

/* What a Like or EmojiReact says: the emoji itself, or ":name:" of a picture; hearts are likes like others. */
static str reaction_of(struct ctx *c, const struct ap_activity *a)
{
	static const str hearts[] = { { "\xe2\x9d\xa4", 3 }, { "\xe2\x9d\xa4\xef\xb8\x8f", 6 } };
	str said = str_trim(a->content);

	for (size_t i = 0; a->type == AP_LIKE && i < ARRAY_SIZE(hearts); i++)
		if (str_eq(said, hearts[i]))
			return STR_NULL;
	if (said.n == 0 || said.n > REACTION_LIMIT || !str_is_utf8(said))
		return STR_NULL;
	if (a->emoji)
		return str_fmt(c->arena, ":%.*s:", STR_ARG(a->emoji->name));
	return said;
}

int inbox_like(struct ctx *c, const struct incoming *in)
{
	const struct ap_activity *a = in->activity;
	const struct post_row *post;
	str said = reaction_of(c, a);
	int result = find_for_actor(c, in, a->object, &post);

	if (result)
		return result == E_NOT_FOUND ? 0 : result;
	if (str_is_null(said))
		return once(interaction_received(c, in->actor, post, INTERACTION_LIKE,
						 uri_of(c, in), a->published));
	return once(interaction_reacted(c, in->actor, post, uri_of(c, in), said,
					a->emoji ? a->emoji->url : STR(""), a->published));
}

static int has_followers_here(struct ctx *c, int64_t identity_id, bool *ret)
{
	const struct domain_number_row *domains;
	size_t n;

	TRY(q_follower_domains(c, identity_id, &domains, &n));
	*ret = n > 0;
	return 0;
}

/* Whom a boost is for; one that says nothing is for all, and one for some people is for no more than followers. */
static enum post_visibility visibility_of(const struct incoming *in, const struct post_row *post)
{
	const struct ap_activity *a = in->activity;

	if (str_eq(post->visibility, STR("followers")))
		return POST_FOLLOWERS;
	for (size_t i = 0; i < a->to.n; i++)
		if (ap_is_public(a->to.p[i]))
			return POST_PUBLIC;
	for (size_t i = 0; i < a->cc.n; i++)
		if (ap_is_public(a->cc.p[i]))
			return POST_UNLISTED;
	return a->to.n + a->cc.n ? POST_FOLLOWERS : POST_PUBLIC;
}

int inbox_announce(struct ctx *c, const struct incoming *in)
{
	const struct post_row *post;
	bool wanted;
	int result;

	if (is_wrapped_activity(in->activity))
		return 0;
	result = find_for_actor(c, in, in->activity->object, &post);
	if (result == E_NOT_FOUND) {
		TRY(has_followers_here(c, in->actor->id, &wanted));
		if (!wanted)
			return 0;
		TRY(post_fetch(c, in->activity->object, (i64s){ NULL, 0 }, NULL));
		result = find_for_actor(c, in, in->activity->object, &post);
	}
	TRY(result);
	if (!str_eq(post->visibility, STR("public")) &&
	    !str_eq(post->visibility, STR("unlisted")) && post->author_id != in->actor->id)
		return fail(c, E_FORBIDDEN, "this post cannot be boosted");
	return once(interaction_boosted(c, in->actor, post, visibility_of(in, post), uri_of(c, in),
					in->activity->published));
}

/* Pins: only to the actor's own collection, only of its own posts. */
static int featured(struct ctx *c, const struct incoming *in, const struct post_row **ret)
{
	const struct ap_activity *a = in->activity;
	int result;

	if (str_is_empty(a->target) || !str_eq(a->target, in->actor->featured_uri))
		return E_NOT_FOUND;
	result = find_for_actor(c, in, a->object, ret);
	TRY(result);
	return (*ret)->author_id == in->actor->id
		       ? 0
		       : fail(c, E_FORBIDDEN, "the post is not the actor's");
}

int inbox_add(struct ctx *c, const struct incoming *in)
{
	const struct post_row *post;
	bool found;
	int result;

	TRY(inbox_feature_changed(c, in, &found));
	if (found)
		return 0;
	result = featured(c, in, &post);
	if (result)
		return result == E_NOT_FOUND ? 0 : result;
	return once(
		interaction_received(c, in->actor, post, INTERACTION_PIN,
				     str_fmt(c->arena, "%.*s#pin/%lld",
					     STR_ARG(in->actor->actor_uri), (long long)post->id),
				     in->activity->published));
}

int inbox_remove(struct ctx *c, const struct incoming *in)
{
	const struct post_row *post;
	bool found;
	int result;

	TRY(inbox_feature_gone(c, in, &found));
	if (found)
		return 0;
	result = featured(c, in, &post);
	if (result)
		return result == E_NOT_FOUND ? 0 : result;
	return interaction_withdrawn(c, in->actor, STR(""), post, INTERACTION_PIN);
}
