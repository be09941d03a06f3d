/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * shape: the forms that a single ActivityStreams value may take in a document, read into plain C
 * values. Used by the views of document.h only. All calls accept NULL for an absent value.
 */
#ifndef AP_SHAPE_H
#define AP_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/ctx.h"
#include "base/str.h"
#include "json/json.h"

/* The member under its plain name or under that of a vocabulary ("toot:", "as:", in full). */
const struct json *shape_get(const struct json *j, const char *key);

/* The name without the prefix of a vocabulary that we know. */
str shape_local_name(str name);
/* One of the document's types has this name, in any case of letters. */
bool shape_is_a(const struct json *j, const char *type);

/* A string, {"@value": string}, or the first of a list of these; else the null str. */
str shape_string(const struct json *j);

struct shape_text {
	str text;
	str language; /* null: not said */
};
/*
 * Text of a member that may come as a string, as a map of languages in its place, or as one in
 * <key>Map: "und" first, else the first language.
 */
struct shape_text shape_text(const struct json *j, const char *key);
/* Its text alone, without white space around it and clipped to limit bytes; empty is absent. */
str shape_text_clipped(const struct json *j, const char *key, size_t limit);

/* An absolute http(s) URL by its looks: length, scheme, a host without userinfo, no white space. */
bool shape_is_url(str s);
/* s when it is a URL, else the null str. */
str shape_url_of(str s);
/* The address of a string, a Link (href), an object with url, or of the first of a list. */
str shape_link(const struct json *j);
/* The page for people among a string, a Link or a list of these: text/html before all else. */
str shape_page(const struct json *j);
/* The widest of a picture, a Link to one, or a list of these. */
str shape_picture(const struct json *j);

/* 0 for a date that is missing or cannot be read. */
usec shape_time(const struct json *j);
/* -1 for anything but a number of at least 0. */
int64_t shape_count(const struct json *j);
bool shape_true(const struct json *j);

/* The media type before its parameters, lower case; the null str when it does not look like one. */
str shape_media_type(struct ctx *c, str s);
/* The media type of a file by the end of its URL's path; the null str when it says nothing. */
str shape_media_type_of_url(str url);

#endif
