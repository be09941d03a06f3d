/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Each reader here answers one question about one value and never fails: what cannot be read is
 * absent. That is what keeps the views short, and what makes a sloppy sender lose one member
 * instead of a whole post.
 */
#include "ap/shape.h"

#include <assert.h>
#include <stdio.h>

#include "fetch/url.h"

/* Vocabularies whose terms come with their prefix where a sender's @context lacks them. */
static const char *const vocabularies[] = {
	"as:",
	"_:",
	"toot:",
	"schema:",
	"sc:",
	"litepub:",
	"https://www.w3.org/ns/activitystreams#",
	"http://www.w3.org/ns/activitystreams#",
	"http://joinmastodon.org/ns#",
	"http://schema.org#",
	"http://schema.org/",
};

#define KEY_ROOM 80 /* a prefix and a term of ours */

const struct json *shape_get(const struct json *j, const char *key)
{
	const struct json *value = json_get(j, key);
	char full[KEY_ROOM];

	for (size_t i = 0; !value && i < ARRAY_SIZE(vocabularies); i++) {
		int n = snprintf(full, sizeof(full), "%s%s", vocabularies[i], key);

		assert(n > 0 && (size_t)n < sizeof(full));
		value = json_get(j, full);
	}
	return value;
}

str shape_local_name(str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(vocabularies); i++) {
		str prefix = str_c(vocabularies[i]);

		if (str_starts(name, prefix))
			return str_from(name, prefix.n);
	}
	return name;
}

bool shape_is_a(const struct json *j, const char *type)
{
	const struct json *types = json_get(j, "type");
	size_t n = json_list_count(types);

	for (size_t i = 0; i < n && i < 16; i++) {
		if (str_eq_fold(shape_local_name(json_str(json_list_at(types, i))), str_c(type)))
			return true;
	}
	return false;
}

str shape_string(const struct json *j)
{
	const struct json *first = json_list_at(j, 0);

	if (json_is(first, JSON_OBJECT))
		first = json_list_at(json_get(first, "@value"), 0);
	return json_str(first);
}

/* The entry of a map of languages that stands for all of it. */
static struct shape_text from_map(const struct json *map)
{
	struct shape_text t = { .text = shape_string(json_get(map, "und")) };
	const struct json *value;

	for (size_t i = 0; str_is_null(t.text) && json_member(map, i, &t.language, &value); i++)
		t.text = shape_string(value);
	if (str_is_null(t.text) || str_eq(t.language, STR("und")))
		t.language = STR_NULL;
	return t;
}

/* The language of text by the map beside it: its only key, or the one with the same text. */
static str language_in_map(const struct json *map, str text)
{
	const struct json *value;
	str key, language = STR_NULL;
	size_t n = 0;

	while (json_member(map, n, &key, &value)) {
		language = key;
		n++;
		if (str_eq(shape_string(value), text)) {
			n = 1;
			break;
		}
	}
	return n == 1 && !str_eq(language, STR("und")) ? language : STR_NULL;
}

struct shape_text shape_text(const struct json *j, const char *key)
{
	const struct json *plain = json_get(j, key), *map;
	char map_key[KEY_ROOM];
	int n = snprintf(map_key, sizeof(map_key), "%sMap", key);
	struct shape_text t = { .text = shape_string(plain) };

	assert(n > 0 && (size_t)n < sizeof(map_key));
	map = json_get(j, map_key);
	if (!str_is_null(t.text)) {
		t.language = language_in_map(map, t.text);
		if (str_is_null(t.language))
			t.language = json_get_str(json_list_at(plain, 0), "@language");
		return t;
	}
	t = from_map(map);
	if (str_is_null(t.text) && json_is(plain, JSON_OBJECT) && !json_get(plain, "type"))
		t = from_map(plain);
	return t;
}

str shape_text_clipped(const struct json *j, const char *key, size_t limit)
{
	str text = str_trim(shape_text(j, key).text);

	return str_is_empty(text) ? STR_NULL : str_clip(text, limit);
}

/* Bytes of a URL's authority: up to the path, the query or the fragment. */
static size_t authority_length(str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '/' && s.p[n] != '?' && s.p[n] != '#')
		n++;
	return n;
}

bool shape_is_url(str s)
{
	str rest, authority;

	if (s.n > URL_LIMIT)
		return false;
	if (str_starts_fold(s, STR("https://")))
		rest = str_from(s, 8);
	else if (str_starts_fold(s, STR("http://")))
		rest = str_from(s, 7);
	else
		return false;
	for (size_t i = 0; i < rest.n; i++) {
		unsigned char ch = (unsigned char)rest.p[i];

		if (ch <= ' ' || ch == 0x7f || ch == '"' || ch == '<' || ch == '>' || ch == '\\')
			return false;
	}
	authority = str_slice(rest, 0, authority_length(rest));
	return !str_is_empty(authority) && str_find_char(authority, '@', 0) == SIZE_MAX;
}

