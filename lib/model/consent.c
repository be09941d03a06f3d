/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what is not allowed is not there, and what waits is its author's and that of who decides alone. */
#include "model/consent.h"

#include "ap/document.h"
#include "base/table.h"
#include "model/activity.h"
#include "model/identity.h"
#include "model/quote.h"

#define WORD_LIMIT 8 /* of one list */

static const char *const after_new[] = { "pending",   "accepting", "accepted",
					 "rejecting", "rejected",  NULL };
static const char *const after_pending[] = { "accepting", "accepted", "rejecting", "rejected",
					     NULL };
static const char *const after_accepting[] = { "accepted", "revoking", "revoked", NULL };
static const char *const after_accepted[] = { "accepting", "revoking", "revoked", NULL };
static const char *const after_rejecting[] = { "rejected", NULL };
static const char *const after_rejected[] = { "rejecting", NULL };
static const char *const after_revoking[] = { "revoked", NULL };
static const char *const after_revoked[] = { "rejecting", NULL };

#define SCHEDULE .first = USEC_MINUTE, .growth = 2, .ceiling = USEC_HOUR

static const struct graph_state consent_states[] = {
	{ .name = "new", .initial = true, .next = after_new, SCHEDULE },
	{ .name = "pending", .next = after_pending, .external = true },
	{ .name = "accepting", .next = after_accepting, SCHEDULE },
	{ .name = "accepted", .next = after_accepted, .external = true },
	{ .name = "rejecting", .next = after_rejecting, SCHEDULE },
	{ .name = "rejected", .next = after_rejected, .external = true },
	{ .name = "revoking", .next = after_revoking, SCHEDULE },
	{ .name = "revoked", .next = after_revoked, .external = true },
};

const struct graph consent_graph = { "consent", consent_states, ARRAY_SIZE(consent_states) };

const struct name consent_choices[] = {
	{ "public", CONSENT_PUBLIC },
	{ "followers", CONSENT_FOLLOWERS },
	{ "following", CONSENT_FOLLOWING },
	{ "mentioned", CONSENT_MENTIONED },
	{ "nobody", CONSENT_NOBODY },
	{ "ask", CONSENT_ASK },
	{ NULL, 0 },
};

static const str everybody[] = { { "public", 6 } };

static const strs nobody = { NULL, 0 };

/* Policies */

struct consent_rule consent_rule_of(enum consent_choice choice)
{
	static const str words[][1] = { [CONSENT_PUBLIC] = { { "public", 6 } },
					[CONSENT_FOLLOWERS] = { { "followers", 9 } },
					[CONSENT_FOLLOWING] = { { "following", 9 } },
					[CONSENT_MENTIONED] = { { "mentioned", 9 } } };

	if (choice == CONSENT_ASK)
		return (struct consent_rule){ nobody, { everybody, 1 } };
	if (choice == CONSENT_NOBODY)
		return (struct consent_rule){ nobody, nobody };
	return (struct consent_rule){ { words[choice], 1 }, nobody };
}

static bool has(strs words, str word)
{
	for (size_t i = 0; i < words.n; i++)
		if (str_eq(words.p[i], word))
			return true;
	return false;
}

enum consent_choice consent_choice_of(const struct consent_rule *rule)
{
	for (int i = CONSENT_PUBLIC; i <= CONSENT_MENTIONED; i++)
		if (has(rule->automatic, str_c(name_of_value(consent_choices, i))))
			return (enum consent_choice)i;
	return rule->manual.n ? CONSENT_ASK : CONSENT_NOBODY;
}

struct consent_policy consent_open(void)
{
	struct consent_rule rule = consent_rule_of(CONSENT_PUBLIC);

	return (struct consent_policy){ rule, rule, rule };
}

static bool rule_is_open(const struct consent_rule *rule)
{
	return has(rule->automatic, everybody[0]);
}

bool consent_is_open(const struct consent_policy *p)
{
	return rule_is_open(&p->reply) && rule_is_open(&p->like) && rule_is_open(&p->boost);
}

bool consent_word_is_valid(str word)
{
	int value;

	return name_to_value(consent_choices, word, &value) && value <= CONSENT_MENTIONED;
}

