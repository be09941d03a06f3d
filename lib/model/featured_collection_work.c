/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What is sent about collections of accounts: news of ours to followers and to who is in them, requests for
 * consent, and what people here answer to those of others.
 * Invariant: each step can be repeated, since an activity's id is the same at every attempt.
 */
#include "ap/document.h"
#include "db/db.h"
#include "model/activity.h"
#include "model/domain.h"
#include "model/featured_collection.h"
#include "model/identity.h"

static const char *const after_new[] = { "pending", "accepted", "rejected", "revoked", NULL };
static const char *const after_pending[] = { "new",	 "accepting", "rejecting", "rejected",
					     "revoking", "revoked",   NULL };
static const char *const after_accepting[] = { "accepted", "revoking", "revoked", NULL };
static const char *const after_accepted[] = { "new", "accepting", "revoking", "revoked", NULL };
static const char *const after_rejecting[] = { "rejected", NULL };
static const char *const after_rejected[] = { "new", "rejecting", NULL };
static const char *const after_revoking[] = { "revoked", NULL };
static const char *const after_revoked[] = { "new", "rejecting", NULL };

#define SCHEDULE .first = USEC_MINUTE, .growth = 2, .ceiling = USEC_HOUR

static const struct graph_state featuring_states[] = {
	{
		.name = "new",
		.next = after_new,
		SCHEDULE,
		.timeout = 3 * USEC_DAY,
		.timeout_to = "rejected",
	},
	{ .name = "pending", .initial = true, .next = after_pending, .external = true },
	{ .name = "accepting", .next = after_accepting, SCHEDULE },
	{ .name = "accepted", .next = after_accepted, .external = true },
	{ .name = "rejecting", .next = after_rejecting, SCHEDULE },
	{ .name = "rejected", .next = after_rejected, .external = true },
	{ .name = "revoking", .next = after_revoking, SCHEDULE },
	{ .name = "revoked", .next = after_revoked, .external = true },
};

const struct graph featuring_graph = { "featuring", featuring_states,
				       ARRAY_SIZE(featuring_states) };

/* News of ours */

