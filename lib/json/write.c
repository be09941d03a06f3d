/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what has been written so far is a prefix of valid JSON. One bit a depth remembers
 * whether the scope is an object and whether it has a value already.
 */
#include "json/write.h"

#include <assert.h>

#include "base/err.h"
#include "json/text.h"

static uint32_t bit(const struct json_out *w)
{
	return (uint32_t)1 << w->depth;
}

void json_out_init(struct json_out *w, struct arena *a, size_t limit)
{
	*w = (struct json_out){ .depth = 0 };
	out_init(&w->out, a, limit);
}

/* What stands in front of a value: the comma and the member's name. */
static void value_begin(struct json_out *w, const char *key)
{
	assert(((w->is_object & bit(w)) != 0) == (key != NULL));
	assert(w->depth || !w->has_value);
	if (w->has_value & bit(w))
		out_char(&w->out, ',');
	w->has_value |= bit(w);
	if (key) {
		json_text_str(&w->out, str_c(key));
		out_char(&w->out, ':');
	}
}

static void scope_open(struct json_out *w, const char *key, bool is_object)
{
	value_begin(w, key);
	assert(w->depth + 1 < JSON_WRITE_DEPTH);
	w->depth++;
	w->has_value &= ~bit(w);
	w->is_object &= ~bit(w);
	if (is_object)
		w->is_object |= bit(w);
	out_char(&w->out, is_object ? '{' : '[');
}

static void scope_close(struct json_out *w, bool is_object)
{
	assert(w->depth);
	assert(((w->is_object & bit(w)) != 0) == is_object);
	w->depth--;
	out_char(&w->out, is_object ? '}' : ']');
}

void json_open_object(struct json_out *w, const char *key)
{
	scope_open(w, key, true);
}

void json_close_object(struct json_out *w)
{
	scope_close(w, true);
}

void json_open_array(struct json_out *w, const char *key)
{
	scope_open(w, key, false);
}

void json_close_array(struct json_out *w)
{
	scope_close(w, false);
}

void json_put_str(struct json_out *w, const char *key, str value)
{
	if (str_is_null(value)) {
		json_put_null(w, key);
		return;
	}
	value_begin(w, key);
	json_text_str(&w->out, value);
}

void json_put_c(struct json_out *w, const char *key, const char *value)
{
	json_put_str(w, key, str_c(value));
}

void json_put_i64(struct json_out *w, const char *key, int64_t value)
{
	value_begin(w, key);
	out_i64(&w->out, value);
}

void json_put_id(struct json_out *w, const char *key, int64_t value)
{
	if (value == 0) {
		json_put_null(w, key);
		return;
	}
	value_begin(w, key);
	out_char(&w->out, '"');
	out_i64(&w->out, value);
	out_char(&w->out, '"');
}

void json_put_f64(struct json_out *w, const char *key, double value)
{
	value_begin(w, key);
	json_text_f64(&w->out, value);
}

void json_put_bool(struct json_out *w, const char *key, bool value)
{
	value_begin(w, key);
	out_c(&w->out, value ? "true" : "false");
}

void json_put_null(struct json_out *w, const char *key)
{
	value_begin(w, key);
	out_c(&w->out, "null");
}

void json_put_time(struct json_out *w, const char *key, usec value)
{
	json_put_str(w, key, value ? clock_iso(w->out.arena, value) : STR_NULL);
}

void json_put_raw(struct json_out *w, const char *key, str json)
{
	value_begin(w, key);
	out_str(&w->out, str_is_empty(json) ? STR("null") : json);
}

void json_put_str_opt(struct json_out *w, const char *key, str value)
{
	if (!str_is_empty(value))
		json_put_str(w, key, value);
}

int json_out_done(struct json_out *w, str *ret)
{
	assert(w->depth == 0);
	return out_done(&w->out, ret);
}
