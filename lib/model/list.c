/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: who is on a list is followed by its owner (the trigger follow_ended() takes others off). */
#include "model/list.h"

static const char *const policies[] = { "followed", "list", "none" };

int list_get(struct ctx *c, int64_t id, const struct list_row **ret)
{
	return q_list_get(c, id, c->identity_id, c->domain_id, ret);
}

int lists_get(struct ctx *c, const struct list_row **ret, size_t *ret_n)
{
	return q_list_all(c, c->identity_id, c->domain_id, ret, ret_n);
}

int lists_with(struct ctx *c, int64_t member_id, const struct list_row **ret, size_t *ret_n)
{
	return q_list_with(c, c->identity_id, c->domain_id, member_id, ret, ret_n);
}

static bool is_policy(str s)
{
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
		if (str_eq_c(s, policies[i]))
			return true;
	return false;
}

static int check(struct ctx *c, const struct list_row *l)
{
	if (str_is_empty(str_trim(l->title)))
		return fail_at(c, "title",
			       fail(c, E_UNPROCESSABLE, "Validation failed: Title can't be blank"));
	if (str_chars(l->title) > LIST_TITLE_LIMIT)
		return fail_at(c, "title",
			       fail(c, E_UNPROCESSABLE, "a list's name has at most %d characters",
				    LIST_TITLE_LIMIT));
	if (!is_policy(l->replies_policy))
		return fail_at(c, "replies",
			       fail(c, E_UNPROCESSABLE, "that is no policy for replies"));
	return 0;
}

int list_create(struct ctx *c, const struct list_row *l, const struct list_row **ret)
{
	struct q_list_create_args args = {
		.domain_id = c->domain_id,
		.identity_id = c->identity_id,
		.title = str_trim(l->title),
		.replies_policy = l->replies_policy,
		.exclusive = l->exclusive,
		.most = LIST_LIMIT,
	};
	size_t n;

	TRY(check(c, l));
	TRY(q_list_create(c, &args, ret, &n));
	return n ? 0 : fail(c, E_UNPROCESSABLE, "nobody has more than %d lists", LIST_LIMIT);
}

int list_edit(struct ctx *c, const struct list_row *l)
{
	struct q_list_set_args args = {
		.title = str_trim(l->title),
		.replies_policy = l->replies_policy,
		.exclusive = l->exclusive,
		.id = l->id,
		.identity_id = c->identity_id,
		.domain_id = c->domain_id,
	};

	TRY(check(c, l));
	TRY(q_list_set(c, &args, NULL));
	return l->exclusive ? q_list_clear_home(c, l->id, c->identity_id, NULL) : 0;
}

int list_delete(struct ctx *c, int64_t id)
{
	size_t n;

	TRY(q_list_delete(c, id, c->identity_id, c->domain_id, &n));
	return n ? 0 : fail(c, E_NOT_FOUND, "Record not found");
}

int list_add(struct ctx *c, int64_t id, i64s members)
{
	struct q_list_add_args args = {
		.member_ids = members,
		.identity_id = c->identity_id,
		.list_id = id,
		.domain_id = c->domain_id,
		.most = LIST_MEMBERS_LIMIT,
	};
	const struct list_added_row *added;
	const struct list_row *l;

	TRY(list_get(c, id, &l));
	TRY(q_list_add(c, &args, &added));
	if (added->followed < added->asked)
		return fail(c, E_NOT_FOUND, "Record not found");
	if (added->present)
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: Account has already been taken");
	if (added->made < added->asked)
		return fail(c, E_UNPROCESSABLE, "a list has at most %d members",
			    LIST_MEMBERS_LIMIT);
	return l->exclusive ? q_list_clear_home(c, id, c->identity_id, NULL) : 0;
}

int list_remove(struct ctx *c, int64_t id, i64s members)
{
	const struct list_row *l;

	TRY(list_get(c, id, &l));
	return q_list_remove(c, id, c->domain_id, members, NULL);
}
