/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * instance: what a tenant says of itself to people and programs: settings, rules, terms, numbers.
 * Each setting is a row of one table here; what a tenant did not set is as the table says.
 */
#ifndef MODEL_INSTANCE_H
#define MODEL_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "html/html.h"
#include "sql/gen/instance.h"

#define RULES_LIMIT 200 /* of a tenant */
#define RULE_LIMIT 500 /* characters */
#define RULE_HINT_LIMIT 2000 /* characters */

enum instance_key {
	INSTANCE_CONTACT_EMAIL,
	INSTANCE_CONTACT_ACCOUNT, /* user name on this tenant */
	INSTANCE_LANGUAGES, /* see instance_languages */
	INSTANCE_DESCRIPTION, /* the long one; plain text, an empty line parts paragraphs */
	INSTANCE_PRIVACY, /* likewise */
	INSTANCE_CLOSED_MESSAGE, /* for those who would join when nobody can */
	INSTANCE_STATUS_URL,
	INSTANCE_THUMBNAIL_URL,
	INSTANCE_SIGN_UP_REASON, /* whether those whom staff approves say why: required, optional or none */
	INSTANCE_MIN_AGE, /* years that one who joins must be; empty: any */
	INSTANCE_LIMITED_FEDERATION, /* true: it speaks to the servers alone that its staff allowed */
	INSTANCE_SHOW_BLOCKS, /* who sees which servers are blocked: nobody, users or all */
	INSTANCE_IMPRINT, /* who answers for it; plain text as the description */
	INSTANCE_POST_VISIBILITY, /* of new posts of those who did not choose */
	INSTANCE_POST_LANGUAGE, /* likewise; empty: not said */
	INSTANCE_POST_QUOTES, /* likewise: who may quote them */
	INSTANCE_MAIL_NAME, /* that letters come from; empty: the title */
	INSTANCE_MAIL_FROM, /* address that letters come from; empty: the installation's */
	INSTANCE_MAX_USERS, /* that it takes; empty: any number */
	INSTANCE_SIGN_UPS_A_DAY, /* likewise */
	INSTANCE_STAFF_FACTOR, /* true: its staff has to have a second factor */
	INSTANCE_IDENTITIES, /* that a log-in may own on it */
	INSTANCE_FRONT, /* what strangers see first: "posts" or "about" */
	INSTANCE_KEYS
};

/* The settings by the keys, with their names and what they are for, for the command line. */
struct instance_setting {
	const char *name;
	const char *otherwise; /* what all have that did not set it */
	const char *help;
	int (*check)(struct ctx *c, str value);
};
extern const struct instance_setting instance_table[INSTANCE_KEYS];

struct instance {
	struct {
		str value; /* never null */
		usec updated; /* 0: it was never set */
	} settings[INSTANCE_KEYS];
	str terms_day; /* since when its terms hold; empty: it has none */
};

/* The ctx's tenant's own. One statement. */
int instance_load(struct ctx *c, struct instance *ret) must_check;
/* A text of it, or of its terms, as markup: paragraphs, and addresses as links. */
int instance_markup(struct ctx *c, str text, html *ret) must_check;
/* ISO 639 codes, at least one. */
strs instance_languages(struct ctx *c, const struct instance *i);
/*
 * Sets one by its name, or title, description, accent or sign_up of the tenant's record; an empty
 * value goes back to what all have. E_NOT_FOUND for an unknown name, E_INVALID says what a value has
 * to be like.
 */
int instance_set(struct ctx *c, str name, str value) must_check;
struct instance_value {
	const char *name;
	str value;
};
/* All of them that differ from what stands, or none; *ret_wrong is set to the name that an error is about. */
int instance_set_all(struct ctx *c, const struct instance_value *values, size_t n,
		     const char **ret_wrong) must_check;

/* What the tenant counts; at most five minutes old, and mostly without a statement. */
int instance_counts(struct ctx *c, struct instance_counts_row *ret) must_check;

/* The tenant's rules in their order. */
int rules_list(struct ctx *c, const struct rule_row **ret, size_t *ret_n) must_check;
/* A new one behind the others; E_INVALID. */
int rule_add(struct ctx *c, str text, str hint, const struct rule_row **ret) must_check;
int rule_remove(struct ctx *c, int64_t id) must_check;
/* Words one anew; E_INVALID, E_NOT_FOUND. */
int rule_change(struct ctx *c, int64_t id, str text, str hint) must_check;
/* One place up or down; at an end nothing happens. E_NOT_FOUND. */
int rule_move(struct ctx *c, int64_t id, bool up) must_check;
/* All rules in other languages, by rule and language. */
int rule_translations(struct ctx *c, const struct rule_translation_row **ret,
		      size_t *ret_n) must_check;
/* One of them (BCP 47); an empty text takes it away. E_INVALID, E_NOT_FOUND. */
int rule_translate(struct ctx *c, int64_t id, str language, str text, str hint) must_check;

/* Terms from a day (YYYY-MM-DD) on: E_INVALID for a day that there is not, E_NOT_FOUND for none. */
int terms_get(struct ctx *c, str day, const struct terms_row **ret) must_check;
/* Those that hold today; E_NOT_FOUND. */
int terms_current(struct ctx *c, const struct terms_row **ret) must_check;
/* All, the latest first. */
int terms_list(struct ctx *c, const struct terms_row **ret, size_t *ret_n) must_check;
/* An empty text takes them away. */
int terms_set(struct ctx *c, str day, str text) must_check;

#endif
