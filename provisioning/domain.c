/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery domain: tenants. */
#include "model/domain_life.h"

#include "model/domain_look.h"
#include "model/host.h"
#include "model/settings.h"
#include "provisioning/answer.h"
#include "provisioning/certificate.h"
#include "provisioning/check.h"
#include "provisioning/domain_move.h"
#include "provisioning/domain_next.h"
#include "provisioning/instance.h"
#include "provisioning/lookup.h"
#include "provisioning/proxy_log.h"
#include "provisioning/usage.h"
#include "sql/gen/stator.h"

static int put_domain(struct call *call, const struct domain_row *d)
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
	return domain_put_next(call, d);
}

/* Every change ends with what the tenant then looks like. */
static int show_again(struct call *call, int64_t id)
{
	const struct domain_row *d;

	TRY(domain_reload(call->c));
	TRY(q_domain_by_id(call->c, id, &d));
	return put_domain(call, d);
}

static int add(struct call *call)
{
	struct domain_draft draft = {
		.name = call->args[0],
		.service_name = cli_option(call, "service-name"),
		.title = cli_option(call, "title"),
	};
	bool active = cli_is_set(call, "active");
	int sign_up;
	int64_t id;

	TRY(host_sign_up(call->c, &draft.sign_up));
	if (cli_is_set(call, "sign-up")) {
		TRY(lookup_name(call->c, domain_sign_ups, cli_option(call, "sign-up"), "--sign-up",
				&sign_up));
		draft.sign_up = (enum domain_sign_up)sign_up;
	}
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

/* What is amiss, or else what may be: others serve under the name, or it leads here by a way that only they know. */
static const char *todo(struct call *call, const struct domain_name_look *l)
{
	size_t n_own;

	(void)domain_look_own(call->c, &n_own);
	if (l->advice || l->is_here || !n_own || call->c->settings->development)
		return l->advice;
	return "none of these addresses is this machine's: behind a router or another proxy that is as it should be; "
	       "otherwise somebody else answers there until the A or AAAA record of this name is changed";
}

static void put_look(struct call *call, const struct domain_name_look *l)
{
	struct json_out *w = call->answer;
	const char *what = todo(call, l);

	json_open_object(w, NULL);
	json_put_str(w, "name", l->name);
	json_open_array(w, "addresses");
	for (size_t i = 0; i < l->n_addresses; i++)
		json_put_str(w, NULL, l->addresses[i]);
	json_close_array(w);
	json_put_bool(w, "here", l->is_here);
	json_put_str(w, "dns", l->dns_problem);
	json_put_str(w, "issuer", l->issuer);
	json_put_time(w, "expires", l->expires);
	json_put_str(w, "certificate", l->certificate_problem);
	json_put_str(w, "last_error", proxy_log_error(call, l->name));
	if (what)
		json_put_c(w, "todo", what);
	json_close_object(w);
}

/* What has to stand in the DNS for each name; behind a router these are its addresses, not the machine's. */
static void put_records(struct call *call, const struct domain_name_look *names, size_t n)
{
	size_t n_own;
	const str *own = domain_look_own(call->c, &n_own);

	json_open_array(call->answer, "records");
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_own && !names[i].is_here; k++)
			json_put_str(call->answer, NULL,
				     str_fmt(call->arena, "%.*s. %s %.*s", STR_ARG(names[i].name),
					     str_find_char(own[k], ':', 0) == SIZE_MAX ? "A"
										       : "AAAA",
					     STR_ARG(own[k])));
	json_close_array(call->answer);
}

static int put_ownership(struct call *call, const struct domain_row *d)
{
	const struct stator_standing_row *s;

	TRY(q_stator_explain(call->c, STR("domain"), d->id, &s));
	json_put_str(call->answer, "ownership_error", s->error);
	return 0;
}

static int show(struct call *call)
{
	const struct domain_name_look *names;
	const struct domain_row *d;
	size_t n;

	TRY(lookup_domain(call->c, call->args[0], &d));
	TRY(put_domain(call, d));
	if (cli_is_set(call, "quick"))
		return 0;
	TRY(put_ownership(call, d));
	TRY(domain_look_names(call->c, d, &names, &n));
	json_open_array(call->answer, "names");
	for (size_t i = 0; i < n; i++)
		put_look(call, &names[i]);
	json_close_array(call->answer);
	put_records(call, names, n);
	return 0;
}

/* Each name is a paragraph: a table of it would be wider than any screen. */
static void print_names(const struct json *names, struct out *o)
{
	for (size_t i = 0; i < json_count(names); i++) {
		const struct json *one = json_at(names, i);

		out_char(o, '\n');
		answer_print(one, o);
	}
}

static void print_shown(const struct json *answer, struct out *o)
{
	answer_print_but(answer, "names", o);
	print_names(json_get(answer, "names"), o);
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
	bool moves_in;

	TRY(lookup_domain(call->c, call->args[0], &d));
	TRY(domain_is_moving_in(call, d, &moves_in));
	TRY(domain_activate(call->c, d->id));
	TRY(show_again(call, d->id));
	if (moves_in)
		domain_put_arrived(call, d);
	return 0;
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
	TRY(certificate_drop(call, d));
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
	{ "sign-up", "MODE",
	  "closed, invite, approval or open; invite when neither this nor the console's defaults say" },
	{ "verified", NULL, "ownership is proved by the operator's word" },
	{ "active", NULL, "verified, and served at once" },
	{ NULL, NULL, NULL },
};

static const struct option show_options[] = {
	{ "quick", NULL, "asks neither the DNS nor the names themselves" },
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
	CERTIFICATE_DIRECTORY_OPTION,
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
	  "Shows one domain: its proof, what its names lead to, their certificates, what to do.",
	  show_options,
	  NEED_DATABASE,
	  NULL,
	  show,
	  print_shown },
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
	  "usage",
	  { "NAME" },
	  "Shows what it used, by month.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  usage_show,
	  NULL },
	{ "domain",
	  "certificate",
	  { "NAME" },
	  "Shows the world a certificate of your own under a name, or again the proxy's.",
	  certificate_options,
	  NEED_DATABASE,
	  NULL,
	  certificate_run,
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
	  "export",
	  { "NAME" },
	  "Writes all that a domain has into one file, for another installation.",
	  cli_export_options,
	  NEED_DATABASE,
	  NULL,
	  cli_domain_export,
	  NULL },
	{ "domain",
	  "import",
	  { "FILE" },
	  "Takes in a domain that another installation exported; - reads standard input.",
	  cli_import_options,
	  NEED_DATABASE,
	  NULL,
	  cli_domain_import,
	  NULL },
	{ "domain",
	  "move-out",
	  { "NAME" },
	  "Stops a domain and writes its last archive; then ends it here.",
	  cli_move_out_options,
	  NEED_DATABASE,
	  NULL,
	  cli_domain_move_out,
	  NULL },
	{ "domain",
	  "move-back",
	  { "NAME" },
	  "Keeps a domain that was to leave: it is what it was before.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  cli_domain_move_back,
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
