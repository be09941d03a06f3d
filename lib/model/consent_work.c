/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What becomes of requests: those that we send, and answers to those that came. What follows for the answer, like or boost
 * itself, the database does in the same transaction (consent_follow()).
 * Invariant: each step can be repeated, since an activity's id is the same at every attempt.
 */
#include "ap/document.h"
#include "db/db.h"
#include "model/activity.h"
#include "model/consent.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/notification.h"
#include "sql/gen/interaction.h"

/* A request with those who have to do with it. */
struct matter {
	const struct consent_row *row;
	const struct identity_row *actor, *owner;
	const struct post_row *object;
	const char *type; /* of the activity that is sent */
};

static int load(struct ctx *c, int64_t id, struct matter *ret)
{
	TRY(q_consent_by_id(c, id, &ret->row));
	TRY(q_identity_by_id(c, ret->row->actor_id, &ret->actor));
	TRY(q_identity_by_id(c, ret->row->owner_id, &ret->owner));
	return q_post_for_job(c, ret->row->object_id, &ret->object);
}

static bool is_kind(const struct matter *m, const char *kind)
{
	return str_eq_c(m->row->kind, kind);
}

static void open_activity(struct ctx *c, struct json_out *w, const struct activity *a, str to)
{
	json_out_init(w, c->arena, ACTIVITY_LIMIT);
	json_open_object(w, NULL);
	activity_open(w, a->uri, a->type, a->actor->actor_uri);
	json_open_array(w, "to");
	json_put_str(w, NULL, to);
	json_close_array(w);
}

/* Asking */

static int write_instrument(struct ctx *c, const struct matter *m, struct json_out *w)
{
	const struct post_row *reply;

	if (m->row->reply_id) {
		TRY(q_post_for_job(c, m->row->reply_id, &reply));
		return post_write_ap(c, reply, "instrument", w);
	}
	json_open_object(w, "instrument");
	json_put_str(w, "id", m->row->uri);
	json_put_c(w, "type", is_kind(m, "boost") ? "Announce" : "Like");
	json_put_str(w, "actor", m->actor->actor_uri);
	json_put_str(w, "object", m->object->object_uri);
	json_close_object(w);
	return 0;
}

static str request_uri(struct ctx *c, const struct matter *m)
{
	return str_fmt(c->arena, "%.*s#request/%lld", STR_ARG(m->actor->actor_uri),
		       (long long)m->row->id);
}

static int publish_request(struct ctx *c, void *arg)
{
	const struct matter *m = arg;
	struct activity a = {
		.actor = m->actor,
		.uri = request_uri(c, m),
		.type = consent_type(m->row->kind, "Request"),
		.to = { &m->owner->id, 1 },
		.personal = true,
	};
	struct json_out w;

	TRY(q_consent_set_request(c, a.uri, m->row->id, NULL));
	open_activity(c, &w, &a, m->owner->actor_uri);
	json_put_str(&w, "object", m->object->object_uri);
	TRY(write_instrument(c, m, &w));
	json_close_object(&w);
	TRY(json_out_done(&w, &a.body));
	return activity_publish(c, &a);
}

/* The notification of a request, which is gone when it is decided. */
static const char *kind_of_notice(const struct matter *m)
{
	return is_kind(m, "reply")   ? "pending_reply"
	       : is_kind(m, "boost") ? "pending_boost"
				     : "pending_like";
}

static int64_t post_of_notice(const struct matter *m)
{
	return m->row->reply_id ? m->row->reply_id : m->row->object_id;
}

int consent_work_new(struct ctx *c, int64_t id, const char **ret_next)
{
	struct matter m = { 0 };

	TRY(load(c, id, &m));
	if (identity_is_local(m.owner)) {
		TRY(ctx_bind(c, m.owner->domain_id));
		TRY(notification_add(c, m.owner->id, kind_of_notice(&m), m.actor->id,
				     post_of_notice(&m)));
	} else {
		TRY(ctx_bind(c, m.actor->domain_id));
		TRY(db_transaction(c, publish_request, &m));
	}
	*ret_next = "pending";
	return 0;
}

/* Answering */

/* What asked is embedded; what just came is named. */
static void write_asked(struct json_out *w, const struct matter *m)
{
	if (str_is_empty(m->row->request_uri)) {
		json_put_str(w, "object", m->row->uri);
		return;
	}
	json_open_object(w, "object");
	json_put_str(w, "id", m->row->request_uri);
	json_put_c(w, "type", consent_type(m->row->kind, "Request"));
	json_put_str(w, "actor", m->actor->actor_uri);
	json_put_str(w, "object", m->object->object_uri);
	json_put_str(w, "instrument", m->row->uri);
	json_close_object(w);
}

static int publish_answer(struct ctx *c, void *arg)
{
	const struct matter *m = arg;
	struct activity a = {
		.actor = m->owner,
		.uri = str_fmt(c->arena, "%.*s#%s/%lld", STR_ARG(m->owner->actor_uri), m->type,
			       (long long)m->row->id),
		.type = m->type,
		.to = { &m->actor->id, 1 },
		.personal = true,
	};
	struct json_out w;

	open_activity(c, &w, &a, m->actor->actor_uri);
	write_asked(&w, m);
	if (str_eq_c(STR("Accept"), m->type))
		json_put_str(&w, "result", m->row->authorization_uri);
	json_close_object(&w);
	TRY(json_out_done(&w, &a.body));
	return activity_publish(c, &a);
}

static int unnotify(struct ctx *c, const struct matter *m)
{
	return notification_remove(c, m->owner->id, kind_of_notice(m), m->actor->id,
				   post_of_notice(m));
}

int consent_work_answer(struct ctx *c, int64_t id, bool accept, const char **ret_next)
{
	struct matter m = { .type = accept ? "Accept" : "Reject" };

	TRY(load(c, id, &m));
	TRY(ctx_bind(c, m.owner->domain_id));
	TRY(unnotify(c, &m));
	if (!identity_is_local(m.actor))
		TRY(db_transaction(c, publish_answer, &m));
	*ret_next = accept ? "accepted" : "rejected";
	return q_post_recount(c, m.object->id, NULL);
}

/* Taking back */

static int publish_revocation(struct ctx *c, void *arg)
{
	const struct matter *m = arg;
	struct activity a = {
		.actor = m->owner,
		.uri = str_cat(c->arena, m->row->authorization_uri, STR("#delete")),
		.type = "Delete",
		.to_followers = true,
		.to = { &m->actor->id, 1 },
	};
	struct json_out w;

	open_activity(c, &w, &a, m->actor->actor_uri);
	json_open_object(&w, "object");
	json_put_str(&w, "id", m->row->authorization_uri);
	json_put_c(&w, "type", consent_type(m->row->kind, "Authorization"));
	json_put_str(&w, "attributedTo", m->owner->actor_uri);
	json_put_str(&w, "interactingObject", m->row->uri);
	json_put_str(&w, "interactionTarget", m->object->object_uri);
	json_close_object(&w);
	json_close_object(&w);
	TRY(json_out_done(&w, &a.body));
	return activity_publish(c, &a);
}

int consent_work_revoke(struct ctx *c, int64_t id, const char **ret_next)
{
	struct matter m = { 0 };

	TRY(load(c, id, &m));
	TRY(ctx_bind(c, m.owner->domain_id));
	TRY(db_transaction(c, publish_revocation, &m));
	*ret_next = "revoked";
	return q_post_recount(c, m.object->id, NULL);
}
