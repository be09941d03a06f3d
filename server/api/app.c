/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Applications: programs that register to use the client API. */
#include "model/application.h"
#include "model/push.h"
#include "model/scope.h"
#include "model/token.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"

static void write_strings(struct json_out *w, const char *key, strs values)
{
	json_open_array(w, key);
	for (size_t i = 0; i < values.n; i++)
		json_put_str(w, NULL, values.p[i]);
	json_close_array(w);
}

/* What an older member has for all of them: one a line. */
static str lines_of(struct ctx *c, strs values)
{
	str text = values.n ? values.p[0] : STR("");

	for (size_t i = 1; i < values.n; i++)
		text = str_fmt(c->arena, "%.*s\n%.*s", STR_ARG(text), STR_ARG(values.p[i]));
	return text;
}

/* The members of an Application: https://docs.joinmastodon.org/entities/Application/ */
static int write_application(struct ctx *c, struct json_out *w, int64_t id,
			     const struct application_draft *a)
{
	str key;

	TRY(push_vapid_public_key(c, &key));
	json_put_id(w, "id", id);
	json_put_str(w, "name", a->name);
	json_put_str(w, "website", a->website.n ? a->website : STR_NULL);
	write_strings(w, "scopes", a->scopes);
	write_strings(w, "redirect_uris", a->redirect_uris);
	json_put_str(w, "redirect_uri", lines_of(c, a->redirect_uris));
	json_put_str(w, "vapid_key", key);
	return 0;
}

/* One text with white space between, or a list. */
static strs redirects_of(struct ctx *c, const struct params *p)
{
	strs given = param_list(c, p, "redirect_uris");
	str *found = arena_array(c->arena, APPLICATION_REDIRECTS_LIMIT + 1, sizeof(*found));
	size_t n = 0;

	for (size_t i = 0; i < given.n; i++) {
		str rest = given.p[i];

		while (rest.n && n <= APPLICATION_REDIRECTS_LIMIT) {
			size_t end = 0;

			while (end < rest.n && !char_is_space(rest.p[end]))
				end++;
			if (end)
				found[n++] = str_slice(rest, 0, end);
			rest = str_from(rest, end + (end < rest.n));
		}
	}
	return (strs){ found, n };
}

int api_app_create(struct ctx *c, struct request *q, struct response *r)
{
	struct application_draft draft;
	struct application_keys keys;
	struct params *p;
	struct json_out w;

	TRY(params_read(c, q, &p));
	draft = (struct application_draft){
		.name = str_trim(param(p, "client_name")),
		.website = str_trim(param(p, "website")),
		.redirect_uris = redirects_of(c, p),
	};
	if (scopes_parse(c, param(p, "scopes"), &draft.scopes))
		return api_unprocessable(c, "Scopes doesn't match configured on the server.");
	TRY(application_register(c, &draft, &keys));
	api_open(c, &w);
	json_open_object(&w, NULL);
	TRY(write_application(c, &w, keys.id, &draft));
	json_put_str(&w, "client_id", keys.client_id);
	json_put_str(&w, "client_secret", keys.client_secret);
	json_put_i64(&w, "client_secret_expires_at", 0);
	json_close_object(&w);
	return api_send(&w, r);
}

int api_app_verify_credentials(struct ctx *c, struct request *q, struct response *r)
{
	const struct application_row *a;
	struct application_draft shown;
	struct json_out w;

	TRY(q_application_by_id(c, q->token->application_id, c->domain_id, &a));
	shown = (struct application_draft){
		.name = a->name,
		.website = a->website,
		.redirect_uris = a->redirect_uris,
		.scopes = a->scopes,
	};
	api_open(c, &w);
	json_open_object(&w, NULL);
	TRY(write_application(c, &w, a->id, &shown));
	json_close_object(&w);
	return api_send(&w, r);
}
