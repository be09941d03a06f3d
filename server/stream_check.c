/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Tokens that were taken away. Invariant: what makes a token good is asked of the database, as at
 * each request; this file only knows whose streams to end.
 */
#include "base/log.h"
#include "model/domain.h"
#include "server/stream_hub.h"
#include "sql/gen/stream.h"

static bool has_token(const struct stream_token_row *rows, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == id)
			return true;
	return false;
}

/* Ids of the tokens that streams of a tenant came with. */
static i64s tokens_of(const struct streams *h, struct arena *a, int64_t domain_id)
{
	int64_t *ids = arena_array(a, h->n + 1, sizeof(*ids));
	size_t n = 0;

	for (const struct stream *s = h->first; s; s = s->next)
		if (s->domain_id == domain_id && !s->is_over)
			ids[n++] = s->token_id;
	return (i64s){ ids, n };
}

/* What came after the question was asked is not in the answer, and was judged a moment ago. */
static int check_tenant(struct streams *h, struct ctx *c)
{
	const struct stream_token_row *rows = NULL;
	i64s asked = tokens_of(h, c->arena, c->domain_id);
	size_t n = 0;

	if (c->domain->state == DOMAIN_ACTIVE && !domain_maintenance(c->domains)->on)
		TRY(q_stream_tokens(c, asked, &rows, &n));
	for (struct stream *s = h->first; s; s = s->next)
		for (size_t i = 0; i < asked.n && s->domain_id == c->domain_id; i++)
			if (s->token_id == asked.p[i] && !has_token(rows, n, s->token_id))
				stream_end(s, FRAME_CLOSE_POLICY);
	return 0;
}

static void check_domain(struct streams *h, int64_t domain_id)
{
	struct ctx c;
	int err;

	if (stream_ctx(h, domain_id, &c)) {
		streams_end_all(h, FRAME_CLOSE_AWAY);
		return;
	}
	err = check_tenant(h, &c);
	if (err)
		log_warn(&c, "event=stream_check error=%s", err_name(err));
	ctx_done(&c);
}

/* Each tenant that has streams, once. */
static void check_all(struct streams *h)
{
	int64_t last = 0, next;

	do {
		next = INT64_MAX;
		for (const struct stream *s = h->first; s; s = s->next)
			if (s->domain_id > last && s->domain_id < next)
				next = s->domain_id;
		last = next;
		if (next != INT64_MAX)
			check_domain(h, next);
	} while (next != INT64_MAX);
}

static void check_fiber(void *arg)
{
	struct streams *h = arg;

	while (h->is_due) {
		h->is_due = false;
		check_all(h);
	}
	h->is_checking = false;
}

void streams_check(struct streams *h)
{
	h->is_due = true;
	if (!h->is_checking && h->n)
		h->is_checking = !fiber_spawn(h->loop, check_fiber, h);
}

static void on_recheck(void *arg)
{
	streams_check(arg);
}

void streams_recheck(struct streams *h)
{
	if (h)
		loop_post(h->loop, on_recheck, h);
}
