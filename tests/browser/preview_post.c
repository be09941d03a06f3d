/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Previews of timelines, posts and what finds them. */
#include "base/arena.h"
#include "server/web/notice_page.h"
#include "server/web/post_page.h"
#include "server/web/view.h"
#include "templates.h"
#include "tests/browser/preview.h"

static void home(struct out *o)
{
	static const struct compose_view form = { .limit = 5000, .lang = STR("en") };
	const struct timeline_page page = {
		FRAME(member, .title = STR("Home"), .path = STR("/"), .menu = MENU_HOME,
		      .flash = STR("Your post is out.")),
		.compose = &form,
		.posts = posts_of(0, 8, 1, false),
		.n_posts = 8,
		.pager = { .older = STR("/?max_id=107") },
	};

	tpl_timeline(o, &page);
}

static void home_empty(struct out *o)
{
	const struct timeline_page page = { FRAME(member, .path = STR("/"), .menu = MENU_HOME) };

	tpl_timeline(o, &page);
}

static void local(struct out *o)
{
	const struct timeline_page page = {
		FRAME(visitor, .title = STR("Local"), .path = STR("/local/"), .menu = MENU_LOCAL,
		      .hidden = true),
		.local = true,
		.posts = posts_of(0, 5, 1, false),
		.n_posts = 5,
		.pager = { STR("/local/"), STR("/local/?max_id=104") },
	};

	tpl_timeline(o, &page);
}

static void compose(struct out *o)
{
	const struct compose_page page = {
		FRAME(member, .title = STR("Write a reply"), .path = STR("/compose/?reply_to=102")),
		.compose = {
			.text = STR("@omar@nishapur.example "), .warning = STR("Birds & such"),
			.visibility = POST_UNLISTED, .lang = STR("en"), .parent = posts_of(1, 1, 1, false),
			.limit = 5000, .error = WRONG_AT("text", "The text is 5211 characters long; 5000 fit."),
		},
	};

	tpl_compose(o, &page);
}

static void thread(struct out *o)
{
	const struct compose_view form = { .limit = 5000,
					   .parent = &samples[0],
					   .visibility = POST_PUBLIC };
	const struct post_page page = {
		FRAME(member, .title = STR("First frost this morning"),
		      .path = STR("/@rook/posts/101/"),
		      .canonical = STR("https://rookery.example/@rook/posts/101/"),
		      .activity = STR("https://rookery.example/@rook@rookery.example/posts/101/"),
		      .description = STR("First frost this morning. The elms behind the mill …")),
		.above = posts_of(1, 2, 10, false),
		.n_above = 2,
		.post = posts_of(0, 1, 20, false)[0],
		.below = posts_of(1, 6, 30, true),
		.n_below = 6,
		.cut = true,
		.compose = &form,
	};

	tpl_post(o, &page);
}

static void warned(struct out *o)
{
	const struct post_page page = {
		FRAME(visitor, .title = STR("Food"), .path = STR("/@ann/posts/104/")),
		.post = posts_of(3, 1, 1, false)[0],
	};

	tpl_post(o, &page);
}

static void notifications(struct out *o)
{
	const struct post_view *p = posts_of(0, 8, 1, false);
	const struct notice_view notices[] = {
		{ 1, NOTICE_FOLLOW_REQUEST, long_one, .when = AGO(1, MINUTE), .unseen = true },
		{ 2, NOTICE_MENTION, omar, &p[1], .when = AGO(20, MINUTE), .unseen = true },
		{ 3, NOTICE_LIKE, rook, &p[3],
		  STR("They all eat soup in the last scene. That is the whole film, "
		      "and I would watch it again tomorrow if the cinema let me in."),
		  AGO(2, HOUR), true },
		{ 4, NOTICE_BOOST, mika, &p[0], STR("First frost this morning."), AGO(5, HOUR) },
		{ 5, NOTICE_FOLLOW, ann_far, .when = AGO(2, DAY) },
		{ 6, NOTICE_POLL, weather, &p[7], .when = AGO(3, DAY) },
		{ 7, NOTICE_EDIT, long_one, &p[2], .when = AGO(30, DAY) },
		{ 8, NOTICE_REPORT, rook, .when = AGO(31, DAY) },
	};
	const struct notifications_page page = {
		FRAME(member, .title = STR("Notifications"), .path = STR("/notifications/"),
		      .menu = MENU_NOTIFICATIONS),
		.notices = notices,
		.n_notices = ARRAY_SIZE(notices),
		.pager = { .older = STR("/notifications/?max_id=1") },
	};

	tpl_notifications(o, &page);
}

static void search(struct out *o)
{
	const struct search_page page = {
		FRAME(member, .title = STR("Search"), .path = STR("/search/?q=rook"),
		      .menu = MENU_SEARCH),
		.query = STR("rook"),
		.people = people,
		.n_people = 2,
		.tags = some_tags,
		.n_tags = ARRAY_SIZE(some_tags),
		.posts = posts_of(0, 1, 1, false),
		.n_posts = 1,
	};

	tpl_search(o, &page);
}

static void search_nothing(struct out *o)
{
	const struct search_page page = {
		FRAME(member, .title = STR("Search"), .path = STR("/search/?q=%3Cdodo%3E"),
		      .menu = MENU_SEARCH),
		.query = STR("<dodo>"),
	};

	tpl_search(o, &page);
}

static void tag(struct out *o)
{
	const struct tag_page page = {
		FRAME(visitor, .title = STR("#fieldnotes"), .path = STR("/tags/fieldnotes/"),
		      .hidden = true),
		.tag = { STR("fieldnotes"), STR("/tags/fieldnotes/"), 1234, true, false },
		.posts = posts_of(4, 2, 1, false),
		.n_posts = 2,
		.pager = { .older = STR("/tags/fieldnotes/?max_id=1") },
	};

	tpl_tag(o, &page);
}

const struct preview post_previews[] = {
	{ "home.html", home },
	{ "home_empty.html", home_empty },
	{ "local.html", local },
	{ "compose.html", compose },
	{ "post.html", thread },
	{ "post_warned.html", warned },
	{ "notifications.html", notifications },
	{ "search.html", search },
	{ "search_nothing.html", search_nothing },
	{ "tag.html", tag },
	{ NULL, NULL },
};
