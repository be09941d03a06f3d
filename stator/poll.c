/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * poll: tells other servers how many votes there are, now and then, and everybody who voted when it
 * is over.
 */
#include "model/poll.h"

#include "base/log.h"
#include "model/domain.h"
#include "model/notification.h"
#include "model/post.h"
#include "model/post_remote.h"
#include "sql/gen/follow.h"
#include "sql/gen/inbox.h"
#include "stator/handler.h"

/* Open polls without an end are looked at again when somebody votes. */
#define FAR (365 * USEC_DAY)

static int republish(struct ctx *c, const struct poll_row *p)
{
	if (!p->domain_id)
		return 0;
	TRY(ctx_bind(c, p->domain_id));
	TRY(q_poll_told(c, p->id, NULL));
	return q_post_republish(c, p->id, NULL);
}

static int open(struct ctx *c, const struct job *j, const char **ret_next, usec *ret_at)
{
	const struct poll_row *p;

	TRY(q_poll_by_id(c, j->id, &p));
	if (p->expires && p->expires <= c->now) {
		*ret_next = "closing";
		return 0;
	}
	if (p->changed)
		TRY(republish(c, p));
	*ret_at = p->expires ? p->expires : c->now + FAR;
	return 0;
}

/* The last counts of a remote poll; what cannot be had leaves those that are here. */
static int refresh(struct ctx *c, const struct post_row *post)
{
	int result = post_refresh(c, post->object_uri);

	if (result < 0 || result == E_LATER)
		return result;
	if (result)
		log_debug(c, "event=poll_end uri=%.*s error=%s", STR_ARG(post->object_uri),
			  err_name(result));
	return 0;
}

static int tell_here(struct ctx *c, const struct post_row *post)
{
	const struct identity_id_row *voters;
	size_t n;

	TRY(q_poll_voters_here(c, post->id, &voters, &n));
	for (size_t i = 0; i < n; i++)
		TRY(notification_add(c, voters[i].id, "poll", post->author_id, post->id));
	return 0;
}

/* Who voted, and the author of a poll of ours. */
static int tell(struct ctx *c, const struct post_row *post)
{
	const struct domain_number_row *domains;
	size_t n;

	TRY(q_poll_voter_domains(c, post->id, &domains, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(ctx_bind(c, domains[i].domain_id));
		TRY(tell_here(c, post));
	}
	if (!post->domain_id)
		return 0;
	TRY(ctx_bind(c, post->domain_id));
	return notification_add(c, post->author_id, "poll", post->author_id, post->id);
}

static int closing(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	const struct poll_row *p;
	const struct post_row *post;

	TRY(q_poll_by_id(c, j->id, &p));
	TRY(q_post_for_job(c, j->id, &post));
	*ret_next = "closed";
	if (post->deleted)
		return 0;
	if (p->domain_id)
		TRY(republish(c, p));
	else
		TRY(refresh(c, post));
	return tell(c, post);
}

static const struct state_handler handlers[] = {
	{ "open", open },
	{ "closing", closing },
	{ NULL, NULL },
};

const struct machine poll_machine = { &poll_graph, handlers, 32 };
