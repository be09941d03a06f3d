/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery invite: invitations to a domain. */
#include "model/invite.h"

#include "model/domain.h"
#include "provisioning/command.h"
#include "provisioning/lookup.h"

#define DAYS_MAX 3650

static void put_invite(struct call *call, const struct invite_row *i)
{
	struct json_out *w = call->answer;

	json_put_i64(w, "id", i->id);
	json_put_str(w, "token", i->token);
	json_put_str(w, "url", invite_url(call->c, i));
	if (i->unlimited)
		json_put_null(w, "uses_left");
	else
		json_put_i64(w, "uses_left", i->uses_left);
	json_put_time(w, "expires", i->expires);
	json_put_str(w, "note", i->note);
	json_put_time(w, "created", i->created);
}

static int add(struct call *call)
{
	const struct domain_row *d;
	const struct invite_row *i;
	struct invite_draft draft = { .note = cli_option(call, "note") };
	int64_t days;

	TRY(cli_number(call, "uses", 1, &draft.uses));
	TRY(cli_number(call, "days", 14, &days));
	if (days > DAYS_MAX)
		return fail(call->c, E_INVALID, "--days is at most %d", DAYS_MAX);
	draft.expires = days ? call->c->now + days * USEC_DAY : 0;
	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(invite_create(call->c, &draft, &i));
	put_invite(call, i);
	return 0;
}

static int list(struct call *call)
{
	const struct domain_row *d;
	const struct invite_row *rows;
	size_t n;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(invite_list(call->c, &rows, &n));
	json_open_array(call->answer, "invites");
	for (size_t i = 0; i < n; i++) {
		json_open_object(call->answer, NULL);
		put_invite(call, &rows[i]);
		json_close_object(call->answer);
	}
	json_close_array(call->answer);
	return 0;
}

static int withdraw(struct call *call)
{
	const struct domain_row *d;
	int64_t id;

	if (!str_to_i64(call->args[1], &id))
		return fail(call->c, E_INVALID, "ID is a number");
	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(invite_withdraw(call->c, id));
	json_put_i64(call->answer, "id", id);
	json_put_bool(call->answer, "withdrawn", true);
	return 0;
}

static const struct option add_options[] = {
	{ "uses", "NUMBER", "how often it works; 1 when not given, 0 without limit" },
	{ "days", "NUMBER", "how long it works; 14 when not given, 0 for ever" },
	{ "note", "TEXT", "for whom; only staff sees it" },
	{ NULL, NULL, NULL },
};

const struct command cli_invite[] = {
	{ "invite",
	  "add",
	  { "DOMAIN" },
	  "Makes an invitation and shows its link.",
	  add_options,
	  NEED_DATABASE,
	  NULL,
	  add,
	  NULL },
	{ "invite",
	  "list",
	  { "DOMAIN" },
	  "Lists the invitations of a domain.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  list,
	  NULL },
	{ "invite",
	  "withdraw",
	  { "DOMAIN", "ID" },
	  "Withdraws an invitation.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  withdraw,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
