/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The tenant as programs see it: https://docs.joinmastodon.org/methods/instance/. Programs read these
 * on every page, so each costs few statements, and what has to be counted is counted now and then.
 */
#include "server/api/instance.h"

#include "crypt/hash.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/language.h"
#include "model/media.h"
#include "model/settings.h"
#include "model/sign_up.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/render_account.h"
#include "server/web/view.h"

/* The level of Mastodon's API that programs may expect: 7 has quotations. */
#define API_LEVEL 7
#define COMPATIBLE "4.4.0 (compatible; Rookery " ROOKERY_VERSION ")"

struct description {
	struct instance instance;
	struct instance_counts_row counts;
	const struct rule_row *rules;
	size_t n_rules;
	const struct identity_row *contact; /* NULL: nobody */
};

static int load_contact(struct ctx *c, struct description *d)
{
	str name = d->instance.settings[INSTANCE_CONTACT_ACCOUNT].value;
	int result;

	d->contact = NULL;
	if (str_is_empty(name))
		return 0;
	result = identity_find(c, name, &d->contact);
	return result == E_NOT_FOUND || result == E_INVALID ? 0 : result;
}

static int load(struct ctx *c, struct description *d)
{
	TRY(instance_load(c, &d->instance));
	TRY(instance_counts(c, &d->counts));
	TRY(rules_list(c, &d->rules, &d->n_rules));
	return load_contact(c, d);
}

static void put_languages(struct ctx *c, struct json_out *w, const struct instance *i)
{
	strs codes = instance_languages(c, i);

	json_open_array(w, "languages");
	for (size_t k = 0; k < codes.n; k++)
		json_put_str(w, NULL, codes.p[k]);
	json_close_array(w);
}

static str logo_url(struct ctx *c)
{
	return str_cat(c->arena, c->domain->origin, asset_url("favicon.svg"));
}

static str thumbnail_url(struct ctx *c, const struct instance *i)
{
	str own = i->settings[INSTANCE_THUMBNAIL_URL].value;

	if (own.n)
		return own;
	return c->domain->banner.n ? media_url(c, c->domain_id, c->domain->banner) : logo_url(c);
}

static str sign_up_url(struct ctx *c)
{
	return str_cat(c->arena, c->domain->origin, STR("/auth/signup/"));
}

static void put_v1_head(struct ctx *c, struct json_out *w, const struct description *d)
{
	const struct domain *tenant = c->domain;

	json_put_str(w, "uri", tenant->name);
	json_put_str(w, "title", tenant->title);
	json_put_str(w, "short_description", tenant->description);
	json_put_str(w, "description", tenant->description);
	json_put_str(w, "email", d->instance.settings[INSTANCE_CONTACT_EMAIL].value);
	json_put_c(w, "version", COMPATIBLE);
	json_open_object(w, "urls");
	json_put_str(w, "streaming_api", instance_streaming_url(c));
	json_close_object(w);
	json_open_object(w, "stats");
	json_put_i64(w, "user_count", d->counts.users);
	json_put_i64(w, "status_count", d->counts.posts);
	json_put_i64(w, "domain_count", d->counts.peers);
	json_close_object(w);
}

int api_instance_v1(struct ctx *c, unused struct request *q, struct response *r)
{
	struct description d;
	struct json_out w;

	TRY(load(c, &d));
	api_open(c, &w);
	json_open_object(&w, NULL);
	put_v1_head(c, &w, &d);
	json_put_str(&w, "thumbnail", thumbnail_url(c, &d.instance));
	put_languages(c, &w, &d.instance);
	json_put_bool(&w, "registrations", c->domain->sign_up >= SIGN_UP_APPROVAL);
	json_put_bool(&w, "approval_required", c->domain->sign_up == SIGN_UP_APPROVAL);
	json_put_bool(&w, "invites_enabled", c->domain->sign_up != SIGN_UP_CLOSED);
	TRY(render_configuration(c, &w, INSTANCE_V1, &d.instance));
	render_account(c, &w, "contact_account", d.contact);
	render_rules(&w, "rules", d.rules, d.n_rules);
	json_close_object(&w);
	return api_send_polled(&w, r);
}

static str icon_url(struct ctx *c, str file)
{
	return media_url(c, c->domain_id, file);
}

static void put_icon(struct json_out *w, str url, const char *size)
{
	json_open_object(w, NULL);
	json_put_str(w, "src", url);
	json_put_c(w, "size", size);
	json_close_object(w);
}

