/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Collections of accounts (FEP-7aa9): a tab of profiles, and a page of each. */
#include "base/id.h"
#include "model/featured_collection.h"
#include "model/identity.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/people_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "server/web/web.h"
#include "templates.h"

#define SHOWN 40

static int fill_one(struct ctx *c, const struct featured_collection *f, str person_path,
		    struct collection_view *ret)
{
	int64_t *ids = arena_array(c->arena, f->n_items + 1, sizeof(*ids));
	struct person_row_view *people;
	size_t n = 0;

	for (size_t i = 0; i < f->n_items; i++)
		if (str_eq(f->items[i].status, STR("accepted")))
			ids[n++] = f->items[i].target_id;
	*ret = (struct collection_view){
		.id = f->row->id,
		.path = str_fmt(c->arena, "%.*scollections/%lld/", STR_ARG(person_path),
				(long long)f->row->id),
		.name = f->row->name,
		.description = f->row->description,
		.tag = f->row->tag,
		.sensitive = f->row->sensitive,
	};
	TRY(view_people_by_ids(c, (i64s){ ids, n }, &people, &ret->n_people));
	ret->people = people;
	return 0;
}

static int respond(struct ctx *c, const struct request *q, const struct identity_row *i,
		   const struct featured_collection *found, size_t n, struct collections_page *page,
		   struct response *r)
{
	struct collection_view *views = arena_array(c->arena, n + 1, sizeof(*views));

	page->person = view_person(c, i);
	page->self = c->identity_id == i->id;
	for (size_t k = 0; k < n; k++)
		TRY(fill_one(c, &found[k], page->person.path, &views[k]));
	page->collections = views;
	page->n_collections = n;
	TRY(frame_load(c, q, MENU_NONE, r, &page->frame));
	page->frame.title = page->single ? found->row->name : text_in(c, TEXT_COLLECTIONS);
	page->frame.hidden = !i->discoverable || !page->person.local || page->single;
	return RESPOND(c, tpl_collections, page, r);
}

int web_collections(struct ctx *c, struct request *q, struct response *r)
{
	struct featured_collection *found;
	struct collections_page page = { 0 };
	const struct identity_row *i;
	size_t n;

	TRY(person_of_path(c, q->args[0], &i));
	if (leads_away(c, i, i->url, r))
		return 0;
	TRY(featured_collections_of(c, i->id, SHOWN, 0, &found, &n));
	return respond(c, q, i, found, n, &page, r);
}

int web_collection(struct ctx *c, struct request *q, struct response *r)
{
	struct collections_page page = { .single = true };
	struct featured_collection found = { 0 };
	const struct identity_row *i;
	int64_t id;
	int result = E_NOT_FOUND;

	TRY(person_of_path(c, q->args[0], &i));
	if (leads_away(c, i, i->url, r))
		return 0;
	if (id_parse(q->args[1], &id))
		result = featured_collection_get(c, id, &found);
	if (result == E_NOT_FOUND || (result == 0 && found.row->identity_id != i->id))
		return fail(c, E_NOT_FOUND, "There is no such collection.");
	TRY(result);
	return respond(c, q, i, &found, 1, &page, r);
}
