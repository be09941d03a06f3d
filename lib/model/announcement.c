/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: an announcement is its own tenant's; its reactions are counted, never who gave them shown. */
#include "model/announcement.h"

#include "html/html.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/emoji.h"

#define CURRENT_LIMIT 100
#define ALL_LIMIT 1000

int announcement_list(struct ctx *c, bool with_dismissed, struct announcement **ret, size_t *ret_n)
{
	const struct announcement_reaction_row *reactions;
	const struct announcement_row *rows;
	struct announcement *list;
	size_t n, n_reactions;
	int64_t *ids;

	TRY(q_announcement_current(c, c->identity_id, c->domain_id, with_dismissed, CURRENT_LIMIT,
				   &rows, &n));
	list = arena_array(c->arena, n + 1, sizeof(*list));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++) {
		list[i].row = &rows[i];
		ids[i] = rows[i].id;
		emoji_expect(c, (struct emoji_origin){ .domain_id = c->domain_id },
			     rows[i].content);
	}
	TRY(q_announcement_reactions(c, c->identity_id, (i64s){ ids, n }, &reactions,
				     &n_reactions));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_reactions; k++) {
			if (reactions[k].announcement_id != ids[i])
				continue;
			list[i].reactions = list[i].reactions ? list[i].reactions : &reactions[k];
			list[i].n_reactions++;
		}
	*ret = list;
	*ret_n = n;
	return 0;
}

static int find(struct ctx *c, int64_t id, const struct announcement_row **ret)
{
	return q_announcement_by_id(c, c->domain_id, id, ret);
}

int announcement_dismiss(struct ctx *c, int64_t id)
{
	const struct announcement_row *row;

	TRY(find(c, id, &row));
	return q_announcement_dismiss(c, id, c->identity_id, c->domain_id, NULL);
}

int announcement_react(struct ctx *c, int64_t id, str name, bool on)
{
	const struct announcement_reacted_row *reacted;
	const struct emoji_row *custom;
	const struct announcement_row *row;
	struct q_announcement_react_args args = {
		.id = id,
		.name = name,
		.identity_id = c->identity_id,
		.domain_id = c->domain_id,
		.limit = ANNOUNCEMENT_REACTIONS,
	};

	TRY(find(c, id, &row));
	if (!on)
		return q_announcement_unreact(c, id, name, c->identity_id, NULL);
	TRY(emoji_of_reaction(c, name, &custom));
	TRY(q_announcement_react(c, &args, &reacted));
	return reacted->there ? 0
			      : fail(c, E_UNPROCESSABLE,
				     "Validation failed: there are %d different reactions already",
				     ANNOUNCEMENT_REACTIONS);
}

/* Mentions and hashtags lead to this tenant's own pages. */
static struct html_link link_of(void *arg, const struct html_token *t)
{
	const struct ctx *c = arg;
	str origin = c->domain->origin;

	if (t->kind == HTML_HASHTAG)
		return (struct html_link){ str_fmt(c->arena, "%.*s/tags/%.*s/", STR_ARG(origin),
						   STR_ARG(t->name)),
					   STR_NULL };
	if (t->kind == HTML_MENTION && str_is_null(t->host))
		return (struct html_link){
			str_fmt(c->arena, "%.*s/@%.*s/", STR_ARG(origin), STR_ARG(t->name)), t->name
		};
	return (struct html_link){ STR_NULL, STR_NULL };
}

int announcement_markup(struct ctx *c, str text, html *ret)
{
	str source = str_trim(text);

	if (str_is_empty(source) || !str_is_utf8(source) || str_chars(source) > ANNOUNCEMENT_LIMIT)
		return fail_at(c, "text",
			       fail(c, E_INVALID, "an announcement has 1 to %d characters",
				    ANNOUNCEMENT_LIMIT));
	return html_from_text(c, source, link_of, c, ret);
}

/* Judges a draft; gives its markup. */
static int check(struct ctx *c, const struct announcement_draft *d, html *ret)
{
	if (d->starts && d->ends && d->ends < d->starts)
		return fail_at(c, "ends", fail(c, E_INVALID, "it ends before it starts"));
	return announcement_markup(c, d->text, ret);
}

static int write_down(struct ctx *c, const char *action, int64_t id)
{
	return audit_add(c, action, str_fmt(c->arena, "%lld", (long long)id), STR(""));
}

int announcement_add(struct ctx *c, const struct announcement_draft *d,
		     const struct announcement_row **ret)
{
	struct q_announcement_add_args args = {
		.domain_id = c->domain_id,
		.source = str_trim(d->text),
		.starts = d->starts,
		.ends = d->ends,
		.all_day = d->all_day,
		.shown = !d->hidden,
		.due = d->hidden ? d->due : 0,
	};
	html content;

	TRY(check(c, d, &content));
	args.content = content.s;
	TRY(q_announcement_add(c, &args, ret));
	return write_down(c, "announcement.add", (*ret)->id);
}

int announcement_change(struct ctx *c, int64_t id, const struct announcement_draft *d)
{
	struct q_announcement_change_args args = {
		.source = str_trim(d->text),
		.starts = d->starts,
		.ends = d->ends,
		.all_day = d->all_day,
		.shown = !d->hidden,
		.due = d->hidden ? d->due : 0,
		.domain_id = c->domain_id,
		.id = id,
	};
	html content;
	size_t n;

	TRY(check(c, d, &content));
	args.content = content.s;
	TRY(q_announcement_change(c, &args, &n));
	if (!n)
		return fail(c, E_NOT_FOUND, "there is no such announcement");
	return write_down(c, "announcement.change", id);
}

int announcement_get(struct ctx *c, int64_t id, const struct announcement_row **ret)
{
	int result = q_announcement_any(c, c->domain_id, id, ret);

	return result == E_NOT_FOUND ? fail(c, result, "there is no such announcement") : result;
}

int announcements_publish(struct ctx *c)
{
	return q_announcement_publish(c, NULL);
}

int announcement_all(struct ctx *c, const struct announcement_row **ret, size_t *ret_n)
{
	return q_announcement_all(c, c->domain_id, ALL_LIMIT, ret, ret_n);
}

int announcement_remove(struct ctx *c, int64_t id)
{
	size_t n;

	TRY(q_announcement_remove(c, c->domain_id, id, &n));
	if (!n)
		return fail(c, E_NOT_FOUND, "there is no such announcement");
	return write_down(c, "announcement.remove", id);
}
