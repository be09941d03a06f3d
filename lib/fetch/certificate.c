/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: nothing is sent over either connection. The first takes any certificate, so that what there is can be told
 * of one that nobody trusts; the second is made as every exchange is, and says what others would say.
 */
#include "fetch/certificate.h"

#include <errno.h>
#include <sys/socket.h>

#include "fetch/multi.h"
#include "fetch/url.h"

#define PATIENCE (10 * USEC_SEC) /* an authority may have to be asked first */

struct look {
	struct fetch *fetch;
	CURL *easy;
	bool unset; /* libcurl refused an option */
	bool refused; /* an address, by the guard */
	char error[CURL_ERROR_SIZE];
};

static void look_done(struct look *l)
{
	curl_easy_cleanup(l->easy);
}

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct look *l = arg;

	if (purpose == CURLSOCKTYPE_IPCXN && guard_allows_address(l->fetch->guard, &address->addr))
		return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	l->refused = true;
	return CURL_SOCKET_BAD;
}

#define SET(l, option, value) \
	((l)->unset |= curl_easy_setopt((l)->easy, (option), (value)) != CURLE_OK)

/* A session that is taken up again would show no certificate, so none is. */
static int open_look(struct ctx *c, struct look *l, const char *url, bool strict)
{
	l->fetch = c->fetch;
	l->easy = curl_easy_init();
	if (!l->easy)
		return -ENOMEM;
	SET(l, CURLOPT_URL, url);
	SET(l, CURLOPT_PROTOCOLS_STR, "https");
	SET(l, CURLOPT_CONNECT_ONLY, 1L);
	SET(l, CURLOPT_FRESH_CONNECT, 1L);
	SET(l, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	SET(l, CURLOPT_OPENSOCKETFUNCTION, on_open);
	SET(l, CURLOPT_OPENSOCKETDATA, l);
	SET(l, CURLOPT_PROXY, "");
	SET(l, CURLOPT_CAINFO, c->fetch->ca_file);
	SET(l, CURLOPT_CAPATH, NULL);
	SET(l, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(l, CURLOPT_SSL_VERIFYPEER, strict ? 1L : 0L);
	SET(l, CURLOPT_SSL_VERIFYHOST, strict ? 2L : 0L);
	SET(l, CURLOPT_CERTINFO, strict ? 0L : 1L);
	SET(l, CURLOPT_NOSIGNAL, 1L);
	SET(l, CURLOPT_QUICK_EXIT, 1L);
	SET(l, CURLOPT_CONNECTTIMEOUT_MS, (long)(PATIENCE / USEC_MSEC));
	SET(l, CURLOPT_ERRORBUFFER, l->error);
	return l->unset ? -ENOMEM : 0;
}

static str field(struct ctx *c, const struct curl_slist *line, str name)
{
	for (; line; line = line->next)
		if (str_starts(str_c(line->data), name))
			return str_trim(str_dup(c->arena, str_from(str_c(line->data), name.n)));
	return STR("");
}

static usec moment(struct ctx *c, const struct curl_slist *line, str name)
{
	time_t t = curl_getdate(str_z(c->arena, field(c, line, name)), NULL);

	return t > 0 ? (usec)t * USEC_SEC : 0;
}

/* The first is the host's own; those that follow are of authorities. */
static void read_shown(struct ctx *c, CURL *easy, struct fetch_certificate *ret)
{
	struct curl_certinfo *info = NULL;

	if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &info) != CURLE_OK || !info ||
	    info->num_of_certs < 1)
		return;
	ret->issuer = field(c, info->certinfo[0], STR("Issuer:"));
	ret->begins = moment(c, info->certinfo[0], STR("Start date:"));
	ret->expires = moment(c, info->certinfo[0], STR("Expire date:"));
}

static int run(struct ctx *c, const char *url, bool strict, struct fetch_certificate *ret)
{
	struct look l cleanup(look_done) = { .easy = NULL };
	CURLcode code;

	TRY(open_look(c, &l, url, strict));
	code = multi_run(c->fetch, l.easy, clock_mono() + PATIENCE);
	if (code != CURLE_OK && l.refused)
		return fail(c, E_REFUSED, "%s leads to an address that may not be reached", url);
	ret->problem = STR("");
	if (code != CURLE_OK)
		ret->problem =
			str_dup(c->arena, str_c(*l.error ? l.error : curl_easy_strerror(code)));
	else if (!strict)
		read_shown(c, l.easy, ret);
	return 0;
}

int fetch_certificate(struct ctx *c, str host, struct fetch_certificate *ret)
{
	struct fetch_certificate found = { .issuer = STR(""), .problem = STR("") };
	str text = str_fmt(c->arena, "https://%.*s/", STR_ARG(host));
	struct url u;

	if (!url_parse(c->arena, text, &u))
		return fail(c, E_INVALID, "%.*s is no host", STR_ARG(str_clip(host, 253)));
	if (!guard_allows_url(c->fetch->guard, u.scheme, u.host, u.port))
		return fail(c, E_REFUSED, "%.*s may not be reached", STR_ARG(host));
	TRY(run(c, str_z(c->arena, text), false, &found));
	if (!found.problem.n)
		TRY(run(c, str_z(c->arena, text), true, &found));
	*ret = found;
	return 0;
}
