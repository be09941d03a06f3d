/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Previews of people. */
#include "base/arena.h"
#include "server/web/people_page.h"
#include "server/web/view.h"
#include "templates.h"
#include "tests/browser/preview.h"

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

static void own_collections(struct out *o)
{
	static const struct collection_view own[] = {
		{ .id = 1, .name = STR("Counters of swifts"), .discoverable = true },
		{ .id = 2, .name = STR("Nobody") },
	};
	const struct own_collections_page page = {
		FRAME(member, .title = STR("Your collections"), .path = STR("/collections/"),
		      .menu = MENU_PROFILE),
		.collections = own,
		.n_collections = ARRAY_SIZE(own),
		.error = WRONG_AT("name", "Name can't be blank."),
	};

	tpl_own_collections(o, &page);
}

static void collection_edit(struct out *o)
{
	const struct collection_item_view items[] = { { 1, people[0], false },
						      { 2, people[1], true } };
	const struct collection_edit_page page = {
		FRAME(member, .title = STR("Edit the collection"), .path = STR("/collections/1/"),
		      .menu = MENU_PROFILE),
		.collection = { .id = 1,
				.path = STR("/@rook/collections/1/"),
				.name = STR("Counters of swifts"),
				.description = STR("They get up early."),
				.tag = STR("swifts"),
				.discoverable = true },
		.items = items,
		.n_items = ARRAY_SIZE(items),
		.handle = STR("@nobody@nowhere.example"),
		.handle_error = WRONG_AT("handle", "Nobody is called that."),
	};

	tpl_collection_edit(o, &page);
}

const struct preview people_previews[] = {
	{ "profile.html", profile },
	{ "profile_remote.html", profile_remote },
	{ "profile_visited.html", profile_own },
	{ "followers.html", followers },
	{ "following_hidden.html", following_hidden },
	{ "follow.html", follow },
	{ "own_collections.html", own_collections },
	{ "collection_edit.html", collection_edit },
	{ NULL, NULL },
};
