/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: nothing here is urgent or can be lost: each task of the house is repeated by the clock
 * and by every stator, and does nothing when another was there first.
 */
#include "base/log.h"
#include "base/tally.h"
#include "daemon/daemon.h"
#include "loop/fiber.h"
#include "model/announcement.h"
#include "model/application.h"
#include "model/disk.h"
#include "model/domain.h"
#include "model/mail.h"
#include "model/media.h"
#include "model/tag.h"
#include "sql/gen/activity.h"
#include "sql/gen/scheduled.h"
#include "sql/gen/session.h"
#include "sql/gen/staff.h"
#include "sql/gen/stator.h"
#include "sql/gen/submission.h"
#include "sql/gen/usage.h"
#include "sql/gen/user.h"
#include "stator/work.h"

#define SLICE 500 /* rows moved or deleted by one statement */
#define TICK (5 * USEC_SEC)
#define SIGN_UP_PATIENCE (2 * USEC_DAY) /* with somebody who does not confirm their address */
#define DIGEST_AGE \
	(30 * USEC_MINUTE) /* of a notification that nobody saw, before a letter tells of it */
#define DIGEST_PAUSE USEC_DAY /* from letter to letter */

/* Leases of what is still under way. */
static int renew(struct runner *r, struct ctx *c, struct group *g)
{
	i64s ids = tasks_held(g, c->arena);
	const struct stator_number_row *row;

	if (ids.n == 0)
		return 0;
	return q_stator_renew(c, str_c(g->machine->graph->type), str_c(r->options.worker), ids,
			      LEASE, &row);
}

/* In slices, so that no statement holds many rows for long. */
static int expire_state(struct runner *r, struct ctx *c, const struct graph *graph,
			const struct graph_state *s)
{
	const struct stator_number_row *row = NULL;
	struct q_stator_expire_args args = {
		.type = str_c(graph->type),
		.state = str_c(s->name),
		.age = s->timeout,
		.to = str_c(s->timeout_to),
		.limit = SLICE,
	};

	do {
		if (s->timeout)
			TRY(q_stator_expire(c, &args, &row));
	} while (row && row->n == SLICE && !r->stopping);
	row = NULL;
	do {
		if (s->delete_after)
			TRY(q_stator_prune(c, args.type, args.state, s->delete_after, SLICE, &row));
	} while (row && row->n == SLICE && !r->stopping);
	return 0;
}

static int expire(struct runner *r, struct ctx *c, struct group *g)
{
	const struct graph *graph = g->machine->graph;

	for (size_t i = 0; i < graph->n_states; i++)
		TRY(expire_state(r, c, graph, &graph->states[i]));
	return 0;
}

/* What only grows, for the metrics: a tally may be told twice when the database is lost in between, and that is all. */
static int add_totals(struct ctx *c, const char *type, const char *state, const struct tally *t)
{
	str label = str_fmt(c->arena, "%s %s", type, state);
	struct q_totals_add_args args = {
		.kind = STR("attempt"),
		.label = label,
		.result = STR("ok"),
		.n = t->handled - t->failed,
		.busy = t->busy,
	};

	TRY(q_totals_add(c, &args, NULL));
	args.result = STR("failed");
	args.n = t->failed;
	args.busy = 0;
	return t->failed ? q_totals_add(c, &args, NULL) : 0;
}

static const struct {
	enum tally_id id;
	const char *result;
} fetches[] = {
	{ TALLY_FETCH_2XX, "2xx" },	    { TALLY_FETCH_3XX, "3xx" },
	{ TALLY_FETCH_4XX, "4xx" },	    { TALLY_FETCH_5XX, "5xx" },
	{ TALLY_FETCH_REFUSED, "refused" }, { TALLY_FETCH_FAILED, "failed" },
};

/* Exchanges with other servers since the last report. */
static int report_fetches(struct runner *r, struct ctx *c, unused struct group *g)
{
	for (size_t i = 0; i < ARRAY_SIZE(fetches); i++) {
		int64_t n = tally_read(fetches[i].id);
		struct q_totals_add_args args = {
			.kind = STR("fetch"),
			.label = STR(""),
			.result = str_c(fetches[i].result),
			.n = n - r->told_fetches[i],
		};

		if (!args.n)
			continue;
		TRY(q_totals_add(c, &args, NULL));
		r->told_fetches[i] = n;
	}
	return 0;
}

