/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Previews of the pages by which staff arranges the community: servers, hashtags, emoji, texts, looks, webhooks. */
#include "base/arena.h"
#include "server/web/staff_admin_page.h"
#include "templates.h"
#include "tests/browser/preview.h"

#define LONG_HOST STR("ein.wirklich.sehr.langer.rechnername.unter.wasser.example")
#define SERVERS "/staff/servers/at/nishapur.example/"

static const struct staff_entry_view entries[] = {
	{ "/staff/", "Overview", "home", false, 0 },
	{ "/staff/servers/", "Servers", "globe", true, 0 },
};

static const struct staff_group_view group = { "People and reports", true, 17, entries,
					       ARRAY_SIZE(entries) };

#define STAFF(name, at)                                                                    \
	.staff = { FRAME(member, .title = STR(name), .path = STR(at), .menu = MENU_STAFF), \
		   .groups = &group, .n_groups = 1 }

/*
 * Servers
 */

static const struct server_view known[] = {
	{ .host = LONG_HOST,
	  .path = STR(SERVERS),
	  .software = STR("mastodon 4.3.0"),
	  .identities = 12345,
	  .followers = 12,
	  .following = 3,
	  .waiting = 200,
	  .rests = true,
	  .retry_after = NOW + USEC_HOUR,
	  .last_success = AGO(3, DAY),
	  .last_failure = AGO(1, HOUR),
	  .failures = 17,
	  .severity = STR("limit"),
	  .rule_host = STR("wasser.example"),
	  .floor = STR("block"),
	  .floor_host = LONG_HOST },
	{ .host = STR("nishapur.example"), .path = STR(SERVERS), .last_success = AGO(1, MINUTE) },
};
static const struct would_sever_row severs[] = {
	{ .identity_id = 1,
	  .username = STR("ann"),
	  .followers = 2,
	  .following = 1,
	  .names = STR("omar, mika") },
};

static void servers(struct out *o)
{
	static const struct server_limit_row limits[] = {
		{ .id = 1,
		  .host = STR("spam.example"),
		  .severity = STR("block"),
		  .reason = STR("Sells eggs that are none"),
		  .public_comment = STR("Spam"),
		  .created = AGO(2, DAY) },
	};
	static const struct allowed_server_row allowed[] = {
		{ .id = 1, .host = STR("nishapur.example"), .created = AGO(3, DAY) },
	};
	const struct staff_servers_page page = {
		STAFF("Servers", "/staff/servers/"),
		.query = STR("<dodo>"),
		.ruled = true,
		.servers = known,
		.n_servers = ARRAY_SIZE(known),
		.next = STR("/staff/servers/?after=n"),
		.rules = limits,
		.n_rules = ARRAY_SIZE(limits),
		.limited = true,
		.allowed = allowed,
		.n_allowed = ARRAY_SIZE(allowed),
	};

	tpl_staff_servers(o, &page);
}

static void server(struct out *o)
{
	const struct staff_server_page page = {
		STAFF("Servers", SERVERS),
		.server = known[0],
		.is_known = true,
		.origin = RULE_OWN_ABOVE,
		.effective = STR("limit"),
		.rule_id = 1,
		.limited = true,
		.allowed_id = 1,
		.draft = { .host = LONG_HOST,
			   .severity = STR("limit"),
			   .reason = STR("\"loud\""),
			   .public_comment = STR("Loud"),
			   .reject_media = true },
		.severs = severs,
		.n_severs = ARRAY_SIZE(severs),
		.error = WRONG("This is not allowed."),
	};

	tpl_staff_server(o, &page);
}

static void server_list(struct out *o)
{
	static const struct limit_line lines[] = {
		{ .number = 1,
		  .draft = { .host = STR("spam.example"), .severity = STR("block") },
		  .effect = LIMIT_EFFECT_NEW },
		{ .number = 2,
		  .draft = { .host = STR("not a host"), .severity = STR("block") },
		  .effect = LIMIT_EFFECT_WRONG,
		  .error = STR("That is no name of a server.") },
	};
	static const struct limit_line_view views[] = { { &lines[0], false, STR("") },
							{ &lines[1], true, STR("") } };
	static const str parts[] = { STR("spam.example,block\nnot a host,block\n") };
	const struct staff_server_list_page page = {
		STAFF("Servers", "/staff/servers/import/"),
		.parts = parts,
		.n_parts = 1,
		.is_read = true,
		.lines = views,
		.n_lines = ARRAY_SIZE(views),
		.n_new = 1,
		.n_wrong = 1,
		.severs = severs,
		.n_severs = ARRAY_SIZE(severs),
		.followers = 2,
		.following = 1,
	};

	tpl_staff_server_list(o, &page);
}

