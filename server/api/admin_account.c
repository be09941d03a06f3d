/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Staff's view of accounts: https://docs.joinmastodon.org/methods/admin/accounts/ */
#include "model/moderation.h"

#include "server/api/api.h"
#include "server/api/params.h"
#include "server/api/render_admin.h"
#include "server/api/staff_handlers.h"

#define PAGE_SIZE 100
#define PAGE_MOST 200

static str text_of(const struct params *p, const char *name)
{
	str value = param(p, name);

	return str_is_null(value) ? STR("") : value;
}

static str folded(struct ctx *c, const struct params *p, const char *name)
{
	return str_lower(c->arena, str_trim(text_of(p, name)));
}

/* Names and addresses, which both versions ask for alike. */
static struct admin_account_choice read_choice(struct ctx *c, const struct params *p)
{
	return (struct admin_account_choice){
		.status = STR(""),
		.username = folded(c, p, "username"),
		.name = folded(c, p, "display_name"),
		.host = folded(c, p, "by_domain"),
		.email = folded(c, p, "email"),
		.address = str_trim(text_of(p, "ip")),
	};
}

/* The first version has a flag for each standing; the last that is set counts. */
static void read_flags(const struct params *p, struct admin_account_choice *ret)
{
	static const char *const standings[] = { "active",   "pending",	  "disabled",
						 "silenced", "suspended", "sensitized" };

	for (size_t i = 0; i < ARRAY_SIZE(standings); i++)
		if (param_bool(p, standings[i], false))
			ret->status = str_c(standings[i]);
	ret->ours = param_bool(p, "local", false);
	ret->others = param_bool(p, "remote", false);
	ret->staff = param_bool(p, "staff", false);
}

static int send_list(struct ctx *c, const struct request *q,
		     const struct admin_account_choice *choice, struct response *r)
{
	struct admin_account *accounts;
	struct json_out w;
	struct page page;
	size_t n;

	api_page(q, PAGE_SIZE, PAGE_MOST, &page);
	TRY(admin_account_list(c, choice, &page, &accounts, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_admin_account(c, &w, NULL, &accounts[i]);
	json_close_array(&w);
	if (n)
		api_link(c, q, accounts[0].identity->id, accounts[n - 1].identity->id,
			 (int64_t)n == page_limit(&page), r);
	return api_send(&w, r);
}

int admin_accounts_v1(struct ctx *c, struct request *q, struct response *r)
{
	struct admin_account_choice choice;
	struct params *p;

	TRY(params_read(c, q, &p));
	choice = read_choice(c, p);
	read_flags(p, &choice);
	return send_list(c, q, &choice, r);
}

int admin_accounts(struct ctx *c, struct request *q, struct response *r)
{
	struct admin_account_choice choice;
	struct params *p;
	str origin;

	TRY(params_read(c, q, &p));
	choice = read_choice(c, p);
	origin = text_of(p, "origin");
	choice.ours = str_eq(origin, STR("local"));
	choice.others = str_eq(origin, STR("remote"));
	choice.staff = str_eq(text_of(p, "permissions"), STR("staff")) ||
		       param_list(c, p, "role_ids").n > 0;
	choice.status = text_of(p, "status");
	return send_list(c, q, &choice, r);
}

static int send_account(struct ctx *c, int64_t id, struct response *r)
{
	struct admin_account a;
	struct json_out w;

	TRY(admin_account_get(c, id, &a));
	api_open(c, &w);
	render_admin_account(c, &w, NULL, &a);
	return api_send(&w, r);
}

int admin_account(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	return send_account(c, id, r);
}

int admin_account_approve(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(moderation_approve(c, id));
	return send_account(c, id, r);
}

/* What is deleted is shown as it was. */
static int remove_account(struct ctx *c, const struct request *q,
			  int (*fn)(struct ctx *c, int64_t id), struct response *r)
{
	struct admin_account a;
	struct json_out w;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(admin_account_get(c, id, &a));
	TRY(fn(c, id));
	api_open(c, &w);
	render_admin_account(c, &w, NULL, &a);
	return api_send(&w, r);
}

int admin_account_reject(struct ctx *c, struct request *q, struct response *r)
{
	return remove_account(c, q, moderation_reject, r);
}

int admin_account_delete(struct ctx *c, struct request *q, struct response *r)
{
	return remove_account(c, q, moderation_delete, r);
}

int admin_account_action(struct ctx *c, struct request *q, struct response *r)
{
	struct moderation_act act;
	struct params *p;

	TRY(params_read(c, q, &p));
	act = (struct moderation_act){
		.action = text_of(p, "type"),
		.report_id = param_id(p, "report_id"),
		.text = text_of(p, "text"),
	};
	TRY(api_path_id(c, q, 0, &act.identity_id));
	TRY(moderation_act(c, &act));
	return api_send_empty(r);
}

static int undo(struct ctx *c, const struct request *q, const char *what, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(moderation_undo(c, id, what));
	return send_account(c, id, r);
}

int admin_account_enable(struct ctx *c, struct request *q, struct response *r)
{
	return undo(c, q, "disabled", r);
}

int admin_account_unsilence(struct ctx *c, struct request *q, struct response *r)
{
	return undo(c, q, "silenced", r);
}

int admin_account_unsuspend(struct ctx *c, struct request *q, struct response *r)
{
	return undo(c, q, "suspended", r);
}

int admin_account_unsensitive(struct ctx *c, struct request *q, struct response *r)
{
	return undo(c, q, "sensitive", r);
}
