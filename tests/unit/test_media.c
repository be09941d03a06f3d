/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lib/media without a worker: formats by their bytes, stripping byte for byte, what containers say,
 * the directory store; and the parts of an upload's body.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "loop/fiber.h"
#include "media/format.h"
#include "media/probe.h"
#include "media/store.h"
#include "media/strip.h"
#include "server/multipart.h"
#include "tests/unit/in_fiber.h"

#define FILES "tests/golden/media/"
#define FILE_LIMIT (1 << 20)

static struct arena *arena;

static str file(const char *name)
{
	char path[256], *p = arena_alloc(arena, FILE_LIMIT);
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), FILES "%s", name);
	f = fopen(path, "rb");
	if (!f)
		return STR_NULL;
	n = fread(p, 1, FILE_LIMIT, f);
	fclose(f);
	/* As large as the file, so that a sanitizer sees each byte read behind it. */
	return str_dup(arena, (str){ p, n });
}

static const struct {
	const char *name;
	enum format_id sniffed, probed;
	int width, height;
	size_t cover, blanks;
} files[] = {
	{ "plain.jpg", FORMAT_JPEG, 0, 0, 0, 0, 0 },
	{ "tagged.png", FORMAT_PNG, 0, 0, 0, 0, 0 },
	{ "tagged.webp", FORMAT_WEBP, 0, 0, 0, 0, 0 },
	{ "moving.gif", FORMAT_GIF, 0, 0, 0, 0, 0 },
	{ "tagged.avif", FORMAT_AVIF, 0, 0, 0, 0, 0 },
	{ "tagged.heic", FORMAT_HEIF, 0, 0, 0, 0, 0 },
	{ "film.mp4", FORMAT_MP4, FORMAT_MP4, 64, 48, 0, 1 },
	{ "turned.mov", FORMAT_MOV, FORMAT_MOV, 48, 64, 0, 1 },
	{ "film.webm", FORMAT_WEBM, FORMAT_WEBM, 64, 48, 0, 1 },
	{ "tone.webm", FORMAT_WEBM, FORMAT_WEBA, 0, 0, 0, 0 },
	{ "cover.mp3", FORMAT_MP3, FORMAT_MP3, 0, 0, 947, 0 },
	{ "cover.flac", FORMAT_FLAC, FORMAT_FLAC, 0, 0, 947, 0 },
	{ "cover.m4a", FORMAT_M4A, FORMAT_M4A, 0, 0, 947, 0 },
	{ "vorbis.ogg", FORMAT_OGG, FORMAT_OGG, 0, 0, 0, 0 },
	{ "opus.ogg", FORMAT_OGG, FORMAT_OGG, 0, 0, 0, 0 },
	{ "tone.wav", FORMAT_WAV, FORMAT_WAV, 0, 0, 0, 0 },
};

static void test_formats(void **state unused)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const struct format *f = format_of(files[i].sniffed);

		assert_int_equal(format_sniff(file(files[i].name)), files[i].sniffed);
		assert_int_equal(format_of_type(str_c(f->type)), files[i].sniffed);
		assert_int_equal(format_of_name(str_fmt(arena, "https://a.b/x.%s", f->ending)),
				 files[i].sniffed);
	}
	for (int i = FORMAT_NONE + 1; i < FORMAT_COUNT; i++)
		assert_non_null(format_of((enum format_id)i)->type);
}

