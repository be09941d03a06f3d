/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: an e-mail address or a network address is written only of people whose identity is the tenant's. */
#include "server/api/render_admin.h"

#include "base/clock.h"
#include "crypt/hash.h"
#include "model/domain.h"
#include "model/instance.h"
#include "model/post.h"
#include "model/post_decision.h"
#include "server/api/api.h"
#include "server/api/instance.h"
#include "server/api/render_account.h"
#include "server/api/render_report.h"
#include "server/api/render_status.h"

static void put_ips(struct json_out *w, const struct admin_account_fact_row *f)
{
	json_put_str(w, "ip", f->address.n ? f->address : STR_NULL);
	json_open_array(w, "ips");
	if (f->address.n) {
		json_open_object(w, NULL);
		json_put_str(w, "ip", f->address);
		json_put_time(w, "used_at", f->address_used);
		json_close_object(w);
	}
	json_close_array(w);
}

static void put_standing(struct json_out *w, const struct admin_account_fact_row *f)
{
	json_put_bool(w, "confirmed", f->confirmed);
	json_put_bool(w, "approved", !f->pending);
	json_put_bool(w, "disabled", f->disabled || f->banned);
	json_put_bool(w, "sensitized", f->sensitive);
	json_put_bool(w, "silenced", f->silenced);
	json_put_bool(w, "suspended", f->suspended);
}

void render_admin_account(struct ctx *c, struct json_out *w, const char *key,
			  const struct admin_account *a)
{
	if (!a) {
		json_put_null(w, key);
		return;
	}
	json_open_object(w, key);
	json_put_id(w, "id", a->identity->id);
	json_put_str(w, "username", a->identity->username);
	json_put_str(w, "domain",
		     a->facts->is_ours || !a->facts->host.n ? STR_NULL : a->facts->host);
	json_put_time(w, "created_at", a->facts->created);
	json_put_str(w, "email", a->facts->email);
	put_ips(w, a->facts);
	json_put_c(w, "locale", "en");
	json_put_str(w, "invite_request", a->facts->reason.n ? a->facts->reason : STR_NULL);
	render_role(w, "role", a->facts->role);
	put_standing(w, a->facts);
	json_put_null(w, "created_by_application_id");
	json_put_null(w, "invited_by_account_id");
	render_account(c, w, "account", a->identity);
	json_close_object(w);
}

/* What a page of complaints needs: each person, post and rule once. */
struct cases {
	struct admin_account *people;
	struct status *statuses;
	const struct rule_row *rules;
	size_t n_people, n_statuses, n_rules;
};

static int load_people(struct ctx *c, const struct report_row *rows, size_t n, struct cases *ret)
{
	int64_t *ids = arena_array(c->arena, 4 * n + 1, sizeof(*ids));
	size_t n_ids = 0;

	for (size_t i = 0; i < n; i++) {
		const int64_t people[] = { rows[i].source_id, rows[i].subject_id,
					   rows[i].assigned_id, rows[i].resolved_by_id };

		for (size_t k = 0; k < ARRAY_SIZE(people); k++)
			if (people[k])
				ids[n_ids++] = people[k];
	}
	return admin_accounts_load(c, (i64s){ ids, n_ids }, &ret->people, &ret->n_people);
}

static int load_statuses(struct ctx *c, const struct report_row *rows, size_t n, struct cases *ret)
{
	const struct post_row *posts;
	size_t n_ids = 0;
	int64_t *ids;

	for (size_t i = 0; i < n; i++)
		n_ids += rows[i].post_ids.n;
	ids = arena_array(c->arena, n_ids + 1, sizeof(*ids));
	n_ids = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < rows[i].post_ids.n; k++)
			ids[n_ids++] = rows[i].post_ids.p[k];
	if (n_ids == 0)
		return 0;
	TRY(posts_get_as_staff(c, (i64s){ ids, n_ids }, &posts, &ret->n_statuses));
	return statuses_load(c, posts, ret->n_statuses, c->identity_id, &ret->statuses);
}

static const struct admin_account *person(const struct cases *all, int64_t id)
{
	for (size_t i = 0; i < all->n_people; i++)
		if (id && all->people[i].identity->id == id)
			return &all->people[i];
	return NULL;
}

static void put_statuses(struct ctx *c, struct json_out *w, const struct report_row *row,
			 const struct cases *all)
{
	json_open_array(w, "statuses");
	for (size_t i = 0; i < row->post_ids.n; i++)
		for (size_t k = 0; k < all->n_statuses; k++)
			if (all->statuses[k].post->id == row->post_ids.p[i])
				render_status(c, w, NULL, &all->statuses[k]);
	json_close_array(w);
}

