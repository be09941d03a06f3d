/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* identity: keeps remote actors fresh, tells of edited and deleted local ones. */
#include "model/identity.h"

#include "db/db.h"
#include "json/write.h"
#include "model/activity.h"
#include "model/domain.h"
#include "stator/handler.h"

static int load(struct ctx *c, const struct job *j, const struct identity_row **ret)
{
	return q_identity_by_id(c, j->id, ret);
}

/* Only those that somebody here has to do with are asked for. */
static int outdated(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	const struct identity_row *i;
	const struct identity_wanted_row *row;
	int result;

	TRY(load(c, j, &i));
	TRY(q_identity_is_wanted(c, j->id, &row));
	result = identity_is_local(i) || !row->wanted ? 0 : identity_refresh(c, i);
	if (result == E_GONE) {
		*ret_next = "deleted";
		return 0;
	}
	TRY(result);
	*ret_next = "updated";
	return 0;
}

static int updated(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	const struct identity_row *i;

	TRY(load(c, j, &i));
	if (!identity_is_local(i))
		*ret_next = "outdated";
	return 0;
}

static int unreachable(unused struct ctx *c, unused const struct job *j, const char **ret_next,
		       unused usec *ret_at)
{
	*ret_next = "outdated";
	return 0;
}

struct announcement {
	const struct identity_row *identity;
	const char *type; /* "Update" or "Delete" */
	usec when;
};

static int announce(struct ctx *c, void *arg)
{
	struct announcement *n = arg;
	const struct identity_row *i = n->identity;
	struct activity a = {
		.actor = i,
		.uri = str_fmt(c->arena, "%.*s#%s/%lld", STR_ARG(i->actor_uri), n->type,
			       (long long)n->when),
		.type = n->type,
		.to_followers = true,
	};
	struct json_out document, w;
	str object;

	json_out_init(&document, c->arena, ACTIVITY_LIMIT);
	TRY(identity_write_ap(c, i, &document));
	TRY(json_out_done(&document, &object));
	json_out_init(&w, c->arena, ACTIVITY_LIMIT);
	json_open_object(&w, NULL);
	activity_open(&w, a.uri, a.type, i->actor_uri);
	json_open_array(&w, "to");
	json_put_c(&w, NULL, AS_PUBLIC);
	json_close_array(&w);
	if (i->deleted)
		json_put_str(&w, "object", i->actor_uri);
	else
		json_put_raw(&w, "object", object);
	json_close_object(&w);
	TRY(json_out_done(&w, &a.body));
	return activity_publish(c, &a);
}

/* Followers are told first: how long other sites take to answer is not theirs to wait for. A remote one comes here when
 * somebody looks at it (identity_look). */
static int edited(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	struct announcement n = { .type = "Update", .when = j->state_changed };

	TRY(load(c, j, &n.identity));
	if (identity_is_local(n.identity))
		TRY(db_transaction(c, announce, &n));
	TRY(identity_verify(c, n.identity));
	*ret_next = "updated";
	return 0;
}

/* Followers are told before they are forgotten; their servers then drop all that it wrote. */
static int deleted(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	struct announcement n = { .type = "Delete", .when = j->state_changed };

	TRY(load(c, j, &n.identity));
	if (identity_is_local(n.identity)) {
		TRY(db_transaction(c, announce, &n));
		TRY(q_identity_remove_users(c, j->id, NULL));
	}
	TRY(q_identity_bury(c, j->id, NULL));
	*ret_next = "gone";
	return 0;
}

static const struct state_handler handlers[] = {
	{ "outdated", outdated }, { "updated", updated },	  { "edited", edited },
	{ "deleted", deleted },	  { "unreachable", unreachable }, { NULL, NULL },
};

const struct machine identity_machine = { &identity_graph, handlers, 16 };