int consent_default(struct ctx *c, str visibility, struct consent_policy *ret)
{
	const struct consent_default_row *rows;
	size_t n;

	*ret = consent_open();
	TRY(q_consent_defaults(c, c->identity_id, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (str_eq(rows[i].visibility, visibility))
			*ret = (struct consent_policy){
				{ rows[i].reply_automatic, rows[i].reply_manual },
				{ rows[i].like_automatic, rows[i].like_manual },
				{ rows[i].boost_automatic, rows[i].boost_manual },
			};
	return 0;
}

int consent_set_default(struct ctx *c, str visibility, const struct consent_policy *p)
{
	struct q_consent_set_default_args args = {
		.visibility = visibility,
		.identity_id = c->identity_id,
	};

	if (!p || consent_is_open(p))
		return q_consent_unset_default(c, c->identity_id, visibility, NULL);
	args.reply_automatic = p->reply.automatic;
	args.reply_manual = p->reply.manual;
	args.like_automatic = p->like.automatic;
	args.like_manual = p->like.manual;
	args.boost_automatic = p->boost.automatic;
	args.boost_manual = p->boost.manual;
	return q_consent_set_default(c, &args, NULL);
}

struct consent_policy consent_policy_of_row(const struct consent_policy_row *row)
{
	return (struct consent_policy){
		{ row->reply_automatic, row->reply_manual },
		{ row->like_automatic, row->like_manual },
		{ row->boost_automatic, row->boost_manual },
	};
}

int consent_policy_of(struct ctx *c, int64_t post_id, struct consent_policy *ret)
{
	const struct consent_policy_row *rows;
	size_t n;

	TRY(q_consent_policies(c, (i64s){ &post_id, 1 }, &rows, &n));
	*ret = n ? consent_policy_of_row(&rows[0]) : consent_open();
	return 0;
}

int consent_set_policy(struct ctx *c, int64_t post_id, const struct consent_policy *p)
{
	struct q_consent_set_policy_args args = {
		.reply_automatic = p->reply.automatic,
		.reply_manual = p->reply.manual,
		.like_automatic = p->like.automatic,
		.like_manual = p->like.manual,
		.boost_automatic = p->boost.automatic,
		.boost_manual = p->boost.manual,
		.id = post_id,
	};

	return q_consent_set_policy(c, &args, NULL);
}

static void write_words(struct json_out *w, const char *key, strs words)
{
	json_open_array(w, key);
	for (size_t i = 0; i < words.n; i++)
		json_put_str(w, NULL, words.p[i]);
	json_close_array(w);
}

void consent_write_policy(struct json_out *w, const char *key, const struct consent_policy *p)
{
	json_open_object(w, key);
	write_words(w, "reply_automatic", p->reply.automatic);
	write_words(w, "reply_manual", p->reply.manual);
	write_words(w, "like_automatic", p->like.automatic);
	write_words(w, "like_manual", p->like.manual);
	write_words(w, "boost_automatic", p->boost.automatic);
	write_words(w, "boost_manual", p->boost.manual);
	json_close_object(w);
}

static strs read_words(struct ctx *c, const struct json *j, const char *key)
{
	const struct json *list = json_get(j, key);
	str *words = arena_array(c->arena, WORD_LIMIT, sizeof(*words));
	size_t n = 0;

	for (size_t i = 0; i < json_count(list) && n < WORD_LIMIT; i++)
		words[n++] = json_str(json_at(list, i));
	return (strs){ words, n };
}

const struct consent_policy *consent_read_policy(struct ctx *c, const struct json *j)
{
	struct consent_policy *p;

	if (!j)
		return NULL;
	p = arena_new_of(c->arena, struct consent_policy);
	*p = (struct consent_policy){
		{ read_words(c, j, "reply_automatic"), read_words(c, j, "reply_manual") },
		{ read_words(c, j, "like_automatic"), read_words(c, j, "like_manual") },
		{ read_words(c, j, "boost_automatic"), read_words(c, j, "boost_manual") },
	};
	return p;
}

int consent_may(struct ctx *c, int64_t post_id, const char *kind)
{
	const struct consent_verdict_row *row;

	TRY(q_consent_judge(c, post_id, str_c(kind), c->identity_id, &row));
	if (str_eq_c(row->verdict, "denied"))
		return fail(c, E_FORBIDDEN, "Its author does not let you do this with this post");
	return 0;
}

/* Requests */

static int load_people(struct ctx *c, struct consent_request *r, size_t n)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct identity_row *people;
	size_t n_people;

	for (size_t i = 0; i < n; i++)
		ids[i] = r[i].row->actor_id;
	TRY(q_identity_by_ids(c, (i64s){ ids, n }, &people, &n_people));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_people; k++)
			if (people[k].id == ids[i])
				r[i].actor = &people[k];
	return 0;
}

