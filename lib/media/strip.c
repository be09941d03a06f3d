/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a part is kept because it is on a list of what decoders need, never because it is not
 * on a list of what is known to tell something.
 */
#include "media/strip.h"

#include "base/err.h"
#include "media/bytes.h"

/* JPEG: segments up to the end of the image (ITU-T T.81, annex B). */

enum {
	JPEG_SOI = 0xd8,
	JPEG_EOI = 0xd9,
	JPEG_SOS = 0xda,
	JPEG_APP0 = 0xe0,
	JPEG_APP15 = 0xef,
	JPEG_COM = 0xfe,
};

/* Application segments that decoders need. */
static const struct {
	unsigned marker;
	str start;
} jpeg_kept[] = {
	{ JPEG_APP0, STR("JFIF\0") },
	{ JPEG_APP0 + 2, STR("ICC_PROFILE\0") },
	{ JPEG_APP0 + 14, STR("Adobe") },
};

static bool is_kept_jpeg(unsigned marker, str data)
{
	if (marker == JPEG_COM)
		return false;
	if (marker < JPEG_APP0 || marker > JPEG_APP15)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(jpeg_kept); i++)
		if (jpeg_kept[i].marker == marker && str_starts(data, jpeg_kept[i].start))
			return true;
	return false;
}

/* Where coded data ends: at the next marker that is neither stuffing nor a restart. */
static size_t jpeg_scan_end(str s, size_t at)
{
	for (; at + 1 < s.n; at++) {
		unsigned next = (unsigned char)s.p[at + 1];

		if ((unsigned char)s.p[at] == 0xff && next != 0 && next != 0xff &&
		    (next < 0xd0 || next > 0xd7))
			return at;
	}
	return s.n;
}

static int strip_jpeg(str s, struct out *o)
{
	size_t at = 2;

	out_str(o, STR("\xff\xd8"));
	for (;;) {
		unsigned marker = (unsigned)bytes_be(s, at + 1, 1);
		size_t length = (size_t)bytes_be(s, at + 2, 2), end;

		if (at + 2 > s.n || bytes_be(s, at, 1) != 0xff)
			return E_INVALID;
		if (marker == 0xff) {
			at++;
			continue;
		}
		if (marker == JPEG_EOI) {
			out_str(o, STR("\xff\xd9"));
			return 0;
		}
		if (length < 2 || marker == JPEG_SOI || length > s.n - at - 2)
			return E_INVALID;
		end = at + 2 + length;
		if (marker == JPEG_SOS)
			end = jpeg_scan_end(s, end);
		if (is_kept_jpeg(marker, str_from(s, at + 4)))
			out_str(o, str_slice(s, at, end));
		at = end;
	}
}

/* PNG: chunks up to IEND (W3C PNG, 5.3), with those of animation. */

static const str png_kept[] = {
	STR("IHDR"), STR("PLTE"), STR("IDAT"), STR("IEND"), STR("tRNS"),
	STR("cHRM"), STR("gAMA"), STR("iCCP"), STR("sBIT"), STR("sRGB"),
	STR("cICP"), STR("bKGD"), STR("acTL"), STR("fcTL"), STR("fdAT"),
};

static bool is_one_of(const str *names, size_t n, str s, size_t at)
{
	for (size_t i = 0; i < n; i++)
		if (bytes_are(s, at, names[i]))
			return true;
	return false;
}

static int strip_png(str s, struct out *o)
{
	size_t at = 8;

	out_str(o, str_slice(s, 0, 8));
	while (at + 12 <= s.n) {
		size_t length = (size_t)bytes_be(s, at, 4);

		if (length > s.n - at - 12)
			return E_INVALID;
		if (is_one_of(png_kept, ARRAY_SIZE(png_kept), s, at + 4))
			out_str(o, str_slice(s, at, at + 12 + length));
		if (bytes_are(s, at + 4, STR("IEND")))
			return 0;
		at += 12 + length;
	}
	return E_INVALID;
}

/* WebP: chunks of RIFF; the flags of VP8X say which there are. */

static const str webp_kept[] = {
	STR("VP8 "), STR("VP8L"), STR("VP8X"), STR("ALPH"), STR("ANIM"), STR("ANMF"), STR("ICCP"),
};

