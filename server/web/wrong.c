/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: one field of a page is wrong, or none, so that the id of the words beside it is its own. */
#include "server/web/wrong.h"

#define DIGITS 4 /* of the number of a row */

struct wrong wrong_at(const char *field, str text)
{
	return (struct wrong){ .text = text, .field = field ? str_c(field) : STR("") };
}

struct wrong wrong_in(str form, struct wrong w)
{
	w.form = form;
	return w;
}

bool wrong_is_at(const struct wrong *w, const char *field)
{
	return w && w->text.n && str_eq_c(w->field, field);
}

bool wrong_is_row(const struct wrong *w, const char *field, int n)
{
	str name = str_c(field), rest;
	int found = 0;

	if (!w || !w->text.n || !str_starts(w->field, name))
		return false;
	rest = str_from(w->field, name.n);
	for (size_t i = 0; i < rest.n && i < DIGITS; i++)
		found = found * 10 + (rest.p[i] - '0');
	return rest.n && rest.n <= DIGITS && found == n;
}
