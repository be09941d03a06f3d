/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: one row for each format that may be stored, and nothing is stored that has none. */
#include "media/format.h"

#include <assert.h>

#include "base/attr.h"
#include "media/bytes.h"

static const struct format formats[FORMAT_COUNT] = {
	[FORMAT_JPEG] = { FORMAT_PICTURE, "image/jpeg", "jpg", true },
	[FORMAT_PNG] = { FORMAT_PICTURE, "image/png", "png", true },
	[FORMAT_GIF] = { FORMAT_PICTURE, "image/gif", "gif", true },
	[FORMAT_WEBP] = { FORMAT_PICTURE, "image/webp", "webp", true },
	[FORMAT_AVIF] = { FORMAT_PICTURE, "image/avif", "avif", false },
	[FORMAT_HEIF] = { FORMAT_PICTURE, "image/heic", "heic", false },
	[FORMAT_MP4] = { FORMAT_VIDEO, "video/mp4", "mp4", true },
	[FORMAT_MOV] = { FORMAT_VIDEO, "video/quicktime", "mov", true },
	[FORMAT_WEBM] = { FORMAT_VIDEO, "video/webm", "webm", true },
	[FORMAT_M4A] = { FORMAT_SOUND, "audio/mp4", "m4a", true },
	[FORMAT_WEBA] = { FORMAT_SOUND, "audio/webm", "weba", true },
	[FORMAT_MP3] = { FORMAT_SOUND, "audio/mpeg", "mp3", true },
	[FORMAT_OGG] = { FORMAT_SOUND, "audio/ogg", "ogg", true },
	[FORMAT_FLAC] = { FORMAT_SOUND, "audio/flac", "flac", true },
	[FORMAT_WAV] = { FORMAT_SOUND, "audio/wav", "wav", true },
};

/* Signatures that stand at fixed places; the first that fits wins. */
static const struct signature {
	str first;
	size_t at; /* of second */
	str second;
	enum format_id id;
} signatures[] = {
	{ STR("\xff\xd8\xff"), 0, STR(""), FORMAT_JPEG },
	{ STR("\x89PNG\r\n\x1a\n"), 12, STR("IHDR"), FORMAT_PNG },
	{ STR("GIF87a"), 0, STR(""), FORMAT_GIF },
	{ STR("GIF89a"), 0, STR(""), FORMAT_GIF },
	{ STR("RIFF"), 8, STR("WEBP"), FORMAT_WEBP },
	{ STR("RIFF"), 8, STR("WAVE"), FORMAT_WAV },
	{ STR("OggS"), 28, STR("\x01vorbis"), FORMAT_OGG },
	{ STR("OggS"), 28, STR("OpusHead"), FORMAT_OGG },
	{ STR("OggS"), 28,
	  STR("\x7f"
	      "FLAC"),
	  FORMAT_OGG },
	{ STR("fLaC"), 0, STR(""), FORMAT_FLAC },
	{ STR("ID3"), 0, STR(""), FORMAT_MP3 },
};

/* Brands of an ISO base media file (ISO/IEC 14496-12, 4.3), by what they tell. */
static const struct brand {
	str name;
	enum format_id id;
} brands[] = {
	{ STR("avif"), FORMAT_AVIF }, { STR("avis"), FORMAT_AVIF }, { STR("heic"), FORMAT_HEIF },
	{ STR("heix"), FORMAT_HEIF }, { STR("heim"), FORMAT_HEIF }, { STR("heis"), FORMAT_HEIF },
	{ STR("hevc"), FORMAT_HEIF }, { STR("M4A "), FORMAT_M4A },  { STR("M4B "), FORMAT_M4A },
	{ STR("qt  "), FORMAT_MOV },  { STR("isom"), FORMAT_MP4 },  { STR("iso2"), FORMAT_MP4 },
	{ STR("iso4"), FORMAT_MP4 },  { STR("iso5"), FORMAT_MP4 },  { STR("iso6"), FORMAT_MP4 },
	{ STR("mp41"), FORMAT_MP4 },  { STR("mp42"), FORMAT_MP4 },  { STR("avc1"), FORMAT_MP4 },
	{ STR("M4V "), FORMAT_MP4 },  { STR("dash"), FORMAT_MP4 },  { STR("3gp4"), FORMAT_MP4 },
	{ STR("3gp5"), FORMAT_MP4 },  { STR("3gp6"), FORMAT_MP4 },  { STR("MSNV"), FORMAT_MP4 },
};

const struct format *format_of(enum format_id id)
{
	assert(id > FORMAT_NONE && id < FORMAT_COUNT);
	return &formats[id];
}

enum format_id format_of_type(str type)
{
	for (size_t i = FORMAT_NONE + 1; i < FORMAT_COUNT; i++)
		if (str_eq_fold(type, str_c(formats[i].type)))
			return (enum format_id)i;
	return FORMAT_NONE;
}

enum format_id format_of_name(str name)
{
	size_t dot = str_find_char_last(name, '.');

	for (size_t i = FORMAT_NONE + 1; dot != SIZE_MAX && i < FORMAT_COUNT; i++)
		if (str_eq_fold(str_from(name, dot + 1), str_c(formats[i].ending)))
			return (enum format_id)i;
	return FORMAT_NONE;
}

static enum format_id brand_at(str bytes, size_t at)
{
	for (size_t i = 0; i < ARRAY_SIZE(brands); i++)
		if (bytes_are(bytes, at, brands[i].name))
			return brands[i].id;
	return FORMAT_NONE;
}

/* The major brand tells; where it is a general one, the first compatible one that does. */
static enum format_id sniff_iso(str bytes)
{
	size_t size = (size_t)bytes_be(bytes, 0, 4);
	enum format_id id = brand_at(bytes, 8);

	for (size_t at = 16; id == FORMAT_NONE && at + 4 <= size && at + 4 <= bytes.n; at += 4)
		id = brand_at(bytes, at);
	return id;
}

/* An EBML header names its document type in its first bytes. */
static enum format_id sniff_ebml(str bytes)
{
	str head = str_slice(bytes, 0, 64);

	return str_find(head, STR("\x42\x82\x84webm"), 0) == SIZE_MAX ? FORMAT_NONE : FORMAT_WEBM;
}

/* A frame's header (ISO/IEC 11172-3): sync, MPEG 1 or 2, layer III, a bit rate, a sampling rate. */
static bool is_mp3_frame(str bytes)
{
	uint64_t head = bytes_be(bytes, 0, 4);

	return (head & 0xffe60000) == 0xffe20000 && ((head >> 19) & 3) != 1 &&
	       ((head >> 12) & 15) != 15 && ((head >> 12) & 15) != 0 && ((head >> 10) & 3) != 3;
}

enum format_id format_sniff(str bytes)
{
	for (size_t i = 0; i < ARRAY_SIZE(signatures); i++)
		if (str_starts(bytes, signatures[i].first) &&
		    bytes_are(bytes, signatures[i].at, signatures[i].second))
			return signatures[i].id;
	if (bytes_are(bytes, 4, STR("ftyp")))
		return sniff_iso(bytes);
	if (str_starts(bytes, STR("\x1a\x45\xdf\xa3")))
		return sniff_ebml(bytes);
	return is_mp3_frame(bytes) ? FORMAT_MP3 : FORMAT_NONE;
}
