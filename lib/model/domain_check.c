/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: everything is asked through lib/fetch by the names that the world uses, without any knowledge of this
 * process, so that what is found is what another server would find.
 */
#include "model/domain_check.h"

#include <netdb.h>

#include "ap/handle.h"
#include "fetch/fetch.h"
#include "fetch/url.h"
#include "json/json.h"
#include "loop/fiber.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/settings.h"

#define DOCUMENT_LIMIT (256 * 1024)
#define REDIRECTS 3
#define ACTIVITY_TYPE "application/activity+json"

struct check {
	struct ctx *c;
	const struct domain *domain;
	const struct identity_row *identity;
	finding_fn put;
	void *arg;
};

static void good(const struct check *k, const char *check, str subject, str says)
{
	struct finding f = { .check = check, .subject = subject, .well = true, .says = says };

	k->put(k->arg, &f);
}

static void bad(const struct check *k, const char *check, str subject, str says, const char *advice)
{
	struct finding f = { .check = check, .subject = subject, .says = says, .advice = advice };

	k->put(k->arg, &f);
}

struct resolving {
	const char *host;
	int result;
};

static void resolve(void *arg)
{
	struct resolving *r = arg;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;

	r->result = getaddrinfo(r->host, NULL, &hints, &found);
	if (!r->result)
		freeaddrinfo(found);
}

/* Whether there is anybody to ask. Names below localhost are this machine, with or without DNS (RFC 6761, 6.3). */
static bool check_name(const struct check *k, str name)
{
	str host = str_slice(name, 0, str_find_char(name, ':', 0));
	struct resolving r = { .host = str_z(k->c->arena, host) };

	if (!str_ends(host, STR(".localhost")))
		offload(resolve, &r);
	if (!r.result)
		good(k, "dns", name, STR("the name has an address"));
	else
		bad(k, "dns", name, str_c(gai_strerror(r.result)),
		    "make an A or AAAA record that leads to the reverse proxy of this installation");
	return !r.result;
}

static const char *advice_of(int err)
{
	switch (err) {
	case E_REFUSED:
		return "the name leads to an address that is not public: correct the A and AAAA records";
	case E_LATER:
		return "see that the reverse proxy runs, is reached from outside, and has a certificate for "
		       "this name";
	default:
		return "see what the reverse proxy answers instead of this installation";
	}
}

/* Asks, and finds fault with anything but 200; true: the answer is here. */
static bool ask(const struct check *k, const char *check, str url, const char *accept,
		struct fetch_response *ret)
{
	struct fetch_header header = { STR("accept"), str_c(accept) };
	struct fetch_request q = {
		.url = url,
		.headers = &header,
		.n_headers = 1,
		.limit = DOCUMENT_LIMIT,
		.redirects = REDIRECTS,
	};
	int result = fetch(k->c, &q, ret);

	if (result) {
		bad(k, check, url, ctx_error(k->c, result), advice_of(result));
		return false;
	}
	if (ret->status == 200)
		return true;
	bad(k, check, url, str_fmt(k->c->arena, "the answer is %d", ret->status),
	    "see that the reverse proxy passes this path on, with its Host header, to rookery-server");
	return false;
}

/* The same for a JSON document of a media type. */
static bool ask_json(const struct check *k, const char *check, str url, const char *type,
		     const struct json **ret)
{
	struct fetch_response r;

	if (!ask(k, check, url, type, &r))
		return false;
	if (!str_starts(r.type, str_c(type))) {
		bad(k, check, url,
		    str_fmt(k->c->arena, "the type is %.*s instead of %s", STR_ARG(r.type), type),
		    "see that the reverse proxy neither caches nor rewrites this path");
		return false;
	}
	if (!json_parse(k->c, r.body, ret))
		return true;
	bad(k, check, url, STR("the answer is no JSON"),
	    "see that the reverse proxy passes answers on as they are");
	return false;
}

static const char elsewhere[] =
	"the name leads to another server or another tenant: correct the DNS records or the "
	"reverse proxy";

static str self_link(const struct json *jrd)
{
	const struct json *links = json_get(jrd, "links");

	for (size_t i = 0; i < json_count(links); i++) {
		const struct json *link = json_at(links, i);

		if (str_eq(json_get_str(link, "rel"), STR("self")) &&
		    str_starts(json_get_str(link, "type"), STR(ACTIVITY_TYPE)))
			return json_get_str(link, "href");
	}
	return STR_NULL;
}

static str origin_of_name(const struct check *k)
{
	return handle_origin(k->c->arena, k->domain->name, k->c->settings->development);
}

static void check_webfinger(const struct check *k)
{
	struct arena *a = k->c->arena;
	str resource =
		str_fmt(a, "acct:%.*s", STR_ARG(str_from(identity_handle(a, k->identity), 1)));
	str url = str_fmt(a, "%.*s/.well-known/webfinger?resource=%.*s", STR_ARG(origin_of_name(k)),
			  STR_ARG(url_encode(a, resource)));
	const struct json *jrd;

	if (!ask_json(k, "webfinger", url, "application/jrd+json", &jrd))
		return;
	if (!str_eq_fold(json_get_str(jrd, "subject"), resource) ||
	    !str_eq(self_link(jrd), k->identity->actor_uri))
		bad(k, "webfinger", url, STR("the answer names another actor"), elsewhere);
	else
		good(k, "webfinger", url, STR("the handle leads to its actor"));
}

