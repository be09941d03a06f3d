/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * strike: decisions of a tenant's staff about identities with their reasons, as those see them whom they are about; appeals
 * against them, and the texts that staff often sends. The rows are those of warnings (moderation_act() makes them).
 */
#ifndef MODEL_STRIKE_H
#define MODEL_STRIKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/timeline.h"
#include "sql/gen/strike.h"

#define STRIKE_APPEAL_TIME \
	(60 * USEC_DAY) /* after a decision, within which it can be appealed against */
#define STRIKE_APPEAL_LIMIT 2000 /* characters */

/* About an identity (0: all), newest first; waiting: only those whose appeal waits. */
int strike_list(struct ctx *c, int64_t identity_id, bool waiting, const struct page *p,
		const struct strike_row **ret, size_t *ret_n) must_check;
/* E_NOT_FOUND. */
int strike_get(struct ctx *c, int64_t id, const struct strike_row **ret) must_check;
/* Whether it can be appealed against. */
bool strike_is_open(const struct ctx *c, const struct strike_row *s);

/* The acting identity appeals against a decision about itself. E_NOT_FOUND, E_UNPROCESSABLE; E_CONFLICT: it did, or it is late. */
int strike_appeal(struct ctx *c, int64_t id, str text) must_check;
/* Staff decides about an appeal; accepting it takes back what can be. E_NOT_FOUND when none waits. */
int strike_decide(struct ctx *c, int64_t id, bool accepts, str text) must_check;

struct warning_template_draft {
	int64_t id; /* 0: a new one */
	str title, text;
};
int warning_templates_list(struct ctx *c, const struct warning_template_row **ret,
			   size_t *ret_n) must_check;
/* E_UNPROCESSABLE for no title or text, or too long ones; E_NOT_FOUND. */
int warning_template_save(struct ctx *c, const struct warning_template_draft *d) must_check;
int warning_template_remove(struct ctx *c, int64_t id) must_check;

#endif
