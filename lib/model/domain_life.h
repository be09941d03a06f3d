/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * domain_life: how a tenant comes, proves its name, is served, rests and goes. Only the host role may
 * write domains, so these are for the operator's command line; the stator proves again and deletes.
 * Each change is written to the audit log. The graph is domain_graph in domain.h; an edge that it
 * does not have is E_CONFLICT.
 */
#ifndef MODEL_DOMAIN_LIFE_H
#define MODEL_DOMAIN_LIFE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/table.h"
#include "model/domain.h"
#include "sql/gen/domain.h"

/* Where the proof of ownership is looked for. */
#define DOMAIN_TXT_LABEL "_rookery." /* before each host name, a TXT record that is the token */
#define DOMAIN_PROOF_PATH "/.well-known/rookery-domain" /* on each host, a text that is the token */

enum domain_proof {
	DOMAIN_PROOF_ANY, /* DNS, else HTTP */
	DOMAIN_PROOF_DNS,
	DOMAIN_PROOF_HTTP,
	DOMAIN_PROOF_OPERATOR, /* nobody is asked */
};
extern const struct name domain_proofs[]; /* "any", "dns", "http", "operator" */

struct domain_draft {
	str name;
	str service_name; /* empty: the name */
	str title;
	enum domain_sign_up sign_up;
	bool moves_in; /* with settings and rules of its own: it begins with none of host_defaults */
};

/* A pending tenant. E_INVALID for a name that is none, E_CONFLICT when either leads to a tenant already. */
int domain_add(struct ctx *c, const struct domain_draft *d, int64_t *ret_id) must_check;

/*
 * Looks for the proof, of both names when they differ, and says where it was. E_UNPROCESSABLE: it is not there; E_LATER:
 * could not ask. Writes nothing.
 */
int domain_find_proof(struct ctx *c, const struct domain_row *d, enum domain_proof by,
		      enum domain_proof *ret) must_check;
/* Looks for it and writes down that it is there; a pending tenant then is verified. Errors as above. */
int domain_verify(struct ctx *c, int64_t id, enum domain_proof by) must_check;

/* A verified tenant is served from now on; its system actor is made before. */
int domain_activate(struct ctx *c, int64_t id) must_check;
/* An active one answers 403 to everybody, for a reason that only the operator sees; and again is served. */
int domain_suspend(struct ctx *c, int64_t id, str reason) must_check;
int domain_resume(struct ctx *c, int64_t id) must_check;
/* Begins the deletion of a tenant with all its identities, which cannot be undone. */
int domain_delete(struct ctx *c, int64_t id) must_check;

/*
 * A tenant whose archive is read is importing until it is here; then it is pending, as a new one. Within a transaction.
 */
int domain_begin_import(struct ctx *c, int64_t id) must_check;
int domain_end_import(struct ctx *c, int64_t id) must_check;

/*
 * Leaving: the tenant answers 503, writes and signs nothing, and its work rests; returns when nothing of it is under way
 * in the database. E_LATER: something still is.
 */
int domain_leave(struct ctx *c, int64_t id) must_check;
/* An archive was written since domain_leave() returned; a whole one has all rows and all files. */
int domain_archived(struct ctx *c, int64_t id, bool whole) must_check;
/* Serves it again, or lets it be suspended again, for the reason that it was. */
int domain_come_back(struct ctx *c, int64_t id) must_check;
/*
 * Gone for good: its name is free, its people are another server's for all who stay, and its keys and all that was its
 * own are forgotten. E_CONFLICT unless a whole archive was written, or one in part when that is enough.
 */
int domain_move_out(struct ctx *c, int64_t id, bool part) must_check;

/* Loads the snapshot again, for this process and for this ctx. */
int domain_reload(struct ctx *c) must_check;

#endif
