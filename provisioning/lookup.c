/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is not there is said in the words of the command line. */
#include "provisioning/lookup.h"

#include "base/table.h"
#include "model/domain.h"
#include "model/identity.h"

#define NAMES_LIMIT 1024 /* bytes of a list of names */

int lookup_domain(struct ctx *c, str name, const struct domain_row **ret)
{
	str clean;
	int result;

	TRY(domain_name_normalise(c, name, &clean));
	result = q_domain_by_name(c, clean, ret);
	return result == E_NOT_FOUND ? fail(c, result, "there is no domain %.*s", STR_ARG(clean))
				     : result;
}

int lookup_and_bind(struct ctx *c, str name, const struct domain_row **ret)
{
	TRY(lookup_domain(c, name, ret));
	return ctx_bind(c, (*ret)->id);
}

int lookup_writer(struct ctx *c, str name)
{
	const struct domain_row *d;

	if (!str_is_null(name))
		return lookup_and_bind(c, name, &d);
	for (size_t i = 0; i < domain_count(c->domains); i++)
		if (domain_at(c->domains, i)->state == DOMAIN_ACTIVE)
			return ctx_bind(c, domain_at(c->domains, i)->id);
	return fail(c, E_NOT_FOUND, "there is no active domain that could write");
}

int lookup_identity(struct ctx *c, str handle, const struct identity_row **ret)
{
	TRY(identity_find(c, handle, ret));
	if (!identity_is_local(*ret))
		return fail(c, E_NOT_FOUND, "%.*s is an identity of another server",
			    STR_ARG(handle));
	return 0;
}

int lookup_name(struct ctx *c, const struct name *table, str word, const char *what, int *ret)
{
	struct out o;

	if (name_to_value(table, word, ret))
		return 0;
	out_init(&o, c->arena, NAMES_LIMIT);
	for (const struct name *each = table; each->name; each++)
		out_fmt(&o, "%s%s", each == table ? "" : ", ", each->name);
	return fail(c, E_INVALID, "%s is one of %.*s", what, STR_ARG(out_view(&o)));
}
