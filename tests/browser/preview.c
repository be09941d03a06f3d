/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * preview: renders every template with invented data, "preview OUTDIR", to look at the pages and to
 * check them without a server or a database. The same bytes come out every time. What only members
 * see beside that is in preview_member.c. The invented data make the file longer than others.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "server/web/view.h"
#include "templates.h"
#include "tests/browser/preview.h"

struct arena *arena;

str asset_url(const char *name)
{
	return str_fmt(arena, "/static/%s?v=preview", name);
}

str asset_integrity(unused const char *name)
{
	return STR("sha256-0");
}

const struct post_view *posts_of(size_t first, size_t n, int64_t entry_id, bool nested)
{
	struct post_view *posts = arena_array(arena, n, sizeof(*posts));

	for (size_t i = 0; i < n; i++) {
		posts[i] = samples[(first + i) % ARRAY_SIZE(samples)];
		posts[i].entry_id = entry_id + (int64_t)i;
		posts[i].depth = nested ? 1 + (int)(i % 6) : 0;
	}
	return posts;
}

/*
 * Pages
 */

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

static void login(struct out *o)
{
	const struct login_page page = {
		FRAME(visitor, .title = STR("Log in"), .path = STR("/login/")),
		.email = STR("ann@\"quoted\".example"),
		.next = STR("/notifications/"),
		.error = WRONG_AT("password", "That address and password do not belong together."),
		.passkey = { .action = STR("/auth/login/passkey/"), .challenge = STR("abc") },
	};

	tpl_login(o, &page);
}

