/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: nothing is decoded before its header said how many pixels there are, by a loader of a
 * format that the bytes were recognised as; the loaders of everything else are blocked.
 */
#include "media/picture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vips/vips.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/out.h"
#include "media/picture_warm.h"
#include "media/strip.h"

#define BLURHASH_SIDE 64
#define FRAMES 100 /* of a picture that is cut frame by frame */
#define EMOJI_SIDE 128
#define ICON_SIDE 512 /* of what a phone keeps ... */
#define ICON_SMALL_SIDE 192 /* ... and of what a browser shows */
#define WHOLE "[fail_on=truncated]" /* a picture that breaks off is none */

struct job {
	const struct wire_order *order;
	str bytes;
	enum format_id id;
	int fd_main, fd_small;
	struct wire_report *r;
	/* What the header says, turned as it is shown. */
	int width, height, frames;
	bool is_turned; /* the coded picture is not as it is shown */
	bool has_alpha;
};

static void array_unrefp(VipsArrayDouble **array)
{
	if (*array)
		vips_area_unref(VIPS_AREA(*array));
}

static void image_unrefp(VipsImage **image)
{
	g_clear_object(image);
}

static void g_freep(void *p)
{
	g_free(*(void **)p);
}

/* vips_error_clear() keeps what one file caused from being told of the next. */
static int refuse(struct job *j, int err, const char *why)
{
	const char *detail = vips_error_buffer();
	size_t n = strcspn(detail, "\n");

	snprintf(j->r->message, sizeof(j->r->message), "%s%s%.*s", why, n ? ": " : "",
		 (int)(n > 80 ? 80 : n), detail);
	vips_error_clear();
	return err;
}

static int broken(struct job *j)
{
	return refuse(j, E_UNPROCESSABLE, "the picture cannot be read");
}

/* The loader of each format, for headers and for whole pictures with all their frames. */
static const char *const loaders[FORMAT_COUNT] = {
	[FORMAT_JPEG] = "jpegload_buffer", [FORMAT_PNG] = "pngload_buffer",
	[FORMAT_GIF] = "gifload_buffer",   [FORMAT_WEBP] = "webpload_buffer",
	[FORMAT_AVIF] = "heifload_buffer", [FORMAT_HEIF] = "heifload_buffer",
};

static bool has_frames(enum format_id id)
{
	return id == FORMAT_GIF || id == FORMAT_WEBP;
}

static int load(enum format_id id, str bytes, bool all_frames, VipsImage **ret)
{
	VipsBlob *blob = vips_blob_new(NULL, bytes.p, bytes.n);
	VipsImage *image = NULL;
	int result;

	if (all_frames && has_frames(id))
		result = vips_call(loaders[id], blob, &image, "n", -1, "fail_on",
				   VIPS_FAIL_ON_TRUNCATED, NULL);
	else
		result = vips_call(loaders[id], blob, &image, "fail_on", VIPS_FAIL_ON_TRUNCATED,
				   NULL);
	vips_area_unref(VIPS_AREA(blob));
	if (result)
		return E_UNPROCESSABLE;
	*ret = image;
	return 0;
}

static int header_int(VipsImage *image, const char *name, int otherwise)
{
	int value;

	if (!vips_image_get_typeof(image, name) || vips_image_get_int(image, name, &value))
		return otherwise;
	return value;
}

static int read_header(struct job *j)
{
	cleanup(image_unrefp) VipsImage *image = NULL;
	int orientation;

	j->id = format_sniff(j->bytes);
	if (j->id == FORMAT_NONE || !loaders[j->id])
		return refuse(j, E_UNPROCESSABLE, "this is no picture of a kind that we take");
	if (load(j->id, j->bytes, false, &image))
		return broken(j);
	j->width = image->Xsize;
	j->height = header_int(image, "page-height", image->Ysize);
	j->frames = has_frames(j->id) ? header_int(image, "n-pages", 1) : 1;
	j->has_alpha = vips_image_hasalpha(image);
	orientation = header_int(image, "orientation", 1);
	j->is_turned = orientation > 1 && orientation <= 8 && j->frames == 1;
	if (j->is_turned && orientation >= 5) {
		j->width = image->Ysize;
		j->height = image->Xsize;
	}
	if (j->width <= 0 || j->height <= 0 || j->frames <= 0)
		return broken(j);
	if ((uint64_t)j->width * (uint64_t)j->height * (uint64_t)j->frames > j->order->pixels)
		return refuse(j, E_TOO_LARGE, "the picture has too many pixels");
	return 0;
}

