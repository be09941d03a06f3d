/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Federation, the server's side: what the files of this room share. */
#ifndef SERVER_FEDI_FEDI_H
#define SERVER_FEDI_FEDI_H

#include "ap/signature.h"
#include "base/attr.h"
#include "base/ctx.h"
#include "json/write.h"
#include "server/http.h"

struct identity_row;

#define FEDI_DOCUMENT_LIMIT (1024 * 1024) /* bytes of one document of ours */

/* The request as it was signed: over the tenant's own scheme, the Host, path and query as sent. */
void fedi_message(struct ctx *c, const struct request *q, struct http_message *ret);

/* Fills in a response from a finished writer: ActivityPub's type, a short cache, Vary. */
int fedi_respond(struct json_out *w, struct response *r) must_check;

/* A local identity of this tenant by the handle in the path; deleted ones give E_GONE. */
int fedi_identity(struct ctx *c, str handle, const struct identity_row **ret) must_check;

/* "?max_id=": where a page of a collection begins; false when the collection itself is asked for. */
bool fedi_page(const struct request *q, int64_t *ret_max_id);

int fedi_webfinger(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_echo(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_host_meta(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_nodeinfo_links(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_nodeinfo(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_actor(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_system_actor(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_outbox(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_system_collection(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_followers(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_following(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_featured(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_post(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_quote(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_consent(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_feature(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_collection(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_collections(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_replies(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_emoji(struct ctx *c, struct request *q, struct response *r) must_check;
int fedi_inbox(struct ctx *c, struct request *q, struct response *r) must_check;

#endif
