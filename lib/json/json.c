/* SPDX-License-Identifier: AGPL-3.0-or-later *
 * jansson's enumerators bear the names of ours; they are renamed while its header is read. Its
 * macros json_is_...() must not be used here, as they would compare with the wrong ones.
 */
/*
 * Invariant: a struct json is complete and never changes once json_parse has returned; it points
 * into the arena only. jansson's own tree lives no longer than json_parse does. No tree is deeper
 * than JSON_DEPTH_LIMIT, so that the recursion over it needs no guard.
 *
 * jansson's enumerators bear the names of ours; they are renamed while its header is read. Its
 * macros json_is_...() must not be used here, as they would compare with the wrong ones.
 */
#define JSON_OBJECT JANSSON_OBJECT
#define JSON_ARRAY JANSSON_ARRAY
#define JSON_STRING JANSSON_STRING
#define JSON_NULL JANSSON_NULL
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_NULL

#include "json/json.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/out.h"
#include "json/text.h"

/* Doubles from here on do not fit an int64_t; exact, as it is a power of two. */
#define I64_END 9223372036854775808.0

struct member {
	str key;
	struct json *value;
};

struct json {
	enum json_kind kind;
	bool is_integer; /* of a number: i counts, else f */
	size_t n; /* elements, members */
	union {
		bool b;
		int64_t i;
		double f;
		str s;
		struct json *elements;
		struct member *members;
	};
};

static void tree_freep(json_t **j)
{
	json_decref(*j);
}

/*
 * The deepest nesting of brackets outside of strings. jansson recurses while it parses, with a
 * limit of its own that is far above ours; this pass keeps deep text away from it.
 */
static size_t depth_of(str text)
{
	size_t depth = 0, deepest = 0;
	bool is_string = false;

	for (size_t i = 0; i < text.n; i++) {
		char ch = text.p[i];

		if (ch == '"')
			is_string = !is_string;
		else if (is_string)
			i += ch == '\\';
		else if (ch == '[' || ch == '{')
			depth++;
		else if ((ch == ']' || ch == '}') && depth)
			depth--;
		if (depth > deepest)
			deepest = depth;
	}
	return deepest;
}

static struct json convert(struct arena *a, const json_t *j);

static struct json convert_array(struct arena *a, const json_t *j)
{
	struct json node = { .kind = JSON_ARRAY, .n = json_array_size(j) };

	node.elements = arena_array(a, node.n, sizeof(*node.elements));
	for (size_t i = 0; i < node.n; i++)
		node.elements[i] = convert(a, json_array_get(j, i));
	return node;
}

static struct json convert_object(struct arena *a, const json_t *j)
{
	struct json node = { .kind = JSON_OBJECT, .n = json_object_size(j) };
	struct json *values = arena_array(a, node.n, sizeof(*values));
	void *at = json_object_iter((json_t *)j);

	node.members = arena_array(a, node.n, sizeof(*node.members));
	for (size_t i = 0; i < node.n; i++) {
		assert(at);
		values[i] = convert(a, json_object_iter_value(at));
		node.members[i].key = str_dup(a, str_c(json_object_iter_key(at)));
		node.members[i].value = &values[i];
		at = json_object_iter_next((json_t *)j, at);
	}
	return node;
}

static struct json convert_string(struct arena *a, const json_t *j)
{
	str s = { json_string_value(j), json_string_length(j) };

	return (struct json){ .kind = JSON_STRING, .s = str_dup(a, s) };
}

static struct json convert(struct arena *a, const json_t *j)
{
	switch (json_typeof(j)) {
	case JANSSON_OBJECT:
		return convert_object(a, j);
	case JANSSON_ARRAY:
		return convert_array(a, j);
	case JANSSON_STRING:
		return convert_string(a, j);
	case JSON_INTEGER:
		return (struct json){ .kind = JSON_NUMBER,
				      .is_integer = true,
				      .i = json_integer_value(j) };
	case JSON_REAL:
		return (struct json){ .kind = JSON_NUMBER, .f = json_real_value(j) };
	case JSON_TRUE:
	case JSON_FALSE:
		return (struct json){ .kind = JSON_BOOL, .b = json_typeof(j) == JSON_TRUE };
	case JANSSON_NULL:
		break;
	}
	return (struct json){ .kind = JSON_NULL };
}

