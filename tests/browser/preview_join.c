/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Previews of how one joins and gets back in, and of what one logs in with. */
#include "server/web/auth_page.h"
#include "server/web/people_page.h"
#include "server/web/settings_page.h"
#include "server/web/view.h"
#include "templates.h"
#include "tests/browser/preview.h"

static const struct viewer_view somebody = { .token = STR("token") };

/* As sample's, but one that looks at requests. */
static struct frame asked_frame(struct site_view *s, const char *title)
{
	*s = site;
	s->sign_up = SIGN_UP_APPROVAL;
	return (struct frame){
		.site = s, .viewer = &somebody, .title = str_c(title), .path = STR("/")
	};
}

static void signup_approval(struct out *o)
{
	struct site_view s;
	const struct signup_page page = {
		.frame = asked_frame(&s, "Sign up"),
		.username = STR("ann"),
		.email = STR("ann@example.org"),
		.reason = STR("I ring birds </textarea> & like to talk about it."),
		.born = STR("1990-02-03"),
		.asks_why = true,
		.needs_why = true,
		.min_age = 16,
		.has_mail = true,
		.has_terms = true,
		.has_privacy = true,
		.stamp = STR("1.x"),
		.rules = rules,
		.n_rules = ARRAY_SIZE(rules),
		.error = WRONG_AT("agreement", "Agree to the rules to join."),
	};

	tpl_signup(o, &page);
}

static struct link_page link_page(const char *token, const char *error)
{
	return (struct link_page){
		FRAME(somebody, .title = STR("Letters"), .path = STR("/auth/")),
		.token = str_c(token),
		.email = STR("ann@example.org"),
		.has_mail = true,
		.error = { .text = str_c(error) },
	};
}

static void confirm(struct out *o)
{
	const struct link_page page = link_page("abc", "");

	tpl_confirm(o, &page);
}

static void confirm_sent(struct out *o)
{
	const struct link_page page = link_page("", "");

	tpl_confirm(o, &page);
}

static void confirm_broken(struct out *o)
{
	const struct link_page page = link_page("", "This link was used already, or is too old.");

	tpl_confirm(o, &page);
}

static void reset(struct out *o)
{
	const struct link_page page = link_page("abc", "A password has at least 10 characters.");

	tpl_reset(o, &page);
}

static void reset_ask(struct out *o)
{
	const struct link_page page = link_page("", "");

	tpl_reset(o, &page);
}

static void change(struct out *o)
{
	const struct link_page page = link_page("abc", "");

	tpl_change(o, &page);
}

static void change_broken(struct out *o)
{
	const struct link_page page = link_page("", "This link was used already, or is too old.");

	tpl_change(o, &page);
}

static void pending(struct out *o)
{
	const struct word_page page = { FRAME(somebody, .title = STR("Waiting"), .path = STR("/")),
					.word = WORD_PENDING };

	tpl_word(o, &page);
}

static void confirmed(struct out *o)
{
	const struct word_page page = { FRAME(somebody, .title = STR("Done"), .path = STR("/")),
					.word = WORD_CONFIRMED };

	tpl_word(o, &page);
}

static void unsubscribe(struct out *o)
{
	const struct unsubscribe_page page = {
		FRAME(somebody, .title = STR("Letters"), .path = STR("/auth/unsubscribe/")),
		.user = 7,
		.code = STR("abc"),
	};

	tpl_unsubscribe(o, &page);
}

static void ticket(struct out *o)
{
	const struct ticket_page page = {
		FRAME(somebody, .title = STR("Go on here"), .path = STR("/auth/ticket/")),
		.ticket = STR("abc"),
		.next = STR("/"),
		.handle = STR("ruru@kea.test"),
	};

	tpl_ticket(o, &page);
}

static void account(struct out *o)
{
	static const struct wish_view wishes[] = {
		{ STR("mention"), true }, { STR("follow"), true }, { STR("follow_request"), true },
		{ STR("quote"), false },  { STR("boost"), false }, { STR("like"), false },
	};
	const struct account_page page = {
		FRAME(member, .title = STR("Account"), .path = STR("/settings/account/"),
		      .menu = MENU_SETTINGS),
		.email = STR("ann@example.org"),
		.confirmed = true,
		.has_mail = true,
		.new_email = STR("ann@new.example"),
		.wishes = wishes,
		.n_wishes = ARRAY_SIZE(wishes),
		.log_ins = true,
		.address_error = WRONG_AT("password", "Your present password is wrong."),
		.password_done = true,
	};

	tpl_account(o, &page);
}

static void directory(struct out *o)
{
	const struct directory_page page = {
		FRAME(visitor, .title = STR("Directory"), .path = STR("/directory/"),
		      .menu = MENU_ABOUT),
		.by_age = true,
		.people = people,
		.n_people = ARRAY_SIZE(people),
		.pager = { STR("/directory/?order=new"), STR("/directory/?order=new&page=3") },
	};

	tpl_directory(o, &page);
}

static void directory_empty(struct out *o)
{
	const struct directory_page page = { FRAME(visitor, .title = STR("Directory"),
						   .path = STR("/directory/")) };

	tpl_directory(o, &page);
}

static void elsewhere(struct out *o)
{
	const struct elsewhere_page page = {
		FRAME(visitor, .title = STR("From your own server"), .path = STR("/elsewhere/")),
		.uri = STR("https://rookery.example/@rook/posts/101/"),
		.post = posts_of(0, 1, 1, false),
		.handle = STR("\"me\"@"),
		.error = WRONG_AT("handle", "A handle looks like @name@example.org."),
	};

	tpl_elsewhere(o, &page);
}

static void elsewhere_found(struct out *o)
{
	const struct elsewhere_page page = {
		FRAME(visitor, .title = STR("From your own server"), .path = STR("/elsewhere/")),
		.uri = STR("https://rookery.example/@rook@rookery.example/"),
		.person = people,
		.url = STR("https://ein.wirklich.sehr.langer.rechnername.unter.wasser.example/"
			   "authorize_interaction?uri=https%3A%2F%2Frookery.example%2F%40rook%2F"),
		.host = STR("ein.wirklich.sehr.langer.rechnername.unter.wasser.example"),
	};

	tpl_elsewhere(o, &page);
}

const struct preview join_previews[] = {
	{ "signup_approval.html", signup_approval },
	{ "confirm.html", confirm },
	{ "confirm_sent.html", confirm_sent },
	{ "confirm_broken.html", confirm_broken },
	{ "reset.html", reset },
	{ "reset_ask.html", reset_ask },
	{ "change.html", change },
	{ "change_broken.html", change_broken },
	{ "pending.html", pending },
	{ "confirmed.html", confirmed },
	{ "unsubscribe.html", unsubscribe },
	{ "ticket.html", ticket },
	{ "account.html", account },
	{ "directory.html", directory },
	{ "directory_empty.html", directory_empty },
	{ "elsewhere.html", elsewhere },
	{ "elsewhere_found.html", elsewhere_found },
	{ NULL, NULL },
};
