/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: whoever comes second to decide about a post finds it decided. */
#include "model/held_post.h"

#include "db/db.h"
#include "model/audit.h"
#include "model/dossier.h"
#include "sql/gen/post.h"

int held_post_list(struct ctx *c, const struct page *p, const struct held_post_row **ret,
		   size_t *ret_n)
{
	return q_held_post_list(c, c->domain_id, p->max_id ? p->max_id : INT64_MAX, page_limit(p),
				ret, ret_n);
}

struct deciding {
	int64_t post_id;
	bool accepts;
};

static int settle(struct ctx *c, const struct deciding *d, size_t *ret_n)
{
	if (d->accepts)
		return q_held_post_accept(c, d->post_id, c->domain_id, ret_n);
	TRY(q_held_post_refuse(c, d->post_id, c->domain_id, ret_n));
	return q_post_strip(c, d->post_id, NULL);
}

static int decide(struct ctx *c, void *arg)
{
	const struct deciding *d = arg;
	const struct held_author_row *post;
	str subject = str_fmt(c->arena, "%lld", (long long)d->post_id);
	size_t n;
	int result = q_held_post_by_id(c, c->domain_id, d->post_id, &post);

	if (result == 0)
		result = settle(c, d, &n);
	if (result == E_NOT_FOUND || (result == 0 && !n))
		return fail(c, E_NOT_FOUND, "this post does not wait for anybody");
	TRY(result);
	TRY(dossier_add(c, post->author_id, 0, "decide",
			d->accepts ? STR("post_accepted") : STR("post_refused")));
	return audit_add(c, d->accepts ? "post.accept" : "post.refuse", subject, STR(""));
}

int held_post_accept(struct ctx *c, int64_t post_id)
{
	struct deciding d = { post_id, true };

	return db_transaction(c, decide, &d);
}

int held_post_refuse(struct ctx *c, int64_t post_id)
{
	struct deciding d = { post_id, false };

	return db_transaction(c, decide, &d);
}
