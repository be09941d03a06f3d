/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what is said of a complaint never says who of the staff deals with it; render_admin.h does. */
#include "server/api/render_report.h"

#include "server/api/render_account.h"

void render_ids(struct json_out *w, const char *key, i64s ids)
{
	json_open_array(w, key);
	for (size_t i = 0; i < ids.n; i++)
		json_put_id(w, NULL, ids.p[i]);
	json_close_array(w);
}

void render_report(struct ctx *c, struct json_out *w, const char *key, const struct report_row *row,
		   const struct identity_row *subject)
{
	json_open_object(w, key);
	json_put_id(w, "id", row->id);
	json_put_bool(w, "action_taken", row->resolved != 0);
	json_put_time(w, "action_taken_at", row->resolved);
	json_put_str(w, "category", row->category);
	json_put_str(w, "comment", row->comment);
	json_put_bool(w, "forwarded", row->forwarded);
	json_put_time(w, "created_at", row->created);
	render_ids(w, "status_ids", row->post_ids);
	render_ids(w, "rule_ids", row->rule_ids);
	render_ids(w, "collection_ids", row->collection_ids);
	render_account(c, w, "target_account", subject);
	json_close_object(w);
}

void render_warning(struct ctx *c, struct json_out *w, const char *key,
		    const struct warning_row *row, const struct identity_row *told)
{
	json_open_object(w, key);
	json_put_id(w, "id", row->id);
	json_put_str(w, "action", row->action);
	json_put_str(w, "text", row->text);
	render_ids(w, "status_ids", row->post_ids);
	render_account(c, w, "target_account", told);
	json_put_null(w, "appeal");
	json_put_time(w, "created_at", row->created);
	json_close_object(w);
}

void render_severance(struct json_out *w, const char *key, const struct severance_row *row)
{
	json_open_object(w, key);
	json_put_id(w, "id", row->id);
	json_put_str(w, "type", row->kind);
	json_put_bool(w, "purged", false);
	json_put_str(w, "target_name", row->target);
	json_put_i64(w, "followers_count", row->followers);
	json_put_i64(w, "following_count", row->following);
	json_put_time(w, "created_at", row->created);
	json_close_object(w);
}