static void put_pictures(struct ctx *c, struct json_out *w, const struct instance *i)
{
	json_open_object(w, "thumbnail");
	json_put_str(w, "url", thumbnail_url(c, i));
	json_put_null(w, "blurhash");
	json_put_c(w, "description", "");
	json_close_object(w);
	json_open_array(w, "icon");
	put_icon(w, c->domain->icon_small.n ? icon_url(c, c->domain->icon_small) : logo_url(c),
		 "192x192");
	if (c->domain->icon.n)
		put_icon(w, icon_url(c, c->domain->icon), "512x512");
	json_close_array(w);
}

static void put_registrations(struct ctx *c, struct json_out *w, const struct instance *i)
{
	str message = i->settings[INSTANCE_CLOSED_MESSAGE].value;
	bool is_open = c->domain->sign_up >= SIGN_UP_APPROVAL;
	int64_t age = 0;

	json_open_object(w, "registrations");
	json_put_bool(w, "enabled", is_open);
	json_put_bool(w, "approval_required", c->domain->sign_up == SIGN_UP_APPROVAL);
	json_put_bool(w, "reason_required", sign_up_reason(c, i) == REASON_REQUIRED);
	json_put_str(w, "message", message.n && !is_open ? message : STR_NULL);
	if (str_to_i64(i->settings[INSTANCE_MIN_AGE].value, &age))
		json_put_i64(w, "min_age", age);
	else
		json_put_null(w, "min_age");
	json_put_str(w, "url", is_open ? sign_up_url(c) : STR_NULL);
	json_close_object(w);
}

static str source_url(struct ctx *c)
{
	const char *url = c->settings->source_url;

	return *url ? str_c(url) : str_cat(c->arena, c->domain->origin, STR("/about/"));
}

static void put_v2_head(struct ctx *c, struct json_out *w, const struct description *d)
{
	json_put_str(w, "domain", c->domain->name);
	json_put_str(w, "title", c->domain->title);
	json_put_c(w, "version", COMPATIBLE);
	json_put_str(w, "source_url", source_url(c));
	json_put_str(w, "description", c->domain->description);
	json_open_object(w, "usage");
	json_open_object(w, "users");
	json_put_i64(w, "active_month", d->counts.active);
	json_close_object(w);
	json_close_object(w);
}

static void put_contact(struct ctx *c, struct json_out *w, const struct description *d)
{
	json_open_object(w, "contact");
	json_put_str(w, "email", d->instance.settings[INSTANCE_CONTACT_EMAIL].value);
	render_account(c, w, "account", d->contact);
	json_close_object(w);
}

int api_instance_v2(struct ctx *c, unused struct request *q, struct response *r)
{
	struct description d;
	struct json_out w;

	TRY(load(c, &d));
	api_open(c, &w);
	json_open_object(&w, NULL);
	put_v2_head(c, &w, &d);
	put_pictures(c, &w, &d.instance);
	put_languages(c, &w, &d.instance);
	TRY(render_configuration(c, &w, INSTANCE_V2, &d.instance));
	put_registrations(c, &w, &d.instance);
	json_open_object(&w, "api_versions");
	json_put_i64(&w, "mastodon", API_LEVEL);
	json_close_object(&w);
	put_contact(c, &w, &d);
	render_rules(&w, "rules", d.rules, d.n_rules);
	json_close_object(&w);
	return api_send_polled(&w, r);
}

int api_instance_rules(struct ctx *c, unused struct request *q, struct response *r)
{
	const struct rule_row *rules;
	struct json_out w;
	size_t n;

	TRY(rules_list(c, &rules, &n));
	api_open(c, &w);
	render_rules(&w, NULL, rules, n);
	return api_send_polled(&w, r);
}

