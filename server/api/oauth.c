/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What programs ask of OAuth without a person: tokens for codes and for themselves, giving them up,
 * who somebody is, and where all of this is. Nothing here looks at a cookie.
 */
#include "model/oauth.h"

#include "crypt/hash.h"
#include "fetch/url.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/media.h"
#include "model/scope.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/token.h"

struct credentials {
	str client_id, client_secret;
};

/* RFC 6749, 2.3.1: both halves are form-encoded before they are put together. */
static bool read_basic(struct ctx *c, str header, struct credentials *ret)
{
	size_t colon;
	str pair;

	if (!base64_decode(c->arena, str_trim(str_from(header, 6)), &pair))
		return false;
	colon = str_find_char(pair, ':', 0);
	return colon != SIZE_MAX &&
	       url_decode(c->arena, str_slice(pair, 0, colon), true, &ret->client_id) &&
	       url_decode(c->arena, str_from(pair, colon + 1), true, &ret->client_secret);
}

/* The header, or else the body; saying two different things is refused. */
static int read_credentials(struct ctx *c, const struct request *q, const struct params *p,
			    struct credentials *ret)
{
	str header = request_header(q, "authorization"), named = param(p, "client_id");

	*ret = (struct credentials){ named, param(p, "client_secret") };
	if (!str_starts_fold(header, STR("basic ")))
		return 0;
	if (!read_basic(c, header, ret))
		return fail(c, E_INVALID,
			    "invalid_request: The Authorization header is malformed.");
	if (named.n && !str_eq(named, ret->client_id))
		return fail(c, E_INVALID, "invalid_request: Two different clients are named.");
	return 0;
}

static int authenticate(struct ctx *c, const struct request *q, const struct params *p,
			const struct application_row **ret)
{
	struct credentials who;

	TRY(read_credentials(c, q, p, &who));
	return application_authenticate(c, who.client_id, who.client_secret, ret);
}

static int by_code(struct ctx *c, const struct request *q, const struct params *p,
		   const struct application_row *a, struct oauth_token *ret)
{
	const struct oauth_redemption redemption = {
		.code = param(p, "code"),
		.redirect_uri = param(p, "redirect_uri"),
		.verifier = param(p, "code_verifier"),
		.user_agent = request_header(q, "user-agent"),
	};

	if (str_is_empty(redemption.code))
		return fail(c, E_INVALID, "invalid_request: Missing required parameter: code.");
	return oauth_redeem(c, a, &redemption, ret);
}

static int by_client(struct ctx *c, const struct request *q, const struct params *p,
		     const struct application_row *a, struct oauth_token *ret)
{
	return oauth_client_token(c, a, param(p, "scope"), request_header(q, "user-agent"), ret);
}

/* Passwords are for our own pages: "password" is not here on purpose. */
static const struct grant {
	const char *type;
	int (*fn)(struct ctx *c, const struct request *q, const struct params *p,
		  const struct application_row *a, struct oauth_token *ret);
} grants[] = {
	{ "authorization_code", by_code },
	{ "client_credentials", by_client },
	{ NULL, NULL },
};

/* NULL: there is none of that type. */
static const struct grant *find_grant(str type)
{
	for (const struct grant *g = grants; g->type; g++)
		if (str_eq_c(type, g->type))
			return g;
	return NULL;
}

int respond_token(struct ctx *c, const struct oauth_token *t, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	json_open_object(&w, NULL);
	json_put_str(&w, "access_token", t->token);
	json_put_c(&w, "token_type", "Bearer");
	json_put_str(&w, "scope", scopes_join(c, t->scopes));
	json_put_i64(&w, "created_at", t->created / USEC_SEC);
	json_close_object(&w);
	return api_send(&w, r);
}

