/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What becomes of quotations: requests and answers that we send, consents of others that we check.
 * Invariant: each step can be repeated, since an activity's id is the same at every attempt.
 */
#include "ap/document.h"
#include "ap/transport.h"
#include "db/db.h"
#include "model/activity.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/notification.h"
#include "model/post_remote.h"
#include "model/quote.h"
#include "sql/gen/interaction.h"

/* A quotation with those who have to do with it. */
struct matter {
	const struct quote_row *q;
	const struct identity_row *author; /* of the post that quotes */
	const struct identity_row *quoted_author; /* NULL: not known yet */
	const char *type; /* of the activity that is sent */
};

static int load(struct ctx *c, int64_t id, struct matter *ret)
{
	TRY(q_quote_by_id(c, id, &ret->q));
	TRY(q_identity_by_id(c, ret->q->author_id, &ret->author));
	if (ret->q->quoted_author_id)
		TRY(q_identity_by_id(c, ret->q->quoted_author_id, &ret->quoted_author));
	return 0;
}

static int recount(struct ctx *c, const struct matter *m)
{
	return m->q->quoted_id ? q_post_recount(c, m->q->quoted_id, NULL) : 0;
}

/* Asking */

static int publish_request(struct ctx *c, void *arg)
{
	const struct matter *m = arg;
	struct activity a = {
		.actor = m->author,
		.uri = m->q->request_uri,
		.type = "QuoteRequest",
		.to = { &m->quoted_author->id, 1 },
		.personal = true,
	};
	const struct post_row *post;
	struct json_out w;

	TRY(q_post_for_job(c, m->q->post_id, &post));
	json_out_init(&w, c->arena, ACTIVITY_LIMIT);
	json_open_object(&w, NULL);
	activity_open(&w, a.uri, a.type, m->author->actor_uri);
	json_open_array(&w, "to");
	json_put_str(&w, NULL, m->quoted_author->actor_uri);
	json_close_array(&w);
	json_put_str(&w, "object", m->q->quoted_uri);
	TRY(post_write_ap(c, post, "instrument", &w));
	json_close_object(&w);
	TRY(json_out_done(&w, &a.body));
	return activity_publish(c, &a);
}

/* Checking what others say */

/* What is quoted is fetched when it is not here. */
static int find_quoted(struct ctx *c, struct matter *m)
{
	const struct post_found_row *found;
	int result = q_post_find(c, m->q->quoted_uri, &found);

	if (result == E_NOT_FOUND) {
		TRY(post_fetch(c, m->q->quoted_uri, (i64s){ NULL, 0 }, NULL));
		result = q_post_find(c, m->q->quoted_uri, &found);
	}
	TRY(result);
	TRY(q_quote_set_quoted(c, found->id, found->author_id, found->domain_id, m->q->id, NULL));
	return load(c, m->q->id, m);
}

/* A consent stands at an address of the quoted author's host, and names both posts. */
static int check_consent(struct ctx *c, const struct matter *m)
{
	str uri = m->q->authorization_uri, url;
	const struct json *j;
	struct ap_signer signer;

	if (!ap_same_host(uri, m->quoted_author->actor_uri))
		return fail(c, E_FORBIDDEN, "the authorization is on another host than the author");
	TRY(identity_fetch_signer(c, &signer));
	TRY(ap_get(c, &signer, uri, &j, &url));
	if (ap_type_of(j) != AP_QUOTE_AUTHORIZATION || !str_eq(json_get_str(j, "id"), uri) ||
	    !str_eq(ap_uri_of(json_get(j, "attributedTo")), m->quoted_author->actor_uri) ||
	    !str_eq(ap_uri_of(json_get(j, "interactingObject")), m->q->post_uri) ||
	    !str_eq(ap_uri_of(json_get(j, "interactionTarget")), m->q->quoted_uri))
		return fail(c, E_FORBIDDEN, "the authorization is for something else");
	return 0;
}

static int judge_remote(struct ctx *c, struct matter *m)
{
	if (!m->q->quoted_id)
		TRY(find_quoted(c, m));
	if (m->q->author_id == m->q->quoted_author_id)
		return 0;
	if (str_is_empty(m->q->authorization_uri) || m->q->quoted_domain_id)
		return fail(c, E_FORBIDDEN, "there is no consent yet");
	return check_consent(c, m);
}

int quote_work_new(struct ctx *c, int64_t id, const char **ret_next)
{
	struct matter m = { 0 };
	int result;

	TRY(load(c, id, &m));
	if (m.q->domain_id) {
		if (identity_is_local(m.quoted_author)) {
			TRY(ctx_bind(c, m.quoted_author->domain_id));
			TRY(notification_add(c, m.quoted_author->id, "pending_quote", m.author->id,
					     m.q->post_id));
		} else {
			TRY(ctx_bind(c, m.q->domain_id));
			TRY(db_transaction(c, publish_request, &m));
		}
		*ret_next = "pending";
		return 0;
	}
	result = judge_remote(c, &m);
	if (result < 0 || err_is_transient(result))
		return result;
	*ret_next = result ? "pending" : "accepted";
	return recount(c, &m);
}

