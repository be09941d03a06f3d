/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Lists are read in one pass into an array of as many elements as the document has, or as the
 * limit allows; what is not usable leaves no gap.
 */
#include "ap/document_part.h"

#include "ap/shape.h"

static size_t list_room(const struct json *j, size_t limit)
{
	size_t n = json_list_count(j);

	return n < limit ? n : limit;
}

static strs uris(struct ctx *c, const struct json *j, size_t limit, bool is_public_meant)
{
	size_t n = json_list_count(j), used = 0;
	str *p = arena_array(c->arena, list_room(j, limit), sizeof(*p));

	for (size_t i = 0; i < n && used < limit; i++) {
		const struct json *one = json_list_at(j, i);
		str uri = ap_uri_of(one);

		if (is_public_meant && ap_is_public(json_str(one)))
			uri = STR(AP_PUBLIC_URI);
		if (!str_is_null(uri))
			p[used++] = uri;
	}
	return (strs){ p, used };
}

strs part_uris(struct ctx *c, const struct json *j, size_t limit)
{
	return uris(c, j, limit, false);
}

strs part_recipients(struct ctx *c, const struct json *j)
{
	return uris(c, j, AP_RECIPIENT_LIMIT, true);
}

int part_id(struct ctx *c, const struct json *j, str *ret)
{
	str id = json_get_str(j, "id");

	if (!json_is(j, JSON_OBJECT))
		return fail(c, E_INVALID, "the document is no object");
	if (str_is_null(id))
		return fail(c, E_INVALID, "the document has no id");
	if (!shape_is_url(id))
		return fail(c, E_INVALID, "the document's id is no http(s) URI");
	*ret = id;
	return 0;
}

/* Emojis */

#define EMOJI_NAME_LIMIT 100

static bool is_emoji_name(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!char_is_alnum(s.p[i]) && str_find_char(STR("_-+."), s.p[i], 0) == SIZE_MAX)
			return false;
	}
	return s.n && s.n <= EMOJI_NAME_LIMIT;
}

static str emoji_name(const struct json *j)
{
	str s = shape_text_clipped(j, "name", AP_NAME_LIMIT);

	if (str_starts(s, STR(":")))
		s = str_from(s, 1);
	if (str_ends(s, STR(":")))
		s.n--;
	return is_emoji_name(s) ? s : STR_NULL;
}

/* The picture's type: as its object says, else by its URL. */
static str picture_media_type(struct ctx *c, const struct json *picture, str url)
{
	const struct json *first = json_list_at(picture, 0);
	str type = shape_media_type(c, json_get_str(first, "mediaType"));

	return str_is_null(type) ? shape_media_type_of_url(url) : type;
}

const struct ap_emoji *part_emojis(struct ctx *c, const struct json *tags, size_t *ret_n)
{
	size_t n = json_list_count(tags), used = 0;
	struct ap_emoji *p = arena_array(c->arena, list_room(tags, AP_EMOJI_LIMIT), sizeof(*p));

	for (size_t i = 0; i < n && used < AP_EMOJI_LIMIT; i++) {
		const struct json *tag = json_list_at(tags, i), *icon = json_get(tag, "icon");
		struct ap_emoji e = { .name = emoji_name(tag), .url = shape_picture(icon) };

		if (!shape_is_a(tag, "Emoji") || str_is_null(e.name) || str_is_null(e.url))
			continue;
		e.id = shape_url_of(json_get_str(tag, "id"));
		e.media_type = picture_media_type(c, icon, e.url);
		e.updated = shape_time(json_get(tag, "updated"));
		p[used++] = e;
	}
	*ret_n = used;
	return p;
}

/* Media */

struct media {
	struct ctx *c;
	struct ap_attachment *p;
	size_t n;
};

#define PIXEL_LIMIT 100000
#define BLURHASH_LIMIT 200

static int64_t pixels(const struct json *j)
{
	int64_t n = shape_count(j);

	return n > 0 && n <= PIXEL_LIMIT ? n : -1;
}

/* Digits of base 83 only; whether they make a picture is the renderer's question. */
static str blurhash(const struct json *j)
{
	str s = shape_string(shape_get(j, "blurhash"));

	for (size_t i = 0; i < s.n; i++) {
		if (!char_is_alnum(s.p[i]) &&
		    str_find_char(STR("#$%*+,-.:;=?@[]^_{|}~"), s.p[i], 0) == SIZE_MAX)
			return STR_NULL;
	}
	return s.n >= 6 && s.n <= BLURHASH_LIMIT ? s : STR_NULL;
}

static double clamp(double d)
{
	if (!(d >= -1))
		return d < -1 ? -1 : 0;
	return d > 1 ? 1 : d;
}

static void focal_point(const struct json *j, double *ret_x, double *ret_y)
{
	const struct json *point = shape_get(j, "focalPoint");

	if (json_count(point) != 2)
		return;
	*ret_x = clamp(json_f64(json_at(point, 0)));
	*ret_y = clamp(json_f64(json_at(point, 1)));
}

static bool is_media_type(str type)
{
	return str_starts(type, STR("image/")) || str_starts(type, STR("video/")) ||
	       str_starts(type, STR("audio/"));
}

/* What a Link or an object says about itself, without its description. */
static struct ap_attachment file_of(struct ctx *c, const struct json *j)
{
	struct ap_attachment a = {
		.url = shape_link(j),
		.media_type = shape_media_type(c, json_get_str(j, "mediaType")),
		.width = pixels(json_get(j, "width")),
		.height = pixels(json_get(j, "height")),
	};

