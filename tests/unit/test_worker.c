/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Workers: what they make of pictures, by their pixels; and what becomes of a file that is too large,
 * of a worker that is killed, and of a program that is no worker at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vips/vips.h>

#include "loop/fiber.h"
#include "media/blurhash.h"
#include "media/worker.h"
#include "tests/unit/in_fiber.h"

#define FILES "tests/golden/media/"
#define VECTORS "tests/vectors/blurhash/"
#define PIXELS 40000000

static struct workers *workers;
static char program[PATH_MAX];

/* rookery-media of the same build. */
static void find_program(void)
{
	char path[PATH_MAX] = { 0 };

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		abort();
	snprintf(program, sizeof(program), "%s/../../rookery-media", dirname(path));
}

static int run(struct ctx *c, struct workers *w, enum work work, const char *name,
	       struct worked *ret)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC), result;

	if (fd < 0)
		return -1;
	result = worker_run(c, w, work, fd, PIXELS, ret);
	close(fd);
	return result;
}

static VipsImage *decoded(str bytes)
{
	VipsImage *image = vips_image_new_from_buffer(bytes.p, bytes.n, "", NULL);

	CHECK(image);
	return image;
}

/* Whether the pixel is about that colour. */
static bool is_colour(VipsImage *image, double x, double y, const int rgb[3])
{
	double *point = NULL;
	bool same = true;
	int n;

	if (vips_getpoint(image, &point, &n, (int)(x * image->Xsize), (int)(y * image->Ysize),
			  NULL))
		return false;
	for (int i = 0; i < 3; i++)
		same = same && fabs(point[i] - rgb[i]) < 100;
	g_free(point);
	return same;
}

static const int red[] = { 255, 0, 0 }, green[] = { 0, 255, 0 }, blue[] = { 0, 0, 255 },
		 white[] = { 255, 255, 255 };

/* The quarters of a picture, from the left above. */
static void check_quarters(str bytes, const int *const quarters[4])
{
	VipsImage *image = decoded(bytes);

	for (int i = 0; i < 4 && image; i++)
		CHECK(is_colour(image, i % 2 ? 0.75 : 0.25, i / 2 ? 0.75 : 0.25, quarters[i]));
	g_clear_object(&image);
}

static void upright(void *arg unused)
{
	static const int *const as_made[] = { red, green, blue, white };
	static const int *const turned[] = { blue, red, white, green };
	static const struct {
		const char *name;
		const int *const *quarters;
	} cases[] = {
		{ FILES "plain.jpg", as_made },	  { FILES "tagged.png", as_made },
		{ FILES "tagged.webp", as_made }, { FILES "tagged.avif", as_made },
		{ FILES "tagged.heic", as_made }, { FILES "turned.jpg", turned },
	};
	struct ctx c;

	ctx_init(&c, arena_new());
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct worked w cleanup(worked_done) = { .fds = { -1, -1 } };

		CHECK(run(&c, workers, WORK_ATTACHMENT, cases[i].name, &w) == 0);
		CHECK(w.main.n && w.small.n);
		check_quarters(w.main, cases[i].quarters);
		check_quarters(w.small, cases[i].quarters);
	}
	arena_free(c.arena);
}

static void test_upright(void **state unused)
{
	run_in_fiber(upright, NULL);
}

