/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: every change is in the audit log of the installation. */
#include "model/host.h"

#include "model/audit.h"
#include "model/domain.h"
#include "sql/gen/media.h"

#define COMMENT_LIMIT 2000 /* characters */
#define QUOTA_KEY "media_quota"

static int read_host(struct ctx *c, str host, str *ret)
{
	TRY(domain_name_normalise(c, str_trim(host), ret));
	if (c->domains && domain_by_host(c->domains, *ret))
		return fail(c, E_INVALID, "%.*s is a community of this installation",
			    STR_ARG(*ret));
	return 0;
}

int floor_set(struct ctx *c, str host, str severity, str comment)
{
	str clean;

	TRY(read_host(c, host, &clean));
	if (!str_eq(severity, STR("limit")) && !str_eq(severity, STR("block")))
		return fail(c, E_INVALID, "a rule is limit or block");
	if (!str_is_utf8(comment) || str_chars(comment) > COMMENT_LIMIT)
		return fail(c, E_INVALID, "a note has at most %d characters", COMMENT_LIMIT);
	TRY(q_floor_set(c, clean, severity, comment, NULL));
	return audit_add(c, "floor.set", clean,
			 str_fmt(c->arena, "{\"severity\":\"%.*s\"}", STR_ARG(severity)));
}

int floor_remove(struct ctx *c, str host)
{
	size_t n;

	TRY(q_floor_remove(c, host, &n));
	return n ? audit_add(c, "floor.remove", host, STR(""))
		 : fail(c, E_NOT_FOUND, "there is no rule about %.*s", STR_ARG(host));
}

int floor_list(struct ctx *c, const struct floor_row **ret, size_t *ret_n)
{
	return q_floor_list(c, ret, ret_n);
}

int host_quota_get(struct ctx *c, int64_t *ret)
{
	const struct host_default_row *row;

	TRY(q_host_default_get(c, STR(QUOTA_KEY), &row));
	if (!str_to_i64(row->value, ret))
		*ret = 0;
	return 0;
}

static str bytes_detail(struct ctx *c, int64_t bytes)
{
	return str_fmt(c->arena, "{\"bytes\":%lld}", (long long)bytes);
}

int host_quota_set(struct ctx *c, int64_t bytes)
{
	if (bytes < 1)
		return fail(c, E_INVALID, "a quota is a number above 0");
	TRY(q_host_default_set(c, STR(QUOTA_KEY), bytes, NULL));
	return audit_add(c, "host.media_quota", STR("host"), bytes_detail(c, bytes));
}

int host_tenant_quota_set(struct ctx *c, int64_t domain_id, str name, int64_t bytes)
{
	if (bytes < 1)
		return fail(c, E_INVALID, "a quota is a number above 0");
	TRY(q_media_quota_set(c, domain_id, bytes, NULL));
	return audit_add_on(c, domain_id, "domain.media_quota", name, bytes_detail(c, bytes));
}

int peer_list(struct ctx *c, str part, const struct peer_row **ret, size_t *ret_n)
{
	return q_peer_list(c, part, ret, ret_n);
}

int peer_close(struct ctx *c, int64_t id)
{
	const struct peer_host_row *rows;
	size_t n;

	TRY(q_peer_close(c, id, &rows, &n));
	return n ? audit_add(c, "peer.close", rows[0].host, STR(""))
		 : fail(c, E_NOT_FOUND, "there is no such server");
}
