/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Structured field values for HTTP (RFC 8941, and RFC 9651 but for its dates and display strings):
 * what RFC 9421 and RFC 9530 are written in. Texts of several field lines are joined with ", "
 * before they are parsed.
 */
#ifndef AP_SFV_H
#define AP_SFV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/out.h"
#include "base/str.h"

#define SFV_COUNT_LIMIT 64 /* members of a list, items of an inner one, parameters of one thing */

enum sfv_type { SFV_INTEGER, SFV_DECIMAL, SFV_STRING, SFV_TOKEN, SFV_BYTES, SFV_BOOLEAN };

struct sfv_bare {
	enum sfv_type type;
	int64_t number; /* integer; decimal in thousandths; boolean 0 or 1 */
	str text; /* string without quotes and escapes; token; decoded bytes */
};

struct sfv_param {
	str key;
	struct sfv_bare value;
};

struct sfv_params {
	struct sfv_param *p;
	size_t n;
};

struct sfv_item {
	struct sfv_bare bare;
	struct sfv_params params;
};

/* Member of a list or a dictionary. */
struct sfv_member {
	str key; /* of a dictionary; else null */
	bool is_inner_list;
	struct sfv_item item; /* of an inner list only the parameters */
	struct sfv_item *inner;
	size_t n_inner;
};

struct sfv_members {
	struct sfv_member *p;
	size_t n;
};

/* False for a text that breaks the grammar or SFV_COUNT_LIMIT. The last of a repeated key counts. */
bool sfv_parse_item(struct arena *a, str text, struct sfv_item *ret) must_check;
bool sfv_parse_list(struct arena *a, str text, struct sfv_members *ret) must_check;
bool sfv_parse_dictionary(struct arena *a, str text, struct sfv_members *ret) must_check;

/* The member or the parameter of that key, or NULL. */
const struct sfv_member *sfv_find(const struct sfv_members *m, str key);
const struct sfv_bare *sfv_param(const struct sfv_params *params, const char *key);

/* The one canonical text (RFC 8941, 4.1). Strings must be printable ASCII, keys valid. */
void sfv_put_bare(struct out *o, const struct sfv_bare *bare);
void sfv_put_params(struct out *o, const struct sfv_params *params);
void sfv_put_item(struct out *o, const struct sfv_item *item);
/* An item or an inner list with its parameters, without the key. */
void sfv_put_member(struct out *o, const struct sfv_member *member);
void sfv_put_list(struct out *o, const struct sfv_members *m);
void sfv_put_dictionary(struct out *o, const struct sfv_members *m);

#endif
