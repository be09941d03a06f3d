/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: counts that an author hides while a poll is open are null for everybody. */
#include "server/api/render_poll.h"

#include "model/poll.h"
#include "server/api/render_emoji.h"

static void put_options(struct json_out *w, const struct poll_row *p, bool shown)
{
	json_open_array(w, "options");
	for (size_t i = 0; i < p->options.n; i++) {
		json_open_object(w, NULL);
		json_put_str(w, "title", p->options.p[i]);
		if (shown)
			json_put_i64(w, "votes_count", p->votes.p[i]);
		else
			json_put_null(w, "votes_count");
		json_close_object(w);
	}
	json_close_array(w);
}

static bool is_chosen(const struct status *s, str option)
{
	for (size_t i = 0; i < s->own_votes.n; i++)
		if (str_eq(s->own_votes.p[i], option))
			return true;
	return false;
}

static void put_own(const struct ctx *c, struct json_out *w, const struct status *s)
{
	if (!c->identity_id)
		return;
	json_put_bool(w, "voted", s->own_votes.n > 0 || s->post->author_id == c->identity_id);
	json_open_array(w, "own_votes");
	for (size_t i = 0; i < s->poll->options.n; i++)
		if (is_chosen(s, s->poll->options.p[i]))
			json_put_i64(w, NULL, (int64_t)i);
	json_close_array(w);
}

static int64_t votes_of(const struct poll_row *p)
{
	int64_t sum = 0;

	for (size_t i = 0; i < p->votes.n; i++)
		sum += p->votes.p[i];
	return sum;
}

void render_poll(struct ctx *c, struct json_out *w, const char *key, const struct status *s)
{
	const struct poll_row *p = s->poll;

	if (!p) {
		json_put_null(w, key);
		return;
	}
	json_open_object(w, key);
	json_put_id(w, "id", p->id);
	json_put_time(w, "expires_at", p->expires);
	json_put_bool(w, "expired", poll_is_over(c, p));
	json_put_bool(w, "multiple", p->multiple);
	json_put_i64(w, "votes_count", votes_of(p));
	if (p->voters_count >= 0)
		json_put_i64(w, "voters_count", p->voters_count);
	else
		json_put_null(w, "voters_count");
	put_own(c, w, s);
	put_options(w, p, !p->hide_totals || poll_is_over(c, p));
	render_emojis(c, w, "emojis", emoji_origin_of(s->author), p->options.p, p->options.n);
	json_close_object(w);
}
