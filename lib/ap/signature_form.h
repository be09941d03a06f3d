/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the files of signature.h share; nobody else includes it. */
#ifndef AP_SIGNATURE_FORM_H
#define AP_SIGNATURE_FORM_H

#include "ap/signature.h"
#include "base/attr.h"
#include "base/ctx.h"
#include "base/out.h"
#include "base/str.h"

/* fail() with E_UNAUTHORIZED. */
#define refuse(c, ...) fail((c), E_UNAUTHORIZED, __VA_ARGS__)

/* How many lines of that field the message has; the name in lower case. */
size_t signature_field_count(const struct http_message *m, str name);

/*
 * The combined value of a field (RFC 9110, 5.2; RFC 9421, 2.1): lines trimmed, joined with ", ".
 * The authority stands for a Host field that is not there. E_UNAUTHORIZED when there is no such
 * field, or for a value that no field may have or that breaks a limit.
 */
int signature_field(struct ctx *c, const struct http_message *m, str name, str *ret) must_check;

/* Whether the component (as in covered) is among the covered ones. */
bool signature_covers(const struct signature *sig, str component);

/* Adds a covered component; E_UNAUTHORIZED for one too many or for one that is there already. */
struct signature_cover {
	str names[SIGNATURE_COVERED_LIMIT];
	size_t n;
};
int signature_cover_add(struct ctx *c, struct signature_cover *cover, str component) must_check;
strs signature_cover_done(struct ctx *c, const struct signature_cover *cover);

/* E_UNAUTHORIZED for bytes that are none or too many, a key id that is none or too long, and an
 * algorithm that no row of the table names. */
int signature_admit(struct ctx *c, const struct signature *sig) must_check;

/* Seconds since 1970 as they stand in signatures; false when they are no time. */
bool signature_time(int64_t seconds, usec *ret) must_check;

/* path, or path?query, as in the request line. */
str signature_target(struct arena *a, const struct http_message *m);

/* The algorithm that we name when we sign with this kind of key; NULL when we do not. */
const char *signature_algorithm_for(enum signature_form form, enum key_kind kind);

/* Signs the base of *sig. */
int signature_make(struct ctx *c, const struct http_message *m, const struct key *key,
		   struct signature *sig) must_check;

/* The forms. sign adds its own fields to those at ret, of which *n are used. */
int cavage_parse(struct ctx *c, const struct http_message *m, struct signature *ret) must_check;
int cavage_base(struct ctx *c, const struct http_message *m, const struct signature *sig,
		struct out *o) must_check;
int cavage_sign(struct ctx *c, const struct http_message *m, const struct signature_with *with,
		struct http_field *ret, size_t *n) must_check;

int rfc9421_parse(struct ctx *c, const struct http_message *m, struct signature *ret) must_check;
int rfc9421_base(struct ctx *c, const struct http_message *m, const struct signature *sig,
		 struct out *o) must_check;
int rfc9421_sign(struct ctx *c, const struct http_message *m, const struct signature_with *with,
		 struct http_field *ret, size_t *n) must_check;

#endif