static void put_rules(struct ctx *c, struct json_out *w, const struct report_row *row,
		      const struct cases *all)
{
	struct rule_row *broken = arena_array(c->arena, all->n_rules + 1, sizeof(*broken));
	size_t n = 0;

	for (size_t i = 0; i < all->n_rules; i++)
		for (size_t k = 0; k < row->rule_ids.n; k++)
			if (all->rules[i].id == row->rule_ids.p[k])
				broken[n++] = all->rules[i];
	render_rules(w, "rules", broken, n);
}

static void put_report(struct ctx *c, struct json_out *w, const struct report_row *row,
		       const struct cases *all)
{
	json_open_object(w, NULL);
	json_put_id(w, "id", row->id);
	json_put_bool(w, "action_taken", row->resolved != 0);
	json_put_time(w, "action_taken_at", row->resolved);
	json_put_str(w, "category", row->category);
	json_put_str(w, "comment", row->comment);
	json_put_bool(w, "forwarded", row->forwarded);
	json_put_time(w, "created_at", row->created);
	json_put_time(w, "updated_at", row->updated);
	render_admin_account(c, w, "account", person(all, row->source_id));
	render_admin_account(c, w, "target_account", person(all, row->subject_id));
	render_admin_account(c, w, "assigned_account", person(all, row->assigned_id));
	render_admin_account(c, w, "action_taken_by_account", person(all, row->resolved_by_id));
	put_statuses(c, w, row, all);
	put_rules(c, w, row, all);
	json_close_object(w);
}

int render_admin_reports(struct ctx *c, struct json_out *w, const struct report_row *rows, size_t n)
{
	struct cases all = { 0 };

	TRY(load_people(c, rows, n, &all));
	TRY(load_statuses(c, rows, n, &all));
	TRY(rules_list(c, &all.rules, &all.n_rules));
	for (size_t i = 0; i < n; i++)
		put_report(c, w, &rows[i], &all);
	return 0;
}

/* Our severities in the API's words. */
static const char *severity_of(str ours)
{
	return str_eq(ours, STR("block"))   ? "suspend"
	       : str_eq(ours, STR("limit")) ? "silence"
					    : "noop";
}

void render_domain_block(struct ctx *c, struct json_out *w, const struct server_limit_row *row)
{
	json_open_object(w, NULL);
	json_put_id(w, "id", row->id);
	json_put_str(w, "domain", row->host);
	json_put_str(w, "digest", hex_encode(c->arena, hash_sha256(c->arena, row->host)));
	json_put_time(w, "created_at", row->created);
	json_put_c(w, "severity", severity_of(row->severity));
	json_put_bool(w, "reject_media", row->reject_media);
	json_put_bool(w, "reject_reports", row->reject_reports);
	json_put_str(w, "private_comment", row->reason.n ? row->reason : STR_NULL);
	json_put_str(w, "public_comment", row->public_comment.n ? row->public_comment : STR_NULL);
	json_put_bool(w, "obfuscate", row->obfuscate);
	json_close_object(w);
}

void render_domain_allow(struct json_out *w, const struct allowed_server_row *row)
{
	json_open_object(w, NULL);
	json_put_id(w, "id", row->id);
	json_put_str(w, "domain", row->host);
	json_put_time(w, "created_at", row->created);
	json_close_object(w);
}

void render_ip_block(struct json_out *w, const struct ip_block_row *row)
{
	json_open_object(w, NULL);
	json_put_id(w, "id", row->id);
	json_put_str(w, "ip", row->range);
	json_put_str(w, "severity", row->severity);
	json_put_str(w, "comment", row->comment);
	json_put_time(w, "created_at", row->created);
	json_put_time(w, "expires_at", row->expires);
	json_close_object(w);
}

void render_email_block(struct json_out *w, const struct email_block_row *row)
{
	json_open_object(w, NULL);
	json_put_id(w, "id", row->id);
	json_put_str(w, "canonical_email_hash", row->hash);
	json_close_object(w);
}

void render_email_domain_block(struct ctx *c, struct json_out *w,
			       const struct email_domain_block_row *row,
			       const struct email_domain_block_day_row *days, size_t n)
{
	json_open_object(w, NULL);
	json_put_id(w, "id", row->id);
	json_put_str(w, "domain", row->host);
	json_put_time(w, "created_at", row->created);
	json_open_array(w, "history");
	for (size_t i = 0; i < n; i++) {
		if (days[i].block_id != row->id)
			continue;
		json_open_object(w, NULL);
		json_put_str(w, "day",
			     str_fmt(c->arena, "%lld", (long long)(days[i].day / USEC_SEC)));
		json_put_str(w, "accounts", str_fmt(c->arena, "%lld", (long long)days[i].accounts));
		json_put_str(w, "uses", str_fmt(c->arena, "%lld", (long long)days[i].uses));
		json_close_object(w);
	}
	json_close_array(w);
	json_close_object(w);
}
