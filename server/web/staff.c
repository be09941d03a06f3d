/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what the menu shows is what dispatch allows, because both ask the route's capability. A section that is no
 * page of the table of routes is shown to nobody.
 */
#include "server/web/staff.h"

#include "base/id.h"
#include "base/out.h"
#include "base/table.h"
#include "fetch/url.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/views.h"
#include "server/web/text.h"

#define QUERY_LIMIT 2048 /* bytes of filters that a pager keeps */

static int64_t reports_waiting(const struct staff_waiting_row *w)
{
	return w->reports;
}

static int64_t sign_ups_waiting(const struct staff_waiting_row *w)
{
	return w->sign_ups;
}

static int64_t held_waiting(const struct staff_waiting_row *w)
{
	return w->held;
}

static int64_t appeals_waiting(const struct staff_waiting_row *w)
{
	return w->appeals;
}

const struct staff_section_info staff_sections[STAFF_SECTIONS] = {
	[SECTION_DASHBOARD] = { "/staff/", "Overview", "home", NULL, GROUP_OVERVIEW },
	[SECTION_REPORTS] = { "/staff/reports/", "Reports", "flag", reports_waiting, GROUP_PEOPLE },
	[SECTION_PEOPLE] = { "/staff/people/", "People", "person", NULL, GROUP_PEOPLE },
	[SECTION_SIGN_UPS] = { "/staff/sign-ups/", "Sign-ups", "in", sign_ups_waiting,
			       GROUP_PEOPLE },
	[SECTION_HELD] = { "/staff/held/", "Held posts", "clock", held_waiting, GROUP_PEOPLE },
	[SECTION_POLICIES] = { "/staff/policies/", "Policies", "filter", NULL, GROUP_OUTSIDE },
	[SECTION_APPEALS] = { "/staff/appeals/", "Appeals", "talk", appeals_waiting, GROUP_PEOPLE },
	[SECTION_TEMPLATES] = { "/staff/templates/", "Templates", "quote", NULL, GROUP_PEOPLE },
	[SECTION_GATES] = { "/staff/blocks/", "Blocks", "block", NULL, GROUP_OUTSIDE },
	[SECTION_AUDIT] = { "/staff/audit/", "Audit log", "list", NULL, GROUP_OVERVIEW },
	[SECTION_SERVERS] = { "/staff/servers/", "Servers", "nest", NULL, GROUP_OUTSIDE },
	[SECTION_HASHTAGS] = { "/staff/hashtags/", "Hashtags", "tag", NULL, GROUP_OUTSIDE },
	[SECTION_EMOJI] = { "/staff/emoji/", "Emoji", "like", NULL, GROUP_HOUSE },
	[SECTION_ANNOUNCEMENTS] = { "/staff/announcements/", "Announcements", "bell", NULL,
				    GROUP_HOUSE },
	[SECTION_INVITES] = { "/staff/invites/", "Invitations", "in", NULL, GROUP_HOUSE },
	[SECTION_RULES] = { "/staff/rules/", "Rules", "list", NULL, GROUP_HOUSE },
	[SECTION_TEXTS] = { "/staff/texts/", "Texts", "file", NULL, GROUP_HOUSE },
	[SECTION_BRANDING] = { "/staff/branding/", "Looks", "edit", NULL, GROUP_HOUSE },
	[SECTION_SIGN_UP] = { "/staff/signup/", "Sign-up", "person", NULL, GROUP_HOUSE },
	[SECTION_WEBHOOKS] = { "/staff/webhooks/", "Webhooks", "link", NULL, GROUP_HOUSE },
	[SECTION_USAGE] = { "/staff/usage/", "Usage", "poll", NULL, GROUP_OVERVIEW },
	[SECTION_HELP] = { "/staff/help/", "Help", "info", NULL, GROUP_OVERVIEW },
};

static const char *const groups[STAFF_GROUPS] = {
	[GROUP_OVERVIEW] = "All of it",
	[GROUP_PEOPLE] = "People and reports",
	[GROUP_OUTSIDE] = "The world outside",
	[GROUP_HOUSE] = "The house",
};

/* What a page says after a form did what it should: "?done=saved". */
static const struct {
	const char *word, *text;
} done_words[] = {
	{ "saved", "Saved." }, { "added", "Added." }, { "removed", "Removed." },
	{ "sent", "Sent." },   { "done", "Done." },
};

static str flash_of(const struct request *q)
{
	str word = request_query(q, "done");

	for (size_t i = 0; i < ARRAY_SIZE(done_words); i++)
		if (str_eq_c(word, done_words[i].word))
			return str_c(done_words[i].text);
	return STR("");
}

/* The lowest role that gets at a section; false when it is nowhere. */
static bool role_of(struct ctx *c, const struct staff_section_info *section, enum staff_role *ret)
{
	static const struct route *const tables[] = { staff_page_routes, NULL };
	const struct route *route;
	str args[4];

	if (route_find(tables, c->arena, METHOD_GET, str_c(section->path), args, &route))
		return false;
	*ret = staff_role_needed(route->capability);
	return true;
}

