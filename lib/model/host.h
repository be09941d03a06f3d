/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* host: what holds for the whole installation: the floor of blocked servers, defaults, peers. For the host role. */
#ifndef MODEL_HOST_H
#define MODEL_HOST_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/domain.h"
#include "sql/gen/operator.h"

/* A rule ("limit" or "block") about a server and those below it that no tenant may loosen. E_INVALID. */
int floor_set(struct ctx *c, str host, str severity, str comment) must_check;
int floor_remove(struct ctx *c, str host) must_check;
int floor_list(struct ctx *c, const struct floor_row **ret, size_t *ret_n) must_check;

/*
 * What communities have that set nothing else: bytes of media (at once, for all), and what new ones begin with: who may
 * join, limits as numbers in digits (empty: none), and rules for their people, one in a line.
 */
struct host_defaults {
	int64_t quota;
	enum domain_sign_up sign_up;
	str max_users, sign_ups_a_day, rules;
};
int host_defaults_get(struct ctx *c, struct host_defaults *ret) must_check;
int host_defaults_set(struct ctx *c, const struct host_defaults *d) must_check;
int host_sign_up(struct ctx *c, enum domain_sign_up *ret) must_check;
/* The quota of one tenant. */
int host_tenant_quota_set(struct ctx *c, int64_t domain_id, str name, int64_t bytes) must_check;

/* Servers whose name holds a text (empty: all), those with trouble first; closes the breaker of one. */
int peer_list(struct ctx *c, str part, const struct peer_row **ret, size_t *ret_n) must_check;
int peer_close(struct ctx *c, int64_t id) must_check;

#endif
