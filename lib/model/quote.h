/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * quote: posts that show another post, with its author's consent (FEP-044f, as Mastodon 4.5 does
 * it). Consent is a QuoteAuthorization at an address of the quoted author's; who quotes asks for
 * one with a QuoteRequest. Quoting oneself needs none.
 */
#ifndef MODEL_QUOTE_H
#define MODEL_QUOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "json/write.h"
#include "model/graph.h"
#include "model/post.h"
#include "model/timeline.h"
#include "sql/gen/quote.h"

struct ap_object;
struct identity_row;

extern const struct graph quote_graph;

/* What the acting identity is about to quote. */
struct quote_plan {
	const struct post_row *quoted; /* NULL: nothing */
	const struct identity_row *author; /* of it */
	int64_t id; /* of the quotation */
	bool by_hand; /* its author is asked */
};
/* E_NOT_FOUND for a post that is not there, or that its author does not let the acting identity quote. */
int quote_plan(struct ctx *c, int64_t quoted_id, struct quote_plan *ret) must_check;
/* In the transaction that writes the quoting post. */
int quote_write(struct ctx *c, const struct quote_plan *plan, int64_t post_id) must_check;
/* The visibility that a post may have which quotes: what is for followers is quoted for followers. */
str quote_narrows(const struct quote_plan *plan, str visibility);

/* In the transaction that stores or changes a remote post, bound as that is: notes what it says that it quotes. */
int quote_store(struct ctx *c, int64_t post_id, const struct ap_object *o,
		const struct identity_row *author) must_check;

/* A state in the client API's words: "pending", "accepted", "rejected", "revoked". */
const char *quote_standing(str state);
/* The own post quoted_id is shown no more by this one; E_NOT_FOUND when it is not. */
int quote_revoke(struct ctx *c, int64_t quoted_id, int64_t post_id) must_check;
/* The own author's answer to one that waits for it; E_NOT_FOUND when it does not. */
int quote_decide(struct ctx *c, int64_t id, bool yes) must_check;
/* Posts that quote a post, last first. */
int quote_list(struct ctx *c, int64_t quoted_id, const struct page *p, struct status **ret,
	       size_t *ret_n) must_check;

/* The document of an authorization of ours, as long as it stands; else E_NOT_FOUND. */
int quote_write_ap(struct ctx *c, const struct identity_row *author, int64_t id,
		   struct json_out *w) must_check;

/* The stator's part (quote_work.c): what each automatic state asks for; *ret_next is the state that follows. */
int quote_work_new(struct ctx *c, int64_t id, const char **ret_next) must_check;
int quote_work_answer(struct ctx *c, int64_t id, bool accept, const char **ret_next) must_check;
int quote_work_revoke(struct ctx *c, int64_t id, const char **ret_next) must_check;

#endif