static int write_all(int fd, const void *p, size_t n)
{
	while (n) {
		ssize_t written = write(fd, p, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return -errno;
		p = (const char *)p + written;
		n -= (size_t)written;
	}
	return 0;
}

/* A file without what it tells, byte for byte. */
static int write_stripped(enum format_id id, str bytes, int fd)
{
	cleanup(arena_freep) struct arena *a = arena_new();
	struct out o;
	str stripped;

	out_init(&o, a, bytes.n + 1024);
	TRY(strip_picture(id, bytes, &o));
	TRY(out_done(&o, &stripped));
	return write_all(fd, stripped.p, stripped.n);
}

/* Writes a picture in a format without anything but its pixels (and, moving, its timing). */
static int save(struct job *j, VipsImage *image, enum format_id id, int fd)
{
	cleanup(g_freep) void *p = NULL;
	size_t n = 0;
	int result;

	switch (id) {
	case FORMAT_PNG:
		result = vips_pngsave_buffer(image, &p, &n, "strip", TRUE, NULL);
		break;
	case FORMAT_GIF:
		result = vips_gifsave_buffer(image, &p, &n, "strip", TRUE, NULL);
		break;
	case FORMAT_WEBP:
		result = vips_webpsave_buffer(image, &p, &n, "Q", 80, "strip", TRUE, NULL);
		break;
	default:
		result = vips_jpegsave_buffer(image, &p, &n, "Q", 90, "strip", TRUE,
					      "optimize_coding", TRUE, NULL);
	}
	if (result)
		return broken(j);
	/* Savers write some metadata even when they are told not to. */
	return write_stripped(id, (str){ p, n }, fd);
}

/* Shown upright in sRGB, scaled to fit, by loaders that scale while they decode. */
static int scale_down(struct job *j, int width, int height, VipsImage **ret)
{
	if (vips_thumbnail_buffer((void *)(uintptr_t)j->bytes.p, j->bytes.n, ret, width, "height",
				  height, "size", VIPS_SIZE_DOWN, "export_profile", "srgb",
				  "option_string", WHOLE, NULL))
		return broken(j);
	return 0;
}

/* Three bands of bytes: transparent parts are white. */
static int flatten(VipsImage *image, VipsImage **ret)
{
	cleanup(image_unrefp) VipsImage *rgb = NULL, *flat = NULL;
	double white[] = { 255, 255, 255 };

	if (vips_colourspace(image, &rgb, VIPS_INTERPRETATION_sRGB, NULL))
		return E_UNPROCESSABLE;
	if (vips_image_hasalpha(rgb)) {
		cleanup(array_unrefp) VipsArrayDouble *background = vips_array_double_new(white, 3);

		if (vips_flatten(rgb, &flat, "background", background, NULL))
			return E_UNPROCESSABLE;
	}
	return vips_cast_uchar(flat ? flat : rgb, ret, NULL) ? E_UNPROCESSABLE : 0;
}

static void mean_colour(const uint8_t *pixels, size_t n, char ret[8])
{
	uint64_t sum[3] = { 0 };

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < 3; k++)
			sum[k] += pixels[i * 3 + k];
	snprintf(ret, 8, "#%02x%02x%02x", (unsigned)(sum[0] / n) & 255,
		 (unsigned)(sum[1] / n) & 255, (unsigned)(sum[2] / n) & 255);
}