/* jansson's own messages quote the text, which is a stranger's; these do not. */
static const char *reason_of(const json_error_t *error)
{
	static const char *const reasons[] = {
		[json_error_invalid_utf8] = "bytes that are not UTF-8",
		[json_error_premature_end_of_input] = "the text ends too early",
		[json_error_end_of_input_expected] = "more text behind the value",
		[json_error_null_character] = "a NUL in a string",
		[json_error_null_byte_in_key] = "a NUL in a name",
		[json_error_duplicate_key] = "a name that is there twice",
		[json_error_numeric_overflow] = "a number out of range",
	};
	size_t code = (size_t)json_error_code(error);

	return code < ARRAY_SIZE(reasons) && reasons[code] ? reasons[code] : "a syntax error";
}

/*
 * jansson keeps integers as int64_t and refuses larger ones, which RFC 8259 allows. A document with
 * one of these is read again with all its numbers as doubles.
 */
static json_t *tree_load(str text, json_error_t *ret_error)
{
	size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
	const char *p = text.p ? text.p : "";
	json_t *tree = json_loadb(p, text.n, flags, ret_error);

	if (!tree && json_error_code(ret_error) == json_error_numeric_overflow)
		tree = json_loadb(p, text.n, flags | JSON_DECODE_INT_AS_REAL, ret_error);
	return tree;
}

int json_parse(struct ctx *c, str text, const struct json **ret)
{
	json_t *tree cleanup(tree_freep) = NULL;
	json_error_t error;
	struct json *root;

	if (text.n > JSON_TEXT_LIMIT)
		return fail(c, E_TOO_LARGE, "JSON of %zu bytes, the limit is %d", text.n,
			    JSON_TEXT_LIMIT);
	if (depth_of(text) > JSON_DEPTH_LIMIT)
		return fail(c, E_INVALID, "JSON is nested deeper than %d", JSON_DEPTH_LIMIT);
	tree = tree_load(text, &error);
	if (!tree && json_error_code(&error) == json_error_out_of_memory)
		return -ENOMEM;
	if (!tree)
		return fail(c, E_INVALID, "not JSON: %s (line %d, column %d)", reason_of(&error),
			    error.line, error.column);
	root = arena_new_of(c->arena, struct json);
	*root = convert(c->arena, tree);
	*ret = root;
	return 0;
}

enum json_kind json_kind(const struct json *j)
{
	return j ? j->kind : JSON_ABSENT;
}

bool json_is(const struct json *j, enum json_kind kind)
{
	return json_kind(j) == kind;
}

const struct json *json_get(const struct json *j, const char *key)
{
	str wanted = str_c(key);

	if (!json_is(j, JSON_OBJECT))
		return NULL;
	for (size_t i = 0; i < j->n; i++) {
		if (str_eq(j->members[i].key, wanted))
			return j->members[i].value;
	}
	return NULL;
}

size_t json_count(const struct json *j)
{
	return json_is(j, JSON_ARRAY) ? j->n : 0;
}

const struct json *json_at(const struct json *j, size_t n)
{
	return n < json_count(j) ? &j->elements[n] : NULL;
}

bool json_member(const struct json *j, size_t n, str *ret_key, const struct json **ret_value)
{
	if (!json_is(j, JSON_OBJECT) || n >= j->n)
		return false;
	*ret_key = j->members[n].key;
	*ret_value = j->members[n].value;
	return true;
}

str json_str(const struct json *j)
{
	return json_is(j, JSON_STRING) ? j->s : STR_NULL;
}

int64_t json_i64(const struct json *j)
{
	if (!json_is(j, JSON_NUMBER))
		return 0;
	if (j->is_integer)
		return j->i;
	return j->f >= -I64_END && j->f < I64_END && trunc(j->f) == j->f ? (int64_t)j->f : 0;
}

double json_f64(const struct json *j)
{
	if (!json_is(j, JSON_NUMBER))
		return 0;
	return j->is_integer ? (double)j->i : j->f;
}

bool json_bool(const struct json *j)
{
	return json_is(j, JSON_BOOL) && j->b;
}

str json_get_str(const struct json *j, const char *key)
{
	return json_str(json_get(j, key));
}

int64_t json_get_i64(const struct json *j, const char *key)
{
	return json_i64(json_get(j, key));
}

