/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Numbers for staff: https://docs.joinmastodon.org/methods/admin/measures/, https://docs.joinmastodon.org/methods/admin/dimensions/
 * and https://docs.joinmastodon.org/methods/admin/retention/. Keys that nobody knows are left out.
 */
#include "server/api/api.h"
#include "server/api/params.h"
#include "server/api/staff_handlers.h"
#include "sql/gen/moderation.h"

#define DAYS_MOST 366
#define KEYS_MOST 20
#define PARTS_SIZE 10
#define PARTS_MOST 100

/* What all of them ask by. */
struct question {
	strs keys;
	usec from, to;
	const struct params *params;
};

/* A day, or a moment of it. */
static bool read_day(struct ctx *c, str text, usec *ret)
{
	if (text.n == 10)
		text = str_cat(c->arena, text, STR("T00:00:00Z"));
	return clock_parse_iso(text, ret);
}

static int read_question(struct ctx *c, const struct request *q, struct params **ret_params,
			 struct question *ret)
{
	struct params *p;

	TRY(params_read(c, q, &p));
	ret->keys = param_list(c, p, "keys");
	ret->params = p;
	if (ret->keys.n > KEYS_MOST)
		return api_unprocessable(c, "keys are too many");
	if (!read_day(c, param(p, "start_at"), &ret->from) ||
	    !read_day(c, param(p, "end_at"), &ret->to) || ret->to < ret->from)
		return api_unprocessable(c, "start_at and end_at are two days in their order");
	if (ret->to - ret->from > DAYS_MOST * USEC_DAY)
		return api_unprocessable(c, "start_at and end_at are too far apart");
	*ret_params = p;
	return 0;
}

/* What a key is about besides: a hashtag, or a server. */
static int64_t tag_of(const struct question *a, str key)
{
	int64_t id;

	return str_to_i64(param_at(a->params, "%.*s[id]", STR_ARG(key)), &id) ? id : 0;
}

static str host_of(struct ctx *c, const struct question *a, str key)
{
	str host = param_at(a->params, "%.*s[domain]", STR_ARG(key));

	return str_is_null(host) ? STR("") : str_lower(c->arena, str_trim(host));
}

static str number(struct ctx *c, int64_t n)
{
	return str_fmt(c->arena, "%lld", (long long)n);
}

static int load_days(struct ctx *c, const struct question *a, str key, usec from, usec to,
		     const struct admin_measure_day_row **ret, size_t *ret_n)
{
	struct q_admin_measure_args args = {
		.key = key,
		.from = from,
		.to = to,
		.tag_id = tag_of(a, key),
		.host = host_of(c, a, key),
	};

	return q_admin_measure(c, &args, ret, ret_n);
}

static int64_t sum(const struct admin_measure_day_row *rows, size_t n)
{
	int64_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += rows[i].value;
	return total;
}

/* The time before, as long as the one that was asked for, is what it is compared with. */
static int put_measure(struct ctx *c, struct json_out *w, const struct question *a, str key)
{
	const struct admin_measure_day_row *rows, *before;
	usec length = a->to - a->from + USEC_DAY;
	size_t n, n_before;

	TRY(load_days(c, a, key, a->from, a->to, &rows, &n));
	if (n == 0)
		return 0;
	TRY(load_days(c, a, key, a->from - length, a->from - USEC_DAY, &before, &n_before));
	json_open_object(w, NULL);
	json_put_str(w, "key", key);
	json_put_null(w, "unit");
	json_put_str(w, "total", number(c, sum(rows, n)));
	json_put_str(w, "previous_total", number(c, sum(before, n_before)));
	json_open_array(w, "data");
	for (size_t i = 0; i < n; i++) {
		json_open_object(w, NULL);
		json_put_time(w, "date", rows[i].day);
		json_put_str(w, "value", number(c, rows[i].value));
		json_close_object(w);
	}
	json_close_array(w);
	json_close_object(w);
	return 0;
}