/* A picture comes of each kind of film that we take, upright, and from behind what is black. */
static void films(void *arg unused)
{
	static const int *const as_made[] = { red, green, blue, white };
	static const int *const turned[] = { green, white, red, blue };
	static const struct {
		const char *name;
		const int *const *quarters;
		int width, height;
	} cases[] = {
		{ FILES "film-h264.mp4", as_made, 64, 48 },
		{ FILES "film-hevc.mp4", as_made, 64, 48 },
		{ FILES "film-vp9.webm", as_made, 64, 48 },
		{ FILES "film-av1.webm", as_made, 64, 48 },
		{ FILES "film-dark.mp4", as_made, 64, 48 },
		{ FILES "film-turned.mp4", turned, 48, 64 },
	};
	struct ctx c;

	ctx_init(&c, arena_new());
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct worked w cleanup(worked_done) = { .fds = { -1, -1 } };

		CHECK(run(&c, workers, WORK_ATTACHMENT, cases[i].name, &w) == 0);
		CHECK(w.report.width == cases[i].width && w.report.height == cases[i].height);
		CHECK(w.report.small_width == cases[i].width);
		CHECK(w.report.blurhash[0] && w.report.colour[0]);
		CHECK(w.small.n);
		if (w.small.n)
			check_quarters(w.small, cases[i].quarters);
	}
	arena_free(c.arena);
}

static void test_films(void **state unused)
{
	run_in_fiber(films, NULL);
}

/* Cut anywhere it is refused, or plays without a picture; the worker does not break. */
static void cut_films(void *arg unused)
{
	static const char *const names[] = { FILES "film-h264.mp4", FILES "film-vp9.webm",
					     FILES "film-hevc.mp4", FILES "film-av1.webm" };
	struct ctx c;

	ctx_init(&c, arena_new());
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		for (size_t cut = 1; cut < 4; cut++) {
			struct worked w cleanup(worked_done) = { .fds = { -1, -1 } };
			char bytes[8192];
			FILE *f = fopen(names[i], "rb");
			size_t n = f ? fread(bytes, 1, sizeof(bytes), f) : 0;
			int fd, result;

			CHECK(n > 0);
			if (f)
				fclose(f);
			CHECK(worker_input((str){ bytes, n * cut / 4 }, &fd) == 0);
			result = worker_run(&c, workers, WORK_ATTACHMENT, fd, PIXELS, &w);
			CHECK(result == 0 || result == E_UNPROCESSABLE);
			CHECK(result == 0 || strstr(c.error.p, "cannot be read"));
			close(fd);
		}
	arena_free(c.arena);
}

static void test_cut_films(void **state unused)
{
	run_in_fiber(cut_films, NULL);
}

static void check_size(str bytes, int width, int height)
{
	VipsImage *image = decoded(bytes);

	CHECK(image && image->Xsize == width && image->Ysize == height);
	g_clear_object(&image);
}

static void portraits(void *arg unused)
{
	static const struct {
		enum work work;
		const char *name;
		int width, height;
		enum format_id format, small;
	} cases[] = {
		{ WORK_AVATAR, FILES "tagged.jpg", 48, 48, FORMAT_JPEG, FORMAT_NONE },
		{ WORK_AVATAR, VECTORS "pic2.png", 204, 204, FORMAT_PNG, FORMAT_NONE },
		{ WORK_HEADER, FILES "tagged.jpg", 64, 21, FORMAT_JPEG, FORMAT_NONE },
		{ WORK_AVATAR, FILES "moving.gif", 32, 32, FORMAT_GIF, FORMAT_PNG },
		{ WORK_EMOJI, FILES "tagged.png", 64, 48, FORMAT_PNG, FORMAT_NONE },
		{ WORK_EMOJI, FILES "moving.gif", 48, 32, FORMAT_GIF, FORMAT_PNG },
	};
	struct ctx c;

	ctx_init(&c, arena_new());
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct worked w cleanup(worked_done) = { .fds = { -1, -1 } };

		CHECK(run(&c, workers, cases[i].work, cases[i].name, &w) == 0);
		CHECK((w.report.format == FORMAT_PNG || w.report.format == FORMAT_JPEG) ==
		      (cases[i].format == FORMAT_PNG || cases[i].format == FORMAT_JPEG));
		CHECK(w.report.small_format == FORMAT_NONE || cases[i].small != FORMAT_NONE);
		if (w.report.format != FORMAT_GIF && cases[i].work != WORK_AVATAR)
			check_size(w.main, cases[i].width, cases[i].height);
		CHECK(w.report.width > 0 && w.report.height > 0 && w.report.width <= 1500);
	}
	arena_free(c.arena);
}

