/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * First reading of foreign markup, for this room only: tags that we have no use for are taken out,
 * and what is left is bounded in every way that would make a tree builder work hard.
 */
#ifndef HTML_REDUCE_H
#define HTML_REDUCE_H

#include "base/out.h"
#include "base/str.h"

#define HTML_TAG_LIMIT 8192 /* tags that are kept; later ones are taken out */
#define HTML_FORMAT_LIMIT 16 /* b, i, a, ... open at a time */
#define HTML_HREF_LIMIT 4096 /* bytes as written in the markup */

/*
 * Writes markup with known elements, known attributes in double quotes and character references
 * as they are, and nothing else: no comments, no scripts or styles. Elements are not balanced.
 * Unknown blocks become div, so that the break between them is not lost.
 */
void html_reduce(struct out *o, str markup);

#endif
