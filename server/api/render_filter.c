/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a filter within a result names no keywords, only those that matched are told. */
#include "server/api/render_filter.h"

static void put_contexts(struct json_out *w, strs contexts)
{
	json_open_array(w, "context");
	for (size_t i = 0; i < contexts.n; i++)
		json_put_str(w, NULL, contexts.p[i]);
	json_close_array(w);
}

void render_filter_keyword(struct json_out *w, const char *key, const struct filter_keyword_row *k)
{
	json_open_object(w, key);
	json_put_id(w, "id", k->id);
	json_put_str(w, "keyword", k->keyword);
	json_put_bool(w, "whole_word", k->whole_word);
	json_close_object(w);
}

void render_filter_status(struct json_out *w, const char *key, const struct filter_status_row *s)
{
	json_open_object(w, key);
	json_put_id(w, "id", s->id);
	json_put_id(w, "status_id", s->post_id);
	json_close_object(w);
}

void render_filter(struct json_out *w, const char *key, const struct filter *f)
{
	json_open_object(w, key);
	json_put_id(w, "id", f->row->id);
	json_put_str(w, "title", f->row->title);
	put_contexts(w, f->row->contexts);
	json_put_time(w, "expires_at", f->row->expires);
	json_put_str(w, "filter_action", f->row->action);
	json_open_array(w, "keywords");
	for (size_t i = 0; i < f->n_keywords; i++)
		render_filter_keyword(w, NULL, &f->keywords[i]);
	json_close_array(w);
	json_open_array(w, "statuses");
	for (size_t i = 0; i < f->n_statuses; i++)
		render_filter_status(w, NULL, &f->statuses[i]);
	json_close_array(w);
	json_close_object(w);
}

void render_filter_v1(struct json_out *w, const char *key, const struct filter_row *f,
		      const struct filter_keyword_row *k)
{
	json_open_object(w, key);
	json_put_id(w, "id", k->id);
	json_put_str(w, "phrase", k->keyword);
	put_contexts(w, f->contexts);
	json_put_bool(w, "whole_word", k->whole_word);
	json_put_time(w, "expires_at", f->expires);
	json_put_bool(w, "irreversible", str_eq(f->action, STR("hide")));
	json_close_object(w);
}

static void put_result(struct json_out *w, const struct filter_match *m)
{
	json_open_object(w, NULL);
	json_open_object(w, "filter");
	json_put_id(w, "id", m->filter->id);
	json_put_str(w, "title", m->filter->title);
	put_contexts(w, m->filter->contexts);
	json_put_time(w, "expires_at", m->filter->expires);
	json_put_str(w, "filter_action", m->filter->action);
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