static void test_portraits(void **state unused)
{
	run_in_fiber(portraits, NULL);
}

static void moving(void *arg unused)
{
	struct worked w cleanup(worked_done) = { .fds = { -1, -1 } };
	VipsImage *image = NULL;
	int pages = 0;
	struct ctx c;

	ctx_init(&c, arena_new());
	CHECK(run(&c, workers, WORK_AVATAR, FILES "moving.gif", &w) == 0);
	image = vips_image_new_from_buffer(w.main.p, w.main.n, "[n=-1]", NULL);
	CHECK(image && vips_image_get_int(image, "n-pages", &pages) == 0 && pages == 3);
	CHECK(image && image->Xsize == 32 && image->Ysize == 96);
	check_size(w.small, 32, 32);
	g_clear_object(&image);
	arena_free(c.arena);
}

static void test_moving(void **state unused)
{
	run_in_fiber(moving, NULL);
}

static void not_pictures(void *arg unused)
{
	static const struct {
		enum work work;
		const char *name;
	} cases[] = {
		{ WORK_AVATAR, FILES "film.mp4" },  { WORK_EMOJI, FILES "tagged.jpg" },
		{ WORK_PREVIEW, FILES "tone.wav" }, { WORK_ATTACHMENT, "tests/vectors/SOURCES.md" },
		{ WORK_HEADER, "README.md" },
	};
	struct ctx c;

	ctx_init(&c, arena_new());
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct worked w = { .fds = { -1, -1 } };

		CHECK(run(&c, workers, cases[i].work, cases[i].name, &w) == E_UNPROCESSABLE);
	}
	arena_free(c.arena);
}

static void test_not_pictures(void **state unused)
{
	run_in_fiber(not_pictures, NULL);
}

