/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* language: tags of the languages that posts are written in (BCP 47). */
#ifndef MODEL_LANGUAGE_H
#define MODEL_LANGUAGE_H

#include <stdbool.h>

#include "base/str.h"

/*
 * A tag whose language is one of ISO 639-1, or three letters as ISO 639-3 has them, perhaps with
 * subtags behind it ("pt-BR", "zh-Hant-TW").
 */
bool language_is_known(str tag);
/* language: the living and constructed languages of ISO 639-1, by their codes of two letters. */
#ifndef MODEL_LANGUAGE_H
#define MODEL_LANGUAGE_H

#include "base/str.h"

struct language {
	const char *code;
	const char *name; /* in English */
};

/* Ended by a NULL code. */
extern const struct language language_table[];

/* NULL when there is none of that code. */
const struct language *language_find(str code);

#endif
