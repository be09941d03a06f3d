/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Handlers of the instance administration API, by file; the routes that lead to them, with what a role must allow, stand in
 * staff_routes.c. A handler runs only for a live member of the tenant's staff.
 */
#ifndef SERVER_API_STAFF_HANDLERS_H
#define SERVER_API_STAFF_HANDLERS_H

#include "base/attr.h"
#include "base/ctx.h"
#include "server/http.h"

/* admin_account.c */
int admin_accounts_v1(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_accounts(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_account(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_account_approve(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_account_reject(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_account_delete(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_account_action(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_account_enable(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_account_unsilence(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_account_unsuspend(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_account_unsensitive(struct ctx *c, struct request *q, struct response *r) must_check;

/* admin_report.c */
int admin_reports(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_report(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_report_change(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_report_assign(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_report_unassign(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_report_resolve(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_report_reopen(struct ctx *c, struct request *q, struct response *r) must_check;

/* admin_server.c */
int admin_domain_blocks(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_domain_block(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_domain_block_add(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_domain_block_change(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_domain_block_remove(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_domain_allows(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_domain_allow(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_domain_allow_add(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_domain_allow_remove(struct ctx *c, struct request *q, struct response *r) must_check;

/* admin_gate.c */
int admin_email_domain_blocks(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_email_domain_block(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_email_domain_block_add(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_email_domain_block_remove(struct ctx *c, struct request *q,
				    struct response *r) must_check;
int admin_email_blocks(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_email_block(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_email_block_test(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_email_block_add(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_email_block_remove(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_ip_blocks(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_ip_block(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_ip_block_add(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_ip_block_change(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_ip_block_remove(struct ctx *c, struct request *q, struct response *r) must_check;

/* admin_trend.c */
int admin_trends_tags(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_tags(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_tag(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_tag_change(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_trend_tag_approve(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_trend_tag_reject(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_trend_status_approve(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_trend_status_reject(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_trend_link_approve(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_trend_link_reject(struct ctx *c, struct request *q, struct response *r) must_check;

/* admin_measure.c */
int admin_measures(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_dimensions(struct ctx *c, struct request *q, struct response *r) must_check;
int admin_retention(struct ctx *c, struct request *q, struct response *r) must_check;

#endif
