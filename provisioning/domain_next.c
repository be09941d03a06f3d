/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: each step of a tenant's life that waits for an operator is said where the one before it ends. */
#include "provisioning/domain_next.h"

#include "ap/handle.h"
#include "model/domain_life.h"
#include "model/settings.h"
#include "sql/gen/tenant_archive.h"

#define NAME "NAME" /* in a text: the domain's */
#define NEXT_LIMIT 2000 /* bytes */
#define AT_ITS_NEW_HOST                                                                          \
	"at its new host: rookery domain import FILE, publish the token that it shows as a TXT " \
	"record, rookery domain verify NAME, rookery domain activate NAME; lead the DNS there; "

/* archive: how much of a leaving one was written; NULL: it does not matter. */
static const struct {
	const char *state, *archive, *next;
} steps[] = {
	{ "pending", NULL, "publish the token at one of these, then: rookery domain verify NAME" },
	{ "importing", NULL, "its archive was not read to the end: rookery domain import FILE" },
	{ "verified", NULL, "rookery domain activate NAME" },
	{ "leaving", "none",
	  "rookery domain move-out NAME --output=FILE writes its archive; rookery domain move-back "
	  "NAME keeps it here" },
	{ "leaving", "part",
	  "its archive lacks files: write a whole one with rookery domain move-out NAME "
	  "--output=FILE; rookery domain move-back NAME keeps it here" },
	{ "leaving", "whole",
	  AT_ITS_NEW_HOST
	  "then here: rookery domain move-out NAME --final --yes. Until it is active there, rookery "
	  "domain move-back NAME keeps it here" },
};

static str with_name(struct arena *a, const char *text, str name)
{
	str rest = str_c(text);
	struct out o;
	size_t at;

	out_init(&o, a, NEXT_LIMIT);
	while ((at = str_find(rest, STR(NAME), 0)) != SIZE_MAX) {
		out_str(&o, str_slice(rest, 0, at));
		out_str(&o, name);
		rest = str_from(rest, at + STR(NAME).n);
	}
	out_str(&o, rest);
	return out_view(&o);
}

static void put_proof(struct call *call, const struct domain_row *d)
{
	str origin = handle_origin(call->arena, d->name, call->c->settings->development);

	json_open_object(call->answer, "proof");
	json_put_str(call->answer, "txt_name",
		     str_cat(call->arena, STR(DOMAIN_TXT_LABEL), d->name));
	json_put_str(call->answer, "url", str_cat(call->arena, origin, STR(DOMAIN_PROOF_PATH)));
	json_put_str(call->answer, "token", d->verify_token);
	json_close_object(call->answer);
}

int domain_put_next(struct call *call, const struct domain_row *d)
{
	const struct domain_leaving_row *left;

	TRY(q_domain_leaving(call->c, d->id, &left));
	if (str_eq(d->state, STR("pending")))
		put_proof(call, d);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (str_eq_c(d->state, steps[i].state) &&
		    (!steps[i].archive || str_eq_c(left->left_archive, steps[i].archive)))
			json_put_str(call->answer, "next",
				     with_name(call->arena, steps[i].next, d->name));
	return 0;
}

int domain_is_moving_in(struct call *call, const struct domain_row *d, bool *ret)
{
	const struct archive_import_row *import;
	int result = q_archive_import(call->c, d->id, &import);

	if (result && result != E_NOT_FOUND)
		return result;
	*ret = !result;
	return 0;
}

void domain_put_arrived(struct call *call, const struct domain_row *d)
{
	json_put_str(call->answer, "next",
		     with_name(call->arena,
			       "lead its DNS to this machine; when rookery domain check NAME finds "
			       "it well, where it came from: rookery domain move-out NAME --final "
			       "--yes",
			       d->name));
}
