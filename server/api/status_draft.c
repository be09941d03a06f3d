/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what is read here is the person's wish; whether it may be is asked of the model. */
#include "server/api/status_draft.h"

#include "model/idempotency.h"
#include "model/language.h"
#include "model/poll.h"
#include "model/preference.h"
#include "model/token.h"
#include "server/api/api.h"
#include "server/api/consent.h"
#include "server/api/render_status.h"
#include "sql/gen/interaction.h"

int status_proper_id(struct ctx *c, int64_t id, int64_t *ret)
{
	const struct interaction_row *boost;
	int result = q_interaction_boost(c, id, c->identity_id, &boost);

	if (result && result != E_NOT_FOUND)
		return result;
	*ret = result ? id : boost->post_id;
	return 0;
}

enum quote_policy status_policy_of(const struct post_row *p)
{
	if (p->quote_automatic.n == 0)
		return p->quote_manual.n ? QUOTE_ASK : QUOTE_NOBODY;
	return str_eq(p->quote_automatic.p[0], STR("public")) ? QUOTE_PUBLIC : QUOTE_FOLLOWERS;
}

int status_policy_read(struct ctx *c, const struct params *p, enum quote_policy *ret)
{
	str word = param(p, "quote_approval_policy");
	int value;

	if (str_is_empty(word))
		return 0;
	if (!name_to_value(post_quote_policies, word, &value))
		return api_unprocessable(c, "%.*s is no policy for quotations",
					 STR_ARG(str_clip(word, 40)));
	*ret = (enum quote_policy)value;
	return 0;
}

static int read_visibility(struct ctx *c, const struct params *p, struct post_draft *d)
{
	str word = param(p, "visibility");

	if (word.n && !visibility_from_api(word, &d->visibility))
		return api_unprocessable(c, "%.*s is no visibility", STR_ARG(str_clip(word, 40)));
	if (param_bool(p, "local_only", false))
		d->visibility = POST_LOCAL;
	return 0;
}

static int read_poll(struct ctx *c, const struct params *p, struct post_draft *d)
{
	struct poll_draft *poll = arena_new_of(c->arena, struct poll_draft);
	strs options = param_list(c, p, "poll[options]");
	str *trimmed = arena_array(c->arena, options.n + 1, sizeof(*trimmed));
	int64_t seconds = 0;

	if (options.n == 0)
		return 0;
	/* Programs send the fields that were left empty too. */
	for (size_t i = 0; i < options.n; i++)
		if (str_trim(options.p[i]).n)
			trimmed[poll->options.n++] = str_trim(options.p[i]);
	poll->options.p = trimmed;
	TRY(param_i64(c, p, "poll[expires_in]", &seconds));
	poll->duration = seconds > 0 && seconds < INT32_MAX ? seconds * USEC_SEC : 0;
	poll->multiple = param_bool(p, "poll[multiple]", false);
	poll->hide_totals = param_bool(p, "poll[hide_totals]", false);
	d->poll = poll;
	return 0;
}

static str language_of(const struct params *p)
{
	str tag = param(p, "language");

	return tag.n && language_is_known(tag) ? tag : STR_NULL;
}

/* A post behind its warning alone says the warning. */
static void read_text(const struct params *p, struct post_draft *d)
{
	str text = param(p, "status"), warning = param(p, "spoiler_text");

	d->text = str_is_null(text) ? STR("") : text;
	d->summary = str_is_null(warning) ? STR("") : str_trim(warning);
	if (str_trim(d->text).n == 0 && d->summary.n && !d->media_ids.n) {
		d->text = d->summary;
		d->summary = STR("");
	}
	d->sensitive = param_bool(p, "sensitive", d->sensitive) || d->summary.n > 0;
	if (param_is_there(p, "language"))
		d->language = language_of(p);
}

/* A parent that is not there ends it with words of its own. */
static int read_parent(struct ctx *c, const struct params *p, struct post_draft *d)
{
	const struct post_row *parent;
	int64_t id = param_id(p, "in_reply_to_id");
	int result;

	if (!param(p, "in_reply_to_id").n)
		return 0;
	TRY(status_proper_id(c, id, &id));
	result = post_get(c, id, c->identity_id, &parent);
	if (result == E_NOT_FOUND || result == E_GONE)
		return fail(c, E_NOT_FOUND,
			    "The post you are trying to reply to does not appear to exist.");
	d->in_reply_to_id = id;
	return result;
}

/* How new posts of the person are, where nothing else is said. */
static int read_defaults(struct ctx *c, struct post_draft *d)
{
	const struct preference_row *usual;
	int value;

	TRY(preferences_get(c, &usual));
	if (name_to_value(post_visibilities, usual->visibility, &value))
		d->visibility = (enum post_visibility)value;
	if (name_to_value(post_quote_policies, usual->quote_policy, &value))
		d->quote_policy = (enum quote_policy)value;
	d->sensitive = usual->sensitive;
	d->language = language_is_known(usual->language) ? usual->language : STR_NULL;
	return 0;
}

int status_draft_read(struct ctx *c, const struct request *q, const struct params *p,
		      struct post_draft *ret)
{
	struct post_draft d = {
		.media_ids = param_ids(c, p, "media_ids"),
		.application_id = q->token->application_id,
		.key = idempotency_key(c, q->token->application_id,
				       request_header(q, "idempotency-key")),
	};

	TRY(read_defaults(c, &d));
	read_text(p, &d);
	TRY(read_visibility(c, p, &d));
	TRY(read_poll(c, p, &d));
	TRY(status_policy_read(c, p, &d.quote_policy));
	TRY(consent_policy_read(c, p, "interaction_policy", &d.policy));
	TRY(read_parent(c, p, &d));
	if (param(p, "quoted_status_id").n)
		TRY(status_proper_id(c, param_id(p, "quoted_status_id"), &d.quoted_id));
	*ret = d;
	return 0;
}