/*
 * Hashtags, trends, emoji
 */

static void hashtags(struct out *o)
{
	static const struct staff_tag_view tags[] = {
		{ 1, STR("birds"), STR("Birds"), 1234, true, true, true, true },
		{ 2, STR("dodo"), STR("dodo"), 1, false, false, false, false },
	};
	const struct staff_hashtags_page page = {
		STAFF("Hashtags", "/staff/hashtags/"),
		.query = STR("o"),
		.tags = tags,
		.n_tags = ARRAY_SIZE(tags),
		.error = WRONG_AT("display_name", "Only capitals may change."),
		.error_id = 2,
	};

	tpl_staff_hashtags(o, &page);
}

static void trends(struct out *o)
{
	static const struct trend_view tags[] = {
		{ 1, STR("#birds"), STR("/tags/birds/"), true, true },
	};
	static const struct trend_view links[] = {
		{ 2, STR("A page with a title"), STR("https://nishapur.example/a"), false, false },
	};
	static const struct trend_view posts[] = {
		{ 3, STR("First frost this morning."), STR("/@rook/posts/101/"), false, true },
	};
	const struct staff_trends_page page = {
		STAFF("Trends", "/staff/trends/"),
		.tags = tags,
		.n_tags = 1,
		.links = links,
		.n_links = 1,
		.posts = posts,
		.n_posts = 1,
	};

	tpl_staff_trends(o, &page);
}

static const struct emoji_view some_emoji[] = {
	{ STR("kea"), STR("Birds"), STR("CC0, drawn by Ann"), STR("/sample/field.svg"), false,
	  false },
	{ STR("dodo"), .url = STR("/sample/field.svg"), .disabled = true },
};

static void emoji(struct out *o)
{
	const struct staff_emoji_page page = {
		STAFF("Emoji", "/staff/emoji/"),
		.emoji = some_emoji,
		.n_emoji = ARRAY_SIZE(some_emoji),
		.typed = some_emoji[0],
		.error = WRONG_AT("shortcode", "There is an emoji of this name."),
	};

	tpl_staff_emoji(o, &page);
}

static void emoji_one(struct out *o)
{
	const struct staff_emoji_one_page page = {
		STAFF("Emoji", "/staff/emoji/of/kea/"),
		.shortcode = STR("kea"),
		.typed = some_emoji[0],
		.error = WRONG_AT("shortcode", "A name has letters, digits and _."),
	};

	tpl_staff_emoji_one(o, &page);
}

static void emoji_copy(struct out *o)
{
	static const struct remote_emoji_view found[] = {
		{ 1, STR("blobcat"), STR("nishapur.example"), STR("/sample/field.svg") },
		{ 2, STR("blobcat"), LONG_HOST, STR("/sample/field.svg") },
	};
	const struct staff_emoji_copy_page page = {
		STAFF("Emoji", "/staff/emoji/copy/"),
		.shortcode = STR("blobcat"),
		.asked = true,
		.emoji = found,
		.n_emoji = ARRAY_SIZE(found),
		.chosen = 1,
		.typed = some_emoji[0],
	};

	tpl_staff_emoji_copy(o, &page);
}

/*
 * Announcements and invitations
 */

static const struct staff_announcement_view told[] = {
	{ .id = 1,
	  .text = STR("We move on **Sunday**."),
	  .content = { STR("<p>We move on Sunday.</p>") },
	  .begins = NOW,
	  .stops = NOW + USEC_DAY,
	  .published = AGO(1, DAY),
	  .shown = true },
	{ .id = 2,
	  .content = { STR("<p>It is over.</p>") },
	  .published = AGO(90, DAY),
	  .over = true },
};

static void announcements(struct out *o)
{
	const struct staff_announcements_page page = {
		STAFF("Announcements", "/staff/announcements/"),
		.announcements = told,
		.n_announcements = ARRAY_SIZE(told),
		.typed = told[0],
		.previews = true,
		.error = WRONG("That is no day."),
	};

	tpl_staff_announcements(o, &page);
}

