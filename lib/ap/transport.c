/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A document is believed for what its own host serves under its id, as ActivityStreams; a redirect
 * to another host makes it that host's document, whose id must then be there too. The private key
 * leaves neither the cache nor the thread that signs.
 */
#include "ap/transport.h"

#include <assert.h>

#include "ap/document.h"
#include "ap/key_cache.h"
#include "ap/shape.h"
#include "fetch/fetch.h"
#include "fetch/url.h"
#include "loop/fiber.h"

#define LD_MEDIA_TYPE "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\""

static const char *const accept_types[] = { AP_MEDIA_TYPE, LD_MEDIA_TYPE, NULL };

/* Status */

static const struct {
	int from, to, err;
} meanings[] = {
	{ 200, 299, 0 },	   { 401, 401, E_UNAUTHORIZED }, { 403, 403, E_FORBIDDEN },
	{ 404, 404, E_NOT_FOUND }, { 408, 408, E_LATER },	 { 410, 410, E_GONE },
	{ 413, 413, E_TOO_LARGE }, { 425, 425, E_LATER },	 { 429, 429, E_LATER },
	{ 500, 599, E_LATER },
};

int ap_result_err(int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		if (status >= meanings[i].from && status <= meanings[i].to)
			return meanings[i].err;
	}
	return E_REMOTE;
}

void ap_keys_forget(void)
{
	key_cache_forget();
}

/* Signing */

/* One signature: made on another thread, hence with a ctx and an arena of its own. */
struct signing {
	struct ctx c;
	const struct ap_signer *signer;
	enum signature_form form;
	struct http_message message;
	struct http_field fields[SIGNATURE_FIELDS];
	size_t n;
	int result;
};

static void sign_here(void *arg)
{
	struct signing *s = arg;
	struct cached_key *k cleanup(cached_key_unrefp) = NULL;
	struct signature_with with = {
		.form = s->form,
		.key_id = s->signer->key_uri,
		.now = clock_real(),
	};

	s->result = key_cache_get(&s->c, s->signer, &k);
	if (s->result)
		return;
	with.key = cached_key_use(k);
	s->result = signature_sign(&s->c, &s->message, &with, s->fields, &s->n);
}

/* How an exchange is signed; the argument of the sign call of struct fetch_request. */
struct signed_as {
	const struct ap_signer *signer;
	enum signature_form form;
};

#define FETCH_HEADERS 16 /* that the array has room for */

static int sign_message(struct ctx *c, const struct signed_as *as, const struct http_message *m,
			struct fetch_header *headers, size_t *n)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	struct signing s = {
		.c = { .arena = arena },
		.signer = as->signer,
		.form = as->form,
		.message = *m,
	};

	offload(sign_here, &s);
	if (s.result > 0)
		return fail(c, s.result, STR_FMT, STR_ARG(ctx_error(&s.c, s.result)));
	TRY(s.result);
	assert(*n + s.n <= FETCH_HEADERS);
	for (size_t i = 0; i < s.n; i++)
		headers[(*n)++] = (struct fetch_header){ str_dup(c->arena, s.fields[i].name),
							 str_dup(c->arena, s.fields[i].value) };
	return 0;
}

static int sign_hop(struct ctx *c, void *arg, str method, str url, str body,
		    struct fetch_header *headers, size_t *n)
{
	struct http_field *fields = arena_array(c->arena, *n, sizeof(*fields));
	struct http_message m = { .method = method, .fields = fields, .body = body };
	struct url u;

	if (!url_parse(c->arena, url, &u))
		return fail(c, E_INVALID, "\"" STR_FMT "\" is no http(s) URL", STR_ARG(url));
	m.scheme = u.scheme;
	m.authority = u.authority;
	m.path = u.path;
	m.query = u.query;
	for (; m.n_fields < *n; m.n_fields++)
		fields[m.n_fields] =
			(struct http_field){ headers[m.n_fields].name, headers[m.n_fields].value };
	return sign_message(c, arg, &m, headers, n);
}

/* GET */

/* Latin-1, which some servers still say and mean, as UTF-8. */
static str from_latin1(struct arena *a, str s)
{
	char *p = arena_alloc(a, 2 * s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];

		if (ch >= 0x80)
			p[n++] = (char)(0xc0 | ch >> 6);
		p[n++] = ch >= 0x80 ? (char)(0x80 | (ch & 0x3f)) : (char)ch;
	}
	return (str){ p, n };
}

