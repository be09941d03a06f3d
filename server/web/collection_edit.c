/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One's own collections of accounts: made, changed, filled, deleted. What they look like to others is in collections.c. */
#include "base/id.h"
#include "model/featured_collection.h"
#include "model/identity.h"
#include "model/search.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/people_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

static struct collection_view view(const struct featured_collection_row *row)
{
	return (struct collection_view){
		.id = row->id,
		.name = row->name,
		.description = row->description,
		.tag = row->tag,
		.sensitive = row->sensitive,
		.discoverable = row->discoverable,
	};
}

static str path_of(struct ctx *c, int64_t id)
{
	return str_fmt(c->arena, "/collections/%lld/", (long long)id);
}

static int respond_own(struct ctx *c, const struct request *q, struct own_collections_page *page,
		       struct response *r)
{
	struct featured_collection *found;
	struct collection_view *views;
	size_t n;

	TRY(featured_collections_of(c, c->identity_id, COLLECTION_LIMIT, 0, &found, &n));
	views = arena_array(c->arena, n + 1, sizeof(*views));
	for (size_t i = 0; i < n; i++)
		views[i] = view(found[i].row);
	page->collections = views;
	page->n_collections = n;
	TRY(frame_load(c, q, MENU_PROFILE, r, &page->frame));
	page->frame.title = text_in(c, TEXT_COLLECTIONS_OWN);
	return RESPOND(c, tpl_own_collections, page, r);
}

int web_own_collections(struct ctx *c, struct request *q, struct response *r)
{
	struct own_collections_page page = { 0 };

	return respond_own(c, q, &page, r);
}

int web_own_collections_send(struct ctx *c, struct request *q, struct response *r)
{
	struct own_collections_page page = { .name = form_line(c, q, "name") };
	const struct collection_draft draft = {
		.name = page.name,
		.description = STR(""),
		.language = STR(""),
		.tag = STR(""),
		.discoverable = true,
	};
	int64_t id;
	int err = featured_collection_create(c, &draft, (i64s){ NULL, 0 }, &id);

	if (err == E_UNPROCESSABLE) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond_own(c, q, &page, r);
	}
	TRY(err);
	return go_to(path_of(c, id), r);
}

static int own_of_path(struct ctx *c, const struct request *q, struct featured_collection *ret)
{
	int64_t id;
	int result = id_parse(q->args[0], &id) ? featured_collection_get(c, id, ret) : E_NOT_FOUND;

	if (result == E_NOT_FOUND || (!result && ret->row->identity_id != c->identity_id))
		return fail(c, E_NOT_FOUND, "There is no such collection.");
	return result;
}

static const struct person_row_view *row_of(const struct person_row_view *people, size_t n,
					    int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (people[i].person.id == id)
			return &people[i];
	return NULL;
}

static int fill_items(struct ctx *c, const struct featured_collection *f,
		      struct collection_edit_page *page)
{
	int64_t *ids = arena_array(c->arena, f->n_items + 1, sizeof(*ids));
	struct collection_item_view *items = arena_array(c->arena, f->n_items + 1, sizeof(*items));
	struct person_row_view *people;
	size_t n;

	for (size_t i = 0; i < f->n_items; i++)
		ids[i] = f->items[i].target_id;
	TRY(view_people_by_ids(c, (i64s){ ids, f->n_items }, &people, &n));
	for (size_t i = 0; i < f->n_items; i++) {
		const struct person_row_view *row = row_of(people, n, f->items[i].target_id);

		if (row)
			items[page->n_items++] = (struct collection_item_view){
				f->items[i].id, *row, str_eq(f->items[i].status, STR("pending"))
			};
	}
	page->items = items;
	return 0;
}

static int respond_edit(struct ctx *c, const struct request *q, const struct featured_collection *f,
			struct collection_edit_page *page, struct response *r)
{
	const struct identity_row *owner;

	TRY(q_identity_by_id(c, c->identity_id, &owner));
	page->collection.path = str_fmt(c->arena, "%.*scollections/%lld/",
					STR_ARG(view_person(c, owner).path), (long long)f->row->id);
	TRY(fill_items(c, f, page));
	TRY(frame_load(c, q, MENU_PROFILE, r, &page->frame));
	page->frame.title = text_in(c, TEXT_COLLECTIONS_EDIT);
	return RESPOND(c, tpl_collection_edit, page, r);
}

int web_collection_edit(struct ctx *c, struct request *q, struct response *r)
{
	struct collection_edit_page page = { 0 };
	struct featured_collection f;

	TRY(own_of_path(c, q, &f));
	page.collection = view(f.row);
	return respond_edit(c, q, &f, &page, r);
}

static int save(struct ctx *c, const struct request *q, const struct featured_collection *f,
		struct response *r)
{
	const struct collection_draft d = {
		.name = form_line(c, q, "name"),
		.description = form_line(c, q, "description"),
		.language = f->row->language,
		.tag = form_line(c, q, "tag"),
		.sensitive = form_ticked(q, "sensitive"),
		.discoverable = form_ticked(q, "discoverable"),
	};
	struct collection_edit_page page = {
		.collection = { .id = f->row->id,
				.name = d.name,
				.description = d.description,
				.tag = d.tag,
				.sensitive = d.sensitive,
				.discoverable = d.discoverable },
	};
	int err = featured_collection_edit(c, f->row->id, &d);

	if (err == E_UNPROCESSABLE) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond_edit(c, q, f, &page, r);
	}
	TRY(err);
	return go_to(path_of(c, f->row->id), r);
}

static int put_in(struct ctx *c, int64_t id, str handle)
{
	const struct featured_collection_item_row *item;
	struct search_found found = { 0 };

	TRY(search_find(c, handle, true, &found));
	if (!found.person)
		return fail(c, E_UNPROCESSABLE, "That is the address of a post.");
	return featured_collection_add(c, id, found.person->id, &item);
}

static int add(struct ctx *c, const struct request *q, const struct featured_collection *f,
	       struct response *r)
{
	struct collection_edit_page page = {
		.collection = view(f->row),
		.handle = form_line(c, q, "handle"),
	};
	int err = fail_at(c, "handle", put_in(c, f->row->id, page.handle));

	if (err <= 0)
		return err ? err : go_to(path_of(c, f->row->id), r);
	page.handle_error = form_error(c, err);
	r->status = form_status(err);
	return respond_edit(c, q, f, &page, r);
}

int web_collection_edit_send(struct ctx *c, struct request *q, struct response *r)
{
	int64_t item = form_id(q, "remove");
	struct featured_collection f;

	TRY(own_of_path(c, q, &f));
	if (form_ticked(q, "delete")) {
		TRY(featured_collection_delete(c, f.row->id));
		return go_to(STR("/collections/"), r);
	}
	if (form_ticked(q, "add"))
		return add(c, q, &f, r);
	if (!item)
		return save(c, q, &f, r);
	TRY(featured_collection_remove(c, f.row->id, item));
	return go_to(path_of(c, f.row->id), r);
}
