/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a word is kept only when nothing in it could be somebody's: in doubt it goes. */
#include "provisioning/scrub.h"

#include "model/domain.h"

#define TOKEN_LEAST 20 /* characters of a word that may be a secret */
#define TEXT_LIMIT ((size_t)64 * 1024)

static const char *const separators = " \t\n\r\"'()<>[]{},;=|";

static bool is_separator(char ch)
{
	return str_find_char(str_c(separators), ch, 0) != SIZE_MAX;
}

static bool is_hex(char ch)
{
	return char_is_digit(ch) || (ch >= 'a' && ch <= 'f') || (ch >= 'A' && ch <= 'F');
}

/* Three dots between digits, or two colons between hexadecimal digits, wherever in the word. */
static bool has_address(str word)
{
	size_t dots = 0, colons = 0;

	for (size_t i = 0; i < word.n; i++) {
		bool after = i > 0 && char_is_digit(word.p[i - 1]);
		bool before = i + 1 < word.n && char_is_digit(word.p[i + 1]);

		dots += word.p[i] == '.' && after && before;
		colons += word.p[i] == ':' && ((i > 0 && is_hex(word.p[i - 1])) ||
					       (i + 1 < word.n && is_hex(word.p[i + 1])) ||
					       (i + 1 < word.n && word.p[i + 1] == ':'));
	}
	return dots >= 3 || colons >= 2;
}

static bool is_letter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

/* Long, and of letters and digits: what people write is not like this. */
static bool is_secret(str word)
{
	bool digits = false, letters = false;

	for (size_t i = 0; i < word.n; i++) {
		digits |= char_is_digit(word.p[i]);
		letters |= is_letter(word.p[i]);
	}
	return word.n >= TOKEN_LEAST && digits && letters &&
	       str_find_char(word, '/', 0) == SIZE_MAX && str_find_char(word, '.', 0) == SIZE_MAX;
}

static bool has_tenant(struct ctx *c, str word)
{
	str lower = str_lower(c->arena, word);

	for (size_t i = 0; i < domain_count(c->domains); i++) {
		const struct domain *d = domain_at(c->domains, i);

		if (str_find(lower, d->name, 0) != SIZE_MAX ||
		    str_find(lower, d->service_name, 0) != SIZE_MAX)
			return true;
	}
	return false;
}

/* An address of the web says of whom it is. */
static bool is_url(str word)
{
	return str_find(word, STR("://"), 0) != SIZE_MAX;
}

static str judge(struct ctx *c, str word)
{
	if (str_find_char(word, '@', 0) != SIZE_MAX)
		return STR("<name>");
	if (is_url(word))
		return STR("<url>");
	if (has_address(word))
		return STR("<address>");
	if (c->domains && has_tenant(c, word))
		return STR("<tenant>");
	return is_secret(word) ? STR("<secret>") : word;
}

str scrub_text(struct ctx *c, str text)
{
	struct out o;
	size_t begin = 0;

	out_init(&o, c->arena, TEXT_LIMIT);
	for (size_t i = 0; i <= text.n; i++) {
		if (i < text.n && !is_separator(text.p[i]))
			continue;
		if (i > begin)
			out_str(&o, judge(c, str_slice(text, begin, i)));
		if (i < text.n)
			out_char(&o, text.p[i]);
		begin = i + 1;
	}
	return out_view(&o);
}

/* Members of log lines whose values are words of ours or numbers. */
static const char *const members[] = {
	"req",	   "event",	     "type",   "state", "status",  "error",  "ms",
	"method",  "route",	     "level",  "was",	"volume",  "worker", "threads",
	"id",	   "percent",	     "result", "new",	"handled", "lost",   "reason",
	"span_id", "parent_span_id",
};

static bool is_allowed(str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (str_eq_c(name, members[i]))
			return true;
	return false;
}

/* The value behind '=': up to the next space, or between quotes. */
static size_t value_end(str line, size_t at)
{
	size_t end;

	if (at < line.n && line.p[at] == '"') {
		end = str_find_char(line, '"', at + 1);
		return end == SIZE_MAX ? line.n : end + 1;
	}
	end = str_find_char(line, ' ', at);
	return end == SIZE_MAX ? line.n : end;
}

/* A quotation mark within a value ends it early; what then follows is no member, and nothing of the rest is kept. */
str scrub_line(struct ctx *c, str line)
{
	struct out o;
	size_t at = 0;

	if (str_find(line, STR("event="), 0) == SIZE_MAX)
		return STR_NULL;
	out_init(&o, c->arena, TEXT_LIMIT);
	while (at < line.n) {
		size_t equals = str_find_char(line, '=', at), space = str_find_char(line, ' ', at),
		       end;
		str name, value;

		if (equals == SIZE_MAX || space < equals)
			break;
		name = str_slice(line, at, equals);
		end = value_end(line, equals + 1);
		value = str_slice(line, equals + 1, end);
		if (is_allowed(name))
			out_fmt(&o, "%s%.*s=%.*s", o.n ? " " : "", STR_ARG(name),
				STR_ARG(scrub_text(c, value)));
		if (str_eq(name, STR("message")) || str_eq(name, STR("why")))
			break;
		at = end + (end < line.n && line.p[end] == ' ');
	}
	return out_view(&o);
}

static void put_object(struct ctx *c, struct json_out *w, const char *key, const struct json *j)
{
	const struct json *value;
	str name;

	json_open_object(w, key);
	for (size_t i = 0; json_member(j, i, &name, &value); i++)
		scrub_document(c, w, str_z(c->arena, name), value);
	json_close_object(w);
}

void scrub_document(struct ctx *c, struct json_out *w, const char *key, const struct json *j)
{
	switch (json_kind(j)) {
	case JSON_OBJECT:
		put_object(c, w, key, j);
		return;
	case JSON_ARRAY:
		json_open_array(w, key);
		for (size_t i = 0; i < json_count(j); i++)
			scrub_document(c, w, NULL, json_at(j, i));
		json_close_array(w);
		return;
	case JSON_STRING:
		json_put_str(w, key, scrub_text(c, json_str(j)));
		return;
	case JSON_BOOL:
		json_put_bool(w, key, json_bool(j));
		return;
	case JSON_NUMBER:
		json_put_f64(w, key, json_f64(j));
		return;
	default:
		json_put_null(w, key);
	}
}
