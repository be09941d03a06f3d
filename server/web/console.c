/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: the menu of the console is the table here, and nothing of a tenant stands around its pages. */
#include "server/web/console.h"

#include "model/disk.h"
#include "model/domain.h"
#include "model/operator.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/text.h"
#include "server/web/view.h"
#include "templates.h"

static const struct {
	const char *path, *title, *icon;
} sections[CONSOLE_SECTIONS] = {
	[CONSOLE_TENANTS] = { "/tenants/", "Communities", "nest" },
	[CONSOLE_FLOOR] = { "/floor/", "Floor and defaults", "shield" },
	[CONSOLE_POLICIES] = { "/policies/", "Rules about posts", "filter" },
	[CONSOLE_MAIL] = { "/mail/", "Letters", "at" },
	[CONSOLE_WORK] = { "/work/", "Work", "clock" },
	[CONSOLE_PEERS] = { "/peers/", "Peers", "boost" },
	[CONSOLE_HOUSE] = { "/house/", "House", "home" },
	[CONSOLE_ACTS] = { "/acts/", "What operators did", "list" },
};

static bool is_secure(const struct ctx *c)
{
	return str_starts(c->domain->origin, STR("https:"));
}

const char *console_cookie(const struct ctx *c)
{
	return is_secure(c) ? "__Host-console" : "console";
}

void console_keep(struct ctx *c, str cookie, struct response *r)
{
	r->cookie = str_fmt(c->arena, "%s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Strict%s",
			    console_cookie(c), STR_ARG(cookie),
			    (long long)(cookie.n ? OPERATOR_SESSION / USEC_SEC : 0),
			    is_secure(c) ? "; Secure" : "");
}

static void add_entries(struct ctx *c, enum console_section section, struct console_frame *f)
{
	struct console_entry_view *entries =
		arena_array(c->arena, CONSOLE_SECTIONS, sizeof(*entries));

	for (size_t i = 0; i < CONSOLE_SECTIONS; i++)
		entries[i] = (struct console_entry_view){ sections[i].path, sections[i].title,
							  sections[i].icon, i == section };
	f->entries = entries;
	f->n_entries = CONSOLE_SECTIONS;
}

void console_frame(struct ctx *c, const struct request *q, enum console_section section,
		   struct console_frame *ret)
{
	struct viewer_view *viewer = arena_new_of(c->arena, struct viewer_view);
	struct console_frame f = { .email = STR("") };

	frame_bare(c, q, &f.frame);
	*viewer = *f.frame.viewer;
	f.frame.viewer = viewer;
	f.frame.hidden = true;
	if (q->operator)
		viewer->token = q->operator->csrf_token;
	f.rests = domain_maintenance(c->domains)->on;
	f.disk = disk_level() > DISK_WELL ? str_fmt(c->arena, "%d", disk_percent()) : STR("");
	if (q->operator&& q->operator->strong) {
		f.email = q->operator->email;
		add_entries(c, section, &f);
	}
	if (section < CONSOLE_SECTIONS)
		f.frame.title = text_word(c, sections[section].title);
	if (!str_is_empty(request_query(q, "done")))
		f.frame.flash = STR("Done.");
	*ret = f;
}

int console_done(struct ctx *c, str path, struct response *r)
{
	return go_to(str_fmt(c->arena, "%.*s?done=1", STR_ARG(path)), r);
}

bool console_is_typed_wrong(int err)
{
	return err == E_UNPROCESSABLE || err == E_INVALID || err == E_LIMITED ||
	       err == E_CONFLICT || err == E_NOT_FOUND || err == E_LATER || err == E_UNAUTHORIZED;
}

struct wrong console_problem(struct ctx *c, int err, struct response *r)
{
	r->status = form_status(err);
	return form_error(c, err);
}

int console_error(struct ctx *c, const struct request *q, str message, struct response *r)
{
	struct console_error_page page = {
		.status = r->status,
		.message = sentence(c, message),
		.trace = str_dup(c->arena, str_c(c->trace)),
	};

	console_frame(c, q, CONSOLE_SECTIONS, &page.console);
	page.console.frame.title = str_fmt(c->arena, "%d", r->status);
	page.console.frame.flash = STR("");
	return RESPOND(c, tpl_console_error, &page, r);
}

str console_word(struct arena *a, str word)
{
	static const struct {
		const char *word, *text;
	} words[] = {
		{ "pending", "Not proved" },  { "verified", "Proved" },
		{ "active", "Active" },	      { "suspended", "Suspended" },
		{ "importing", "Coming in" }, { "leaving", "Leaving" },
		{ "moved_out", "Moved out" }, { "deleting", "Deleting" },
		{ "deleted", "Deleted" },     { "block", "Blocked" },
		{ "limit", "Limited" },	      { "host", "This installation" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq_c(word, words[i].word))
			return titled(a, words[i].text);
	return word;
}
