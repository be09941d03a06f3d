/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a value is judged by the row of its setting before it is stored, so that what is read
 * is good; what nobody may know of another tenant is in no count.
 */
#include "model/instance.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>

#include "db/db.h"
#include "fetch/url.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/language.h"
#include "model/sign_up.h"
#include "model/user.h"
#include "sql/gen/domain.h"

#define LANGUAGES_LIMIT 20
#define LINE_LIMIT 500 /* characters */
#define TEXT_LIMIT 50000 /* characters */
#define AGE_LIMIT 120
#define NUMBER_LIMIT 1000000000
#define IDENTITIES_LIMIT 100
#define COUNTS_KEPT (5 * USEC_MINUTE)
#define COUNTS_SLOTS 256

static int check_email(struct ctx *c, str value)
{
	str clean;

	return email_normalise(c, value, &clean);
}

/* Nobody writes in another's name: the host behind the @ is the tenant's own. */
static int check_sender(struct ctx *c, str value)
{
	str clean, own = c->domain->name;

	TRY(email_normalise(c, value, &clean));
	own = str_slice(own, 0, str_find_char(own, ':', 0));
	return str_ends(clean, str_cat(c->arena, STR("@"), own))
		       ? 0
		       : fail(c, E_INVALID, "it is an address at %.*s", STR_ARG(own));
}

static int check_number(struct ctx *c, str value)
{
	int64_t n;

	return str_to_i64(value, &n) && n >= 0 && n <= NUMBER_LIMIT
		       ? 0
		       : fail(c, E_INVALID, "it is a number from 0 to %d", NUMBER_LIMIT);
}

static int check_url(struct ctx *c, str value)
{
	struct url url;

	return url_parse(c->arena, value, &url) ? 0 : fail(c, E_INVALID, "this is no http(s) URL");
}

static int check_line(struct ctx *c, str value)
{
	return str_chars(value) <= LINE_LIMIT
		       ? 0
		       : fail(c, E_INVALID, "it has at most %d characters", LINE_LIMIT);
}

static int check_text(struct ctx *c, str value)
{
	return str_chars(value) <= TEXT_LIMIT
		       ? 0
		       : fail(c, E_INVALID, "it has at most %d characters", TEXT_LIMIT);
}

static int check_age(struct ctx *c, str value)
{
	int64_t age;

	if (!str_to_i64(value, &age) || age < 1 || age > AGE_LIMIT)
		return fail(c, E_INVALID, "an age is a number from 1 to %d", AGE_LIMIT);
	return 0;
}

static int check_identities(struct ctx *c, str value)
{
	int64_t n;

	if (!str_to_i64(value, &n) || n < 1 || n > IDENTITIES_LIMIT)
		return fail(c, E_INVALID, "it is a number from 1 to %d", IDENTITIES_LIMIT);
	return 0;
}

static int check_flag(struct ctx *c, str value)
{
	return str_eq(value, STR("true")) || str_eq(value, STR("false"))
		       ? 0
		       : fail(c, E_INVALID, "it is true or false");
}

static int check_show(struct ctx *c, str value)
{
	if (!str_eq(value, STR("nobody")) && !str_eq(value, STR("users")) &&
	    !str_eq(value, STR("all")))
		return fail(c, E_INVALID, "it is nobody, users or all");
	return 0;
}

static int check_reason(struct ctx *c, str value)
{
	int reason;

	return name_to_value(sign_up_reasons, value, &reason)
		       ? 0
		       : fail(c, E_INVALID, "it is required, optional or none");
}

static int check_front(struct ctx *c, str value)
{
	return str_eq(value, STR("posts")) || str_eq(value, STR("about"))
		       ? 0
		       : fail(c, E_INVALID, "it is posts or about");
}

static int check_visibility(struct ctx *c, str value)
{
	if (!str_eq(value, STR("public")) && !str_eq(value, STR("unlisted")) &&
	    !str_eq(value, STR("followers")) && !str_eq(value, STR("local")))
		return fail(c, E_INVALID, "it is public, unlisted, followers or local");
	return 0;
}

static int check_quotes(struct ctx *c, str value)
{
	if (!str_eq(value, STR("public")) && !str_eq(value, STR("followers")) &&
	    !str_eq(value, STR("nobody")))
		return fail(c, E_INVALID, "it is public, followers or nobody");
	return 0;
}

static int check_language(struct ctx *c, str value)
{
	return language_find(value) ? 0
				    : fail(c, E_INVALID, "%.*s is no language code of two letters",
					   STR_ARG(value));
}

static strs split_languages(struct ctx *c, str value)
{
	str *codes = arena_array(c->arena, LANGUAGES_LIMIT, sizeof(*codes)), code;
	size_t n = 0;

	while (n < LANGUAGES_LIMIT && str_cut(&value, ' ', &code))
		if (code.n)
			codes[n++] = code;
	return (strs){ codes, n };
}

static int check_languages(struct ctx *c, str value)
{
	strs codes = split_languages(c, value);

	for (size_t i = 0; i < codes.n; i++)
		if (!language_find(codes.p[i]))
			return fail(c, E_INVALID, "%.*s is no language code of two letters",
				    STR_ARG(codes.p[i]));
	return 0;
}

