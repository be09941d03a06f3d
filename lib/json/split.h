/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * split: the elements of one list in a document that is too large to be parsed as a whole. What stands around them is
 * not looked at closely, and neither are they: each is parsed by itself (json_parse) before anything is believed of it.
 */
#ifndef JSON_SPLIT_H
#define JSON_SPLIT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

/*
 * Views of the elements of the member key of the object that text is, in their order. E_NOT_FOUND without such a list,
 * E_INVALID for text that ends inside of something, E_TOO_LARGE for more than limit elements. Touches no ctx, so that a
 * thread can do it.
 */
int json_split(struct arena *a, str text, str key, size_t limit, str **ret,
	       size_t *ret_n) must_check;

#endif
