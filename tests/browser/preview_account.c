/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Previews of the way in, and one's settings. */
#include "base/arena.h"
#include "server/web/auth_page.h"
#include "server/web/settings_page.h"
#include "server/web/view.h"
#include "templates.h"
#include "tests/browser/preview.h"

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

const struct preview account_previews[] = {
	{ "login.html", login },
	{ "signup.html", signup },
	{ "edit_profile.html", edit_profile },
	{ "sessions.html", sessions },
	{ "applications.html", applications },
	{ "applications_none.html", applications_none },
	{ "authorize.html", authorize },
	{ "authorize_alone.html", authorize_alone },
	{ "code.html", code },
	{ "switch.html", identities },
	{ NULL, NULL },
};
