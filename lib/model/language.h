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

#endif
