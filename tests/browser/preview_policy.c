/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Previews of the pages on which staff decides about posts, and of the rules that do so by themselves. */
#include "base/arena.h"
#include "server/web/staff_policy_page.h"
#include "templates.h"
#include "tests/browser/preview.h"

static const struct staff_entry_view entries[] = {
	{ "/staff/held/", "Held posts", "clock", true, 2 },
	{ "/staff/policies/", "Policies", "filter", false, 0 },
};

static const struct staff_group_view group = { "The world outside", true, 2, entries,
					       ARRAY_SIZE(entries) };

#define STAFF(name, at)                                                                    \
	.staff = { FRAME(member, .title = STR(name), .path = STR(at), .menu = MENU_STAFF), \
		   .groups = &group, .n_groups = 1 }

#define LONG_WORD STR("Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen")

static str hosts[] = { { "spam.example", 12 }, { "ein.sehr.langer.rechnername.example", 35 } };

static const struct policy_row policy_rules[] = {
	{ .id = 1,
	  .title = LONG_WORD,
	  .note = STR("They come in waves"),
	  .state = STR("on"),
	  .action = STR("hold"),
	  .incoming = true,
	  .servers = { hosts, ARRAY_SIZE(hosts) },
	  .mentions = 5,
	  .unfollowed = true },
	{ .id = 2,
	  .title = STR("<script>"),
	  .state = STR("draft"),
	  .action = STR("cover"),
	  .words = STR("Spiders"),
	  .own = true,
	  .media = true },
};

static void held(struct out *o)
{
	const struct post_view *posts = posts_of(0, 3, 1, false);
	const struct staff_held_view views[] = {
		{ .post = posts[0], .reason = LONG_WORD, .by_policy = true },
		{ .post = posts[1], .ours = true },
		{ .post = posts[2], .reason = STR("looks odd") },
	};
	const struct staff_held_page page = {
		STAFF("Held posts", "/staff/held/"),
		.posts = views,
		.n_posts = ARRAY_SIZE(views),
	};

	tpl_staff_held(o, &page);
}

static void one_post(struct out *o)
{
	static const struct staff_decision_view decisions[] = {
		{ .kind = STR("covered"),
		  .words = LONG_WORD,
		  .reason = STR("eight legs"),
		  .who = STR("Mika"),
		  .when = AGO(1, HOUR) },
		{ .kind = STR("unlisted"), .by_policy = true, .when = AGO(2, DAY) },
	};
	const struct staff_post_page page = {
		STAFF("A post", "/staff/posts/1/"),
		.post = *posts_of(0, 1, 1, false),
		.decisions = decisions,
		.n_decisions = ARRAY_SIZE(decisions),
		.kind = STR("covered"),
		.words = STR("</textarea>"),
		.error = WRONG_AT("words", "At most 500 characters."),
	};

	tpl_staff_post(o, &page);
}

static void policies(struct out *o)
{
	const struct staff_policies_page page = {
		STAFF("Policies", "/staff/policies/"),
		.policies = policy_rules,
		.n_policies = ARRAY_SIZE(policy_rules),
		.typed = policy_rules[1],
		.error = WRONG_AT("title", "A rule needs a name."),
		.import_error = WRONG_AT("file", "This is no file of policies."),
	};

	tpl_staff_policies(o, &page);
}

static void policy(struct out *o)
{
	const struct staff_policy_page page = {
		STAFF("Policies", "/staff/policies/at/1/"),
		.id = 1,
		.typed = policy_rules[0],
	};

	tpl_staff_policy(o, &page);
}

static void replay(struct out *o)
{
	const struct staff_replay_page page = {
		STAFF("Policies", "/staff/policies/at/1/replay/"),
		.policy = &policy_rules[0],
		.days = 7,
		.looked_at = 2000,
		.n_hidden = 1,
		.posts = posts_of(0, 3, 1, false),
		.n_posts = 3,
		.further = STR("/staff/policies/at/1/replay/?days=7&max_id=5"),
	};

	tpl_staff_replay(o, &page);
}

const struct preview policy_previews[] = {
	{ "staff_held.html", held },	     { "staff_post.html", one_post },
	{ "staff_policies.html", policies }, { "staff_policy.html", policy },
	{ "staff_replay.html", replay },     { NULL, NULL },
};
