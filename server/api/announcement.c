/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What staff tells all: https://docs.joinmastodon.org/methods/announcements/ */
#include "model/announcement.h"

#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_announcement.h"
#include "server/api/render_emoji.h"

/* Pictures of the tenant's own emoji among reactions. */
void render_reaction_picture(struct ctx *c, struct json_out *w, str name)
{
	struct emoji_origin here = { .domain_id = c->domain_id };
	str text = str_fmt(c->arena, ":%.*s:", STR_ARG(name));
	const struct emoji_row *const *found;
	size_t n;

	if (emoji_find(c, here, &text, 1, &found, &n) || n == 0)
		return;
	json_put_str(w, "url", emoji_url(c, found[0]));
	json_put_str(w, "static_url", emoji_static_url(c, found[0]));
}

static void put_reactions(struct ctx *c, struct json_out *w, const struct announcement *a)
{
	json_open_array(w, "reactions");
	for (size_t i = 0; i < a->n_reactions; i++) {
		json_open_object(w, NULL);
		json_put_str(w, "name", a->reactions[i].name);
		json_put_i64(w, "count", a->reactions[i].n);
		json_put_bool(w, "me", a->reactions[i].own);
		render_reaction_picture(c, w, a->reactions[i].name);
		json_close_object(w);
	}
	json_close_array(w);
}

static void put_empty(struct json_out *w, const char *key)
{
	json_open_array(w, key);
	json_close_array(w);
}

void render_announcement(struct ctx *c, struct json_out *w, const struct announcement *a)
{
	json_open_object(w, NULL);
	json_put_id(w, "id", a->row->id);
	json_put_str(w, "content", a->row->content);
	json_put_time(w, "starts_at", a->row->starts);
	json_put_time(w, "ends_at", a->row->ends);
	json_put_bool(w, "all_day", a->row->all_day);
	json_put_time(w, "published_at", a->row->published);
	json_put_time(w, "updated_at", a->row->updated);
	json_put_bool(w, "read", a->row->read);
	put_empty(w, "mentions");
	put_empty(w, "statuses");
	put_empty(w, "tags");
	render_emojis(c, w, "emojis", (struct emoji_origin){ .domain_id = c->domain_id },
		      &a->row->content, 1);
	put_reactions(c, w, a);
	json_close_object(w);
}

void announcements_expect(struct ctx *c, const struct announcement *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < list[i].n_reactions; k++)
			emoji_expect(c, (struct emoji_origin){ .domain_id = c->domain_id },
				     str_fmt(c->arena,
					     ":%.*s:", STR_ARG(list[i].reactions[k].name)));
}

int api_announcements(struct ctx *c, struct request *q, struct response *r)
{
	struct announcement *list;
	struct params *p;
	struct json_out w;
	size_t n;

	TRY(params_read(c, q, &p));
	TRY(announcement_list(c, param_bool(p, "with_dismissed", false), &list, &n));
	announcements_expect(c, list, n);
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_announcement(c, &w, &list[i]);
	json_close_array(&w);
	return api_send_polled(&w, r);
}

int api_announcement_dismiss(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(announcement_dismiss(c, id));
	return api_send_empty(r);
}

static int react(struct ctx *c, const struct request *q, bool on, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(announcement_react(c, id, q->args[1], on));
	return api_send_empty(r);
}

int api_announcement_react(struct ctx *c, struct request *q, struct response *r)
{
	return react(c, q, true, r);
}

int api_announcement_unreact(struct ctx *c, struct request *q, struct response *r)
{
	return react(c, q, false, r);
}
