/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Spelling of strings and numbers in JSON, shared by everything in this room that writes. What it
 * writes is canonical in the sense of RFC 8785, so that there is one spelling only.
 */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include "base/out.h"
#include "base/str.h"

/* s in quotes (RFC 8785, 3.2.2.2). NUL and bytes that are not UTF-8 become U+FFFD. */
void json_text_str(struct out *o, str s);

/* A number as ECMAScript writes it (RFC 8785, 3.2.2.3); null when it is not finite. */
void json_text_f64(struct out *o, double value);

#endif
