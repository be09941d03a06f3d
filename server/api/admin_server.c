/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Which servers the tenant limits, or alone speaks to: https://docs.joinmastodon.org/methods/admin/domain_blocks/ and
 * https://docs.joinmastodon.org/methods/admin/domain_allows/
 */
#include "model/limit.h"

#include "server/api/api.h"
#include "server/api/params.h"
#include "server/api/render_admin.h"
#include "server/api/staff_handlers.h"

#define PAGE_SIZE 100
#define PAGE_MOST 500

static int send_block(struct ctx *c, const struct server_limit_row *row, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	render_domain_block(c, &w, row);
	return api_send(&w, r);
}

int admin_domain_blocks(struct ctx *c, struct request *q, struct response *r)
{
	const struct server_limit_row *rows;
	struct json_out w;
	struct page page;
	size_t n;

	api_page(q, PAGE_SIZE, PAGE_MOST, &page);
	TRY(limit_rules_list(c, &page, &rows, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_domain_block(c, &w, &rows[i]);
	json_close_array(&w);
	if (n)
		api_link(c, q, rows[0].id, rows[n - 1].id, (int64_t)n == page_limit(&page), r);
	return api_send(&w, r);
}

int admin_domain_block(struct ctx *c, struct request *q, struct response *r)
{
	const struct server_limit_row *row;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(limit_rule_get(c, id, &row));
	return send_block(c, row, r);
}

/* The API's words for our severities; what is no word of it stays, to be refused. */
static str severity_of(str theirs)
{
	static const struct {
		const char *theirs, *ours;
	} severities[] = { { "silence", "limit" }, { "suspend", "block" }, { "noop", "none" } };

	for (size_t i = 0; i < ARRAY_SIZE(severities); i++)
		if (str_eq_c(theirs, severities[i].theirs))
			return str_c(severities[i].ours);
	return STR("?");
}

static str text_or(const struct params *p, const char *name, str otherwise)
{
	str value = param(p, name);

	return str_is_null(value) ? otherwise : value;
}

/* What was sent, over what stands. */
static struct limit_draft read_draft(const struct params *p, const struct server_limit_row *row)
{
	str severity = param(p, "severity");

	return (struct limit_draft){
		.host = text_or(p, "domain", STR("")),
		.severity = str_is_empty(severity) ? row->severity : severity_of(severity),
		.reason = text_or(p, "private_comment", row->reason),
		.public_comment = text_or(p, "public_comment", row->public_comment),
		.reject_media = param_bool(p, "reject_media", row->reject_media),
		.reject_reports = param_bool(p, "reject_reports", row->reject_reports),
		.obfuscate = param_bool(p, "obfuscate", row->obfuscate),
	};
}

/* Clients that bring a list of rules look at the one that is there. */
static int respond_existing(struct ctx *c, str host, struct response *r)
{
	const struct server_limit_row *row;
	struct json_out w;

	TRY(limit_rule_of_host(c, host, &row));
	api_open(c, &w);
	json_open_object(&w, NULL);
	json_put_c(&w, "error", "Validation failed: Domain has already been taken");
	json_put_c(&w, "code", "conflict");
	struct json_out inner;
	str existing;

	api_open(c, &inner);
	render_domain_block(c, &inner, row);
	TRY(json_out_done(&inner, &existing));
	json_put_raw(&w, "existing_domain_block", existing);
	json_close_object(&w);
	r->status = 422;
	return api_send(&w, r);
}

int admin_domain_block_add(struct ctx *c, struct request *q, struct response *r)
{
	const struct server_limit_row none = { .severity = STR("limit"),
					       .reason = STR(""),
					       .public_comment = STR("") };
	const struct server_limit_row *row;
	struct limit_draft draft;
	struct params *p;
	int result;

	TRY(params_read(c, q, &p));
	draft = read_draft(p, &none);
	result = limit_rule_add(c, &draft, &row);
	if (result == E_CONFLICT)
		return respond_existing(c, draft.host, r);
	TRY(result);
	return send_block(c, row, r);
}

int admin_domain_block_change(struct ctx *c, struct request *q, struct response *r)
{
	const struct server_limit_row *row;
	struct limit_draft draft;
	struct params *p;
	int64_t id;

	TRY(params_read(c, q, &p));
	TRY(api_path_id(c, q, 0, &id));
	TRY(limit_rule_get(c, id, &row));
	draft = read_draft(p, row);
	TRY(limit_rule_change(c, id, &draft, &row));
	return send_block(c, row, r);
}

int admin_domain_block_remove(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(limit_rule_remove(c, id));
	return api_send_empty(r);
}

int admin_domain_allows(struct ctx *c, struct request *q, struct response *r)
{
	const struct allowed_server_row *rows;
	struct json_out w;
	struct page page;
	size_t n;

	api_page(q, PAGE_SIZE, PAGE_MOST, &page);
	TRY(allowed_servers_list(c, &page, &rows, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_domain_allow(&w, &rows[i]);
	json_close_array(&w);
	if (n)
		api_link(c, q, rows[0].id, rows[n - 1].id, (int64_t)n == page_limit(&page), r);
	return api_send(&w, r);
}

static int send_allow(struct ctx *c, const struct allowed_server_row *row, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	render_domain_allow(&w, row);
	return api_send(&w, r);
}

int admin_domain_allow(struct ctx *c, struct request *q, struct response *r)
{
	const struct allowed_server_row *row;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(allowed_server_get(c, id, &row));
	return send_allow(c, row, r);
}

int admin_domain_allow_add(struct ctx *c, struct request *q, struct response *r)
{
	const struct allowed_server_row *row;
	struct params *p;

	TRY(params_read(c, q, &p));
	TRY(allowed_server_add(c, text_or(p, "domain", STR("")), &row));
	return send_allow(c, row, r);
}

int admin_domain_allow_remove(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(allowed_server_remove(c, id));
	return api_send_empty(r);
}
