/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what is asked of the world is asked by the names that the world uses, as others would. */
#include "fetch/fetch.h"
#include "fetch/letter.h"
#include "fetch/url.h"
#include "json/json.h"
#include "model/domain.h"
#include "model/domain_look.h"
#include "model/mail_relay.h"
#include "model/settings.h"
#include "model/user.h"
#include "provisioning/admin.h"
#include "provisioning/doctor_part.h"

#define FORGED "192.0.2.7" /* nobody's (RFC 5737) */
#define ECHO_LIMIT 4096

/* Whether somebody is there; nothing is sent. Letters are tried by rookery mail test. */
static void check_mail_server(struct doctor *d)
{
	struct ctx *c = d->c;
	str url = mail_relay(c).url, authority;
	size_t scheme = str_find(url, STR("://"), 0);
	int result;

	if (scheme == SIZE_MAX)
		return;
	authority = str_from(url, scheme + 3);
	authority = str_slice(authority, 0, str_find_char(authority, '/', 0));
	result = admin_reach(c, str_z(c->arena, authority));
	doctor_put(
		d, "mail", !result,
		result ? ctx_error(c, result)
		       : str_fmt(c->arena, "%.*s is reached", STR_ARG(authority)),
		"see whether the mail server runs, and whether the provider blocks its port; then: rookery mail "
		"test ADDRESS");
}

/* Without letters nobody confirms an address or gets a new password by themselves. */
void doctor_mail(struct doctor *d)
{
	struct mail_relay relay = mail_relay(d->c);
	bool is_valid = mail_server_is_valid(relay.url);
	str address;

	if (!relay.url.n && !*d->c->settings->mail_from) {
		doctor_put(
			d, "mail", true,
			STR("no letters are sent: addresses are not confirmed, and the operator resets passwords"),
			NULL);
		return;
	}
	doctor_put(
		d, "mail", is_valid,
		str_fmt(d->c->arena, "smtp_server is \"%.*s\"", STR_ARG(relay.url)),
		"smtps://host:465, smtp://host:587 or smtp+plain://host:25; then: rookery mail test ADDRESS");
	doctor_put(d, "mail", !email_normalise(d->c, relay.sender, &address),
		   str_fmt(d->c->arena, "letters come from \"%.*s\"", STR_ARG(relay.sender)),
		   "set mail_from to an address that the mail server lets you write from");
	if (is_valid)
		check_mail_server(d);
}

/* Says what is wrong with how the proxy tells of its clients; NULL: nothing. */
static const char *judge(str address, str scheme, str origin)
{
	if (str_eq(address, STR(FORGED)))
		return "the reverse proxy lets clients invent their address: it has to write X-Forwarded-For itself";
	if (str_eq(address, STR("unix")))
		return "the reverse proxy passes no X-Forwarded-For: limits and logs cannot tell clients apart";
	if (str_starts(origin, STR("https:")) && !str_eq(scheme, STR("https")))
		return "the reverse proxy passes no X-Forwarded-Proto: https, or its address is not in trusted_proxy";
	return NULL;
}

/* A tenant that is not reached at all is found by the domain's own checks. */
void doctor_proxy(struct doctor *d, const struct domain *domain)
{
	struct ctx *c = d->c;
	struct fetch_header forged = { STR("x-forwarded-for"), STR(FORGED) };
	struct fetch_request q = {
		.url = str_cat(c->arena, domain->origin, STR("/.well-known/rookery-echo")),
		.headers = &forged,
		.n_headers = 1,
		.limit = ECHO_LIMIT,
	};
	struct fetch_response r;
	const struct json *echo;
	const char *fault;
	str address;

	if (fetch(c, &q, &r))
		return;
	if (r.status != 200 || json_parse(c, r.body, &echo)) {
		doctor_put(d, "proxy", false,
			   str_fmt(c->arena, "%.*s: the answer is %d", STR_ARG(q.url), r.status),
			   "see that the reverse proxy passes all paths on to rookery-server");
		return;
	}
	address = json_get_str(echo, "address");
	fault = judge(address, json_get_str(echo, "scheme"), domain->origin);
	doctor_put(d, "proxy", !fault,
		   str_fmt(c->arena, "%.*s: a request from here came by %.*s from %.*s",
			   STR_ARG(domain->name), STR_ARG(json_get_str(echo, "scheme")),
			   STR_ARG(address)),
		   fault);
}

static const struct asked {
	int status;
	const char *says, *advice;
} answers[] = {
	{ 200, "may be asked for", NULL },
	{ 429, "was asked for in vain, and is asked for again later",
	  "rookery domain show says for each of its names why; a name that was mended gets its certificate within an hour" },
	{ 0, "would be refused",
	  "the server has not heard of this domain: systemctl reload rookery-server" },
};

/* What the proxy asks before it gets a certificate. */
static void check_asking(struct doctor *d, str name)
{
	struct ctx *c = d->c;
	str path = str_fmt(c->arena, "/certificate?look=1&domain=%.*s", STR_ARG(name));
	const struct asked *a = answers;
	int status = 0, result;

	if (!*c->settings->admin_listen)
		return;
	result = admin_get(c, c->settings->admin_listen, path.p, &status);
	while (a->status && a->status != status)
		a++;
	doctor_put(d, "certificate", !result && status == 200,
		   result ? ctx_error(c, result)
			  : str_fmt(c->arena, "%.*s: a certificate %s", STR_ARG(name), a->says),
		   a->advice);
}

/* A name that leads nowhere, or shows none, is found by the domain's own checks. */
static void check_shown(struct doctor *d, const struct domain_name_look *l)
{
	struct ctx *c = d->c;

	check_asking(d, l->name);
	if (l->asked && l->expires)
		doctor_put(d, "certificate", !l->certificate_problem.n && !l->ends_soon,
			   str_fmt(c->arena, "%.*s: good until %.*s%s%.*s", STR_ARG(l->name),
				   STR_ARG(clock_iso(c->arena, l->expires)),
				   l->certificate_problem.n ? ", but " : "",
				   STR_ARG(l->certificate_problem)),
			   l->advice);
}

int doctor_certificates(struct doctor *d, const struct domain *domain)
{
	const struct domain_name_look *names;
	const struct domain_row *row;
	size_t n;

	TRY(q_domain_by_id(d->c, domain->id, &row));
	TRY(domain_look_names(d->c, row, &names, &n));
	for (size_t i = 0; i < n; i++)
		check_shown(d, &names[i]);
	return 0;
}

/* New tenants need new certificates. */
void doctor_authority(struct doctor *d)
{
	struct ctx *c = d->c;
	struct fetch_request q = { .url = str_c(c->settings->acme_directory) };
	struct fetch_response r;
	int result;

	if (!q.url.n)
		return;
	result = fetch(c, &q, &r);
	doctor_note(
		d, "acme", !result && r.status == 200,
		result ? ctx_error(c, result)
		       : str_fmt(c->arena, "%.*s answers %d", STR_ARG(q.url), r.status),
		"the reverse proxy gets no new certificates while their authority is not reached: see that this "
		"machine may open connections to it; acme_directory says which it is");
}
