/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* endorsement: identities that an identity follows and shows on its page, for all to see. */
#ifndef MODEL_ENDORSEMENT_H
#define MODEL_ENDORSEMENT_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"

#define ENDORSEMENT_LIMIT 50 /* of one identity */

/* As the acting identity. Again is no error. E_UNPROCESSABLE for one that is not followed, and over the limit. */
int endorsement_add(struct ctx *c, int64_t target_id) must_check;
int endorsement_remove(struct ctx *c, int64_t target_id) must_check;

#endif
