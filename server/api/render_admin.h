/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Admin entities: https://docs.joinmastodon.org/entities/Admin_Account/ and its neighbours. What they say of identities that are
 * not the tenant's is what everybody knows, and the tenant's own decisions.
 */
#ifndef SERVER_API_RENDER_ADMIN_H
#define SERVER_API_RENDER_ADMIN_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/gate.h"
#include "model/limit.h"
#include "model/moderation.h"
#include "model/report.h"

/* As a member named key, or as an element or the document when key is NULL. NULL for a writes null. */
void render_admin_account(struct ctx *c, struct json_out *w, const char *key,
			  const struct admin_account *a);
/* Reports as elements; all that they need is loaded for all of them together. */
int render_admin_reports(struct ctx *c, struct json_out *w, const struct report_row *rows,
			 size_t n) must_check;
void render_domain_block(struct ctx *c, struct json_out *w, const struct server_limit_row *row);
void render_domain_allow(struct json_out *w, const struct allowed_server_row *row);
void render_ip_block(struct json_out *w, const struct ip_block_row *row);
void render_email_block(struct json_out *w, const struct email_block_row *row);
/* With their tries of the last week; days as they were loaded for all of them. */
void render_email_domain_block(struct ctx *c, struct json_out *w,
			       const struct email_domain_block_row *row,
			       const struct email_domain_block_day_row *days, size_t n);

#endif
