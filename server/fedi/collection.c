/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Collections of accounts of local owners, and consents of people here to be in some (FEP-7aa9). */
#include "base/id.h"
#include "model/featured_collection.h"
#include "model/identity.h"
#include "server/fedi/fedi.h"
#include "server/web/web.h"

int fedi_collections(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *owner;
	struct json_out w;

	r->vary = STR("Accept");
	if (!request_wants_activity(q))
		return web_collections(c, q, r);
	TRY(fedi_identity(c, q->args[0], &owner));
	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	TRY(featured_collections_write_ap(c, owner, &w));
	return fedi_respond(&w, r);
}

int fedi_collection(struct ctx *c, struct request *q, struct response *r)
{
	const struct featured_collection_row *row;
	const struct identity_row *owner;
	struct json_out w;
	int64_t id;

	r->vary = STR("Accept");
	if (!request_wants_activity(q))
		return web_collection(c, q, r);
	TRY(fedi_identity(c, q->args[0], &owner));
	if (!id_parse(q->args[1], &id))
		return fail(c, E_NOT_FOUND, "there is no such collection");
	TRY(q_featured_collection_get(c, id, &row));
	if (row->identity_id != owner->id)
		return fail(c, E_NOT_FOUND, "there is no such collection");
	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	TRY(featured_collection_write_ap(c, id, NULL, &w));
	return fedi_respond(&w, r);
}

int fedi_feature(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *target;
	struct json_out w;
	int64_t id;

	TRY(fedi_identity(c, q->args[0], &target));
	if (!id_parse(q->args[1], &id))
		return fail(c, E_NOT_FOUND, "there is no such authorization");
	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	TRY(featured_collection_write_authorization(c, target, id, &w));
	return fedi_respond(&w, r);
}
