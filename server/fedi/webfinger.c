/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* WebFinger (RFC 7033) and host-meta (RFC 6415): from a handle, or an actor's URI, to the actor. */
#include "ap/document.h"
#include "model/domain.h"
#include "model/identity.h"
#include "server/fedi/fedi.h"

static void write_link(struct json_out *w, const char *rel, const char *type, str href)
{
	json_open_object(w, NULL);
	json_put_c(w, "rel", rel);
	json_put_c(w, "type", type);
	json_put_str(w, "href", href);
	json_close_object(w);
}

/* Where pages elsewhere lead those who are at home here (FEP-3b86, and OStatus as others ask for it). */
static const struct intent {
	const char *rel, *path;
} intents[] = {
	{ "http://ostatus.org/schema/1.0/subscribe", "/authorize_interaction?uri={uri}" },
	{ "https://w3id.org/fep/3b86/Follow", "/authorize_interaction?uri={object}" },
	{ "https://w3id.org/fep/3b86/Like", "/authorize_interaction?uri={object}" },
	{ "https://w3id.org/fep/3b86/Announce", "/authorize_interaction?uri={object}" },
	{ "https://w3id.org/fep/3b86/Object", "/authorize_interaction?uri={object}" },
	{ "https://w3id.org/fep/3b86/Create",
	  "/share?title={name}&text={content}&in_reply_to={inReplyTo}" },
};

static void write_intent(struct ctx *c, struct json_out *w, const struct intent *i)
{
	json_open_object(w, NULL);
	json_put_c(w, "rel", i->rel);
	json_put_str(w, "template", str_cat(c->arena, c->domain->origin, str_c(i->path)));
	json_close_object(w);
}

/* acct: with either name of the tenant; else a URI that is looked up as stored. */
static int find(struct ctx *c, str resource, const struct identity_row **ret)
{
	const struct domain *d = c->domain;
	size_t at;
	int result;

	if (str_starts_fold(resource, STR("acct:"))) {
		str handle = str_from(resource, 5);

		at = str_find_char_last(handle, '@');
		if (at == SIZE_MAX)
			return fail(c, E_INVALID, "the resource names no domain");
		if (!str_eq_fold(str_from(handle, at + 1), d->name) &&
		    !str_eq_fold(str_from(handle, at + 1), d->service_name))
			return fail(c, E_NOT_FOUND, "this is %.*s", STR_ARG(d->name));
		return fedi_identity(c, str_slice(handle, str_starts(handle, STR("@")), at), ret);
	}
	result = q_identity_by_uri(c, resource, ret);
	if (result == E_NOT_FOUND && str_starts(resource, d->origin)) {
		str path = str_from(resource, d->origin.n);

		/* The short address of the profile, which people copy. */
		if (str_starts(path, STR("/@")))
			return fedi_identity(
				c, str_slice(path, 2, path.n - str_ends(path, STR("/"))), ret);
	}
	TRY(result);
	if ((*ret)->domain_id != c->domain_id)
		return fail(c, E_NOT_FOUND, "nobody here is that");
	return (*ret)->deleted ? fail(c, E_GONE, "this account was deleted") : 0;
}

int fedi_webfinger(struct ctx *c, struct request *q, struct response *r)
{
	str resource = request_query(q, "resource");
	const struct identity_row *i;
	struct json_out w;

	if (str_is_empty(resource))
		return fail(c, E_INVALID, "the parameter resource is missing");
	TRY(find(c, resource, &i));
	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	json_open_object(&w, NULL);
	json_put_str(&w, "subject",
		     str_fmt(c->arena, "acct:%.*s@%.*s", STR_ARG(i->username),
			     STR_ARG(c->domain->name)));
	json_open_array(&w, "aliases");
	json_put_str(&w, NULL, i->url);
	json_put_str(&w, NULL, i->actor_uri);
	json_close_array(&w);
	json_open_array(&w, "links");
	write_link(&w, "http://webfinger.net/rel/profile-page", "text/html", i->url);
	write_link(&w, "self", AP_MEDIA_TYPE, i->actor_uri);
	for (size_t k = 0; k < ARRAY_SIZE(intents); k++)
		write_intent(c, &w, &intents[k]);
	json_close_array(&w);
	json_close_object(&w);
	TRY(json_out_done(&w, &r->body));
	r->type = STR("application/jrd+json; charset=utf-8");
	r->cache = CACHE_SHORT;
	r->cors = true;
	return 0;
}

int fedi_host_meta(struct ctx *c, unused struct request *q, struct response *r)
{
	r->body = str_fmt(
		c->arena,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<XRD xmlns=\"http://docs.oasis-open.org/ns/xri/xrd-1.0\">\n"
		"  <Link rel=\"lrdd\" template=\"%.*s/.well-known/webfinger?resource={uri}\"/>\n"
		"</XRD>\n",
		STR_ARG(c->domain->origin));
	r->type = STR("application/xrd+xml; charset=utf-8");
	r->cache = CACHE_SHORT;
	r->cors = true;
	return 0;
}
