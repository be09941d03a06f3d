/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery mail: letters on their way, and whether they arrive. */
#include "model/mail.h"

#include "model/domain.h"
#include "model/mail_relay.h"
#include "provisioning/command.h"
#include "provisioning/lookup.h"

static int test(struct call *call)
{
	struct ctx *c = call->c;
	struct mail_trial t;

	TRY(lookup_writer(c, cli_option(call, "domain")));
	TRY(mail_relay_try(c, call->args[0], &t));
	json_put_str(call->answer, "to", t.letter.to.address);
	json_put_str(call->answer, "from", t.letter.from.address);
	json_put_str(call->answer, "message_id", t.letter.id);
	json_put_i64(call->answer, "status", t.status);
	json_put_str(call->answer, "answer", t.answer);
	json_put_bool(call->answer, "taken", t.status < 400);
	call->unwell = t.status >= 400;
	return 0;
}

static void put_mail(struct call *call, const struct mail_row *m)
{
	struct json_out *w = call->answer;
	const struct domain *d = domain_by_id(call->c->domains, m->domain_id);

	json_open_object(w, NULL);
	json_put_i64(w, "id", m->id);
	json_put_str(w, "domain", d ? d->name : STR(""));
	json_put_str(w, "kind", m->kind);
	json_put_str(w, "to", m->address);
	json_put_str(w, "state", m->state);
	json_put_i64(w, "attempts", m->state_attempts);
	json_put_str_opt(w, "error", m->state_error);
	json_put_time(w, "created", m->created);
	json_put_time(w, "sent", m->sent);
	json_close_object(w);
}

static int list(struct call *call)
{
	str state = cli_option(call, "state");
	const struct mail_row *rows;
	size_t n;

	TRY(q_mail_list(call->c, str_is_null(state) ? STR("") : state, LIST_LIMIT, &rows, &n));
	json_open_array(call->answer, "mails");
	for (size_t i = 0; i < n; i++)
		put_mail(call, &rows[i]);
	json_close_array(call->answer);
	if (n == LIST_LIMIT)
		json_put_bool(call->answer, "more", true);
	return 0;
}

static int retry(struct call *call)
{
	struct ctx *c = call->c;
	int64_t id;
	size_t n;

	if (!str_to_i64(call->args[0], &id))
		return fail(c, E_INVALID, "ID is a number");
	TRY(q_mail_retry(c, id, &n));
	if (!n)
		return fail(
			c, E_NOT_FOUND,
			"letter %lld was not given up, or its link is gone: it has to be asked for anew",
			(long long)id);
	json_put_i64(call->answer, "id", id);
	json_put_bool(call->answer, "waiting", true);
	return 0;
}

static const struct option test_options[] = {
	{ "domain", "DOMAIN", "in whose name; the first active one when not given" },
	{ NULL, NULL, NULL },
};

static const struct option list_options[] = {
	{ "state", "STATE", "only those: waiting, sent, dropped, refused or failed" },
	{ NULL, NULL, NULL },
};

const struct command cli_mail[] = {
	{ "mail",
	  "test",
	  { "ADDRESS" },
	  "Sends a letter at once and shows what the mail server says.",
	  test_options,
	  NEED_DATABASE,
	  NULL,
	  test,
	  NULL },
	{ "mail",
	  "list",
	  { NULL },
	  "Lists the letters that wait, or that were sent or given up lately.",
	  list_options,
	  NEED_DATABASE,
	  NULL,
	  list,
	  NULL },
	{ "mail",
	  "retry",
	  { "ID" },
	  "Tries a letter again that was given up.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  retry,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
