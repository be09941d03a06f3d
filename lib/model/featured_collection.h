/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * featured_collection: identities that an identity gathers under a name, with their consent
 * (FEP-7aa9). Who wants to be found has consented beforehand, others of this installation are asked;
 * remote ones cannot be asked, and so are not put in. Collections are for all to see; the
 * discoverable ones stand in lists.
 */
#ifndef MODEL_FEATURED_COLLECTION_H
#define MODEL_FEATURED_COLLECTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "sql/gen/featured_collection.h"

#define COLLECTION_LIMIT 10 /* of one identity */
#define COLLECTION_ITEMS_LIMIT 25
#define COLLECTION_NAME_LIMIT 40 /* characters */
#define COLLECTION_DESCRIPTION_LIMIT 100 /* characters */

struct featured_collection {
	const struct featured_collection_row *row;
	const struct featured_collection_item_row *items; /* that the acting identity may see */
	size_t n_items;
};

/* A constant number of statements for any number of them. */
int featured_collection_get(struct ctx *c, int64_t id, struct featured_collection *ret) must_check;
int featured_collections_of(struct ctx *c, int64_t identity_id, int64_t limit, int64_t offset,
			    struct featured_collection **ret, size_t *ret_n) must_check;
int featured_collections_with(struct ctx *c, int64_t identity_id, int64_t limit, int64_t offset,
			      struct featured_collection **ret, size_t *ret_n) must_check;

/* What its owner says of one. */
struct collection_draft {
	str name, description; /* plain text */
	str language; /* BCP 47; empty: not said */
	str tag; /* hashtag with or without #; empty: none */
	bool sensitive, discoverable;
};
/* A new one of the acting identity with these in it. E_UNPROCESSABLE over a limit, or when one of them may not be put in. */
int featured_collection_create(struct ctx *c, const struct collection_draft *d, i64s targets,
			       int64_t *ret_id) must_check;
/* The acting identity's own; E_NOT_FOUND when there is none, E_FORBIDDEN for another's. */
int featured_collection_edit(struct ctx *c, int64_t id,
			     const struct collection_draft *d) must_check;
int featured_collection_delete(struct ctx *c, int64_t id) must_check;
int featured_collection_add(struct ctx *c, int64_t id, int64_t target_id,
			    const struct featured_collection_item_row **ret) must_check;
int featured_collection_remove(struct ctx *c, int64_t id, int64_t item_id) must_check;
/* The acting identity consents to being in another's; takes itself out, or turns it down, for good. E_NOT_FOUND when
 * that is not its item. */
int featured_collection_accept(struct ctx *c, int64_t id, int64_t item_id) must_check;
int featured_collection_revoke(struct ctx *c, int64_t id, int64_t item_id) must_check;

#endif