static int report(unused struct runner *r, struct ctx *c, struct group *g)
{
	const struct graph *graph = g->machine->graph;

	for (size_t i = 0; i < graph->n_states && i < STATE_LIMIT; i++) {
		struct tally t = g->tallies[i];
		struct q_stator_stats_add_args args = {
			.type = str_c(graph->type),
			.state = str_c(graph->states[i].name),
			.handled = t.handled,
			.failed = t.failed,
			.busy = t.busy,
		};

		if (t.handled == 0)
			continue;
		TRY(q_stator_stats_add(c, &args, NULL));
		TRY(add_totals(c, graph->type, graph->states[i].name, &t));
		g->tallies[i].handled -= t.handled;
		g->tallies[i].failed -= t.failed;
		g->tallies[i].busy -= t.busy;
	}
	return 0;
}

static int tidy(struct runner *r, struct ctx *c, struct group *g)
{
	int64_t handled = r->numbers.handled;

	(void)g;
	TRY(q_stator_worker_seen(c, str_c(r->options.worker), handled - r->told, false, NULL));
	r->told = handled;
	return q_stator_tidy(c, NULL);
}

/* Activities whose deliveries are gone, sessions that ended and what programs left behind, of each tenant; log-ins
 * that are of none. */
static int forget(unused struct runner *r, struct ctx *c, unused struct group *g)
{
	TRY(q_user_forget(c, NULL));
	TRY(q_sign_up_addresses_forget(c, NULL));
	for (size_t i = 0; i < domain_count(c->domains); i++) {
		int64_t id = domain_at(c->domains, i)->id;

		TRY(ctx_bind(c, id));
		TRY(q_activity_prune(c, NULL));
		TRY(q_session_forget(c, id, NULL));
		TRY(q_idempotency_prune(c, NULL));
		TRY(q_submission_prune(c, NULL));
		TRY(application_tidy(c));
	}
	return 0;
}

/* What was not used for longest of the cache of remote media. */
static int evict(unused struct runner *r, struct ctx *c, unused struct group *g)
{
	int64_t n;

	return media_evict(c, &n);
}

/* What trends on each tenant. */
static int count_trends(unused struct runner *r, struct ctx *c, unused struct group *g)
{
	for (size_t i = 0; i < domain_count(c->domains); i++) {
		if (domain_at(c->domains, i)->state != DOMAIN_ACTIVE)
			continue;
		TRY(ctx_bind(c, domain_at(c->domains, i)->id));
		TRY(trends_refresh(c));
	}
	return 0;
}

/* Announcements whose time has come. */
static int announce(unused struct runner *r, struct ctx *c, unused struct group *g)
{
	return announcements_publish(c);
}

/* On each tenant: links and places that are old, sign-ups that nobody confirmed. */
static int forget_mail(unused struct runner *r, struct ctx *c, unused struct group *g)
{
	const struct mail_count_row *n;

	for (size_t i = 0; i < domain_count(c->domains); i++) {
		int64_t id = domain_at(c->domains, i)->id;

		TRY(ctx_bind(c, id));
		TRY(q_mail_forget(c, id, NULL));
		TRY(q_sign_ups_forget(c, SIGN_UP_PATIENCE, &n));
	}
	return 0;
}

/* Letters to those who were away for a while about what they missed. */
static int tell_missed(unused struct runner *r, struct ctx *c, unused struct group *g)
{
	const struct mail_count_row *n;

	for (size_t i = 0; mail_is_on(c) && i < domain_count(c->domains); i++) {
		if (domain_at(c->domains, i)->state != DOMAIN_ACTIVE)
			continue;
		TRY(ctx_bind(c, domain_at(c->domains, i)->id));
		TRY(q_mail_digests_add(c, DIGEST_AGE, DIGEST_PAUSE, &n));
	}
	return 0;
}

