/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery account: what a domain's staff decides about its members, on the operator's word. */
#include "base/id.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/moderation.h"
#include "provisioning/command.h"
#include "provisioning/lookup.h"

#define PAGE_MOST 80

static void put_account(struct json_out *w, struct arena *a, const struct admin_account *one)
{
	const struct admin_account_fact_row *f = one->facts;

	json_put_id(w, "id", one->identity->id);
	json_put_str(w, "handle", str_from(identity_handle(a, one->identity), 1));
	json_put_str(w, "role", f->role);
	json_put_bool(w, "pending", f->pending);
	json_put_bool(w, "disabled", f->disabled);
	json_put_bool(w, "silenced", f->silenced);
	json_put_bool(w, "suspended", f->suspended);
	json_put_bool(w, "sensitive", f->sensitive);
	json_put_bool(w, "held", f->held);
	json_put_str(w, "reason", f->reason);
	json_put_time(w, "created", f->created);
}

static int put_page(struct call *call, const struct admin_account_choice *choice, int64_t *max_id,
		    size_t *ret_n)
{
	const struct page p = { .max_id = *max_id, .limit = PAGE_MOST, .most = PAGE_MOST };
	struct admin_account *all;

	TRY(admin_account_list(call->c, choice, &p, &all, ret_n));
	for (size_t i = 0; i < *ret_n; i++) {
		json_open_object(call->answer, NULL);
		put_account(call->answer, call->arena, &all[i]);
		json_close_object(call->answer);
		*max_id = all[i].identity->id;
	}
	return 0;
}

static int list(struct call *call)
{
	str status = cli_option(call, "status");
	struct admin_account_choice choice = {
		.ours = true,
		.status = str_is_null(status) ? STR("") : status,
		.username = STR(""),
		.name = STR(""),
		.host = STR(""),
		.email = STR(""),
		.address = STR(""),
	};
	const struct domain_row *d;
	size_t n = PAGE_MOST, seen = 0;
	int64_t max_id = 0;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	json_open_array(call->answer, "accounts");
	for (; n == PAGE_MOST && seen < LIST_LIMIT; seen += n)
		TRY(put_page(call, &choice, &max_id, &n));
	json_close_array(call->answer);
	if (n == PAGE_MOST)
		json_put_bool(call->answer, "more", true);
	return 0;
}

/* Of a local identity, with the ctx bound to its tenant. */
static int find(struct call *call, int64_t *ret_id)
{
	const struct identity_row *i;

	TRY(lookup_identity(call->c, call->args[0], &i));
	TRY(ctx_bind(call->c, i->domain_id));
	*ret_id = i->id;
	return 0;
}

static int show_again(struct call *call, int64_t id)
{
	struct admin_account found;

	TRY(admin_account_get(call->c, id, &found));
	put_account(call->answer, call->arena, &found);
	return 0;
}

static int approve(struct call *call)
{
	int64_t id;

	TRY(find(call, &id));
	TRY(moderation_approve(call->c, id));
	return show_again(call, id);
}

static int reject(struct call *call)
{
	int64_t id;

	TRY(find(call, &id));
	TRY(moderation_reject(call->c, id));
	json_put_id(call->answer, "id", id);
	json_put_bool(call->answer, "rejected", true);
	return 0;
}

static int act(struct call *call)
{
	str text = cli_option(call, "text");
	struct moderation_act m = { .action = call->args[1],
				    .text = str_is_null(text) ? STR("") : text };

	TRY(find(call, &m.identity_id));
	TRY(moderation_act(call->c, &m));
	return show_again(call, m.identity_id);
}

static int undo(struct call *call)
{
	const char *what = str_z(call->arena, call->args[1]);
	int64_t id;

	TRY(find(call, &id));
	TRY(moderation_undo(call->c, id, what));
	return show_again(call, id);
}

static int log_out(struct call *call)
{
	int64_t id;

	TRY(find(call, &id));
	TRY(moderation_log_out(call->c, id));
	return show_again(call, id);
}

static const struct option list_options[] = {
	{ "status", "STATUS",
	  "only those that are active, pending, disabled, silenced, suspended, sensitized or held" },
	{ NULL, NULL, NULL },
};

static const struct option act_options[] = {
	{ "text", "TEXT", "what they are told" },
	{ NULL, NULL, NULL },
};

#define COMMAND(verb, help, options, run, ...)                                                  \
	{                                                                                       \
		"account", verb, { __VA_ARGS__ }, help, options, NEED_DATABASE, NULL, run, NULL \
	}

const struct command cli_account[] = {
	COMMAND("list", "Lists the members of a domain as its staff sees them.", list_options, list,
		"DOMAIN"),
	COMMAND("approve", "Lets somebody in who waits for approval.", NULL, approve,
		"NAME@DOMAIN"),
	COMMAND("reject", "Does not, and deletes what there is of them.", NULL, reject,
		"NAME@DOMAIN"),
	COMMAND("act", "Warns (none), or does disable, silence, suspend, sensitive or hold.",
		act_options, act, "NAME@DOMAIN", "ACTION"),
	COMMAND("undo", "Takes back disabled, silenced, suspended, sensitive or held.", NULL, undo,
		"NAME@DOMAIN", "WHAT"),
	COMMAND("log-out", "Ends all sessions and programs of a member.", NULL, log_out,
		"NAME@DOMAIN"),
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
