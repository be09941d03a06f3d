/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what a person decides about is about their own posts; of others' requests nothing is said, not even that they are. */
#include "server/api/consent.h"

#include "base/table.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/render_account.h"
#include "server/api/render_status.h"

#define PAGE_SIZE 40
#define PAGE_MOST 80
#define WORD_LIMIT 8 /* of one list */

/* The parts of a policy, in the API's words. */
enum part { PART_LIKE, PART_REPLY, PART_BOOST };
static const char *const parts[] = {
	[PART_LIKE] = "can_favourite",
	[PART_REPLY] = "can_reply",
	[PART_BOOST] = "can_reblog",
};

static const struct consent_rule *rule_of(const struct consent_policy *p, enum part part)
{
	return part == PART_LIKE ? &p->like : part == PART_REPLY ? &p->reply : &p->boost;
}

/* Words of one list, under its present name or the one that it had; *said when there are some, the author's included. */
static int read_words(struct ctx *c, const struct params *p, str prefix, const char *now,
		      const char *before, strs *ret, bool *said)
{
	const char *const names[] = { now, before };
	str *words = arena_array(c->arena, WORD_LIMIT, sizeof(*words));
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		strs list = param_list(
			c, p,
			str_z(c->arena, str_fmt(c->arena, "%.*s[%s]", STR_ARG(prefix), names[i])));

		*said |= list.n > 0;
		for (size_t k = 0; k < list.n && n < WORD_LIMIT; k++) {
			if (str_eq_c(list.p[k], "author") || str_eq_c(list.p[k], "me"))
				continue;
			if (!consent_word_is_valid(list.p[k]))
				return api_unprocessable(c, "%.*s is nobody that a policy can name",
							 STR_ARG(str_clip(list.p[k], 40)));
			words[n++] = list.p[k];
		}
	}
	*ret = (strs){ words, n };
	return 0;
}

static int read_rule(struct ctx *c, const struct params *p, const char *root, enum part part,
		     struct consent_rule *ret, bool *ret_said)
{
	str prefix = str_fmt(c->arena, "%s[%s]", root, parts[part]);
	struct consent_rule rule;
	bool said = false;

	TRY(read_words(c, p, prefix, "automatic_approval", "always", &rule.automatic, &said));
	TRY(read_words(c, p, prefix, "manual_approval", "with_approval", &rule.manual, &said));
	*ret = said ? rule : consent_rule_of(CONSENT_PUBLIC);
	*ret_said |= said;
	return 0;
}

int consent_policy_read(struct ctx *c, const struct params *p, const char *root,
			const struct consent_policy **ret)
{
	struct consent_policy *policy = arena_new_of(c->arena, struct consent_policy);
	bool said = false;

	TRY(read_rule(c, p, root, PART_LIKE, &policy->like, &said));
	TRY(read_rule(c, p, root, PART_REPLY, &policy->reply, &said));
	TRY(read_rule(c, p, root, PART_BOOST, &policy->boost, &said));
	*ret = said ? policy : NULL;
	return 0;
}

static void put_words(struct json_out *w, const char *key, strs words, bool with_author)
{
	json_open_array(w, key);
	if (with_author)
		json_put_c(w, NULL, "author");
	for (size_t i = 0; i < words.n; i++)
		if (!str_eq_c(words.p[i], "other"))
			json_put_str(w, NULL, words.p[i]);
	json_close_array(w);
}

void render_policy(struct json_out *w, const char *key, const struct consent_policy *p)
{
	json_open_object(w, key);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const struct consent_rule *rule = rule_of(p, (enum part)i);

		json_open_object(w, parts[i]);
		put_words(w, "automatic_approval", rule->automatic, true);
		put_words(w, "manual_approval", rule->manual, false);
		put_words(w, "always", rule->automatic, true);
		put_words(w, "with_approval", rule->manual, false);
		json_close_object(w);
	}
	json_close_object(w);
}

/* Defaults */

static const struct {
	const char *theirs, *ours;
} visibilities[] = {
	{ "public", "public" },
	{ "unlisted", "unlisted" },
	{ "private", "followers" },
	{ "direct", "mentioned" },
};

