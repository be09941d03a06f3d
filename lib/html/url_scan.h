/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * URLs as people write them in the middle of text, for this room only.
 */
#ifndef HTML_URL_SCAN_H
#define HTML_URL_SCAN_H

#include "base/str.h"

/*
 * Where the http or https URL that begins at the byte from ends; from when there is none. The host
 * must be a name with a top level domain; punctuation at the end belongs to the sentence around.
 */
size_t html_url_scan(str text, size_t from);

#endif