/* Whom it is for besides followers: who is in it, and one more. */
static int members(struct ctx *c, int64_t id, int64_t more, i64s *ret)
{
	const struct featured_member_row *rows;
	int64_t *ids;
	size_t n;

	TRY(q_featured_collection_published(c, id, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].target_id;
	if (more)
		ids[n++] = more;
	*ret = (i64s){ ids, n };
	return 0;
}

static void open_public(struct ctx *c, struct json_out *w, const struct activity *a)
{
	json_out_init(w, c->arena, ACTIVITY_LIMIT);
	json_open_object(w, NULL);
	activity_open(w, a->uri, a->type, a->actor->actor_uri);
	json_open_array(w, "to");
	json_put_c(w, NULL, AS_PUBLIC);
	json_close_array(w);
	json_open_array(w, "cc");
	json_put_str(w, NULL, a->actor->followers_uri);
	json_close_array(w);
}

static int publish(struct ctx *c, struct json_out *w, struct activity *a)
{
	json_close_object(w);
	TRY(json_out_done(w, &a->body));
	return activity_publish(c, a);
}

static str news_uri(struct ctx *c, str uri, enum collection_news news)
{
	if (news == COLLECTION_EDITED)
		return str_fmt(c->arena, "%.*s#update/%lld", STR_ARG(uri), (long long)c->now);
	return str_cat(c->arena, uri, news == COLLECTION_MADE ? STR("#add") : STR("#remove"));
}

int featured_collection_tell(struct ctx *c, int64_t id, enum collection_news news)
{
	static const char *const types[] = { "Add", "Update", "Remove" };
	struct activity a = { .type = types[news], .to_followers = true };
	const struct featured_collection_row *row;
	struct json_out w;

	TRY(q_featured_collection_get(c, id, &row));
	TRY(q_identity_by_id(c, row->identity_id, &a.actor));
	TRY(members(c, id, 0, &a.to));
	a.uri = news_uri(c, row->uri, news);
	open_public(c, &w, &a);
	if (news == COLLECTION_GONE)
		json_put_str(&w, "object", row->uri);
	else
		TRY(featured_collection_write_ap(c, id, "object", &w));
	if (news != COLLECTION_EDITED)
		json_put_str(&w, "target", featured_collections_uri(c, a.actor));
	return publish(c, &w, &a);
}

/* The item stands in the collection still when it is taken out. */
static int write_item(struct ctx *c, const struct featuring_row *f, struct json_out *w)
{
	const struct featured_member_row *rows;
	size_t n;

	TRY(q_featured_collection_published(c, f->collection_id, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == f->id)
			featured_collection_write_item(c, f->collection_uri, &rows[i], "object", w);
	return 0;
}

int featured_collection_tell_item(struct ctx *c, int64_t item_id, bool gone)
{
	struct activity a = { .type = gone ? "Remove" : "Add", .to_followers = true };
	const struct featuring_row *f;
	struct json_out w;
	str item;

	TRY(q_featured_collection_item(c, item_id, &f));
	TRY(q_identity_by_id(c, f->owner_id, &a.actor));
	TRY(members(c, f->collection_id, f->target_id, &a.to));
	item = str_fmt(c->arena, "%.*sitems/%lld/", STR_ARG(f->collection_uri), (long long)item_id);
	a.uri = str_cat(c->arena, item, gone ? STR("#remove") : STR("#add"));
	open_public(c, &w, &a);
	if (gone)
		json_put_str(&w, "object", item);
	else
		TRY(write_item(c, f, &w));
	json_put_str(&w, "target", f->collection_uri);
	return publish(c, &w, &a);
}

/* One item at work */

struct matter {
	const struct featuring_row *f;
	const struct identity_row *owner, *target;
	bool accept;
};

static int load(struct ctx *c, int64_t id, struct matter *ret)
{
	TRY(q_featured_collection_item(c, id, &ret->f));
	TRY(q_identity_by_id(c, ret->f->owner_id, &ret->owner));
	return q_identity_by_id(c, ret->f->target_id, &ret->target);
}

static void open_personal(struct ctx *c, struct json_out *w, const struct activity *a, str to)
{
	json_out_init(w, c->arena, ACTIVITY_LIMIT);
	json_open_object(w, NULL);
	activity_open(w, a->uri, a->type, a->actor->actor_uri);
	json_open_array(w, "to");
	json_put_str(w, NULL, to);
	json_close_array(w);
}

static int publish_request(struct ctx *c, void *arg)
{
	const struct matter *m = arg;
	struct activity a = {
		.actor = m->owner,
		.uri = str_fmt(c->arena, "%.*s#request/%lld", STR_ARG(m->f->collection_uri),
			       (long long)m->f->id),
		.type = "FeatureRequest",
		.to = { &m->target->id, 1 },
		.personal = true,
	};
	struct json_out w;

	TRY(q_featured_collection_set_request(c, a.uri, m->f->id, NULL));
	open_personal(c, &w, &a, m->target->actor_uri);
	json_put_str(&w, "object", m->target->actor_uri);
	json_put_str(&w, "instrument", m->f->collection_uri);
	return publish(c, &w, &a);
}

/* What a remote owner says: the consent is looked at where it stands. */
static int judge(struct ctx *c, const struct matter *m, const char **ret_next)
{
	int result = featured_collection_check(c, m->f->collection_uri, m->f->authorization_uri,
					       m->target);

	if (err_is_transient(result))
		return result;
	*ret_next = result ? "rejected" : "accepted";
	return 0;
}

int featuring_work_new(struct ctx *c, int64_t id, const char **ret_next)
{
	struct matter m = { 0 };

	TRY(load(c, id, &m));
	if (!identity_is_local(m.owner))
		return judge(c, &m, ret_next);
	TRY(ctx_bind(c, m.owner->domain_id));
	TRY(db_transaction(c, publish_request, &m));
	*ret_next = "pending";
	return 0;
}

static str stamp_of(struct ctx *c, const struct matter *m)
{
	return str_fmt(c->arena, "%.*sfeatures/%lld/", STR_ARG(m->target->actor_uri),
		       (long long)m->f->id);
}

static int publish_answer(struct ctx *c, void *arg)
{
	const struct matter *m = arg;
	struct activity a = {
		.actor = m->target,
		.type = m->accept ? "Accept" : "Reject",
		.to = { &m->owner->id, 1 },
		.personal = true,
	};
	struct json_out w;

	a.uri = str_fmt(c->arena, "%.*s#%s/%lld", STR_ARG(m->target->actor_uri), a.type,
			(long long)m->f->id);
	open_personal(c, &w, &a, m->owner->actor_uri);
	json_open_object(&w, "object");
	json_put_str(&w, "id", m->f->request_uri);
	json_put_c(&w, "type", "FeatureRequest");
	json_put_str(&w, "actor", m->owner->actor_uri);
	json_put_str(&w, "object", m->target->actor_uri);
	json_put_str(&w, "instrument", m->f->collection_uri);
	json_close_object(&w);
	if (m->accept)
		json_put_str(&w, "result", stamp_of(c, m));
	return publish(c, &w, &a);
}

static int tell_added(struct ctx *c, void *arg)
{
	const struct matter *m = arg;

	return featured_collection_tell_item(c, m->f->id, false);
}

static int tell_removed(struct ctx *c, void *arg)
{
	const struct matter *m = arg;

	return featured_collection_tell_item(c, m->f->id, true);
}

int featuring_work_answer(struct ctx *c, int64_t id, bool accept, const char **ret_next)
{
	struct matter m = { .accept = accept };

	TRY(load(c, id, &m));
	if (!identity_is_local(m.owner)) {
		TRY(ctx_bind(c, m.target->domain_id));
		TRY(db_transaction(c, publish_answer, &m));
	} else if (accept) {
		TRY(ctx_bind(c, m.owner->domain_id));
		TRY(db_transaction(c, tell_added, &m));
	}
	*ret_next = accept ? "accepted" : "rejected";
	return 0;
}

static int publish_revocation(struct ctx *c, void *arg)
{
	const struct matter *m = arg;
	struct activity a = {
		.actor = m->target,
		.uri = str_cat(c->arena, stamp_of(c, m), STR("#delete")),
		.type = "Delete",
		.to_followers = true,
		.to = { &m->owner->id, 1 },
	};
	struct json_out w;

	open_public(c, &w, &a);
	json_open_object(&w, "object");
	json_put_str(&w, "id", stamp_of(c, m));
	json_put_c(&w, "type", "FeatureAuthorization");
	json_put_str(&w, "attributedTo", m->target->actor_uri);
	json_put_str(&w, "interactingObject", m->f->collection_uri);
	json_put_str(&w, "interactionTarget", m->target->actor_uri);
	json_close_object(&w);
	return publish(c, &w, &a);
}

int featuring_work_revoke(struct ctx *c, int64_t id, const char **ret_next)
{
	struct matter m = { 0 };

	TRY(load(c, id, &m));
	if (identity_is_local(m.target)) {
		TRY(ctx_bind(c, m.target->domain_id));
		TRY(db_transaction(c, publish_revocation, &m));
	}
	if (identity_is_local(m.owner)) {
		TRY(ctx_bind(c, m.owner->domain_id));
		TRY(db_transaction(c, tell_removed, &m));
	}
	*ret_next = "revoked";
	return 0;
}
