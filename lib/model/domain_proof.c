/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the name's owner alone decides what is found here, and not being able to ask is never taken
 * for an answer.
 */
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>
#include <string.h>

#include "ap/handle.h"
#include "fetch/fetch.h"
#include "loop/fiber.h"
#include "model/domain_life.h"
#include "model/settings.h"

#define ANSWER_LIMIT 16384 /* bytes of a DNS answer */
#define BODY_LIMIT 4096
#define REDIRECTS 3
#define DNS_SECONDS 3 /* before the next try of the resolver */
#define DNS_TRIES 2

const struct name domain_proofs[] = {
	{ "any", DOMAIN_PROOF_ANY },
	{ "dns", DOMAIN_PROOF_DNS },
	{ "http", DOMAIN_PROOF_HTTP },
	{ "operator", DOMAIN_PROOF_OPERATOR },
	{ NULL, 0 },
};

struct lookup {
	const char *name;
	str token;
	int answered; /* 0: the resolver said yes or no */
	bool found;
	unsigned records;
	unsigned char answer[ANSWER_LIMIT];
};

/* A TXT record is a row of strings with their lengths before them (RFC 1035, 3.3.14); together they are the text. */
static bool txt_is(const unsigned char *data, size_t n, str token)
{
	size_t seen = 0;

	for (size_t at = 0; at < n;) {
		size_t part = data[at++];

		if (part > n - at || part > token.n - seen ||
		    memcmp(data + at, token.p + seen, part) != 0)
			return false;
		at += part;
		seen += part;
	}
	return seen == token.n;
}

static void read_answer(struct lookup *l, int size)
{
	ns_msg message;
	ns_rr record;

	if (ns_initparse(l->answer, size, &message))
		return;
	for (int i = 0; i < ns_msg_count(message, ns_s_an); i++) {
		if (ns_parserr(&message, ns_s_an, i, &record) || ns_rr_type(record) != ns_t_txt)
			continue;
		l->records++;
		l->found = l->found || txt_is(ns_rr_rdata(record), ns_rr_rdlen(record), l->token);
	}
}

static void look_up(void *arg)
{
	struct lookup *l = arg;
	struct __res_state state = { 0 };
	int size;

	l->answered = -1;
	if (res_ninit(&state))
		return;
	state.retrans = DNS_SECONDS;
	state.retry = DNS_TRIES;
	size = res_nquery(&state, l->name, ns_c_in, ns_t_txt, l->answer, sizeof(l->answer));
	if (size >= 0)
		read_answer(l, size < (int)sizeof(l->answer) ? size : (int)sizeof(l->answer));
	if (size >= 0 || state.res_h_errno == HOST_NOT_FOUND || state.res_h_errno == NO_DATA)
		l->answered = 0;
	res_nclose(&state);
}

static str without_port(str host)
{
	return str_slice(host, 0, str_find_char(host, ':', 0));
}

static int ask_dns(struct ctx *c, str host, str token)
{
	struct lookup *l = arena_new_of(c->arena, struct lookup);

	l->name = str_z(c->arena, str_cat(c->arena, STR(DOMAIN_TXT_LABEL), without_port(host)));
	l->token = token;
	offload(look_up, l);
	if (l->answered)
		return fail(c, E_LATER, "the DNS did not answer for %s", l->name);
	if (l->found)
		return 0;
	if (l->records)
		return fail(c, E_UNPROCESSABLE, "the TXT record of %s is another text", l->name);
	return fail(c, E_UNPROCESSABLE, "there is no TXT record %s", l->name);
}

static int ask_http(struct ctx *c, str host, str token)
{
	bool plain = c->settings && c->settings->development;
	str origin = handle_origin(c->arena, host, plain);
	struct fetch_request q = {
		.url = str_cat(c->arena, origin, STR(DOMAIN_PROOF_PATH)),
		.limit = BODY_LIMIT,
		.redirects = REDIRECTS,
	};
	struct fetch_response r;
	int result = fetch(c, &q, &r);

	if (result < 0 || result == E_LATER)
		return result;
	if (result)
		return fail(c, E_UNPROCESSABLE, "%.*s: %.*s", STR_ARG(q.url),
			    STR_ARG(ctx_error(c, result)));
	if (r.status == 429 || r.status >= 500)
		return fail(c, E_LATER, "%.*s answers %d", STR_ARG(q.url), r.status);
	if (r.status != 200)
		return fail(c, E_UNPROCESSABLE, "%.*s answers %d", STR_ARG(q.url), r.status);
	if (!str_eq(str_trim(r.body), token))
		return fail(c, E_UNPROCESSABLE, "%.*s is another text than the token",
			    STR_ARG(q.url));
	return 0;
}

typedef int (*ask_fn)(struct ctx *c, str host, str token);

static int ask_both(struct ctx *c, const struct domain_row *d, ask_fn ask)
{
	TRY(ask(c, d->name, d->verify_token));
	if (str_eq(d->name, d->service_name))
		return 0;
	return ask(c, d->service_name, d->verify_token);
}

/* When neither way shows it, one that could not be asked leaves the question open. */
static int ask_any(struct ctx *c, const struct domain_row *d, enum domain_proof *ret)
{
	int by_dns = ask_both(c, d, ask_dns), by_http;
	str dns_error = c->error;

	*ret = DOMAIN_PROOF_DNS;
	if (by_dns <= 0)
		return by_dns;
	by_http = ask_both(c, d, ask_http);
	*ret = DOMAIN_PROOF_HTTP;
	if (by_http <= 0)
		return by_http;
	return fail(c, by_dns == E_LATER || by_http == E_LATER ? E_LATER : E_UNPROCESSABLE,
		    "%.*s; %.*s", STR_ARG(dns_error), STR_ARG(c->error));
}

int domain_find_proof(struct ctx *c, const struct domain_row *d, enum domain_proof by,
		      enum domain_proof *ret)
{
	enum domain_proof found = by;

	switch (by) {
	case DOMAIN_PROOF_ANY:
		TRY(ask_any(c, d, &found));
		break;
	case DOMAIN_PROOF_DNS:
		TRY(ask_both(c, d, ask_dns));
		break;
	case DOMAIN_PROOF_HTTP:
		TRY(ask_both(c, d, ask_http));
		break;
	case DOMAIN_PROOF_OPERATOR:
		break;
	}
	*ret = found;
	return 0;
}
