/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a post of others that was old when it came is stored, but appears on nobody's page by itself. */
#include "model/post_show.h"

#include "model/identity.h"
#include "model/notification.h"
#include "model/post.h"
#include "model/timeline.h"
#include "sql/gen/conversation.h"
#include "sql/gen/timeline.h"

#define FRESH USEC_DAY

static bool is_for_all(const struct post_row *p)
{
	return str_eq(p->visibility, STR("public")) || str_eq(p->visibility, STR("unlisted"));
}

static bool was_fresh(const struct post_row *p, usec when)
{
	return p->domain_id || p->published > when - FRESH;
}

/* Mentioned people of the bound tenant. */
static int notify_mentioned(struct ctx *c, const struct post_row *p)
{
	const struct identity_row *people;
	i64s ids;
	size_t n;

	TRY(post_recipients(c, p, &ids));
	TRY(q_identity_by_ids(c, ids, &people, &n));
	for (size_t i = 0; i < n; i++)
		if (people[i].domain_id == c->domain_id)
			TRY(notification_add(c, people[i].id, "mention", p->author_id, p->id));
	return 0;
}

static int show(struct ctx *c, const struct post_row *p, bool is_edit, usec when)
{
	if (!is_for_all(p) && p->domain_id != c->domain_id)
		TRY(q_post_admit(c, p->id, c->domain_id, NULL));
	if (was_fresh(p, when))
		TRY(timeline_show(c, p->id));
	TRY(q_conversation_add(c, p->id, NULL));
	TRY(notify_mentioned(c, p));
	return is_edit ? 0 : notification_tell_new_post(c, p->id);
}

int post_show(struct ctx *c, const struct post_row *p, bool is_edit)
{
	return show(c, p, is_edit, c->now);
}

int post_show_late(struct ctx *c, const struct post_row *p)
{
	TRY(show(c, p, false, p->created));
	return q_timeline_add_boosts(c, p->id, c->domain_id, NULL);
}

int post_list_late(struct ctx *c, const struct post_row *p)
{
	return was_fresh(p, p->created) ? q_timeline_add_public(c, c->domain_id, p->id, NULL) : 0;
}
