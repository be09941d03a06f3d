/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a filter within a result names no keywords, only those that matched are told. */
#include "server/api/render_filter.h"

static void put_head(struct json_out *w, const struct filter_rule_row *f)
{
	json_put_id(w, "id", f->id);
	json_put_str(w, "title", f->title);
	json_open_array(w, "context");
	for (size_t i = 0; i < f->contexts.n; i++)
		json_put_str(w, NULL, f->contexts.p[i]);
	json_close_array(w);
	json_put_time(w, "expires_at", f->expires);
	json_put_str(w, "filter_action", f->action);
}

static void put_result(struct json_out *w, const struct filter_match *m)
{
	json_open_object(w, NULL);
	json_open_object(w, "filter");
	put_head(w, m->filter);
	json_close_object(w);
	json_open_array(w, "keyword_matches");
	for (size_t i = 0; i < m->n_keywords; i++)
		json_put_str(w, NULL, m->keywords[i]);
	json_close_array(w);
	json_open_array(w, "status_matches");
	for (size_t i = 0; i < m->n_posts; i++)
		json_put_id(w, NULL, m->posts[i]);
	json_close_array(w);
	json_close_object(w);
}

void render_filter_results(struct json_out *w, const char *key, const struct status *s)
{
	json_open_array(w, key);
	for (size_t i = 0; i < s->n_filters; i++)
		put_result(w, &s->filters[i]);
	json_close_array(w);
}
