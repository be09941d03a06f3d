/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What is wrong with a form that is shown again. Its summary (part/problem) leads to the field, which says
 * aria-invalid (part/invalid), and the words stand beside it as well (part/wrong; WCAG 2.2, 3.3.1).
 */
#ifndef SERVER_WEB_WRONG_H
#define SERVER_WEB_WRONG_H

#include <stdbool.h>

#include "base/str.h"

struct wrong {
	str text; /* empty: nothing is wrong */
	str field; /* the name of the field that it is about; empty: none */
	str form; /* what stands before the names in the ids of the form's fields */
};

#define NO_WRONG ((struct wrong){ 0 })

/* Words about a field; NULL: about none. */
struct wrong wrong_at(const char *field, str text);
/* The same, of a form whose fields' ids begin with something. */
struct wrong wrong_in(str form, struct wrong w);
/* Whether the field of a name is wrong; nothing is with w NULL. */
bool wrong_is_at(const struct wrong *w, const char *field);
/* The same of the field whose name ends with a number: rows of inputs alike. */
bool wrong_is_row(const struct wrong *w, const char *field, int n);

#endif
