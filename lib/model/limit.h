/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* limit: which servers a tenant or the host blocks or limits; subdomains are meant as well. */
#ifndef MODEL_LIMIT_H
#define MODEL_LIMIT_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/timeline.h"
#include "sql/gen/limit.h"
#include "sql/gen/moderation.h"

enum limit_severity { LIMIT_NONE, LIMIT_LIMIT, LIMIT_BLOCK };

/* The effective severity for a host on the ctx's tenant (0: the floor alone). */
int limit_of_host(struct ctx *c, str host, enum limit_severity *ret) must_check;
/* The same for the host of a URI. */
int limit_of_uri(struct ctx *c, str uri, enum limit_severity *ret) must_check;
/* Whether the ctx's tenant, or the host, does not hear complaints from the host of a URI. */
int limit_rejects_reports(struct ctx *c, str uri, bool *ret) must_check;
/* What the ctx's tenant's staff decided about an identity; nothing without a tenant. */
int identity_limits_get(struct ctx *c, int64_t identity_id,
			struct identity_limits_row *ret) must_check;
/* Takes the tenants out of a set that block the host of a URI. */
int limit_drop_blocking(struct ctx *c, str uri, i64s *domains) must_check;

/* A host name without its port, and every domain above it. */
strs limit_suffixes(struct ctx *c, str host);

/*
 * Rules of the ctx's tenant, by its staff; the caller has judged that it may, and all is written down. Newest first; E_NOT_FOUND
 * for another tenant's.
 */
struct limit_draft {
	str host; /* of a new rule */
	str severity; /* "none" "limit" "block" */
	str reason; /* private */
	str public_comment;
	bool reject_media, reject_reports, obfuscate;
};
int limit_rules_list(struct ctx *c, const struct page *p, const struct server_limit_row **ret,
		     size_t *ret_n) must_check;
int limit_rule_get(struct ctx *c, int64_t id, const struct server_limit_row **ret) must_check;
/* E_CONFLICT when there is one; see limit_rule_of_host. E_UNPROCESSABLE for no host, or one of ours. */
int limit_rule_add(struct ctx *c, const struct limit_draft *d,
		   const struct server_limit_row **ret) must_check;
int limit_rule_change(struct ctx *c, int64_t id, const struct limit_draft *d,
		      const struct server_limit_row **ret) must_check;
int limit_rule_remove(struct ctx *c, int64_t id) must_check;
/* The nearest rule for a host. */
int limit_rule_of_host(struct ctx *c, str host, const struct server_limit_row **ret) must_check;

/* Servers that a tenant speaks to when it speaks to no others; again is no error. */
int allowed_servers_list(struct ctx *c, const struct page *p, const struct allowed_server_row **ret,
			 size_t *ret_n) must_check;
int allowed_server_get(struct ctx *c, int64_t id, const struct allowed_server_row **ret) must_check;
int allowed_server_add(struct ctx *c, str host, const struct allowed_server_row **ret) must_check;
int allowed_server_remove(struct ctx *c, int64_t id) must_check;

#endif
