/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Previews of what members have beside timelines and settings. */
#include "base/arena.h"
#include "server/web/notice_page.h"
#include "server/web/people_page.h"
#include "server/web/post_page.h"
#include "server/web/settings_page.h"
#include "server/web/site_page.h"
#include "server/web/view.h"
#include "templates.h"
#include "tests/browser/preview.h"

static const str colours[] = { STR("Black"), STR("Grey, with a purple shine") };

static void history(struct out *o)
{
	const struct version_view versions[] = {
		{ .content = { STR("<p>Forty-one nests, and two more than last year.</p>") },
		  .lang = STR("en"),
		  .written = AGO(1, DAY),
		  .media = one_picture,
		  .n_media = 1 },
		{ .content = { STR("<p>Forty nests.</p>") },
		  .warning = STR("Counting"),
		  .written = AGO(2, DAY),
		  .options = colours,
		  .n_options = ARRAY_SIZE(colours) },
	};
	const struct history_page page = {
		FRAME(visitor, .title = STR("Versions"), .path = STR("/@rook/posts/101/history/"),
		      .hidden = true),
		.post = posts_of(0, 1, 1, false)[0],
		.versions = versions,
		.n_versions = ARRAY_SIZE(versions),
	};

	tpl_history(o, &page);
}

static void scheduled(struct out *o)
{
	static const struct later_view posts[] = {
		{ .id = 1,
		  .text = STR(
			  "Good morning from Donaudampfschifffahrtsgesellschaftskapitaenshausen, where "
			  "the rooks are back."),
		  .n_media = 2,
		  .has_poll = true,
		  .visibility = POST_FOLLOWERS,
		  .due = NOW + USEC_DAY,
		  .typed = STR("2026-11-24T20:38") },
		{ .id = 2,
		  .text = STR("Happy new year!"),
		  .due = NOW + 38 * USEC_DAY,
		  .typed = STR("2026-11-23T20:39"),
		  .error = WRONG_AT("due", "That is too soon.") },
	};
	const struct scheduled_page page = {
		FRAME(member, .title = STR("Scheduled posts"), .path = STR("/scheduled/")),
		.posts = posts,
		.n_posts = ARRAY_SIZE(posts),
	};

	tpl_scheduled(o, &page);
}

static void scheduled_none(struct out *o)
{
	const struct scheduled_page page = { FRAME(member, .title = STR("Scheduled posts"),
						   .path = STR("/scheduled/")) };

	tpl_scheduled(o, &page);
}

static void compose_all(struct out *o)
{
	const struct compose_page page = {
		FRAME(member, .title = STR("Write a post"), .path = STR("/compose/?quote=101")),
		.compose = {
			.text = STR("Look at this field"), .warning = STR("Frost"), .lang = STR("en"),
			.quoted = posts_of(0, 1, 1, false), .limit = 5000, .poll_seconds = 86400,
			.slots = { { 7, STR("/sample/field.svg"), STR("A field in mist") } },
			.options = { STR("Nice"), STR("Nice") }, .due = STR("2026-11-24T08:00"),
			.error = WRONG_AT("option_2", "Two answers are alike."), .wrong = COMPOSE_POLL,
		},
	};

	tpl_compose(o, &page);
}

static void saved(struct out *o)
{
	const struct saved_page page = {
		FRAME(member, .title = STR("Bookmarks"), .path = STR("/bookmarks/"),
		      .menu = MENU_SAVED),
		.posts = posts_of(1, 2, 1, false),
		.n_posts = 2,
		.pager = { .older = STR("/bookmarks/?max_id=1") },
	};

	tpl_saved(o, &page);
}

static void saved_none(struct out *o)
{
	const struct saved_page page = {
		FRAME(member, .title = STR("Favourites"), .path = STR("/favourites/"),
		      .menu = MENU_SAVED),
		.liked = true,
	};

	tpl_saved(o, &page);
}

static void conversations(struct out *o)
{
	const struct person_view two[] = { long_one, omar };
	const struct conversation_view list[] = {
		{ 1, two, 2, posts_of(7, 1, 1, false), true },
		{ 2, &rook, 1, posts_of(3, 1, 2, false), false },
		{ 3, &mika, 1, NULL, false },
	};
	const struct conversations_page page = {
		FRAME(member, .title = STR("Conversations"), .path = STR("/conversations/"),
		      .menu = MENU_TALK),
		.conversations = list,
		.n_conversations = ARRAY_SIZE(list),
	};

	tpl_conversations(o, &page);
}

