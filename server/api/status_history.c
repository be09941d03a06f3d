/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Versions of a status: https://docs.joinmastodon.org/entities/StatusEdit/ */
#include "model/emoji.h"
#include "model/media.h"
#include "model/poll.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/render_account.h"
#include "server/api/render_emoji.h"
#include "server/api/render_media.h"
#include "server/api/render_status.h"
#include "server/api/status_draft.h"

static void put_options(struct json_out *w, strs options)
{
	if (options.n == 0)
		return;
	json_open_object(w, "poll");
	json_open_array(w, "options");
	for (size_t i = 0; i < options.n; i++) {
		json_open_object(w, NULL);
		json_put_str(w, "title", options.p[i]);
		json_close_object(w);
	}
	json_close_array(w);
	json_close_object(w);
}

/* Media of all versions. */
struct shelf {
	const struct attachment_row *rows;
	size_t n;
};

static void put_media(struct ctx *c, struct json_out *w, const struct shelf *shelf, i64s ids)
{
	json_open_array(w, "media_attachments");
	for (size_t i = 0; i < ids.n; i++)
		for (size_t k = 0; k < shelf->n; k++)
			if (shelf->rows[k].id == ids.p[i]) {
				struct status_media m = media_of_row(c, &shelf->rows[k]);

				render_media(c, w, NULL, &m);
			}
	json_close_array(w);
}

static void put_version(struct ctx *c, struct json_out *w, const struct status *s,
			const struct shelf *shelf, const struct post_version_row *v)
{
	json_open_object(w, NULL);
	json_put_str(w, "content", v->content);
	json_put_str(w, "spoiler_text", v->summary);
	json_put_bool(w, "sensitive", v->sensitive);
	json_put_time(w, "created_at", v->written);
	render_account(c, w, "account", s->author);
	put_media(c, w, shelf, v->attachment_ids);
	render_emojis(c, w, "emojis", emoji_origin_of(s->author), (str[]){ v->content, v->summary },
		      2);
	put_options(w, v->options);
	json_close_object(w);
}

/* The present version in the form of those before it. */
static struct post_version_row present(struct ctx *c, const struct status *s)
{
	int64_t *ids = arena_array(c->arena, s->n_media + 1, sizeof(*ids));

	for (size_t i = 0; i < s->n_media; i++)
		ids[i] = s->media[i].id;
	return (struct post_version_row){
		.attachment_ids = { ids, s->n_media },
		.content = s->post->content,
		.summary = s->post->summary,
		.sensitive = s->post->sensitive,
		.options = s->poll ? s->poll->options : (strs){ NULL, 0 },
		.written = s->post->edited ? s->post->edited : s->post->published,
	};
}

static int load_media(struct ctx *c, const struct post_row *p,
		      const struct post_version_row *versions, size_t n, struct shelf *ret)
{
	size_t n_ids = 0, used = 0;
	int64_t *ids;

	for (size_t i = 0; i < n; i++)
		n_ids += versions[i].attachment_ids.n;
	ids = arena_array(c->arena, n_ids + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < versions[i].attachment_ids.n; k++)
			ids[used++] = versions[i].attachment_ids.p[k];
	return q_post_version_media(c, (i64s){ ids, n_ids }, p->author_id, &ret->rows, &ret->n);
}

int api_status_history(struct ctx *c, struct request *q, struct response *r)
{
	const struct post_version_row *versions;
	struct post_version_row *all;
	const struct post_row *p;
	struct shelf shelf;
	struct status *s;
	struct json_out w;
	size_t n;

	TRY(status_find_post(c, q, &p));
	TRY(statuses_load(c, p, 1, c->identity_id, &s));
	TRY(q_post_versions(c, p->id, &versions, &n));
	all = arena_array(c->arena, n + 1, sizeof(*all));
	for (size_t i = 0; i < n; i++)
		all[i] = versions[i];
	all[n++] = present(c, s);
	TRY(load_media(c, p, all, n, &shelf));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		put_version(c, &w, s, &shelf, &all[i]);
	json_close_array(&w);
	return api_send(&w, r);
}
