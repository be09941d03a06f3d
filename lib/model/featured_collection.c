/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: nobody is in a collection who did not consent, or who took it back. */
#include "model/featured_collection.h"

#include "db/db.h"
#include "model/hashtag.h"
#include "model/preference.h"
#include "sql/gen/hashtag.h"

/* Items of all by one statement; they come in their order, and each collection gets its own. */
static int load_items(struct ctx *c, struct featured_collection *collections, size_t n)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct featured_collection_item_row *items;
	size_t n_items;

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		ids[i] = collections[i].row->id;
	TRY(q_featured_collection_items(c, (i64s){ ids, n }, c->identity_id, &items, &n_items));
	for (size_t i = 0; i < n; i++) {
		struct featured_collection_item_row *own =
			arena_array(c->arena, n_items + 1, sizeof(*own));

		for (size_t k = 0; k < n_items; k++)
			if (items[k].collection_id == ids[i])
				own[collections[i].n_items++] = items[k];
		collections[i].items = own;
	}
	return 0;
}

static int load(struct ctx *c, const struct featured_collection_row *rows, size_t n,
		struct featured_collection **ret)
{
	struct featured_collection *collections =
		arena_array(c->arena, n + 1, sizeof(*collections));

	for (size_t i = 0; i < n; i++)
		collections[i].row = &rows[i];
	TRY(load_items(c, collections, n));
	*ret = collections;
	return 0;
}

int featured_collection_get(struct ctx *c, int64_t id, struct featured_collection *ret)
{
	struct featured_collection *one;
	const struct featured_collection_row *row;

	TRY(q_featured_collection_get(c, id, &row));
	TRY(load(c, row, 1, &one));
	*ret = *one;
	return 0;
}

int featured_collections_of(struct ctx *c, int64_t identity_id, int64_t limit, int64_t offset,
			    struct featured_collection **ret, size_t *ret_n)
{
	const struct featured_collection_row *rows;
	size_t n;

	TRY(q_featured_collection_list(c, identity_id, c->identity_id, limit, offset, &rows, &n));
	TRY(load(c, rows, n, ret));
	*ret_n = n;
	return 0;
}

int featured_collections_with(struct ctx *c, int64_t identity_id, int64_t limit, int64_t offset,
			      struct featured_collection **ret, size_t *ret_n)
{
	const struct featured_collection_row *rows;
	size_t n;

	TRY(q_featured_collection_with(c, identity_id, c->identity_id, limit, offset, &rows, &n));
	TRY(load(c, rows, n, ret));
	*ret_n = n;
	return 0;
}

static int check(struct ctx *c, const struct collection_draft *d)
{
	if (str_is_empty(str_trim(d->name)))
		return fail_at(c, "name",
			       fail(c, E_UNPROCESSABLE, "Validation failed: Name can't be blank"));
	if (str_chars(d->name) > COLLECTION_NAME_LIMIT)
		return fail_at(
			c, "name",
			fail(c, E_UNPROCESSABLE,
			     "Validation failed: Name is too long (maximum is %d characters)",
			     COLLECTION_NAME_LIMIT));
	if (str_chars(d->description) > COLLECTION_DESCRIPTION_LIMIT)
		return fail_at(
			c, "description",
			fail(c, E_UNPROCESSABLE,
			     "Validation failed: Description is too long (maximum is %d characters)",
			     COLLECTION_DESCRIPTION_LIMIT));
	if (d->language.n && !language_is_valid(d->language))
		return fail(c, E_UNPROCESSABLE, "that is no language");
	if (d->tag.n && !hashtag_is_valid(c, d->tag))
		return fail_at(c, "tag",
			       fail(c, E_UNPROCESSABLE, "Validation failed: Tag is invalid"));
	return 0;
}

/* The folded name of a tag that is stored from now on; empty for none. */
static int make_tag(struct ctx *c, str tag, str *ret)
{
	str written = str_starts(tag, STR("#")) ? str_from(tag, 1) : tag, name = STR("");

	if (written.n) {
		name = hashtag_fold(c, written);
		TRY(q_hashtag_make(c, (strs){ &name, 1 }, (strs){ &written, 1 }, NULL));
	}
	*ret = name;
	return 0;
}

static int add(struct ctx *c, int64_t id, i64s targets,
	       const struct featured_collection_item_row **ret)
{
	size_t n;

	if (targets.n == 0)
		return 0;
	TRY(q_featured_collection_add(c, targets, id, c->identity_id, COLLECTION_ITEMS_LIMIT, ret,
				      &n));
	if (n < targets.n)
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: an account is not known, is in it already, does "
			    "not want to be, cannot be asked, or is one too many");
	return 0;
}

