/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * recall: answers to strangers, remembered for a moment (setting remember_seconds). A post that becomes known is asked for by hundreds
 * of servers and their readers within seconds; one answer is made for all of them. A request that says who asks is
 * never answered from here, and an answer that says something to one alone is never kept.
 */
#ifndef SERVER_RECALL_H
#define SERVER_RECALL_H

#include "server/http.h"

/* How one answer would be found again. */
struct recall_key {
	str text; /* null: the answer is not to be kept */
	uint64_t since; /* what had been changed when the request came */
};

/* Whether an answer was remembered; then it is in r. Else ret says how to keep the one that is made now. */
bool recall(struct ctx *c, const struct route *route, const struct request *q,
	    struct recall_key *ret, struct response *r);

/* Keeps an answer, if strangers may share it and nothing was changed meanwhile. */
void recall_keep(struct ctx *c, const struct recall_key *key, const struct response *r);

/* Something of a tenant (0: of any) was changed by a request here: what was remembered of it is out of date. */
void recall_forget(int64_t domain_id);

/* Gives back everything. No request may be under way. */
void recall_clear(void);

#endif