static int load_posts(struct ctx *c, struct consent_request *r, size_t n)
{
	int64_t *ids = arena_array(c->arena, 2 * n + 1, sizeof(*ids));
	const struct post_row *posts;
	struct status *statuses;
	size_t n_posts;

	for (size_t i = 0; i < n; i++) {
		ids[2 * i] = r[i].row->object_id;
		ids[2 * i + 1] = r[i].row->post_id;
	}
	TRY(q_post_by_ids(c, (i64s){ ids, 2 * n }, c->identity_id, &posts, &n_posts));
	TRY(statuses_load(c, posts, n_posts, c->identity_id, &statuses));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_posts; k++) {
			if (posts[k].id == r[i].row->object_id)
				r[i].object = &statuses[k];
			if (posts[k].id == r[i].row->post_id)
				r[i].post = &statuses[k];
		}
	return 0;
}

static int load(struct ctx *c, const struct consent_waiting_row *rows, size_t n,
		struct consent_request **ret)
{
	struct consent_request *r = arena_array(c->arena, n + 1, sizeof(*r));

	for (size_t i = 0; i < n; i++)
		r[i].row = &rows[i];
	if (n) {
		TRY(load_people(c, r, n));
		TRY(load_posts(c, r, n));
	}
	*ret = r;
	return 0;
}

int consent_requests(struct ctx *c, const struct consent_filter *which, const struct page *p,
		     struct consent_request **ret, size_t *ret_n)
{
	str kinds[4];
	size_t n_kinds = 0;
	struct q_consent_waiting_args args = {
		.owner_id = c->identity_id,
		.max_id = p->max_id ? p->max_id : INT64_MAX,
		.min_id = p->since_id > p->min_id ? p->since_id : p->min_id,
		.object_id = which->object_id,
		.limit = page_limit(p),
	};
	const struct consent_waiting_row *rows;

	if (which->likes)
		kinds[n_kinds++] = STR("like");
	if (which->replies)
		kinds[n_kinds++] = STR("reply");
	if (which->boosts)
		kinds[n_kinds++] = STR("boost");
	if (which->quotes)
		kinds[n_kinds++] = STR("quote");
	args.kinds = (strs){ kinds, n_kinds };
	TRY(q_consent_waiting(c, &args, &rows, ret_n));
	return load(c, rows, *ret_n, ret);
}

int consent_request(struct ctx *c, int64_t id, struct consent_request *ret)
{
	const struct consent_waiting_row *row;
	struct consent_request *one;

	TRY(q_consent_owned(c, c->identity_id, id, &row));
	TRY(load(c, row, 1, &one));
	*ret = one[0];
	return 0;
}

static str authorization_uri(struct ctx *c, const struct identity_row *owner, int64_t id)
{
	return str_fmt(c->arena, "%.*sconsents/%lld/", STR_ARG(owner->actor_uri), (long long)id);
}

int consent_decide(struct ctx *c, int64_t id, bool yes)
{
	static const str waiting[] = { { "new", 3 }, { "pending", 7 } };
	const struct identity_row *owner;
	const struct consent_waiting_row *row;
	struct q_consent_move_args move = {
		.state = yes ? STR("accepting") : STR("rejecting"),
		.authorization_uri = STR(""),
		.request_uri = STR(""),
		.id = id,
		.from = { waiting, ARRAY_SIZE(waiting) },
	};
	size_t n;

	TRY(q_consent_owned(c, c->identity_id, id, &row));
	if (str_eq_c(row->kind, "quote"))
		return quote_decide(c, id, yes);
	TRY(q_identity_by_id(c, c->identity_id, &owner));
	if (yes)
		move.authorization_uri = authorization_uri(c, owner, id);
	TRY(q_consent_move(c, &move, &n));
	return n ? 0 : fail(c, E_NOT_FOUND, "this does not wait for a decision");
}

int consent_revoke_reply(struct ctx *c, int64_t reply_id)
{
	static const str standing[] = { { "accepting", 9 }, { "accepted", 8 } };
	const struct consent_row *rows;
	size_t n, moved = 0;

	TRY(q_consent_of_replies(c, (i64s){ &reply_id, 1 }, &rows, &n));
	if (n && rows[0].owner_id == c->identity_id)
		TRY(q_consent_move(c,
				   &(struct q_consent_move_args){
					   .id = rows[0].id,
					   .state = STR("revoking"),
					   .authorization_uri = rows[0].authorization_uri,
					   .request_uri = STR(""),
					   .from = { standing, ARRAY_SIZE(standing) },
				   },
				   &moved));
	return moved ? 0 : fail(c, E_NOT_FOUND, "there is no consent to take back");
}
