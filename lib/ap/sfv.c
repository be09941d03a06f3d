/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: each take_ function either moves the text behind what it read and returns true, or
 * returns false, after which nobody looks at the text again. Nothing recurses deeper than the
 * grammar does: member, inner list, item, parameter.
 */
#include "ap/sfv.h"

#include <string.h>

#include "crypt/hash.h"

#define INTEGER_DIGITS 15
#define WHOLE_DIGITS 12 /* of a decimal, before the point */
#define FRACTION_DIGITS 3

static bool next_is(str s, char ch)
{
	return s.n && s.p[0] == ch;
}

static bool take_char(str *s, char ch)
{
	if (!next_is(*s, ch))
		return false;
	*s = str_from(*s, 1);
	return true;
}

static void skip_spaces(str *s)
{
	while (take_char(s, ' '))
		;
}

static void skip_white(str *s)
{
	while (take_char(s, ' ') || take_char(s, '\t'))
		;
}

/* Takes n bytes from the front. */
static str take(str *s, size_t n)
{
	str head = str_slice(*s, 0, n);

	*s = str_from(*s, n);
	return head;
}

/*
 * A place behind the n elements at p, in a copy twice as large when they fill what was allocated
 * for them: always a power of two.
 */
static void *room_for_one(struct arena *a, void *p, size_t n, size_t size)
{
	void *larger;

	if (n & (n - 1))
		return p;
	larger = arena_array(a, n ? 2 * n : 1, size);
	if (n)
		memcpy(larger, p, n * size);
	return larger;
}

static bool is_key_start(char ch)
{
	return (ch >= 'a' && ch <= 'z') || ch == '*';
}

static bool is_key_char(char ch)
{
	return is_key_start(ch) || char_is_digit(ch) || ch == '_' || ch == '-' || ch == '.';
}

/* tchar of RFC 9110, and ':' and '/'. */
static bool is_token_char(char ch)
{
	return char_is_alnum(ch) || (ch && strchr("!#$%&'*+-.^_`|~:/", ch));
}

static bool take_key(str *s, str *ret)
{
	size_t n = 1;

	if (!s->n || !is_key_start(s->p[0]))
		return false;
	while (n < s->n && is_key_char(s->p[n]))
		n++;
	*ret = take(s, n);
	return true;
}

static str take_digits(str *s)
{
	size_t n = 0;

	while (n < s->n && char_is_digit(s->p[n]))
		n++;
	return take(s, n);
}

/* The digits before the point, and places of those behind it, as one number. */
static int64_t integer(str whole, str fraction, size_t places)
{
	int64_t value = 0;

	for (size_t i = 0; i < whole.n; i++)
		value = value * 10 + (whole.p[i] - '0');
	for (size_t i = 0; i < places; i++)
		value = value * 10 + (i < fraction.n ? fraction.p[i] - '0' : 0);
	return value;
}

static bool take_number(struct arena *a unused, str *s, struct sfv_bare *ret)
{
	int sign = take_char(s, '-') ? -1 : 1;
	str whole = take_digits(s), fraction;

	if (whole.n == 0 || whole.n > INTEGER_DIGITS)
		return false;
	if (!take_char(s, '.')) {
		*ret = (struct sfv_bare){ SFV_INTEGER, sign * integer(whole, STR_NULL, 0),
					  STR_NULL };
		return true;
	}
	fraction = take_digits(s);
	if (whole.n > WHOLE_DIGITS || fraction.n == 0 || fraction.n > FRACTION_DIGITS)
		return false;
	*ret = (struct sfv_bare){ SFV_DECIMAL, sign * integer(whole, fraction, FRACTION_DIGITS),
				  STR_NULL };
	return true;
}

static bool take_string(struct arena *a, str *s, struct sfv_bare *ret)
{
	char *text = arena_alloc(a, s->n + 1);
	size_t n = 0;

	for (size_t i = 1; i < s->n; i++) {
		char ch = s->p[i];

		if (ch == '"') {
			*s = str_from(*s, i + 1);
			*ret = (struct sfv_bare){ SFV_STRING, 0, { text, n } };
			return true;
		}
		if (ch == '\\') {
			if (++i == s->n || (s->p[i] != '"' && s->p[i] != '\\'))
				return false;
			ch = s->p[i];
		} else if (ch < ' ' || ch > '~') {
			return false;
		}
		text[n++] = ch;
	}
	return false;
}

static bool take_token(struct arena *a unused, str *s, struct sfv_bare *ret)
{
	size_t n = 1;

	while (n < s->n && is_token_char(s->p[n]))
		n++;
	*ret = (struct sfv_bare){ SFV_TOKEN, 0, take(s, n) };
	return true;
}

