/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery domain usage: what a tenant used, by month, for who bills it. Records of past months never change; beside each
 * stands what of it can be counted again, so that a difference (deleted posts, forgotten evidence) can be explained.
 */
#include "provisioning/command.h"
#include "provisioning/lookup.h"
#include "provisioning/usage.h"
#include "sql/gen/usage.h"

static void put_period(struct json_out *w, const struct usage_period_row *p)
{
	json_open_object(w, NULL);
	json_put_str(w, "month", p->month);
	json_put_i64(w, "members", p->members);
	json_put_i64(w, "posts", p->posts);
	json_put_i64(w, "media_bytes", p->media_bytes);
	json_put_i64(w, "requests", p->requests);
	json_put_time(w, "closed", p->closed);
	json_put_bool(w, "agrees",
		      p->members == p->members_now && p->posts == p->posts_now &&
			      p->requests == p->requests_now);
	json_put_i64(w, "members_counted_now", p->members_now);
	json_put_i64(w, "posts_counted_now", p->posts_now);
	json_put_i64(w, "requests_counted_now", p->requests_now);
	json_close_object(w);
}

static int put_present(struct call *call, int64_t domain_id)
{
	const struct usage_month_row *rows;
	struct json_out *w = call->answer;
	size_t n;

	TRY(q_usage_present(call->c, domain_id, &rows, &n));
	if (!n)
		return 0;
	json_open_object(w, "present");
	json_put_str(w, "month", rows[0].month);
	json_put_i64(w, "members", rows[0].members);
	json_put_i64(w, "posts", rows[0].posts);
	json_put_i64(w, "media_bytes", rows[0].media_bytes);
	json_put_i64(w, "requests", rows[0].requests);
	json_put_i64(w, "waiting", rows[0].waiting);
	json_put_time(w, "updated", rows[0].updated);
	json_close_object(w);
	return 0;
}

int usage_show(struct call *call)
{
	const struct usage_period_row *rows;
	const struct usage_closed_row *closed;
	const struct domain_row *d;
	size_t n;

	TRY(lookup_domain(call->c, call->args[0], &d));
	TRY(q_usage_refresh(call->c, &closed));
	json_put_str(call->answer, "name", d->name);
	TRY(put_present(call, d->id));
	TRY(q_usage_periods(call->c, d->id, &rows, &n));
	json_open_array(call->answer, "periods");
	for (size_t i = 0; i < n; i++)
		put_period(call->answer, &rows[i]);
	json_close_array(call->answer);
	return 0;
}
