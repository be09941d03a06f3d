/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Parts that several views of document.h share: lists of URIs, emojis, media. Used by these views
 * only.
 */
#ifndef AP_DOCUMENT_PART_H
#define AP_DOCUMENT_PART_H

#include <stddef.h>

#include "ap/document.h"
#include "base/ctx.h"
#include "base/str.h"
#include "json/json.h"

/* The URIs in a value or a list, those of objects included; at most limit. */
strs part_uris(struct ctx *c, const struct json *j, size_t limit);
/* The same for to and cc: every form of Public becomes AP_PUBLIC_URI. */
strs part_recipients(struct ctx *c, const struct json *j);

/* The Emojis in a tag member. */
const struct ap_emoji *part_emojis(struct ctx *c, const struct json *tags, size_t *ret_n);

/* All media of a post, in the order that struct ap_object promises. */
const struct ap_attachment *part_attachments(struct ctx *c, const struct json *j, enum ap_type type,
					     size_t *ret_n);

/* The id of a document: E_INVALID when it is missing or no http(s) URI. */
int part_id(struct ctx *c, const struct json *j, str *ret) must_check;
/* The first of the document's types that we know, and the name that it was known by. */
enum ap_type part_type(const struct json *j, str *ret_name);

#endif
