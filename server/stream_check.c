/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Tokens that were taken away, and sessions that ended. Invariant: what makes one good is asked of the database, as at
 * each request; this file only knows whose streams to end.
 */
#include "base/log.h"
#include "model/domain.h"
#include "server/stream_hub.h"
#include "server/stream_news.h"
#include "sql/gen/stream.h"

/* What a stream came with: a session of a page, or a token of a program. */
static int64_t key_of(const struct stream *s)
{
	return s->session_id ? s->session_id : s->token_id;
}

static bool is_among(const struct stream *s, int64_t domain_id, bool of_pages)
{
	return s->domain_id == domain_id && !s->is_over && (s->session_id != 0) == of_pages;
}

static bool is_granted(const struct stream *s, const struct stream_grant_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == key_of(s))
			return rows[i].identity_id == s->identity_id;
	return false;
}

static i64s keys_of(const struct streams *h, struct arena *a, int64_t domain_id, bool of_pages)
{
	int64_t *ids = arena_array(a, h->n + 1, sizeof(*ids));
	size_t n = 0;

	for (const struct stream *s = h->first; s; s = s->next)
		if (is_among(s, domain_id, of_pages))
			ids[n++] = key_of(s);
	return (i64s){ ids, n };
}

static int find_grants(struct ctx *c, i64s asked, bool of_pages,
		       const struct stream_grant_row **ret, size_t *ret_n)
{
	if (asked.n == 0 || c->domain->state != DOMAIN_ACTIVE || domain_maintenance(c->domains)->on)
		return 0;
	return of_pages ? q_stream_sessions(c, asked, ret, ret_n)
			: q_stream_tokens(c, asked, ret, ret_n);
}

/* What came after the question was asked is not in the answer, and was judged a moment ago. */
static int judge(struct streams *h, struct ctx *c, bool of_pages)
{
	const struct stream_grant_row *rows = NULL;
	i64s asked = keys_of(h, c->arena, c->domain_id, of_pages);
	size_t n = 0;

	TRY(find_grants(c, asked, of_pages, &rows, &n));
	for (struct stream *s = h->first; s; s = s->next)
		if (is_among(s, c->domain_id, of_pages) && news_has(asked, key_of(s)) &&
		    !is_granted(s, rows, n))
			stream_end(s, FRAME_CLOSE_POLICY);
	return 0;
}

static int check_tenant(struct streams *h, struct ctx *c)
{
	TRY(judge(h, c, false));
	return judge(h, c, true);
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