static int respond_defaults(struct ctx *c, struct response *r)
{
	struct consent_policy policy;
	struct json_out w;

	api_open(c, &w);
	json_open_object(&w, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(visibilities); i++) {
		TRY(consent_default(c, str_c(visibilities[i].ours), &policy));
		render_policy(&w, visibilities[i].theirs, &policy);
	}
	json_close_object(&w);
	return api_send(&w, r);
}

int api_policy_defaults(struct ctx *c, unused struct request *q, struct response *r)
{
	return respond_defaults(c, r);
}

/* A visibility that is not said goes back to everybody. */
int api_policy_defaults_set(struct ctx *c, struct request *q, struct response *r)
{
	const struct consent_policy *policies[ARRAY_SIZE(visibilities)];
	struct params *p;

	TRY(params_read(c, q, &p));
	for (size_t i = 0; i < ARRAY_SIZE(visibilities); i++)
		TRY(consent_policy_read(c, p, visibilities[i].theirs, &policies[i]));
	for (size_t i = 0; i < ARRAY_SIZE(visibilities); i++)
		TRY(consent_set_default(c, str_c(visibilities[i].ours), policies[i]));
	return respond_defaults(c, r);
}

/* Requests */

static int found(struct ctx *c, int err)
{
	return err == E_NOT_FOUND ? api_not_found(c) : err;
}

static const char *type_of(str kind)
{
	return str_eq_c(kind, "like")	 ? "favourite"
	       : str_eq_c(kind, "boost") ? "reblog"
	       : str_eq_c(kind, "reply") ? "reply"
					 : "quote";
}

static void render_request(struct ctx *c, struct json_out *w, const struct consent_request *x)
{
	bool yes = str_starts(x->row->state, STR("accept")),
	     no = str_starts(x->row->state, STR("re"));

	json_open_object(w, NULL);
	json_put_id(w, "id", x->row->id);
	json_put_c(w, "type", type_of(x->row->kind));
	json_put_time(w, "created_at", x->row->created);
	render_account(c, w, "account", x->actor);
	render_status(c, w, "status", x->object);
	render_status(c, w, "reply", str_eq_c(x->row->kind, "reply") ? x->post : NULL);
	render_status(c, w, "quote", str_eq_c(x->row->kind, "quote") ? x->post : NULL);
	json_put_time(w, "accepted_at", yes ? x->row->state_changed : 0);
	json_put_time(w, "rejected_at", no ? x->row->state_changed : 0);
	json_put_str(w, "uri", x->row->uri);
	json_close_object(w);
}

int api_interaction_requests(struct ctx *c, struct request *q, struct response *r)
{
	struct consent_request *list;
	struct consent_filter which;
	struct params *p;
	struct json_out w;
	struct page page;
	size_t n;

	TRY(params_read(c, q, &p));
	api_page(q, PAGE_SIZE, PAGE_MOST, &page);
	which = (struct consent_filter){
		.likes = param_bool(p, "favourites", true),
		.replies = param_bool(p, "replies", true),
		.boosts = param_bool(p, "reblogs", true),
		.quotes = param_bool(p, "quotes", true),
		.object_id = param_id(p, "status_id"),
	};
	TRY(consent_requests(c, &which, &page, &list, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		if (list[i].actor && list[i].object)
			render_request(c, &w, &list[i]);
	json_close_array(&w);
	if (n)
		api_link(c, q, list[0].row->id, list[n - 1].row->id,
			 (int64_t)n == page_limit(&page), r);
	return api_send_polled(&w, r);
}

static int respond_request(struct ctx *c, int64_t id, struct response *r)
{
	struct consent_request one;
	struct json_out w;

	TRY(found(c, consent_request(c, id, &one)));
	if (!one.actor)
		return api_not_found(c);
	api_open(c, &w);
	render_request(c, &w, &one);
	return api_send(&w, r);
}

int api_interaction_request(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	return respond_request(c, id, r);
}

static int decide(struct ctx *c, const struct request *q, bool yes, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(found(c, consent_decide(c, id, yes)));
	return respond_request(c, id, r);
}

int api_interaction_authorize(struct ctx *c, struct request *q, struct response *r)
{
	return decide(c, q, true, r);
}

int api_interaction_reject(struct ctx *c, struct request *q, struct response *r)
{
	return decide(c, q, false, r);
}

/* Takes back the consent to an answer, as with quotations. */
int api_reply_revoke(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(found(c, consent_revoke_reply(c, id)));
	return api_send_empty(r);
}
