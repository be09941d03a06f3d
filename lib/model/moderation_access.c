/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How people of the tenant get at their accounts, as staff arranges it. Invariant: nobody decides about somebody of the same or a
 * higher rank, and nobody gives a role that is above their own. */
#include "base/table.h"
#include "db/db.h"
#include "model/audit.h"
#include "model/mail.h"
#include "model/mail_link.h"
#include "model/moderation.h"
#include "sql/gen/user.h"

/* Somebody who has a log-in here. */
static int find(struct ctx *c, int64_t identity_id, struct admin_account *ret)
{
	TRY(moderation_find(c, identity_id, ret));
	return ret->facts->is_ours && ret->facts->user_id
		       ? 0
		       : fail(c, E_UNPROCESSABLE, "nobody logs in as this account here");
}

static int log_out(struct ctx *c, void *arg)
{
	const struct admin_account *a = arg;

	TRY(q_identity_log_out(c, a->identity->id, c->domain_id, NULL));
	return audit_add(c, "account.log_out", identity_handle(c->arena, a->identity), STR(""));
}

int moderation_log_out(struct ctx *c, int64_t identity_id)
{
	struct admin_account a;

	TRY(find(c, identity_id, &a));
	return db_transaction(c, log_out, &a);
}

struct role_change {
	int64_t user_id;
	enum staff_role role, was;
};

static int change_role(struct ctx *c, void *arg)
{
	const struct role_change *r = arg;

	if (r->was != STAFF_NONE)
		TRY(staff_revoke(c, r->user_id, c->domain_id, r->was));
	return r->role == STAFF_NONE ? 0 : staff_grant(c, r->user_id, c->domain_id, r->role, 0);
}

int moderation_set_role(struct ctx *c, int64_t identity_id, enum staff_role role)
{
	struct role_change r = { .role = role };
	struct admin_account a;
	enum staff_role own;
	int was;

	TRY(find(c, identity_id, &a));
	TRY(staff_role_get(c, &own));
	if (role >= own && own != STAFF_OWNER)
		return fail(c, E_FORBIDDEN, "This action is not allowed");
	if (a.facts->role.n && name_to_value(staff_roles, a.facts->role, &was))
		r.was = (enum staff_role)was;
	if (r.was == role)
		return 0;
	r.user_id = a.facts->user_id;
	return db_transaction(c, change_role, &r);
}

static int send_reset(struct ctx *c, void *arg)
{
	const struct admin_account *a = arg;
	const struct user_row *user;

	TRY(q_user_by_id(c, a->facts->user_id, &user));
	TRY(q_mail_links_end(c, c->domain_id, user->id, STR(LINK_RESET), NULL));
	TRY(mail_link_send(c, LINK_RESET, user->id, user->email));
	return audit_add(c, "account.reset_password", identity_handle(c->arena, a->identity),
			 STR(""));
}

int moderation_send_reset(struct ctx *c, int64_t identity_id)
{
	struct admin_account a;

	TRY(find(c, identity_id, &a));
	if (!mail_is_on(c))
		return fail(c, E_UNPROCESSABLE, "this community sends no letters");
	return db_transaction(c, send_reset, &a);
}
