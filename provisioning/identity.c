/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery identity: the actors of a domain. */
#include "model/identity.h"

#include "ap/handle.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/user.h"
#include "provisioning/command.h"
#include "provisioning/lookup.h"

static void put_identity(struct call *call, const struct identity_row *i)
{
	struct json_out *w = call->answer;

	json_put_id(w, "id", i->id);
	json_put_str(w, "handle", str_from(identity_handle(call->arena, i), 1));
	json_put_str(w, "actor", i->actor_uri);
	json_put_str(w, "state", i->state);
	json_put_time(w, "created", i->created);
}

/* Handles are on the name of a domain, never on its service name. */
static int bind_to_handle(struct ctx *c, str handle, str *ret_name)
{
	const struct domain *d;
	str host;

	if (!handle_parse(c->arena, handle, ret_name, &host) || str_is_null(host))
		return fail(c, E_INVALID, "%.*s is no NAME@DOMAIN", STR_ARG(str_clip(handle, 100)));
	d = domain_by_host(c->domains, host);
	if (!d || !str_eq(d->name, host))
		return fail(c, E_NOT_FOUND, "there is no domain %.*s", STR_ARG(host));
	if (d->state != DOMAIN_ACTIVE && d->state != DOMAIN_VERIFIED)
		return fail(c, E_CONFLICT, "%.*s is %s", STR_ARG(host),
			    name_of_value(domain_states, (int)d->state));
	return ctx_bind(c, d->id);
}

static int add(struct call *call)
{
	const struct identity_row *i;
	const struct user_row *u = NULL;
	struct ctx *c = call->c;
	int64_t id;
	str name;

	TRY(bind_to_handle(c, call->args[0], &name));
	if (cli_is_set(call, "user"))
		TRY(user_find(c, cli_option(call, "user"), &u));
	TRY(identity_create(c, name, u ? u->id : 0, &id));
	TRY(q_identity_by_id(c, id, &i));
	TRY(audit_add(c, "identity.add", str_from(identity_handle(call->arena, i), 1), STR("")));
	put_identity(call, i);
	return 0;
}

static int put_domain(struct call *call, int64_t domain_id, bool *more)
{
	const struct identity_row *rows;
	size_t n;

	TRY(ctx_bind(call->c, domain_id));
	TRY(q_identity_list(call->c, domain_id, LIST_LIMIT, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		json_open_object(call->answer, NULL);
		put_identity(call, &rows[i]);
		json_close_object(call->answer);
	}
	*more = *more || n == LIST_LIMIT;
	return 0;
}

static int list(struct call *call)
{
	const struct domain_row *only = NULL;
	struct domain_table *t = call->c->domains;
	bool more = false;

	if (!str_is_null(call->args[0]))
		TRY(lookup_domain(call->c, call->args[0], &only));
	json_open_array(call->answer, "identities");
	for (size_t i = 0; i < domain_count(t); i++)
		if (!only || only->id == domain_at(t, i)->id)
			TRY(put_domain(call, domain_at(t, i)->id, &more));
	json_close_array(call->answer);
	if (more)
		json_put_bool(call->answer, "more", true);
	return 0;
}

static int delete (struct call *call)
{
	const struct identity_row *i;
	struct ctx *c = call->c;

	TRY(lookup_identity(c, call->args[0], &i));
	if (i->is_system)
		return fail(c, E_CONFLICT, "the system actor lives as long as its domain");
	if (i->deleted)
		return fail(c, E_CONFLICT, "%.*s is deleted already", STR_ARG(call->args[0]));
	if (!cli_is_set(call, "yes"))
		return fail(c, E_INVALID,
			    "this deletes the identity with all it wrote for good: say --yes");
	TRY(ctx_bind(c, i->domain_id));
	TRY(identity_delete(c, i->id));
	TRY(audit_add(c, "identity.delete", str_from(identity_handle(call->arena, i), 1), STR("")));
	TRY(q_identity_by_id(c, i->id, &i));
	put_identity(call, i);
	return 0;
}

static const struct option add_options[] = {
	{ "user", "EMAIL", "the log-in that may act as it" },
	{ NULL, NULL, NULL },
};

static const struct option delete_options[] = {
	{ "yes", NULL, "really" },
	{ NULL, NULL, NULL },
};

const struct command cli_identity[] = {
	{ "identity",
	  "add",
	  { "NAME@DOMAIN" },
	  "Makes an identity with its key.",
	  add_options,
	  NEED_DATABASE,
	  NULL,
	  add,
	  NULL },
	{ "identity",
	  "list",
	  { "[DOMAIN]" },
	  "Lists identities, of all domains or of one.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  list,
	  NULL },
	{ "identity",
	  "delete",
	  { "NAME@DOMAIN" },
	  "Deletes an identity and tells other servers.",
	  delete_options,
	  NEED_DATABASE,
	  NULL,
	  delete,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
