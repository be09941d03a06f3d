/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what comes out consists of the characters that the allow-lists name, in rules whose
 * braces the writer here puts, so that no browser reads it in another way than this file.
 */
#include "html/css.h"

#include <string.h>

#include "base/out.h"

/* Names that end with '*' allow all that begin so. */
static const char *const properties[] = {
	"--*",
	"accent-color",
	"background",
	"background-color",
	"border*",
	"box-shadow",
	"caret-color",
	"color",
	"column-gap",
	"fill",
	"flex-wrap",
	"font",
	"font-family",
	"font-feature-settings",
	"font-size",
	"font-style",
	"font-variant*",
	"font-weight",
	"gap",
	"hyphens",
	"justify-content",
	"letter-spacing",
	"line-height",
	"margin*",
	"max-width",
	"min-height",
	"outline*",
	"padding*",
	"row-gap",
	"stroke",
	"text-align",
	"text-decoration*",
	"text-indent",
	"text-shadow",
	"text-transform",
	"text-underline-offset",
	"text-wrap",
	"word-spacing",
};

/* Functions of values. */
static const char *const functions[] = { "var",
					 "rgb",
					 "rgba",
					 "hsl",
					 "hsla",
					 "calc",
					 "min",
					 "max",
					 "clamp",
					 "color-mix",
					 "light-dark",
					 "linear-gradient",
					 "radial-gradient" };

static const char *const media[] = { "(prefers-color-scheme: dark)",
				     "(prefers-color-scheme: light)",
				     "(prefers-reduced-motion: reduce)", "(prefers-contrast: more)",
				     "print" };

struct sheet {
	struct ctx *c;
	str text;
	size_t at;
	struct out out;
	size_t rules;
};

static int refuse(struct sheet *s, const char *why, str what)
{
	size_t line = 1;

	for (size_t i = 0; i < s->at && i < s->text.n; i++)
		line += s->text.p[i] == '\n';
	return fail(s->c, E_INVALID, "style sheet, line %zu: %s%s%.*s", line, why,
		    what.n ? ": " : "", STR_ARG(str_clip(what, 80)));
}

static bool is_at_end(const struct sheet *s)
{
	return s->at >= s->text.n;
}

/* White space and comments. */
static int skip(struct sheet *s)
{
	size_t end;

	while (!is_at_end(s)) {
		if (char_is_space(s->text.p[s->at])) {
			s->at++;
			continue;
		}
		if (!str_starts(str_from(s->text, s->at), STR("/*")))
			break;
		end = str_find(s->text, STR("*/"), s->at + 2);
		if (end == SIZE_MAX)
			return refuse(s, "a comment does not end", STR(""));
		s->at = end + 2;
	}
	return 0;
}

/* Up to the next of these characters, which must come; comments are no part of it. */
static int until(struct sheet *s, const char *ends, str *ret)
{
	size_t from = s->at;

	while (!is_at_end(s) && !strchr(ends, s->text.p[s->at])) {
		if (s->text.p[s->at] == '\\' || s->text.p[s->at] == '<' || s->text.p[s->at] == '@')
			return refuse(s, "this character is not taken",
				      str_slice(s->text, s->at, s->at + 1));
		if (str_starts(str_from(s->text, s->at), STR("/*")))
			return refuse(s, "a comment stands between rules only", STR(""));
		s->at++;
	}
	if (is_at_end(s))
		return refuse(s, "something is missing at the end", STR(""));
	*ret = str_trim(str_slice(s->text, from, s->at));
	return 0;
}

static bool has_only(str text, const char *further)
{
	for (size_t i = 0; i < text.n; i++)
		if (!char_is_alnum(text.p[i]) && !char_is_space(text.p[i]) &&
		    (text.p[i] == 0 || !strchr(further, text.p[i])))
			return false;
	return true;
}

static void put_spaced(struct out *o, str text)
{
	bool space = false;

	for (size_t i = 0; i < text.n; i++) {
		if (char_is_space(text.p[i])) {
			space = true;
			continue;
		}
		if (space)
			out_char(o, ' ');
		space = false;
		out_char(o, text.p[i]);
	}
}

static bool is_property(str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(properties); i++) {
		str allowed = str_c(properties[i]);

		if (str_ends(allowed, STR("*"))
			    ? str_starts(name, str_slice(allowed, 0, allowed.n - 1))
			    : str_eq(name, allowed))
			return has_only(name, "-_");
	}
	return false;
}