int api_instance_peers(struct ctx *c, unused struct request *q, struct response *r)
{
	const struct instance_peer_row *rows;
	struct json_out w;
	size_t n;

	TRY(q_instance_peers(c, c->domain_id, &rows, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		json_put_str(&w, NULL, rows[i].host);
	json_close_array(&w);
	TRY(api_send(&w, r));
	r->cache = CACHE_SHORT;
	return 0;
}

static void put_digits(struct ctx *c, struct json_out *w, const char *key, int64_t n)
{
	json_put_str(w, key, str_fmt(c->arena, "%lld", (long long)n));
}

int api_instance_activity(struct ctx *c, unused struct request *q, struct response *r)
{
	const struct instance_week_row *rows;
	struct json_out w;
	size_t n;

	TRY(q_instance_activity(c, c->domain_id, &rows, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++) {
		json_open_object(&w, NULL);
		put_digits(c, &w, "week", rows[i].week / USEC_SEC);
		put_digits(c, &w, "statuses", rows[i].posts);
		put_digits(c, &w, "logins", rows[i].logins);
		put_digits(c, &w, "registrations", rows[i].registrations);
		json_close_object(&w);
	}
	json_close_array(&w);
	TRY(api_send(&w, r));
	r->cache = CACHE_SHORT;
	return 0;
}

/* The middle of a name that staff does not want to advertise is covered. */
static str covered(struct ctx *c, str host)
{
	char *p = arena_array(c->arena, host.n + 1, 1);

	for (size_t i = 0; i < host.n; i++) {
		bool is_end = i < host.n / 4 || i >= host.n - host.n / 4;

		p[i] = is_end || host.p[i] == '.' ? host.p[i] : '*';
	}
	return (str){ p, host.n };
}

/* Mastodon's words for what a block or a limit is, with what staff says of the reason. */
static void put_limit(struct ctx *c, struct json_out *w, const struct instance_limit_row *l)
{
	json_open_object(w, NULL);
	json_put_str(w, "domain", l->obfuscate ? covered(c, l->host) : l->host);
	json_put_str(w, "digest", hex_encode(c->arena, hash_sha256(c->arena, l->host)));
	json_put_c(w, "severity", l->blocked ? "suspend" : "silence");
	json_put_str(w, "comment", l->comment.n ? l->comment : STR_NULL);
	json_close_object(w);
}

static bool may_see_blocks(struct ctx *c, const struct instance *i)
{
	str whom = i->settings[INSTANCE_SHOW_BLOCKS].value;

	return str_eq(whom, STR("all")) || (str_eq(whom, STR("users")) && c->identity_id);
}

int api_instance_domain_blocks(struct ctx *c, unused struct request *q, struct response *r)
{
	const struct instance_limit_row *rows;
	struct instance instance;
	struct json_out w;
	size_t n;

	TRY(instance_load(c, &instance));
	if (!may_see_blocks(c, &instance))
		return api_not_found(c);
	TRY(q_instance_limits(c, c->domain_id, &rows, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		put_limit(c, &w, &rows[i]);
	json_close_array(&w);
	return api_send(&w, r);
}

static int respond_text(struct ctx *c, enum instance_key key, struct response *r)
{
	struct instance i;
	struct json_out w;
	html markup;

	TRY(instance_load(c, &i));
	TRY(instance_markup(c, i.settings[key].value, &markup));
	api_open(c, &w);
	json_open_object(&w, NULL);
	json_put_time(&w, "updated_at",
		      i.settings[key].updated ? i.settings[key].updated : c->domain->created);
	json_put_str(&w, "content", markup.s);
	json_close_object(&w);
	return api_send_polled(&w, r);
}

int api_instance_description(struct ctx *c, unused struct request *q, struct response *r)
{
	return respond_text(c, INSTANCE_DESCRIPTION, r);
}

int api_instance_privacy(struct ctx *c, unused struct request *q, struct response *r)
{
	return respond_text(c, INSTANCE_PRIVACY, r);
}

/* A day that no calendar has is one without terms. */
static int find_terms(struct ctx *c, str day, const struct terms_row **ret)
{
	int result = str_is_null(day) ? terms_current(c, ret) : terms_get(c, day, ret);

	return result == E_NOT_FOUND || result == E_INVALID ? api_not_found(c) : result;
}

int api_instance_terms(struct ctx *c, struct request *q, struct response *r)
{
	const struct terms_row *terms;
	struct json_out w;
	html markup;

	TRY(find_terms(c, q->args[0], &terms));
	TRY(instance_markup(c, terms->text, &markup));
	api_open(c, &w);
	json_open_object(&w, NULL);
	json_put_str(&w, "effective_date", terms->effective);
	json_put_bool(&w, "effective", terms->is_effective);
	json_put_str(&w, "content", markup.s);
	json_put_str(&w, "succeeded_by", terms->succeeded_by);
	json_close_object(&w);
	return api_send_polled(&w, r);
}

int api_instance_languages(struct ctx *c, unused struct request *q, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	json_open_array(&w, NULL);
	for (const struct language *l = language_table; l->code; l++) {
		json_open_object(&w, NULL);
		json_put_c(&w, "code", l->code);
		json_put_c(&w, "name", l->name);
		json_close_object(&w);
	}
	json_close_array(&w);
	return api_send_polled(&w, r);
}

/* Nothing is translated here. */
int api_instance_translations(unused struct ctx *c, unused struct request *q, struct response *r)
{
	return api_send_empty(r);
}

int api_health(unused struct ctx *c, unused struct request *q, struct response *r)
{
	r->type = STR("text/plain; charset=utf-8");
	r->body = STR("OK");
	return 0;
}
