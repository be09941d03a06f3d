/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: everything that stands in the answer is shown, and what is shown stands in it under that name. */
#include "provisioning/answer.h"

#define INDENT 4
#define DEPTH_LIMIT 4

static void put_list(const struct json *list, struct out *o);

static void put_value(const struct json *j, struct out *o)
{
	switch (json_kind(j)) {
	case JSON_STRING:
		out_str(o, json_str(j));
		break;
	case JSON_BOOL:
		out_c(o, json_bool(j) ? "yes" : "no");
		break;
	case JSON_NUMBER:
		out_i64(o, json_i64(j));
		break;
	case JSON_ARRAY:
		put_list(j, o);
		break;
	default:
		out_char(o, '-');
	}
}

static str value_text(const struct json *j, struct arena *a)
{
	struct out o;

	out_init(&o, a, JSON_TEXT_LIMIT);
	put_value(j, &o);
	return out_view(&o);
}

static void put_spaces(struct out *o, size_t n)
{
	while (n-- > 0)
		out_char(o, ' ');
}

static bool is_table(const struct json *j)
{
	return json_is(j, JSON_ARRAY) && json_is(json_at(j, 0), JSON_OBJECT);
}

/* The widest value of a column, or its name. */
static size_t column_width(const struct json *rows, str name, struct arena *a)
{
	size_t width = str_chars(name);
	char *key = str_z(a, name);

	for (size_t i = 0; i < json_count(rows); i++) {
		size_t n = str_chars(value_text(json_get(json_at(rows, i), key), a));

		width = n > width ? n : width;
	}
	return width;
}

/* One line of a table: the names (row NULL), or the values of a row. */
static void put_row(const struct json *rows, const struct json *row, const size_t *widths,
		    size_t indent, struct out *o)
{
	const struct json *value;
	size_t due = indent;
	str name;

	for (size_t i = 0; json_member(json_at(rows, 0), i, &name, &value); i++) {
		str text = row ? value_text(json_get(row, str_z(o->arena, name)), o->arena) : name;

		put_spaces(o, due);
		out_str(o, text);
		due = widths[i] - str_chars(text) + 2;
	}
	out_char(o, '\n');
}

static void put_table(const struct json *rows, size_t indent, struct out *o)
{
	const struct json *value;
	size_t n = 0, *widths;
	str name;

	while (json_member(json_at(rows, 0), n, &name, &value))
		n++;
	widths = arena_array(o->arena, n, sizeof(*widths));
	for (size_t i = 0; json_member(json_at(rows, 0), i, &name, &value); i++)
		widths[i] = column_width(rows, name, o->arena);
	put_row(rows, NULL, widths, indent, o);
	for (size_t i = 0; i < json_count(rows); i++)
		put_row(rows, json_at(rows, i), widths, indent, o);
}

static void put_list(const struct json *list, struct out *o)
{
	for (size_t i = 0; i < json_count(list); i++) {
		if (i)
			out_char(o, ' ');
		put_value(json_at(list, i), o);
	}
}

static bool is_absent(const struct json *j)
{
	return json_is(j, JSON_NULL) || (json_is(j, JSON_STRING) && str_is_empty(json_str(j))) ||
	       (json_is(j, JSON_ARRAY) && json_count(j) == 0);
}

/* The only member of an answer that is a list needs no heading. */
static bool is_alone(const struct json *object)
{
	const struct json *value;
	str name;

	return !json_member(object, 1, &name, &value);
}

static void put_object(const struct json *object, size_t depth, struct out *o);

static void put_member(const struct json *object, str name, const struct json *value, size_t depth,
		       struct out *o)
{
	size_t indent = depth * INDENT;

	if (is_table(value) && depth == 0 && is_alone(object)) {
		put_table(value, 0, o);
		return;
	}
	put_spaces(o, indent);
	out_fmt(o, "%.*s:", STR_ARG(name));
	if (is_table(value)) {
		out_char(o, '\n');
		put_table(value, indent + INDENT, o);
		return;
	}
	if (json_is(value, JSON_OBJECT) && depth < DEPTH_LIMIT) {
		out_char(o, '\n');
		put_object(value, depth + 1, o);
		return;
	}
	out_char(o, ' ');
	put_value(value, o);
	out_char(o, '\n');
}

static void put_object(const struct json *object, size_t depth, struct out *o)
{
	const struct json *value;
	str name;

	for (size_t i = 0; json_member(object, i, &name, &value); i++)
		if (!is_absent(value))
			put_member(object, name, value, depth, o);
}

void answer_print(const struct json *answer, struct out *o)
{
	put_object(answer, 0, o);
}

void answer_print_but(const struct json *answer, const char *but, struct out *o)
{
	const struct json *value;
	str name;

	for (size_t i = 0; json_member(answer, i, &name, &value); i++)
		if (!is_absent(value) && !str_eq_c(name, but))
			put_member(answer, name, value, 0, o);
}
