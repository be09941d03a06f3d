/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: every change is in the audit log of the installation. */
#include "model/host.h"

#include "base/out.h"
#include "base/table.h"
#include "db/db.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/instance.h"
#include "model/media.h"
#include "sql/gen/media.h"

#define COMMENT_LIMIT 2000 /* characters */
#define QUOTA_KEY "media_quota"
#define SIGN_UP_KEY "new.sign_up" /* these hold for communities that are added from then on */
#define MAX_USERS_KEY "new.max_users"
#define SIGN_UPS_KEY "new.sign_ups_a_day"
#define RULES_KEY "new.rules"
#define NUMBER_MOST 1000000000
#define UTF8_MAX 4 /* bytes of a character */

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

static int default_get(struct ctx *c, const char *key, str *ret)
{
	const struct host_default_row *row;

	TRY(q_host_default_get(c, str_c(key), &row));
	*ret = row->value;
	return 0;
}

int host_sign_up(struct ctx *c, enum domain_sign_up *ret)
{
	int sign_up = SIGN_UP_INVITE;
	str word;

	TRY(default_get(c, SIGN_UP_KEY, &word));
	if (word.n && !name_to_value(domain_sign_ups, word, &sign_up))
		sign_up = SIGN_UP_INVITE;
	*ret = (enum domain_sign_up)sign_up;
	return 0;
}

int host_defaults_get(struct ctx *c, struct host_defaults *ret)
{
	struct host_defaults d = { .quota = 0 };
	str quota;

	TRY(default_get(c, QUOTA_KEY, &quota));
	if (!str_to_i64(quota, &d.quota) || d.quota < 1)
		d.quota = MEDIA_QUOTA;
	TRY(host_sign_up(c, &d.sign_up));
	TRY(default_get(c, MAX_USERS_KEY, &d.max_users));
	TRY(default_get(c, SIGN_UPS_KEY, &d.sign_ups_a_day));
	TRY(default_get(c, RULES_KEY, &d.rules));
	*ret = d;
	return 0;
}

static str bytes_detail(struct ctx *c, int64_t bytes)
{
	return str_fmt(c->arena, "{\"bytes\":%lld}", (long long)bytes);
}

static int word_set(struct ctx *c, const char *key, str value)
{
	return value.n ? q_host_word_set(c, str_c(key), value, NULL)
		       : q_host_word_unset(c, str_c(key), NULL);
}

static int check_number(struct ctx *c, const char *field, str value)
{
	int64_t n;

	if (!value.n || (str_to_i64(value, &n) && n >= 0 && n <= NUMBER_MOST))
		return 0;
	return fail_at(c, field, fail(c, E_INVALID, "a limit is a number, or empty for none"));
}

/* As they are stored: one in a line, none empty; each fits a rule of a community. */
static int read_rules(struct ctx *c, str typed, str *ret)
{
	str line;
	struct out o;
	size_t n = 0;

	if (!str_is_utf8(typed))
		return fail_at(c, "rules", fail(c, E_INVALID, "the text is not UTF-8"));
	out_init(&o, c->arena, RULES_LIMIT * (RULE_LIMIT * UTF8_MAX + 1));
	while (str_cut(&typed, '\n', &line)) {
		line = str_trim(line);
		if (line.n == 0)
			continue;
		if (n == RULES_LIMIT || str_chars(line) > RULE_LIMIT)
			return fail_at(c, "rules",
				       fail(c, E_INVALID,
					    "at most %d rules of at most %d characters each",
					    RULES_LIMIT, RULE_LIMIT));
		out_fmt(&o, "%s%.*s", n++ ? "\n" : "", STR_ARG(line));
	}
	return out_done(&o, ret);
}

static int write_defaults(struct ctx *c, void *arg)
{
	const struct host_defaults *d = arg;

	TRY(q_host_default_set(c, STR(QUOTA_KEY), d->quota, NULL));
	TRY(word_set(c, SIGN_UP_KEY, str_c(name_of_value(domain_sign_ups, (int)d->sign_up))));
	TRY(word_set(c, MAX_USERS_KEY, d->max_users));
	TRY(word_set(c, SIGN_UPS_KEY, d->sign_ups_a_day));
	TRY(word_set(c, RULES_KEY, d->rules));
	return audit_add(c, "host.defaults", STR("host"), bytes_detail(c, d->quota));
}

int host_defaults_set(struct ctx *c, const struct host_defaults *d)
{
	struct host_defaults copy = *d;

	if (d->quota < 1)
		return fail_at(c, "quota", fail(c, E_INVALID, "a quota is a number above 0"));
	TRY(check_number(c, "max_users", d->max_users));
	TRY(check_number(c, "sign_ups", d->sign_ups_a_day));
	TRY(read_rules(c, d->rules, &copy.rules));
	return db_transaction(c, write_defaults, &copy);
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
