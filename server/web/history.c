/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a post said before: for whom it says what it says now. */
#include "model/identity.h"
#include "model/media.h"
#include "model/poll.h"
#include "model/post.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/post_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

/* Media of all versions. */
struct shelf {
	const struct attachment_row *rows;
	size_t n;
};

static int load_shelf(struct ctx *c, const struct post_row *p,
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

static void take_media(struct ctx *c, const struct shelf *shelf, i64s ids, struct version_view *v)
{
	struct status_media *media = arena_array(c->arena, ids.n + 1, sizeof(*media));
	size_t n = 0;

	for (size_t i = 0; i < ids.n; i++)
		for (size_t k = 0; k < shelf->n; k++)
			if (shelf->rows[k].id == ids.p[i])
				media[n++] = media_of_row(c, &shelf->rows[k]);
	v->media = view_media(c, media, n, &v->n_media);
}

static struct version_view former(struct ctx *c, const struct post_row *p,
				  const struct shelf *shelf, const struct post_version_row *row)
{
	struct version_view v = {
		.content = html_stored(row->content),
		.warning = row->summary,
		.lang = p->language,
		.written = row->written,
		.options = row->options.p,
		.n_options = row->options.n,
	};

	take_media(c, shelf, row->attachment_ids, &v);
	return v;
}

static struct version_view present(const struct status *s, const struct post_view *view)
{
	return (struct version_view){
		.content = view->content,
		.warning = view->warning,
		.lang = view->lang,
		.written = view->edited ? view->edited : view->published,
		.media = view->media,
		.n_media = view->n_media,
		.options = s->poll ? s->poll->options.p : NULL,
		.n_options = s->poll ? s->poll->options.n : 0,
	};
}

static int fill_versions(struct ctx *c, const struct post_row *p, const struct status *s,
			 struct history_page *page)
{
	const struct post_version_row *rows;
	struct version_view *views;
	struct shelf shelf;
	size_t n;

	TRY(q_post_versions(c, p->id, &rows, &n));
	TRY(load_shelf(c, p, rows, n, &shelf));
	views = arena_array(c->arena, n + 1, sizeof(*views));
	views[page->n_versions++] = present(s, &page->post);
	for (size_t i = n; i > 0; i--)
		views[page->n_versions++] = former(c, p, &shelf, &rows[i - 1]);
	page->versions = views;
	return 0;
}

int web_post_history(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *author;
	struct history_page page = { 0 };
	const struct post_row *post;
	struct status *status;

	TRY(post_of_path(c, q, &author, &post));
	if (leads_away(c, author, view_url(c, post->url, post->object_uri), r))
		return 0;
	TRY(statuses_load(c, post, 1, c->identity_id, &status));
	page.post = *view_posts(c, status, 1);
	TRY(fill_versions(c, post, status, &page));
	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	page.frame.title = text_with(c, TEXT_HISTORY_HEADING, page.post.author.name);
	page.frame.hidden = true;
	return RESPOND(c, tpl_history, &page, r);
}
