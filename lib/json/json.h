/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * JSON in. The only door to jansson: strict (RFC 8259, duplicate keys refused), with limits of
 * depth and size. A struct json is a node of a document that lives as long as the ctx's arena;
 * accessors accept NULL and return the absent value, so that paths can be chained.
 */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

struct json;

#define JSON_DEPTH_LIMIT 64
#define JSON_TEXT_LIMIT (4 * 1024 * 1024) /* bytes */

enum json_kind {
	JSON_ABSENT,
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/*
 * E_INVALID with what and where for text that is not JSON, is nested too deep, holds NUL or a
 * number that no double holds. E_TOO_LARGE over JSON_TEXT_LIMIT.
 */
int json_parse(struct ctx *c, str text, const struct json **ret) must_check;

enum json_kind json_kind(const struct json *j);
bool json_is(const struct json *j, enum json_kind kind);

/* Member of an object; NULL when there is none or j is no object. */
const struct json *json_get(const struct json *j, const char *key);
/* Length of an array, 0 for anything else; n-th element. */
size_t json_count(const struct json *j);
const struct json *json_at(const struct json *j, size_t n);
/* Members of an object in document order: false past the last. */
bool json_member(const struct json *j, size_t n, str *ret_key, const struct json **ret_value);

/* The value when it has this type, else the null str, 0, false; 56.0 is an integer, 5.6 is not. */
str json_str(const struct json *j);
int64_t json_i64(const struct json *j);
double json_f64(const struct json *j);
bool json_bool(const struct json *j);

/* json_str(json_get(j, key)), and so on. */
str json_get_str(const struct json *j, const char *key);
int64_t json_get_i64(const struct json *j, const char *key);
bool json_get_bool(const struct json *j, const char *key);

/* Required members: E_INVALID with a message that names key when missing or of another type. */
int json_need_str(struct ctx *c, const struct json *j, const char *key, str *ret) must_check;

/* Of the library behind it. */
const char *json_version(void);

/* Compact text of the node, for storing what was received; the absent value gives null. */
str json_dump(struct ctx *c, const struct json *j);
/* RFC 8785 (JCS) canonical text, for data integrity proofs and digests of documents. */
str json_canonical(struct ctx *c, const struct json *j);

/*
 * ActivityStreams shapes ("scalar or list", "id or object"): the n-th element of an array, or the
 * node itself as the only element of a list of one; absent and null are empty lists.
 */
size_t json_list_count(const struct json *j);
const struct json *json_list_at(const struct json *j, size_t n);

#endif
