/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a rule holds from the transaction that makes it; one that blocks a server ends all ties with it there and then. */
#include <stdint.h>

#include "db/db.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/limit.h"

#define COMMENT_LIMIT 2000 /* characters */

static int check_draft(struct ctx *c, const struct limit_draft *d)
{
	static const char *const severities[] = { "none", "limit", "block" };

	if (str_chars(d->reason) > COMMENT_LIMIT || str_chars(d->public_comment) > COMMENT_LIMIT)
		return fail_at(c,
			       str_chars(d->reason) > COMMENT_LIMIT ? "reason" : "public_comment",
			       fail(c, E_UNPROCESSABLE, "Validation failed: Comment is too long"));
	for (size_t i = 0; i < ARRAY_SIZE(severities); i++)
		if (str_eq_c(d->severity, severities[i]))
			return 0;
	return fail_at(c, "severity",
		       fail(c, E_UNPROCESSABLE,
			    "Validation failed: Severity is not included in the list"));
}

/* A host of ours is no other server. */
static int read_host(struct ctx *c, str host, str *ret)
{
	if (domain_name_normalise(c, str_trim(host), ret) ||
	    (c->domains && domain_by_host(c->domains, *ret)))
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: Domain is not a valid domain name");
	return 0;
}

int limit_rules_list(struct ctx *c, const struct page *p, const struct server_limit_row **ret,
		     size_t *ret_n)
{
	const struct server_limit_row *rows;
	struct server_limit_row *turned;

	TRY(q_server_limit_list(c, p->min_id != 0, c->domain_id, p->max_id ? p->max_id : INT64_MAX,
				p->min_id ? p->min_id : p->since_id, page_limit(p), &rows, ret_n));
	turned = arena_array(c->arena, *ret_n + 1, sizeof(*turned));
	for (size_t i = 0; i < *ret_n; i++)
		turned[i] = rows[p->min_id ? *ret_n - 1 - i : i];
	*ret = turned;
	return 0;
}

int limit_rule_get(struct ctx *c, int64_t id, const struct server_limit_row **ret)
{
	return q_server_limit_by_id(c, c->domain_id, id, ret);
}

struct writing {
	const struct limit_draft *draft;
	str host;
	int64_t id; /* 0: a new rule */
	const struct server_limit_row *row;
};

static int add(struct ctx *c, struct writing *w)
{
	const struct limit_draft *d = w->draft;
	struct q_server_limit_add_args args = {
		.domain_id = c->domain_id,
		.host = w->host,
		.severity = d->severity,
		.reason = d->reason,
		.reject_media = d->reject_media,
		.reject_reports = d->reject_reports,
		.public_comment = d->public_comment,
		.obfuscate = d->obfuscate,
	};

	return q_server_limit_add(c, &args, &w->row);
}

static int change(struct ctx *c, struct writing *w)
{
	const struct limit_draft *d = w->draft;
	struct q_server_limit_change_args args = {
		.severity = d->severity,
		.reason = d->reason,
		.reject_media = d->reject_media,
		.reject_reports = d->reject_reports,
		.public_comment = d->public_comment,
		.obfuscate = d->obfuscate,
		.domain_id = c->domain_id,
		.id = w->id,
	};

	TRY(q_server_limit_change(c, &args, NULL));
	return limit_rule_get(c, w->id, &w->row);
}

static int write_rule(struct ctx *c, void *arg)
{
	struct writing *w = arg;
	const struct severed_row *severed;

	TRY(w->id ? change(c, w) : add(c, w));
	if (str_eq(w->draft->severity, STR("block")))
		TRY(q_follows_sever_host(c, w->row->host, STR("domain_block"), &severed));
	return audit_add(c, w->id ? "server_limit.change" : "server_limit.add", w->row->host,
			 str_fmt(c->arena, "{\"severity\":\"%.*s\"}", STR_ARG(w->draft->severity)));
}

int limit_rule_add(struct ctx *c, const struct limit_draft *d, const struct server_limit_row **ret)
{
	struct writing w = { .draft = d };
	int result;

	TRY(check_draft(c, d));
	TRY(read_host(c, d->host, &w.host));
	result = db_transaction(c, write_rule, &w);
	if (result == E_CONFLICT)
		return fail(c, result, "Validation failed: Domain has already been taken");
	TRY(result);
	*ret = w.row;
	return 0;
}

int limit_rule_change(struct ctx *c, int64_t id, const struct limit_draft *d,
		      const struct server_limit_row **ret)
{
	struct writing w = { .draft = d, .id = id };

	TRY(check_draft(c, d));
	TRY(db_transaction(c, write_rule, &w));
	*ret = w.row;
	return 0;
}

int limit_rule_remove(struct ctx *c, int64_t id)
{
	const struct server_limit_row *row;

	TRY(limit_rule_get(c, id, &row));
	TRY(q_server_limit_remove(c, c->domain_id, id, NULL));
	return audit_add(c, "server_limit.remove", row->host, STR(""));
}

int limit_rule_of_host(struct ctx *c, str host, const struct server_limit_row **ret)
{
	const struct server_limit_row *rows;
	size_t n;
	str clean;

	TRY(read_host(c, host, &clean));
	TRY(q_server_limit_of_hosts(c, c->domain_id, limit_suffixes(c, clean), &rows, &n));
	if (n == 0)
		return E_NOT_FOUND;
	*ret = &rows[0];
	return 0;
}

int allowed_servers_list(struct ctx *c, const struct page *p, const struct allowed_server_row **ret,
			 size_t *ret_n)
{
	const struct allowed_server_row *rows;
	struct allowed_server_row *turned;

	TRY(q_allowed_server_list(
		c, p->min_id != 0, c->domain_id, p->max_id ? p->max_id : INT64_MAX,
		p->min_id ? p->min_id : p->since_id, page_limit(p), &rows, ret_n));
	turned = arena_array(c->arena, *ret_n + 1, sizeof(*turned));
	for (size_t i = 0; i < *ret_n; i++)
		turned[i] = rows[p->min_id ? *ret_n - 1 - i : i];
	*ret = turned;
	return 0;
}

int allowed_server_get(struct ctx *c, int64_t id, const struct allowed_server_row **ret)
{
	return q_allowed_server_by_id(c, c->domain_id, id, ret);
}

int allowed_server_add(struct ctx *c, str host, const struct allowed_server_row **ret)
{
	str clean;

	TRY(read_host(c, host, &clean));
	TRY(q_allowed_server_add(c, c->domain_id, clean, ret));
	return audit_add(c, "allowed_server.add", clean, STR(""));
}

int allowed_server_remove(struct ctx *c, int64_t id)
{
	const struct allowed_server_row *row;

	TRY(allowed_server_get(c, id, &row));
	TRY(q_allowed_server_remove(c, c->domain_id, id, NULL));
	return audit_add(c, "allowed_server.remove", row->host, STR(""));
}
