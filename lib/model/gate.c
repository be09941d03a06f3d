/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: whoever is refused is told no more than that it does not work from there, and which rule it was is counted. */
#include "model/gate.h"

#include <stdint.h>
#include <string.h>

#include "crypt/hash.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/limit.h"
#include "model/user.h"

#define COMMENT_LIMIT 2000 /* characters */

static int64_t max_of(const struct page *p)
{
	return p->max_id ? p->max_id : INT64_MAX;
}

static int64_t min_of(const struct page *p)
{
	return p->min_id ? p->min_id : p->since_id;
}

/* A page that was asked for from its lower end comes with the oldest first. */
static const void *newest_first(struct ctx *c, const struct page *p, const void *rows, size_t n,
				size_t size)
{
	char *turned;

	if (!p->min_id)
		return rows;
	turned = arena_array(c->arena, n + 1, size);
	for (size_t i = 0; i < n; i++)
		memcpy(turned + i * size, (const char *)rows + (n - 1 - i) * size, size);
	return turned;
}

static int refuse(struct ctx *c)
{
	return fail(c, E_FORBIDDEN, "nobody can join from there");
}

static int check_address(struct ctx *c, str address, bool joins, bool *ret_approval)
{
	const struct ip_block_row *rows;
	size_t n;
	int result;

	if (str_is_empty(address))
		return 0;
	result = q_ip_block_of_address(c, c->domain_id, address, &rows, &n);
	/* A client behind a socket has no address. */
	if (result == E_INVALID)
		return 0;
	TRY(result);
	for (size_t i = 0; i < n; i++) {
		if (str_eq(rows[i].severity, STR("no_access")) ||
		    (joins && str_eq(rows[i].severity, STR("sign_up_block"))))
			return refuse(c);
		*ret_approval |= str_eq(rows[i].severity, STR("sign_up_requires_approval"));
	}
	return 0;
}

static int check_email(struct ctx *c, str email, str address)
{
	const struct email_domain_block_id_row *hit;
	const struct email_block_row *blocks;
	str host = str_from(email, str_find_char_last(email, '@') + 1);
	size_t n;
	int result = q_email_domain_block_hit(c, c->domain_id, limit_suffixes(c, host),
					      hex_encode(c->arena, hash_sha256(c->arena, address)),
					      &hit);

	if (result == 0)
		return refuse(c);
	if (result != E_NOT_FOUND)
		return result;
	TRY(email_blocks_of(c, email, &blocks, &n));
	return n ? refuse(c) : 0;
}

int gate_check(struct ctx *c, str email, str address, bool *ret_approval)
{
	bool joins = email.n > 0;

	*ret_approval = false;
	TRY(check_address(c, address, joins, ret_approval));
	return joins ? check_email(c, email, address) : 0;
}

static int audit(struct ctx *c, const char *action, str subject)
{
	return audit_add(c, action, subject, STR(""));
}

static str number(struct ctx *c, int64_t id)
{
	return str_fmt(c->arena, "%lld", (long long)id);
}

static int taken(struct ctx *c, int result)
{
	return result == E_CONFLICT
		       ? fail(c, E_UNPROCESSABLE, "Validation failed: it has already been taken")
		       : result;
}

int email_domain_blocks_list(struct ctx *c, const struct page *p,
			     const struct email_domain_block_row **ret, size_t *ret_n)
{
	TRY(q_email_domain_block_list(c, p->min_id != 0, c->domain_id, max_of(p), min_of(p),
				      page_limit(p), ret, ret_n));
	*ret = newest_first(c, p, *ret, *ret_n, sizeof(**ret));
	return 0;
}

int email_domain_block_get(struct ctx *c, int64_t id, const struct email_domain_block_row **ret)
{
	return q_email_domain_block_by_id(c, c->domain_id, id, ret);
}

int email_domain_block_add(struct ctx *c, str host, const struct email_domain_block_row **ret)
{
	str clean;

	if (domain_name_normalise(c, host, &clean))
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: Domain is not a valid domain name");
	TRY(taken(c, q_email_domain_block_add(c, c->domain_id, clean, ret)));
	return audit(c, "email_domain_block.add", clean);
}

int email_domain_block_remove(struct ctx *c, int64_t id)
{
	const struct email_domain_block_row *row;

	TRY(email_domain_block_get(c, id, &row));
	TRY(q_email_domain_block_remove(c, c->domain_id, id, NULL));
	return audit(c, "email_domain_block.remove", row->host);
}

