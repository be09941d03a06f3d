/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: one pass without recursion, however deep the text is nested; every view lies within it. */
#include "json/split.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define FIRST_ROOM 64 /* elements */

struct reading {
	str text;
	size_t at;
};

static void skip_space(struct reading *r)
{
	while (r->at < r->text.n && memchr(" \t\r\n", r->text.p[r->at], 4))
		r->at++;
}

static bool take(struct reading *r, char ch)
{
	skip_space(r);
	if (r->at == r->text.n || r->text.p[r->at] != ch)
		return false;
	r->at++;
	return true;
}

/* Behind the quote that ends the string whose first one was passed. */
static bool skip_string(struct reading *r)
{
	for (; r->at < r->text.n; r->at++) {
		if (r->text.p[r->at] == '\\')
			r->at++;
		else if (r->text.p[r->at] == '"') {
			r->at++;
			return true;
		}
	}
	r->at = r->text.n;
	return false;
}

/* Up to the comma or bracket behind a value, whatever is in it. */
static bool skip_value(struct reading *r)
{
	size_t depth = 0;

	while (r->at < r->text.n) {
		char ch = r->text.p[r->at];
		bool closes = ch == ']' || ch == '}';

		if (depth == 0 && (closes || ch == ','))
			return true;
		r->at++;
		if (ch == '"' && !skip_string(r))
			return false;
		depth += ch == '[' || ch == '{';
		depth -= closes;
	}
	return false;
}

static bool take_value(struct reading *r, str *ret)
{
	size_t from;

	skip_space(r);
	from = r->at;
	if (!skip_value(r))
		return false;
	*ret = str_trim(str_slice(r->text, from, r->at));
	return ret->n > 0;
}

/* Before the value of that member; E_NOT_FOUND at the end. */
static int find_member(struct reading *r, str key)
{
	str name, ignored;

	while (take(r, '"')) {
		size_t from = r->at;

		if (!skip_string(r))
			return E_INVALID;
		name = str_slice(r->text, from, r->at - 1);
		if (!take(r, ':'))
			return E_INVALID;
		if (str_eq(name, key))
			return 0;
		if (!take_value(r, &ignored))
			return E_INVALID;
		if (!take(r, ','))
			return E_NOT_FOUND;
	}
	return E_NOT_FOUND;
}

struct found {
	struct arena *arena;
	str *items;
	size_t n, room;
};

static void add(struct found *f, str item)
{
	if (f->n == f->room) {
		size_t room = f->room ? 2 * f->room : FIRST_ROOM;
		str *more = arena_array(f->arena, room, sizeof(*more));

		for (size_t i = 0; i < f->n; i++)
			more[i] = f->items[i];
		f->items = more;
		f->room = room;
	}
	f->items[f->n++] = item;
}

static int read_list(struct reading *r, size_t limit, struct found *f)
{
	str item;

	if (take(r, ']'))
		return 0;
	do {
		if (!take_value(r, &item))
			return E_INVALID;
		if (f->n == limit)
			return E_TOO_LARGE;
		add(f, item);
	} while (take(r, ','));
	return take(r, ']') ? 0 : E_INVALID;
}

int json_split(struct arena *a, str text, str key, size_t limit, str **ret, size_t *ret_n)
{
	struct reading r = { .text = text };
	struct found f = { .arena = a };

	if (!take(&r, '{'))
		return E_INVALID;
	TRY(find_member(&r, key));
	if (!take(&r, '['))
		return E_NOT_FOUND;
	TRY(read_list(&r, limit, &f));
	*ret = f.items;
	*ret_n = f.n;
	return 0;
}