static void relations(struct out *o, enum relations which)
{
	const struct relations_page page = {
		FRAME(member, .title = STR("Follow requests"), .path = STR("/requests/")),
		.which = which,
		.people = people,
		.n_people = 4,
	};

	tpl_relations(o, &page);
}

static void requests(struct out *o)
{
	relations(o, RELATIONS_REQUESTS);
}

static void blocks(struct out *o)
{
	relations(o, RELATIONS_BLOCKS);
}

static void mutes(struct out *o)
{
	relations(o, RELATIONS_MUTES);
}

static const struct list_view some_lists[] = {
	{ 1, STR("Bird people"), STR("list"), false, true },
	{ 2, STR("Donaudampfschifffahrtsgesellschaftskapitaene"), STR("none"), true, false },
};

static void lists(struct out *o)
{
	const struct lists_page page = {
		FRAME(member, .title = STR("Lists"), .path = STR("/lists/"), .menu = MENU_LISTS),
		.lists = some_lists,
		.n_lists = ARRAY_SIZE(some_lists),
		.title = STR(" "),
		.error = WRONG_AT("title", "A list needs a name."),
	};

	tpl_lists(o, &page);
}

static void list(struct out *o)
{
	const struct list_page page = {
		FRAME(member, .title = STR("Bird people"), .path = STR("/lists/1/"),
		      .menu = MENU_LISTS),
		.list = some_lists[0],
		.posts = posts_of(0, 1, 1, false),
		.n_posts = 1,
	};

	tpl_list(o, &page);
}

static void list_edit(struct out *o)
{
	const struct list_edit_page page = {
		FRAME(member, .title = STR("Edit a list"), .path = STR("/lists/2/edit/"),
		      .menu = MENU_LISTS),
		.list = some_lists[1],
		.people = people,
		.n_people = 3,
	};

	tpl_list_edit(o, &page);
}

static void list_choice(struct out *o)
{
	const struct list_choice_page page = {
		FRAME(member, .title = STR("Lists"), .path = STR("/@rook/lists/"),
		      .menu = MENU_LISTS),
		.person = rook,
		.lists = some_lists,
		.n_lists = ARRAY_SIZE(some_lists),
	};

	tpl_list_choice(o, &page);
}

static void hashtags(struct out *o)
{
	const struct hashtags_page page = {
		FRAME(member, .title = STR("Hashtags"), .path = STR("/tags/")),
		.tags = some_tags,
		.n_tags = ARRAY_SIZE(some_tags),
		.featured = some_tags,
		.n_featured = 1,
	};

	tpl_hashtags(o, &page);
}

static const struct filter_view some_filters[] = {
	{ .id = 1,
	  .title = STR("Too many birds"),
	  .keywords = STR("rook\nmurder of crows"),
	  .contexts = { true, false, true, false, true },
	  .hides = true,
	  .expires = NOW + USEC_DAY,
	  .lasts = -1 },
	{ .id = 2,
	  .title = STR("Donaudampfschifffahrtsgesellschaftskapitaen"),
	  .keywords = STR("Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz"),
	  .whole_words = true },
};

static void filters(struct out *o)
{
	const struct filters_page page = {
		FRAME(member, .title = STR("Filters"), .path = STR("/filters/"),
		      .menu = MENU_SETTINGS),
		.filters = some_filters,
		.n_filters = ARRAY_SIZE(some_filters),
	};

	tpl_filters(o, &page);
}

static void filter(struct out *o)
{
	const struct filter_page page = {
		FRAME(member, .title = STR("Edit a filter"), .path = STR("/filters/1/"),
		      .menu = MENU_SETTINGS),
		.filter = some_filters[0],
		.error = WRONG_AT("home", "Choose where the filter is to work."),
	};

	tpl_filter(o, &page);
}

