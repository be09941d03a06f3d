/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a redirect address is judged once, when it is registered, and compared byte for byte
 * from then on; nothing is derived from it but the source that a content security policy names.
 */
#include "model/application.h"

#include "crypt/hash.h"
#include "fetch/url.h"
#include "model/scope.h"
#include "sql/gen/oauth.h"
#include "sql/gen/token.h"

#define ID_BYTES 32 /* random ones */
#define SECRET_BYTES 32
#define NAME_MAX_CHARS 60
#define URI_LIMIT 2000 /* bytes, website and redirects */

#define CODES_KEPT USEC_DAY /* after they ended: a second use is still noticed */
#define TOKENS_KEPT (90 * USEC_DAY) /* of a program alone, without use */
#define UNUSED_KEPT (7 * USEC_DAY) /* programs that nobody granted anything to */

/* Schemes that a browser runs or reads itself. */
static const char *const refused_schemes[] = { "javascript", "data",  "vbscript",  "blob",
					       "file",	     "about", "filesystem" };

/* The part before ':', by RFC 3986, 3.1; the null str when there is none. */
static str scheme_of(str uri)
{
	size_t colon = str_find_char(uri, ':', 0);

	if (colon == SIZE_MAX || colon == 0 || (uri.p[0] | 0x20) < 'a' || (uri.p[0] | 0x20) > 'z')
		return STR_NULL;
	for (size_t i = 0; i < colon; i++)
		if (!char_is_alnum(uri.p[i]) && uri.p[i] != '+' && uri.p[i] != '-' &&
		    uri.p[i] != '.')
			return STR_NULL;
	return str_slice(uri, 0, colon);
}

static bool is_web(str scheme)
{
	return str_eq_fold(scheme, STR("https")) || str_eq_fold(scheme, STR("http"));
}

/* Visible ASCII only, so that it may stand in a header as it is. */
static bool is_clean(str uri)
{
	for (size_t i = 0; i < uri.n; i++)
		if (uri.p[i] <= ' ' || uri.p[i] >= 0x7f)
			return false;
	return uri.n && uri.n <= URI_LIMIT;
}

static bool redirect_is_good(struct ctx *c, str uri)
{
	str scheme = scheme_of(uri);
	struct url url;

	if (!is_clean(uri) || str_is_null(scheme) || str_find_char(uri, '#', 0) != SIZE_MAX)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(refused_schemes); i++)
		if (str_eq_fold(scheme, str_c(refused_schemes[i])))
			return false;
	return !is_web(scheme) || url_parse(c->arena, uri, &url);
}

static bool website_is_good(struct ctx *c, str uri)
{
	struct url url;

	return is_clean(uri) && url_parse(c->arena, uri, &url);
}

static int check(struct ctx *c, const struct application_draft *d)
{
	if (str_is_empty(str_trim(d->name)))
		return fail(c, E_UNPROCESSABLE, "Validation failed: Name can't be blank");
	if (!str_is_utf8(d->name) || str_chars(d->name) > NAME_MAX_CHARS)
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: Name is too long (maximum is %d characters)",
			    NAME_MAX_CHARS);
	if (!str_is_empty(d->website) && !website_is_good(c, d->website))
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: Application website must be a valid URL");
	if (d->redirect_uris.n == 0)
		return fail(c, E_UNPROCESSABLE, "Validation failed: Redirect URI can't be blank");
	if (d->redirect_uris.n > APPLICATION_REDIRECTS_LIMIT)
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: Redirect URI has more than %d addresses",
			    APPLICATION_REDIRECTS_LIMIT);
	for (size_t i = 0; i < d->redirect_uris.n; i++)
		if (!redirect_is_good(c, d->redirect_uris.p[i]))
			return fail(c, E_UNPROCESSABLE,
				    "Validation failed: Redirect URI must be an absolute URI.");
	return 0;
}

int application_register(struct ctx *c, const struct application_draft *d,
			 struct application_keys *ret)
{
	const struct application_id_row *made;
	struct application_keys keys = {
		.client_id = random_token(c->arena, ID_BYTES),
		.client_secret = random_token(c->arena, SECRET_BYTES),
	};
	struct q_application_add_args args = {
		.domain_id = c->domain_id,
		.client_id = keys.client_id,
		.client_secret_hash = hash_sha256(c->arena, keys.client_secret),
		.name = str_trim(d->name),
		.website = str_is_null(d->website) ? STR("") : d->website,
		.redirect_uris = d->redirect_uris,
		.scopes = d->scopes,
	};

	TRY(check(c, d));
	TRY(q_application_add(c, &args, &made));
	keys.id = made->id;
	*ret = keys;
	return 0;
}

int application_find(struct ctx *c, str client_id, const struct application_row **ret)
{
	int result = E_NOT_FOUND;

	if (client_id.n && str_is_utf8(client_id))
		result = q_application_by_client(c, client_id, c->domain_id, ret);
	return result == E_NOT_FOUND ? fail(c, result, "there is no such application") : result;
}

int application_authenticate(struct ctx *c, str client_id, str client_secret,
			     const struct application_row **ret)
{
	const struct application_row *a;
	int result = application_find(c, client_id, &a);

	if (result < 0 || result == E_LATER)
		return result;
	if (result || !secret_eq(hash_sha256(c->arena, client_secret), a->client_secret_hash))
		return fail(c, E_UNAUTHORIZED,
			    "invalid_client: Client authentication failed due to unknown client, "
			    "no client authentication included, or unsupported authentication "
			    "method.");
	*ret = a;
	return 0;
}

bool application_knows_redirect(const struct application_row *a, str redirect_uri)
{
	for (size_t i = 0; i < a->redirect_uris.n; i++)
		if (str_eq(a->redirect_uris.p[i], redirect_uri))
			return true;
	return false;
}

/* A host that a policy cannot name (an IPv6 literal) is named by its scheme. */
static str web_source(struct ctx *c, str uri)
{
	struct url url;

	if (!url_parse(c->arena, uri, &url))
		return STR("");
	if (str_starts(url.host, STR("[")))
		return str_cat(c->arena, url.scheme, STR(":"));
	return str_fmt(c->arena, "%.*s://%.*s", STR_ARG(url.scheme), STR_ARG(url.authority));
}

str application_redirect_source(struct ctx *c, str redirect_uri)
{
	str scheme = scheme_of(redirect_uri);

	if (str_is_null(scheme) || str_eq(redirect_uri, STR(APPLICATION_OOB)))
		return STR("");
	return is_web(scheme) ? web_source(c, redirect_uri)
			      : str_cat(c->arena, str_lower(c->arena, scheme), STR(":"));
}

int application_tidy(struct ctx *c)
{
	TRY(q_oauth_code_prune(c, c->domain_id, CODES_KEPT, NULL));
	TRY(q_token_prune(c, c->domain_id, TOKENS_KEPT, NULL));
	return q_application_prune(c, c->domain_id, UNUSED_KEPT, NULL);
}