int email_hash(struct ctx *c, str email, str *ret)
{
	str clean, name, host;
	struct out o;
	size_t at;

	if (email_normalise(c, email, &clean))
		return fail(c, E_UNPROCESSABLE, "Validation failed: Email is invalid");
	clean = str_lower(c->arena, clean);
	at = str_find_char_last(clean, '@');
	name = str_slice(clean, 0, at);
	name = str_slice(name, 0, str_find_char(name, '+', 0));
	host = str_from(clean, at);
	out_init(&o, c->arena, EMAIL_LIMIT + 1);
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] != '.')
			out_char(&o, name.p[i]);
	out_str(&o, host);
	*ret = hex_encode(c->arena, hash_sha256(c->arena, out_view(&o)));
	return 0;
}

int email_blocks_list(struct ctx *c, const struct page *p, const struct email_block_row **ret,
		      size_t *ret_n)
{
	TRY(q_email_block_list(c, p->min_id != 0, c->domain_id, max_of(p), min_of(p), page_limit(p),
			       ret, ret_n));
	*ret = newest_first(c, p, *ret, *ret_n, sizeof(**ret));
	return 0;
}

int email_block_get(struct ctx *c, int64_t id, const struct email_block_row **ret)
{
	return q_email_block_by_id(c, c->domain_id, id, ret);
}

int email_blocks_of(struct ctx *c, str email, const struct email_block_row **ret, size_t *ret_n)
{
	str hash;

	TRY(email_hash(c, email, &hash));
	return q_email_block_by_hash(c, c->domain_id, hash, ret, ret_n);
}

static bool is_hash(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is_digit(s.p[i]) && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
			return false;
	return s.n == 64;
}

int email_block_add(struct ctx *c, str email, str hash, const struct email_block_row **ret)
{
	if (email.n)
		TRY(email_hash(c, email, &hash));
	hash = str_lower(c->arena, hash);
	if (!is_hash(hash))
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: Canonical email hash is invalid");
	TRY(taken(c, q_email_block_add(c, c->domain_id, hash, ret)));
	return audit(c, "email_block.add", hash);
}

int email_block_remove(struct ctx *c, int64_t id)
{
	const struct email_block_row *row;

	TRY(email_block_get(c, id, &row));
	TRY(q_email_block_remove(c, c->domain_id, id, NULL));
	return audit(c, "email_block.remove", row->hash);
}

int ip_blocks_list(struct ctx *c, const struct page *p, const struct ip_block_row **ret,
		   size_t *ret_n)
{
	TRY(q_ip_block_list(c, p->min_id != 0, c->domain_id, max_of(p), min_of(p), page_limit(p),
			    ret, ret_n));
	*ret = newest_first(c, p, *ret, *ret_n, sizeof(**ret));
	return 0;
}

int ip_block_get(struct ctx *c, int64_t id, const struct ip_block_row **ret)
{
	return q_ip_block_by_id(c, c->domain_id, id, ret);
}

static int check_draft(struct ctx *c, const struct ip_block_draft *d)
{
	static const char *const severities[] = { "sign_up_requires_approval", "sign_up_block",
						  "no_access" };

	for (size_t i = 0; i < ARRAY_SIZE(severities); i++)
		if (str_eq_c(d->severity, severities[i]))
			return str_chars(d->comment) <= COMMENT_LIMIT
				       ? 0
				       : fail(c, E_UNPROCESSABLE,
					      "Validation failed: Comment is too long");
	return fail(c, E_UNPROCESSABLE, "Validation failed: Severity is not included in the list");
}

/* What the database's own type refuses is no network. */
static int judged(struct ctx *c, int result)
{
	return result == E_INVALID
		       ? fail(c, E_UNPROCESSABLE, "Validation failed: Ip is not a valid address")
		       : taken(c, result);
}

int ip_block_add(struct ctx *c, const struct ip_block_draft *d, const struct ip_block_row **ret)
{
	TRY(check_draft(c, d));
	TRY(judged(c, q_ip_block_add(c,
				     &(struct q_ip_block_add_args){
					     .domain_id = c->domain_id,
					     .range = d->range,
					     .severity = d->severity,
					     .comment = d->comment,
					     .expires = d->expires,
				     },
				     ret)));
	return audit(c, "ip_block.add", (*ret)->range);
}

int ip_block_change(struct ctx *c, int64_t id, const struct ip_block_draft *d,
		    const struct ip_block_row **ret)
{
	struct q_ip_block_change_args args = {
		.range = d->range,
		.severity = d->severity,
		.comment = d->comment,
		.expires = d->expires,
		.domain_id = c->domain_id,
		.id = id,
	};

	TRY(check_draft(c, d));
	TRY(judged(c, q_ip_block_change(c, &args, NULL)));
	TRY(ip_block_get(c, id, ret));
	return audit(c, "ip_block.change", (*ret)->range);
}

int ip_block_remove(struct ctx *c, int64_t id)
{
	const struct ip_block_row *row;

	TRY(ip_block_get(c, id, &row));
	TRY(q_ip_block_remove(c, c->domain_id, id, NULL));
	return audit(c, "ip_block.remove", number(c, id));
}
