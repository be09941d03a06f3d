/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* preference: how new posts of an identity are to be, and how it reads. Private to it. */
#ifndef MODEL_PREFERENCE_H
#define MODEL_PREFERENCE_H

#include "base/attr.h"
#include "base/ctx.h"
#include "sql/gen/preference.h"

/* Of the acting identity; the defaults when it never set any. */
int preferences_get(struct ctx *c, const struct preference_row **ret) must_check;
/* What new posts are to be: visibility, sensitive, language (BCP 47 or empty), quote_policy of p. E_UNPROCESSABLE. */
int preferences_set(struct ctx *c, const struct preference_row *p) must_check;

/* A language tag as people and programs give it: letters, digits and '-' (BCP 47, 2.1), at most 35. */
bool language_is_valid(str tag);

#endif
