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
#include "html/html.h"
#include "json/write.h"
#include "loop/fiber.h"
#include "model/domain.h"
#include "model/settings.h"

#define NAME_MAX_CHARS 60
#define SUMMARY_MAX_CHARS 1000
#define FIELDS_MAX 6
#define FIELD_MAX_CHARS 255
#define USERNAME_MAX 30
#define FIELDS_LIMIT 16384 /* bytes of all fields as JSON */

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

static int check_username(struct ctx *c, str username)
{
	if (username.n == 0 || username.n > USERNAME_MAX)
		return fail(c, E_INVALID, "a user name has 1 to %d characters", USERNAME_MAX);
	for (size_t i = 0; i < username.n; i++) {
		char ch = username.p[i];
		bool is_inner = i > 0 && i + 1 < username.n;

		if (!(char_is_alnum(ch) && char_lower(ch) == ch) && ch != '_' &&
		    !(is_inner && (ch == '-' || ch == '.')))
			return fail(
				c, E_INVALID,
				"a user name has small letters, digits, '_' and, inside, '-' and '.'");
	}
	if (is_reserved(username))
		return fail(c, E_INVALID, "the name %.*s is reserved", STR_ARG(username));
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
		return fail(c, E_CONFLICT, "the name %.*s is taken", STR_ARG(n->row.username));
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
	TRY(check_username(c, username));
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

static int check_profile(struct ctx *c, const struct identity_profile *p)
{
	if (!str_is_utf8(p->name) || !str_is_utf8(p->summary))
		return fail(c, E_INVALID, "the text is not UTF-8");
	if (str_chars(p->name) > NAME_MAX_CHARS)
		return fail(c, E_INVALID, "a name has at most %d characters", NAME_MAX_CHARS);
	if (str_chars(p->summary) > SUMMARY_MAX_CHARS)
		return fail(c, E_INVALID, "a biography has at most %d characters",
			    SUMMARY_MAX_CHARS);
	if (p->n_fields > FIELDS_MAX)
		return fail(c, E_INVALID, "a profile has at most %d fields", FIELDS_MAX);
	for (size_t i = 0; i < p->n_fields; i++)
		if (!str_is_utf8(p->fields[i].name) || !str_is_utf8(p->fields[i].value) ||
		    str_chars(p->fields[i].name) > FIELD_MAX_CHARS ||
		    str_chars(p->fields[i].value) > FIELD_MAX_CHARS)
			return fail(c, E_INVALID, "a field has at most %d characters",
				    FIELD_MAX_CHARS);
	return 0;
}

/* A mention in a biography links to whom we know already; nothing is fetched for it. */
static struct html_link link_of(void *arg, const struct html_token *t)
{
	struct ctx *c = arg;
	const struct identity_row *who;
	str handle;

	if (t->kind == HTML_HASHTAG)
		return (struct html_link){
			.href = str_fmt(c->arena, "%.*s/tags/%.*s/", STR_ARG(c->domain->origin),
					STR_ARG(t->name)),
		};
	handle = str_is_null(t->host)
			 ? t->name
			 : str_fmt(c->arena, "%.*s@%.*s", STR_ARG(t->name), STR_ARG(t->host));
	if (t->kind != HTML_MENTION || identity_find(c, handle, &who))
		return (struct html_link){ STR_NULL, STR_NULL };
	return (struct html_link){ who->url.n ? who->url : who->actor_uri, who->username };
}

static int write_fields(struct ctx *c, const struct identity_profile *p, str *ret)
{
	struct json_out w;

	json_out_init(&w, c->arena, FIELDS_LIMIT);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < p->n_fields; i++) {
		html value;

		if (str_is_empty(str_trim(p->fields[i].name)))
			continue;
		TRY(html_from_text(c, p->fields[i].value, link_of, c, &value));
		json_open_object(&w, NULL);
		json_put_str(&w, "name", str_trim(p->fields[i].name));
		json_put_str(&w, "value", value.s);
		json_put_str(&w, "text", p->fields[i].value);
		json_close_object(&w);
	}
	json_close_array(&w);
	return json_out_done(&w, ret);
}

int identity_edit(struct ctx *c, const struct identity_profile *p)
{
	struct q_identity_edit_args args = {
		.name = str_is_null(p->name) ? STR("") : str_trim(p->name),
		.locked = p->locked,
		.discoverable = p->discoverable,
		.indexable = p->indexable,
		.show_follows = p->show_follows,
		.id = c->identity_id,
		.domain_id = c->domain_id,
	};
	html summary;

	TRY(check_profile(c, p));
	TRY(html_from_text(c, p->summary, link_of, c, &summary));
	args.summary = summary.s;
	TRY(write_fields(c, p, &args.fields));
	return q_identity_edit(c, &args, NULL);
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
