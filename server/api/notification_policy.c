/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Whose notifications somebody wants, and who waits for a decision:
 * https://docs.joinmastodon.org/methods/notifications/#get-policy
 */
#include <stddef.h>

#include "model/notification.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_notification.h"

#define REQUESTS_SIZE 40
#define REQUESTS_MOST 80

#define AT(member) offsetof(struct notification_policy_row, member)

/* Members of a policy, as the second version names them with words, and as the first did with yes and no. */
static const struct {
	const char *name, *filter;
	size_t offset;
} members[] = {
	{ "for_not_following", "filter_not_following", AT(not_following) },
	{ "for_not_followers", "filter_not_followers", AT(not_followers) },
	{ "for_new_accounts", "filter_new_accounts", AT(new_accounts) },
	{ "for_private_mentions", "filter_private_mentions", AT(private_mentions) },
	{ "for_limited_accounts", NULL, AT(limited_accounts) },
	{ "for_bots", NULL, AT(bots) },
};

static str *member(struct notification_policy_row *p, size_t n)
{
	return (str *)((char *)p + members[n].offset);
}

static void put_summary(struct json_out *w, const struct notification_policy_row *p)
{
	json_open_object(w, "summary");
	json_put_i64(w, "pending_requests_count", p->requests);
	json_put_i64(w, "pending_notifications_count", p->notifications);
	json_close_object(w);
}

static int send_policy(struct ctx *c, bool first_version, struct response *r)
{
	const struct notification_policy_row *row;
	struct notification_policy_row p;
	struct json_out w;

	TRY(notification_policy_get(c, &row));
	p = *row;
	api_open(c, &w);
	json_open_object(&w, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (!first_version)
			json_put_str(&w, members[i].name, *member(&p, i));
		else if (members[i].filter)
			json_put_bool(&w, members[i].filter,
				      !str_eq(*member(&p, i), STR("accept")));
	}
	put_summary(&w, &p);
	json_close_object(&w);
	return api_send(&w, r);
}

static void change(const struct params *params, bool first_version,
		   struct notification_policy_row *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const char *name = first_version ? members[i].filter : members[i].name;

		if (!name || !param_is_there(params, name))
			continue;
		*member(p, i) = !first_version			  ? param(params, name)
				: param_bool(params, name, false) ? STR("filter")
								  : STR("accept");
	}
}

static int change_policy(struct ctx *c, const struct request *q, bool first_version,
			 struct response *r)
{
	const struct notification_policy_row *row;
	struct notification_policy_row p;
	struct params *params;

	TRY(params_read(c, q, &params));
	TRY(notification_policy_get(c, &row));
	p = *row;
	change(params, first_version, &p);
	TRY(notification_policy_set(c, &p));
	return send_policy(c, first_version, r);
}

int api_notification_policy(struct ctx *c, unused struct request *q, struct response *r)
{
	return send_policy(c, false, r);
}

int api_notification_policy_change(struct ctx *c, struct request *q, struct response *r)
{
	return change_policy(c, q, false, r);
}

int api_notification_policy_v1(struct ctx *c, unused struct request *q, struct response *r)
{
	return send_policy(c, true, r);
}

int api_notification_policy_change_v1(struct ctx *c, struct request *q, struct response *r)
{
	return change_policy(c, q, true, r);
}

int api_notification_requests(struct ctx *c, struct request *q, struct response *r)
{
	struct notice_request *requests;
	struct json_out w;
	struct page page;
	size_t n;

	api_page(q, REQUESTS_SIZE, REQUESTS_MOST, &page);
	TRY(notification_requests(c, &page, &requests, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_notification_request(c, &w, &requests[i]);
	json_close_array(&w);
	if (n)
		api_link(c, q, requests[0].row->id, requests[n - 1].row->id,
			 (int64_t)n == page_limit(&page), r);
	return api_send_polled(&w, r);
}

int api_notification_request(struct ctx *c, struct request *q, struct response *r)
{
	struct notice_request request;
	struct json_out w;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(notification_request_get(c, id, &request));
	api_open(c, &w);
	render_notification_request(c, &w, &request);
	return api_send(&w, r);
}

/* One of the path, which has to be there, or those of "id[]". */
static int read_ids(struct ctx *c, const struct request *q, bool one, i64s *ret)
{
	int64_t *id = arena_array(c->arena, 1, sizeof(*id));
	const struct notification_request_row *row;
	struct params *p;

	if (!one) {
		TRY(params_read(c, q, &p));
		*ret = param_ids(c, p, "id");
		return 0;
	}
	TRY(api_path_id(c, q, 0, id));
	TRY(q_notification_request_by_id(c, c->identity_id, *id, &row));
	*ret = (i64s){ id, 1 };
	return 0;
}

static int decide(struct ctx *c, const struct request *q, bool one,
		  int (*fn)(struct ctx *c, i64s ids), struct response *r)
{
	i64s ids;

	TRY(read_ids(c, q, one, &ids));
	TRY(fn(c, ids));
	return api_send_empty(r);
}

int api_notification_request_accept(struct ctx *c, struct request *q, struct response *r)
{
	return decide(c, q, true, notification_requests_accept, r);
}

int api_notification_request_dismiss(struct ctx *c, struct request *q, struct response *r)
{
	return decide(c, q, true, notification_requests_dismiss, r);
}

int api_notification_requests_accept(struct ctx *c, struct request *q, struct response *r)
{
	return decide(c, q, false, notification_requests_accept, r);
}

int api_notification_requests_dismiss(struct ctx *c, struct request *q, struct response *r)
{
	return decide(c, q, false, notification_requests_dismiss, r);
}

/* What was accepted is among the others with the same statement: there is never anything left to merge. */
int api_notification_requests_merged(struct ctx *c, unused struct request *q, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	json_open_object(&w, NULL);
	json_put_bool(&w, "merged", true);
	json_close_object(&w);
	return api_send(&w, r);
}
