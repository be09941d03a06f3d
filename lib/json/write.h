/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * JSON out: one streaming writer with a scope stack, for ActivityPub and the client API alike.
 * Commas and quotes are the writer's business; asserts catch unbalanced scopes and a value without
 * a key. In an object each call takes the member's key; in an array the key is NULL.
 */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/out.h"

#define JSON_WRITE_DEPTH 32

struct json_out {
	struct out out;
	unsigned depth;
	uint32_t has_value; /* bit per depth: a comma is due */
	uint32_t is_object; /* bit per depth */
};

/* A writer into the ctx's arena that holds at most limit bytes. */
void json_out_init(struct json_out *w, struct arena *a, size_t limit);

void json_open_object(struct json_out *w, const char *key);
void json_close_object(struct json_out *w);
void json_open_array(struct json_out *w, const char *key);
void json_close_array(struct json_out *w);

/* A null str is written as null. Bytes that are not UTF-8 become U+FFFD. */
void json_put_str(struct json_out *w, const char *key, str value);
void json_put_c(struct json_out *w, const char *key, const char *value);
void json_put_i64(struct json_out *w, const char *key, int64_t value);
/* As the decimal string that the client API wants for ids; 0 is written as null. */
void json_put_id(struct json_out *w, const char *key, int64_t value);
/* In the shortest form that reads back as the same double; null when it is not finite. */
void json_put_f64(struct json_out *w, const char *key, double value);
void json_put_bool(struct json_out *w, const char *key, bool value);
void json_put_null(struct json_out *w, const char *key);
/* RFC 3339 with milliseconds and Z; 0 is written as null. */
void json_put_time(struct json_out *w, const char *key, usec value);
/* Text that is JSON already (a stored document); empty is written as null. */
void json_put_raw(struct json_out *w, const char *key, str json);
/* The member only when the value is there (not null, not empty). */
void json_put_str_opt(struct json_out *w, const char *key, str value);

/* All scopes must be closed. E_TOO_LARGE over the limit. */
int json_out_done(struct json_out *w, str *ret) must_check;

#endif
