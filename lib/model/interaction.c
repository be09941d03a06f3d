/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: an identity does each thing to a post once, however often it says so. */
#include "model/interaction.h"

#include "base/table.h"
#include "model/consent.h"
#include "model/emoji.h"
#include "model/identity.h"
#include "model/post.h"

#define REACTION_LIMIT 8 /* of one identity to one post */

static const char *const after_new[] = { "fanned_out", "pending", "undone", NULL };
static const char *const after_pending[] = { "new", "undone", NULL };
static const char *const after_fanned_out[] = { "undone", NULL };
static const char *const after_undone[] = { "gone", "new", "pending", NULL };

static const struct graph_state interaction_states[] = {
	{
		.name = "new",
		.initial = true,
		.next = after_new,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	/* Waits for the consent of the post's author. */
	{ .name = "pending", .next = after_pending, .external = true },
	{ .name = "fanned_out", .next = after_fanned_out, .external = true },
	{
		.name = "undone",
		.next = after_undone,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	{ .name = "gone", .delete_after = USEC_DAY },
};

const struct graph interaction_graph = { "interaction", interaction_states,
					 ARRAY_SIZE(interaction_states) };

static const struct name kinds[] = {
	{ "like", INTERACTION_LIKE },	      { "boost", INTERACTION_BOOST },
	{ "pin", INTERACTION_PIN },	      { "vote", INTERACTION_VOTE },
	{ "reaction", INTERACTION_REACTION }, { NULL, 0 },
};

static str kind_name(enum interaction_kind kind)
{
	return str_c(name_of_value(kinds, (int)kind));
}

/* A boost shows the post to others, so it must be for them already. */
static int may_boost(struct ctx *c, const struct post_row *p)
{
	if (str_eq(p->visibility, STR("public")) || str_eq(p->visibility, STR("unlisted")))
		return 0;
	if (str_eq(p->visibility, STR("followers")) && p->author_id == c->identity_id)
		return 0;
	return fail(c, E_FORBIDDEN, "this post is not for everybody, so it cannot be boosted");
}

static int may_pin(struct ctx *c, const struct post_row *p)
{
	const struct interaction_count_row *count;

	if (p->author_id != c->identity_id)
		return fail(c, E_UNPROCESSABLE, "only own posts can be pinned");
	if (str_eq(p->visibility, STR("mentioned")))
		return fail(c, E_UNPROCESSABLE, "a post for some people cannot be pinned");
	TRY(q_interaction_count_pins(c, c->identity_id, &count));
	if (count->n >= PIN_LIMIT)
		return fail(c, E_UNPROCESSABLE, "%d posts are pinned already", PIN_LIMIT);
	return 0;
}

static int add(struct ctx *c, int64_t post_id, enum interaction_kind kind,
	       enum post_visibility visibility)
{
	struct q_interaction_add_args args = {
		.kind = kind_name(kind),
		.value = STR(""),
		.picture_url = STR(""),
		.visibility = str_c(name_of_value(post_visibilities, (int)visibility)),
		.identity_id = c->identity_id,
		.post_id = post_id,
	};
	const struct post_row *post;

	TRY(post_get(c, post_id, c->identity_id, &post));
	if (kind == INTERACTION_BOOST)
		TRY(may_boost(c, post));
	if (kind == INTERACTION_BOOST || kind == INTERACTION_LIKE)
		TRY(consent_may(c, post_id, kind == INTERACTION_BOOST ? "boost" : "like"));
	/* What is for followers stays so when its author boosts it. */
	if (kind == INTERACTION_BOOST && str_eq(post->visibility, STR("followers")))
		args.visibility = post->visibility;
	if (kind == INTERACTION_PIN)
		TRY(may_pin(c, post));
	return q_interaction_add(c, &args, NULL);
}

int interaction_add(struct ctx *c, int64_t post_id, enum interaction_kind kind)
{
	return add(c, post_id, kind, POST_PUBLIC);
}

int interaction_boost(struct ctx *c, int64_t post_id, enum post_visibility visibility,
		      int64_t *ret_id)
{
	const struct interaction_row *row;
	int result;

	TRY(add(c, post_id, INTERACTION_BOOST, visibility));
	result = q_interaction_boost_of(c, c->identity_id, post_id, &row);
	*ret_id = result ? 0 : row->id;
	return result == E_NOT_FOUND ? 0 : result;
}

static str word_of(struct ctx *c, str name, const struct emoji_row *custom)
{
	return custom ? str_fmt(c->arena, ":%.*s:", STR_ARG(name)) : name;
}

int interaction_react(struct ctx *c, int64_t post_id, str name)
{
	const struct interaction_count_row *count;
	const struct emoji_row *custom;
	const struct post_row *post;
	struct q_interaction_add_args args = {
		.kind = kind_name(INTERACTION_REACTION),
		.visibility = STR("public"),
		.identity_id = c->identity_id,
		.post_id = post_id,
	};

	TRY(post_get(c, post_id, c->identity_id, &post));
	TRY(consent_may(c, post_id, "like"));
	TRY(emoji_of_reaction(c, name, &custom));
	TRY(q_interaction_count_reactions(c, c->identity_id, post_id, &count));
	if (count->n >= REACTION_LIMIT)
		return fail(c, E_UNPROCESSABLE, "Validation failed: %d reactions are enough",
			    REACTION_LIMIT);
	args.value = word_of(c, name, custom);
	args.picture_url = custom ? emoji_url(c, custom) : STR("");
	return q_interaction_add(c, &args, NULL);
}

int interaction_unreact(struct ctx *c, int64_t post_id, str name)
{
	str custom = str_fmt(c->arena, ":%.*s:", STR_ARG(name));

	TRY(q_interaction_unreact(c, c->identity_id, post_id, name, NULL));
	return q_interaction_unreact(c, c->identity_id, post_id, custom, NULL);
}

int interaction_bookmark(struct ctx *c, int64_t post_id, bool keep)
{
	return keep ? q_bookmark_add(c, post_id, c->identity_id, NULL)
		    : q_bookmark_remove(c, c->identity_id, post_id, NULL);
}

int interaction_mute_thread(struct ctx *c, const struct post_row *post, bool mute)
{
	return mute ? q_thread_mute(c, post->thread_id, c->identity_id, NULL)
		    : q_thread_unmute(c, c->identity_id, post->thread_id, NULL);
}

int interaction_remove(struct ctx *c, int64_t post_id, enum interaction_kind kind)
{
	return q_interaction_remove(c, c->identity_id, post_id, kind_name(kind), NULL);
}

int interaction_reacted(struct ctx *c, const struct identity_row *actor,
			const struct post_row *post, str uri, str word, str picture_url,
			usec published)
{
	struct q_interaction_receive_args args = {
		.kind = kind_name(INTERACTION_REACTION),
		.identity_id = actor->id,
		.uri = uri,
		.value = word,
		.visibility = STR("public"),
		.picture_url = picture_url,
		.published = published && published < c->now ? published : c->now,
		.post_id = post->id,
	};

	return q_interaction_receive(c, &args, NULL);
}

static int receive(struct ctx *c, const struct identity_row *actor, const struct post_row *post,
		   enum interaction_kind kind, str uri, str visibility, usec published)
{
	struct q_interaction_receive_args args = {
		.kind = kind_name(kind),
		.identity_id = actor->id,
		.uri = uri,
		.value = STR(""),
		.visibility = visibility,
		.picture_url = STR(""),
		.published = published && published < c->now ? published : c->now,
		.post_id = post->id,
	};

	return q_interaction_receive(c, &args, NULL);
}

int interaction_received(struct ctx *c, const struct identity_row *actor,
			 const struct post_row *post, enum interaction_kind kind, str uri,
			 usec published)
{
	return receive(c, actor, post, kind, uri, STR("public"), published);
}

int interaction_boosted(struct ctx *c, const struct identity_row *actor,
			const struct post_row *post, enum post_visibility visibility, str uri,
			usec published)
{
	return receive(c, actor, post, INTERACTION_BOOST, uri,
		       str_c(name_of_value(post_visibilities, (int)visibility)), published);
}

int interaction_withdrawn(struct ctx *c, const struct identity_row *actor, str uri,
			  const struct post_row *post, enum interaction_kind kind)
{
	size_t n = 0;

	if (uri.n)
		TRY(q_interaction_remove_uri(c, actor->id, uri, &n));
	if (n == 0 && post)
		TRY(q_interaction_remove(c, actor->id, post->id, kind_name(kind), NULL));
	return 0;
}