/* What stands for the picture before it is there, of its preview. */
static int describe(struct job *j, VipsImage *preview)
{
	cleanup(image_unrefp) VipsImage *tiny = NULL, *flat = NULL;
	cleanup(g_freep) void *pixels = NULL;
	size_t n;

	if (vips_thumbnail_image(preview, &tiny, BLURHASH_SIDE, "height", BLURHASH_SIDE, "size",
				 VIPS_SIZE_DOWN, NULL) ||
	    flatten(tiny, &flat) || flat->Bands != 3)
		return broken(j);
	pixels = vips_image_write_to_memory(flat, &n);
	if (!pixels)
		return broken(j);
	blurhash_encode(pixels, (size_t)flat->Xsize, (size_t)flat->Ysize,
			flat->Xsize >= flat->Ysize ? 4 : 3, flat->Xsize >= flat->Ysize ? 3 : 4,
			j->r->blurhash);
	mean_colour(pixels, (size_t)flat->Xsize * (size_t)flat->Ysize, j->r->colour);
	return 0;
}

static int keep_preview(struct job *j, VipsImage *lazy)
{
	cleanup(image_unrefp) VipsImage *preview = vips_image_copy_memory(lazy);

	if (!preview)
		return broken(j);
	j->r->small_format = FORMAT_WEBP;
	j->r->small_width = preview->Xsize;
	j->r->small_height = preview->Ysize;
	TRY(describe(j, preview));
	return save(j, preview, FORMAT_WEBP, j->fd_small);
}

static int make_preview(struct job *j)
{
	cleanup(image_unrefp) VipsImage *lazy = NULL;

	TRY(scale_down(j, PICTURE_PREVIEW_WIDTH, PICTURE_PREVIEW_HEIGHT, &lazy));
	return keep_preview(j, lazy);
}

/* Not done when its structure is odd. */
static int strip(struct job *j, bool *ret_done)
{
	int result = write_stripped(j->id, j->bytes, j->fd_main);

	if (result < 0)
		return result;
	*ret_done = !result;
	j->r->format = j->id;
	j->r->has_main = 1;
	return 0;
}

/* Decoded, upright, in sRGB. */
static int upright(struct job *j, VipsImage **ret)
{
	cleanup(image_unrefp) VipsImage *image = NULL, *turned = NULL;

	if (load(j->id, j->bytes, j->frames > 1, &image))
		return broken(j);
	if (j->frames > 1) {
		*ret = g_object_ref(image);
		return 0;
	}
	if (vips_autorot(image, &turned, NULL))
		return broken(j);
	if (vips_image_get_typeof(turned, VIPS_META_ICC_NAME) &&
	    vips_icc_transform(turned, ret, "srgb", "embedded", TRUE, NULL) == 0)
		return 0;
	vips_error_clear();
	*ret = g_object_ref(turned);
	return 0;
}

/* What everybody can show and is closest to what came. */
static enum format_id shown_format(const struct job *j)
{
	if (j->id == FORMAT_PNG || j->id == FORMAT_GIF || j->id == FORMAT_WEBP)
		return j->id;
	return j->has_alpha ? FORMAT_WEBP : FORMAT_JPEG;
}

static int encode_again(struct job *j)
{
	cleanup(image_unrefp) VipsImage *image = NULL;

	TRY(upright(j, &image));
	j->r->format = shown_format(j);
	j->r->has_main = 1;
	return save(j, image, (enum format_id)j->r->format, j->fd_main);
}

static int make_main(struct job *j)
{
	bool done = false;

	if (format_of(j->id)->is_shown && !j->is_turned)
		TRY(strip(j, &done));
	return done ? 0 : encode_again(j);
}

static int work_attachment(struct job *j)
{
	j->r->width = j->width;
	j->r->height = j->height;
	/* The preview first: it decodes the picture, so that one that is broken is refused. */
	TRY(make_preview(j));
	return make_main(j);
}

int picture_of_pixels(const struct picture_pixels *p, int fd_small, struct wire_report *r)
{
	static const VipsAngle angles[] = { VIPS_ANGLE_D0, VIPS_ANGLE_D90, VIPS_ANGLE_D180,
					    VIPS_ANGLE_D270 };
	cleanup(image_unrefp) VipsImage *raw = NULL, *image = NULL, *turned = NULL;
	struct job j = { .r = r, .fd_small = fd_small };
	size_t n = (size_t)p->width * (size_t)p->height * 3;

	raw = vips_image_new_from_memory(p->rgb, n, p->width, p->height, 3, VIPS_FORMAT_UCHAR);
	if (!raw || vips_copy(raw, &image, "interpretation", VIPS_INTERPRETATION_sRGB, NULL) ||
	    vips_rot(image, &turned, angles[p->quarters & 3], NULL))
		return broken(&j);
	return keep_preview(&j, turned);
}