static void test_no_formats(void **state unused)
{
	static const str cases[] = {
		STR(""),
		STR("\xff\xd8"),
		STR("GIF90a"),
		STR("RIFF....WEBQ"),
		STR("OggS"),
		STR("<svg>"),
		STR("<html>"),
		STR("%PDF-1.4"),
		STR("\x89PNG\r\n\x1a\n...."),
		STR("\0\0\0\x18"
		    "ftypjunk"),
		STR("\x1a\x45\xdf\xa3\x42\x82\x88matroska"),
		STR("\xff\xfb"),
		STR("\xff\xff\xff\xff"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(format_sniff(cases[i]), FORMAT_NONE);
	assert_int_equal(format_of_type(STR("image/svg+xml")), FORMAT_NONE);
	assert_int_equal(format_of_name(STR("https://a.png/x")), FORMAT_NONE);
	assert_int_equal(format_of_name(STR("png")), FORMAT_NONE);
}

static bool tells(str s)
{
	static const str secrets[] = { STR("Secret"), STR("Exif"), STR("ns.adobe"), STR("8BIM") };

	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		if (str_find(s, secrets[i], 0) != SIZE_MAX)
			return true;
	return false;
}

static int strip(enum format_id id, str bytes, str *ret)
{
	struct out o;

	out_init(&o, arena, FILE_LIMIT);
	TRY(strip_picture(id, bytes, &o));
	return out_done(&o, ret);
}

static void test_strip(void **state unused)
{
	static const char *const names[] = { "plain.jpg", "tagged.jpg", "tagged.png", "tagged.webp",
					     "moving.gif" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		str bytes = file(names[i]), once, twice, trailed;
		enum format_id id = format_sniff(bytes);

		assert_int_equal(strip(id, bytes, &once), 0);
		assert_true(once.n < bytes.n);
		assert_false(tells(once));
		assert_int_equal(format_sniff(once), id);
		assert_int_equal(strip(id, once, &twice), 0);
		assert_true(str_eq(once, twice));
		/* What stands behind the end is no part of a picture. */
		assert_int_equal(strip(id, str_cat(arena, bytes, STR("Secret")), &trailed), 0);
		assert_true(str_eq(once, trailed));
	}
	/* Two that differ by their tags alone come out as one. */
	{
		str plain, tagged;

		assert_int_equal(strip(FORMAT_JPEG, file("plain.jpg"), &plain), 0);
		assert_int_equal(strip(FORMAT_JPEG, file("tagged.jpg"), &tagged), 0);
		assert_true(str_eq(plain, tagged));
	}
}

static void test_strip_cut(void **state unused)
{
	static const char *const names[] = { "tagged.jpg", "tagged.png", "tagged.webp",
					     "moving.gif" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		str bytes = file(names[i]), once, stripped;
		enum format_id id = format_sniff(bytes);

		assert_int_equal(strip(id, bytes, &once), 0);
		for (size_t n = 16; n < once.n; n++)
			if (strip(id, str_dup(arena, str_slice(once, 0, n)), &stripped) == 0)
				fail_msg("%s cut at %zu of %zu was taken for a whole one", names[i],
					 n, once.n);
	}
	assert_int_equal(strip(FORMAT_AVIF, file("tagged.avif"), &(str){ 0 }), E_UNSUPPORTED);
}

static void test_probe(void **state unused)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		static struct probe p;

		if (!files[i].probed) {
			assert_int_equal(probe_file(files[i].sniffed, file(files[i].name), &p),
					 E_UNSUPPORTED);
			continue;
		}
		assert_int_equal(probe_file(files[i].sniffed, file(files[i].name), &p), 0);
		assert_int_equal(p.id, files[i].probed);
		assert_int_equal(p.width, files[i].width);
		assert_int_equal(p.height, files[i].height);
		assert_true(fabs(p.duration - 1) < 0.1);
		assert_int_equal(p.cover.n, files[i].cover);
		if (p.n_blanks != files[i].blanks)
			fail_msg("%s has %zu blanks", files[i].name, p.n_blanks);
	}
}

/* Boxes and elements that are their own children, and more than are counted. */
static void test_probe_deep(void **state unused)
{
	struct out o;
	static struct probe p;
	str bytes;

	out_init(&o, arena, FILE_LIMIT);
	for (int i = 40; i > 0; i--) {
		out_char(&o, 0);
		out_char(&o, 0);
		out_char(&o, (char)(i * 8 >> 8));
		out_char(&o, (char)(i * 8));
		out_c(&o, "moov");
	}
	assert_int_equal(out_done(&o, &bytes), 0);
	assert_int_equal(probe_file(FORMAT_MP4, bytes, &p), E_INVALID);
	out_init(&o, arena, FILE_LIMIT);
	for (int i = 0; i < 5000; i++)
		out_str(&o, STR("\0\0\0\x08"
				"free"));
	assert_int_equal(out_done(&o, &bytes), 0);
	assert_int_equal(probe_file(FORMAT_MP4, bytes, &p), E_INVALID);
	out_init(&o, arena, FILE_LIMIT);
	for (int i = 0; i < 40; i++)
		out_str(&o, STR("\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"));
	assert_int_equal(out_done(&o, &bytes), 0);
	assert_int_equal(probe_file(FORMAT_WEBM, bytes, &p), E_UNSUPPORTED);
}

static void test_probe_cut(void **state unused)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		str bytes = file(files[i].name);
		static struct probe p;

		for (size_t n = 0; n < bytes.n && files[i].probed; n += 1 + n / 64)
			if (probe_file(files[i].sniffed, str_dup(arena, str_slice(bytes, 0, n)),
				       &p) == 0)
				assert_true(p.duration >= 0 && p.cover.n <= n);
	}
}

static void test_names(void **state unused)
{
	static const char digits[] =
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	static const char *const ends[] = { "",	    ".",      ".j",   ".jpg/",
					    ".JPG", ".jpg\n", "/jpg", ".toolong" };

	assert_true(store_is_name(str_fmt(arena, "%s.jpg", digits)));
	assert_true(store_is_name(str_fmt(arena, "%s.mp4", digits)));
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		assert_false(store_is_name(str_fmt(arena, "%s%s", digits, ends[i])));
	assert_false(store_is_name(str_fmt(arena, "%.63s.jpg", digits)));
	assert_false(store_is_name(str_fmt(arena, "../%.61s.jpg", digits)));
	assert_false(store_is_name(str_fmt(arena, "%.63sG.jpg", digits)));
}

