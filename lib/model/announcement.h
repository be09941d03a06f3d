/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* announcement: what a tenant's staff tells all its people, who may react with an emoji, or dismiss it. */
#ifndef MODEL_ANNOUNCEMENT_H
#define MODEL_ANNOUNCEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "html/html.h"
#include "sql/gen/announcement.h"

#define ANNOUNCEMENT_LIMIT 10000 /* characters */
#define ANNOUNCEMENT_REACTIONS 8 /* different ones */

struct announcement {
	const struct announcement_row *row;
	const struct announcement_reaction_row *reactions; /* in the order of their first use */
	size_t n_reactions;
};

/* Those of the ctx's tenant that did not end, newest first, as the acting identity sees them; with or without what it dismissed. */
int announcement_list(struct ctx *c, bool with_dismissed, struct announcement **ret,
		      size_t *ret_n) must_check;
/* The acting identity has read it; E_NOT_FOUND. Again is no error. */
int announcement_dismiss(struct ctx *c, int64_t id) must_check;
/* It reacts, or no longer. E_UNPROCESSABLE for what is no emoji, and for one too many. */
int announcement_react(struct ctx *c, int64_t id, str name, bool on) must_check;

struct announcement_draft {
	str text; /* plain text */
	usec starts, ends; /* of what it is about; 0: not said */
	bool all_day;
	bool hidden; /* nobody sees it yet */
	usec due; /* when one that is hidden is to be shown by itself; 0: when staff says so */
};
/* The markup that a text would have; E_INVALID. */
int announcement_markup(struct ctx *c, str text, html *ret) must_check;
/* For the operator and staff, on the ctx's tenant. E_INVALID. */
int announcement_add(struct ctx *c, const struct announcement_draft *d,
		     const struct announcement_row **ret) must_check;
/* One of them, shown or not; E_NOT_FOUND. */
int announcement_get(struct ctx *c, int64_t id, const struct announcement_row **ret) must_check;
/* Words it anew, shows or hides it. E_NOT_FOUND, E_INVALID. */
int announcement_change(struct ctx *c, int64_t id, const struct announcement_draft *d) must_check;
int announcement_all(struct ctx *c, const struct announcement_row **ret, size_t *ret_n) must_check;
/* Shows those of all tenants whose time has come: for the stator. */
int announcements_publish(struct ctx *c) must_check;
/* E_NOT_FOUND. */
int announcement_remove(struct ctx *c, int64_t id) must_check;

#endif
