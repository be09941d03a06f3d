/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * preview: renders every template with invented data, "preview OUTDIR", to look at the pages and to
 * check them without a server or a database. The data is what breaks layouts: long words and
 * handles, other scripts and directions, nothing at all. The same bytes come out every time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "server/web/page.h"
#include "server/web/view.h"
#include "templates.h"

#define NOW (1795466328 * USEC_SEC) /* 23 November 2026, 20:38:48 UTC */
#define AGO(n, unit) (NOW - (n)*USEC_##unit)
#define ITEMS(array) .array = (array), .n_##array = ARRAY_SIZE(array)

static struct arena *arena;

str asset_url(const char *name)
{
	return str_fmt(arena, "/static/%s?v=preview", name);
}

/*
 * People
 */

static const struct person_view ann = {
	.id = 1, .name = STR("Ann Thistlewood"), .handle = STR("@ann@rookery.example"),
	.path = STR("/@ann/"), .url = STR("https://rookery.example/@ann/"), .local = true,
};
static const struct person_view ann_far = {
	.id = 2, .name = STR("Ann at the Observatory of Low Clouds"),
	.handle = STR("@a.thistlewood@clouds.observatory.example"),
	.path = STR("/@a.thistlewood@clouds.observatory.example/"),
	.url = STR("https://clouds.observatory.example/@a.thistlewood/"), .local = true,
};
static const struct person_view ann_club = {
	.id = 3, .name = STR("ann"), .handle = STR("@ann@knitting.example"),
	.path = STR("/@ann@knitting.example/"), .url = STR("https://knitting.example/@ann/"),
	.local = true,
};
static const struct person_view omar = {
	.id = 4, .name = STR("عمر الخيّام"), .handle = STR("@omar@nishapur.example"),
	.path = STR("/@omar@nishapur.example/"), .url = STR("https://nishapur.example/@omar"),
};
static const struct person_view long_one = {
	.id = 5, .name = STR("Donaudampfschifffahrtsgesellschaftskapitän Maximilian von und zu Unterwasser 🛳️⚓"),
	.handle = STR("@donaudampfschifffahrtsgesellschaftskapitaen@"
		      "ein.wirklich.sehr.langer.rechnername.unter.wasser.example"),
	.path = STR("/@donaudampf@unter.wasser.example/"), .url = STR("https://wasser.example/@d"),
	.locked = true,
};
static const struct person_view weather = {
	.id = 6, .name = STR("Wetter Südharz"), .handle = STR("@wetter@bots.example"),
	.path = STR("/@wetter@bots.example/"), .url = STR("https://bots.example/@wetter"), .bot = true,
};
static const struct person_view mika = {
	.id = 7, .name = STR("みかん 🍊"), .handle = STR("@mika@rookery.example"),
	.path = STR("/@mika/"), .url = STR("https://rookery.example/@mika/"), .local = true,
};
static const struct person_view rook = {
	.id = 8, .name = STR("Corvus F. Rugilegus"), .handle = STR("@rook@rookery.example"),
	.path = STR("/@rook/"), .url = STR("https://rookery.example/@rook/"), .local = true,
	.icon = STR("/sample/face.svg"),
};

/*
 * Posts
 */

static const struct media_view one_picture[] = {
	{ MEDIA_IMAGE, STR("/sample/field.svg"), STR(""),
	  STR("A field in mist, with a row of bare elms and about forty nests"), STR("image/svg+xml"),
	  1200, 800 },
};
static const struct media_view three_pictures[] = {
	{ MEDIA_IMAGE, STR("/sample/field.svg"), STR(""), STR("A field"), STR("image/svg+xml"), 1200, 800 },
	{ MEDIA_IMAGE, STR("/sample/face.svg"), STR(""), STR(""), STR("image/svg+xml"), 400, 400 },
	{ MEDIA_IMAGE, STR("/sample/field.svg"), STR(""), STR("The same field"), STR("image/svg+xml"), 0, 0 },
};
static const struct media_view other_media[] = {
	{ MEDIA_VIDEO, STR("/sample/none.mp4"), STR("/sample/field.svg"), STR("Rooks come home at dusk"),
	  STR("video/mp4"), 1280, 720 },
	{ MEDIA_AUDIO, STR("/sample/none.ogg"), STR(""), STR(""), STR("audio/ogg"), 0, 0 },
	{ MEDIA_FILE, STR("/sample/none.gpx"), STR(""), STR(""), STR("application/gpx+xml"), 0, 0 },
};

static const struct poll_option_view poll_options[] = {
	{ STR("Rooks"), 312, 61, .chosen = true },
	{ STR("Jackdaws, which are smaller, and much better company"), 154, 30 },
	{ STR("None of these"), 46, 9 },
};
static const struct poll_view poll = {
	ITEMS(.options = poll_options, .n_options = 3)
};