/* Answering */

static void write_request(struct json_out *w, const struct matter *m)
{
	json_open_object(w, "object");
	json_put_str(w, "id", m->q->request_uri);
	json_put_c(w, "type", "QuoteRequest");
	json_put_str(w, "actor", m->author->actor_uri);
	json_put_str(w, "object", m->q->quoted_uri);
	json_put_str(w, "instrument", m->q->post_uri);
	json_close_object(w);
}

static int publish_answer(struct ctx *c, void *arg)
{
	const struct matter *m = arg;
	struct activity a = {
		.actor = m->quoted_author,
		.type = m->type,
		.to = { &m->author->id, 1 },
		.personal = true,
	};
	struct json_out w;

	a.uri = str_fmt(c->arena, "%.*s#%s/%lld", STR_ARG(m->quoted_author->actor_uri), m->type,
			(long long)m->q->id);
	json_out_init(&w, c->arena, ACTIVITY_LIMIT);
	json_open_object(&w, NULL);
	activity_open(&w, a.uri, a.type, m->quoted_author->actor_uri);
	json_open_array(&w, "to");
	json_put_str(&w, NULL, m->author->actor_uri);
	json_close_array(&w);
	write_request(&w, m);
	if (str_eq_c(STR("Accept"), m->type))
		json_put_str(&w, "result", m->q->authorization_uri);
	json_close_object(&w);
	TRY(json_out_done(&w, &a.body));
	return activity_publish(c, &a);
}

/* Decided: the request is no news any more. */
static int unask(struct ctx *c, const struct matter *m)
{
	if (!identity_is_local(m->quoted_author) || !m->q->quoted_id)
		return 0;
	TRY(ctx_bind(c, m->quoted_author->domain_id));
	return notification_remove(c, m->quoted_author->id, "pending_quote", m->author->id,
				   m->q->post_id ? m->q->post_id : m->q->quoted_id);
}

static int tell_quoted(struct ctx *c, const struct matter *m)
{
	if (!identity_is_local(m->quoted_author) || !m->q->post_id)
		return 0;
	TRY(ctx_bind(c, m->quoted_author->domain_id));
	return notification_add(c, m->quoted_author->id, "quote", m->author->id, m->q->post_id);
}

/* Others hear of the consent with the post. */
static int republish(struct ctx *c, const struct matter *m)
{
	TRY(ctx_bind(c, m->q->domain_id));
	return q_post_republish(c, m->q->post_id, NULL);
}

int quote_work_answer(struct ctx *c, int64_t id, bool accept, const char **ret_next)
{
	struct matter m = { .type = accept ? "Accept" : "Reject" };

	TRY(load(c, id, &m));
	if (!m.q->domain_id && m.q->request_uri.n) {
		TRY(ctx_bind(c, m.q->quoted_domain_id));
		TRY(db_transaction(c, publish_answer, &m));
	}
	TRY(unask(c, &m));
	if (accept)
		TRY(tell_quoted(c, &m));
	if (accept && m.q->domain_id && !m.q->request_uri.n)
		TRY(republish(c, &m));
	*ret_next = accept ? "accepted" : "rejected";
	return recount(c, &m);
}

/* Taking back */

static int publish_revocation(struct ctx *c, void *arg)
{
	const struct matter *m = arg;
	struct activity a = {
		.actor = m->quoted_author,
		.uri = str_cat(c->arena, m->q->authorization_uri, STR("#delete")),
		.type = "Delete",
		.to_followers = true,
		.to = { &m->author->id, 1 },
	};
	struct json_out w;

	json_out_init(&w, c->arena, ACTIVITY_LIMIT);
	json_open_object(&w, NULL);
	activity_open(&w, a.uri, a.type, m->quoted_author->actor_uri);
	json_open_array(&w, "to");
	json_put_c(&w, NULL, AS_PUBLIC);
	json_put_str(&w, NULL, m->author->actor_uri);
	json_close_array(&w);
	json_open_object(&w, "object");
	json_put_str(&w, "id", m->q->authorization_uri);
	json_put_c(&w, "type", "QuoteAuthorization");
	json_put_str(&w, "attributedTo", m->quoted_author->actor_uri);
	json_put_str(&w, "interactingObject", m->q->post_uri);
	json_put_str(&w, "interactionTarget", m->q->quoted_uri);
	json_close_object(&w);
	json_close_object(&w);
	TRY(json_out_done(&w, &a.body));
	return activity_publish(c, &a);
}

int quote_work_revoke(struct ctx *c, int64_t id, const char **ret_next)
{
	struct matter m = { 0 };

	TRY(load(c, id, &m));
	if (m.q->authorization_uri.n) {
		TRY(ctx_bind(c, m.q->quoted_domain_id));
		TRY(db_transaction(c, publish_revocation, &m));
	}
	*ret_next = "revoked";
	return recount(c, &m);
}
