/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a list of conversations costs a constant number of statements. */
#include "model/conversation.h"

#include "model/identity.h"

static int not_there(struct ctx *c)
{
	return fail(c, E_NOT_FOUND, "there is no such conversation");
}

static int load_people(struct ctx *c, const struct conversation_row *rows, size_t n,
		       const struct identity_row **ret, size_t *ret_n)
{
	size_t most = 0, n_ids = 0;
	int64_t *ids;

	for (size_t i = 0; i < n; i++)
		most += rows[i].participants.n;
	ids = arena_array(c->arena, most + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < rows[i].participants.n; k++)
			ids[n_ids++] = rows[i].participants.p[k];
	return q_identity_by_ids(c, (i64s){ ids, n_ids }, ret, ret_n);
}

static void fill_people(struct ctx *c, struct conversation *v, const struct identity_row *people,
			size_t n)
{
	i64s ids = v->row->participants;
	const struct identity_row **kept = arena_array(c->arena, ids.n + 1, sizeof(*kept));

	v->people = kept;
	for (size_t i = 0; i < ids.n; i++)
		for (size_t k = 0; k < n; k++)
			if (people[k].id == ids.p[i])
				kept[v->n_people++] = &people[k];
}

static int load(struct ctx *c, const struct conversation_row *rows, size_t n,
		struct conversation **ret)
{
	struct conversation *list = arena_array(c->arena, n + 1, sizeof(*list));
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct identity_row *people;
	struct status *statuses;
	size_t n_people, n_statuses;

	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].last_post_id;
	TRY(load_people(c, rows, n, &people, &n_people));
	TRY(timeline_of_ids(c, (i64s){ ids, n }, c->identity_id, &statuses, &n_statuses));
	for (size_t i = 0; i < n; i++) {
		list[i].row = &rows[i];
		fill_people(c, &list[i], people, n_people);
		for (size_t k = 0; k < n_statuses; k++)
			if (statuses[k].post->id == rows[i].last_post_id)
				list[i].last = &statuses[k];
	}
	*ret = list;
	return 0;
}

int conversations_list(struct ctx *c, const struct page *p, struct conversation **ret,
		       size_t *ret_n)
{
	struct page_range r = page_range(p);
	const struct conversation_row *rows;
	struct conversation_row *ordered;
	size_t n;

	TRY(q_conversation_page(c, r.upward, c->identity_id, r.max, r.min, r.limit, &rows, &n));
	ordered = arena_array(c->arena, n + 1, sizeof(*ordered));
	for (size_t i = 0; i < n; i++)
		ordered[i] = rows[r.upward ? n - 1 - i : i];
	*ret_n = n;
	return load(c, ordered, n, ret);
}

int conversation_get(struct ctx *c, int64_t id, struct conversation **ret)
{
	const struct conversation_row *row;

	TRY(q_conversation_by_id(c, c->identity_id, id, &row));
	return load(c, row, 1, ret);
}

int conversation_mark(struct ctx *c, int64_t id, bool unread)
{
	size_t n;

	TRY(q_conversation_mark(c, unread, c->identity_id, id, &n));
	return n ? 0 : not_there(c);
}

int conversation_delete(struct ctx *c, int64_t id)
{
	size_t n;

	TRY(q_conversation_delete(c, c->identity_id, id, &n));
	return n ? 0 : not_there(c);
}
