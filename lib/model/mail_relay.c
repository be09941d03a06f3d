/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a password is never read but for a letter under way, and what is stored is a server that a letter can be sent to. */
#include "model/mail_relay.h"

#include "crypt/hash.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/mail.h"
#include "model/settings.h"
#include "model/user.h"
#include "sql/gen/mail.h"

#define HOST_LIMIT 253 /* bytes */
#define TEXT_LIMIT 500 /* bytes of a user and of a password */
#define PORT_MOST 65535
#define KEY_BYTES 18

enum way { WAY_SMTPS, WAY_STARTTLS, WAY_PLAIN };
const struct name mail_relay_ways[] = {
	{ "smtps", WAY_SMTPS },
	{ "starttls", WAY_STARTTLS },
	{ "plain", WAY_PLAIN },
	{ NULL, 0 },
};
static const struct {
	const char *scheme, *port;
} ways[] = {
	[WAY_SMTPS] = { "smtps://", "465" },
	[WAY_STARTTLS] = { "smtp://", "587" },
	[WAY_PLAIN] = { "smtp+plain://", "25" },
};

struct mail_relay mail_relay(const struct ctx *c)
{
	const struct settings *s = c->settings;

	if (s && *s->smtp_server)
		return (struct mail_relay){
			.url = str_c(s->smtp_server),
			.user = str_c(s->smtp_user),
			.sender = str_c(s->mail_from),
			.configured = true,
		};
	return *domain_mail_relay(c->domains);
}

int mail_relay_load(struct ctx *c, struct mail_relay *ret)
{
	const struct mail_relay_stored_row *rows;
	size_t n;

	TRY(q_mail_relay_get(c, &rows, &n));
	*ret = (struct mail_relay){ .url = STR(""), .user = STR(""), .sender = STR("") };
	if (n)
		*ret = (struct mail_relay){ .url = rows->url,
					    .user = rows->username,
					    .sender = rows->sender };
	return 0;
}

int mail_relay_server(struct ctx *c, struct mail_server *ret)
{
	const struct mail_relay_password_row *rows;
	struct mail_relay relay = mail_relay(c);
	size_t n;

	*ret = (struct mail_server){ .url = relay.url, .user = relay.user, .password = STR("") };
	if (relay.configured) {
		ret->password = str_c(c->settings->smtp_password);
		return 0;
	}
	TRY(q_mail_relay_password(c, &rows, &n));
	if (n)
		ret->password = rows->password;
	return 0;
}

void mail_relay_parts(struct ctx *c, const struct mail_relay *relay, struct mail_relay_draft *ret)
{
	struct mail_relay_draft d = {
		.host = STR(""),
		.port = str_c(ways[WAY_SMTPS].port),
		.way = str_c(mail_relay_ways[WAY_SMTPS].name),
		.user = str_dup(c->arena, relay->user),
		.sender = str_dup(c->arena, relay->sender),
		.password = STR(""),
	};

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		str scheme = str_c(ways[i].scheme), rest;
		size_t colon;

		if (!str_starts(relay->url, scheme))
			continue;
		rest = str_dup(c->arena, str_from(relay->url, scheme.n));
		colon = str_find_char_last(rest, ':');
		d.way = str_c(name_of_value(mail_relay_ways, (int)i));
		d.host = str_slice(rest, 0, colon);
		d.port = colon < rest.n ? str_from(rest, colon + 1) : str_c(ways[i].port);
	}
	*ret = d;
}

/* A host and not more: nothing that would be another part of a URL. */
static bool is_host(str host)
{
	for (size_t i = 0; i < host.n; i++)
		if (!char_is_alnum(host.p[i]) && host.p[i] != '.' && host.p[i] != '-')
			return false;
	return host.n && host.n <= HOST_LIMIT;
}

static int check_line(struct ctx *c, const char *field, str text)
{
	bool well = str_is_utf8(text) && text.n <= TEXT_LIMIT;

	for (size_t i = 0; well && i < text.n; i++)
		well = (unsigned char)text.p[i] >= ' ';
	return well ? 0
		    : fail_at(c, field,
			      fail(c, E_INVALID, "it has at most %d characters in one line",
				   TEXT_LIMIT));
}

static int write_url(struct ctx *c, const struct mail_relay_draft *d, str *ret)
{
	int64_t port;
	int way;

	if (!name_to_value(mail_relay_ways, d->way, &way))
		return fail_at(c, "way", fail(c, E_INVALID, "there is no such way"));
	if (!is_host(d->host))
		return fail_at(c, "host", fail(c, E_INVALID, "that is no name of a server"));
	if (!str_to_i64(d->port, &port) || port < 1 || port > PORT_MOST)
		return fail_at(c, "port",
			       fail(c, E_INVALID, "a port is a number from 1 to %d", PORT_MOST));
	*ret = str_fmt(c->arena, "%s%.*s:%lld", ways[way].scheme, STR_ARG(d->host),
		       (long long)port);
	return mail_server_is_valid(*ret)
		       ? 0
		       : fail_at(c, "host", fail(c, E_INVALID, "that is no name of a server"));
}

/* What judges an address does not know whose it is. */
static int read_address(struct ctx *c, const char *field, str typed, str *ret)
{
	int err = email_normalise(c, typed, ret);

	if (err)
		c->error_field = field;
	return err;
}

/* A password goes to no other server than the one that it was typed for. */
static bool keeps_password(const struct mail_relay *before, const struct mail_relay_draft *d,
			   str url)
{
	return d->password.n == 0 && d->user.n && str_eq(d->user, before->user) &&
	       str_eq(url, before->url);
}

int mail_relay_set(struct ctx *c, const struct mail_relay_draft *d)
{
	struct q_mail_relay_set_args args = { .username = d->user, .password = d->password };
	struct mail_relay before;

	TRY(write_url(c, d, &args.url));
	TRY(check_line(c, "user", d->user));
	TRY(check_line(c, "password", d->password));
	TRY(read_address(c, "sender", d->sender, &args.sender));
	TRY(mail_relay_load(c, &before));
	args.keeps = keeps_password(&before, d, args.url);
	TRY(q_mail_relay_set(c, &args, NULL));
	return audit_add(c, "mail.relay", args.url, STR(""));
}

int mail_relay_unset(struct ctx *c)
{
	TRY(q_mail_relay_unset(c, NULL));
	return audit_add(c, "mail.relay_remove", STR("host"), STR(""));
}

int mail_relay_try(struct ctx *c, str address, struct mail_trial *ret)
{
	struct mail_row row = {
		.kind = STR("test"),
		.name = STR(""),
		.body = STR(""),
		.secret = STR(""),
		.message_key = random_token(c->arena, KEY_BYTES),
		.created = c->now,
	};
	struct mail_server server;

	if (!mail_is_on(c))
		return fail(c, E_UNSUPPORTED, "no letters are sent: set smtp_server and mail_from");
	TRY(read_address(c, "address", address, &row.address));
	TRY(mail_relay_server(c, &server));
	TRY(mail_compose(c, &row, &ret->letter));
	return letter_send(c, &server, &ret->letter, STR(""), &ret->status, &ret->answer);
}
