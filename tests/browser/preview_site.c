/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Previews of what a community says of itself, and of errors. */
#include "base/arena.h"
#include "server/web/site_page.h"
#include "server/web/view.h"
#include "templates.h"
#include "tests/browser/preview.h"

static void words(struct out *o)
{
	const struct words_page page = {
		FRAME(visitor, .title = STR("Terms of service"), .path = STR("/terms/"),
		      .menu = MENU_ABOUT),
		.text = html_stored(STR("<p>Be kind.</p><p>Nothing else.</p>")),
		.since = STR("2026-01-01"),
	};

	tpl_words(o, &page);
}

static void missing(struct out *o)
{
	const struct error_page page = {
		FRAME(visitor, .title = STR("Not found"), .path = STR("/nowhere/"), .hidden = true),
		.status = 404,
	};

	tpl_error(o, &page);
}

static void broken(struct out *o)
{
	const struct error_page page = {
		FRAME(member, .title = STR("Error"), .path = STR("/"), .hidden = true),
		.status = 500,
		.message = STR("The database is away."),
		.trace = STR("4bf92f3577b34da6"),
	};

	tpl_error(o, &page);
}

static void rests(struct out *o)
{
	const struct error_page page = {
		FRAME(visitor, .title = STR("503"), .path = STR("/home/"), .hidden = true,
		      .rests = true),
		.status = 503,
		.rests = true,
		.until = NOW + 2 * USEC_HOUR,
		.message = STR("A new disk goes in, and then it is faster."),
	};

	tpl_error(o, &page);
}

static void front(struct out *o)
{
	const struct front_page page = {
		FRAME(visitor, .path = STR("/"), .menu = MENU_HOME,
		      .canonical = STR("https://rookery.example/")),
		.n_people = 1042,
		.n_posts_total = 198377,
		.posts = posts_of(0, 1, 1, false),
		.n_posts = 1,
	};

	tpl_front(o, &page);
}

static void about(struct out *o)
{
	const struct about_page page = {
		FRAME(visitor, .title = STR("About"), .path = STR("/about/"), .menu = MENU_ABOUT,
		      .canonical = STR("https://rookery.example/about/")),
		.words = html_stored(STR("<p>We met under a bridge, counting swifts.</p>"
					 "<p>Who likes birds is welcome.</p>")),
		.contact = STR("ann@rookery.example"),
		.rules = rules,
		.n_rules = ARRAY_SIZE(rules),
		.staff = people,
		.n_staff = 1,
		.n_people = 41,
		.n_posts_total = 98765,
		.posts = posts_of(0, 1, 1, false),
		.n_posts = 1,
	};

	tpl_about(o, &page);
}

static void robots(struct out *o)
{
	tpl_robots(o, site.origin);
}

static void theme(struct out *o)
{
	out_str(o, theme_css(arena, site.accent));
}

const struct preview site_previews[] = {
	{ "words.html", words },       { "error_404.html", missing }, { "error_500.html", broken },
	{ "error_rests.html", rests }, { "about.html", about },	      { "front.html", front },
	{ "robots.txt", robots },      { "theme.css", theme },	      { NULL, NULL },
};
