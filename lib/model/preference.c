/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what is stored is valid, so that a post may be made of it without a further look. */
#include "model/preference.h"

#include "model/post.h"

#define LANGUAGE_MAX 35 /* RFC 5646, 4.4.1 */

static const char *const quote_policies[] = { "public", "followers", "nobody", "ask" };

bool language_is_valid(str tag)
{
	if (tag.n < 2 || tag.n > LANGUAGE_MAX || tag.p[0] == '-' || tag.p[tag.n - 1] == '-')
		return false;
	for (size_t i = 0; i < tag.n; i++)
		if (!char_is_alnum(tag.p[i]) && tag.p[i] != '-')
			return false;
	return true;
}

int preferences_get(struct ctx *c, const struct preference_row **ret)
{
	return q_preference_get(c, c->identity_id, c->domain_id, ret);
}

static bool is_quote_policy(str s)
{
	for (size_t i = 0; i < ARRAY_SIZE(quote_policies); i++)
		if (str_eq_c(s, quote_policies[i]))
			return true;
	return false;
}

int preferences_set(struct ctx *c, const struct preference_row *p)
{
	struct q_preference_set_args args = {
		.identity_id = c->identity_id,
		.domain_id = c->domain_id,
		.visibility = p->visibility,
		.sensitive = p->sensitive,
		.language = p->language,
		.quote_policy = p->quote_policy,
	};

	if (p->language.n && !language_is_valid(p->language))
		return fail_at(c, "language", fail(c, E_UNPROCESSABLE, "that is no language"));
	if (!is_quote_policy(p->quote_policy))
		return fail(c, E_UNPROCESSABLE, "that is no policy for quotes");
	return q_preference_set(c, &args, NULL);
}
