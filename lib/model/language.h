/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* language: tags of the languages that posts are written in (BCP 47). */
#ifndef MODEL_LANGUAGE_H
#define MODEL_LANGUAGE_H

#include <stdbool.h>

#include "base/str.h"

struct language {
	const char *code; /* of two letters (ISO 639-1) */
	const char *name; /* in English */
};

/* The living and constructed languages of ISO 639-1; ended by a NULL code. */
extern const struct language language_table[];

/* NULL when there is none of that code. */
const struct language *language_find(str code);
/*
 * A tag whose language is in the table, or three letters as ISO 639-3 has them, perhaps with
 * subtags behind it ("pt-BR", "zh-Hant-TW").
 */
bool language_is_known(str tag);

#endif