bool json_get_bool(const struct json *j, const char *key)
{
	return json_bool(json_get(j, key));
}

int json_need_str(struct ctx *c, const struct json *j, const char *key, str *ret)
{
	const struct json *member = json_get(j, key);

	if (!member)
		return fail(c, E_INVALID, "member \"%s\" is missing", key);
	if (member->kind != JSON_STRING)
		return fail(c, E_INVALID, "member \"%s\" is not a string", key);
	*ret = member->s;
	return 0;
}

size_t json_list_count(const struct json *j)
{
	switch (json_kind(j)) {
	case JSON_ABSENT:
	case JSON_NULL:
		return 0;
	case JSON_ARRAY:
		return j->n;
	default:
		return 1;
	}
}

const struct json *json_list_at(const struct json *j, size_t n)
{
	if (json_is(j, JSON_ARRAY))
		return json_at(j, n);
	return n < json_list_count(j) ? j : NULL;
}

struct dump {
	struct out out;
	bool is_canonical;
};

/*
 * RFC 8785 orders names by UTF-16 code units. That is the order of the UTF-8 bytes, but for
 * characters above U+FFFF, whose surrogates come before U+E000 to U+FFFF.
 */
static int utf16_rank(char ch)
{
	unsigned char byte = (unsigned char)ch;

	return byte == 0xee || byte == 0xef ? byte + 0x10 : byte;
}

static int member_cmp(const void *x, const void *y)
{
	str a = ((const struct member *)x)->key, b = ((const struct member *)y)->key;

	for (size_t i = 0; i < a.n && i < b.n; i++) {
		if (a.p[i] != b.p[i])
			return utf16_rank(a.p[i]) - utf16_rank(b.p[i]);
	}
	return (a.n > b.n) - (a.n < b.n);
}

static const struct member *members_sorted(struct arena *a, const struct json *j)
{
	struct member *sorted = arena_array(a, j->n, sizeof(*sorted));

	if (j->n) {
		memcpy(sorted, j->members, j->n * sizeof(*sorted));
		qsort(sorted, j->n, sizeof(*sorted), member_cmp);
	}
	return sorted;
}

static void dump(struct dump *d, const struct json *j);

static void dump_object(struct dump *d, const struct json *j)
{
	const struct member *m = d->is_canonical ? members_sorted(d->out.arena, j) : j->members;

	out_char(&d->out, '{');
	for (size_t i = 0; i < j->n; i++) {
		if (i)
			out_char(&d->out, ',');
		json_text_str(&d->out, m[i].key);
		out_char(&d->out, ':');
		dump(d, m[i].value);
	}
	out_char(&d->out, '}');
}

static void dump_array(struct dump *d, const struct json *j)
{
	out_char(&d->out, '[');
	for (size_t i = 0; i < j->n; i++) {
		if (i)
			out_char(&d->out, ',');
		dump(d, &j->elements[i]);
	}
	out_char(&d->out, ']');
}

static void dump(struct dump *d, const struct json *j)
{
	switch (json_kind(j)) {
	case JSON_OBJECT:
		dump_object(d, j);
		break;
	case JSON_ARRAY:
		dump_array(d, j);
		break;
	case JSON_STRING:
		json_text_str(&d->out, j->s);
		break;
	case JSON_NUMBER:
		if (j->is_integer && !d->is_canonical)
			out_i64(&d->out, j->i);
		else
			json_text_f64(&d->out, json_f64(j));
		break;
	case JSON_BOOL:
		out_c(&d->out, j->b ? "true" : "false");
		break;
	case JSON_NULL:
	case JSON_ABSENT:
		out_c(&d->out, "null");
		break;
	}
}

/* No limit is needed: the text is at most a few times as long as the one that was parsed. */
static str dump_text(struct ctx *c, const struct json *j, bool is_canonical)
{
	struct dump d = { .is_canonical = is_canonical };
	str text = STR_NULL;
	int result;

	out_init(&d.out, c->arena, SIZE_MAX / 4);
	dump(&d, j);
	result = out_done(&d.out, &text);
	assert(result == 0);
	return text;
}

str json_dump(struct ctx *c, const struct json *j)
{
	return dump_text(c, j, false);
}

str json_canonical(struct ctx *c, const struct json *j)
{
	return dump_text(c, j, true);
}

const char *json_version(void)
{
	return jansson_version_str();
}