static int work_preview(struct job *j)
{
	return make_preview(j);
}

/* The largest picture of the wanted shape, at most of the wanted size. */
static void fit(const struct job *j, int width, int height, int *ret_width, int *ret_height)
{
	double share =
		VIPS_MIN(1.0, VIPS_MIN((double)j->width / width, (double)j->height / height));

	*ret_width = VIPS_MAX(1, (int)(width * share));
	*ret_height = VIPS_MAX(1, (int)(height * share));
}

static int cut_still(struct job *j, int width, int height, int fd, uint32_t *ret_format)
{
	cleanup(image_unrefp) VipsImage *image = NULL;

	if (vips_thumbnail_buffer((void *)(uintptr_t)j->bytes.p, j->bytes.n, &image, width,
				  "height", height, "crop", VIPS_INTERESTING_CENTRE,
				  "export_profile", "srgb", "fail_on", VIPS_FAIL_ON_TRUNCATED,
				  NULL))
		return broken(j);
	*ret_format = vips_image_hasalpha(image) ? FORMAT_PNG : FORMAT_JPEG;
	return save(j, image, (enum format_id) * ret_format, fd);
}

static int cut_frame(VipsImage *all, int n, int frame_height, int width, int height,
		     VipsImage **ret)
{
	cleanup(image_unrefp) VipsImage *frame = NULL, *cut = NULL;

	if (vips_extract_area(all, &frame, 0, n * frame_height, all->Xsize, frame_height, NULL) ||
	    vips_copy(frame, &cut, NULL))
		return E_UNPROCESSABLE;
	vips_image_remove(cut, VIPS_META_PAGE_HEIGHT);
	vips_image_remove(cut, VIPS_META_N_PAGES);
	return vips_thumbnail_image(cut, ret, width, "height", height, "crop",
				    VIPS_INTERESTING_CENTRE, NULL)
		       ? E_UNPROCESSABLE
		       : 0;
}

/* The timing is that of the picture as it came. */
static int join_frames(VipsImage *all, VipsImage **frames, int n, int height, VipsImage **ret)
{
	cleanup(image_unrefp) VipsImage *joined = NULL;
	int *delays, n_delays;

	if (vips_arrayjoin(frames, &joined, n, "across", 1, NULL) || vips_copy(joined, ret, NULL))
		return E_UNPROCESSABLE;
	vips_image_set_int(*ret, VIPS_META_PAGE_HEIGHT, height);
	vips_image_set_int(*ret, "loop", header_int(all, "loop", 0));
	if (vips_image_get_typeof(all, "delay") &&
	    vips_image_get_array_int(all, "delay", &delays, &n_delays) == 0 && n_delays >= n)
		vips_image_set_array_int(*ret, "delay", delays, n);
	return 0;
}

static int cut_moving(struct job *j, int width, int height)
{
	cleanup(image_unrefp) VipsImage *all = NULL, *joined = NULL;
	VipsImage *frames[FRAMES] = { NULL };
	int result = 0, n = 0;

	if (load(j->id, j->bytes, true, &all))
		return broken(j);
	while (!result && n < j->frames) {
		result = cut_frame(all, n, j->height, width, height, &frames[n]);
		n++;
	}
	if (!result)
		result = join_frames(all, frames, n, height, &joined);
	for (int i = 0; i < n; i++)
		g_clear_object(&frames[i]);
	if (result)
		return broken(j);
	j->r->format = FORMAT_GIF;
	return save(j, joined, FORMAT_GIF, j->fd_main);
}

static int cut(struct job *j, int most_width, int most_height)
{
	int width, height;

	fit(j, most_width, most_height, &width, &height);
	j->r->has_main = 1;
	j->r->width = width;
	j->r->height = height;
	if (j->frames == 1 || j->frames > FRAMES)
		return cut_still(j, width, height, j->fd_main, &j->r->format);
	TRY(cut_still(j, width, height, j->fd_small, &j->r->small_format));
	return cut_moving(j, width, height);
}

