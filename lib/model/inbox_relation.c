/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Incoming activities between actors: follows and their answers, blocks, undoing, complaints, moves. */
#include "html/html.h"
#include "model/block.h"
#include "model/domain.h"
#include "model/follow.h"
#include "model/identity.h"
#include "model/inbox_handlers.h"
#include "model/interaction.h"
#include "model/limit.h"
#include "model/move.h"
#include "model/post.h"
#include "model/report.h"
#include "sql/gen/inbox.h"

int inbox_enter(struct ctx *c, const struct incoming *in, int64_t domain_id)
{
	enum limit_severity severity;
	struct identity_limits_row limits;

	TRY(ctx_bind(c, domain_id));
	TRY(limit_of_uri(c, in->actor->actor_uri, &severity));
	if (severity == LIMIT_BLOCK)
		return fail(c, E_REFUSED, "the actor's server is blocked here");
	TRY(identity_limits_get(c, in->actor->id, &limits));
	return limits.suspended ? fail(c, E_REFUSED, "the actor is suspended here") : 0;
}

int inbox_enter_of(struct ctx *c, const struct incoming *in, str actor_uri,
		   const struct identity_row **ret)
{
	int result = q_identity_by_uri(c, actor_uri, ret);

	if (result == E_NOT_FOUND || (result == 0 && (!identity_is_local(*ret) || (*ret)->deleted)))
		return fail(c, E_NOT_FOUND, "nobody here is %.*s",
			    STR_ARG(str_clip(actor_uri, 200)));
	TRY(result);
	return inbox_enter(c, in, (*ret)->domain_id);
}

/* The id of the activity; one that has none gets its own from what it is about. */
static str uri_of(struct ctx *c, const struct incoming *in)
{
	if (in->activity->id.n)
		return in->activity->id;
	return str_fmt(c->arena, "%.*s#%.*s/%.*s", STR_ARG(in->actor->actor_uri),
		       STR_ARG(in->activity->type_name), STR_ARG(in->activity->object));
}

int inbox_follow(struct ctx *c, const struct incoming *in)
{
	const struct identity_row *target;

	TRY(inbox_enter_of(c, in, in->activity->object, &target));
	if (target->is_system)
		return fail(c, E_FORBIDDEN, "this actor cannot be followed");
	return follow_received(c, in->actor, target, uri_of(c, in));
}

/* The follow that an answer is about: embedded, or by its id on one of the tenants that got the answer. */
static int answered_follow(struct ctx *c, const struct incoming *in, const struct follow_row **ret)
{
	const struct ap_activity *follow;
	const struct identity_row *source;

	if (in->activity->object_json &&
	    !ap_activity_parse(c, in->activity->object_json, &follow) &&
	    follow->type == AP_FOLLOW) {
		TRY(inbox_enter_of(c, in, follow->actor, &source));
		return q_follow_between(c, source->id, in->actor->id, ret);
	}
	for (size_t i = 0; i < in->row->domain_ids.n && in->activity->object.n; i++) {
		int result;

		TRY(ctx_bind(c, in->row->domain_ids.p[i]));
		result = q_follow_by_uri(c, in->activity->object, ret);
		if (result != E_NOT_FOUND)
			return result;
	}
	return fail(c, E_NOT_FOUND, "this answers no follow of ours");
}

static int answer(struct ctx *c, const struct incoming *in, bool accepted)
{
	const struct follow_row *follow;

	TRY(answered_follow(c, in, &follow));
	if (follow->target_id != in->actor->id)
		return fail(c, E_FORBIDDEN, "only who is followed can answer");
	return follow_answered(c, follow->source_id, follow->target_id, accepted);
}

int inbox_accept_follow(struct ctx *c, const struct incoming *in)
{
	return answer(c, in, true);
}

int inbox_reject_follow(struct ctx *c, const struct incoming *in)
{
	return answer(c, in, false);
}

int inbox_block(struct ctx *c, const struct incoming *in)
{
	const struct identity_row *target;

	TRY(inbox_enter_of(c, in, in->activity->object, &target));
	return block_received(c, in->actor, target, uri_of(c, in));
}

/* A like, reaction or boost: of a local post in its tenant, of a remote one in none. */
static int undo_interaction(struct ctx *c, const struct incoming *in,
			    const struct ap_activity *inner)
{
	enum interaction_kind kind = inner->type == AP_ANNOUNCE	     ? INTERACTION_BOOST
				     : inner->type == AP_EMOJI_REACT ? INTERACTION_REACTION
								     : INTERACTION_LIKE;
	const struct post_found_row *found;
	const struct post_row *post = NULL;

	if (q_post_find(c, inner->object, &found))
		return 0;
	TRY(inbox_enter(c, in, found->domain_id));
	if (q_post_for_job(c, found->id, &post))
		post = NULL;
	return interaction_withdrawn(c, in->actor, inner->id, post, kind);
}

