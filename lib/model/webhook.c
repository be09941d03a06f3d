/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a webhook that is stored has an address that the guard let pass, and a template that makes JSON; its secret leaves
 * this file once, when it is made.
 */
#include "model/webhook.h"

#include "base/out.h"
#include "crypt/hash.h"
#include "crypt/seal.h"
#include "fetch/url.h"
#include "json/json.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/webhook_document.h"
#include "sql/gen/media.h"

#define SECRET_BYTES 24
#define URL_LIMIT 2048
#define LIFE (2 * USEC_DAY) /* of a call that nobody answers */

static const char *const after_waiting[] = { "sent", "refused", "failed", NULL };

static const struct graph_state webhook_states[] = {
	{
		.name = "waiting",
		.initial = true,
		.next = after_waiting,
		.first = 15 * USEC_SEC,
		.growth = 3,
		.ceiling = 4 * USEC_HOUR,
		.timeout = LIFE,
		.timeout_to = "failed",
	},
	{ .name = "sent", .delete_after = 7 * USEC_DAY },
	{ .name = "refused", .delete_after = 7 * USEC_DAY },
	{ .name = "failed", .delete_after = 7 * USEC_DAY },
};

const struct graph webhook_graph = { "webhook", webhook_states, ARRAY_SIZE(webhook_states) };

const char *const webhook_events[] = {
	"account.created",
	"account.approved",
	"report.created",
	"report.updated",
	"status.created",
	"status.updated",
	NULL,
};

int webhook_sealing_key(struct ctx *c, str *ret)
{
	const struct host_key_row *key;

	TRY(q_host_key(c, STR("webhooks"), &key));
	*ret = key->secret;
	return 0;
}

static int make_secret(struct ctx *c, str *ret_secret, str *ret_sealed)
{
	str key;

	TRY(webhook_sealing_key(c, &key));
	*ret_secret = random_token(c->arena, SECRET_BYTES);
	*ret_sealed = seal(c->arena, key, *ret_secret);
	return 0;
}

static int write_down(struct ctx *c, const char *action, int64_t id)
{
	return audit_add(c, action, str_fmt(c->arena, "%lld", (long long)id), STR(""));
}

static bool is_event(str event)
{
	for (size_t i = 0; webhook_events[i]; i++)
		if (str_eq_c(event, webhook_events[i]))
			return true;
	return false;
}

/* Tried with the document of a test. */
static int check_template(struct ctx *c, str template)
{
	const struct webhook_job_row example = { .event = STR("test"), .created = c->now };
	const struct json *j;
	str document, made;

	if (!str_is_utf8(template) || str_chars(template) > WEBHOOK_TEMPLATE_LIMIT)
		return fail_at(c, "template",
			       fail(c, E_INVALID, "a template has at most %d characters",
				    WEBHOOK_TEMPLATE_LIMIT));
	TRY(webhook_document(c, &example, &document));
	TRY(webhook_fill_in(c, template, document, &made));
	if (json_parse(c, made, &j))
		return fail_at(c, "template",
			       fail(c, E_INVALID, "the template does not make JSON"));
	return 0;
}

static int check_draft(struct ctx *c, const struct webhook_draft *d)
{
	struct url url;

	if (d->url.n > URL_LIMIT || !url_parse(c->arena, d->url, &url) || !fetch_may(c, d->url))
		return fail_at(
			c, "url",
			fail(c, E_INVALID,
			     "this is no address that can be told something: it begins with https://"));
	if (d->events.n == 0)
		return fail_at(c, "event", fail(c, E_INVALID, "choose what it is to hear of"));
	for (size_t i = 0; i < d->events.n; i++)
		if (!is_event(d->events.p[i]))
			return fail_at(c, "event",
				       fail(c, E_INVALID, "nothing is called %.*s",
					    STR_ARG(d->events.p[i])));
	return str_is_empty(d->template) ? 0 : check_template(c, d->template);
}

int webhook_list(struct ctx *c, const struct webhook_row **ret, size_t *ret_n)
{
	return q_webhook_list(c, c->domain_id, ret, ret_n);
}

static int none(struct ctx *c)
{
	return fail(c, E_NOT_FOUND, "there is no such webhook");
}

int webhook_get(struct ctx *c, int64_t id, const struct webhook_row **ret)
{
	int result = q_webhook_by_id(c, c->domain_id, id, ret);

	return result == E_NOT_FOUND ? none(c) : result;
}