static int work_avatar(struct job *j)
{
	return cut(j, 400, 400);
}

static int work_header(struct job *j)
{
	return cut(j, 1500, 500);
}

static int work_emoji(struct job *j)
{
	cleanup(image_unrefp) VipsImage *still = NULL;

	if (j->id != FORMAT_PNG && j->id != FORMAT_GIF && j->id != FORMAT_WEBP)
		return refuse(j, E_UNPROCESSABLE, "an emoji is a PNG, GIF or WebP picture");
	j->r->width = j->width;
	j->r->height = j->height;
	TRY(scale_down(j, EMOJI_SIDE, EMOJI_SIDE, &still));
	if (j->frames > 1)
		j->r->small_format = FORMAT_PNG;
	/* Written in any case, because that is what shows whether it can be decoded. */
	TRY(save(j, still, FORMAT_PNG, j->fd_small));
	return make_main(j);
}

static int save_icon(struct job *j, int side, int fd)
{
	cleanup(image_unrefp) VipsImage *image = NULL;

	if (vips_thumbnail_buffer((void *)(uintptr_t)j->bytes.p, j->bytes.n, &image, side, "height",
				  side, "crop", VIPS_INTERESTING_CENTRE, "export_profile", "srgb",
				  "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL))
		return broken(j);
	return save(j, image, FORMAT_PNG, fd);
}

/* The first frame of one that moves. */
static int work_icon(struct job *j)
{
	j->r->has_main = 1;
	j->r->format = j->r->small_format = FORMAT_PNG;
	j->r->width = j->r->height = ICON_SIDE;
	j->r->small_width = j->r->small_height = ICON_SMALL_SIDE;
	TRY(save_icon(j, ICON_SIDE, j->fd_main));
	return save_icon(j, ICON_SMALL_SIDE, j->fd_small);
}

static int (*const works[WORK_COUNT])(struct job *j) = {
	[WORK_ATTACHMENT] = work_attachment, [WORK_PREVIEW] = work_preview,
	[WORK_AVATAR] = work_avatar,	     [WORK_HEADER] = work_header,
	[WORK_EMOJI] = work_emoji,	     [WORK_ICON] = work_icon,
};

void picture_work(const struct wire_order *order, str bytes, int fd_main, int fd_small,
		  struct wire_report *r)
{
	struct job j = {
		.order = order,
		.bytes = bytes,
		.fd_main = fd_main,
		.fd_small = fd_small,
		.r = r,
	};

	r->err = read_header(&j);
	if (!r->err)
		r->err = works[order->work](&j);
}

/* Loaders by class; all others are blocked with their base. */
static const char *const wanted[] = {
	"VipsForeignLoadJpeg", "VipsForeignLoadPng",  "VipsForeignLoadNsgif",
	"VipsForeignLoadWebp", "VipsForeignLoadHeif",
};

/* Decoders that are loaded when a header is first read have to be there before files cannot be opened.
 * Only the header: threads that decode would be missing in the workers, which are forked from here. */
static void warm_up(void)
{
	str tiny = { (const char *)picture_warm_avif, sizeof(picture_warm_avif) };
	cleanup(image_unrefp) VipsImage *image = NULL;

	if (load(FORMAT_AVIF, tiny, false, &image))
		vips_error_clear();
}

int picture_start(const char *program)
{
	/* Large pictures stay in memory, and nothing is compiled while it runs. */
	setenv("VIPS_DISC_THRESHOLD", "16g", 1);
	setenv("VIPS_NOVECTOR", "1", 1);
	setenv("ORC_CODE", "backup", 1);
	setenv("VIPS_WARNING", "0", 1);
	if (VIPS_INIT(program))
		return -EIO;
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	vips_block_untrusted_set(TRUE);
	vips_operation_block_set("VipsForeignLoad", TRUE);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		vips_operation_block_set(wanted[i], FALSE);
	warm_up();
	return 0;
}
