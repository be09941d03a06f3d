/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Identities of other servers. Invariant: what is stored of an actor came from its own server, and
 * its handle from the WebFinger of the handle's own host; a local identity is never written here.
 */
#include "ap/document.h"
#include "ap/handle.h"
#include "ap/transport.h"
#include "ap/webfinger.h"
#include "base/log.h"
#include "db/db.h"
#include "fetch/url.h"
#include "html/html.h"
#include "json/write.h"
#include "model/domain.h"
#include "model/emoji.h"
#include "model/identity.h"
#include "model/limit.h"
#include "model/server.h"
#include "model/settings.h"

#define FIELDS_LIMIT (256 * 1024)

static bool is_plain(const struct ctx *c)
{
	return c->settings && c->settings->development;
}

static str or_empty(str s)
{
	return str_is_null(s) ? STR("") : s;
}

static int write_fields(struct ctx *c, const struct ap_actor *a, str *ret)
{
	struct json_out w;

	json_out_init(&w, c->arena, FIELDS_LIMIT);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < a->n_fields; i++) {
		html value;

		TRY(html_sanitise(c, a->fields[i].value, &value));
		json_open_object(&w, NULL);
		json_put_str(&w, "name", a->fields[i].name);
		json_put_str(&w, "value", value.s);
		json_close_object(&w);
	}
	json_close_array(&w);
	return json_out_done(&w, ret);
}

/*
 * The host of the actor's handle, proved both ways: the actor's own host names the handle, and the
 * handle's host names the actor. The null str when that fails; other errors are passed on.
 */
static int confirm_host(struct ctx *c, const struct ap_actor *a, str *ret)
{
	struct webfinger own, canonical;
	struct url url;
	int result;

	*ret = STR_NULL;
	if (!url_parse(c->arena, a->id, &url) || str_is_empty(a->preferred_username))
		return 0;
	result = webfinger_find(c, a->preferred_username, url.authority, is_plain(c), &own);
	if (result)
		return result < 0 ? result : 0;
	canonical = own;
	if (!str_eq(own.host, url.authority) &&
	    webfinger_find(c, own.name, own.host, is_plain(c), &canonical))
		return 0;
	if (!str_eq(canonical.self, a->id) || !str_eq_fold(canonical.name, a->preferred_username))
		return 0;
	/* A host of ours has handles of ours only. */
	if (c->domains && domain_by_host(c->domains, own.host))
		return 0;
	*ret = own.host;
	return 0;
}

struct storing {
	const struct ap_actor *actor;
	struct q_identity_store_args row;
	int64_t id;
};

static int store(struct ctx *c, void *arg)
{
	struct storing *s = arg;
	const struct ap_actor *a = s->actor;
	const struct identity_id_row *id;
	str *uris = arena_array(c->arena, a->n_keys + 1, sizeof(*uris));
	str *ders = arena_array(c->arena, a->n_keys + 1, sizeof(*ders));

	if (!str_is_null(s->row.host))
		TRY(q_identity_yield_handle(c, s->row.host, s->row.username, s->row.actor_uri,
					    NULL));
	TRY(q_identity_store(c, &s->row, &id));
	TRY(emoji_learn(c, s->row.server_id, a->emojis, a->n_emojis));
	s->id = id->id;
	for (size_t i = 0; i < a->n_keys; i++) {
		uris[i] = a->keys[i].id;
		ders[i] = a->keys[i].der;
	}
	return q_identity_store_keys(c, id->id, (strs){ uris, a->n_keys },
				     (strs){ ders, a->n_keys }, NULL);
}

static int fill_row(struct ctx *c, const struct ap_actor *a, struct q_identity_store_args *row)
{
	html summary;

	TRY(html_sanitise(c, or_empty(a->summary), &summary));
	*row = (struct q_identity_store_args){
		.actor_uri = a->id,
		.actor_type = str_c(name_of_value(ap_types, (int)a->type)),
		.username = str_is_empty(a->preferred_username) ? STR("unknown")
								: a->preferred_username,
		.name = or_empty(a->name),
		.summary = summary.s,
		.url = or_empty(a->url),
		.inbox_uri = a->inbox,
		.shared_inbox_uri = or_empty(a->shared_inbox),
		.outbox_uri = or_empty(a->outbox),
		.followers_uri = or_empty(a->followers),
		.following_uri = or_empty(a->following),
		.featured_uri = or_empty(a->featured),
		.icon_uri = or_empty(a->icon),
		.image_uri = or_empty(a->image),
		.also_known_as = a->also_known_as,
		.attribution_domains = a->attribution_domains,
		.moved_to_uri = or_empty(a->moved_to),
		.locked = a->locked,
		.discoverable = a->discoverable,
		.indexable = a->indexable,
		.featurable = a->featurable,
		.published = a->published,
	};
	TRY(write_fields(c, a, &row->fields));
	TRY(server_of_uri(c, a->id, &row->server_id));
	return confirm_host(c, a, &row->host);
}

/* A collection that another host serves cannot stand for this actor's followers. */
static bool is_credible(const struct ap_actor *a)
{
	return str_is_null(a->followers) || ap_same_host(a->followers, a->id);
}

static int store_actor(struct ctx *c, const struct ap_actor *a, int64_t *ret_id)
{
	struct storing s = { .actor = a };

	if (!is_credible(a))
		return fail(c, E_REMOTE, "the actor names a followers collection of another host");
	TRY(fill_row(c, a, &s.row));
	TRY(c->session ? store(c, &s) : db_transaction(c, store, &s));
	*ret_id = s.id;
	return 0;
}

static int fetch_actor(struct ctx *c, str uri, int64_t *ret_id)
{
	enum limit_severity severity;
	const struct ap_actor *actor;
	const struct json *document;
	struct ap_signer signer;
	str url;

	if (domain_owns(c, uri))
		return fail(c, E_NOT_FOUND, "nobody here is %.*s", STR_ARG(str_clip(uri, 200)));
	TRY(limit_of_uri(c, uri, &severity));
	if (severity == LIMIT_BLOCK)
		return fail(c, E_REFUSED, "the server of %.*s is blocked",
			    STR_ARG(str_clip(uri, 200)));
	TRY(identity_fetch_signer(c, &signer));
	TRY(ap_get(c, &signer, uri, &document, &url));
	TRY(ap_actor_parse(c, document, &actor));
	return store_actor(c, actor, ret_id);
}

int identity_refresh(struct ctx *c, const struct identity_row *i)
{
	int64_t id;
	int result;

	if (identity_is_local(i) || i->deleted)
		return 0;
	result = fetch_actor(c, i->actor_uri, &id);
	if (result == E_GONE)
		TRY(q_identity_mark_deleted(c, i->id, NULL));
	return result;
}

int identity_resolve_uri(struct ctx *c, str uri, const struct identity_row **ret)
{
	int result = q_identity_by_uri(c, uri, ret);
	int64_t id;

	if (result != E_NOT_FOUND)
		return result;
	TRY(fetch_actor(c, uri, &id));
	return q_identity_by_id(c, id, ret);
}

int identity_resolve(struct ctx *c, str handle, const struct identity_row **ret)
{
	struct webfinger found;
	str name, host;
	int result = identity_find(c, handle, ret);

	if (result != E_NOT_FOUND)
		return result;
	if (!handle_parse(c->arena, handle, &name, &host) || str_is_null(host) ||
	    domain_by_host(c->domains, host))
		return result;
	TRY(webfinger_find(c, name, host, is_plain(c), &found));
	return identity_resolve_uri(c, found.self, ret);
}
