/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what cannot be read is not there, and what is gone says so only to those that could read it. */
#include "model/post.h"

static const char *const after_new[] = { "fanned_out", "edited", "deleted", "held", "stub", NULL };
static const char *const after_stub[] = { "fanned_out", "gone", NULL };
static const char *const after_held[] = { "new", "deleted", "gone", NULL };
static const char *const after_fanned_out[] = { "edited", "deleted", NULL };
static const char *const after_edited[] = { "fanned_out", "held", "deleted", NULL };
static const char *const after_deleted[] = { "gone", NULL };

static const struct graph_state post_states[] = {
	{
		.name = "new",
		.initial = true,
		.next = after_new,
		.first = 30 * USEC_SEC,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	/* Waits for staff, and nobody but the author sees it; or is an answer that waits for consent, or was refused. */
	{ .name = "held", .next = after_held, .external = true },
	{ .name = "fanned_out", .next = after_fanned_out, .external = true },
	{
		.name = "edited",
		.next = after_edited,
		.first = 30 * USEC_SEC,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	{
		.name = "deleted",
		.next = after_deleted,
		.first = 30 * USEC_SEC,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	/* Another server's, whose address came with a tenant: nobody sees it before its server showed it. */
	{
		.name = "stub",
		.next = after_stub,
		.first = USEC_MINUTE,
		.growth = 3,
		.ceiling = USEC_DAY,
		.timeout = 14 * USEC_DAY,
		.timeout_to = "gone",
	},
	/* The tombstone answers 410 for as long as others may ask. */
	{ .name = "gone", .delete_after = 90 * USEC_DAY },
};

const struct graph post_graph = { "post", post_states, ARRAY_SIZE(post_states) };

const struct name post_visibilities[] = {
	{ "public", POST_PUBLIC },	 { "unlisted", POST_UNLISTED },
	{ "followers", POST_FOLLOWERS }, { "mentioned", POST_MENTIONED },
	{ "local", POST_LOCAL },	 { NULL, 0 },
};

/* What is not there for the viewer, and whether it ever was for all. */
static int not_there(struct ctx *c, int err, int64_t id, str uri)
{
	const struct post_tombstone_row *tombstone;

	if (err != E_NOT_FOUND)
		return err;
	err = q_post_tombstone(c, id, uri, &tombstone);
	if (err == 0)
		return fail(c, E_GONE, "this post was deleted");
	return err == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "there is no such post") : err;
}

int post_get(struct ctx *c, int64_t id, int64_t viewer, const struct post_row **ret)
{
	int err = q_post_by_id(c, id, viewer, ret);

	return err ? not_there(c, err, id, STR("")) : 0;
}

int post_get_by_uri(struct ctx *c, str uri, int64_t viewer, const struct post_row **ret)
{
	int err = q_post_by_uri(c, uri, viewer, ret);

	return err ? not_there(c, err, 0, uri) : 0;
}

int post_get_own(struct ctx *c, int64_t id, const struct post_row **ret)
{
	const struct post_row *post;

	TRY(post_get(c, id, c->identity_id, &post));
	if (post->author_id != c->identity_id)
		return fail(c, E_FORBIDDEN, "this post is somebody else's");
	*ret = post;
	return 0;
}