const struct instance_setting instance_table[INSTANCE_KEYS] = {
	[INSTANCE_CONTACT_EMAIL] = { "contact_email", "", "where people reach who runs it",
				     check_email },
	[INSTANCE_CONTACT_ACCOUNT] = { "contact_account", "",
				       "user name of the account that stands for them",
				       check_line },
	[INSTANCE_LANGUAGES] = { "languages", "en", "codes of the languages that are spoken",
				 check_languages },
	[INSTANCE_DESCRIPTION] = { "extended_description", "", "what else there is to say of it",
				   check_text },
	[INSTANCE_PRIVACY] = { "privacy_policy", "", "what is done with what people tell",
			       check_text },
	[INSTANCE_CLOSED_MESSAGE] = { "closed_message", "",
				      "for those who would join when nobody can", check_line },
	[INSTANCE_STATUS_URL] = { "status_url", "", "where people look when nothing works",
				  check_url },
	[INSTANCE_THUMBNAIL_URL] = { "thumbnail_url", "", "a picture of the community", check_url },
	[INSTANCE_SIGN_UP_REASON] = { "sign_up_reason", "required",
				      "whether who waits for approval says why: required, optional or none",
				      check_reason },
	[INSTANCE_MIN_AGE] = { "min_age", "", "years that one who joins must be", check_age },
	[INSTANCE_LIMITED_FEDERATION] = { "limited_federation", "false",
					  "whether only allowed servers are spoken to: true or false",
					  check_flag },
	[INSTANCE_SHOW_BLOCKS] = { "show_blocks", "nobody",
				   "who sees which servers are blocked: nobody, users or all",
				   check_show },
	[INSTANCE_IMPRINT] = { "imprint", "", "who answers for it, as laws want it", check_text },
	[INSTANCE_POST_VISIBILITY] = { "post_visibility", "",
				       "new posts of who did not choose: public, unlisted, followers or local",
				       check_visibility },
	[INSTANCE_POST_LANGUAGE] = { "post_language", "",
				     "code of the language of posts of who did not choose",
				     check_language },
	[INSTANCE_POST_QUOTES] = { "post_quotes", "",
				   "who may quote posts of who did not choose: public, followers or nobody",
				   check_quotes },
	[INSTANCE_MAIL_NAME] = { "mail_name", "", "name that its letters come from", check_line },
	[INSTANCE_MAIL_FROM] = { "mail_from", "",
				 "address of its own domain that its letters come from",
				 check_sender },
	[INSTANCE_MAX_USERS] = { "max_users", "", "how many people it takes", check_number },
	[INSTANCE_SIGN_UPS_A_DAY] = { "sign_ups_a_day", "", "how many may sign up in a day",
				      check_number },
	[INSTANCE_STAFF_FACTOR] = { "staff_second_factor", "false",
				    "whether staff has to have a second factor: true or false",
				    check_flag },
	[INSTANCE_IDENTITIES] = { "identities_per_user", "5",
				  "identities that a log-in may own here", check_identities },
	[INSTANCE_FRONT] = { "front_page", "posts",
			     "what strangers see first: its newest posts, or what is said of it: posts or about",
			     check_front },
};

static bool find_key(str name, size_t *ret)
{
	for (size_t i = 0; i < INSTANCE_KEYS; i++)
		if (str_eq_c(name, instance_table[i].name)) {
			*ret = i;
			return true;
		}
	return false;
}

int instance_load(struct ctx *c, struct instance *ret)
{
	const struct instance_setting_row *rows;
	size_t n, key;

	TRY(q_instance_settings(c, c->domain_id, &rows, &n));
	for (size_t i = 0; i < INSTANCE_KEYS; i++)
		ret->settings[i].value = str_c(instance_table[i].otherwise);
	ret->terms_day = STR("");
	for (size_t i = 0; i < n; i++) {
		if (str_eq(rows[i].key, STR("terms")))
			ret->terms_day = rows[i].value;
		if (!find_key(rows[i].key, &key))
			continue;
		ret->settings[key].value = rows[i].value;
		ret->settings[key].updated = rows[i].updated;
	}
	return 0;
}

static struct html_link link_nothing(unused void *arg, unused const struct html_token *t)
{
	return (struct html_link){ STR_NULL, STR_NULL };
}

int instance_markup(struct ctx *c, str text, html *ret)
{
	return html_from_text(c, text, link_nothing, NULL, ret);
}

strs instance_languages(struct ctx *c, const struct instance *i)
{
	return split_languages(c, i->settings[INSTANCE_LANGUAGES].value);
}

static bool is_colour(str value)
{
	for (size_t i = 1; i < value.n; i++)
		if (!char_is_digit(value.p[i]) && (value.p[i] < 'a' || value.p[i] > 'f'))
			return false;
	return value.n == 7 && value.p[0] == '#';
}

