/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: rows are only ever added; the database lets no daemon change or delete one. */
#include "model/audit.h"

int audit_add_on(struct ctx *c, int64_t domain_id, const char *action, str subject, str detail)
{
	struct q_audit_add_args args = {
		.domain_id = domain_id,
		.user_id = c->user_id,
		.action = str_c(action),
		.subject = subject,
		.detail = str_is_empty(detail) ? STR("{}") : detail,
	};

	return q_audit_add(c, &args, NULL);
}

int audit_add(struct ctx *c, const char *action, str subject, str detail)
{
	return audit_add_on(c, c->domain_id, action, subject, detail);
}
