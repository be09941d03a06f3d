/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: every text can be read, and what is read is bounded: what is over SEARCH_TERM_LIMIT is left
 * out. Operators are a table.
 */
#include <time.h>

#include "base/fold.h"
#include "model/hashtag.h"
#include "model/search.h"

#define MARK_LIMIT (4 * HASHTAG_LIMIT) /* bytes */

struct reading {
	struct ctx *c;
	struct search_question *q;
	str *lists; /* SEARCH_TERM_LIMIT places for each list */
};

enum { TERMS, NO_TERMS, MARKS, NO_MARKS, FROM, NO_FROM, LISTS };

static strs *list_of(struct reading *r, int which)
{
	strs *const lists[] = { &r->q->terms,	 &r->q->no_terms, &r->q->marks,
				&r->q->no_marks, &r->q->from,	  &r->q->no_from };

	return lists[which];
}

static void add(struct reading *r, int which, str s)
{
	strs *list = list_of(r, which);

	if (list->n < SEARCH_TERM_LIMIT && s.n)
		r->lists[which * SEARCH_TERM_LIMIT + (int)list->n++] = s;
}

/* What is longer than any mark is on no post. */
static void add_mark(struct reading *r, const char *kind, str value, bool negative)
{
	if (value.n > MARK_LIMIT)
		r->q->nothing |= !negative;
	else
		add(r, negative ? NO_MARKS : MARKS,
		    str_fmt(r->c->arena, "#%s:%.*s", kind, STR_ARG(value)));
}

static bool is_among(str s, const char *const *words)
{
	for (; *words; words++)
		if (str_eq_c(s, *words))
			return true;
	return false;
}

static void read_has(struct reading *r, str value, bool negative)
{
	static const char *const known[] = { "media", "image", "video", "audio",
					     "poll",  "link",  "embed", NULL };

	if (is_among(value, known))
		add_mark(r, "h", value, negative);
	else
		r->q->nothing = true;
}

static void read_is(struct reading *r, str value, bool negative)
{
	static const char *const known[] = { "reply", "sensitive", NULL };

	if (is_among(value, known))
		add_mark(r, "i", value, negative);
	else
		r->q->nothing = true;
}

static void read_from(struct reading *r, str value, bool negative)
{
	add(r, negative ? NO_FROM : FROM, value);
}

static void read_in(struct reading *r, str value, unused bool negative)
{
	r->q->library = str_eq(value, STR("library"));
	r->q->public = str_eq(value, STR("public"));
}

static void read_language(struct reading *r, str value, bool negative)
{
	str code;

	str_cut(&value, '-', &code);
	add_mark(r, "g", code, negative);
	if (!negative)
		r->q->language = code;
}

/* Year, month and day; those that are missing mean all of the year or month. */
static bool read_date(str value, usec *ret_start, usec *ret_end)
{
	struct tm start = { .tm_mday = 1 }, end;
	int64_t numbers[3] = { 0, 1, 1 };
	size_t n = 0;
	str part;

	while (n < 3 && str_cut(&value, '-', &part))
		if (!str_to_i64(part, &numbers[n++]))
			return false;
	if (n == 0 || value.n || numbers[0] < 2000 || numbers[0] > 2200 || numbers[1] < 1 ||
	    numbers[1] > 12 || numbers[2] < 1 || numbers[2] > 31)
		return false;
	start.tm_year = (int)numbers[0] - 1900;
	start.tm_mon = (int)numbers[1] - 1;
	start.tm_mday = (int)numbers[2];
	end = start;
	end.tm_year += n == 1;
	end.tm_mon += n == 2;
	end.tm_mday += n == 3;
	*ret_start = timegm(&start) * USEC_SEC;
	*ret_end = timegm(&end) * USEC_SEC;
	return true;
}

static void set_after(struct search_question *q, usec t)
{
	if (t > q->after)
		q->after = t;
}

static void set_before(struct search_question *q, usec t)
{
	if (!q->before || t < q->before)
		q->before = t;
}

static void read_before(struct reading *r, str value, unused bool negative)
{
	usec start, end;

	if (read_date(value, &start, &end))
		set_before(r->q, start);
	else
		r->q->nothing = true;
}

static void read_after(struct reading *r, str value, unused bool negative)
{
	usec start, end;

	if (read_date(value, &start, &end))
		set_after(r->q, end);
	else
		r->q->nothing = true;
}

static void read_during(struct reading *r, str value, unused bool negative)
{
	usec start, end;

	if (read_date(value, &start, &end)) {
		set_after(r->q, start);
		set_before(r->q, end);
	} else {
		r->q->nothing = true;
	}
}

static const struct {
	const char *name;
	void (*read)(struct reading *r, str value, bool negative);
} operators[] = {
	{ "from", read_from },	   { "has", read_has },		  { "is", read_is },
	{ "in", read_in },	   { "before", read_before },	  { "after", read_after },
	{ "during", read_during }, { "language", read_language },
};

static bool read_operator(struct reading *r, str word, bool negative)
{
	str value = word, name;

	if (str_find_char(word, ':', 0) == SIZE_MAX || !str_cut(&value, ':', &name) || !value.n)
		return false;
	value = str_fold(r->c->arena, value);
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
		if (str_eq_fold(name, str_c(operators[i].name))) {
			operators[i].read(r, value, negative);
			return true;
		}
	return false;
}

static void read_word(struct reading *r, str word, bool negative)
{
	str tag;

	if (read_operator(r, word, negative))
		return;
	tag = str_starts(word, STR("#")) ? hashtag_fold(r->c, word) : STR_NULL;
	if (!str_is_empty(tag))
		add_mark(r, "n", tag, negative);
	else
		add(r, negative ? NO_TERMS : TERMS, word);
}

/* What stands from at to the next blank, or within quotes; gives what is behind it. */
static size_t read_term(struct reading *r, str text, size_t at)
{
	bool negative = text.p[at] == '-' && at + 1 < text.n && !char_is_space(text.p[at + 1]);
	size_t end;

	at += negative;
	if (text.p[at] == '"') {
		end = str_find_char(text, '"', at + 1);
		if (end == SIZE_MAX)
			end = text.n;
		add(r, negative ? NO_TERMS : TERMS, str_trim(str_slice(text, at + 1, end)));
		return end < text.n ? end + 1 : end;
	}
	for (end = at; end < text.n && !char_is_space(text.p[end]); end++)
		;
	read_word(r, str_slice(text, at, end), negative);
	return end;
}

void search_parse(struct ctx *c, str text, struct search_question *ret)
{
	struct search_question q = { .language = STR("") };
	struct reading r = {
		.c = c,
		.q = &q,
		.lists = arena_array(c->arena, LISTS * SEARCH_TERM_LIMIT, sizeof(str)),
	};

	for (int i = 0; i < LISTS; i++)
		list_of(&r, i)->p = &r.lists[i * SEARCH_TERM_LIMIT];
	for (size_t at = 0; at < text.n;)
		at = char_is_space(text.p[at]) ? at + 1 : read_term(&r, text, at);
	q.nothing |= !q.terms.n && !q.marks.n && !q.from.n && !q.library && !q.after && !q.before;
	*ret = q;
}
