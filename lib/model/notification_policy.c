/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what a policy holds back is kept, and shown once its owner accepts the one who sent it. */
#include <stdint.h>

#include "model/emoji.h"
#include "model/identity.h"
#include "model/notification.h"

int notification_policy_get(struct ctx *c, const struct notification_policy_row **ret)
{
	return q_notification_policy(c, c->identity_id, ret);
}

static bool is_verdict(str word)
{
	return str_eq(word, STR("accept")) || str_eq(word, STR("filter")) ||
	       str_eq(word, STR("drop"));
}

int notification_policy_set(struct ctx *c, const struct notification_policy_row *p)
{
	struct q_notification_policy_set_args args = {
		.identity_id = c->identity_id,
		.domain_id = c->domain_id,
		.not_following = p->not_following,
		.not_followers = p->not_followers,
		.new_accounts = p->new_accounts,
		.private_mentions = p->private_mentions,
		.limited_accounts = p->limited_accounts,
		.bots = p->bots,
	};
	str words[] = { p->not_following,    p->not_followers,	  p->new_accounts,
			p->private_mentions, p->limited_accounts, p->bots };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!is_verdict(words[i]))
			return fail(c, E_UNPROCESSABLE,
				    "Validation failed: a policy is accept, filter or drop");
	return q_notification_policy_set(c, &args, NULL);
}

static int load_people(struct ctx *c, size_t n, struct notice_request *requests)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct identity_row *people;
	size_t n_people;

	for (size_t i = 0; i < n; i++)
		ids[i] = requests[i].row->actor_id;
	TRY(q_identity_by_ids(c, (i64s){ ids, n }, &people, &n_people));
	for (size_t i = 0; i < n_people; i++)
		emoji_expect_identity(c, &people[i]);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_people; k++)
			if (people[k].id == requests[i].row->actor_id)
				requests[i].actor = &people[k];
	return 0;
}

static int load_statuses(struct ctx *c, size_t n, struct notice_request *requests)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct post_row *posts;
	struct status *statuses;
	size_t n_posts;

	for (size_t i = 0; i < n; i++)
		ids[i] = requests[i].row->last_post_id;
	TRY(q_post_by_ids(c, (i64s){ ids, n }, c->identity_id, &posts, &n_posts));
	TRY(statuses_load(c, posts, n_posts, c->identity_id, &statuses));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_posts; k++)
			if (posts[k].id == requests[i].row->last_post_id)
				requests[i].status = &statuses[k];
	return 0;
}

static int load(struct ctx *c, const struct notification_request_row *rows, size_t n, bool upward,
		struct notice_request **ret)
{
	struct notice_request *requests = arena_array(c->arena, n + 1, sizeof(*requests));

	for (size_t i = 0; i < n; i++)
		requests[i].row = &rows[upward ? n - 1 - i : i];
	if (n) {
		TRY(load_people(c, n, requests));
		TRY(load_statuses(c, n, requests));
	}
	*ret = requests;
	return 0;
}

int notification_requests(struct ctx *c, const struct page *p, struct notice_request **ret,
			  size_t *ret_n)
{
	const struct notification_request_row *rows;
	bool upward = p->min_id != 0;

	TRY(q_notification_request_list(
		c, upward, c->identity_id, p->max_id ? p->max_id : INT64_MAX,
		upward ? p->min_id : p->since_id, page_limit(p), &rows, ret_n));
	return load(c, rows, *ret_n, upward, ret);
}

int notification_request_get(struct ctx *c, int64_t id, struct notice_request *ret)
{
	const struct notification_request_row *row;
	struct notice_request *requests;

	TRY(q_notification_request_by_id(c, c->identity_id, id, &row));
	TRY(load(c, row, 1, false, &requests));
	*ret = requests[0];
	return 0;
}

int notification_requests_accept(struct ctx *c, i64s ids)
{
	return ids.n ? q_notification_request_accept(c, c->identity_id, ids, NULL) : 0;
}

int notification_requests_dismiss(struct ctx *c, i64s ids)
{
	return ids.n ? q_notification_request_dismiss(c, c->identity_id, ids, NULL) : 0;
}
