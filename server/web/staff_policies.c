/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Rules that judge posts: worded, tried on what is stored, switched on and off, and shared with other communities. */
#include "model/policy.h"

#include "base/out.h"
#include "model/post_decision.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_policy_page.h"
#include "server/web/views.h"
#include "sql/gen/post.h"
#include "templates.h"

#define LINES (4 * POLICY_ENTRY_LIMIT) /* of one field that are looked at */
#define LINES_LIMIT (256 * 1024) /* bytes of a field that is shown again */

str staff_lines(struct arena *a, strs list)
{
	struct out o;

	out_init(&o, a, LINES_LIMIT);
	for (size_t i = 0; i < list.n; i++) {
		out_str(&o, list.p[i]);
		out_char(&o, '\n');
	}
	return out_view(&o);
}

static strs lines_of(struct ctx *c, const struct request *q, const char *name)
{
	str text = form_text(c, q, name), line;
	str *lines = arena_array(c->arena, LINES, sizeof(*lines));
	size_t n = 0;

	while (n < LINES && str_cut(&text, '\n', &line))
		if (str_trim(line).n)
			lines[n++] = str_trim(line);
	return (strs){ lines, n };
}

/* What is no number is one that no rule has. */
static int64_t number_of(struct ctx *c, const struct request *q, const char *name)
{
	str typed = form_line(c, q, name);
	int64_t n;

	if (str_is_empty(typed))
		return 0;
	return str_to_i64(typed, &n) ? n : -1;
}

struct policy_row staff_policy_read(struct ctx *c, const struct request *q)
{
	return (struct policy_row){
		.title = form_line(c, q, "title"),
		.note = form_text(c, q, "note"),
		.state = form_line(c, q, "state"),
		.action = form_line(c, q, "action"),
		.words = form_line(c, q, "words"),
		.incoming = form_ticked(q, "incoming"),
		.own = form_ticked(q, "own"),
		.private = form_ticked(q, "private"),
		.servers = lines_of(c, q, "servers"),
		.younger_days = number_of(c, q, "younger_days"),
		.unfollowed = form_ticked(q, "unfollowed"),
		.phrases = lines_of(c, q, "phrases"),
		.whole_words = form_ticked(q, "whole_words"),
		.mentions = number_of(c, q, "mentions"),
		.links = lines_of(c, q, "links"),
		.media = form_ticked(q, "media"),
		.hashtags = lines_of(c, q, "hashtags"),
		.languages = lines_of(c, q, "languages"),
		.stranger = form_ticked(q, "stranger"),
	};
}

static int respond(struct ctx *c, const struct request *q, struct staff_policies_page *page,
		   struct response *r)
{
	TRY(policy_list(c, &page->policies, &page->n_policies));
	TRY(policy_floor(c, &page->floor, &page->n_floor));
	TRY(staff_frame(c, q, SECTION_POLICIES, r, &page->staff));
	return RESPOND(c, tpl_staff_policies, page, r);
}

const struct policy_row staff_policy_fresh = {
	.state = { "draft", 5 },
	.action = { "hold", 4 },
	.incoming = true,
	.whole_words = true,
};

int staff_policies(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_policies_page page = { .typed = staff_policy_fresh };

	return respond(c, q, &page, r);
}

static int led(struct ctx *c, int64_t id, const char *word, struct response *r)
{
	return staff_done(c, str_fmt(c->arena, "/staff/policies/at/%lld/", (long long)id), word, r);
}

int staff_policies_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_policies_page page = { .typed = staff_policy_read(c, q) };
	struct policy_row checked = page.typed;
	int64_t id;
	int err = policy_check(c, &checked);

	if (!err)
		err = policy_add(c, &checked, &id);
	if (err == E_UNPROCESSABLE) {
		page.error = staff_problem(c, err, r);
		return respond(c, q, &page, r);
	}
	TRY(err);
	return led(c, id, "added", r);
}

int staff_policies_file(struct ctx *c, unused struct request *q, struct response *r)
{
	TRY(policy_export(c, &r->body));
	r->type = STR("application/json");
	r->disposition = STR("attachment; filename=\"policies.json\"");
	return 0;
}

