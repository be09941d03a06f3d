/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lookup: what the words of a command line name. */
#ifndef PROVISIONING_LOOKUP_H
#define PROVISIONING_LOOKUP_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/domain.h"

struct identity_row;

/* A tenant by any of its names; E_NOT_FOUND. */
int lookup_domain(struct ctx *c, str name, const struct domain_row **ret) must_check;
/* The same, and binds the ctx to it. */
int lookup_and_bind(struct ctx *c, str name, const struct domain_row **ret) must_check;
/* Binds the ctx to who writes letters of the installation: this tenant, of a null name the first that is active. E_NOT_FOUND. */
int lookup_writer(struct ctx *c, str name) must_check;
/* A local identity by its handle; E_NOT_FOUND. */
int lookup_identity(struct ctx *c, str handle, const struct identity_row **ret) must_check;
/* Words that have to be one of a table's names; E_INVALID lists them. */
struct name;
int lookup_name(struct ctx *c, const struct name *table, str word, const char *what,
		int *ret) must_check;

#endif
