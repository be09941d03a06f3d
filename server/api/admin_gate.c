/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Who may not join: https://docs.joinmastodon.org/methods/admin/email_domain_blocks/,
 * https://docs.joinmastodon.org/methods/admin/canonical_email_blocks/, https://docs.joinmastodon.org/methods/admin/ip_blocks/
 */
#include "model/gate.h"

#include "server/api/api.h"
#include "server/api/params.h"
#include "server/api/render_admin.h"
#include "server/api/staff_handlers.h"

#define PAGE_SIZE 100
#define PAGE_MOST 500

static str text_of(const struct params *p, const char *name)
{
	str value = param(p, name);

	return str_is_null(value) ? STR("") : value;
}

static int remove_one(struct ctx *c, const struct request *q, int (*fn)(struct ctx *c, int64_t id),
		      struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(fn(c, id));
	return api_send_empty(r);
}

/* Hosts of e-mail addresses */

static int put_hosts(struct ctx *c, struct json_out *w, const struct email_domain_block_row *rows,
		     size_t n)
{
	const struct email_domain_block_day_row *days;
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	size_t n_days;

	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	TRY(q_email_domain_block_history(c, (i64s){ ids, n }, c->domain_id, &days, &n_days));
	for (size_t i = 0; i < n; i++)
		render_email_domain_block(c, w, &rows[i], days, n_days);
	return 0;
}

int admin_email_domain_blocks(struct ctx *c, struct request *q, struct response *r)
{
	const struct email_domain_block_row *rows;
	struct json_out w;
	struct page page;
	size_t n;

	api_page(q, PAGE_SIZE, PAGE_MOST, &page);
	TRY(email_domain_blocks_list(c, &page, &rows, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	TRY(put_hosts(c, &w, rows, n));
	json_close_array(&w);
	if (n)
		api_link(c, q, rows[0].id, rows[n - 1].id, (int64_t)n == page_limit(&page), r);
	return api_send(&w, r);
}

static int send_host(struct ctx *c, const struct email_domain_block_row *row, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	TRY(put_hosts(c, &w, row, 1));
	return api_send(&w, r);
}

int admin_email_domain_block(struct ctx *c, struct request *q, struct response *r)
{
	const struct email_domain_block_row *row;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(email_domain_block_get(c, id, &row));
	return send_host(c, row, r);
}

int admin_email_domain_block_add(struct ctx *c, struct request *q, struct response *r)
{
	const struct email_domain_block_row *row;
	struct params *p;

	TRY(params_read(c, q, &p));
	TRY(email_domain_block_add(c, text_of(p, "domain"), &row));
	return send_host(c, row, r);
}

int admin_email_domain_block_remove(struct ctx *c, struct request *q, struct response *r)
{
	return remove_one(c, q, email_domain_block_remove, r);
}

/* Single e-mail addresses */

static int send_emails(struct ctx *c, const struct email_block_row *rows, size_t n,
		       struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_email_block(&w, &rows[i]);
	json_close_array(&w);
	return api_send(&w, r);
}

static int send_email(struct ctx *c, const struct email_block_row *row, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	render_email_block(&w, row);
	return api_send(&w, r);
}

int admin_email_blocks(struct ctx *c, struct request *q, struct response *r)
{
	const struct email_block_row *rows;
	struct page page;
	size_t n;

	api_page(q, PAGE_SIZE, PAGE_MOST, &page);
	TRY(email_blocks_list(c, &page, &rows, &n));
	if (n)
		api_link(c, q, rows[0].id, rows[n - 1].id, (int64_t)n == page_limit(&page), r);
	return send_emails(c, rows, n, r);
}

int admin_email_block(struct ctx *c, struct request *q, struct response *r)
{
	const struct email_block_row *row;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(email_block_get(c, id, &row));
	return send_email(c, row, r);
}

int admin_email_block_test(struct ctx *c, struct request *q, struct response *r)
{
	const struct email_block_row *rows;
	struct params *p;
	size_t n;

	TRY(params_read(c, q, &p));
	TRY(email_blocks_of(c, text_of(p, "email"), &rows, &n));
	return send_emails(c, rows, n, r);
}

int admin_email_block_add(struct ctx *c, struct request *q, struct response *r)
{
	const struct email_block_row *row;
	struct params *p;

	TRY(params_read(c, q, &p));
	TRY(email_block_add(c, text_of(p, "email"), text_of(p, "canonical_email_hash"), &row));
	return send_email(c, row, r);
}

int admin_email_block_remove(struct ctx *c, struct request *q, struct response *r)
{
	return remove_one(c, q, email_block_remove, r);
}

/* Networks */

int admin_ip_blocks(struct ctx *c, struct request *q, struct response *r)
{
	const struct ip_block_row *rows;
	struct json_out w;
	struct page page;
	size_t n;

	api_page(q, PAGE_SIZE, PAGE_MOST, &page);
	TRY(ip_blocks_list(c, &page, &rows, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_ip_block(&w, &rows[i]);
	json_close_array(&w);
	if (n)
		api_link(c, q, rows[0].id, rows[n - 1].id, (int64_t)n == page_limit(&page), r);
	return api_send(&w, r);
}

static int send_ip(struct ctx *c, const struct ip_block_row *row, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	render_ip_block(&w, row);
	return api_send(&w, r);
}

int admin_ip_block(struct ctx *c, struct request *q, struct response *r)
{
	const struct ip_block_row *row;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(ip_block_get(c, id, &row));
	return send_ip(c, row, r);
}

/* What was sent, over what stands; expires_in 0 or nothing: never. */
static int read_draft(struct ctx *c, const struct params *p, const struct ip_block_row *row,
		      struct ip_block_draft *ret)
{
	int64_t seconds = 0;

	*ret = (struct ip_block_draft){ row->range, row->severity, row->comment, row->expires };
	if (param_is_there(p, "ip"))
		ret->range = param(p, "ip");
	if (param_is_there(p, "severity"))
		ret->severity = param(p, "severity");
	if (param_is_there(p, "comment"))
		ret->comment = param(p, "comment");
	if (!param_is_there(p, "expires_in"))
		return 0;
	TRY(param_i64(c, p, "expires_in", &seconds));
	if (seconds < 0 || seconds > 100 * 365 * (USEC_DAY / USEC_SEC))
		return api_unprocessable(c, "expires_in is out of range");
	ret->expires = seconds ? c->now + seconds * USEC_SEC : 0;
	return 0;
}

int admin_ip_block_add(struct ctx *c, struct request *q, struct response *r)
{
	const struct ip_block_row none = { .range = STR(""),
					   .severity = STR(""),
					   .comment = STR("") };
	const struct ip_block_row *row;
	struct ip_block_draft draft;
	struct params *p;

	TRY(params_read(c, q, &p));
	TRY(read_draft(c, p, &none, &draft));
	TRY(ip_block_add(c, &draft, &row));
	return send_ip(c, row, r);
}

int admin_ip_block_change(struct ctx *c, struct request *q, struct response *r)
{
	const struct ip_block_row *row;
	struct ip_block_draft draft;
	struct params *p;
	int64_t id;

	TRY(params_read(c, q, &p));
	TRY(api_path_id(c, q, 0, &id));
	TRY(ip_block_get(c, id, &row));
	TRY(read_draft(c, p, row, &draft));
	TRY(ip_block_change(c, id, &draft, &row));
	return send_ip(c, row, r);
}

int admin_ip_block_remove(struct ctx *c, struct request *q, struct response *r)
{
	return remove_one(c, q, ip_block_remove, r);
}