static bool take_bytes(struct arena *a, str *s, struct sfv_bare *ret)
{
	size_t end = str_find_char(*s, ':', 1);
	str bytes;

	if (end == SIZE_MAX || !base64_decode(a, str_slice(*s, 1, end), &bytes))
		return false;
	*s = str_from(*s, end + 1);
	*ret = (struct sfv_bare){ SFV_BYTES, 0, bytes };
	return true;
}

static bool take_boolean(struct arena *a unused, str *s, struct sfv_bare *ret)
{
	if (s->n < 2 || (s->p[1] != '0' && s->p[1] != '1'))
		return false;
	*ret = (struct sfv_bare){ SFV_BOOLEAN, s->p[1] == '1', STR_NULL };
	*s = str_from(*s, 2);
	return true;
}

/* RFC 8941, 4.2.3.1: the first character tells the type. */
static const struct {
	const char *first;
	bool (*take)(struct arena *a, str *s, struct sfv_bare *ret);
} types[] = {
	{ "-0123456789", take_number },
	{ "\"", take_string },
	{ ":", take_bytes },
	{ "?", take_boolean },
	{ "*ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", take_token },
};

static bool take_bare(struct arena *a, str *s, struct sfv_bare *ret)
{
	if (!s->n || !s->p[0])
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strchr(types[i].first, s->p[0]))
			return types[i].take(a, s, ret);
	return false;
}

static struct sfv_param *param_of(struct arena *a, struct sfv_params *params, str key)
{
	for (size_t i = 0; i < params->n; i++)
		if (str_eq(params->p[i].key, key))
			return &params->p[i];
	if (params->n == SFV_COUNT_LIMIT)
		return NULL;
	params->p = room_for_one(a, params->p, params->n, sizeof(*params->p));
	params->p[params->n].key = key;
	return &params->p[params->n++];
}

static bool take_params(struct arena *a, str *s, struct sfv_params *ret)
{
	*ret = (struct sfv_params){ 0 };
	while (take_char(s, ';')) {
		struct sfv_bare value = { SFV_BOOLEAN, 1, STR_NULL };
		struct sfv_param *param;
		str key;

		skip_spaces(s);
		if (!take_key(s, &key) || (take_char(s, '=') && !take_bare(a, s, &value)))
			return false;
		param = param_of(a, ret, key);
		if (!param)
			return false;
		param->value = value;
	}
	return true;
}

static bool take_item(struct arena *a, str *s, struct sfv_item *ret)
{
	return take_bare(a, s, &ret->bare) && take_params(a, s, &ret->params);
}

static bool take_inner_list(struct arena *a, str *s, struct sfv_member *m)
{
	take_char(s, '(');
	for (;;) {
		skip_spaces(s);
		if (take_char(s, ')'))
			return take_params(a, s, &m->item.params);
		if (m->n_inner == SFV_COUNT_LIMIT)
			return false;
		m->inner = room_for_one(a, m->inner, m->n_inner, sizeof(*m->inner));
		if (!take_item(a, s, &m->inner[m->n_inner++]))
			return false;
		if (!next_is(*s, ' ') && !next_is(*s, ')'))
			return false;
	}
}

static bool take_member(struct arena *a, str *s, struct sfv_member *m)
{
	m->is_inner_list = next_is(*s, '(');
	return m->is_inner_list ? take_inner_list(a, s, m) : take_item(a, s, &m->item);
}

/* A dictionary's member without "=" is true, with parameters perhaps. */
static bool take_entry(struct arena *a, str *s, struct sfv_member *m)
{
	if (!take_key(s, &m->key))
		return false;
	if (take_char(s, '='))
		return take_member(a, s, m);
	m->item.bare = (struct sfv_bare){ SFV_BOOLEAN, 1, STR_NULL };
	return take_params(a, s, &m->item.params);
}

/* Adds the member, or puts it into the place of the one that has its key. */
static bool keep(struct arena *a, struct sfv_members *all, const struct sfv_member *m)
{
	for (size_t i = 0; i < all->n; i++)
		if (!str_is_null(m->key) && str_eq(all->p[i].key, m->key)) {
			all->p[i] = *m;
			return true;
		}
	if (all->n == SFV_COUNT_LIMIT)
		return false;
	all->p = room_for_one(a, all->p, all->n, sizeof(*all->p));
	all->p[all->n++] = *m;
	return true;
}

typedef bool (*take_fn)(struct arena *a, str *s, struct sfv_member *m);