static int get_signed(struct ctx *c, const struct ap_signer *signer, enum signature_form form,
		      str url, struct fetch_response *ret)
{
	struct fetch_header accept = { STR("accept"), STR(AP_MEDIA_TYPE ", " LD_MEDIA_TYPE) };
	struct signed_as as = { signer, form };
	struct fetch_request q = {
		.method = STR("GET"),
		.url = url,
		.headers = &accept,
		.n_headers = 1,
		.sign = signer ? sign_hop : NULL,
		.arg = &as,
		.accept_types = accept_types,
		.limit = AP_DOCUMENT_LIMIT,
		.redirects = AP_REDIRECT_LIMIT,
	};

	return fetch(c, &q, ret);
}

/* One GET, in the other form of signature when the first is not understood. */
static int get(struct ctx *c, const struct ap_signer *signer, str url, struct fetch_response *ret)
{
	int err;

	TRY(get_signed(c, signer, SIGNATURE_CAVAGE, url, ret));
	if (signer && ret->status == 401)
		TRY(get_signed(c, signer, SIGNATURE_RFC9421, url, ret));
	err = ap_result_err(ret->status);
	if (err == E_UNAUTHORIZED)
		err = E_FORBIDDEN;
	if (err)
		return fail(c, err, "HTTP status %d", ret->status);
	return 0;
}

struct fetched {
	const struct json *json;
	str id;
	str url; /* that served it */
};

static int get_document(struct ctx *c, const struct ap_signer *signer, str url, struct fetched *ret)
{
	struct fetch_response r;
	struct fetched f;
	str body;

	TRY(get(c, signer, url, &r));
	body = str_find(r.type, STR("charset=iso-8859-1"), 0) == SIZE_MAX
		       ? r.body
		       : from_latin1(c->arena, r.body);
	if (json_parse(c, body, &f.json) || !json_is(f.json, JSON_OBJECT))
		return fail(c, E_REMOTE, "the answer is no JSON object");
	f.id = shape_url_of(json_get_str(f.json, "id"));
	f.url = r.url;
	if (!ap_same_host(f.id, f.url))
		return fail(c, E_REMOTE, "the document's id is not on the host that served it");
	*ret = f;
	return 0;
}

/* Both name the same resource; a fragment names a part of it. */
static bool is_same_resource(struct arena *a, str one, str other)
{
	struct url x, y;

	return url_parse(a, one, &x) && url_parse(a, other, &y) && str_eq(x.scheme, y.scheme) &&
	       str_eq(x.authority, y.authority) && str_eq(x.target, y.target);
}

/* The document was asked for, or came, under its own id. */
static bool is_at_home(struct ctx *c, const struct fetched *f, str asked)
{
	return is_same_resource(c->arena, f->id, asked) ||
	       is_same_resource(c->arena, f->id, f->url);
}

int ap_get(struct ctx *c, const struct ap_signer *signer, str uri, const struct json **ret,
	   str *ret_url)
{
	struct fetched f, again;

	if (!shape_is_url(uri))
		return fail(c, E_INVALID, "this is no http(s) URI");
	TRY(get_document(c, signer, uri, &f));
	if (!is_at_home(c, &f, uri)) {
		TRY(get_document(c, signer, f.id, &again));
		if (!str_eq(again.id, f.id))
			return fail(c, E_REMOTE, "the document's id leads to another document");
		f = again;
	}
	*ret = f.json;
	*ret_url = f.url;
	return 0;
}

/* POST */

#define REASON_LIMIT 200 /* bytes of an answer that people see */

/* One line of what the server said, for people; pages say nothing that fits. */
static str reason_of(struct ctx *c, const struct fetch_response *r)
{
	str said = str_clip(str_trim(r->body), REASON_LIMIT);
	char *line = str_z(c->arena, said);

	if (ap_result_err(r->status) == 0 || str_is_empty(said) || !str_is_utf8(said) ||
	    str_find(r->type, STR("html"), 0) != SIZE_MAX)
		return str_fmt(c->arena, "HTTP status %d", r->status);
	for (size_t i = 0; i < said.n; i++) {
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = ' ';
	}
	return str_fmt(c->arena, "HTTP status %d: %s", r->status, line);
}

int ap_post(struct ctx *c, const struct ap_posting *p, struct ap_result *ret)
{
	struct fetch_header type = { STR("content-type"), STR(AP_MEDIA_TYPE) };
	struct signed_as as = { p->signer, p->form };
	struct fetch_request q = {
		.method = STR("POST"),
		.url = p->inbox,
		.headers = &type,
		.n_headers = 1,
		.body = p->body,
		.once = p->once,
		.sign = sign_hop,
		.arg = &as,
	};
	struct fetch_response r;
	int result = fetch(c, &q, &r);

	if (result == E_TOO_LARGE || result == E_REMOTE)
		return fail(c, E_LATER, "the answer is broken");
	TRY(result);
	ret->status = r.status;
	ret->retry_after = r.retry_after;
	ret->reason = reason_of(c, &r);
	return 0;
}