int api_oauth_token(struct ctx *c, struct request *q, struct response *r)
{
	const struct application_row *a;
	const struct grant *grant;
	struct oauth_token token;
	struct params *p;

	TRY(params_read(c, q, &p));
	if (str_is_empty(param(p, "grant_type")))
		return fail(c, E_INVALID,
			    "invalid_request: Missing required parameter: grant_type.");
	grant = find_grant(param(p, "grant_type"));
	if (!grant)
		return fail(c, E_INVALID,
			    "unsupported_grant_type: The authorization grant type is not supported "
			    "by the authorization server.");
	TRY(authenticate(c, q, p, &a));
	TRY(grant->fn(c, q, p, a, &token));
	return respond_token(c, &token, r);
}

int api_oauth_revoke(struct ctx *c, struct request *q, struct response *r)
{
	const struct application_row *a;
	struct params *p;
	str token;

	TRY(params_read(c, q, &p));
	TRY(authenticate(c, q, p, &a));
	token = param(p, "token");
	if (str_is_empty(token))
		return fail(c, E_INVALID, "invalid_request: Missing required parameter: token.");
	TRY(oauth_revoke(c, a, token));
	return api_send_empty(r);
}

int api_oauth_userinfo(struct ctx *c, unused struct request *q, struct response *r)
{
	const struct identity_row *i;
	struct json_out w;

	TRY(q_identity_by_id(c, c->identity_id, &i));
	api_open(c, &w);
	json_open_object(&w, NULL);
	json_put_str(&w, "iss", c->domain->origin);
	json_put_str(&w, "sub", i->actor_uri);
	json_put_str(&w, "name", identity_name(i));
	json_put_str(&w, "preferred_username", i->username);
	json_put_str(&w, "profile", i->url.n ? i->url : i->actor_uri);
	json_put_str_opt(&w, "picture", media_portrait_of(c, i).avatar);
	json_close_object(&w);
	return api_send(&w, r);
}

/* Members of RFC 8414 that are addresses of ours. */
static const struct {
	const char *member, *path;
} endpoints[] = {
	{ "authorization_endpoint", "/oauth/authorize" },
	{ "token_endpoint", "/oauth/token" },
	{ "revocation_endpoint", "/oauth/revoke" },
	{ "userinfo_endpoint", "/oauth/userinfo" },
	{ "app_registration_endpoint", "/api/v1/apps" },
};

/* Members that are lists, each with at most two values. */
static const struct {
	const char *member, *values[2];
} abilities[] = {
	{ "response_types_supported", { "code" } },
	{ "response_modes_supported", { "query" } },
	{ "grant_types_supported", { "authorization_code", "client_credentials" } },
	{ "token_endpoint_auth_methods_supported",
	  { "client_secret_basic", "client_secret_post" } },
	{ "revocation_endpoint_auth_methods_supported",
	  { "client_secret_basic", "client_secret_post" } },
	{ "code_challenge_methods_supported", { "S256" } },
};

static void write_abilities(struct json_out *w)
{
	for (size_t i = 0; i < ARRAY_SIZE(abilities); i++) {
		json_open_array(w, abilities[i].member);
		for (size_t k = 0; k < ARRAY_SIZE(abilities[i].values); k++)
			if (abilities[i].values[k])
				json_put_c(w, NULL, abilities[i].values[k]);
		json_close_array(w);
	}
	json_open_array(w, "scopes_supported");
	for (const struct scope *s = scope_table; s->name; s++)
		json_put_c(w, NULL, s->name);
	json_close_array(w);
}

int api_oauth_metadata(struct ctx *c, unused struct request *q, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	json_open_object(&w, NULL);
	json_put_str(&w, "issuer", c->domain->origin);
	for (size_t i = 0; i < ARRAY_SIZE(endpoints); i++)
		json_put_str(&w, endpoints[i].member,
			     str_cat(c->arena, c->domain->origin, str_c(endpoints[i].path)));
	write_abilities(&w);
	json_put_c(&w, "service_documentation", "https://docs.joinmastodon.org/");
	json_close_object(&w);
	TRY(api_send(&w, r));
	r->cache = CACHE_SHORT;
	return 0;
}
