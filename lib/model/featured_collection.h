/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * featured_collection: identities that an identity gathers under a name, with their consent
 * (FEP-7aa9). Who wants to be found has consented beforehand, others are asked, those elsewhere by a
 * FeatureRequest; a consent is a FeatureAuthorization at an address of who gave it. Collections are for
 * all to see; the discoverable ones stand in lists. Those of remote owners are kept when somebody here
 * follows the owner or is asked to be in them.
 */
#ifndef MODEL_FEATURED_COLLECTION_H
#define MODEL_FEATURED_COLLECTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "json/write.h"
#include "model/graph.h"
#include "sql/gen/featured_collection.h"

struct ap_featured_collection;
struct identity_row;

extern const struct graph featuring_graph;

#define COLLECTION_LIMIT 10 /* of one identity */
#define COLLECTION_ITEMS_LIMIT 25
#define COLLECTION_REMOTE_LIMIT 30 /* of one remote identity */
#define COLLECTION_REMOTE_ITEMS_LIMIT 150
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

/* ActivityPub (featured_collection_ap.c) */

/* The collection of an identity's collections. */
str featured_collections_uri(struct ctx *c, const struct identity_row *i);
/* interactionPolicy's canFeature: who may put it into a collection at once, and who when it agrees. */
void featured_collection_write_policy(const struct identity_row *i, struct json_out *w);
/* The document of one; into key of an object, or (key NULL) alone with @context. */
int featured_collection_write_ap(struct ctx *c, int64_t id, const char *key,
				 struct json_out *w) must_check;
void featured_collection_write_item(struct ctx *c, str collection_uri,
				    const struct featured_member_row *m, const char *key,
				    struct json_out *w);
/* The ids of an identity's discoverable ones. */
int featured_collections_write_ap(struct ctx *c, const struct identity_row *owner,
				  struct json_out *w) must_check;
/* The document of a consent of ours, as long as it stands; else E_NOT_FOUND. */
int featured_collection_write_authorization(struct ctx *c, const struct identity_row *target,
					    int64_t item_id, struct json_out *w) must_check;

/* Telling others (featured_collection_work.c), in the transaction of the change, bound to the owner's tenant. */
enum collection_news { COLLECTION_MADE, COLLECTION_EDITED, COLLECTION_GONE };
int featured_collection_tell(struct ctx *c, int64_t id, enum collection_news news) must_check;
/* Somebody is in one from now on, or is in it no more. */
int featured_collection_tell_item(struct ctx *c, int64_t item_id, bool gone) must_check;

/* The stator's part; *ret_next is the state that follows. */
int featuring_work_new(struct ctx *c, int64_t id, const char **ret_next) must_check;
int featuring_work_answer(struct ctx *c, int64_t id, bool accept, const char **ret_next) must_check;
int featuring_work_revoke(struct ctx *c, int64_t id, const char **ret_next) must_check;

/* Collections of remote owners (featured_collection_remote.c) */

/* Keeps what its owner says of one; E_FORBIDDEN when it is not the owner's, E_LIMITED when it has too many. */
int featured_collection_receive(struct ctx *c, const struct ap_featured_collection *f,
				const struct identity_row *owner, int64_t *ret_id) must_check;
/* Keeps one more item of it. */
struct ap_featured_item;
int featured_collection_receive_item(struct ctx *c, int64_t id,
				     const struct ap_featured_item *item) must_check;
/* Asks for one at its own host and keeps it. */
int featured_collection_fetch(struct ctx *c, str uri, const struct identity_row *owner,
			      int64_t *ret_id) must_check;
/* Whether a remote target's consent to a collection stands where it should; E_FORBIDDEN when it does not. */
int featured_collection_check(struct ctx *c, str collection_uri, str authorization_uri,
			      const struct identity_row *target) must_check;

#endif