static int undo_embedded(struct ctx *c, const struct incoming *in, const struct ap_activity *inner)
{
	const struct identity_row *target;

	if (!str_eq(inner->actor, in->actor->actor_uri))
		return fail(c, E_FORBIDDEN, "only its own actor can undo an activity");
	if (str_is_null(inner->object))
		return fail(c, E_INVALID, "the object of what is undone has no id");
	switch (inner->type) {
	case AP_FOLLOW:
		TRY(inbox_enter_of(c, in, inner->object, &target));
		return follow_withdrawn(c, in->actor->id, target->id);
	case AP_BLOCK:
		TRY(inbox_enter_of(c, in, inner->object, &target));
		return block_withdrawn(c, in->actor->id, target->id);
	case AP_LIKE:
	case AP_EMOJI_REACT:
	case AP_ANNOUNCE:
		return undo_interaction(c, in, inner);
	default:
		return 0;
	}
}

/* A mere id: whatever of this actor bears it, on the tenants that were told. */
static int undo_by_id(struct ctx *c, const struct incoming *in)
{
	const struct follow_row *follow;
	str uri = in->activity->object;

	TRY(interaction_withdrawn(c, in->actor, uri, NULL, INTERACTION_LIKE));
	for (size_t i = 0; i < in->row->domain_ids.n; i++) {
		TRY(ctx_bind(c, in->row->domain_ids.p[i]));
		TRY(interaction_withdrawn(c, in->actor, uri, NULL, INTERACTION_LIKE));
		TRY(block_withdrawn_by_uri(c, in->actor->id, uri));
		if (q_follow_by_uri(c, uri, &follow) == 0 && follow->source_id == in->actor->id)
			TRY(follow_withdrawn(c, follow->source_id, follow->target_id));
	}
	return 0;
}

int inbox_undo(struct ctx *c, const struct incoming *in)
{
	const struct ap_activity *inner;

	if (!in->activity->object_json)
		return undo_by_id(c, in);
	TRY(ap_activity_parse(c, in->activity->object_json, &inner));
	return undo_embedded(c, in, inner);
}

/* One report for each local identity that is complained about, with its posts among the objects. */
int inbox_flag(struct ctx *c, const struct incoming *in)
{
	const struct identity_local_row *subjects;
	const struct post_id_row *posts;
	size_t n_subjects, n_posts;
	str comment;

	TRY(html_to_text(c, in->activity->content, &comment));
	TRY(q_identity_local_by_uris(c, in->activity->objects, &subjects, &n_subjects));
	for (size_t i = 0; i < n_subjects; i++) {
		int result = inbox_enter(c, in, subjects[i].domain_id);
		int64_t *ids;

		if (result == E_REFUSED)
			continue;
		TRY(result);
		TRY(q_post_ids_by_uris(c, in->activity->objects, subjects[i].id, &posts, &n_posts));
		ids = arena_array(c->arena, n_posts + 1, sizeof(*ids));
		for (size_t k = 0; k < n_posts; k++)
			ids[k] = posts[k].id;
		TRY(report_receive(c, &(struct report_received){
					      .source = in->actor,
					      .subject_id = subjects[i].id,
					      .post_ids = { ids, n_posts },
					      .uri = uri_of(c, in),
					      .comment = comment,
				      }));
	}
	return n_subjects ? 0 : fail(c, E_NOT_FOUND, "nobody here is complained about");
}

/* Where an actor moved to is believed when its own document says so; its followers on the tenants that were told follow. */
int inbox_move(struct ctx *c, const struct incoming *in)
{
	const struct identity_row *old;

	if (!str_eq(in->activity->object, in->actor->actor_uri))
		return fail(c, E_FORBIDDEN, "an actor can move itself only");
	TRY(identity_refresh(c, in->actor));
	TRY(q_identity_by_id(c, in->actor->id, &old));
	for (size_t i = 0; i < in->row->domain_ids.n; i++) {
		int err = inbox_enter(c, in, in->row->domain_ids.p[i]);

		if (err != E_REFUSED)
			TRY(err ? err : move_received(c, old, in->activity->target));
	}
	return 0;
}
