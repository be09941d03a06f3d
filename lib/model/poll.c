/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: votes in one poll come one after the other, and an identity votes once. */
#include "model/poll.h"

#include "ap/document.h"
#include "db/db.h"
#include "model/identity.h"
#include "model/interaction.h"
#include "model/post.h"

static const char *const after_open[] = { "closing", "closed", NULL };
static const char *const after_closing[] = { "closed", "open", NULL };
static const char *const after_closed[] = { "open", NULL };

static const struct graph_state poll_states[] = {
	{
		.name = "open",
		.initial = true,
		.next = after_open,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	{
		.name = "closing",
		.next = after_closing,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = USEC_HOUR,
		.timeout = USEC_DAY,
		.timeout_to = "closed",
	},
	{ .name = "closed", .next = after_closed, .external = true },
};

const struct graph poll_graph = { "poll", poll_states, ARRAY_SIZE(poll_states) };

static bool has_twice(strs options, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (str_eq(options.p[k], options.p[i]))
			return true;
	return false;
}

void poll_draft_put(struct json_out *w, const struct poll_draft *d)
{
	json_open_object(w, "poll");
	json_open_array(w, "options");
	for (size_t i = 0; i < d->options.n; i++)
		json_put_str(w, NULL, d->options.p[i]);
	json_close_array(w);
	json_put_i64(w, "expires_in", d->duration / USEC_SEC);
	json_put_bool(w, "multiple", d->multiple);
	json_put_bool(w, "hide_totals", d->hide_totals);
	json_close_object(w);
}

int poll_check(struct ctx *c, const struct poll_draft *d)
{
	if (d->options.n < 2)
		return fail_at(c, "option_1",
			       fail(c, E_UNPROCESSABLE, "a poll needs two options at least"));
	if (d->options.n > POLL_OPTION_LIMIT)
		return fail(c, E_UNPROCESSABLE, "a poll has at most %d options", POLL_OPTION_LIMIT);
	for (size_t i = 0; i < d->options.n; i++) {
		str option = d->options.p[i];

		if (!str_is_utf8(option) || str_is_empty(str_trim(option)))
			return fail_at_row(c, "option_", i + 1,
					   fail(c, E_UNPROCESSABLE,
						"an option of the poll is empty"));
		if (str_chars(option) > POLL_OPTION_CHARACTERS)
			return fail_at_row(c, "option_", i + 1,
					   fail(c, E_UNPROCESSABLE,
						"an option has at most %d characters",
						POLL_OPTION_CHARACTERS));
		if (has_twice(d->options, i))
			return fail_at_row(c, "option_", i + 1,
					   fail(c, E_UNPROCESSABLE,
						"two options of the poll are alike"));
	}
	if (d->duration < POLL_SHORTEST || d->duration > POLL_LONGEST)
		return fail_at(c, "poll_seconds",
			       fail(c, E_UNPROCESSABLE, "a poll lasts from %lld seconds to %lld",
				    (long long)(POLL_SHORTEST / USEC_SEC),
				    (long long)(POLL_LONGEST / USEC_SEC)));
	return 0;
}

int poll_write(struct ctx *c, int64_t post_id, const struct poll_draft *d)
{
	return q_poll_write(c,
			    &(struct q_poll_write_args){
				    .id = post_id,
				    .domain_id = c->domain_id,
				    .multiple = d->multiple,
				    .hide_totals = d->hide_totals,
				    .options = d->options,
				    .expires = c->now + d->duration,
			    },
			    NULL);
}

int poll_rewrite(struct ctx *c, int64_t post_id, const struct poll_draft *d)
{
	struct q_poll_rewrite_args args = {
		.id = post_id,
		.multiple = d->multiple,
		.hide_totals = d->hide_totals,
		.options = d->options,
		.expires = c->now + d->duration,
	};
	size_t n;

	TRY(q_poll_rewrite(c, &args, &n));
	return n ? 0 : poll_write(c, post_id, d);
}

int poll_store(struct ctx *c, int64_t post_id, const struct ap_poll *poll)
{
	str *names = arena_array(c->arena, poll->n_options + 1, sizeof(*names));
	int64_t *votes = arena_array(c->arena, poll->n_options + 1, sizeof(*votes));
	size_t n = 0;

	for (size_t i = 0; i < poll->n_options; i++) {
		const struct ap_option *o = &poll->options[i];

		names[n] = o->name;
		votes[n] = o->votes > 0 ? o->votes : 0;
		if (!has_twice((strs){ names, n + 1 }, n))
			n++;
	}
	return q_poll_store(c,
			    &(struct q_poll_store_args){
				    .id = post_id,
				    .multiple = poll->multiple,
				    .options = { names, n },
				    .votes = { votes, n },
				    .voters_count = poll->voters,
				    .expires = poll->end_time,
				    .closed = poll->closed ||
					      (poll->end_time && poll->end_time <= c->now),
			    },
			    NULL);
}

bool poll_is_over(const struct ctx *c, const struct poll_row *p)
{
	return str_eq(p->state, STR("closed")) || (p->expires && p->expires <= c->now);
}

/* A ballot on its way into the transaction. */
struct ballot {
	int64_t post_id, identity_id;
	const struct identity_row *actor; /* NULL: the acting identity */
	strs options;
	str uri; /* of a remote vote */
};

static int check_ballot(struct ctx *c, const struct ballot *b, const struct poll_row *p)
{
	const struct interaction_vote_row *votes;
	size_t n;

	TRY(q_interaction_votes(c, b->identity_id, b->post_id, &votes, &n));
	/* A remote identity's choices come one by one. */
	if (n && (!b->actor || !p->multiple))
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: You have already voted on this poll");
	return 0;
}

static int cast(struct ctx *c, const struct ballot *b, str option)
{
	if (b->actor)
		return q_interaction_receive(c,
					     &(struct q_interaction_receive_args){
						     .kind = STR("vote"),
						     .identity_id = b->identity_id,
						     .uri = b->uri,
						     .value = option,
						     .picture_url = STR(""),
						     .visibility = STR("public"),
						     .published = c->now,
						     .post_id = b->post_id,
					     },
					     NULL);
	return q_interaction_add(c,
				 &(struct q_interaction_add_args){
					 .kind = STR("vote"),
					 .value = option,
					 .picture_url = STR(""),
					 .visibility = STR("public"),
					 .identity_id = b->identity_id,
					 .post_id = b->post_id,
				 },
				 NULL);
}

static int vote(struct ctx *c, void *arg)
{
	const struct ballot *b = arg;
	const struct poll_row *p;

	TRY(q_poll_lock(c, b->post_id, NULL));
	TRY(q_poll_by_id(c, b->post_id, &p));
	TRY(check_ballot(c, b, p));
	for (size_t i = 0; i < b->options.n; i++)
		TRY(cast(c, b, b->options.p[i]));
	if (p->domain_id)
		return q_poll_recount(c, b->post_id, NULL);
	return q_poll_add_votes(c, b->post_id, b->options, true, NULL);
}

/* Places to options, no two alike. */
static int read_choices(struct ctx *c, const struct poll_row *p, i64s choices, strs *ret)
{
	str *options = arena_array(c->arena, choices.n + 1, sizeof(*options));
	size_t n = 0;

	if (choices.n == 0 || (choices.n > 1 && !p->multiple))
		return fail(c, E_UNPROCESSABLE, "Validation failed: one option has to be chosen");
	for (size_t i = 0; i < choices.n; i++) {
		if (choices.p[i] < 0 || choices.p[i] >= (int64_t)p->options.n)
			return fail(c, E_UNPROCESSABLE,
				    "Validation failed: The chosen vote option does not exist");
		options[n] = p->options.p[choices.p[i]];
		if (!has_twice((strs){ options, n + 1 }, n))
			n++;
	}
	*ret = (strs){ options, n };
	return 0;
}

int poll_vote(struct ctx *c, const struct post_row *post, i64s choices)
{
	struct ballot b = { .post_id = post->id, .identity_id = c->identity_id };
	const struct poll_row *p;

	TRY(q_poll_by_id(c, post->id, &p));
	if (poll_is_over(c, p))
		return fail(c, E_UNPROCESSABLE, "Validation failed: The poll has already ended");
	if (post->author_id == c->identity_id)
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: You cannot vote in your own polls");
	TRY(read_choices(c, p, choices, &b.options));
	return db_transaction(c, vote, &b);
}

static bool has_option(const struct poll_row *p, str option)
{
	for (size_t i = 0; i < p->options.n; i++)
		if (str_eq(p->options.p[i], option))
			return true;
	return false;
}

int poll_vote_received(struct ctx *c, const struct identity_row *actor, const struct post_row *post,
		       str option, str uri)
{
	struct ballot b = {
		.post_id = post->id,
		.identity_id = actor->id,
		.actor = actor,
		.options = { &option, 1 },
		.uri = uri,
	};
	const struct poll_row *p;

	TRY(q_poll_by_id(c, post->id, &p));
	if (!p->domain_id || poll_is_over(c, p) || !has_option(p, option))
		return fail(c, E_UNPROCESSABLE, "the vote does not count");
	return db_transaction(c, vote, &b);
}
