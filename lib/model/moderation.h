/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * moderation: what a tenant's staff decides about identities, its own or others'. It holds on that tenant alone, at once, and is
 * written down; each function runs as the acting staff (c->user_id, c->identity_id), whose grant the caller has judged.
 */
#ifndef MODEL_MODERATION_H
#define MODEL_MODERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/identity.h"
#include "model/timeline.h"
#include "model/user.h"
#include "sql/gen/moderation.h"

/* What staff sees of an identity. */
struct admin_account {
	const struct identity_row *identity;
	const struct admin_account_fact_row *facts;
};
/* E_NOT_FOUND for one that is gone, and for the tenant's system actor. */
int admin_account_get(struct ctx *c, int64_t id, struct admin_account *ret) must_check;
/* Several in this order, without those that are not there; a constant number of statements. E-mail and network addresses are
 * empty when the acting staff may not see them (CAPABILITY_ADDRESSES). */
int admin_accounts_load(struct ctx *c, i64s ids, struct admin_account **ret,
			size_t *ret_n) must_check;

struct admin_account_choice {
	bool ours, others; /* only the tenant's, only all others' */
	bool staff; /* only those who hold a grant */
	str status; /* "active" "pending" "disabled" "silenced" "suspended" "sensitized"; empty: all */
	/* Empty: all; names and addresses by their beginning. */
	str username, name, host;
	str email, address; /* only for those who may see them, else E_FORBIDDEN */
};
/* Newest first. */
int admin_account_list(struct ctx *c, const struct admin_account_choice *choice,
		       const struct page *p, struct admin_account **ret, size_t *ret_n) must_check;

/* Somebody about whom the acting staff may decide. E_NOT_FOUND, E_FORBIDDEN. */
int moderation_find(struct ctx *c, int64_t id, struct admin_account *ret) must_check;

struct moderation_act {
	int64_t identity_id;
	str action; /* "none" "sensitive" "disable" "silence" "suspend" "hold" "delete_statuses" "mark_statuses_as_sensitive" */
	int64_t report_id; /* which it settles; 0: none */
	str text; /* what a local one is told; empty: nothing more */
	i64s rule_ids; /* that were broken */
	i64s post_ids; /* because of which; none: those of the report */
};
/*
 * Acts: warns a local identity and does what the action says. disable, hold and what is about posts are for local ones. E_FORBIDDEN
 * about oneself and about staff of the same or a higher role; E_UNPROCESSABLE for an unknown action, E_NOT_FOUND without identity or report.
 */
int moderation_act(struct ctx *c, const struct moderation_act *act) must_check;

/* Takes a decision back: "sensitive" "disabled" "silenced" "suspended" "held". */
int moderation_undo(struct ctx *c, int64_t identity_id, const char *what) must_check;
/* The same within the transaction under way. */
int moderation_undo_within(struct ctx *c, int64_t identity_id, const char *what) must_check;
/* Ends all that acts as a local identity: sessions and programs. */
int moderation_log_out(struct ctx *c, int64_t identity_id) must_check;
/* Sends the log-in of a local identity a letter by which it gets another password. */
int moderation_send_reset(struct ctx *c, int64_t identity_id) must_check;
/* Makes a local identity's log-in staff of the tenant, in place of what it was; STAFF_NONE: no longer. Only what is below one's own
 * role is given or taken, but an owner may make owners. */
int moderation_set_role(struct ctx *c, int64_t identity_id, enum staff_role role) must_check;

/* Somebody who signed up waits for approval, for a reason in their own words. */
int moderation_hold(struct ctx *c, int64_t identity_id, str reason) must_check;
/* One who waits may act from now on; or is deleted. E_FORBIDDEN for one who does not wait. */
int moderation_approve(struct ctx *c, int64_t identity_id) must_check;
int moderation_reject(struct ctx *c, int64_t identity_id) must_check;
/* Deletes a suspended identity of the tenant for good, with all that it wrote. E_FORBIDDEN for others'. */
int moderation_delete(struct ctx *c, int64_t identity_id) must_check;

#endif
