/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a decision binds the tenant whose staff made it alone. */
#include "model/tag_review.h"

#include "model/audit.h"
#include "model/domain.h"
#include "model/hashtag.h"

#define SEARCH_LIMIT 50

int tag_review_get(struct ctx *c, int64_t id, const struct admin_tag_row **ret)
{
	return q_admin_tag_by_id(c, c->domain_id, id, ret);
}

static int note_trend(struct ctx *c, str kind, int64_t id, bool allowed)
{
	TRY(q_trend_review(c, c->domain_id, kind, id, allowed, NULL));
	return audit_add(c, allowed ? "trend.approve" : "trend.reject",
			 str_fmt(c->arena, "%.*s %lld", STR_ARG(kind), (long long)id), STR(""));
}

int tag_review_set(struct ctx *c, int64_t id, const struct tag_decision *d)
{
	const struct admin_tag_row *row;
	struct q_tag_policy_set_args args = {
		.domain_id = c->domain_id,
		.hashtag_id = id,
		.usable = d->usable,
		.listable = d->listable,
	};

	TRY(tag_review_get(c, id, &row));
	args.display = str_is_empty(d->display) ? row->display : d->display;
	if (!str_eq(args.display, row->display) &&
	    !str_eq(hashtag_fold(c, args.display), row->name))
		return fail_at(c, "display_name",
			       fail(c, E_UNPROCESSABLE,
				    "Display name must be the name in other letters"));
	TRY(q_tag_policy_set(c, &args, NULL));
	TRY(audit_add(c, "tag.change", row->name, STR("")));
	return d->decides_trend ? note_trend(c, STR("tag"), id, d->trendable) : 0;
}

int tag_review_search(struct ctx *c, str prefix, const struct admin_tag_row **ret, size_t *ret_n)
{
	str folded = hashtag_fold(c, prefix);

	return q_admin_tag_search(c, c->domain_id, str_is_null(folded) ? STR("") : folded,
				  SEARCH_LIMIT, ret, ret_n);
}

int trend_review(struct ctx *c, str kind, int64_t id, bool allowed)
{
	const struct trend_target_row *target;

	TRY(q_trend_target(c, kind, id, &target));
	return target->known ? note_trend(c, kind, id, allowed) : E_NOT_FOUND;
}