int webhook_add(struct ctx *c, const struct webhook_draft *d, int64_t *ret_id, str *ret_secret)
{
	struct q_webhook_add_args args = {
		.domain_id = c->domain_id,
		.url = d->url,
		.events = d->events,
		.template = d->template,
		.most = WEBHOOK_LIMIT,
	};
	const struct webhook_id_row *made;
	int result;
	str secret;

	TRY(check_draft(c, d));
	TRY(make_secret(c, &secret, &args.secret));
	result = q_webhook_add(c, &args, &made);
	if (result == E_NOT_FOUND)
		return fail(c, E_LIMITED, "there are %d webhooks already", WEBHOOK_LIMIT);
	TRY(result);
	TRY(write_down(c, "webhook.add", made->id));
	*ret_id = made->id;
	*ret_secret = secret;
	return 0;
}

int webhook_change(struct ctx *c, int64_t id, const struct webhook_draft *d)
{
	struct q_webhook_change_args args = {
		.url = d->url,
		.events = d->events,
		.template = d->template,
		.enabled = d->enabled,
		.domain_id = c->domain_id,
		.id = id,
	};
	size_t n;

	TRY(check_draft(c, d));
	TRY(q_webhook_change(c, &args, &n));
	return n ? write_down(c, "webhook.change", id) : none(c);
}

int webhook_rotate(struct ctx *c, int64_t id, str *ret_secret)
{
	str secret, sealed;
	size_t n;

	TRY(make_secret(c, &secret, &sealed));
	TRY(q_webhook_rotate(c, sealed, c->domain_id, id, &n));
	if (!n)
		return none(c);
	TRY(write_down(c, "webhook.rotate", id));
	*ret_secret = secret;
	return 0;
}

int webhook_remove(struct ctx *c, int64_t id)
{
	size_t n;

	TRY(q_webhook_remove(c, c->domain_id, id, &n));
	return n ? write_down(c, "webhook.remove", id) : none(c);
}

int webhook_test(struct ctx *c, int64_t id)
{
	const struct webhook_row *row;

	TRY(webhook_get(c, id, &row));
	if (!row->enabled)
		return fail(c, E_UNPROCESSABLE, "it is switched off");
	TRY(q_webhook_test(c, c->domain_id, id, NULL));
	return write_down(c, "webhook.test", id);
}

int webhook_calls(struct ctx *c, int64_t id, const struct webhook_call_row **ret, size_t *ret_n)
{
	return q_webhook_calls(c, c->domain_id, id, ret, ret_n);
}

static str signature(struct ctx *c, str secret, str text)
{
	return str_fmt(c->arena, "sha256=%.*s",
		       STR_ARG(hex_encode(c->arena, hash_hmac_sha256(c->arena, secret, text))));
}

static const struct fetch_header *headers(struct ctx *c, const struct webhook_job_row *job,
					  str secret, str body, size_t *ret_n)
{
	str time = str_fmt(c->arena, "%lld", (long long)(c->now / USEC_SEC));
	str stamped = str_fmt(c->arena, "%.*s.%.*s", STR_ARG(time), STR_ARG(body));
	const struct fetch_header all[] = {
		{ STR("Content-Type"), STR("application/json") },
		{ STR("X-Hub-Signature"), signature(c, secret, body) },
		{ STR("X-Rookery-Timestamp"), time },
		{ STR("X-Rookery-Signature"), signature(c, secret, stamped) },
		{ STR("X-Rookery-Event"), job->event },
		{ STR("X-Rookery-Delivery"), str_fmt(c->arena, "%lld", (long long)job->id) },
	};

	*ret_n = ARRAY_SIZE(all);
	return (const void *)arena_copy(c->arena, all, sizeof(all));
}

int webhook_request(struct ctx *c, const struct webhook_job_row *job, struct fetch_request *ret)
{
	struct fetch_request q = { .method = STR("POST"), .url = job->url };
	str key, secret, document;

	if (!job->enabled)
		return fail(c, E_GONE, "the webhook is switched off");
	TRY(webhook_sealing_key(c, &key));
	TRY(seal_open(c->arena, key, job->secret, &secret));
	TRY(webhook_document(c, job, &document));
	q.body = document;
	if (job->template.n)
		TRY(webhook_fill_in(c, job->template, document, &q.body));
	q.headers = headers(c, job, secret, q.body, &q.n_headers);
	*ret = q;
	return 0;
}
