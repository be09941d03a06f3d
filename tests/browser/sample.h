/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invented people and posts for preview.c: what breaks layouts. Long words and handles, other
 * scripts and directions, much and nothing.
 */
#ifndef TESTS_BROWSER_SAMPLE_H
#define TESTS_BROWSER_SAMPLE_H

#include "base/attr.h"
#include "server/web/page.h"
#include "server/web/post_page.h"

/* What is wrong with a form, and with one of its fields. */
#define WRONG(words)               \
	{                          \
		.text = STR(words) \
	}
#define WRONG_AT(name, words)                          \
	{                                              \
		.text = STR(words), .field = STR(name) \
	}

#define NOW (1795466328 * USEC_SEC) /* 23 November 2026, 20:38:48 UTC */
#define AGO(n, unit) (NOW - (n)*USEC_##unit)

/*
 * People
 */

static const struct person_view ann = {
	.id = 1,
	.name = STR("Ann Thistlewood"),
	.handle = STR("@ann@rookery.example"),
	.path = STR("/@ann/"),
	.url = STR("https://rookery.example/@ann/"),
	.local = true,
};
static const struct person_view ann_far = {
	.id = 2,
	.name = STR("Ann at the Observatory of Low Clouds"),
	.handle = STR("@a.thistlewood@clouds.observatory.example"),
	.path = STR("/@a.thistlewood@clouds.observatory.example/"),
	.url = STR("https://clouds.observatory.example/@a.thistlewood/"),
	.local = true,
};
static const struct person_view ann_club = {
	.id = 3,
	.name = STR("ann"),
	.handle = STR("@ann@knitting.example"),
	.path = STR("/@ann@knitting.example/"),
	.url = STR("https://knitting.example/@ann/"),
	.local = true,
};
static const struct person_view omar = {
	.id = 4,
	.name = STR("عمر الخيّام"),
	.handle = STR("@omar@nishapur.example"),
	.path = STR("/@omar@nishapur.example/"),
	.url = STR("https://nishapur.example/@omar"),
};
static const struct person_view long_one = {
	.id = 5,
	.name = STR(
		"Donaudampfschifffahrtsgesellschaftskapitän Maximilian von und zu Unterwasser 🛳️⚓"),
	.handle = STR("@donaudampfschifffahrtsgesellschaftskapitaen@"
		      "ein.wirklich.sehr.langer.rechnername.unter.wasser.example"),
	.path = STR("/@donaudampf@unter.wasser.example/"),
	.url = STR("https://wasser.example/@d"),
	.locked = true,
};
static const struct person_view weather = {
	.id = 6,
	.name = STR("Wetter Südharz"),
	.handle = STR("@wetter@bots.example"),
	.path = STR("/@wetter@bots.example/"),
	.url = STR("https://bots.example/@wetter"),
	.bot = true,
};
static const struct person_view mika = {
	.id = 7,
	.name = STR("みかん 🍊"),
	.handle = STR("@mika@rookery.example"),
	.path = STR("/@mika/"),
	.url = STR("https://rookery.example/@mika/"),
	.local = true,
};
static const struct person_view rook = {
	.id = 8,
	.name = STR("Corvus F. Rugilegus"),
	.handle = STR("@rook@rookery.example"),
	.path = STR("/@rook/"),
	.url = STR("https://rookery.example/@rook/"),
	.local = true,
	.icon = STR("/sample/face.svg"),
};

/*
 * Posts
 */

static const struct media_view one_picture[] = {
	{ MEDIA_IMAGE, STR("/sample/field.svg"), STR(""),
	  STR("A field in mist, with a row of bare elms and about forty nests"),
	  STR("image/svg+xml"), 1200, 800 },
};
static const struct media_view three_pictures[] = {
	{ MEDIA_IMAGE, STR("/sample/field.svg"), STR(""), STR("A field"), STR("image/svg+xml"),
	  1200, 800 },
	{ MEDIA_IMAGE, STR("/sample/face.svg"), STR(""), STR(""), STR("image/svg+xml"), 400, 400 },
	{ MEDIA_IMAGE, STR("/sample/field.svg"), STR(""), STR("The same field"),
	  STR("image/svg+xml"), 0, 0 },
};
static const struct media_view other_media[] = {
	{ MEDIA_VIDEO, STR("/sample/none.mp4"), STR("/sample/field.svg"),
	  STR("Rooks come home at dusk"), STR("video/mp4"), 1280, 720 },
	{ MEDIA_AUDIO, STR("/sample/none.ogg"), STR(""), STR(""), STR("audio/ogg"), 0, 0 },
	{ MEDIA_FILE, STR("/sample/none.gpx"), STR(""), STR(""), STR("application/gpx+xml"), 0, 0 },
};

