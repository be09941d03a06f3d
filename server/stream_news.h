/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * news: one notification of the database while it is told: which readers want it, and what goes out to
 * whom. stream_news.c has the turns and the telling, stream_event.c the events.
 */
#ifndef SERVER_STREAM_NEWS_H
#define SERVER_STREAM_NEWS_H

#include "json/json.h"
#include "server/stream_hub.h"
#include "server/stream_view.h"

struct form; /* stream_news.c: bytes that went out already */

/* One event as it goes out, and in which forms it went already. */
struct news {
	struct streams *hub;
	struct ctx *c;
	const struct json *payload;
	const char *name;
	struct form *forms;
};

struct news_handler {
	const char *event; /* as the triggers say it */
	int (*fn)(struct news *n);
};
extern const struct news_handler news_handlers[]; /* ended by a NULL event */

/* Whether a subscription wants it. */
typedef bool (*news_wants)(const struct stream *s, const struct subscription *to, const void *arg);

/* Live streams of a tenant (0: of all); their subscriptions. */
struct stream *news_next_stream(struct stream *s, int64_t domain_id);
#define EACH_STREAM(s, hub, domain_id)                                        \
	for (struct stream *s = news_next_stream((hub)->first, domain_id); s; \
	     s = news_next_stream(s->next, domain_id))
#define EACH_SUBSCRIPTION(to, s)                               \
	for (const struct subscription *to = s->subscriptions; \
	     to < s->subscriptions + s->n_subscriptions; to++)

/* Sets of ids. */
bool news_has(i64s set, int64_t id);
void news_add(i64s *set, int64_t *room, int64_t id);
/* A list of ids in the payload. */
i64s news_ids(struct news *n, const char *key);
str news_id_text(struct news *n, int64_t id);

/* Identities of the ctx's tenant with a stream that wants it. */
i64s news_readers(struct news *n, news_wants wants, const void *arg);
/* To everybody who wants it, what each sees of it. */
void news_give_views(struct news *n, news_wants wants, const void *arg, const struct views *v);
/*
 * Runs fn for each tenant that has a subscription that wants it (of the ctx's tenant alone, when it has one), several at a
 * time, each with a ctx of its own that is bound to it; returns when all are done. What fails is logged, but for E_NOT_FOUND:
 * gone meanwhile, or not for that tenant.
 */
typedef int (*news_errand)(struct news *n, int64_t post_id, int64_t entry_id);
void news_each_tenant(struct news *n, news_wants wants, news_errand fn, int64_t post_id,
		      int64_t entry_id);

/* To everybody of a tenant (0: of all) who wants it, the same; the null str: without a payload. */
void news_give_all(struct news *n, int64_t domain_id, news_wants wants, const void *arg, str text);

#endif
