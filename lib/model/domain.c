/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a snapshot never changes after it was loaded; whoever reads it holds a reference, so a
 * swap frees the old one only when its last unit of work ended.
 */
#include "model/domain.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/table.h"
#include "db/db.h"
#include "fetch/url.h"
#include "model/mail_relay.h"
#include "model/settings.h"
#include "sql/gen/domain.h"
#include "sql/gen/media.h"
#include "sql/gen/policy.h"

struct domain_table {
	struct arena *arena;
	struct domain *domains; /* by id */
	size_t n;
	const struct domain_name_row *names; /* by name, bytewise */
	size_t n_names;
	str proxy_key;
	struct maintenance maintenance;
	struct mail_relay relay;
	const struct policy_row *policies; /* in use, by tenant */
	size_t n_policies;
	unsigned references;
};

static pthread_mutex_t current_lock = PTHREAD_MUTEX_INITIALIZER;
static struct domain_table *current;

const struct name domain_states[] = {
	{ "pending", DOMAIN_PENDING },	   { "verified", DOMAIN_VERIFIED },
	{ "active", DOMAIN_ACTIVE },	   { "importing", DOMAIN_IMPORTING },
	{ "suspended", DOMAIN_SUSPENDED }, { "leaving", DOMAIN_LEAVING },
	{ "moved_out", DOMAIN_MOVED_OUT }, { "deleting", DOMAIN_DELETING },
	{ "deleted", DOMAIN_DELETED },	   { NULL, 0 },
};

const struct name domain_sign_ups[] = {
	{ "closed", SIGN_UP_CLOSED },
	{ "invite", SIGN_UP_INVITE },
	{ "approval", SIGN_UP_APPROVAL },
	{ "open", SIGN_UP_OPEN },
	{ NULL, 0 },
};

bool domain_waits(enum domain_state state)
{
	static const bool table[] = {
		[DOMAIN_IMPORTING] = true, [DOMAIN_PENDING] = true, [DOMAIN_VERIFIED] = true,
		[DOMAIN_SUSPENDED] = true, [DOMAIN_LEAVING] = true, [DOMAIN_DELETED] = false,
	};

	return table[state];
}

/* Plain http is for development only, and only where a port shows that this is no public name. */
static str origin_of(struct ctx *c, str service_name)
{
	bool plain = c->settings && c->settings->development &&
		     str_find_char(service_name, ':', 0) != SIZE_MAX;

	return str_fmt(c->arena, "%s://%.*s", plain ? "http" : "https", STR_ARG(service_name));
}

static struct domain domain_of_row(struct ctx *c, const struct domain_row *row)
{
	struct domain d = {
		.id = row->id,
		.name = row->name,
		.service_name = row->service_name,
		.origin = origin_of(c, row->service_name),
		.title = str_is_empty(row->title) ? row->name : row->title,
		.description = row->description,
		.accent = row->accent,
		.icon = row->icon,
		.icon_small = row->icon_small,
		.banner = row->banner,
		.style = row->style,
		.footer = row->footer,
		.theme = row->theme,
		.language = row->language,
		.has_privacy = row->has_privacy,
		.has_imprint = row->has_imprint,
		.terms_since = row->terms_since,
		.federated = row->federated,
		.verify_token = row->verify_token,
		.verified_by = row->verified_by,
		.suspended_reason = row->suspended_reason,
		.verified = row->verified,
		.created = row->created,
		.system_identity_id = row->system_identity_id,
	};
	int state = DOMAIN_PENDING, sign_up = SIGN_UP_CLOSED;

	if (!name_to_value(domain_states, row->state, &state) ||
	    !name_to_value(domain_sign_ups, row->sign_up, &sign_up))
		assert(!"the database and domain_states disagree");
	d.state = (enum domain_state)state;
	d.sign_up = (enum domain_sign_up)sign_up;
	return d;
}