/* What stands in the tenant's own record, which every process holds. */
static int set_record(struct ctx *c, str name, str value)
{
	const struct domain_row *d;
	bool is_title = str_eq(name, STR("title")), is_accent = str_eq(name, STR("accent"));
	bool is_sign_up = str_eq(name, STR("sign_up"));
	int sign_up = 0;

	TRY(check_line(c, value));
	TRY(q_domain_by_id(c, c->domain_id, &d));
	if (is_accent && value.n && !is_colour(value))
		return fail(c, E_INVALID, "a colour looks like #2f6f5e");
	if (is_sign_up && !name_to_value(domain_sign_ups, value, &sign_up))
		return fail(c, E_INVALID, "it is closed, invite, approval or open");
	return q_instance_describe(
		c,
		&(struct q_instance_describe_args){
			.id = d->id,
			.title = is_title ? value : d->title,
			.description = str_eq(name, STR("description")) ? value : d->description,
			.accent = is_accent ? value.n ? value : STR(DOMAIN_ACCENT) : d->accent,
			.sign_up = is_sign_up ? value : d->sign_up,
		},
		NULL);
}

static int set_row(struct ctx *c, str name, str value)
{
	size_t key;

	if (!find_key(name, &key))
		return fail(c, E_NOT_FOUND, "there is no setting %.*s", STR_ARG(name));
	if (value.n == 0)
		return q_instance_unset(c, c->domain_id, name, NULL);
	TRY(instance_table[key].check(c, value));
	return q_instance_set(c, c->domain_id, name, value, NULL);
}

static bool is_of_record(str name)
{
	static const char *const names[] = { "title", "description", "accent", "sign_up" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq_c(name, names[i]))
			return true;
	return false;
}

int instance_set(struct ctx *c, str name, str value)
{
	assert(c->domain);
	if (!str_is_utf8(value))
		return fail(c, E_INVALID, "the text is not UTF-8");
	TRY(is_of_record(name) ? set_record(c, name, value) : set_row(c, name, value));
	return audit_add_on(c, c->domain_id, "domain.set", name, STR(""));
}

struct setting_all {
	const struct instance_value *values;
	size_t n, wrong;
	struct instance instance; /* as it stands, for what changes nothing is not written down */
	const struct domain_row *record;
};

static bool is_as_it_was(const struct setting_all *all, const struct instance_value *v)
{
	const struct domain_row *d = all->record;
	const struct {
		const char *name;
		str value;
	} of_record[] = {
		{ "title", d->title },
		{ "description", d->description },
		{ "accent", d->accent },
		{ "sign_up", d->sign_up },
	};
	size_t key;

	for (size_t i = 0; i < ARRAY_SIZE(of_record); i++)
		if (str_eq_c(str_c(v->name), of_record[i].name))
			return str_eq(v->value, of_record[i].value);
	return find_key(str_c(v->name), &key) &&
	       str_eq(v->value, all->instance.settings[key].value);
}

static int set_all(struct ctx *c, void *arg)
{
	struct setting_all *all = arg;

	TRY(instance_load(c, &all->instance));
	TRY(q_domain_by_id(c, c->domain_id, &all->record));
	for (all->wrong = 0; all->wrong < all->n; all->wrong++)
		if (!is_as_it_was(all, &all->values[all->wrong]))
			TRY(instance_set(c, str_c(all->values[all->wrong].name),
					 all->values[all->wrong].value));
	return 0;
}

int instance_set_all(struct ctx *c, const struct instance_value *values, size_t n,
		     const char **ret_wrong)
{
	struct setting_all all = { .values = values, .n = n, .wrong = n };
	int result = db_transaction(c, set_all, &all);

	if (result && all.wrong < n) {
		*ret_wrong = values[all.wrong].name;
		c->error_field = *ret_wrong; /* what checks a value does not know whose it is */
	}
	return result;
}

/* What was counted last, by tenant; one slot for those that share it. */
static pthread_mutex_t counts_lock = PTHREAD_MUTEX_INITIALIZER;
static struct counted {
	int64_t domain_id;
	usec until;
	struct instance_counts_row counts;
} counted[COUNTS_SLOTS];

static bool recall(const struct ctx *c, struct instance_counts_row *ret)
{
	const struct counted *slot = &counted[(uint64_t)c->domain_id % COUNTS_SLOTS];
	bool found;

	pthread_mutex_lock(&counts_lock);
	found = slot->domain_id == c->domain_id && slot->until > c->now;
	if (found)
		*ret = slot->counts;
	pthread_mutex_unlock(&counts_lock);
	return found;
}

static void remember(const struct ctx *c, const struct instance_counts_row *counts)
{
	struct counted *slot = &counted[(uint64_t)c->domain_id % COUNTS_SLOTS];

	pthread_mutex_lock(&counts_lock);
	*slot = (struct counted){ c->domain_id, c->now + COUNTS_KEPT, *counts };
	pthread_mutex_unlock(&counts_lock);
}

int instance_counts(struct ctx *c, struct instance_counts_row *ret)
{
	const struct instance_counts_row *row;

	if (recall(c, ret))
		return 0;
	TRY(q_instance_counts(c, c->domain_id, &row));
	remember(c, row);
	*ret = *row;
	return 0;
}