static bool parse_members(struct arena *a, str s, take_fn take_one, struct sfv_members *ret)
{
	struct sfv_members all = { 0 };

	skip_spaces(&s);
	while (s.n) {
		struct sfv_member m = { .key = STR_NULL };

		if (!take_one(a, &s, &m) || !keep(a, &all, &m))
			return false;
		skip_white(&s);
		if (s.n == 0)
			break;
		if (!take_char(&s, ','))
			return false;
		skip_white(&s);
		if (s.n == 0)
			return false;
	}
	*ret = all;
	return true;
}

bool sfv_parse_item(struct arena *a, str text, struct sfv_item *ret)
{
	struct sfv_item item = { 0 };

	skip_spaces(&text);
	if (!take_item(a, &text, &item))
		return false;
	skip_spaces(&text);
	if (text.n)
		return false;
	*ret = item;
	return true;
}

bool sfv_parse_list(struct arena *a, str text, struct sfv_members *ret)
{
	return parse_members(a, text, take_member, ret);
}

bool sfv_parse_dictionary(struct arena *a, str text, struct sfv_members *ret)
{
	return parse_members(a, text, take_entry, ret);
}

const struct sfv_member *sfv_find(const struct sfv_members *m, str key)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_eq(m->p[i].key, key))
			return &m->p[i];
	return NULL;
}

const struct sfv_bare *sfv_param(const struct sfv_params *params, const char *key)
{
	for (size_t i = 0; i < params->n; i++)
		if (str_eq_c(params->p[i].key, key))
			return &params->p[i].value;
	return NULL;
}

static void put_decimal(struct out *o, int64_t number)
{
	int64_t size = number < 0 ? -number : number;
	int digits = FRACTION_DIGITS, fraction = (int)(size % 1000);

	while (digits > 1 && fraction % 10 == 0) {
		fraction /= 10;
		digits--;
	}
	out_fmt(o, "%s%lld.%0*d", number < 0 ? "-" : "", (long long)(size / 1000), digits,
		fraction);
}

static void put_string(struct out *o, str text)
{
	out_char(o, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			out_char(o, '\\');
		out_char(o, text.p[i]);
	}
	out_char(o, '"');
}

void sfv_put_bare(struct out *o, const struct sfv_bare *bare)
{
	switch (bare->type) {
	case SFV_INTEGER:
		out_i64(o, bare->number);
		break;
	case SFV_DECIMAL:
		put_decimal(o, bare->number);
		break;
	case SFV_STRING:
		put_string(o, bare->text);
		break;
	case SFV_TOKEN:
		out_str(o, bare->text);
		break;
	case SFV_BYTES:
		out_char(o, ':');
		out_str(o, base64_encode(o->arena, bare->text));
		out_char(o, ':');
		break;
	case SFV_BOOLEAN:
		out_c(o, bare->number ? "?1" : "?0");
		break;
	}
}

static bool is_true(const struct sfv_bare *bare)
{
	return bare->type == SFV_BOOLEAN && bare->number;
}

void sfv_put_params(struct out *o, const struct sfv_params *params)
{
	for (size_t i = 0; i < params->n; i++) {
		out_char(o, ';');
		out_str(o, params->p[i].key);
		if (is_true(&params->p[i].value))
			continue;
		out_char(o, '=');
		sfv_put_bare(o, &params->p[i].value);
	}
}

void sfv_put_item(struct out *o, const struct sfv_item *item)
{
	sfv_put_bare(o, &item->bare);
	sfv_put_params(o, &item->params);
}

void sfv_put_member(struct out *o, const struct sfv_member *member)
{
	if (!member->is_inner_list) {
		sfv_put_item(o, &member->item);
		return;
	}
	out_char(o, '(');
	for (size_t i = 0; i < member->n_inner; i++) {
		if (i)
			out_char(o, ' ');
		sfv_put_item(o, &member->inner[i]);
	}
	out_char(o, ')');
	sfv_put_params(o, &member->item.params);
}

void sfv_put_list(struct out *o, const struct sfv_members *m)
{
	for (size_t i = 0; i < m->n; i++) {
		if (i)
			out_c(o, ", ");
		sfv_put_member(o, &m->p[i]);
	}
}

void sfv_put_dictionary(struct out *o, const struct sfv_members *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct sfv_member *member = &m->p[i];

		if (i)
			out_c(o, ", ");
		out_str(o, member->key);
		if (!member->is_inner_list && is_true(&member->item.bare)) {
			sfv_put_params(o, &member->item.params);
			continue;
		}
		out_char(o, '=');
		sfv_put_member(o, member);
	}
}
