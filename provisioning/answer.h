/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* answer: the JSON object that a command wrote, as text for people. */
#ifndef PROVISIONING_ANSWER_H
#define PROVISIONING_ANSWER_H

#include "base/out.h"
#include "json/json.h"

/* Members as "name: value" lines, lists of objects as tables, objects indented. What is absent is left out. */
void answer_print(const struct json *answer, struct out *o);
/* The same without one member, which is shown in another way. */
void answer_print_but(const struct json *answer, const char *but, struct out *o);

#endif
