/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what is not in the catalogue is shown as it came, so that a missing translation is
 * English and never nothing.
 */
#include "server/web/text.h"

#include "base/out.h"
#include "server/web/view.h"

#define USABLE 30 /* hundredths of a language that are translated before it is chosen for anybody */
#define VALUES 4 /* in a sentence */
#define ACCEPT_LIMIT 32 /* languages that a browser may name */
#define SENTENCE_LIMIT 4096 /* bytes */

str text_say(enum text_key key)
{
	return text_plain[text_language][key];
}

/* "{1}" in front of s: which; -1: there is none. */
static int place_at(str s)
{
	return s.n >= 3 && s.p[0] == '{' && s.p[1] >= '0' && s.p[1] < '0' + VALUES && s.p[2] == '}'
		       ? s.p[1] - '0'
		       : -1;
}

static str fill(struct arena *a, str pattern, const str *values, size_t n)
{
	struct out o;

	out_init(&o, a, SENTENCE_LIMIT);
	while (pattern.n) {
		int place = place_at(pattern);

		if (place >= 0 && (size_t)place < n)
			out_str(&o, values[place]);
		else
			out_char(&o, pattern.p[0]);
		pattern = str_from(pattern, place >= 0 ? 3 : 1);
	}
	return out_view(&o);
}

str text_say_with(struct arena *a, enum text_key key, const str *values, size_t n)
{
	return fill(a, text_say(key), values, n);
}

str text_with(const struct ctx *c, enum text_key key, str value)
{
	return fill(c->arena, text_plain[c->language][key], &value, 1);
}

/* Whether an English sentence is what a pattern makes of some values. */
static bool fits(str pattern, str english, str values[VALUES])
{
	while (pattern.n) {
		int place = place_at(pattern);
		str rest = place >= 0 ? str_from(pattern, 3) : STR("");
		size_t stop = 0, end;

		if (place < 0) {
			if (english.n == 0 || english.p[0] != pattern.p[0])
				return false;
			english = str_from(english, 1);
			pattern = str_from(pattern, 1);
			continue;
		}
		while (stop < rest.n && place_at(str_from(rest, stop)) < 0)
			stop++;
		if (stop == rest.n) /* the last: its value may have in it what stands behind */
			end = str_ends(english, rest) ? english.n - rest.n : SIZE_MAX;
		else
			end = str_find(english, str_slice(rest, 0, stop), 0);
		if (end == SIZE_MAX)
			return false;
		values[place] = str_slice(english, 0, end);
		english = str_from(english, end);
		pattern = rest;
	}
	return english.n == 0;
}

static str word_in(unsigned language, const char *english)
{
	for (size_t i = 0; language && i < TEXT_COUNT; i++)
		if (str_eq_c(text_plain[0][i], english))
			return text_plain[language][i];
	return str_c(english);
}

str titled(struct arena *a unused, const char *english)
{
	return word_in(text_language, english);
}

str text_word(const struct ctx *c, const char *english)
{
	return word_in(c->language, english);
}

str text_in(const struct ctx *c, enum text_key key)
{
	return text_plain[c->language][key];
}

str said(struct arena *a, str english)
{
	str values[VALUES] = { STR(""), STR(""), STR(""), STR("") };

	if (text_language == 0 || english.n == 0 || english.n > SENTENCE_LIMIT / 4)
		return english;
	for (size_t i = 0; i < TEXT_COUNT; i++)
		if (text_is_said[i] && text_plain[0][i].n > 4 &&
		    fits(text_plain[0][i], english, values))
			return fill(a, text_plain[text_language][i], values, VALUES);
	return english;
}

str said_each(struct arena *a, str english)
{
	struct out o;
	str rest = english;

	out_init(&o, a, SENTENCE_LIMIT);
	while (rest.n) {
		size_t end = str_find(rest, STR("; "), 0);

		if (o.n)
			out_c(&o, "; ");
		out_str(&o, said(a, end == SIZE_MAX ? rest : str_slice(rest, 0, end)));
		rest = end == SIZE_MAX ? STR("") : str_from(rest, end + 2);
	}
	return out_view(&o);
}

unsigned text_language_done(unsigned language)
{
	return text_count ? text_catalogues[language].n_done * 100 / text_count : 100;
}

bool text_language_find(str code, bool pseudo, unsigned *ret)
{
	size_t dash = str_find_char_last(code, '-');

	if (code.n == 0)
		return false;
	for (unsigned i = 0; i < n_text_catalogues; i++)
		if (str_eq_fold(code, str_c(text_catalogues[i].code)) &&
		    (pseudo || !text_catalogues[i].pseudo)) {
			*ret = i;
			return true;
		}
	return dash != SIZE_MAX && text_language_find(str_slice(code, 0, dash), pseudo, ret);
}

/* "0.8" in thousandths; 1000 when nothing is said. */
static int quality(str parameters)
{
	size_t at = str_find(parameters, STR("q="), 0);
	int value = 0, scale = 1000;

	if (at == SIZE_MAX)
		return 1000;
	for (parameters = str_from(parameters, at + 2); parameters.n && scale;
	     parameters = str_from(parameters, 1)) {
		if (parameters.p[0] == '.')
			continue;
		if (parameters.p[0] < '0' || parameters.p[0] > '9')
			break;
		value += (parameters.p[0] - '0') * scale;
		scale /= 10;
	}
	return value;
}

bool text_language_accepted(str header, bool pseudo, unsigned *ret)
{
	int best = 0;
	str range;

	for (int i = 0; i < ACCEPT_LIMIT && str_cut(&header, ',', &range); i++) {
		unsigned found;
		str code;
		int q;

		str_cut(&range, ';', &code);
		q = quality(range);
		if (q > best && text_language_find(str_trim(code), pseudo, &found) &&
		    text_language_done(found) >= USABLE) {
			best = q;
			*ret = found;
		}
	}
	return best > 0;
}
