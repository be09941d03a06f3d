/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Notifications, one by one (v1) and in groups (v2): https://docs.joinmastodon.org/methods/notifications/ and
 * https://docs.joinmastodon.org/methods/grouped_notifications/
 */
#include "model/notification.h"

#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_account.h"
#include "server/api/render_notification.h"

#define PAGE_SIZE 40
#define PAGE_MOST 80
#define COUNT_SIZE 100
#define COUNT_MOST 1000

/* Types in the API's words to kinds; those that nobody knows are passed over. */
static strs kinds_of(struct ctx *c, strs types)
{
	str *kinds = arena_array(c->arena, types.n + 1, sizeof(*kinds));
	size_t n = 0;

	for (size_t i = 0; i < types.n; i++) {
		kinds[n] = notification_kind_of(types.p[i]);
		n += !str_is_null(kinds[n]);
	}
	return (strs){ kinds, n };
}

/* What groups when a client does not say it. */
static strs default_groups(void)
{
	static const str kinds[] = { { "like", 4 }, { "boost", 5 }, { "follow", 6 } };

	return (strs){ kinds, ARRAY_SIZE(kinds) };
}

/* Types that programs have to ask for by name: those that know Mastodon's alone stumble over others. */
static strs plus_rare(struct ctx *c, strs kinds)
{
	static const str rare[] = { { "reaction", 8 },
				    { "pending_reply", 13 },
				    { "pending_like", 12 },
				    { "pending_boost", 13 },
				    { "pending_quote", 13 } };
	str *all = arena_array(c->arena, kinds.n + ARRAY_SIZE(rare), sizeof(*all));

	for (size_t i = 0; i < kinds.n; i++)
		all[i] = kinds.p[i];
	for (size_t i = 0; i < ARRAY_SIZE(rare); i++)
		all[kinds.n + i] = rare[i];
	return (strs){ all, kinds.n + ARRAY_SIZE(rare) };
}

static int read_choice(struct ctx *c, const struct params *p, struct notification_choice *ret)
{
	strs types = param_list(c, p, "types"), grouped = param_list(c, p, "grouped_types");
	int64_t actor_id = param_id(p, "account_id");

	if (!str_is_empty(param(p, "account_id")) && !actor_id)
		return api_not_found(c);
	*ret = (struct notification_choice){
		.has_kinds = types.n > 0,
		.kinds = kinds_of(c, types),
		.without = kinds_of(c, param_list(c, p, "exclude_types")),
		.grouped = grouped.n ? kinds_of(c, grouped) : default_groups(),
		.actor_id = actor_id,
		.with_filtered = param_bool(p, "include_filtered", false),
	};
	if (types.n == 0)
		ret->without = plus_rare(c, ret->without);
	return 0;
}

/* A page of one actor's shows what a policy held back, so that its owner can decide. */
static int read_page(struct ctx *c, const struct request *q, struct notification_choice *ret,
		     struct page *ret_page, bool *ret_partial)
{
	struct params *p;

	TRY(params_read(c, q, &p));
	TRY(read_choice(c, p, ret));
	ret->with_filtered |= ret->actor_id != 0;
	api_page(q, PAGE_SIZE, PAGE_MOST, ret_page);
	*ret_partial = str_eq(param(p, "expand_accounts"), STR("partial_avatars"));
	return 0;
}

int api_notifications(struct ctx *c, struct request *q, struct response *r)
{
	struct notification_choice choice;
	struct notice *notices;
	struct json_out w;
	struct page page;
	bool partial, more;
	size_t n;

	TRY(read_page(c, q, &choice, &page, &partial));
	TRY(notification_list(c, &choice, &page, &notices, &n, &more));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_notification(c, &w, &notices[i]);
	json_close_array(&w);
	if (n)
		api_link(c, q, notices[0].row->id, notices[n - 1].row->id, more, r);
	return api_send_polled(&w, r);
}

int api_notification(struct ctx *c, struct request *q, struct response *r)
{
	struct notice notice;
	struct json_out w;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(notification_get(c, id, &notice));
	api_open(c, &w);
	render_notification(c, &w, &notice);
	return api_send(&w, r);
}

int api_notifications_clear(struct ctx *c, unused struct request *q, struct response *r)
{
	TRY(notification_clear(c));
	return api_send_empty(r);
}

int api_notification_dismiss(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(notification_dismiss(c, (i64s){ &id, 1 }));
	return api_send_empty(r);
}

int api_notifications_dismiss(struct ctx *c, struct request *q, struct response *r)
{
	struct params *p;

	TRY(params_read(c, q, &p));
	TRY(notification_dismiss(c, param_ids(c, p, "ids")));
	return api_send_empty(r);
}

static int count(struct ctx *c, const struct request *q, bool groups, struct response *r)
{
	struct notification_choice choice;
	struct params *p;
	struct json_out w;
	int64_t limit = COUNT_SIZE, n;

	TRY(params_read(c, q, &p));
	TRY(read_choice(c, p, &choice));
	TRY(param_i64(c, p, "limit", &limit));
	if (limit < 1 || limit > COUNT_MOST)
		limit = limit < 1 ? COUNT_SIZE : COUNT_MOST;
	TRY(notification_count_unseen(c, &choice, groups, limit, &n));
	api_open(c, &w);
	json_open_object(&w, NULL);
	json_put_i64(&w, "count", n);
	json_close_object(&w);
	return api_send_polled(&w, r);
}

int api_notifications_unread(struct ctx *c, struct request *q, struct response *r)
{
	return count(c, q, false, r);
}

int api_notification_groups_unread(struct ctx *c, struct request *q, struct response *r)
{
	return count(c, q, true, r);
}

static int64_t oldest_of(const struct notice_groups *g)
{
	int64_t oldest = g->groups[0]->page_min;

	for (size_t i = 1; i < g->n; i++)
		if (g->groups[i]->page_min < oldest)
			oldest = g->groups[i]->page_min;
	return oldest;
}

int api_notification_groups(struct ctx *c, struct request *q, struct response *r)
{
	struct notification_choice choice;
	struct notice_groups groups;
	struct json_out w;
	struct page page;
	bool partial;

	TRY(read_page(c, q, &choice, &page, &partial));
	TRY(notification_groups(c, &choice, &page, &groups));
	api_open(c, &w);
	render_notification_groups(c, &w, &groups, partial);
	if (groups.n)
		api_link(c, q, groups.groups[0]->page_max, oldest_of(&groups), groups.more, r);
	return api_send_polled(&w, r);
}

int api_notification_group(struct ctx *c, struct request *q, struct response *r)
{
	struct notice_groups groups;
	struct json_out w;

	TRY(notification_group(c, q->args[0], &groups));
	api_open(c, &w);
	render_notification_groups(c, &w, &groups, false);
	return api_send(&w, r);
}

int api_notification_group_accounts(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *people;
	struct json_out w;
	struct page page;
	int64_t newest, oldest;
	size_t n;

	api_page(q, PAGE_SIZE, PAGE_MOST, &page);
	TRY(notification_group_actors(c, q->args[0], &page, &people, &n, &newest, &oldest));
	api_open(c, &w);
	render_accounts(c, &w, people, n);
	api_link(c, q, newest, oldest, (int64_t)n == page_limit(&page), r);
	return api_send(&w, r);
}

int api_notification_group_dismiss(struct ctx *c, struct request *q, struct response *r)
{
	TRY(notification_group_dismiss(c, q->args[0]));
	return api_send_empty(r);
}