str shape_url_of(str s)
{
	return shape_is_url(s) ? s : STR_NULL;
}

static str link_one(const struct json *j)
{
	str s = shape_url_of(json_str(j));

	if (str_is_null(s))
		s = shape_url_of(json_get_str(j, "href"));
	return str_is_null(s) ? shape_link(json_get(j, "url")) : s;
}

str shape_link(const struct json *j)
{
	size_t n = json_list_count(j);
	str s = STR_NULL;

	for (size_t i = 0; str_is_null(s) && i < n; i++)
		s = link_one(json_list_at(j, i));
	return s;
}

/* How well an element of url serves people: a page, then what does not say what it is. */
static int page_rank(const struct json *link)
{
	str type = json_get_str(link, "mediaType");

	if (str_is_null(link_one(link)))
		return 0;
	if (str_starts_fold(type, STR("text/html")))
		return 3;
	return str_is_null(type) && json_is(json_get(link, "rel"), JSON_ABSENT) ? 2 : 0;
}

str shape_page(const struct json *j)
{
	size_t n = json_list_count(j);
	const struct json *best = NULL;
	int best_rank = 0;

	for (size_t i = 0; i < n; i++) {
		int rank = page_rank(json_list_at(j, i));

		if (rank > best_rank) {
			best = json_list_at(j, i);
			best_rank = rank;
		}
	}
	return best ? link_one(best) : STR_NULL;
}

str shape_picture(const struct json *j)
{
	size_t n = json_list_count(j);
	int64_t widest = -2;
	str best = STR_NULL;

	for (size_t i = 0; i < n; i++) {
		const struct json *picture = json_list_at(j, i);
		int64_t width = shape_count(json_get(picture, "width"));
		str url = link_one(picture);

		if (!str_is_null(url) && width > widest) {
			best = url;
			widest = width;
		}
	}
	return best;
}

usec shape_time(const struct json *j)
{
	usec t = 0;

	return clock_parse_iso(str_trim(shape_string(j)), &t) ? t : 0;
}

int64_t shape_count(const struct json *j)
{
	double d = json_f64(j);

	if (!json_is(j, JSON_NUMBER) || !(d >= 0 && d < 1e15))
		return -1;
	return (int64_t)d;
}

bool shape_true(const struct json *j)
{
	if (json_is(j, JSON_OBJECT))
		j = json_get(j, "@value");
	return json_bool(j);
}

static bool is_type_char(char ch)
{
	return char_is_alnum(ch) || ch == '.' || ch == '+' || ch == '-' || ch == '_';
}

#define MEDIA_TYPE_LIMIT 127

str shape_media_type(struct ctx *c, str s)
{
	str type = str_trim(str_slice(s, 0, str_find_char(s, ';', 0)));
	size_t slash = str_find_char(type, '/', 0);

	if (type.n > MEDIA_TYPE_LIMIT || slash == SIZE_MAX || !slash || slash + 1 == type.n)
		return STR_NULL;
	for (size_t i = 0; i < type.n; i++) {
		if (i != slash && !is_type_char(type.p[i]))
			return STR_NULL;
	}
	return str_lower(c->arena, type);
}

static const struct {
	const char *extension, *media_type;
} extensions[] = {
	{ ".jpg", "image/jpeg" },      { ".jpeg", "image/jpeg" },
	{ ".png", "image/png" },       { ".gif", "image/gif" },
	{ ".webp", "image/webp" },     { ".avif", "image/avif" },
	{ ".apng", "image/apng" },     { ".svg", "image/svg+xml" },
	{ ".heic", "image/heic" },     { ".bmp", "image/bmp" },
	{ ".jxl", "image/jxl" },       { ".mp4", "video/mp4" },
	{ ".m4v", "video/mp4" },       { ".webm", "video/webm" },
	{ ".mov", "video/quicktime" }, { ".mkv", "video/x-matroska" },
	{ ".ogv", "video/ogg" },       { ".mp3", "audio/mpeg" },
	{ ".ogg", "audio/ogg" },       { ".oga", "audio/ogg" },
	{ ".opus", "audio/ogg" },      { ".flac", "audio/flac" },
	{ ".wav", "audio/wav" },       { ".m4a", "audio/mp4" },
	{ ".aac", "audio/aac" },       { ".pdf", "application/pdf" },
};

str shape_media_type_of_url(str url)
{
	size_t query = str_find_char(url, '?', 0);
	str path = str_slice(url, 0, query);

	path = str_slice(path, 0, str_find_char(path, '#', 0));
	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++) {
		str extension = str_c(extensions[i].extension);

		if (path.n > extension.n &&
		    str_eq_fold(str_from(path, path.n - extension.n), extension))
			return str_c(extensions[i].media_type);
	}
	return STR_NULL;
}
