/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a header that makes no sense is one that is not there. */
#include "fetch/answer.h"

#define LONGEST_WAIT (365 * USEC_DAY)

struct parameter {
	str name, value;
};

str fetch_header(const struct fetch_response *r, str name)
{
	for (size_t i = 0; i < r->n_headers; i++)
		if (str_eq(r->headers[i].name, name))
			return r->headers[i].value;
	return STR_NULL;
}

str answer_type(struct arena *a, const struct fetch_response *r)
{
	str type = fetch_header(r, STR("content-type"));

	return str_is_null(type) ? STR("") : str_lower(a, str_trim(type));
}

usec answer_retry_after(const struct fetch_response *r)
{
	str text = str_trim(fetch_header(r, STR("retry-after")));
	int64_t seconds;
	usec wait = 0, moment;

	if (str_to_i64(text, &seconds))
		wait = seconds > LONGEST_WAIT / USEC_SEC ? LONGEST_WAIT : seconds * USEC_SEC;
	else if (clock_parse_http(text, &moment))
		wait = moment - clock_real();
	if (wait < 0)
		return 0;
	return wait > LONGEST_WAIT ? LONGEST_WAIT : wait;
}

/* The text between quotation marks at the front; without an end all of it. */
static str take_quoted(str *s)
{
	size_t n = 1;
	str value;

	while (n < s->n && s->p[n] != '"')
		n += s->p[n] == '\\' ? 2 : 1;
	value = str_slice(*s, 1, n);
	*s = str_from(*s, n + 1);
	return value;
}

/* Takes the next of "; name=value; name="value"" from the front. */
static bool take_parameter(str *s, struct parameter *ret)
{
	struct parameter p;
	size_t n = 0;

	while (s->n && (char_is_space(s->p[0]) || s->p[0] == ';'))
		*s = str_from(*s, 1);
	if (!s->n)
		return false;
	while (n < s->n && s->p[n] != '=' && s->p[n] != ';')
		n++;
	p.name = str_trim(str_slice(*s, 0, n));
	p.value = STR("");
	*s = str_from(*s, n);
	if (str_starts(*s, STR("="))) {
		*s = str_trim(str_from(*s, 1));
		n = str_find_char(*s, ';', 0);
		p.value = str_starts(*s, STR("\"")) ? take_quoted(s) : str_slice(*s, 0, n);
		*s = str_from(*s, str_find_char(*s, ';', 0));
	}
	p.value = str_trim(p.value);
	*ret = p;
	return true;
}

static bool has_word(str text, str word)
{
	str one;

	while (str_cut(&text, ' ', &one))
		if (str_eq_fold(one, word))
			return true;
	return false;
}

static bool has_parameter(str parameters, const struct parameter *wanted)
{
	struct parameter p;

	while (take_parameter(&parameters, &p))
		if (str_eq_fold(p.name, wanted->name) &&
		    (str_eq_fold(p.value, wanted->value) || has_word(p.value, wanted->value)))
			return true;
	return false;
}

static bool matches(str type, str wanted)
{
	size_t end = str_find_char(type, ';', 0), wanted_end = str_find_char(wanted, ';', 0);
	str rest = str_from(wanted, wanted_end);
	struct parameter p;

	if (!str_eq_fold(str_trim(str_slice(type, 0, end)),
			 str_trim(str_slice(wanted, 0, wanted_end))))
		return false;
	while (take_parameter(&rest, &p))
		if (!has_parameter(str_from(type, end), &p))
			return false;
	return true;
}

bool answer_is_of_type(str type, const char *const *types)
{
	for (size_t i = 0; types[i]; i++)
		if (matches(type, str_c(types[i])))
			return true;
	return false;
}