static void check_host_meta(const struct check *k)
{
	str url = str_cat(k->c->arena, origin_of_name(k), STR("/.well-known/host-meta"));
	struct fetch_response r;

	if (!ask(k, "host-meta", url, "application/xrd+xml", &r))
		return;
	if (str_find(r.body, STR("/.well-known/webfinger?resource={uri}"), 0) == SIZE_MAX)
		bad(k, "host-meta", url, STR("the answer names no WebFinger"), elsewhere);
	else
		good(k, "host-meta", url, STR("it names the WebFinger"));
}

static void check_nodeinfo(const struct check *k)
{
	str url = str_cat(k->c->arena, k->domain->origin, STR("/.well-known/nodeinfo"));
	const struct json *links, *info;
	str href;

	if (!ask_json(k, "nodeinfo", url, "application/json", &links))
		return;
	href = json_get_str(json_at(json_get(links, "links"), 0), "href");
	if (!url_same_host(href, k->domain->origin)) {
		bad(k, "nodeinfo", url, STR("the answer leads to another host"), elsewhere);
		return;
	}
	if (!ask_json(k, "nodeinfo", href, "application/json", &info))
		return;
	if (!str_eq(json_get_str(json_get(info, "software"), "name"), STR("rookery")))
		bad(k, "nodeinfo", href, STR("the document is not of Rookery"), elsewhere);
	else
		good(k, "nodeinfo", href, STR("the document says what runs here"));
}

static void check_actor(const struct check *k)
{
	const struct identity_row *i = k->identity;
	const struct json *actor;

	if (!ask_json(k, "actor", i->actor_uri, ACTIVITY_TYPE, &actor))
		return;
	if (!str_eq(json_get_str(actor, "id"), i->actor_uri))
		bad(k, "actor", i->actor_uri, STR("the document is of another actor"), elsewhere);
	else if (!str_starts(json_get_str(json_get(actor, "publicKey"), "publicKeyPem"),
			     STR("-----BEGIN")))
		bad(k, "actor", i->actor_uri, STR("the document has no public key"),
		    "nobody can verify what this identity sends: report this as an error in Rookery");
	else
		good(k, "actor", i->actor_uri, STR("the document has the right id and a key"));
}

/* What is not signed has to be refused, by us and by nothing before us. */
static void check_inbox(const struct check *k)
{
	struct fetch_header header = { STR("content-type"), STR(ACTIVITY_TYPE) };
	struct fetch_request q = {
		.method = STR("POST"),
		.url = str_cat(k->c->arena, k->domain->origin, STR("/inbox/")),
		.headers = &header,
		.n_headers = 1,
		.body = STR("{}"),
		.limit = DOCUMENT_LIMIT,
	};
	struct fetch_response r;
	int result = fetch(k->c, &q, &r);

	if (result)
		bad(k, "inbox", q.url, ctx_error(k->c, result), advice_of(result));
	else if (r.status == 401 || r.status == 400)
		good(k, "inbox", q.url, STR("it is reached, and refuses what is not signed"));
	else
		bad(k, "inbox", q.url,
		    str_fmt(k->c->arena, "an unsigned POST is answered with %d", r.status),
		    "see that the reverse proxy passes POST requests on to rookery-server, with all headers");
}

static int find_identity(struct ctx *c, str username, const struct identity_row **ret)
{
	const struct identity_row *rows;
	size_t n;

	if (!str_is_null(username))
		return identity_find(c, username, ret);
	TRY(q_identity_list(c, c->domain_id, 1, &rows, &n));
	if (n && !rows[0].deleted) {
		*ret = &rows[0];
		return 0;
	}
	return q_identity_by_id(c, c->domain->system_identity_id, ret);
}

int domain_check(struct ctx *c, str username, finding_fn put, void *arg)
{
	struct check k = { .c = c, .domain = c->domain, .put = put, .arg = arg };
	bool is_there = check_name(&k, k.domain->name);

	if (!str_eq(k.domain->name, k.domain->service_name))
		is_there = check_name(&k, k.domain->service_name) && is_there;
	if (k.domain->state != DOMAIN_ACTIVE) {
		bad(&k, "state", k.domain->name,
		    str_fmt(c->arena, "it is %s, not active",
			    name_of_value(domain_states, (int)k.domain->state)),
		    "rookery domain show says what comes next");
		return 0;
	}
	if (!is_there)
		return 0;
	TRY(find_identity(c, username, &k.identity));
	check_webfinger(&k);
	check_host_meta(&k);
	check_nodeinfo(&k);
	check_actor(&k);
	check_inbox(&k);
	return 0;
}
