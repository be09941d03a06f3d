/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * MP3, Ogg, FLAC and WAV. Invariant: each loop moves on by at least one part of a counted number, so
 * that a file costs no more than its parts.
 */
#include "base/err.h"
#include "media/bytes.h"
#include "media/probe_part.h"

#define PARTS 1024

/* The size of an ID3v2 tag: seven bits a byte. */
static size_t sync_safe(str s, size_t at)
{
	uint64_t n = bytes_be(s, at, 4);

	return (size_t)((n & 0x7f) | (n & 0x7f00) >> 1 | (n & 0x7f0000) >> 2 |
			(n & 0x7f000000) >> 3);
}

/* Behind a NUL, which in UTF-16 (encodings 1 and 2) is two bytes wide. */
static size_t text_end(str s, size_t at, bool is_wide)
{
	size_t unit = is_wide ? 2 : 1;

	while (at + unit <= s.n && bytes_be(s, at, unit) != 0)
		at += unit;
	return at + unit;
}

/* The picture of an APIC frame (ID3v2.4, 4.14). */
static str picture_of_frame(str s)
{
	uint64_t encoding = bytes_be(s, 0, 1);
	size_t at = text_end(s, 1, false) + 1;

	return str_from(s, text_end(s, at, encoding == 1 || encoding == 2));
}

static str find_apic(str tag, unsigned version)
{
	size_t at = 10;

	for (int i = 0; i < PARTS && at + 10 <= tag.n; i++) {
		size_t size = version == 4 ? sync_safe(tag, at + 4)
					   : (size_t)bytes_be(tag, at + 4, 4);

		if (size == 0 || size > tag.n - at - 10)
			break;
		if (bytes_are(tag, at, STR("APIC")))
			return picture_of_frame(str_slice(tag, at + 10, at + 10 + size));
		at += 10 + size;
	}
	return STR("");
}

/* Kilobits a second, of layer III. */
static const int bit_rates[2][16] = {
	{ 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0 },
	{ 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0 },
};
static const int sample_rates[] = { 44100, 48000, 32000, 0 };

/* A frame that counts all frames stands first where the bit rate varies. */
static uint64_t counted_frames(str frame)
{
	static const str names[] = { STR("Xing"), STR("Info") };
	static const size_t places[] = { 36, 21, 13 };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			if (bytes_are(frame, places[i], names[k]) &&
			    bytes_be(frame, places[i] + 7, 1) & 1)
				return bytes_be(frame, places[i] + 8, 4);
	return 0;
}

static double duration_of_frames(str s)
{
	uint64_t head = bytes_be(s, 0, 4), frames = counted_frames(s);
	unsigned version = (unsigned)(head >> 19) & 3; /* 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5 */
	int rate = sample_rates[(head >> 10) & 3] / (version == 3 ? 1 : version == 2 ? 2 : 4);
	int bits = bit_rates[version != 3][(head >> 12) & 15];

	if (frames && rate)
		return (double)frames * (version == 3 ? 1152 : 576) / rate;
	return bits ? (double)s.n / (bits * 125.0) : 0;
}

int probe_mp3(str bytes, struct probe *p)
{
	str sound = bytes;
	size_t at = 0;

	if (str_starts(bytes, STR("ID3"))) {
		size_t size = sync_safe(bytes, 6) + 10;

		if (size > bytes.n)
			return E_INVALID;
		p->cover = find_apic(str_slice(bytes, 0, size), (unsigned)bytes_be(bytes, 3, 1));
		sound = str_from(bytes, size);
	}
	/* Some writers pad behind the tag. */
	while (at < sound.n && at < 65536 && format_sniff(str_from(sound, at)) != FORMAT_MP3)
		at++;
	if (format_sniff(str_from(sound, at)) != FORMAT_MP3 || bytes_be(sound, at, 1) != 0xff)
		return E_INVALID;
	p->has_sound = true;
	p->duration = duration_of_frames(str_from(sound, at));
	return 0;
}

/* The position of the last page tells how long it is (RFC 3533, 6). */
static uint64_t last_granule(str s)
{
	size_t from = s.n > 65536 + 512 ? s.n - 65536 - 512 : 0, at = from;
	uint64_t granule = 0;

	while ((at = str_find(s, STR("OggS"), at)) != SIZE_MAX) {
		uint64_t here = bytes_le(s, at + 6, 8);

		if (here != UINT64_MAX)
			granule = here;
		at += 4;
	}
	return granule;
}

int probe_ogg(str bytes, struct probe *p)
{
	uint64_t granule = last_granule(bytes), rate = 0, skipped = 0;

	if (bytes_are(bytes, 28, STR("\x01vorbis")))
		rate = bytes_le(bytes, 40, 4);
	else if (bytes_are(bytes, 28, STR("OpusHead"))) {
		rate = 48000;
		skipped = bytes_le(bytes, 38, 2);
	} else if (bytes_are(bytes, 28,
			     STR("\x7f"
				 "FLAC")))
		rate = bytes_be(bytes, 55, 3) >> 4;
	if (!rate)
		return E_INVALID;
	p->has_sound = true;
	p->duration = granule > skipped ? (double)(granule - skipped) / (double)rate : 0;
	return 0;
}

str probe_flac_picture(str block)
{
	size_t at = 4;

	at += 4 + (size_t)bytes_be(block, at, 4); /* its media type */
	at += 4 + (size_t)bytes_be(block, at, 4); /* its description */
	at += 16;
	return str_slice(str_from(block, at + 4), 0, (size_t)bytes_be(block, at, 4));
}

enum { FLAC_STREAMINFO = 0, FLAC_PICTURE = 6 };

static void on_flac_block(unsigned kind, str s, struct probe *p)
{
	uint64_t rate, samples;

	if (kind == FLAC_PICTURE && str_is_empty(p->cover))
		p->cover = probe_flac_picture(s);
	if (kind != FLAC_STREAMINFO || s.n < 34)
		return;
	rate = bytes_be(s, 10, 3) >> 4;
	samples = bytes_be(s, 13, 5) & 0xfffffffff;
	p->has_sound = rate > 0;
	p->duration = rate ? (double)samples / (double)rate : 0;
}

int probe_flac(str bytes, struct probe *p)
{
	size_t at = 4;

	for (int i = 0; i < PARTS; i++) {
		uint64_t head = bytes_be(bytes, at, 1);
		size_t size = (size_t)bytes_be(bytes, at + 1, 3);

		if (at + 4 > bytes.n || size > bytes.n - at - 4)
			return E_INVALID;
		on_flac_block(head & 0x7f, str_slice(bytes, at + 4, at + 4 + size), p);
		at += 4 + size;
		if (head & 0x80)
			return 0;
	}
	return E_INVALID;
}

int probe_wav(str bytes, struct probe *p)
{
	uint64_t rate = 0;
	size_t at = 12;

	for (int i = 0; i < PARTS && at + 8 <= bytes.n; i++) {
		size_t size = (size_t)bytes_le(bytes, at + 4, 4);

		if (bytes_are(bytes, at, STR("fmt ")))
			rate = bytes_le(bytes, at + 16, 4);
		if (bytes_are(bytes, at, STR("data"))) {
			if (!rate)
				return E_INVALID;
			p->has_sound = true;
			p->duration = (double)(size < bytes.n - at - 8 ? size : bytes.n - at - 8) /
				      (double)rate;
			return 0;
		}
		if (size > bytes.n - at - 8)
			break;
		at += 8 + size + (size & 1);
	}
	return E_INVALID;
}
