/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* domain_look: what each name of a tenant shows to the world, its DNS and its certificate, and what is to be done. */
#ifndef MODEL_DOMAIN_LOOK_H
#define MODEL_DOMAIN_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/domain.h"

struct domain_name_look {
	str name;
	const str *addresses; /* that the DNS gives */
	size_t n_addresses;
	str dns_problem; /* empty: there are some */
	bool is_here; /* one of them is of this machine */
	bool asked; /* for its certificate */
	str issuer; /* empty: it showed none */
	usec expires; /* 0: not known */
	bool ends_soon; /* and nobody renewed it when that was due */
	str certificate_problem; /* empty: others trust it */
	const char *advice; /* NULL: nothing is to be done */
};

/* Of its name, and of its service name when that differs. Certificates only of what is served. */
int domain_look_names(struct ctx *c, const struct domain_row *d,
		      const struct domain_name_look **ret, size_t *ret_n) must_check;

/* The same, soon: connections are made to this machine alone. */
int domain_look_near(struct ctx *c, const struct domain_row *d, const struct domain_name_look **ret,
		     size_t *ret_n) must_check;

/* Addresses of this machine that others may reach it by; none when the system does not say. */
const str *domain_look_own(struct ctx *c, size_t *ret_n);

#endif