#define VP8X_EXIF 0x08
#define VP8X_XMP 0x04

static void put_le32(struct out *o, size_t value)
{
	for (int i = 0; i < 4; i++, value >>= 8)
		out_char(o, (char)(value & 0xff));
}

static void put_webp_chunk(str chunk, struct out *o)
{
	if (!str_starts(chunk, STR("VP8X")) || chunk.n < 18) {
		out_str(o, chunk);
		return;
	}
	out_str(o, str_slice(chunk, 0, 8));
	out_char(o, (char)(chunk.p[8] & ~(VP8X_EXIF | VP8X_XMP)));
	out_str(o, str_from(chunk, 9));
}

static int collect_webp(str s, struct out *o)
{
	size_t end = 8 + (size_t)bytes_le(s, 4, 4), at = 12;

	if (end > s.n)
		return E_INVALID;
	while (at + 8 <= end) {
		size_t length = (size_t)bytes_le(s, at + 4, 4), padded = length + (length & 1);

		if (length > end - at - 8)
			return E_INVALID;
		/* The last pad byte is missing in some files. */
		if (is_one_of(webp_kept, ARRAY_SIZE(webp_kept), s, at)) {
			put_webp_chunk(str_slice(s, at, at + 8 + length), o);
			if (length & 1)
				out_char(o, '\0');
		}
		at += 8 + padded;
	}
	return 0;
}

static int strip_webp(str s, struct out *o)
{
	struct out chunks;
	str body;

	out_init(&chunks, o->arena, o->limit);
	TRY(collect_webp(s, &chunks));
	TRY(out_done(&chunks, &body));
	out_str(o, STR("RIFF"));
	put_le32(o, body.n + 4);
	out_str(o, STR("WEBP"));
	out_str(o, body);
	return 0;
}

/* GIF: blocks up to the trailer (GIF89a, appendix A). */

enum { GIF_EXTENSION = 0x21, GIF_IMAGE = 0x2c, GIF_TRAILER = 0x3b };
enum { GIF_CONTROL = 0xf9, GIF_APPLICATION = 0xff };

static size_t colours_size(uint64_t flags)
{
	return flags & 0x80 ? (size_t)3 << ((flags & 7) + 1) : 0;
}

/* Behind a chain of sub-blocks; 0 when it has no end. */
static size_t gif_chain_end(str s, size_t at)
{
	while (at < s.n) {
		size_t length = (unsigned char)s.p[at];

		at += 1 + length;
		if (length == 0)
			return at;
	}
	return 0;
}

static bool is_kept_gif(str s, size_t at)
{
	uint64_t label = bytes_be(s, at + 1, 1);

	return label == GIF_CONTROL ||
	       (label == GIF_APPLICATION && (bytes_are(s, at + 3, STR("NETSCAPE2.0")) ||
					     bytes_are(s, at + 3, STR("ANIMEXTS1.0"))));
}

static int strip_gif(str s, struct out *o)
{
	size_t at = 13 + colours_size(bytes_be(s, 10, 1));

	if (at > s.n)
		return E_INVALID;
	out_str(o, str_slice(s, 0, at));
	while (at < s.n) {
		uint64_t kind = bytes_be(s, at, 1);
		size_t end = 0;

		if (kind == GIF_TRAILER) {
			out_char(o, GIF_TRAILER);
			return 0;
		}
		if (kind == GIF_EXTENSION)
			end = gif_chain_end(s, at + 2);
		if (kind == GIF_IMAGE)
			end = gif_chain_end(s, at + 11 + colours_size(bytes_be(s, at + 9, 1)));
		if (end == 0 || end > s.n)
			return E_INVALID;
		if (kind == GIF_IMAGE || is_kept_gif(s, at))
			out_str(o, str_slice(s, at, end));
		at = end;
	}
	return E_INVALID;
}

static int (*const strippers[FORMAT_COUNT])(str s, struct out *o) = {
	[FORMAT_JPEG] = strip_jpeg,
	[FORMAT_PNG] = strip_png,
	[FORMAT_GIF] = strip_gif,
	[FORMAT_WEBP] = strip_webp,
};

int strip_picture(enum format_id id, str bytes, struct out *o)
{
	return strippers[id] ? strippers[id](bytes, o) : E_UNSUPPORTED;
}