/* Known hashes of 4x3 components. */
static void test_blurhash(void **state unused)
{
	static const struct {
		const char *name, *hash;
	} cases[] = {
		{ VECTORS "pic2.png", "LlMF%n00%#MwS|WCWEM{R*bbWBbH" },
		{ VECTORS "pic2_bw.png", "LjIY5?00?bIUofWBWBM{WBofWBj[" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		VipsImage *image = vips_image_new_from_file(cases[i].name, NULL), *rgb = NULL;
		char hash[BLURHASH_SIZE];
		void *pixels;
		size_t n;

		assert_non_null(image);
		assert_int_equal(vips_colourspace(image, &rgb, VIPS_INTERPRETATION_sRGB, NULL), 0);
		if (rgb->Bands > 3) {
			VipsImage *flat = NULL;

			assert_int_equal(vips_extract_band(rgb, &flat, 0, "n", 3, NULL), 0);
			g_object_unref(rgb);
			rgb = flat;
		}
		pixels = vips_image_write_to_memory(rgb, &n);
		blurhash_encode(pixels, (size_t)rgb->Xsize, (size_t)rgb->Ysize, 4, 3, hash);
		assert_string_equal(hash, cases[i].hash);
		g_free(pixels);
		g_object_unref(rgb);
		g_object_unref(image);
	}
}

/* A picture of many equal pixels in a few bytes. */
static str bomb(struct arena *a, int width, int height)
{
	VipsImage *image = NULL;
	void *p = NULL;
	str bytes;
	size_t n;

	if (vips_black(&image, width, height, "bands", 3, NULL) ||
	    vips_pngsave_buffer(image, &p, &n, "compression", 9, NULL))
		abort();
	bytes = (str){ arena_copy(a, p, n), n };
	g_free(p);
	g_object_unref(image);
	return bytes;
}

static void bombs(void *arg unused)
{
	struct worked w cleanup(worked_done) = { .fds = { -1, -1 } };
	struct ctx c;
	int fd;

	ctx_init(&c, arena_new());
	CHECK(worker_input(bomb(c.arena, 9000, 9000), &fd) == 0);
	CHECK(worker_run(&c, workers, WORK_ATTACHMENT, fd, PIXELS, &w) == E_TOO_LARGE);
	close(fd);
	arena_free(c.arena);
}

static void test_bombs(void **state unused)
{
	run_in_fiber(bombs, NULL);
}

/* One that would take more than it may: the next file is none the worse. */
static void greedy(void *arg unused)
{
	struct worked w cleanup(worked_done) = { .fds = { -1, -1 } };
	struct workers_options o = { .program = program, .count = 1, .memory = 24 << 20 };
	struct workers *small;
	struct ctx c;
	int fd;

	ctx_init(&c, arena_new());
	CHECK(workers_new(&o, &small) == 0);
	CHECK(worker_input(bomb(c.arena, 5000, 5000), &fd) == 0);
	CHECK(SANITIZE_ADDRESS ||
	      worker_run(&c, small, WORK_AVATAR, fd, PIXELS, &w) == E_UNPROCESSABLE);
	close(fd);
	CHECK(run(&c, small, WORK_ATTACHMENT, FILES "film.mp4", &w) == 0);
	workers_free(small);
	arena_free(c.arena);
}

static void test_greedy(void **state unused)
{
	run_in_fiber(greedy, NULL);
}

/* A nursery that is killed is followed by another, and no file suffers. */
static void kill_children(void)
{
	char path[64], line[512];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		for (char *at = line, *end; strtol(at, &end, 10) > 0; at = end)
			kill((pid_t)strtol(at, NULL, 10), SIGKILL);
	if (f)
		fclose(f);
}

static void killer(void *arg)
{
	bool *done = arg;

	for (int i = 0; i < 3 && !*done; i++) {
		fiber_sleep(3 * USEC_MSEC);
		kill_children();
	}
}

static void killed(void *arg unused)
{
	struct ctx c;
	bool done = false;

	ctx_init(&c, arena_new());
	for (int i = 0; i < 5; i++) {
		struct worked w cleanup(worked_done) = { .fds = { -1, -1 } };
		int result;

		if (i % 2)
			spawn(killer, &done);
		result = run(&c, workers, WORK_ATTACHMENT, FILES "tagged.jpg", &w);
		CHECK(result == 0 || result == E_LATER || result == E_UNPROCESSABLE);
		/* Alone again, it always works. */
		join_others();
		worked_done(&w);
		CHECK(run(&c, workers, WORK_ATTACHMENT, FILES "tagged.jpg", &w) == 0);
	}
	arena_free(c.arena);
}

static void test_killed(void **state unused)
{
	run_in_fiber(killed, NULL);
}

static void not_workers(void *arg unused)
{
	static const char *const programs[] = { "/bin/true", "/bin/false", "/nonexistent" };
	struct ctx c;

	ctx_init(&c, arena_new());
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		struct worked w = { .fds = { -1, -1 } };
		struct workers_options o = { .program = programs[i], .count = 1 };
		struct workers *none;

		CHECK(workers_new(&o, &none) == 0);
		CHECK(run(&c, none, WORK_ATTACHMENT, FILES "plain.jpg", &w) == E_LATER);
		workers_free(none);
	}
	arena_free(c.arena);
}

static void test_not_workers(void **state unused)
{
	run_in_fiber(not_workers, NULL);
}

static int setup(void **state unused)
{
	struct workers_options o = { .program = program, .count = 2 };

	find_program();
	return VIPS_INIT("test_worker") || workers_new(&o, &workers);
}

static int teardown(void **state unused)
{
	workers_free(workers);
	vips_shutdown();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blurhash),     cmocka_unit_test(test_upright),
		cmocka_unit_test(test_portraits),    cmocka_unit_test(test_moving),
		cmocka_unit_test(test_not_pictures), cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_greedy),	     cmocka_unit_test(test_killed),
		cmocka_unit_test(test_not_workers),  cmocka_unit_test(test_films),
		cmocka_unit_test(test_cut_films),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