static void announcement(struct out *o)
{
	const struct staff_announcement_page page = {
		STAFF("Announcements", "/staff/announcements/1/"),
		.typed = told[0],
		.error = WRONG("That is no day."),
	};

	tpl_staff_announcement(o, &page);
}

static void invites(struct out *o)
{
	const struct guest_view guests[] = { { long_one, AGO(2, DAY) }, { omar, AGO(1, HOUR) } };
	const struct staff_invite_view rows[] = {
		{ .id = 1,
		  .note = STR("For the choir"),
		  .url = STR(
			  "https://rookery.example/auth/signup/?code=abcdefghijklmnopqrstuvwxyz"),
		  .uses_left = 3,
		  .expires = NOW + 7 * USEC_DAY,
		  .created = AGO(3, DAY),
		  .guests = guests,
		  .n_guests = ARRAY_SIZE(guests) },
		{ .id = 2,
		  .url = STR("https://rookery.example/auth/signup/?code=b"),
		  .unlimited = true,
		  .over = true,
		  .created = AGO(30, DAY) },
	};
	const struct staff_invites_page page = {
		STAFF("Invitations", "/staff/invites/"),
		.invites = rows,
		.n_invites = ARRAY_SIZE(rows),
		.uses = STR("many"),
		.error = WRONG_AT("uses", "That is no number."),
	};

	tpl_staff_invites(o, &page);
}

/*
 * Rules and texts
 */

static void rule_list(struct out *o)
{
	static const struct rule_row rows[] = {
		{ .id = 1, .text = STR("Be kind."), .hint = STR("Also to crows."), .position = 1 },
		{ .id = 2,
		  .text = STR("No Donaudampfschifffahrtsgesellschaftskapitäne."),
		  .position = 2,
		  .translations = STR("de, fr") },
	};
	const struct staff_rules_page page = {
		STAFF("Rules", "/staff/rules/"),
		.rules = rows,
		.n_rules = ARRAY_SIZE(rows),
		.text = STR("\"kept\""),
		.error = WRONG_AT("text", "A rule has a text."),
	};

	tpl_staff_rules(o, &page);
}

static void rule(struct out *o)
{
	static const struct rule_translation_row rows[] = {
		{ 2, STR("de"), STR("Sei freundlich."), STR("Auch zu Krähen.") },
	};
	const struct staff_rule_page page = {
		STAFF("Rules", "/staff/rules/2/"),
		.id = 2,
		.text = STR("Be kind."),
		.translations = rows,
		.n_translations = ARRAY_SIZE(rows),
		.language = STR("xx"),
		.language_error = WRONG_AT("language", "Nobody knows that language."),
	};

	tpl_staff_rule(o, &page);
}

static void community_texts(struct out *o)
{
	const struct staff_texts_page page = {
		STAFF("Texts", "/staff/texts/"),
		.description = STR("Birds & bells"),
		.extended = STR("</textarea>We met under a bridge."),
		.email = STR("staff@"),
		.preview = { STR("<p>We met under a bridge.</p>") },
		.previews = true,
		.error = WRONG("That is no address."),
		.wrong = "email",
	};

	tpl_staff_texts(o, &page);
}

static void terms(struct out *o)
{
	static const struct terms_row rows[] = {
		{ .effective = STR("2026-06-01"), .text = STR("Be kinder.") },
		{ .effective = STR("2026-01-01"),
		  .text = STR("Be kind."),
		  .is_effective = true,
		  .succeeded_by = STR("2026-06-01") },
	};
	const struct staff_terms_page page = {
		STAFF("Terms", "/staff/texts/terms/"),
		.versions = rows,
		.n_versions = ARRAY_SIZE(rows),
		.day = STR("yesterday"),
		.text = STR("</textarea>"),
		.error = WRONG("That is no day."),
	};

	tpl_staff_terms(o, &page);
}

static void joining(struct out *o)
{
	const struct staff_sign_up_page page = {
		STAFF("Joining", "/staff/signup/"),
		.reason = STR("optional"),
		.min_age = STR("16"),
		.closed_message = STR("Come back in spring."),
		.limited = true,
		.show_blocks = STR("users"),
		.error = WRONG_AT("uses", "That is no number."),
	};

	tpl_staff_sign_up(o, &page);
}

/*
 * Looks, webhooks, usage
 */