static void report(struct out *o)
{
	static const struct option_view options[] = {
		{ 1, STR("Be kind."), true },
		{ 2, STR("No advertising, no machines that pretend to be people."), false },
	};
	const struct report_page page = {
		FRAME(member, .title = STR("Report"), .path = STR("/@omar/report/")),
		.person = omar,
		.post = posts_of(1, 1, 1, false),
		.with_post = true,
		.category = STR("violation"),
		.rules = options,
		.n_rules = ARRAY_SIZE(options),
		.comment = STR("Again & again"),
		.forward = true,
	};

	tpl_report(o, &page);
}

static void reported(struct out *o)
{
	const struct report_page page = {
		FRAME(member, .title = STR("Report"), .path = STR("/@omar/report/?done=1")),
		.person = omar,
		.done = true,
	};

	tpl_report(o, &page);
}

static const struct feed_page *feed(void)
{
	struct feed_page *page = arena_new_of(arena, struct feed_page);

	*page = (struct feed_page){
		.site = &site,
		.title = STR("Corvus & friends"),
		.url = STR("https://rookery.example/@rook/"),
		.self = STR("https://rookery.example/@rook/feed.rss"),
		.updated = NOW,
		.posts = posts_of(0, 6, 1, false),
		.n_posts = 6,
	};
	return page;
}

static void rss(struct out *o)
{
	const struct feed_page page = *feed();

	tpl_rss(o, &page);
}

static void atom(struct out *o)
{
	const struct feed_page page = *feed();

	tpl_atom(o, &page);
}

static void sitemap(struct out *o)
{
	static const str urls[] = { STR("https://rookery.example/about/") };
	const struct sitemap_page page = { urls, ARRAY_SIZE(urls) };

	tpl_sitemap(o, &page);
}

static void look(struct out *o)
{
	static const struct language_view languages[] = {
		{ "en", "English", 100, false },
		{ "mi", "te reo Māori", 12, true },
	};
	const struct look_page page = {
		FRAME(member, .title = STR("Settings"), .path = STR("/settings/look/"),
		      .menu = MENU_SETTINGS),
		.languages = languages,
		.n_languages = ARRAY_SIZE(languages),
	};

	tpl_look(o, &page);
}

static void consents(struct out *o)
{
	const struct post_view *posts = posts_of(0, 3, 1, false);
	const struct request_view requests[] = {
		{ .id = 1,
		  .wish = WISH_REPLY,
		  .actor = posts[1].author,
		  .when = AGO(1, HOUR),
		  .object = &posts[0],
		  .post = &posts[1],
		  .excerpt = STR("Forty-one nests, and two more than last year.") },
		{ .id = 2,
		  .wish = WISH_BOOST,
		  .actor = posts[2].author,
		  .when = AGO(1, DAY),
		  .object = &posts[0],
		  .excerpt = STR("Forty-one nests, and two more than last year.") },
	};
	const struct consents_page page = {
		FRAME(member, .title = STR("Requests about posts"),
		      .path = STR("/requests/posts/")),
		.requests = requests,
		.n_requests = ARRAY_SIZE(requests),
	};

	tpl_consents(o, &page);
}

static void posting(struct out *o)
{
	const struct posting_page page = {
		FRAME(member, .title = STR("Posting"), .path = STR("/settings/posting/")),
		.quotes = QUOTE_ASK,
		.replies = CONSENT_FOLLOWING,
		.likes = CONSENT_PUBLIC,
		.boosts = CONSENT_ASK,
		.saved = true,
	};

	tpl_posting(o, &page);
}

const struct preview member_previews[] = {
	{ "consents.html", consents },
	{ "posting.html", posting },
	{ "look.html", look },
	{ "feed.rss", rss },
	{ "feed.atom", atom },
	{ "sitemap.xml", sitemap },
	{ "filters.html", filters },
	{ "filter.html", filter },
	{ "report.html", report },
	{ "reported.html", reported },
	{ "lists.html", lists },
	{ "list.html", list },
	{ "list_edit.html", list_edit },
	{ "list_choice.html", list_choice },
	{ "hashtags.html", hashtags },
	{ "saved.html", saved },
	{ "saved_none.html", saved_none },
	{ "conversations.html", conversations },
	{ "requests.html", requests },
	{ "blocks.html", blocks },
	{ "mutes.html", mutes },
	{ "compose_all.html", compose_all },
	{ "scheduled.html", scheduled },
	{ "scheduled_none.html", scheduled_none },
	{ "history.html", history },
	{ NULL, NULL },
};