int staff_policies_import(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_policies_page page = { .typed = staff_policy_fresh };
	const struct request_file *file = request_file(q, "file");
	size_t n;
	int err = policy_import(c, file ? file->data : STR(""), &n);

	if (err == E_UNPROCESSABLE) {
		page.import_error = staff_problem(c, err, r);
		return respond(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, STR("/staff/policies/"), "added", r);
}

static int find(struct ctx *c, const struct request *q, const struct policy_row **ret)
{
	int64_t id;

	TRY(staff_path_id(c, q, 0, &id));
	return policy_get(c, id, ret);
}

static int respond_one(struct ctx *c, const struct request *q, struct staff_policy_page *page,
		       struct response *r)
{
	TRY(staff_frame(c, q, SECTION_POLICIES, r, &page->staff));
	return RESPOND(c, tpl_staff_policy, page, r);
}

int staff_policy(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_policy_page page = { .id = 0 };
	const struct policy_row *row;

	TRY(find(c, q, &row));
	page.id = row->id;
	page.is_floor = !row->domain_id;
	page.typed = *row;
	return respond_one(c, q, &page, r);
}

int staff_policy_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_policy_page page = { .typed = staff_policy_read(c, q) };
	struct policy_row checked = page.typed;
	int err;

	TRY(staff_path_id(c, q, 0, &page.id));
	if (form_ticked(q, "delete")) {
		TRY(policy_remove(c, page.id));
		return staff_done(c, STR("/staff/policies/"), "removed", r);
	}
	err = policy_check(c, &checked);
	if (!err)
		err = policy_change(c, page.id, &checked);
	if (err == E_UNPROCESSABLE) {
		page.error = staff_problem(c, err, r);
		return respond_one(c, q, &page, r);
	}
	TRY(err);
	return led(c, page.id, "saved", r);
}

/* Those that fit, newest first; what staff may not read is counted alone. */
static int show(struct ctx *c, const struct policy_replay *replay, struct staff_replay_page *page)
{
	struct post_row *ordered = arena_array(c->arena, replay->n_matches + 1, sizeof(*ordered));
	const struct post_row *posts;
	struct status *statuses;
	size_t n, kept = 0;

	TRY(posts_get_as_staff(c, (i64s){ replay->matches, replay->n_matches }, &posts, &n));
	for (size_t i = 0; i < replay->n_matches; i++)
		for (size_t k = 0; k < n; k++)
			if (posts[k].id == replay->matches[i])
				ordered[kept++] = posts[k];
	TRY(statuses_load(c, ordered, kept, c->identity_id, &statuses));
	page->posts = view_posts(c, statuses, kept);
	page->n_posts = kept;
	page->n_hidden = (int64_t)(replay->n_matches - kept);
	return 0;
}

static int64_t query_number(const struct request *q, const char *name, int64_t otherwise)
{
	int64_t n;

	return str_to_i64(staff_query(q, name), &n) && n >= 0 ? n : otherwise;
}

int staff_policy_replay(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_replay_page page = { .days = query_number(q, "days", 7) };
	struct policy_replay replay = { .max_id = query_number(q, "max_id", 0) };
	int err;

	TRY(find(c, q, &page.policy));
	err = policy_replay(c, page.policy, page.days, &replay);
	if (err == E_UNPROCESSABLE)
		page.error = staff_problem(c, err, r);
	else
		TRY(err);
	if (!err)
		TRY(show(c, &replay, &page));
	page.looked_at = (int64_t)replay.looked_at;
	if (!err && replay.max_id)
		page.further = str_fmt(c->arena,
				       "/staff/policies/at/%lld/replay/?days=%lld&max_id=%lld",
				       (long long)page.policy->id, (long long)page.days,
				       (long long)replay.max_id);
	TRY(staff_frame(c, q, SECTION_POLICIES, r, &page.staff));
	return RESPOND(c, tpl_staff_replay, &page, r);
}