static void branding(struct out *o)
{
	const struct staff_branding_page page = {
		STAFF("Looks", "/staff/branding/"),
		.title = STR("Rookery \"& friends\""),
		.description = STR("Birds & bells"),
		.accent = STR("#ffcc00"),
		.theme = STR("auto"),
		.icon = STR("/sample/field.svg"),
		.banner = STR("/sample/field.svg"),
		.given = { { "light", STR("#ffcc00"), STR("#ffffff"), STR("1.51"), false },
			   { "dark", STR("#ffcc00"), STR("#1a1a1a"), STR("11.52"), true } },
		.used = { { "light", STR("#7a6200"), STR("#ffffff"), STR("5.93"), true },
			  { "dark", STR("#ffcc00"), STR("#1a1a1a"), STR("11.52"), true } },
		.style = STR("</textarea>"),
		.style_error = WRONG_AT("style", "Line 1: this is not allowed."),
	};

	tpl_staff_branding(o, &page);
}

static const struct staff_webhook_view hooks[] = {
	{ .id = 1,
	  .url = STR("https://nishapur.example/hook?a=1&b=2"),
	  .enabled = true,
	  .events = { { "account.approved", true },
		      { "account.created", false },
		      { "account.updated", false },
		      { "report.created", true },
		      { "status.created", false },
		      { "status.updated", false } } },
};

static void webhooks(struct out *o)
{
	const struct staff_webhooks_page page = {
		STAFF("Webhooks", "/staff/webhooks/"), .hooks = hooks,
		.n_hooks = ARRAY_SIZE(hooks),	       .typed = hooks[0],
		.error = WRONG("That is no address."),
	};

	tpl_staff_webhooks(o, &page);
}

static void webhook(struct out *o)
{
	static const struct webhook_call_row calls[] = {
		{ .id = 1,
		  .event = STR("report.created"),
		  .status = 503,
		  .created = AGO(1, HOUR),
		  .state = STR("waiting"),
		  .state_changed = AGO(1, MINUTE),
		  .state_attempts = 3,
		  .state_error = STR("status=503") },
		{ .id = 2,
		  .event = STR("account.approved"),
		  .status = 200,
		  .created = AGO(2, DAY),
		  .state = STR("sent"),
		  .state_changed = AGO(2, DAY),
		  .state_attempts = 1 },
	};
	const struct staff_webhook_page page = {
		STAFF("Webhooks", "/staff/webhooks/1/"),
		.typed = hooks[0],
		.secret = STR("b3f1c0ffee"),
		.calls = calls,
		.n_calls = ARRAY_SIZE(calls),
	};

	tpl_staff_webhook(o, &page);
}

static void usage(struct out *o)
{
	static const struct instance_week_row weeks[] = { { AGO(7, DAY), 120, 31, 2 },
							  { AGO(14, DAY), 98, 29, 0 } };
	static const struct instance_year_row years[] = { { 2026, 12, 1, 11, 4, 2, 31 } };
	const struct staff_usage_page page = {
		STAFF("Usage", "/staff/usage/"),
		.bytes = 123456789,
		.quota = 1 << 30,
		.files = 321,
		.percent = 11,
		.users = 41,
		.posts = 98765,
		.peers = 1234,
		.active = 29,
		.weeks = weeks,
		.n_weeks = ARRAY_SIZE(weeks),
		.years = years,
		.n_years = ARRAY_SIZE(years),
	};

	tpl_staff_usage(o, &page);
}

const struct preview admin_previews[] = {
	{ "staff_servers.html", servers },
	{ "staff_server.html", server },
	{ "staff_server_list.html", server_list },
	{ "staff_hashtags.html", hashtags },
	{ "staff_trends.html", trends },
	{ "staff_emoji.html", emoji },
	{ "staff_emoji_one.html", emoji_one },
	{ "staff_emoji_copy.html", emoji_copy },
	{ "staff_announcements.html", announcements },
	{ "staff_announcement.html", announcement },
	{ "staff_invites.html", invites },
	{ "staff_rules.html", rule_list },
	{ "staff_rule.html", rule },
	{ "staff_texts.html", community_texts },
	{ "staff_terms.html", terms },
	{ "staff_sign_up.html", joining },
	{ "staff_branding.html", branding },
	{ "staff_webhooks.html", webhooks },
	{ "staff_webhook.html", webhook },
	{ "staff_usage.html", usage },
	{ NULL, NULL },
};
