/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Characters in UTF-8 text and what Unicode says of them, as far as the tokens need it.
 */
#ifndef HTML_CHARS_H
#define HTML_CHARS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* What stands before the start, behind the end, and for a byte that is not UTF-8. */
#define CHAR_NONE UINT32_MAX

/* The character at byte i and its length in bytes: 0 at the end, 1 for a byte that is not UTF-8. */
size_t char_at(str s, size_t i, uint32_t *ret);
/* The character that ends before byte i. */
uint32_t char_before(str s, size_t i);

/* Letter or mark. */
bool char_is_letter(uint32_t ch);
/* Decimal digit. */
bool char_is_number(uint32_t ch);
/* Letter, mark, decimal digit or connector such as the underscore. */
bool char_is_word(uint32_t ch);
/* White space or control character. */
bool char_is_blank(uint32_t ch);
/* May stand in markup: no control character but tab and newline, and no noncharacter. */
bool char_is_content(uint32_t ch);
/* A mark that changes the direction of text. */
bool char_is_direction(uint32_t ch);

#endif
