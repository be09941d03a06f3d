/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * application: a program that is registered with a tenant to use the client API. Anybody may
 * register one, and what it says of itself is no more than that.
 */
#ifndef MODEL_APPLICATION_H
#define MODEL_APPLICATION_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/application.h"

/* Where a code is shown on a page of ours, to be typed in. */
#define APPLICATION_OOB "urn:ietf:wg:oauth:2.0:oob"
#define APPLICATION_REDIRECTS_LIMIT 20

struct application_draft {
	str name; /* for people */
	str website; /* http(s); empty: none */
	strs redirect_uris; /* absolute, without a fragment */
	strs scopes; /* what it may ask for at most; of scope_table */
};
struct application_keys {
	int64_t id;
	str client_id, client_secret; /* the secret is stored as a hash: it is known now only */
};

/* Registers a program with the ctx's tenant. E_UNPROCESSABLE says what is wrong with the draft. */
int application_register(struct ctx *c, const struct application_draft *d,
			 struct application_keys *ret) must_check;
/* E_NOT_FOUND when the ctx's tenant has none with that client_id. */
int application_find(struct ctx *c, str client_id, const struct application_row **ret) must_check;
/* The program that knows the secret; E_UNAUTHORIZED "invalid_client: ..." for any other. */
int application_authenticate(struct ctx *c, str client_id, str client_secret,
			     const struct application_row **ret) must_check;
/* Whether codes may be sent there: it is, byte for byte, one of the registered addresses. */
bool application_knows_redirect(const struct application_row *a, str redirect_uri);

/* What a form of ours that leads to the redirect has to be allowed (CSP): an origin, or "scheme:". Empty for one that
 * stays here. */
str application_redirect_source(struct ctx *c, str redirect_uri);

/* Removes what nobody uses any more of the ctx's tenant: codes, tokens of programs alone, programs. */
int application_tidy(struct ctx *c) must_check;

#endif
