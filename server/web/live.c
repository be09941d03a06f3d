/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The streams of pages that are open: the script of a timeline or of the notifications hears that something came, and
 * offers to load the page anew. Invariant: nothing of what came is said, and the streams of the client API decide whom
 * it concerns.
 */
#include "base/id.h"
#include "model/notification.h"
#include "model/session.h"
#include "model/throttle.h"
#include "model/timeline.h"
#include "server/stream.h"
#include "server/web/handlers.h"
#include "server/web/views.h"

static const struct page one = { .limit = 1 };

static int missed_home(struct ctx *c, int64_t after, bool *ret)
{
	struct page p = one;
	struct timeline found;

	p.since_id = after;
	TRY(timeline_home(c, &p, &found));
	*ret = found.newest > after;
	return 0;
}

static int missed_local(struct ctx *c, int64_t after, bool *ret)
{
	const struct timeline_choice own = { .local = true };
	struct page p = one;
	struct timeline found;

	p.since_id = after;
	TRY(timeline_public(c, own, &p, c->identity_id, &found));
	*ret = found.newest > after;
	return 0;
}

static int missed_notifications(struct ctx *c, int64_t after, bool *ret)
{
	const struct notification_choice all = { 0 };
	struct page p = one;
	struct notice *notices;
	bool more;
	size_t n;

	p.since_id = after;
	TRY(notification_list(c, &all, &p, &notices, &n, &more));
	*ret = n > 0;
	return 0;
}

static const struct live {
	const char *name; /* in the address */
	enum channel channel;
	int (*missed)(struct ctx *c, int64_t after, bool *ret);
} lives[] = {
	{ "home", CHANNEL_USER, missed_home },
	{ "local", CHANNEL_PUBLIC_LOCAL, missed_local },
	{ "notifications", CHANNEL_USER_NOTIFICATION, missed_notifications },
};

static const struct live *find(str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(lives); i++)
		if (str_eq_c(name, lives[i].name))
			return &lives[i];
	return NULL;
}

str view_live(struct ctx *c, const struct request *q, const char *name, int64_t newest)
{
	return q->session ? str_fmt(c->arena, "/live/%s?after=%lld", name, (long long)newest)
			  : STR("");
}

int web_live(struct ctx *c, struct request *q, unused struct response *r)
{
	const struct live *live = find(q->args[0]);
	struct subscription what = { .tag = STR_NULL };
	struct stream_request asked = {
		.domain_id = c->domain_id,
		.session_id = q->session->id,
		.identity_id = c->identity_id,
		.address = throttle_network(c, q->address),
		.subscription = &what,
	};
	str scope, after = request_query(q, "after");

	if (!live)
		return E_NOT_FOUND;
	what.channel = live->channel;
	if (channels[live->channel].scope) {
		scope = str_c(channels[live->channel].scope);
		asked.scopes = (strs){ &scope, 1 };
	}
	/* A page without entries lacks each that is there. */
	if (str_eq(after, STR("0")) || id_parse(after, &asked.after))
		asked.missed = live->missed;
	return stream_serve(c, q, &asked, stream_events_head(c, false));
}
