/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a local identity has a key from its first moment, and its name is never given to
 * another, not even after it was deleted.
 */
#include "model/identity.h"

#include <assert.h>

#include "ap/handle.h"
#include "ap/transport.h"
#include "base/log.h"
#include "crypt/key.h"
#include "db/db.h"
#include "fetch/url.h"
#include "loop/fiber.h"
#include "model/domain.h"
#include "model/settings.h"

#define USERNAME_MAX 30

static const char *const after_outdated[] = { "updated", "deleted", NULL };
static const char *const after_updated[] = { "outdated", "edited", "deleted", NULL };
static const char *const after_edited[] = { "updated", "deleted", NULL };
static const char *const after_deleted[] = { "gone", NULL };

static const struct graph_state identity_states[] = {
	{
		.name = "outdated",
		.initial = true,
		.next = after_outdated,
		.first = 10 * USEC_MINUTE,
		.growth = 3,
		.ceiling = USEC_DAY,
		.timeout = 3 * USEC_DAY,
		.timeout_to = "unreachable",
	},
	{
		.name = "updated",
		.next = after_updated,
		.first = 7 * USEC_DAY,
		.growth = 1,
		.ceiling = 7 * USEC_DAY,
		.wait = 7 * USEC_DAY,
	},
	{
		.name = "edited",
		.next = after_edited,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	{
		.name = "deleted",
		.next = after_deleted,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	{ .name = "gone" },
	{
		.name = "unreachable",
		.next = after_updated,
		.first = 30 * USEC_DAY,
		.growth = 1,
		.ceiling = 30 * USEC_DAY,
		.wait = 30 * USEC_DAY,
	},
};

const struct graph identity_graph = { "identity", identity_states, ARRAY_SIZE(identity_states) };

/* Names that would pass for the tenant itself. */
static const char *const reserved[] = {
	"admin",      "administrator", "administrators", "admins",   "system",	      "root",
	"staff",      "support",       "security",	 "abuse",    "postmaster",    "webmaster",
	"hostmaster", "moderator",     "moderators",	 "announce", "announcements", "actor",
	"inbox",      "rookery",       "everyone",
};

str identity_handle(struct arena *a, const struct identity_row *i)
{
	str host = i->host;
	struct url url;

	if (str_is_empty(host) && url_parse(a, i->actor_uri, &url))
		host = url.authority;
	return str_fmt(a, "@%.*s@%.*s", STR_ARG(i->username), STR_ARG(host));
}

str identity_name(const struct identity_row *i)
{
	return str_is_empty(i->name) ? i->username : i->name;
}

int identity_find(struct ctx *c, str handle, const struct identity_row **ret)
{
	str name, host;
	int result;

	if (!handle_parse(c->arena, handle, &name, &host))
		return fail(c, E_INVALID, "%.*s is no handle", STR_ARG(str_clip(handle, 100)));
	if (str_is_null(host)) {
		if (!c->domain)
			return fail(c, E_INVALID, "%.*s names no domain", STR_ARG(handle));
		host = c->domain->name;
	}
	result = q_identity_by_handle(c, host, str_lower(c->arena, name), ret);
	if (result == E_NOT_FOUND)
		return fail(c, result, "nobody here is called @%.*s@%.*s", STR_ARG(name),
			    STR_ARG(host));
	return result;
}

static bool is_reserved(str username)
{
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (str_eq_c(username, reserved[i]))
			return true;
	return false;
}

int identity_check_username(struct ctx *c, str username)
{
	if (username.n == 0 || username.n > USERNAME_MAX)
		return fail_at(c, "username",
			       fail(c, E_INVALID, "a user name has 1 to %d characters",
				    USERNAME_MAX));
	for (size_t i = 0; i < username.n; i++) {
		char ch = username.p[i];
		bool is_inner = i > 0 && i + 1 < username.n;

		if (!(char_is_alnum(ch) && char_lower(ch) == ch) && ch != '_' &&
		    !(is_inner && (ch == '-' || ch == '.')))
			return fail_at(
				c, "username",
				fail(c, E_INVALID,
				     "a user name has small letters, digits, '_' and, inside, '-' and '.'"));
	}
	if (is_reserved(username))
		return fail_at(c, "username",
			       fail(c, E_INVALID, "the name %.*s is reserved", STR_ARG(username)));
	return 0;
}

struct creation {
	struct q_identity_create_args row;
	struct arena *arena;
	str private_der, public_der;
	int key_result;
	int64_t user_id, id;
};

static void make_key(void *arg)
{
	struct creation *n = arg;

	n->key_result = key_generate_rsa(n->arena, &n->private_der, &n->public_der);
}

static int create(struct ctx *c, void *arg)
{
	struct creation *n = arg;
	const struct identity_id_row *id;
	struct q_identity_add_key_args key = {
		.key_uri = str_cat(c->arena, n->row.actor_uri, STR("#main-key")),
		.public_der = n->public_der,
		.domain_id = n->row.domain_id,
		.private_der = n->private_der,
	};
	int result = q_identity_create(c, &n->row, &id);

	if (result == E_CONFLICT)
		return fail_at(c, "username",
			       fail(c, E_CONFLICT, "the name %.*s is taken",
				    STR_ARG(n->row.username)));
	TRY(result);
	n->id = key.identity_id = id->id;
	TRY(q_identity_add_key(c, &key, NULL));
	if (n->user_id)
		TRY(q_identity_add_user(c, id->id, n->user_id, n->row.domain_id, NULL));
	return 0;
}

/* Inside a transaction of the caller's (a sign-up) it is part of that one. */
static int create_with_key(struct ctx *c, struct creation *n, int64_t *ret_id)
{
	n->arena = arena_new();
	offload(make_key, n);
	n->private_der = str_dup(c->arena, n->private_der);
	n->public_der = str_dup(c->arena, n->public_der);
	arena_free(n->arena);
	TRY(n->key_result);
	TRY(c->session ? create(c, n) : db_transaction(c, create, n));
	*ret_id = n->id;
	return 0;
}

int identity_create(struct ctx *c, str username, int64_t user_id, int64_t *ret_id)
{
	const struct domain *d = c->domain;
	struct creation n = { .user_id = user_id };

	assert(d);
	TRY(identity_check_username(c, username));
	n.row = (struct q_identity_create_args){
		.domain_id = d->id,
		.actor_type = STR("Person"),
		.username = username,
		.host = d->name,
		.url = str_fmt(c->arena, "%.*s/@%.*s/", STR_ARG(d->origin), STR_ARG(username)),
		.origin = d->origin,
		.actor_uri = str_fmt(c->arena, "%.*s/@%.*s@%.*s/", STR_ARG(d->origin),
				     STR_ARG(username), STR_ARG(d->name)),
	};
	return create_with_key(c, &n, ret_id);
}

int identity_create_system(struct ctx *c, int64_t *ret_id)
{
	const struct domain *d = c->domain;
	struct creation n = { 0 };

	assert(d);
	if (d->system_identity_id) {
		*ret_id = d->system_identity_id;
		return 0;
	}
	n.row = (struct q_identity_create_args){
		.domain_id = d->id,
		.actor_type = STR("Application"),
		.username = STR("__system__"),
		.host = d->name,
		.is_system = true,
		.url = str_cat(c->arena, d->origin, STR("/about/")),
		.origin = d->origin,
		.actor_uri = str_cat(c->arena, d->origin, STR("/actor/")),
	};
	return create_with_key(c, &n, ret_id);
}

int identity_delete(struct ctx *c, int64_t id)
{
	size_t n;

	TRY(q_identity_mark_deleted(c, id, &n));
	return n ? 0 : fail(c, E_NOT_FOUND, "there is no such identity");
}

int identity_signer(struct ctx *c, int64_t identity_id, struct ap_signer *ret)
{
	const struct identity_key_row *key;

	TRY(q_identity_key(c, identity_id, &key));
	*ret = (struct ap_signer){ key->key_uri, key->private_der };
	return 0;
}

/* The tenant that a fetch in nobody's name is made for. */
static const struct domain *fetching_domain(const struct ctx *c)
{
	if (c->domain && c->domain->system_identity_id)
		return c->domain;
	for (size_t i = 0; c->domains && i < domain_count(c->domains); i++) {
		const struct domain *d = domain_at(c->domains, i);

		if (d->state == DOMAIN_ACTIVE && d->system_identity_id)
			return d;
	}
	return NULL;
}

int identity_fetch_signer(struct ctx *c, struct ap_signer *ret)
{
	const struct domain *d = fetching_domain(c);
	int64_t bound = c->domain_id;
	int result;

	if (!d)
		return fail(c, E_LATER, "no tenant is active that could sign a fetch");
	TRY(ctx_bind(c, d->id));
	result = identity_signer(c, d->system_identity_id, ret);
	TRY(ctx_bind(c, bound));
	return result;
}
