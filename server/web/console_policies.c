/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The host's rules about posts, which judge for every community before its own. The ctx is of no tenant: see policy.h. */
#include "model/policy.h"
#include "server/web/console.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "templates.h"

static int respond(struct ctx *c, const struct request *q, struct console_policies_page *page,
		   struct response *r)
{
	TRY(policy_list(c, &page->policies, &page->n_policies));
	console_frame(c, q, CONSOLE_POLICIES, &page->console);
	return RESPOND(c, tpl_console_policies, page, r);
}

int console_policies(struct ctx *c, struct request *q, struct response *r)
{
	struct console_policies_page page = { .typed = staff_policy_fresh };

	return respond(c, q, &page, r);
}

int console_policies_send(struct ctx *c, struct request *q, struct response *r)
{
	struct console_policies_page page = { .typed = staff_policy_read(c, q) };
	struct policy_row checked = page.typed;
	int64_t id;
	int err = policy_check(c, &checked);

	if (!err)
		err = policy_add(c, &checked, &id);
	if (err == 0)
		return console_done(c, STR("/policies/"), r);
	if (!console_is_typed_wrong(err))
		return err;
	page.error = console_problem(c, err, r);
	return respond(c, q, &page, r);
}

static int respond_one(struct ctx *c, const struct request *q, struct console_policy_page *page,
		       struct response *r)
{
	console_frame(c, q, CONSOLE_POLICIES, &page->console);
	return RESPOND(c, tpl_console_policy, page, r);
}

static int find(struct ctx *c, const struct request *q, int64_t *ret_id,
		const struct policy_row **ret)
{
	if (!str_to_i64(q->args[0], ret_id))
		return fail(c, E_NOT_FOUND, "there is no such rule");
	return policy_get(c, *ret_id, ret);
}

int console_policy(struct ctx *c, struct request *q, struct response *r)
{
	struct console_policy_page page = { .id = 0 };
	const struct policy_row *row;

	TRY(find(c, q, &page.id, &row));
	page.typed = *row;
	return respond_one(c, q, &page, r);
}

int console_policy_send(struct ctx *c, struct request *q, struct response *r)
{
	struct console_policy_page page = { .typed = staff_policy_read(c, q) };
	struct policy_row checked = page.typed;
	const struct policy_row *row;
	int err;

	TRY(find(c, q, &page.id, &row));
	if (form_ticked(q, "delete")) {
		TRY(policy_remove(c, page.id));
		return console_done(c, STR("/policies/"), r);
	}
	err = policy_check(c, &checked);
	if (!err)
		err = policy_change(c, page.id, &checked);
	if (err == 0)
		return console_done(c, STR("/policies/"), r);
	if (!console_is_typed_wrong(err))
		return err;
	page.error = console_problem(c, err, r);
	return respond_one(c, q, &page, r);
}