static bool is_function(str name)
{
	if (name.n == 0)
		return true; /* parentheses in a calculation */
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (str_eq_c(name, functions[i]))
			return true;
	return false;
}

/* Each name before a parenthesis is one of ours, parentheses and quotes are closed. */
static bool is_value(struct ctx *c, str value)
{
	size_t depth = 0, quotes = 0;

	if (!has_only(value, "#%.,-+*/()_!\"") || value.n == 0 || value.n > 1000)
		return false;
	for (size_t i = 0; i < value.n; i++) {
		size_t from = i;

		quotes += value.p[i] == '"';
		if (value.p[i] == ')' && depth-- == 0)
			return false;
		if (value.p[i] != '(')
			continue;
		depth++;
		while (from && (char_is_alnum(value.p[from - 1]) || value.p[from - 1] == '-'))
			from--;
		if (quotes % 2 || !is_function(str_lower(c->arena, str_slice(value, from, i))))
			return false;
	}
	return depth == 0 && quotes % 2 == 0;
}

static int declaration(struct sheet *s)
{
	str name, value;

	TRY(until(s, ":;}", &name));
	name = str_lower(s->c->arena, name);
	if (s->text.p[s->at] != ':' || !is_property(name))
		return refuse(s, "this property is not taken", name);
	s->at++;
	TRY(until(s, ";}", &value));
	if (!is_value(s->c, value))
		return refuse(s, "this value is not taken", value);
	out_str(&s->out, name);
	out_char(&s->out, ':');
	put_spaced(&s->out, value);
	out_char(&s->out, ';');
	return 0;
}

static int block(struct sheet *s)
{
	s->at++;
	out_char(&s->out, '{');
	for (;;) {
		TRY(skip(s));
		if (is_at_end(s))
			return refuse(s, "a rule does not end", STR(""));
		if (s->text.p[s->at] == '}')
			break;
		if (s->text.p[s->at] == ';') {
			s->at++;
			continue;
		}
		TRY(declaration(s));
	}
	s->at++;
	out_c(&s->out, "}\n");
	return 0;
}

static int rule(struct sheet *s)
{
	str selector;

	if (++s->rules > CSS_RULES)
		return refuse(s, "these are too many rules", STR(""));
	TRY(until(s, "{};", &selector));
	if (s->text.p[s->at] != '{' || selector.n == 0 || selector.n > 500 ||
	    !has_only(selector, ".#:,>+~*()-_[]=\"^$"))
		return refuse(s, "this selector is not taken", selector);
	put_spaced(&s->out, selector);
	return block(s);
}

static int begin_media(struct sheet *s)
{
	str query;

	s->at += strlen("@media");
	TRY(until(s, "{};", &query));
	for (size_t i = 0; i < ARRAY_SIZE(media); i++)
		if (str_eq_c(query, media[i]) && s->text.p[s->at] == '{') {
			s->at++;
			out_fmt(&s->out, "@media %s{\n", media[i]);
			return 0;
		}
	return refuse(s, "this condition is not taken", query);
}

static int sheet(struct sheet *s)
{
	bool inside = false;

	for (;;) {
		TRY(skip(s));
		if (is_at_end(s))
			return inside ? refuse(s, "a condition does not end", STR("")) : 0;
		if (inside && s->text.p[s->at] == '}') {
			s->at++;
			out_c(&s->out, "}\n");
			inside = false;
		} else if (!inside && str_starts(str_from(s->text, s->at), STR("@media"))) {
			TRY(begin_media(s));
			inside = true;
		} else {
			TRY(rule(s));
		}
	}
}

int css_judge(struct ctx *c, str text, str *ret)
{
	struct sheet s = { .c = c, .text = text };

	if (text.n > CSS_LIMIT || !str_is_utf8(text))
		return fail(c, E_INVALID, "a style sheet has at most %d bytes", CSS_LIMIT);
	out_init(&s.out, c->arena, CSS_LIMIT);
	TRY(sheet(&s));
	if (out_done(&s.out, ret))
		return fail(c, E_INVALID, "a style sheet has at most %d bytes", CSS_LIMIT);
	if (str_is_null(*ret))
		*ret = STR("");
	return 0;
}