static void signup(struct out *o)
{
	const struct signup_page page = {
		FRAME(visitor, .title = STR("Sign up"), .path = STR("/signup/")),
		.username = STR("ann"),
		.rules = rules,
		.n_rules = ARRAY_SIZE(rules),
	};

	tpl_signup(o, &page);
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

static const struct field_view fields[] = {
	{ STR("Home page"),
	  .value = { STR("<a href=\"https://example.org/\" rel=\"nofollow noopener noreferrer\">"
			 "example.org</a>") },
	  .verified = true },
	{ STR("Pronouns"), .value = { STR("she/her") } },
	{ STR("Rindfleischetikettierung"), .value = { STR("Yes") } },
};

static void profile(struct out *o)
{
	const struct profile_page page = {
		FRAME(member, .title = STR("Corvus F. Rugilegus"), .path = STR("/@rook/")),
		.person = rook,
		.banner = STR("/sample/field.svg"),
		.bio = { STR("<p>I count nests. Ornithology, bells, and letters to the council.</p>"
			     "<p>Also at " MENTION("/@mika/", "mika") ".</p>") },
		.fields = fields,
		.n_fields = ARRAY_SIZE(fields),
		.n_posts = 4321,
		.n_following = 210,
		.n_followers = 1,
		.joined = AGO(900, DAY),
		.relation = { FOLLOW_ACTIVE, FOLLOW_ACTIVE, .muting = true },
		.featured = some_tags,
		.n_featured = ARRAY_SIZE(some_tags),
		.pinned = posts_of(2, 1, 1, false),
		.n_pinned = 1,
		.posts = posts_of(0, 2, 10, false),
		.n_posts_shown = 2,
		.pager = { .older = STR("/@rook/?max_id=104") },
	};

	tpl_profile(o, &page);
}

static void profile_remote(struct out *o)
{
	const struct profile_page page = {
		FRAME(member, .title = long_one.name, .path = long_one.path),
		.person = long_one,
		.bio = { STR("<p>Kapitän im Ruhestand.</p>") },
		.n_followers = 20100,
		.n_posts = 1,
		.relation = foe,
		.moved_to = &omar,
		.follows_hidden = true,
	};

	tpl_profile(o, &page);
}

static void profile_own(struct out *o)
{
	const struct profile_page page = {
		FRAME(visitor, .title = ann.name, .path = ann.path),
		.person = ann,
		.n_posts = 12,
		.n_following = 3,
		.n_followers = 2,
		.posts = posts_of(3, 1, 1, false),
		.n_posts_shown = 1,
		.tab = PROFILE_REPLIES,
	};

	tpl_profile(o, &page);
}

static void followers(struct out *o)
{
	const struct people_page page = {
		FRAME(member, .title = STR("Followers"), .path = STR("/@rook/followers/")),
		.person = rook,
		.followers = true,
		.partial = true,
		.total = 1200,
		.people = people,
		.n_people = ARRAY_SIZE(people),
		.pager = { STR("/@rook/followers/"), STR("/@rook/followers/?page=3") },
	};

	tpl_people(o, &page);
}

static void following_hidden(struct out *o)
{
	const struct people_page page = {
		FRAME(visitor, .title = STR("Following"), .path = STR("/@omar/following/")),
		.person = omar,
		.hidden = true,
		.total = 7,
	};

	tpl_people(o, &page);
}

static void follow(struct out *o)
{
	const struct follow_page page = {
		FRAME(member, .title = STR("Follow somebody"), .path = STR("/follow/?handle=omar")),
		.handle = STR("@omar@nishapur.example"),
		.found = &people[1],
	};

	tpl_follow(o, &page);
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

static void edit_profile(struct out *o)
{
	const struct edit_profile_page page = {
		FRAME(member, .title = STR("Settings"), .path = STR("/settings/profile/"),
		      .menu = MENU_SETTINGS),
		.name = ann.name,
		.bio = STR("I look up.\nMostly at </textarea> clouds."),
		.fields = { { STR("Home page"), STR("https://example.org/?a=1&b=2") } },
		.discoverable = true,
		.show_follows = true,
	};

	tpl_edit_profile(o, &page);
}

static void sessions(struct out *o)
{
	static const struct session_view list[] = {
		{ 1, STR("Firefox on Linux"), STR("192.0.2.17"), AGO(30, DAY), AGO(1, MINUTE),
		  .current = true },
		{ 2, STR("Safari on an iPhone"), STR("2001:db8:85a3:8d3:1319:8a2e:370:7348"),
		  AGO(3, DAY), AGO(2, DAY) },
	};
	const struct sessions_page page = {
		FRAME(member, .title = STR("Settings"), .path = STR("/settings/sessions/"),
		      .menu = MENU_SETTINGS),
		.email = STR("ann@mail.example"),
		.sessions = list,
		.n_sessions = ARRAY_SIZE(list),
	};

	tpl_sessions(o, &page);
}

static void applications(struct out *o)
{
	static const struct application_view list[] = {
		{ .id = 1,
		  .name = STR("Tusky"),
		  .website = STR("https://tusky.app"),
		  .identity = STR("@robin"),
		  .may = STR(
			  "see everything of your account, also what is private; change everything of "
			  "your account, and write posts as you; follow, mute and block others for you; "
			  "get your notifications as they come"),
		  .created = NOW - 90 * USEC_DAY,
		  .last_used = NOW - 2 * USEC_HOUR },
		{ .id = 2,
		  .name = STR(
			  "A program with a name that is as long as a name of one may become here!!"),
		  .identity = STR("@garden"),
		  .may = STR("see whom you follow and who asks to follow you"),
		  .created = NOW - USEC_HOUR },
	};
	const struct applications_page page = {
		FRAME(member, .title = STR("Applications"), .path = STR("/settings/applications/"),
		      .menu = MENU_SETTINGS),
		.applications = list,
		.n_applications = ARRAY_SIZE(list),
	};

	tpl_applications(o, &page);
}

static void applications_none(struct out *o)
{
	const struct applications_page page = { FRAME(member, .title = STR("Applications"),
						      .path = STR("/settings/applications/"),
						      .menu = MENU_SETTINGS) };

	tpl_applications(o, &page);
}

static void authorize(struct out *o)
{
	static const str wants[] = {
		STR("see everything of your account, also what is private"),
		STR("change everything of your account, and write posts as you"),
		STR("get your notifications as they come"),
	};
	const struct authorize_page page = {
		FRAME(member, .title = STR("Let an application in"),
		      .path = STR("/oauth/authorize")),
		.application = STR("Tusky"),
		.website = STR("https://tusky.app"),
		.place = STR("oauth2redirect"),
		.wants = wants,
		.n_wants = ARRAY_SIZE(wants),
		.choices = member.choices,
		.n_choices = 2,
		.query = STR("client_id=x&state=y"),
	};

	tpl_authorize(o, &page);
}

static void authorize_alone(struct out *o)
{
	static const str wants[] = { STR("see who you are: your name, picture and profile") };
	const struct authorize_page page = {
		FRAME(member, .title = STR("Let an application in"),
		      .path = STR("/oauth/authorize")),
		.application = STR("toot"),
		.wants = wants,
		.n_wants = 1,
		.choices = member.choices,
		.n_choices = 1,
		.query = STR("client_id=x"),
	};

	tpl_authorize(o, &page);
}

static void code(struct out *o)
{
	const struct code_page page = {
		FRAME(member, .title = STR("Code"), .path = STR("/oauth/authorize/native")),
		.code = STR("dSqEHsXYueL3gn3LbghhdtDXqqa9es7Ydchk8qWmIA0"),
	};

	tpl_code(o, &page);
}

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

static void identities(struct out *o)
{
	const struct offer_view offers[] = { { member.self, 1, true } };
	const struct switch_page page = {
		.offers = offers,
		.n_offers = 1,
		FRAME(member, .title = STR("Settings"), .path = STR("/switch/"),
		      .menu = MENU_SETTINGS),
	};

	tpl_switch(o, &page);
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

static void robots(struct out *o)
{
	tpl_robots(o, site.origin);
}

static void theme(struct out *o)
{
	out_str(o, theme_css(arena, site.accent));
}

static const struct preview previews[] = {
	{ "home.html", home },
	{ "home_empty.html", home_empty },
	{ "local.html", local },
	{ "login.html", login },
	{ "signup.html", signup },
	{ "compose.html", compose },
	{ "post.html", thread },
	{ "post_warned.html", warned },
	{ "profile.html", profile },
	{ "profile_remote.html", profile_remote },
	{ "profile_visited.html", profile_own },
	{ "followers.html", followers },
	{ "following_hidden.html", following_hidden },
	{ "follow.html", follow },
	{ "notifications.html", notifications },
	{ "search.html", search },
	{ "search_nothing.html", search_nothing },
	{ "edit_profile.html", edit_profile },
	{ "sessions.html", sessions },
	{ "applications.html", applications },
	{ "applications_none.html", applications_none },
	{ "authorize.html", authorize },
	{ "authorize_alone.html", authorize_alone },
	{ "code.html", code },
	{ "words.html", words },
	{ "switch.html", identities },
	{ "error_404.html", missing },
	{ "error_500.html", broken },
	{ "about.html", about },
	{ "front.html", front },
	{ "tag.html", tag },
	{ "robots.txt", robots },
	{ "theme.css", theme },
};

static int write_file(const char *dir, const char *name, str text)
{
	const char *path = str_z(arena, str_fmt(arena, "%s/%s", dir, name));
	FILE *f = fopen(path, "wb");
	bool ok = f && fwrite(text.p, 1, text.n, f) == text.n;

	ok &= f && fclose(f) == 0;
	if (!ok)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return ok ? 0 : 1;
}

static int write_page(const char *dir, const struct preview *p)
{
	struct out o;
	str text;
	int failed;

	arena = arena_new();
	out_init(&o, arena, 1 << 20);
	p->render(&o);
	failed = out_done(&o, &text);
	if (!failed)
		failed = write_file(dir, p->file, text);
	arena_free(arena);
	return failed;
}

int main(int argc, char **argv)
{
	const struct preview *more[] = { member_previews,   join_previews,  staff_previews,
					 security_previews, admin_previews, console_previews,
					 policy_previews };
	int failed = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: preview OUTDIR\n");
		return 2;
	}
	for (size_t i = 0; i < ARRAY_SIZE(previews) && !failed; i++)
		failed = write_page(argv[1], &previews[i]);
	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		for (const struct preview *p = more[i]; p->file && !failed; p++)
			failed = write_page(argv[1], p);
	return failed;
}