struct creation {
	const struct collection_draft *draft;
	i64s targets;
	int64_t id;
};

static int create(struct ctx *c, void *arg)
{
	struct creation *n = arg;
	struct q_featured_collection_create_args args = {
		.domain_id = c->domain_id,
		.identity_id = c->identity_id,
		.name = str_trim(n->draft->name),
		.description = n->draft->description,
		.language = n->draft->language,
		.sensitive = n->draft->sensitive,
		.discoverable = n->draft->discoverable,
		.most = COLLECTION_LIMIT,
	};
	const struct featured_collection_item_row *items;
	const struct featured_collection_id_row *id;
	size_t n_ids;

	TRY(make_tag(c, n->draft->tag, &args.tag));
	TRY(q_featured_collection_create(c, &args, &id, &n_ids));
	if (n_ids == 0)
		return fail(c, E_UNPROCESSABLE, "nobody has more than %d collections",
			    COLLECTION_LIMIT);
	n->id = id->id;
	TRY(add(c, id->id, n->targets, &items));
	return featured_collection_tell(c, id->id, COLLECTION_MADE);
}

int featured_collection_create(struct ctx *c, const struct collection_draft *d, i64s targets,
			       int64_t *ret_id)
{
	struct creation n = { d, targets, 0 };

	TRY(check(c, d));
	TRY(db_transaction(c, create, &n));
	*ret_id = n.id;
	return 0;
}

static int find_own(struct ctx *c, int64_t id)
{
	const struct featured_collection_row *row;
	int result = q_featured_collection_get(c, id, &row);

	if (result == E_NOT_FOUND)
		return fail(c, result, "Record not found");
	TRY(result);
	if (row->identity_id != c->identity_id)
		return fail(c, E_FORBIDDEN, "This action is not allowed");
	return 0;
}

static int edit(struct ctx *c, void *arg)
{
	const struct q_featured_collection_set_args *args = arg;

	TRY(q_featured_collection_set(c, args, NULL));
	return featured_collection_tell(c, args->id, COLLECTION_EDITED);
}

int featured_collection_edit(struct ctx *c, int64_t id, const struct collection_draft *d)
{
	struct q_featured_collection_set_args args = {
		.name = str_trim(d->name),
		.description = d->description,
		.language = d->language,
		.sensitive = d->sensitive,
		.discoverable = d->discoverable,
		.id = id,
		.identity_id = c->identity_id,
		.domain_id = c->domain_id,
	};

	TRY(find_own(c, id));
	TRY(check(c, d));
	TRY(make_tag(c, d->tag, &args.tag));
	return db_transaction(c, edit, &args);
}

static int delete (struct ctx *c, void *arg)
{
	const int64_t *id = arg;

	TRY(featured_collection_tell(c, *id, COLLECTION_GONE));
	return q_featured_collection_delete(c, *id, c->identity_id, c->domain_id, NULL);
}

int featured_collection_delete(struct ctx *c, int64_t id)
{
	TRY(find_own(c, id));
	return db_transaction(c, delete, &id);
}

int featured_collection_add(struct ctx *c, int64_t id, int64_t target_id,
			    const struct featured_collection_item_row **ret)
{
	TRY(find_own(c, id));
	return add(c, id, (i64s){ &target_id, 1 }, ret);
}

struct removal {
	int64_t id, item_id;
};

static int remove_item(struct ctx *c, void *arg)
{
	const struct removal *m = arg;
	const struct featuring_row *f;
	int result = q_featured_collection_item(c, m->item_id, &f);

	if (result == E_NOT_FOUND || (result == 0 && f->collection_id != m->id))
		return fail(c, E_NOT_FOUND, "Record not found");
	TRY(result);
	if (str_eq(f->status, STR("accepted")))
		TRY(featured_collection_tell_item(c, m->item_id, true));
	return q_featured_collection_remove(c, m->item_id, m->id, c->identity_id, c->domain_id,
					    NULL);
}

int featured_collection_remove(struct ctx *c, int64_t id, int64_t item_id)
{
	struct removal m = { id, item_id };

	TRY(find_own(c, id));
	return db_transaction(c, remove_item, &m);
}

int featured_collection_accept(struct ctx *c, int64_t id, int64_t item_id)
{
	size_t n;

	TRY(q_featured_collection_accept(c, item_id, id, c->identity_id, &n));
	return n ? 0 : fail(c, E_NOT_FOUND, "Record not found");
}

int featured_collection_revoke(struct ctx *c, int64_t id, int64_t item_id)
{
	size_t n;

	TRY(q_featured_collection_revoke(c, item_id, id, c->identity_id, &n));
	return n ? 0 : fail(c, E_NOT_FOUND, "Record not found");
}
