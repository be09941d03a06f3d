/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery domain: tenants. */
#include "model/domain_life.h"

#include "ap/handle.h"
#include "model/settings.h"
#include "provisioning/check.h"
#include "provisioning/instance.h"
#include "provisioning/lookup.h"

static void put_proof(struct call *call, const struct domain_row *d)
{
	str origin = handle_origin(call->arena, d->name, call->c->settings->development);

	json_open_object(call->answer, "proof");
	json_put_str(call->answer, "txt_name",
		     str_cat(call->arena, STR(DOMAIN_TXT_LABEL), d->name));
	json_put_str(call->answer, "url", str_cat(call->arena, origin, STR(DOMAIN_PROOF_PATH)));
	json_put_str(call->answer, "token", d->verify_token);
	json_close_object(call->answer);
}

/* What the operator can do with a tenant in this state. */
static str next_step(struct call *call, const struct domain_row *d)
{
	if (str_eq(d->state, STR("pending")))
		return str_fmt(
			call->arena,
			"publish the token at one of these, then: rookery domain verify %.*s",
			STR_ARG(d->name));
	if (str_eq(d->state, STR("verified")))
		return str_fmt(call->arena, "rookery domain activate %.*s", STR_ARG(d->name));
	return STR_NULL;
}

static void put_domain(struct call *call, const struct domain_row *d)
{
	struct json_out *w = call->answer;

	json_put_i64(w, "id", d->id);
	json_put_str(w, "name", d->name);
	json_put_str(w, "service_name", d->service_name);
	json_put_str(w, "title", d->title);
	json_put_str(w, "state", d->state);
	json_put_str(w, "sign_up", d->sign_up);
	json_put_bool(w, "federated", d->federated);
	json_put_str(w, "verified_by", d->verified_by);
	json_put_time(w, "verified", d->verified);
	json_put_time(w, "created", d->created);
	json_put_str(w, "suspended_reason", d->suspended_reason);
	if (str_eq(d->state, STR("pending")))
		put_proof(call, d);
	json_put_str_opt(w, "next", next_step(call, d));
}

/* Every change ends with what the tenant then looks like. */
static int show_again(struct call *call, int64_t id)
{
	const struct domain_row *d;

	TRY(domain_reload(call->c));
	TRY(q_domain_by_id(call->c, id, &d));
	put_domain(call, d);
	return 0;
}

static int add(struct call *call)
{
	struct domain_draft draft = {
		.name = call->args[0],
		.service_name = cli_option(call, "service-name"),
		.title = cli_option(call, "title"),
	};
	bool active = cli_is_set(call, "active");
	int sign_up = SIGN_UP_INVITE;
	int64_t id;

	if (cli_is_set(call, "sign-up"))
		TRY(lookup_name(call->c, domain_sign_ups, cli_option(call, "sign-up"), "--sign-up",
				&sign_up));
	draft.sign_up = (enum domain_sign_up)sign_up;
	TRY(domain_add(call->c, &draft, &id));
	if (active || cli_is_set(call, "verified"))
		TRY(domain_verify(call->c, id, DOMAIN_PROOF_OPERATOR));
	if (active)
		TRY(domain_activate(call->c, id));
	return show_again(call, id);
}

static int list(struct call *call)
{
	const struct domain_row *rows;
	struct json_out *w = call->answer;
	size_t n;

	TRY(q_domain_list(call->c, &rows, &n));
	json_open_array(w, "domains");
	for (size_t i = 0; i < n; i++) {
		json_open_object(w, NULL);
		json_put_i64(w, "id", rows[i].id);
		json_put_str(w, "name", rows[i].name);
		json_put_str(w, "service_name", rows[i].service_name);
		json_put_str(w, "state", rows[i].state);
		json_put_str(w, "sign_up", rows[i].sign_up);
		json_put_str(w, "verified_by", rows[i].verified_by);
		json_close_object(w);
	}
	json_close_array(w);
	return 0;
}

static int show(struct call *call)
{
	const struct domain_row *d;

	TRY(lookup_domain(call->c, call->args[0], &d));
	put_domain(call, d);
	return 0;
}

static int verify(struct call *call)
{
	const struct domain_row *d;
	int by = DOMAIN_PROOF_ANY;

	if (cli_is_set(call, "by"))
		TRY(lookup_name(call->c, domain_proofs, cli_option(call, "by"), "--by", &by));
	TRY(lookup_domain(call->c, call->args[0], &d));
	TRY(domain_verify(call->c, d->id, (enum domain_proof)by));
	return show_again(call, d->id);
}

