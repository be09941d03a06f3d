/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check: findings about an installation, each with what to do when it is not well. */
#ifndef PROVISIONING_CHECK_H
#define PROVISIONING_CHECK_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/out.h"
#include "base/str.h"
#include "json/json.h"
#include "json/write.h"
#include "model/domain_check.h"

/* Writes it into the open array and clears *well when it is not. */
void finding_put(struct json_out *w, const struct finding *f, bool *well);

/* domain_check() of the ctx's tenant, written there. */
int check_domain(struct ctx *c, str username, struct json_out *w, bool *well) must_check;

/* Findings for people: one line each, with the advice below. */
void check_print(const struct json *answer, struct out *o);

#endif