	if (str_is_null(a.media_type))
		a.media_type = shape_media_type_of_url(a.url);
	return a;
}

#define USUAL_HEIGHT 720 /* lines of video that most people's connections carry */

/* Whether file a should be played rather than b: the tallest of the usual heights. */
static bool is_better_file(const struct ap_attachment *a, const struct ap_attachment *b)
{
	bool fits_a = a->height <= USUAL_HEIGHT, fits_b = b->height <= USUAL_HEIGHT;

	if (fits_a != fits_b)
		return fits_a;
	return fits_a ? a->height > b->height : a->height < b->height;
}

/*
 * The best media file among the Links of a url member. A Link to a playlist may carry the files in
 * its tag.
 */
static void best_file(struct ctx *c, const struct json *links, struct ap_attachment *best)
{
	size_t n = json_list_count(links);

	for (size_t i = 0; i < n && i < AP_ITEM_LIMIT; i++) {
		const struct json *link = json_list_at(links, i);
		struct ap_attachment file = file_of(c, link);

		if (!str_is_null(file.url) && is_media_type(file.media_type) &&
		    (str_is_null(best->url) || is_better_file(&file, best)))
			*best = file;
		if (!json_is(link, JSON_STRING))
			best_file(c, json_get(link, "tag"), best);
	}
}

/* The last guess, by the type of the object. */
static str default_media_type(const struct json *j)
{
	static const struct {
		const char *type, *media_type;
	} defaults[] = {
		{ "Link", "text/html" },
		{ "Image", "image/jpeg" },
		{ "Video", "video/mp4" },
		{ "Audio", "audio/mpeg" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++) {
		if (shape_is_a(j, defaults[i].type))
			return str_c(defaults[i].media_type);
	}
	return STR("application/octet-stream");
}

static bool is_known(const struct media *m, str url)
{
	for (size_t i = 0; i < m->n; i++) {
		if (str_eq(m->p[i].url, url))
			return true;
	}
	return false;
}

/* The file of a URL, a Link, or an object with one url or several to choose from. */
static struct ap_attachment chosen_file(struct ctx *c, const struct json *j)
{
	const struct json *url = json_get(j, "url");
	struct ap_attachment whole = file_of(c, j), file = { .height = -1 };

	if (!json_is(url, JSON_ARRAY) && !json_is(url, JSON_OBJECT))
		return whole;
	best_file(c, url, &file);
	if (str_is_null(file.url))
		return whole;
	if (file.width < 0) {
		file.width = whole.width;
		file.height = whole.height;
	}
	return file;
}

/* Adds a medium, if it is one and new. */
static void add(struct media *m, const struct json *j)
{
	struct ap_attachment a = chosen_file(m->c, j);

	if (m->n == AP_ATTACHMENT_LIMIT || str_is_null(a.url) || is_known(m, a.url))
		return;
	if (str_is_null(a.media_type))
		a.media_type = default_media_type(j);
	a.name = shape_text_clipped(j, "name", AP_DESCRIPTION_LIMIT);
	if (str_is_null(a.name))
		a.name = shape_text_clipped(j, "summary", AP_DESCRIPTION_LIMIT);
	a.blurhash = blurhash(j);
	focal_point(j, &a.focus_x, &a.focus_y);
	m->p[m->n++] = a;
}

/* Statements about people come as attachments too. */
static bool is_statement(const struct json *j)
{
	return shape_is_a(j, "PropertyValue") || shape_is_a(j, "IdentityProof") ||
	       shape_is_a(j, "VerifiableIdentityStatement");
}

/* The file that a Video, Audio, Image or Document is. */
static void add_itself(struct media *m, const struct json *j)
{
	struct ap_attachment file = { .height = -1 };

	best_file(m->c, json_get(j, "url"), &file);
	if (str_is_null(file.url) || m->n == AP_ATTACHMENT_LIMIT || is_known(m, file.url))
		return;
	file.blurhash = blurhash(j);
	m->p[m->n++] = file;
}

const struct ap_attachment *part_attachments(struct ctx *c, const struct json *j, enum ap_type type,
					     size_t *ret_n)
{
	bool is_played = type == AP_VIDEO || type == AP_AUDIO; /* its pictures are its cover */
	const struct json *attached = json_get(j, "attachment");
	const struct json *images = is_played ? NULL : json_get(j, "image");
	size_t n_attached = json_list_count(attached), n_images = json_list_count(images);
	size_t room = n_attached + n_images + 1;
	struct media m = { .c = c };

	m.p = arena_array(c->arena, room < AP_ATTACHMENT_LIMIT ? room : AP_ATTACHMENT_LIMIT,
			  sizeof(*m.p));
	for (size_t i = 0; i < n_attached && m.n < AP_ATTACHMENT_LIMIT; i++) {
		if (!is_statement(json_list_at(attached, i)))
			add(&m, json_list_at(attached, i));
	}
	for (size_t i = 0; i < n_images && m.n < AP_ATTACHMENT_LIMIT; i++)
		add(&m, json_list_at(images, i));
	if (is_played || type == AP_IMAGE || type == AP_DOCUMENT)
		add_itself(&m, j);
	*ret_n = m.n;
	return m.p;
}
