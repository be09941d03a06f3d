/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a row becomes one post, in the transaction that ends its waiting. */
#include "model/scheduled.h"

#include "db/db.h"
#include "model/draft.h"
#include "model/idempotency.h"
#include "model/media.h"

static const char *const after_waiting[] = { "published", "failed", "withdrawn", NULL };

static const struct graph_state scheduled_states[] = {
	{
		.name = "waiting",
		.initial = true,
		.next = after_waiting,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	{ .name = "published", .delete_after = USEC_DAY },
	{ .name = "failed", .delete_after = 7 * USEC_DAY },
	{ .name = "withdrawn", .delete_after = USEC_HOUR },
};

const struct graph scheduled_graph = { "scheduled", scheduled_states,
				       ARRAY_SIZE(scheduled_states) };

int scheduled_draft(struct ctx *c, const struct scheduled_row *row, struct post_draft *ret)
{
	TRY(post_draft_read(c, row->draft, ret));
	ret->media_ids = row->attachment_ids;
	ret->application_id = row->application_id;
	ret->scheduled_id = row->id;
	return 0;
}

static int check_time(struct ctx *c, usec due)
{
	const struct scheduled_counts_row *counts;

	if (due < c->now + SCHEDULED_AHEAD)
		return fail_at(
			c, "due",
			fail(c, E_UNPROCESSABLE,
			     "Validation failed: Scheduled at The scheduled date must be in the future"));
	TRY(q_scheduled_counts(c, due, c->identity_id, &counts));
	if (counts->n >= SCHEDULED_LIMIT || counts->that_day >= SCHEDULED_DAY_LIMIT)
		return fail_at(c, "due",
			       fail(c, E_UNPROCESSABLE,
				    "Validation failed: too many posts are waiting already"));
	return 0;
}

struct booking {
	struct q_scheduled_add_args row;
	str key;
	int64_t id;
};

static int book(struct ctx *c, void *arg)
{
	struct booking *b = arg;
	const struct scheduled_id_row *row;

	if (b->row.attachment_ids.n)
		TRY(media_attach(c, 0, b->row.attachment_ids));
	TRY(q_scheduled_add(c, &b->row, &row));
	b->id = row->id;
	return b->key.n ? idempotency_take(c, b->key, 0, row->id) : 0;
}

int scheduled_add(struct ctx *c, const struct post_draft *d, usec due, int64_t *ret_id)
{
	struct booking b = {
		.row = {
			.domain_id = c->domain_id,
			.identity_id = c->identity_id,
			.application_id = d->application_id,
			.attachment_ids = d->media_ids,
			.due = due,
		},
		.key = d->key,
	};
	int64_t none;
	int result;

	TRY(post_check(c, d));
	TRY(check_time(c, due));
	TRY(post_draft_write(c, d, &b.row.draft));
	result = db_transaction(c, book, &b);
	if (result == E_CONFLICT && d->key.n)
		return idempotency_find(c, d->key, &none, ret_id);
	TRY(result);
	*ret_id = b.id;
	return 0;
}

int scheduled_list(struct ctx *c, const struct page *p, const struct scheduled_row **ret,
		   size_t *ret_n)
{
	int64_t max = p->max_id ? p->max_id : INT64_MAX;
	const struct scheduled_row *rows;
	struct scheduled_row *turned;

	if (!p->min_id)
		return q_scheduled_list(c, c->identity_id, max, p->since_id, page_limit(p), ret,
					ret_n);
	TRY(q_scheduled_list_from(c, c->identity_id, max, p->min_id, page_limit(p), &rows, ret_n));
	turned = arena_array(c->arena, *ret_n + 1, sizeof(*turned));
	for (size_t i = 0; i < *ret_n; i++)
		turned[i] = rows[*ret_n - 1 - i];
	*ret = turned;
	return 0;
}

int scheduled_get(struct ctx *c, int64_t id, const struct scheduled_row **ret)
{
	return q_scheduled_by_id(c, id, c->identity_id, ret);
}

static int changed(struct ctx *c, size_t n)
{
	return n ? 0 : fail(c, E_NOT_FOUND, "there is no such post for later");
}

int scheduled_move(struct ctx *c, int64_t id, usec due)
{
	const struct scheduled_row *row;
	size_t n;

	TRY(scheduled_get(c, id, &row));
	TRY(check_time(c, due));
	TRY(q_scheduled_move(c, due, id, c->identity_id, &n));
	return changed(c, n);
}

int scheduled_withdraw(struct ctx *c, int64_t id)
{
	const struct scheduled_row *row;
	size_t n;

	TRY(scheduled_get(c, id, &row));
	TRY(q_scheduled_withdraw(c, id, c->identity_id, &n));
	TRY(changed(c, n));
	return q_post_let_go_media(c, row->attachment_ids, c->identity_id, NULL);
}

int scheduled_publish(struct ctx *c, int64_t id)
{
	const struct scheduled_author_row *author;
	const struct scheduled_row *row;
	struct post_draft d;
	int64_t post_id;

	TRY(q_scheduled_for_job(c, id, &row));
	if (!str_eq(row->state, STR("waiting")))
		return 0;
	TRY(q_scheduled_author(c, row->identity_id, &author));
	if (!author->may_write)
		return fail(c, E_FORBIDDEN, "its author may not write any more");
	c->identity_id = row->identity_id;
	TRY(scheduled_draft(c, row, &d));
	return post_create(c, &d, &post_id);
}
