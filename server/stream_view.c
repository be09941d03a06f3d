/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: whether a viewer sees a post is asked of the database in one statement for all of them,
 * at the moment of rendering.
 */
#include "server/stream_view.h"

#include "model/filter.h"
#include "model/identity.h"
#include "server/api/api.h"
#include "server/api/render_status.h"
#include "sql/gen/interaction.h"
#include "sql/gen/stream.h"

/* Who boosted, by the boost. */
static int find_booster(struct ctx *c, int64_t entry_id, struct status *s)
{
	const struct interaction_row *boost;

	TRY(q_interaction_by_id(c, entry_id, &boost));
	s->entry_id = entry_id;
	return q_identity_by_id(c, boost->identity_id, &s->booster);
}

int view_status(struct ctx *c, int64_t post_id, int64_t entry_id, int64_t viewer,
		const struct status **ret)
{
	const struct post_row *p;
	struct status *s;

	TRY(q_post_for_job(c, post_id, &p));
	TRY(statuses_load(c, p, 1, viewer, &s));
	if (entry_id != post_id)
		TRY(find_booster(c, entry_id, s));
	*ret = s;
	return 0;
}

static int render(struct ctx *c, const struct status *s, str *ret)
{
	struct json_out w;

	api_open(c, &w);
	render_status(c, &w, NULL, s);
	return json_out_done(&w, ret);
}

/* For one who has to do with the post it is loaded anew. */
static int render_for(struct ctx *c, const struct status *common,
		      const struct stream_viewer_row *viewer, struct view *ret)
{
	int result = 0;

	*ret = (struct view){ viewer->id, common, STR_NULL };
	c->identity_id = viewer->id;
	if (viewer->is_special)
		result = view_status(c, common->post->id, common->entry_id, viewer->id,
				     &ret->status);
	if (!result)
		result = render(c, ret->status, &ret->text);
	c->identity_id = 0;
	return result;
}

int views_load(struct ctx *c, const struct status *s, i64s viewers, struct views *ret)
{
	const struct stream_viewer_row *rows;
	struct view *views;
	const struct view *common = NULL;
	size_t n;

	TRY(q_stream_viewers(c, viewers, s->post->id, s->booster ? s->booster->id : 0, &rows, &n));
	views = arena_array(c->arena, n + 1, sizeof(*views));
	for (size_t i = 0; i < n; i++) {
		if (rows[i].is_special || !common)
			TRY(render_for(c, s, &rows[i], &views[i]));
		else
			views[i] = (struct view){ rows[i].id, s, common->text };
		if (!rows[i].is_special)
			common = &views[i];
	}
	*ret = (struct views){ views, n };
	return 0;
}

static const struct view *find(const struct views *v, int64_t viewer)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->p[i].viewer == viewer)
			return &v->p[i];
	return NULL;
}

str view_of(const struct views *v, int64_t viewer)
{
	const struct view *found = find(v, viewer);

	return found ? found->text : STR_NULL;
}

bool view_is_hidden(const struct views *v, int64_t viewer, str context)
{
	const struct view *found = find(v, viewer);

	if (!found || found->status->post->author_id == viewer)
		return false;
	for (size_t i = 0; i < found->status->n_filters; i++) {
		const struct filter_match *m = &found->status->filters[i];

		if (filter_is_for(m, context) && str_eq(m->filter->action, STR("hide")))
			return true;
	}
	return false;
}

bool status_is_public(const struct status *s)
{
	const struct post_row *p = s->post;

	return str_is_empty(p->in_reply_to_uri) ||
	       (s->in_reply_to && s->in_reply_to->id == p->author_id);
}
