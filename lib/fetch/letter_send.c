/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: nothing is sent over a connection that is not encrypted with a verified peer, unless the configuration
 * names the scheme that says so; a letter goes to one person, so that no answer is about several.
 *
 * A letter travels as a hop, as requests do, so that the courier carries it likewise: envelope and credentials are the
 * headers, the letter is the body.
 */
#include "fetch/letter.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/out.h"
#include "fetch/courier.h"
#include "fetch/multi.h"
#include "fetch/url.h"

#define LETTER_TIMEOUT (50 * USEC_SEC) /* shorter than the courier's limit */
#define ANSWER_LIMIT 4096 /* bytes */
#define TAKEN 250
#define FAREWELL "221"

static const struct scheme {
	const char *prefix, *curl;
	long tls;
} schemes[] = {
	{ "smtps://", "smtps://", (long)CURLUSESSL_ALL },
	{ "smtp://", "smtp://", (long)CURLUSESSL_ALL },
	{ "smtp+plain://", "smtp://", (long)CURLUSESSL_NONE },
};

struct sending {
	CURL *easy;
	struct curl_slist *recipients;
	str left; /* of the letter */
	struct out answer; /* its last line */
	bool unset; /* libcurl refused an option */
	char error[CURL_ERROR_SIZE];
};

static void sending_done(struct sending *x)
{
	curl_easy_cleanup(x->easy);
	curl_slist_free_all(x->recipients);
}

static const struct scheme *scheme_of(str url)
{
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (str_starts(url, str_c(schemes[i].prefix)))
			return &schemes[i];
	return NULL;
}

/* How a valid server is spoken to; NULL for any other. */
static const struct scheme *valid_scheme_of(str url)
{
	const struct scheme *s = scheme_of(url);
	struct arena *a cleanup(arena_freep) = arena_new();
	struct url parsed;

	if (!s ||
	    !url_parse(a, str_cat(a, STR("https://"), str_from(url, strlen(s->prefix))), &parsed))
		return NULL;
	return parsed.path.n <= 1 && str_is_null(parsed.query) ? s : NULL;
}

bool mail_server_is_valid(str url)
{
	return valid_scheme_of(url);
}

static size_t on_read(char *p, size_t size, size_t n, void *arg)
{
	struct sending *x = arg;
	str piece = str_slice(x->left, 0, size * n);

	memcpy(p, piece.p, piece.n);
	x->left = str_from(x->left, piece.n);
	return piece.n;
}

/* Every line of the server's; the last one says most, but for what it says to the farewell. */
static size_t on_line(char *p, size_t size, size_t n, void *arg)
{
	struct sending *x = arg;
	str line = { p, size * n };

	if (!str_starts(line, STR(FAREWELL))) {
		out_truncate(&x->answer, 0);
		out_str(&x->answer, str_slice(line, 0, ANSWER_LIMIT));
	}
	return size * n;
}

#define SET(x, option, value) \
	((x)->unset |= curl_easy_setopt((x)->easy, (option), (value)) != CURLE_OK)

static str header(const struct hop *hop, const char *name)
{
	for (size_t i = 0; i < hop->n_headers; i++)
		if (str_eq_c(hop->headers[i].name, name))
			return hop->headers[i].value;
	return STR("");
}

