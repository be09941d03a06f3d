/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: every notification has one of the types that clients know, and what that type promises with it. */
#include "server/api/render_notification.h"

#include "model/report.h"
#include "server/api/render_account.h"
#include "server/api/render_report.h"
#include "server/api/render_status.h"

/* Our kinds in the API's words. */
static const struct {
	const char *kind, *type;
} types[] = {
	{ "mention", "mention" },
	{ "status", "status" },
	{ "boost", "reblog" },
	{ "follow", "follow" },
	{ "follow_request", "follow_request" },
	{ "like", "favourite" },
	{ "poll", "poll" },
	{ "edit", "update" },
	{ "sign_up", "admin.sign_up" },
	{ "report", "admin.report" },
	{ "severed", "severed_relationships" },
	{ "warning", "moderation_warning" },
	{ "quote", "quote" },
	{ "quoted_edit", "quoted_update" },
	{ "reaction", "pleroma:emoji_reaction" },
	{ "pending_reply", "pending.reply" },
	{ "pending_like", "pending.favourite" },
	{ "pending_boost", "pending.reblog" },
	{ "pending_quote", "pending.quote" },
};

const char *notification_type_of(str kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_eq_c(kind, types[i].kind))
			return types[i].type;
	return NULL;
}

str notification_kind_of(str type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_eq_c(type, types[i].type))
			return str_c(types[i].kind);
	return STR_NULL;
}

static void put_subject(struct ctx *c, struct json_out *w, const struct notice_subject *s,
			const struct identity_row *told)
{
	if (s->report && s->reported)
		render_report(c, w, "report", s->report, s->reported);
	if (s->severance)
		render_severance(w, "event", s->severance);
	if (s->warning)
		render_warning(c, w, "moderation_warning", s->warning, told);
}

void render_notification(struct ctx *c, struct json_out *w, const struct notice *n)
{
	str key = n->row->group_key;

	if (str_is_empty(key))
		key = str_fmt(c->arena, "ungrouped-%lld", (long long)n->row->id);
	json_open_object(w, NULL);
	json_put_id(w, "id", n->row->id);
	json_put_c(w, "type", notification_type_of(n->row->kind));
	json_put_time(w, "created_at", n->row->created);
	json_put_str(w, "group_key", key);
	json_put_bool(w, "filtered", n->row->filtered);
	render_account(c, w, "account", n->actor);
	if (n->status)
		render_status(c, w, "status", n->status);
	put_subject(c, w, &n->subject, n->actor);
	json_close_object(w);
}

/* The newest of a group is shown in full in any case. */
static bool is_newest(const struct notice_groups *g, int64_t actor_id)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->groups[i]->actors.n && g->groups[i]->actors.p[0] == actor_id)
			return true;
	return false;
}

static void put_accounts(struct ctx *c, struct json_out *w, const struct notice_groups *g,
			 bool partial)
{
	json_open_array(w, "accounts");
	for (size_t i = 0; i < g->n_actors; i++)
		if (!partial || is_newest(g, g->actors[i].id))
			render_account(c, w, NULL, &g->actors[i]);
	json_close_array(w);
	if (!partial)
		return;
	json_open_array(w, "partial_accounts");
	for (size_t i = 0; i < g->n_actors; i++)
		if (!is_newest(g, g->actors[i].id))
			render_partial_account(c, w, &g->actors[i]);
	json_close_array(w);
}

/* Whom a group tells of itself: its only actor. */
static const struct identity_row *told_of(const struct notice_groups *g,
					  const struct notification_group_row *row)
{
	for (size_t i = 0; i < g->n_actors; i++)
		if (row->actors.n && g->actors[i].id == row->actors.p[0])
			return &g->actors[i];
	return NULL;
}

static void put_group(struct ctx *c, struct json_out *w, const struct notice_groups *g, size_t n)
{
	const struct notification_group_row *row = g->groups[n];

	json_open_object(w, NULL);
	json_put_str(w, "group_key", row->key);
	json_put_i64(w, "notifications_count", row->n);
	json_put_c(w, "type", notification_type_of(row->kind));
	json_put_i64(w, "most_recent_notification_id", row->newest);
	json_put_id(w, "page_min_id", row->page_min);
	json_put_id(w, "page_max_id", row->page_max);
	json_put_time(w, "latest_page_notification_at", row->latest);
	json_open_array(w, "sample_account_ids");
	for (size_t i = 0; i < row->actors.n; i++)
		json_put_id(w, NULL, row->actors.p[i]);
	json_close_array(w);
	if (row->post_id)
		json_put_id(w, "status_id", row->post_id);
	put_subject(c, w, &g->subjects[n], told_of(g, row));
	json_close_object(w);
}

void render_notification_groups(struct ctx *c, struct json_out *w, const struct notice_groups *g,
				bool partial)
{
	json_open_object(w, NULL);
	put_accounts(c, w, g, partial);
	json_open_array(w, "statuses");
	for (size_t i = 0; i < g->n_statuses; i++)
		render_status(c, w, NULL, &g->statuses[i]);
	json_close_array(w);
	json_open_array(w, "notification_groups");
	for (size_t i = 0; i < g->n; i++)
		put_group(c, w, g, i);
	json_close_array(w);
	json_close_object(w);
}

void render_notification_request(struct ctx *c, struct json_out *w, const struct notice_request *n)
{
	json_open_object(w, NULL);
	json_put_id(w, "id", n->row->id);
	json_put_time(w, "created_at", n->row->created);
	json_put_time(w, "updated_at", n->row->updated);
	json_put_str(w, "notifications_count", str_fmt(c->arena, "%lld", (long long)n->row->n));
	render_account(c, w, "account", n->actor);
	render_status(c, w, "last_status", n->status);
	json_close_object(w);
}
