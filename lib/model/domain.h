/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * domain: a tenant. Its canonical origin comes from its record, never from a Host header. Every
 * process keeps an immutable snapshot of all tenants, swapped when LISTEN "domains" says that one
 * changed.
 */
#ifndef MODEL_DOMAIN_H
#define MODEL_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/table.h"
#include "model/graph.h"
#include "model/maintenance.h"

extern const struct graph domain_graph;

enum domain_state {
	DOMAIN_IMPORTING, /* its archive is read */
	DOMAIN_PENDING, /* claimed, ownership not proved */
	DOMAIN_VERIFIED,
	DOMAIN_ACTIVE,
	DOMAIN_SUSPENDED, /* 403 to everybody, never 410 */
	DOMAIN_LEAVING, /* exported: 503 with Retry-After */
	DOMAIN_MOVED_OUT, /* serves nothing, signs nothing */
	DOMAIN_DELETING,
	DOMAIN_DELETED, /* 410 */
};

/* It is silent until it is served (again), and its work waits; as tenant_waits() of the database. */
bool domain_waits(enum domain_state state);

#define DOMAIN_ACCENT "#2f6f5e" /* as the schema has it for new ones */

enum domain_sign_up { SIGN_UP_CLOSED, SIGN_UP_INVITE, SIGN_UP_APPROVAL, SIGN_UP_OPEN };

extern const struct name domain_states[]; /* as the database writes them */
extern const struct name domain_sign_ups[];

struct domain {
	int64_t id;
	str name; /* of handles */
	str service_name; /* of pages, actors and inboxes */
	str origin; /* "https://service_name" without a slash at the end */
	str title; /* never empty */
	str description;
	str accent;
	str icon, icon_small; /* files, 512 and 192 pixels square; empty: none */
	str banner; /* file; empty: none */
	str style; /* style sheet of its own, judged; empty: none */
	str footer; /* plain text at the foot of pages; may be empty */
	str theme; /* "auto" "light" "dark": for who did not choose */
	str language; /* of pages for those who ask for none; empty: English */
	bool has_privacy, has_imprint; /* in writing */
	usec terms_since; /* when it began to have terms; 0: never */
	enum domain_state state;
	enum domain_sign_up sign_up;
	bool federated;
	str verify_token;
	str verified_by; /* "" while not proved */
	str suspended_reason;
	usec verified, created;
	/* The tenant's system actor; empty before it was made. */
	int64_t system_identity_id;
};

struct domain_table; /* snapshot; refcounted, thread-safe */

/* Loads a snapshot from the database. Release with domain_table_unref. */
int domain_table_load(struct ctx *c, struct domain_table **ret) must_check;
/* Channel of NOTIFY that says that tenants changed. */
#define DOMAIN_CHANNEL "domains"
struct domain_table *domain_table_ref(struct domain_table *t);
void domain_table_unref(struct domain_table *t);
/* By any of its host names (lower case, with :port only in development); NULL when unknown. */
const struct domain *domain_by_host(const struct domain_table *t, str host);
const struct domain *domain_by_id(const struct domain_table *t, int64_t id);
/* Whether a URI is on a host of ours: then it is in the database or nowhere, and never fetched. */
bool domain_owns(const struct ctx *c, str uri);
/* The host's key that signs addresses of its media proxy. */
str domain_proxy_key(const struct domain_table *t);
/* Whether the installation rests, and until when; t may be NULL. */
const struct maintenance *domain_maintenance(const struct domain_table *t);
/* The same of the present snapshot, at this moment. */
bool domains_rest(void);
struct mail_relay; /* model/mail_relay.h */
/* What an operator stored; t may be NULL. */
const struct mail_relay *domain_mail_relay(const struct domain_table *t);
struct policy_row; /* model/policy.h */
/* Policies of all tenants that are in use, by tenant. */
const struct policy_row *domain_policies(const struct domain_table *t, size_t *ret_n);
/* In order of ids. */
size_t domain_count(const struct domain_table *t);
const struct domain *domain_at(const struct domain_table *t, size_t n);

/*
 * The present snapshot of this process, with a reference for the caller (NULL before the first), and
 * swapping in a new one, whose reference is taken over. Thread-safe.
 */
struct domain_table *domain_table_acquire(void);
void domain_table_use(struct domain_table *t);

/* Binds the ctx to a tenant of c->domains: policies, origin, everything. 0 unbinds. E_NOT_FOUND when
 * unknown. Inside a transaction the session is bound as well. */
int ctx_bind(struct ctx *c, int64_t domain_id) must_check;

/* Valid host name in ASCII (IDNA applied to Unicode input), lower case; E_INVALID says what is wrong. */
int domain_name_normalise(struct ctx *c, str name, str *ret) must_check;

#endif