static void check_stored(struct ctx *c, struct store *s, str name, str bytes)
{
	struct store_view v = { 0 };
	int fd = -1;

	CHECK(store_open(c, s, name, &fd) == 0);
	CHECK(store_view(fd, &v) == 0);
	CHECK(str_eq(v.bytes, bytes));
	store_view_done(&v);
	close(fd);
}

static void directory(void *arg)
{
	struct store_options o = { .directory = arg, .s3 = "" };
	struct store *s;
	struct ctx c;
	str name;
	int fd;

	ctx_init(&c, arena);
	CHECK(store_new(&o, &s) == 0);
	name = store_name(&c, STR("hello"), "txt");
	CHECK(str_eq(name,
		     STR("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.txt")));
	CHECK(store_open(&c, s, name, &fd) == E_NOT_FOUND);
	for (int i = 0; i < 2; i++)
		CHECK(store_put(&c, s, name, STR("text/plain"), STR("hello")) == 0);
	check_stored(&c, s, name, STR("hello"));
	CHECK(str_is_empty(store_location(&c, s, name)));
	for (int i = 0; i < 2; i++)
		CHECK(store_remove(&c, s, name) == 0);
	CHECK(store_open(&c, s, name, &fd) == E_NOT_FOUND);
	CHECK(store_put(&c, s, STR("../x"), STR("text/plain"), STR("hello")) == E_INVALID);
	CHECK(store_open(&c, s, STR("../x"), &fd) == E_NOT_FOUND);
	CHECK(store_check(&c, s) == 0);
	store_free(s);
}

static void missing(void *arg unused)
{
	struct store_options o = { .directory = "/nonexistent/media", .s3 = "" };
	struct store *s;
	struct ctx c;

	ctx_init(&c, arena);
	CHECK(store_new(&o, &s) == 0);
	CHECK(store_put(&c, s, store_name(&c, STR("x"), "txt"), STR("text/plain"), STR("x")) ==
	      E_LATER);
	store_free(s);
}

static void test_directory(void **state unused)
{
	char path[] = "/tmp/rookery-media-XXXXXX", command[64];

	assert_non_null(mkdtemp(path));
	run_in_fiber(directory, path);
	run_in_fiber(missing, NULL);
	snprintf(command, sizeof(command), "rm -rf %s", path);
	assert_int_equal(system(command), 0);
}

static void test_multipart(void **state unused)
{
	static const str body =
		STR("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a;b.png\"\r\n"
		    "Content-Type: image/png\r\n\r\n\0\r\n--\r\n--c\r\n--b\r\n"
		    "content-disposition: form-data; name=text\r\n\r\n\r\n--b--\r\n");
	struct multipart m;
	struct multipart_part p;

	assert_true(multipart_open(arena, STR("multipart/form-data; charset=x; boundary=\"b\""),
				   body, &m));
	assert_true(multipart_next(&m, &p));
	assert_true(str_eq(p.name, STR("file")) && str_eq(p.filename, STR("a;b.png")));
	assert_true(str_eq(p.type, STR("image/png")));
	assert_true(str_eq(p.data, STR("\0\r\n--\r\n--c")));
	assert_true(multipart_next(&m, &p));
	assert_true(str_eq(p.name, STR("text")) && str_is_null(p.filename) && p.data.n == 0);
	assert_false(multipart_next(&m, &p));
	/* Cut anywhere, the last part is none. */
	for (size_t n = 0; n < body.n - 6; n++) {
		int parts = 0;

		assert_true(multipart_open(arena, STR("multipart/form-data;boundary=b"),
					   str_dup(arena, str_slice(body, 0, n)), &m));
		while (multipart_next(&m, &p))
			parts++;
		assert_true(parts < 2);
	}
	assert_false(multipart_open(arena, STR("multipart/mixed; boundary=b"), body, &m));
	assert_false(multipart_open(arena, STR("multipart/form-data"), body, &m));
	assert_false(multipart_open(arena, STR("multipart/form-data; boundary="), body, &m));
}

static int setup(void **state unused)
{
	arena = arena_new();
	return 0;
}

static int teardown(void **state unused)
{
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),	  cmocka_unit_test(test_no_formats),
		cmocka_unit_test(test_strip),	  cmocka_unit_test(test_strip_cut),
		cmocka_unit_test(test_probe),	  cmocka_unit_test(test_probe_deep),
		cmocka_unit_test(test_probe_cut), cmocka_unit_test(test_names),
		cmocka_unit_test(test_directory), cmocka_unit_test(test_multipart),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