/* Those of a group that the role gets at. */
static void add_group(struct ctx *c, enum staff_role own, enum staff_section current,
		      const struct staff_waiting_row *waiting, struct staff_group_view *g)
{
	struct staff_entry_view *entries = arena_array(c->arena, STAFF_SECTIONS, sizeof(*entries));

	for (size_t i = 0; i < STAFF_SECTIONS; i++) {
		const struct staff_section_info *s = &staff_sections[i];
		enum staff_role needed;

		if (groups[s->group] != g->title || !role_of(c, s, &needed) || own < needed)
			continue;
		g->current |= i == current;
		entries[g->n_entries] = (struct staff_entry_view){
			.path = s->path,
			.title = s->title,
			.icon = s->icon,
			.current = i == current,
			.waiting = s->waiting ? s->waiting(waiting) : 0,
		};
		g->waiting += entries[g->n_entries++].waiting;
	}
	g->entries = entries;
}

static void add_groups(struct ctx *c, enum staff_role own, enum staff_section current,
		       const struct staff_waiting_row *waiting, struct staff_frame *f)
{
	struct staff_group_view *views = arena_array(c->arena, STAFF_GROUPS, sizeof(*views));

	for (size_t i = 0; i < STAFF_GROUPS; i++) {
		struct staff_group_view *g = &views[f->n_groups];

		*g = (struct staff_group_view){ .title = groups[i] };
		add_group(c, own, current, waiting, g);
		f->n_groups += g->n_entries > 0;
	}
	f->groups = views;
}

int staff_frame(struct ctx *c, const struct request *q, enum staff_section section,
		struct response *r, struct staff_frame *ret)
{
	const struct staff_waiting_row *waiting;
	struct staff_frame f = { .n_groups = 0 };
	enum staff_role own;

	TRY(staff_role_get(c, &own));
	TRY(q_staff_waiting(c, c->domain_id, &waiting));
	TRY(frame_load(c, q, MENU_STAFF, r, &f.frame));
	f.frame.title = text_word(c, staff_sections[section].title);
	f.frame.flash = flash_of(q);
	f.frame.hidden = true;
	add_groups(c, own, section, waiting, &f);
	*ret = f;
	return 0;
}

int staff_done(struct ctx *c, str path, const char *word, struct response *r)
{
	bool has_query = str_find(path, STR("?"), 0) != SIZE_MAX;

	return go_to(str_fmt(c->arena, "%.*s%sdone=%s", STR_ARG(path), has_query ? "&" : "?", word),
		     r);
}

static bool is_kept(str pair)
{
	return pair.n && !str_starts(pair, STR("max_id=")) && !str_starts(pair, STR("done="));
}

struct pager_view staff_pager(struct ctx *c, const struct request *q, const struct page *p,
			      bool is_full, int64_t last_id)
{
	struct pager_view pager = { STR(""), STR("") };
	str rest = q->query, pair, kept;
	struct out o;

	out_init(&o, c->arena, QUERY_LIMIT);
	out_char(&o, '?');
	while (str_cut(&rest, '&', &pair))
		if (is_kept(pair))
			out_fmt(&o, "%.*s&", STR_ARG(pair));
	if (out_done(&o, &kept))
		kept = STR("?");
	if (p->max_id)
		pager.newer = str_cat(c->arena, q->raw_path, str_slice(kept, 0, kept.n - 1));
	if (is_full)
		pager.older = str_fmt(c->arena, "%.*s%.*smax_id=%lld", STR_ARG(q->raw_path),
				      STR_ARG(kept), (long long)last_id);
	return pager;
}

str staff_query(const struct request *q, const char *name)
{
	str value = request_query(q, name);

	return str_is_null(value) ? STR("") : str_trim(value);
}

int staff_path_id(struct ctx *c, const struct request *q, size_t n, int64_t *ret)
{
	return id_parse(q->args[n], ret) ? 0 : fail(c, E_NOT_FOUND, "there is nothing here");
}

i64s staff_form_ids(struct ctx *c, const struct request *q, const char *name)
{
	int64_t *ids = arena_array(c->arena, STAFF_IDS, sizeof(*ids));
	str key, value;
	size_t n = 0;

	for (size_t i = 0; n < STAFF_IDS && request_form_at(q, i, &key, &value); i++)
		if (str_eq_c(key, name) && id_parse(value, &ids[n]))
			n++;
	return (i64s){ ids, n };
}

bool staff_is_typed_wrong(int err)
{
	return err == E_UNPROCESSABLE || err == E_INVALID || err == E_LIMITED || err == E_CONFLICT;
}

struct wrong staff_problem(struct ctx *c, int err, struct response *r)
{
	r->status = form_status(err);
	return form_error(c, err);
}

int staff_sees(struct ctx *c, enum capability what, bool *ret)
{
	enum staff_role own;

	TRY(staff_role_get(c, &own));
	*ret = own >= staff_role_needed(what);
	return 0;
}