/* Reads into the table's own arena by lending it to the ctx for the time of these statements. */
static int table_fill(struct ctx *c, struct domain_table *t)
{
	const struct domain_row *rows;
	const struct host_key_row *key;

	TRY(q_domain_list(c, &rows, &t->n));
	TRY(q_domain_names(c, &t->names, &t->n_names));
	TRY(maintenance_load(c, &t->maintenance));
	TRY(mail_relay_load(c, &t->relay));
	TRY(q_host_key(c, STR("media_proxy"), &key));
	t->proxy_key = key->secret;
	TRY(q_policies_in_force(c, &t->policies, &t->n_policies));
	t->domains = arena_array(c->arena, t->n, sizeof(*t->domains));
	for (size_t i = 0; i < t->n; i++)
		t->domains[i] = domain_of_row(c, &rows[i]);
	return 0;
}

int domain_table_load(struct ctx *c, struct domain_table **ret)
{
	struct domain_table *t = calloc(1, sizeof(*t));
	struct arena *own = c->arena;
	int result;

	if (!t)
		return -ENOMEM;
	t->arena = arena_new();
	t->references = 1;
	c->arena = t->arena;
	result = table_fill(c, t);
	c->arena = own;
	if (result) {
		c->error = str_dup(own, c->error);
		domain_table_unref(t);
		return result;
	}
	*ret = t;
	return 0;
}

struct domain_table *domain_table_ref(struct domain_table *t)
{
	__atomic_add_fetch(&t->references, 1, __ATOMIC_RELAXED);
	return t;
}

void domain_table_unref(struct domain_table *t)
{
	if (!t || __atomic_sub_fetch(&t->references, 1, __ATOMIC_ACQ_REL))
		return;
	arena_free(t->arena);
	free(t);
}

struct domain_table *domain_table_acquire(void)
{
	struct domain_table *t;

	pthread_mutex_lock(&current_lock);
	t = current ? domain_table_ref(current) : NULL;
	pthread_mutex_unlock(&current_lock);
	return t;
}

void domain_table_use(struct domain_table *t)
{
	struct domain_table *old;

	pthread_mutex_lock(&current_lock);
	old = current;
	current = t;
	pthread_mutex_unlock(&current_lock);
	domain_table_unref(old);
}

const struct maintenance *domain_maintenance(const struct domain_table *t)
{
	static const struct maintenance none;

	return t ? &t->maintenance : &none;
}

bool domains_rest(void)
{
	bool rest;

	pthread_mutex_lock(&current_lock);
	rest = current && current->maintenance.on;
	pthread_mutex_unlock(&current_lock);
	return rest;
}

const struct domain *domain_by_host(const struct domain_table *t, str host)
{
	size_t low = 0, high = t->n_names;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(host, t->names[middle].name);

		if (order == 0)
			return domain_by_id(t, t->names[middle].domain_id);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct domain *domain_by_id(const struct domain_table *t, int64_t id)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->domains[middle].id == id)
			return &t->domains[middle];
		if (id < t->domains[middle].id)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool domain_owns(const struct ctx *c, str uri)
{
	struct url url;

	return url_parse(c->arena, uri, &url) && c->domains &&
	       domain_by_host(c->domains, url.authority);
}

str domain_proxy_key(const struct domain_table *t)
{
	return t->proxy_key;
}

const struct mail_relay *domain_mail_relay(const struct domain_table *t)
{
	static const struct mail_relay none = { .url = { "", 0 },
						.user = { "", 0 },
						.sender = { "", 0 } };

	return t ? &t->relay : &none;
}

const struct policy_row *domain_policies(const struct domain_table *t, size_t *ret_n)
{
	*ret_n = t->n_policies;
	return t->policies;
}

size_t domain_count(const struct domain_table *t)
{
	return t->n;
}

const struct domain *domain_at(const struct domain_table *t, size_t n)
{
	assert(n < t->n);
	return &t->domains[n];
}

int ctx_bind(struct ctx *c, int64_t domain_id)
{
	const struct domain *d = NULL;

	if (domain_id) {
		d = c->domains ? domain_by_id(c->domains, domain_id) : NULL;
		if (!d)
			return fail(c, E_NOT_FOUND, "there is no domain %lld",
				    (long long)domain_id);
	}
	if (c->session)
		TRY(db_bind(c, domain_id));
	c->domain = d;
	c->domain_id = domain_id;
	return 0;
}
