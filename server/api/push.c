/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Push subscriptions: https://docs.joinmastodon.org/methods/push/. A token has one. */
#include "model/push.h"

#include "model/token.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"

static bool has_alert(const struct push_subscription_row *s, const char *alert)
{
	for (size_t i = 0; i < s->alerts.n; i++)
		if (str_eq_c(s->alerts.p[i], alert))
			return true;
	return false;
}

static int respond(struct ctx *c, const struct push_subscription_row *s, struct response *r)
{
	struct json_out w;
	str key;

	TRY(push_vapid_public_key(c, &key));
	api_open(c, &w);
	json_open_object(&w, NULL);
	json_put_id(&w, "id", s->id);
	json_put_str(&w, "endpoint", s->endpoint);
	json_put_bool(&w, "standard", s->standard);
	json_open_object(&w, "alerts");
	for (const char *const *alert = push_alerts; *alert; alert++)
		json_put_bool(&w, *alert, has_alert(s, *alert));
	json_close_object(&w);
	json_put_str(&w, "policy", s->policy);
	json_put_str(&w, "server_key", key);
	json_close_object(&w);
	return api_send(&w, r);
}

static strs read_alerts(struct ctx *c, const struct params *p)
{
	str *names = arena_array(c->arena, 16, sizeof(*names));
	size_t n = 0;

	for (const char *const *alert = push_alerts; *alert; alert++) {
		const char *name = str_fmt(c->arena, "data[alerts][%s]", *alert).p;

		if (param_bool(p, name, false))
			names[n++] = str_c(*alert);
	}
	return (strs){ names, n };
}

/* Beside "data" where documentation has it not, but programs do. */
static str read_policy(const struct params *p)
{
	str inside = param(p, "data[policy]");

	return inside.n ? inside : param(p, "policy");
}

int api_push_subscribe(struct ctx *c, struct request *q, struct response *r)
{
	const struct push_subscription_row *s;
	struct push_draft d = { .token_id = q->token->id, .token = q->bearer };
	struct params *p;

	TRY(params_read(c, q, &p));
	d.endpoint = param(p, "subscription[endpoint]");
	d.point = param(p, "subscription[keys][p256dh]");
	d.auth = param(p, "subscription[keys][auth]");
	d.standard = param_bool(p, "subscription[standard]", false);
	d.alerts = read_alerts(c, p);
	d.policy = read_policy(p);
	TRY(push_subscribe(c, &d, &s));
	return respond(c, s, r);
}

int api_push_subscription(struct ctx *c, struct request *q, struct response *r)
{
	const struct push_subscription_row *s;
	int result = push_subscription_get(c, q->token->id, &s);

	if (result == E_NOT_FOUND)
		return api_not_found(c);
	TRY(result);
	return respond(c, s, r);
}

int api_push_change(struct ctx *c, struct request *q, struct response *r)
{
	const struct push_subscription_row *s;
	struct params *p;
	int result;

	TRY(params_read(c, q, &p));
	result = push_subscription_change(c, q->token->id, read_alerts(c, p), read_policy(p), &s);
	if (result == E_NOT_FOUND)
		return api_not_found(c);
	TRY(result);
	return respond(c, s, r);
}

int api_push_unsubscribe(struct ctx *c, struct request *q, struct response *r)
{
	TRY(push_unsubscribe(c, q->token->id));
	return api_send_empty(r);
}