static const struct poll_option_view poll_options[] = {
	{ STR("Rooks"), .votes = 312, .percent = 61, .chosen = true },
	{ STR("Jackdaws, which are smaller, and much better company"), .votes = 154,
	  .percent = 30 },
	{ STR("None of these"), .votes = 46, .percent = 9 },
};
static const struct poll_view poll = {
	.options = poll_options,
	.n_options = ARRAY_SIZE(poll_options),
	.votes = 512,
	.closes = NOW + 5 * USEC_HOUR,
};
static const struct poll_view closed_poll = {
	.options = poll_options,
	.n_options = ARRAY_SIZE(poll_options),
	.votes = 1,
	.closes = AGO(2, DAY),
	.closed = true,
};

static const struct poll_view open_poll = {
	.options = poll_options,
	.n_options = ARRAY_SIZE(poll_options),
	.votes = 12,
	.closes = NOW + 5 * USEC_DAY,
	.multiple = true,
	.can_vote = true,
	.error = WRONG("Choose something."),
};
static const struct card_view card = {
	.url = STR("https://birds.example/counting"),
	.title = STR("How to count nests without waking anybody"),
	.about = STR("A guide in seven steps, for winter and early spring, from the road."),
	.site = STR("Birds of the Hill"),
	.image = STR("/sample/field.svg"),
	.image_about = STR("A field in mist"),
};
static const struct card_view bare_card = {
	.url = STR("https://example.org/a/very/long/path"),
	.title = STR("https://example.org/Donaudampfschifffahrtsgesellschaftskapitaenswitwe"),
};

#define MENTION(path, name)                                                                \
	"<span class=\"h-card\"><a class=\"u-url mention\" href=\"" path "\">@<span>" name \
	"</span></a></span>"
#define HASHTAG(tag) \
	"<a class=\"mention hashtag\" rel=\"tag\" href=\"/tags/" tag "/\">#<span>" tag "</span></a>"

/* Anchors are numbered by posts_of in preview.c, so that they differ on each page. */
static const struct post_view samples[] = {
	{
		.id = 101,
		.author = rook,
		.path = STR("/@rook/posts/101/"),
		.url = STR("https://rookery.example/@rook/posts/101/"),
		.lang = STR("en"),
		.content = { STR(
			"<p>First frost this morning. The elms behind the mill are down to "
			"their last leaves, so all forty-one nests can be counted from the "
			"road.</p><p>Two more than last year. " HASHTAG("rooks") " " HASHTAG(
				"fieldnotes") "</p>") },
		.published = AGO(14, MINUTE),
		.media = one_picture,
		.n_media = 1,
		.n_replies = 4,
		.n_boosts = 12,
		.n_likes = 1234,
		.liked = true,
		.can_boost = true,
	},
	{
		.id = 102,
		.author = omar,
		.booster = &ann_club,
		.path = STR("/@omar@nishapur.example/posts/102/"),
		.url = STR("https://nishapur.example/@omar/102"),
		.lang = STR("ar"),
		.content = { STR("<p>صباح الخير يا أصدقاء! هل رأى أحدكم سرب الغربان فوق المدينة "
				 "البارحة؟ كان مشهدًا لا يُنسى.</p>") },
		.published = AGO(3, HOUR),
		.card = &card,
		.n_boosts = 7,
		.n_likes = 40,
		.boosted = true,
		.can_boost = true,
	},
	{
		.id = 103,
		.author = long_one,
		.path = STR("/@donaudampf@unter.wasser.example/posts/103/"),
		.url = STR("https://wasser.example/103"),
		.lang = STR("de"),
		.in_reply_to = &mika,
		.is_reply = true,
		.content = { STR("<p>" MENTION(
			"/@mika/",
			"mika") " Das Rindfleischetikettierungsüber"
				"wachungsaufgabenübertragungsgesetz ist abgeschafft, das Wort bleibt."
				"</p><p><a href=\"https://example.org/a/very/long/path\" rel=\"nofollow "
				"noopener noreferrer\"><span class=\"invisible\">https://</span>"
				"<span class=\"ellipsis\">example.org/a/very/long/path/to/s</span>"
				"<span class=\"invisible\">omewhere-else?with=query&amp;more=1</span>"
				"</a></p>") },
		.published = AGO(2, DAY),
		.edited = AGO(1, DAY),
		.visibility = POST_UNLISTED,
		.card = &bare_card,
		.bookmarked = true,
		.n_replies = 1,
		.can_boost = true,
	},
	{
		.id = 104,
		.author = ann,
		.path = STR("/@ann/posts/104/"),
		.url = STR("https://rookery.example/@ann/posts/104/"),
		.lang = STR("en"),
		.warning = STR("Food, and how the film ends"),
		.content = { STR(
			"<p>They all eat soup in the last scene. That is the whole film.</p>"
			"<ul><li>Leek soup</li><li>Nettle soup</li></ul>") },
		.published = AGO(5, DAY),
		.visibility = POST_LOCAL,
		.own = true,
		.can_pin = true,
		.edited = AGO(1, DAY),
		.poll = &open_poll,
		.n_likes = 3,
	},
	{
		.id = 105,
		.author = mika,
		.path = STR("/@mika/posts/105/"),
		.url = STR("https://rookery.example/@mika/posts/105/"),
		.lang = STR("ja"),
		.content = { STR(
			"<p>今日は庭でミヤマガラスを見ました。🐦‍⬛🐦‍⬛🐦‍⬛</p>") },
		.media = three_pictures,
		.n_media = 3,
		.quoted = &samples[0],
		.published = AGO(20, DAY),
		.n_boosts = 2,
		.n_likes = 18500,
		.can_boost = true,
	},
	{
		.id = 106,
		.author = weather,
		.path = STR("/@wetter@bots.example/posts/106/"),
		.url = STR("https://bots.example/106"),
		.is_reply = true,
		.title = STR("The week in numbers"),
		.content = { STR(
			"<p>Which bird should next week's map show?</p><blockquote><p>Birds do not "
			"read maps.</p></blockquote><pre><code>rain  12 mm  ########------------"
			"--------------------------\nwind  5 Bft</code></pre>") },
		.poll = &poll,
		.published = AGO(40, DAY),
		.can_boost = true,
	},
	{
		.id = 107,
		.author = ann_club,
		.path = STR("/@ann@knitting.example/posts/107/"),
		.url = STR("https://knitting.example/@ann/posts/107/"),
		.sensitive = true,
		.content = { STR("<p>A dropped stitch, in detail.</p>") },
		.media = one_picture,
		.n_media = 1,
		.visibility = POST_FOLLOWERS,
		.published = AGO(400, DAY),
	},
	{
		.id = 108,
		.author = ann_far,
		.path = STR("/@a.thistlewood@clouds.observatory.example/posts/108/"),
		.url = STR("https://clouds.observatory.example/108"),
		.visibility = POST_MENTIONED,
		.content = { STR("<p>For you alone: film, sound and the track of the walk.</p>") },
		.media = other_media,
		.n_media = 3,
		.poll = &closed_poll,
		.published = AGO(401, DAY),
		.n_replies = 1,
	},
};

