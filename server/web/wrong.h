/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A form that is shown again says beside a field what is wrong with it. */
#ifndef SERVER_WEB_WRONG_H
#define SERVER_WEB_WRONG_H

#include "base/arena.h"
#include "base/str.h"

/*
 * A page of ours in which a form's summary (part/problem) leads to the field of a name, the field says
 * aria-invalid, and the words stand beside it as well, named by aria-describedby (WCAG 2.2, 3.3.1). The
 * page as it is when it has no such summary or no such field.
 */
str wrong_mark(struct arena *a, str page, const char *field);

#endif