/* A connection serves one letter: what a server says to the next one on it may be about the first. */
static void set_server(struct ctx *c, struct sending *x, const struct scheme *s,
		       const struct hop *hop)
{
	str user = header(hop, "user");

	SET(x, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(x, CURLOPT_URL,
	    str_fmt(c->arena, "%s" STR_FMT "/" STR_FMT, s->curl,
		    STR_ARG(str_from(hop->text, strlen(s->prefix))), STR_ARG(header(hop, "helo")))
		    .p);
	SET(x, CURLOPT_USE_SSL, s->tls);
	SET(x, CURLOPT_CAINFO, c->fetch->ca_file);
	SET(x, CURLOPT_CAPATH, NULL);
	SET(x, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(x, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(x, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(x, CURLOPT_PROXY, "");
	SET(x, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(x, CURLOPT_FRESH_CONNECT, 1L);
	SET(x, CURLOPT_FORBID_REUSE, 1L);
	if (user.n) {
		SET(x, CURLOPT_USERNAME, str_z(c->arena, user));
		SET(x, CURLOPT_PASSWORD, str_z(c->arena, header(hop, "password")));
	}
}

static void set_letter(struct ctx *c, struct sending *x, const struct hop *hop)
{
	x->recipients = curl_slist_append(
		NULL, str_fmt(c->arena, "<" STR_FMT ">", STR_ARG(header(hop, "to"))).p);
	x->left = hop->body;
	SET(x, CURLOPT_MAIL_FROM,
	    str_fmt(c->arena, "<" STR_FMT ">", STR_ARG(header(hop, "from"))).p);
	SET(x, CURLOPT_MAIL_RCPT, x->recipients);
	SET(x, CURLOPT_UPLOAD, 1L);
	SET(x, CURLOPT_READFUNCTION, on_read);
	SET(x, CURLOPT_READDATA, x);
	SET(x, CURLOPT_INFILESIZE_LARGE, (curl_off_t)hop->body.n);
	SET(x, CURLOPT_HEADERFUNCTION, on_line);
	SET(x, CURLOPT_HEADERDATA, x);
}

static void set_limits(struct sending *x)
{
	SET(x, CURLOPT_NOSIGNAL, 1L);
	SET(x, CURLOPT_QUICK_EXIT, 1L);
	SET(x, CURLOPT_CONNECTTIMEOUT_MS, (long)(FETCH_CONNECT_TIMEOUT / USEC_MSEC));
	SET(x, CURLOPT_ERRORBUFFER, x->error);
}

/* A refusal of the log-in is a fault of the configuration, not of the letter. */
static int conclude(struct ctx *c, struct sending *x, CURLcode code, struct fetch_response *ret)
{
	long status = 0;

	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK && (status < 400 || code == CURLE_LOGIN_DENIED))
		return fail(c, E_LATER, "the mail server: %s",
			    *x->error ? x->error : curl_easy_strerror(code));
	*ret = (struct fetch_response){
		.status = code == CURLE_OK ? TAKEN : (int)status,
		.url = STR(""),
		.type = STR(""),
		.body = str_trim(out_view(&x->answer)),
	};
	return 0;
}

int letter_run(struct ctx *c, const struct hop *hop, struct fetch_response *ret)
{
	struct sending x cleanup(sending_done) = { .easy = curl_easy_init() };
	const struct scheme *s = valid_scheme_of(hop->text);
	struct host *host;
	CURLcode code;
	int result;

	if (!x.easy)
		return -ENOMEM;
	if (!s)
		return fail(c, E_INVALID, STR_FMT " is no mail server", STR_ARG(hop->text));
	out_init(&x.answer, c->arena, ANSWER_LIMIT);
	set_server(c, &x, s, hop);
	set_letter(c, &x, hop);
	set_limits(&x);
	if (x.unset || !x.recipients)
		return -ENOMEM;
	result = host_enter(c->fetch, hop->text, hop->deadline, &host);
	if (result == -ETIMEDOUT)
		return fail(c, E_LATER, "all connections to the mail server are in use");
	TRY(result);
	code = multi_run(c->fetch, x.easy, hop->deadline);
	host_leave(c->fetch, host);
	return conclude(c, &x, code, ret);
}

int letter_send(struct ctx *c, const struct mail_server *s, const struct letter *l, str once,
		int *ret_status, str *ret_answer)
{
	struct fetch_header envelope[] = {
		{ STR("from"), l->from.address },
		{ STR("to"), l->to.address },
		{ STR("helo"), str_from(l->id, str_find_char_last(l->id, '@') + 1) },
		{ STR("user"), s->user },
		{ STR("password"), s->password },
	};
	struct hop hop = {
		.method = STR(LETTER_METHOD),
		.text = s->url,
		.headers = envelope,
		.n_headers = ARRAY_SIZE(envelope),
		.deadline = clock_mono() + LETTER_TIMEOUT,
	};
	struct fetch_response r;
	int result = letter_write(c->arena, l, &hop.body);

	if (result == E_INVALID)
		return fail(c, E_INVALID, "its addresses cannot stand in a letter");
	TRY(result);
	if (once.n && c->fetch->courier)
		TRY(courier_run(c, c->fetch->courier, once, &hop, &r));
	else
		TRY(letter_run(c, &hop, &r));
	*ret_status = r.status;
	*ret_answer = r.body;
	return 0;
}