int admin_measures(struct ctx *c, struct request *q, struct response *r)
{
	struct question a;
	struct params *p;
	struct json_out w;

	TRY(read_question(c, q, &p, &a));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < a.keys.n; i++)
		TRY(put_measure(c, &w, &a, a.keys.p[i]));
	json_close_array(&w);
	return api_send(&w, r);
}

static const char *const dimensions[] = {
	"languages",	 "sources",	      "servers",
	"space_usage",	 "software_versions", "tag_servers",
	"tag_languages", "instance_accounts", "instance_languages"
};

static bool is_dimension(str key)
{
	for (size_t i = 0; i < ARRAY_SIZE(dimensions); i++)
		if (str_eq_c(key, dimensions[i]))
			return true;
	return false;
}

static int put_dimension(struct ctx *c, struct json_out *w, const struct question *a, str key,
			 int64_t limit)
{
	struct q_admin_dimension_args args = {
		.key = key,
		.from = a->from,
		.to = a->to,
		.limit = limit,
		.tag_id = tag_of(a, key),
		.host = host_of(c, a, key),
	};
	const struct admin_dimension_part_row *rows;
	size_t n;

	if (!is_dimension(key))
		return 0;
	TRY(q_admin_dimension(c, &args, &rows, &n));
	json_open_object(w, NULL);
	json_put_str(w, "key", key);
	json_open_array(w, "data");
	for (size_t i = 0; i < n; i++) {
		json_open_object(w, NULL);
		json_put_str(w, "key", rows[i].key);
		json_put_str(w, "human_key", rows[i].label);
		json_put_str(w, "value", rows[i].value);
		json_put_str_opt(w, "unit", rows[i].unit);
		json_close_object(w);
	}
	json_close_array(w);
	json_close_object(w);
	return 0;
}

int admin_dimensions(struct ctx *c, struct request *q, struct response *r)
{
	int64_t limit = PARTS_SIZE;
	struct question a;
	struct params *p;
	struct json_out w;

	TRY(read_question(c, q, &p, &a));
	TRY(param_i64(c, p, "limit", &limit));
	if (limit < 1 || limit > PARTS_MOST)
		limit = PARTS_SIZE;
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < a.keys.n; i++)
		TRY(put_dimension(c, &w, &a, a.keys.p[i], limit));
	json_close_array(&w);
	return api_send(&w, r);
}

static void put_cohort_part(struct ctx *c, struct json_out *w,
			    const struct admin_cohort_part_row *row)
{
	json_open_object(w, NULL);
	json_put_time(w, "date", row->later);
	json_put_f64(w, "rate", row->cohort ? (double)row->value / (double)row->cohort : 0);
	json_put_str(w, "value", number(c, row->value));
	json_close_object(w);
}

int admin_retention(struct ctx *c, struct request *q, struct response *r)
{
	const struct admin_cohort_part_row *rows;
	struct question a;
	struct params *p;
	struct json_out w;
	bool by_month;
	size_t n;

	TRY(read_question(c, q, &p, &a));
	by_month = str_eq(param(p, "frequency"), STR("month"));
	if (!by_month && !str_eq(param(p, "frequency"), STR("day")))
		return api_unprocessable(c, "frequency is day or month");
	if (!by_month && a.to - a.from > 62 * USEC_DAY)
		return api_unprocessable(c, "start_at and end_at are too far apart");
	TRY(q_admin_retention(c, a.from, a.to, by_month ? STR("month") : STR("day"), &rows, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || rows[i].period != rows[i - 1].period) {
			json_open_object(&w, NULL);
			json_put_time(&w, "period", rows[i].period);
			json_put_c(&w, "frequency", by_month ? "month" : "day");
			json_open_array(&w, "data");
		}
		put_cohort_part(c, &w, &rows[i]);
		if (i + 1 == n || rows[i + 1].period != rows[i].period) {
			json_close_array(&w);
			json_close_object(&w);
		}
	}
	json_close_array(&w);
	return api_send(&w, r);
}
