/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Letter case that makes no difference: of Latin, Greek and Cyrillic letters. Other scripts with letter
 * case are rare enough where texts are compared to stay as written.
 */
#ifndef BASE_FOLD_H
#define BASE_FOLD_H

#include "base/arena.h"
#include "base/str.h"

/* A copy with small letters; as many bytes as before. Bytes that are not UTF-8 stay. */
str str_fold(struct arena *a, str s);

#endif