/* Who was there, and months that are over. */
static int count_usage(unused struct runner *r, struct ctx *c, unused struct group *g)
{
	const struct usage_closed_row *closed;

	return q_usage_refresh(c, &closed);
}

enum {
	RENEW,
	EXPIRE,
	REPORT,
	TIDY,
	FORGET,
	EVICT,
	TRENDS,
	ANNOUNCE,
	FORGET_MAIL,
	MISSED,
	FETCHES,
	USAGE
};

static const struct chore {
	const char *name;
	usec interval;
	int (*fn)(struct runner *r, struct ctx *c, struct group *g);
	bool each_group;
	bool shows; /* others see what comes of it, or it writes what is new: not while the installation rests */
} chores[] = {
	[RENEW] = { "renew", LEASE_RENEWAL, renew, true, false },
	[EXPIRE] = { "expire", USEC_MINUTE, expire, true, false },
	[REPORT] = { "report", USEC_MINUTE, report, true, false },
	[TIDY] = { "tidy", USEC_MINUTE, tidy, false, false },
	[FORGET] = { "forget", 10 * USEC_MINUTE, forget, false, false },
	[EVICT] = { "evict", USEC_MINUTE, evict, false, false },
	[TRENDS] = { "trends", 5 * USEC_MINUTE, count_trends, false, true },
	[ANNOUNCE] = { "announce", USEC_MINUTE, announce, false, true },
	[FORGET_MAIL] = { "forget_mail", 10 * USEC_MINUTE, forget_mail, false, false },
	[MISSED] = { "missed", 5 * USEC_MINUTE, tell_missed, false, true },
	[FETCHES] = { "fetches", USEC_MINUTE, report_fetches, false, false },
	[USAGE] = { "usage", 5 * USEC_MINUTE, count_usage, false, false },
};

static void do_chore(struct runner *r, const struct chore *chore)
{
	size_t rounds = chore->each_group ? r->n_groups : 1;

	if (chore->shows && (domains_rest() || disk_level() == DISK_READ_ONLY))
		return;

	for (size_t i = 0; i < rounds; i++) {
		struct ctx c;
		int err;

		runner_ctx(r, &c);
		err = chore->fn(r, &c, &r->groups[i]);
		if (err)
			log_warn(&c, "event=%s type=%s error=%s message=\"%.*s\"", chore->name,
				 r->groups[i].machine->graph->type, err_name(err),
				 STR_ARG(ctx_error(&c, err)));
		ctx_done(&c);
	}
}

void house_expire(struct runner *r)
{
	do_chore(r, &chores[EXPIRE]);
	do_chore(r, &chores[FORGET]);
	do_chore(r, &chores[EVICT]);
	do_chore(r, &chores[TRENDS]);
	do_chore(r, &chores[ANNOUNCE]);
	do_chore(r, &chores[FORGET_MAIL]);
	do_chore(r, &chores[MISSED]);
	do_chore(r, &chores[USAGE]);
}

static void tell_status(struct runner *r)
{
	struct runner_numbers n = runner_numbers(r);

	daemon_status("%zu running, %zu queued, %lld handled, %lld failed", n.running, n.queued,
		      (long long)n.handled, (long long)n.failed);
}

void house_keeper(void *arg)
{
	struct runner *r = arg;
	usec due[ARRAY_SIZE(chores)];

	r->keeper = fiber_self();
	for (size_t i = 0; i < ARRAY_SIZE(chores); i++)
		due[i] = clock_mono() + chores[i].interval;
	while (!r->ended) {
		if (r->hurry)
			due[EVICT] = 0;
		r->hurry = false;
		for (size_t i = 0; i < ARRAY_SIZE(chores); i++)
			if (clock_mono() >= due[i]) {
				do_chore(r, &chores[i]);
				due[i] = clock_mono() + chores[i].interval;
			}
		if (!r->options.once)
			tell_status(r);
		fiber_park(clock_mono() + TICK);
	}
	do_chore(r, &chores[REPORT]);
	do_chore(r, &chores[FETCHES]);
	r->keeper = NULL;
	r->helpers--;
	fiber_wake(r->fiber);
}
