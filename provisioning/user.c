/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery user: log-ins of people and what they may do. */
#include "model/user.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crypt/hash.h"
#include "crypt/password.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/factor.h"
#include "model/identity.h"
#include "provisioning/command.h"
#include "provisioning/lookup.h"

#define GENERATED_BYTES 15

/* The first line of standard input. */
static int read_password(struct ctx *c, str *ret)
{
	char line[PASSWORD_MAX + 2] = "";
	size_t n = 0;
	ssize_t got;

	while (n < sizeof(line) - 1 && !memchr(line, '\n', n)) {
		got = read(STDIN_FILENO, line + n, sizeof(line) - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	*ret = str_dup(c->arena,
		       str_slice((str){ line, n }, 0, str_find_char((str){ line, n }, '\n', 0)));
	explicit_bzero(line, sizeof(line));
	return str_is_empty(*ret) ? fail(c, E_INVALID, "there is no password on standard input")
				  : 0;
}

/* Typed on standard input, or made here and shown once: *ret_shown is the null str for a typed one. */
static int choose_password(struct call *call, str *ret, str *ret_shown)
{
	*ret_shown = STR_NULL;
	if (cli_is_set(call, "password-stdin"))
		return read_password(call->c, ret);
	*ret = *ret_shown = random_token(call->arena, GENERATED_BYTES);
	return 0;
}

static void put_user(struct json_out *w, const struct user_row *u)
{
	json_put_i64(w, "id", u->id);
	json_put_str(w, "email", u->email);
	json_put_bool(w, "banned", u->banned);
	json_put_time(w, "confirmed", u->confirmed);
	json_put_time(w, "created", u->created);
}

static int add(struct call *call)
{
	const struct user_row *u;
	str password, shown;
	int64_t id;

	TRY(choose_password(call, &password, &shown));
	TRY(user_create(call->c, call->args[0], password, true, &id));
	TRY(q_user_by_id(call->c, id, &u));
	put_user(call->answer, u);
	json_put_str_opt(call->answer, "password", shown);
	return 0;
}

static int list(struct call *call)
{
	const struct domain_row *d = NULL;
	const struct user_row *rows;
	size_t n;

	if (!str_is_null(call->args[0]))
		TRY(lookup_domain(call->c, call->args[0], &d));
	TRY(q_user_list(call->c, d ? d->id : 0, LIST_LIMIT, &rows, &n));
	json_open_array(call->answer, "users");
	for (size_t i = 0; i < n; i++) {
		json_open_object(call->answer, NULL);
		put_user(call->answer, &rows[i]);
		json_close_object(call->answer);
	}
	json_close_array(call->answer);
	if (n == LIST_LIMIT)
		json_put_bool(call->answer, "more", true);
	return 0;
}

static int put_identities(struct call *call, int64_t user_id)
{
	const struct identity_row *rows;
	size_t n;

	TRY(q_identity_of_user(call->c, user_id, &rows, &n));
	json_open_array(call->answer, "identities");
	for (size_t i = 0; i < n; i++)
		json_put_str(call->answer, NULL,
			     str_from(identity_handle(call->arena, &rows[i]), 1));
	json_close_array(call->answer);
	return 0;
}

static int put_grants(struct call *call, int64_t user_id)
{
	const struct staff_row *rows;
	size_t n;

	TRY(q_staff_of_user(call->c, user_id, &rows, &n));
	json_open_array(call->answer, "grants");
	for (size_t i = 0; i < n; i++) {
		const struct domain *d = domain_by_id(call->c->domains, rows[i].domain_id);

		json_open_object(call->answer, NULL);
		json_put_str(call->answer, "role", rows[i].role);
		json_put_str(call->answer, "where", d ? d->name : STR("host"));
		json_put_time(call->answer, "since", rows[i].created);
		json_put_time(call->answer, "until", rows[i].expires);
		json_close_object(call->answer);
	}
	json_close_array(call->answer);
	return 0;
}

static int show(struct call *call)
{
	const struct user_row *u;

	TRY(user_find(call->c, call->args[0], &u));
	put_user(call->answer, u);
	TRY(put_identities(call, u->id));
	return put_grants(call, u->id);
}

static int password(struct call *call)
{
	const struct user_row *u;
	str chosen, shown;

	TRY(user_find(call->c, call->args[0], &u));
	TRY(choose_password(call, &chosen, &shown));
	TRY(user_set_password(call->c, u->id, chosen, 0));
	TRY(audit_add(call->c, "user.password", u->email, STR("")));
	json_put_i64(call->answer, "id", u->id);
	json_put_str(call->answer, "email", u->email);
	json_put_str_opt(call->answer, "password", shown);
	return 0;
}

/* EMAIL ROLE DOMAIN|host */
static int read_grant(struct call *call, const struct user_row **ret_user, int *ret_role,
		      int64_t *ret_domain)
{
	const struct domain_row *d;

	TRY(lookup_name(call->c, staff_roles, call->args[1], "ROLE", ret_role));
	TRY(user_find(call->c, call->args[0], ret_user));
	*ret_domain = 0;
	if (str_eq(call->args[2], STR("host")))
		return 0;
	TRY(lookup_domain(call->c, call->args[2], &d));
	*ret_domain = d->id;
	return 0;
}

static int show_grants(struct call *call, const struct user_row *u)
{
	json_put_i64(call->answer, "id", u->id);
	json_put_str(call->answer, "email", u->email);
	return put_grants(call, u->id);
}

static int add_role(struct call *call)
{
	const struct user_row *u;
	int64_t domain_id, days;
	int role;

	TRY(cli_number(call, "days", 0, &days));
	if (days > 36500)
		return fail(call->c, E_INVALID, "--days is at most 36500");
	TRY(read_grant(call, &u, &role, &domain_id));
	TRY(staff_grant(call->c, u->id, domain_id, (enum staff_role)role,
			days ? call->c->now + days * USEC_DAY : 0));
	return show_grants(call, u);
}

static int remove_role(struct call *call)
{
	const struct user_row *u;
	int64_t domain_id;
	int role;

	TRY(read_grant(call, &u, &role, &domain_id));
	TRY(staff_revoke(call->c, u->id, domain_id, (enum staff_role)role));
	return show_grants(call, u);
}

/* On all tenants; with --reset all of it is taken away first. */
static int factors(struct call *call)
{
	const struct factor_standing_row *standing;
	const struct user_row *u;

	TRY(user_find(call->c, call->args[0], &u));
	if (cli_is_set(call, "reset"))
		TRY(factor_reset(call->c, u->id, u->email));
	TRY(q_factor_standing(call->c, u->id, 0, &standing));
	json_put_i64(call->answer, "id", u->id);
	json_put_str(call->answer, "email", u->email);
	json_put_time(call->answer, "totp", standing->totp);
	json_put_i64(call->answer, "passkeys", standing->passkeys);
	json_put_i64(call->answer, "recovery_codes", standing->codes);
	return 0;
}

static int set_ban(struct call *call, bool banned)
{
	const struct user_row *u;

	TRY(user_find(call->c, call->args[0], &u));
	TRY(user_ban(call->c, u->id, banned));
	TRY(q_user_by_id(call->c, u->id, &u));
	put_user(call->answer, u);
	return 0;
}

static int ban(struct call *call)
{
	return set_ban(call, true);
}

static int unban(struct call *call)
{
	return set_ban(call, false);
}

static const struct option password_options[] = {
	{ "password-stdin", NULL,
	  "the password is the first line of standard input; else one is made and shown" },
	{ NULL, NULL, NULL },
};

static const struct option factors_options[] = {
	{ "reset", NULL, "takes all of them away and ends all sessions; the audit log says so" },
	{ NULL, NULL, NULL },
};

static const struct option grant_options[] = {
	{ "days", "NUMBER", "for so long only" },
	{ NULL, NULL, NULL },
};

const struct command cli_user[] = {
	{ "user",
	  "add",
	  { "EMAIL" },
	  "Makes a log-in, without an identity at first.",
	  password_options,
	  NEED_DATABASE,
	  NULL,
	  add,
	  NULL },
	{ "user",
	  "list",
	  { "[DOMAIN]" },
	  "Lists all log-ins, or those of a domain.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  list,
	  NULL },
	{ "user",
	  "show",
	  { "EMAIL" },
	  "Shows a log-in with its identities and grants.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  show,
	  NULL },
	{ "user",
	  "password",
	  { "EMAIL" },
	  "Sets another password and ends all sessions.",
	  password_options,
	  NEED_DATABASE,
	  NULL,
	  password,
	  NULL },
	{ "user",
	  "factors",
	  { "EMAIL" },
	  "Shows what a log-in has beside its password, on all domains.",
	  factors_options,
	  NEED_DATABASE,
	  NULL,
	  factors,
	  NULL },
	{ "user",
	  "grant",
	  { "EMAIL", "ROLE", "DOMAIN|host" },
	  "Makes somebody owner, admin or moderator of a domain or of the installation.",
	  grant_options,
	  NEED_DATABASE,
	  NULL,
	  add_role,
	  NULL },
	{ "user",
	  "revoke",
	  { "EMAIL", "ROLE", "DOMAIN|host" },
	  "Takes such a role back.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  remove_role,
	  NULL },
	{ "user",
	  "ban",
	  { "EMAIL" },
	  "Locks a log-in out at once, everywhere.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  ban,
	  NULL },
	{ "user",
	  "unban",
	  { "EMAIL" },
	  "Lets it in again.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  unban,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