/*
 * Who looks, at what
 */

static const struct site_view site = {
	.title = STR("Rookery on the Hill"),
	.description = STR(
		"A small place for people who look up: birds, clouds, bells and the odd comet."),
	.host = STR("rookery.example"),
	.origin = STR("https://rookery.example"),
	.accent = STR("#2f6f5e"),
	.version = STR("Rookery 0.1.0"),
	.lang = STR("en"),
	.sign_up = SIGN_UP_INVITE,
	.now = NOW,
};
static const struct choice_view choices[] = {
	{ ann, STR("Rookery on the Hill"), .here = true, .current = true },
	{ mika, STR("Rookery on the Hill"), .here = true },
	{ ann_far, STR("Low Clouds") },
	{ ann_club, STR("The Knitting Circle") },
};
static const struct viewer_view member = {
	.logged_in = true,
	.token = STR("0123456789abcdef"),
	.self = ann,
	.choices = choices,
	.n_choices = ARRAY_SIZE(choices),
	.unseen = 3,
};
static const struct viewer_view visitor = { .token = STR("fedcba9876543210") };

static const struct relation stranger = { FOLLOW_NONE }, friend = { FOLLOW_ACTIVE, FOLLOW_ACTIVE },
			     fan = { FOLLOW_NONE, FOLLOW_ACTIVE },
			     asked = { FOLLOW_REQUESTED, FOLLOW_NONE }, foe = { .blocking = true };
static const struct person_row_view people[] = {
	{ rook, STR("I count nests. Ornithology, bells, and letters to the council."), friend },
	{ omar, STR("شاعر، فلكي، ومحب للطيور منذ زمن بعيد جدًا"), fan },
	{ long_one, STR("Kapitän im Ruhestand"), asked },
	{ mika, STR(""), stranger },
	{ weather, STR("Blocked for raining"), foe },
	{ ann, STR("That is me"), stranger, .self = true },
};
static const struct tag_view some_tags[] = {
	{ STR("rooks"), STR("/tags/rooks/"), 1, true, false },
	{ STR("غربان"), STR("/tags/%D8%BA/"), 52000, false, true },
};
static const str rules[] = {
	STR("Be kind. Assume that the other one has had a long day."),
	STR("No advertising, no machines that pretend to be people."),
	STR("Say what a picture shows, for those who do not see it."),
};

#endif
