/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what passes here binds the whole request: nobody can move a signature to another
 * method, target, host, body or day. Which components bind what, and what must be bound, are the
 * two tables.
 */
#include "ap/digest.h"
#include "ap/signature.h"
#include "ap/signature_form.h"
#include "base/err.h"

enum aspect {
	METHOD = 1,
	PATH = 2,
	QUERY = 4,
	HOST = 8,
	TIME = 16,
	BODY = 32,
};

static const struct {
	enum signature_form form;
	const char *component;
	unsigned aspects;
} bindings[] = {
	{ SIGNATURE_CAVAGE, "(request-target)", METHOD | PATH | QUERY },
	{ SIGNATURE_CAVAGE, "host", HOST },
	{ SIGNATURE_CAVAGE, "date", TIME },
	{ SIGNATURE_CAVAGE, "(created)", TIME },
	{ SIGNATURE_CAVAGE, "digest", BODY },
	{ SIGNATURE_CAVAGE, "content-digest", BODY },
	{ SIGNATURE_RFC9421, "@method", METHOD },
	{ SIGNATURE_RFC9421, "@target-uri", PATH | QUERY | HOST },
	{ SIGNATURE_RFC9421, "@request-target", PATH | QUERY },
	{ SIGNATURE_RFC9421, "@path", PATH },
	{ SIGNATURE_RFC9421, "@query", QUERY },
	{ SIGNATURE_RFC9421, "@authority", HOST },
	{ SIGNATURE_RFC9421, "host", HOST },
	{ SIGNATURE_RFC9421, "date", TIME },
	{ SIGNATURE_RFC9421, "digest", BODY },
	{ SIGNATURE_RFC9421, "content-digest", BODY },
};

static bool always(const struct http_message *m unused)
{
	return true;
}

static bool has_query(const struct http_message *m)
{
	return !str_is_null(m->query);
}

static bool has_body(const struct http_message *m)
{
	return m->body.n > 0;
}

static const struct {
	unsigned aspect;
	bool (*when)(const struct http_message *m);
	const char *what;
} requirements[] = {
	{ METHOD, always, "method" },
	{ PATH, always, "path" },
	{ QUERY, has_query, "query" },
	{ HOST, always, "host" },
	{ TIME, always, "date or creation time" },
	{ BODY, has_body, "digest of the body" },
};

static unsigned aspects_of(const struct signature *sig)
{
	/* RFC 9421 signs its parameters always; "expires" alone says nothing of the age. */
	unsigned aspects = sig->form == SIGNATURE_RFC9421 && sig->created ? TIME : 0;

	for (size_t i = 0; i < ARRAY_SIZE(bindings); i++)
		if (bindings[i].form == sig->form &&
		    signature_covers(sig, str_c(bindings[i].component)))
			aspects |= bindings[i].aspects;
	return aspects;
}

static int check_coverage(struct ctx *c, const struct http_message *m, const struct signature *sig)
{
	unsigned aspects = aspects_of(sig);

	for (size_t i = 0; i < ARRAY_SIZE(requirements); i++)
		if (requirements[i].when(m) && !(aspects & requirements[i].aspect))
			return refuse(c, "signature does not cover the %s", requirements[i].what);
	return 0;
}

/* Of two lines, one could be checked here and the other used elsewhere. */
static int check_single(struct ctx *c, const struct http_message *m)
{
	static const str names[] = {
		{ "host", 4 }, { "date", 4 }, { "content-type", 12 }, { "content-length", 14 }
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (signature_field_count(m, names[i]) > 1)
			return refuse(c, "there is more than one field " STR_FMT,
				      STR_ARG(names[i]));
	return 0;
}

static int check_host(struct ctx *c, const struct http_message *m)
{
	str host;

	TRY(signature_field(c, m, STR("host"), &host));
	if (str_is_empty(host) || !str_eq_fold(host, m->authority))
		return refuse(c, "Host is not the one that was asked");
	return 0;
}

static int check_window(struct ctx *c, const char *what, usec t, usec now)
{
	if (t < now - SIGNATURE_PAST_WINDOW)
		return refuse(c, "%s is %lld s ago, too long", what,
			      (long long)((now - t) / USEC_SEC));
	if (t > now + SIGNATURE_FUTURE_WINDOW)
		return refuse(c, "%s is %lld s in the future", what,
			      (long long)((t - now) / USEC_SEC));
	return 0;
}

static int check_time(struct ctx *c, const struct http_message *m, const struct signature *sig,
		      usec now)
{
	str text;
	usec date;

	if (sig->created)
		TRY(check_window(c, "creation of the signature", sig->created, now));
	if (signature_covers(sig, STR("date"))) {
		TRY(signature_field(c, m, STR("date"), &text));
		if (!clock_parse_http(text, &date))
			return refuse(c, "Date is malformed");
		TRY(check_window(c, "Date", date, now));
	}
	if (sig->expires && sig->expires <= now)
		return refuse(c, "signature expired %lld s ago",
			      (long long)((now - sig->expires) / USEC_SEC));
	if (sig->expires && sig->created && sig->expires < sig->created)
		return refuse(c, "signature expires before it is created");
	return 0;
}

/* A request that has no body may still have lost one on the way; a GET never had one. */
static bool may_have_body(const struct http_message *m)
{
	return m->body.n || !(str_eq_c(m->method, "GET") || str_eq_c(m->method, "HEAD"));
}

static int check_digests(struct ctx *c, const struct http_message *m)
{
	static const struct {
		str name;
		int (*check)(struct ctx *c, str field, str body);
	} digests[] = {
		{ { "digest", 6 }, digest_check },
		{ { "content-digest", 14 }, digest_content_check },
	};
	str field;

	if (!may_have_body(m))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
		if (!signature_field_count(m, digests[i].name))
			continue;
		TRY(signature_field(c, m, digests[i].name, &field));
		TRY(digests[i].check(c, field, m->body));
	}
	return 0;
}

int signature_policy(struct ctx *c, const struct http_message *m, const struct signature *sig,
		     usec now)
{
	TRY(check_coverage(c, m, sig));
	TRY(check_single(c, m));
	TRY(check_host(c, m));
	TRY(check_time(c, m, sig, now));
	return check_digests(c, m);
}
