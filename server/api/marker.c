/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How far one has read, and how one reads: markers and preferences. */
#include "base/id.h"
#include "model/marker.h"
#include "model/preference.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_status.h"

static int send_markers(struct ctx *c, const struct marker_row *rows, size_t n, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	json_open_object(&w, NULL);
	for (size_t i = 0; i < n; i++) {
		json_open_object(&w, str_z(c->arena, rows[i].timeline));
		json_put_str(&w, "last_read_id",
			     str_fmt(c->arena, "%lld", (long long)rows[i].last_read_id));
		json_put_i64(&w, "version", rows[i].version);
		json_put_time(&w, "updated_at", rows[i].updated);
		json_close_object(&w);
	}
	json_close_object(&w);
	return api_send(&w, r);
}

int api_markers(struct ctx *c, struct request *q, struct response *r)
{
	const struct marker_row *rows;
	struct params *p;
	size_t n;

	TRY(params_read(c, q, &p));
	TRY(markers_get(c, param_list(c, p, "timeline"), &rows, &n));
	return send_markers(c, rows, n, r);
}

/* "version" is ours: a program that says which one it knows does not undo another's write. */
static int read_marker(struct ctx *c, const struct params *p, const char *timeline,
		       struct marker_change *changes, size_t *n)
{
	str id = param_at(p, "%s[last_read_id]", timeline);
	struct marker_change change = { .timeline = str_c(timeline) };

	if (str_is_null(id))
		return 0;
	if (!str_to_i64(id, &change.last_read_id) || change.last_read_id < 0)
		return api_unprocessable(c, "Last read is not a number");
	if (!str_to_i64(param_at(p, "%s[version]", timeline), &change.version) ||
	    change.version < 0)
		change.version = 0;
	changes[(*n)++] = change;
	return 0;
}

int api_markers_set(struct ctx *c, struct request *q, struct response *r)
{
	struct marker_change changes[MARKER_TIMELINES];
	struct marker_row rows[MARKER_TIMELINES];
	struct params *p;
	size_t n = 0;

	TRY(params_read(c, q, &p));
	for (size_t i = 0; i < MARKER_TIMELINES; i++)
		TRY(read_marker(c, p, marker_timelines[i], changes, &n));
	TRY(markers_set(c, changes, n, rows));
	return send_markers(c, rows, n, r);
}

int api_preferences(struct ctx *c, unused struct request *q, struct response *r)
{
	const struct preference_row *p;
	struct json_out w;

	TRY(preferences_get(c, &p));
	api_open(c, &w);
	json_open_object(&w, NULL);
	json_put_c(&w, "posting:default:visibility", visibility_in_api(p->visibility));
	json_put_bool(&w, "posting:default:sensitive", p->sensitive);
	json_put_str(&w, "posting:default:language", p->language.n ? p->language : STR_NULL);
	json_put_str(&w, "posting:default:quote_policy",
		     str_eq_c(p->quote_policy, "ask") ? STR("nobody") : p->quote_policy);
	json_put_str(&w, "reading:expand:media", p->expand_media);
	json_put_bool(&w, "reading:expand:spoilers", p->expand_spoilers);
	json_put_bool(&w, "reading:autoplay:gifs", p->autoplay);
	json_close_object(&w);
	return api_send(&w, r);
}