static int activate(struct call *call)
{
	const struct domain_row *d;

	TRY(lookup_domain(call->c, call->args[0], &d));
	TRY(domain_activate(call->c, d->id));
	return show_again(call, d->id);
}

static int suspend(struct call *call)
{
	const struct domain_row *d;

	TRY(lookup_domain(call->c, call->args[0], &d));
	TRY(domain_suspend(call->c, d->id,
			   cli_is_set(call, "reason") ? cli_option(call, "reason") : STR("")));
	return show_again(call, d->id);
}

static int resume(struct call *call)
{
	const struct domain_row *d;

	TRY(lookup_domain(call->c, call->args[0], &d));
	TRY(domain_resume(call->c, d->id));
	return show_again(call, d->id);
}

static int delete (struct call *call)
{
	const struct domain_row *d;

	TRY(lookup_domain(call->c, call->args[0], &d));
	if (!cli_is_set(call, "yes"))
		return fail(
			call->c, E_INVALID,
			"this deletes %.*s with all its identities and posts for good: say --yes",
			STR_ARG(d->name));
	TRY(domain_delete(call->c, d->id));
	return show_again(call, d->id);
}

static int check(struct call *call)
{
	const struct domain_row *d;
	bool well = true;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	json_put_str(call->answer, "name", d->name);
	json_put_str(call->answer, "state", d->state);
	json_open_array(call->answer, "findings");
	TRY(check_domain(call->c, cli_option(call, "identity"), call->answer, &well));
	json_close_array(call->answer);
	call->unwell = !well;
	return 0;
}

static const struct option add_options[] = {
	{ "service-name", "NAME",
	  "where pages, actors and inboxes are served, when that is not NAME" },
	{ "title", "TEXT", "name of the community" },
	{ "sign-up", "MODE", "closed, invite or open; invite when not given" },
	{ "verified", NULL, "ownership is proved by the operator's word" },
	{ "active", NULL, "verified, and served at once" },
	{ NULL, NULL, NULL },
};

static const struct option verify_options[] = {
	{ "by", "PROOF", "any (DNS, else HTTP), dns, http, or operator: on the operator's word" },
	{ NULL, NULL, NULL },
};

static const struct option suspend_options[] = {
	{ "reason", "TEXT", "kept for the operator, shown to nobody else" },
	{ NULL, NULL, NULL },
};

static const struct option delete_options[] = {
	{ "yes", NULL, "really" },
	{ NULL, NULL, NULL },
};

static const struct option check_options[] = {
	{ "identity", "NAME", "user name that is asked for; the oldest when not given" },
	{ NULL, NULL, NULL },
};

const struct command cli_domain[] = {
	{ "domain",
	  "add",
	  { "NAME" },
	  "Claims a domain for a new community.",
	  add_options,
	  NEED_DATABASE,
	  NULL,
	  add,
	  NULL },
	{ "domain", "list", { NULL }, "Lists all domains.", NULL, NEED_DATABASE, NULL, list, NULL },
	{ "domain",
	  "show",
	  { "NAME" },
	  "Shows one domain, and how to prove its ownership.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  show,
	  NULL },
	{ "domain",
	  "verify",
	  { "NAME" },
	  "Looks for the proof of ownership.",
	  verify_options,
	  NEED_DATABASE,
	  NULL,
	  verify,
	  NULL },
	{ "domain",
	  "activate",
	  { "NAME" },
	  "Serves a verified domain from now on.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  activate,
	  NULL },
	{ "domain",
	  "suspend",
	  { "NAME" },
	  "Answers 403 to everybody, until it is resumed.",
	  suspend_options,
	  NEED_DATABASE,
	  NULL,
	  suspend,
	  NULL },
	{ "domain",
	  "resume",
	  { "NAME" },
	  "Serves a suspended domain again.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  resume,
	  NULL },
	{ "domain",
	  "check",
	  { "NAME" },
	  "Looks at a domain as another server would, and says what to mend.",
	  check_options,
	  NEED_DATABASE,
	  NULL,
	  check,
	  check_print },
	{ "domain",
	  "set",
	  { "NAME", "SETTING", "VALUE" },
	  "Says something of a community; an empty value takes it back.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  cli_domain_set,
	  NULL },
	{ "domain",
	  "settings",
	  { "NAME" },
	  "Shows what a community says of itself.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  cli_domain_settings,
	  NULL },
	{ "domain",
	  "delete",
	  { "NAME" },
	  "Deletes a domain with all its identities, and tells other servers.",
	  delete_options,
	  NEED_DATABASE,
	  NULL,
	  delete,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
