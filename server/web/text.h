/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What C code says in the language of the page, and which language that is. The texts stand in
 * templates/text with those of templates; keys for C alone begin with "form.", or with
 * "say." when C code has the English words and they are looked up as the page is written.
 */
#ifndef SERVER_WEB_TEXT_H
#define SERVER_WEB_TEXT_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "templates.h"

/* A text, in the language of the page. */
str text_say(enum text_key key);
/* The same with values for its {0}, {1} ... */
str text_say_with(struct arena *a, enum text_key key, const str *values, size_t n);

/*
 * A text in the language of the ctx, for before the page is written: titles. Words of C code's tables
 * are found by the English; what people typed is no const char *.
 */
str text_in(const struct ctx *c, enum text_key key);
str text_word(const struct ctx *c, const char *english);
/* A text with one value likewise. */
str text_with(const struct ctx *c, enum text_key key, str value);

/* The language of a code, perhaps with subtags ("de-AT"); false: there is none. */
bool text_language_find(str code, bool pseudo, unsigned *ret);
/*
 * The best for Accept-Language (RFC 9110, 12.5.4) among those that are translated far enough to be of use;
 * false when it names none of them.
 */
bool text_language_accepted(str header, bool pseudo, unsigned *ret);
/* How much of it is translated, in hundredths. */
unsigned text_language_done(unsigned language);

#endif
