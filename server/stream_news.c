/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: notifications are told one after the other, so that nobody hears of the end of a thing
 * before its beginning; what goes out in one form is made once.
 */
#include "server/stream_news.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "model/domain.h"
#include "server/api/api.h"

#define NEWS_LIMIT 8192 /* that wait their turn */
#define TENANTS_AT_ONCE 16
#define WRAP_LIMIT (2 * API_BODY_LIMIT)

struct news_item {
	struct news_item *next;
	str payload; /* in the same block */
};

struct form {
	struct form *next;
	const char *text; /* the payload's address */
	const struct subscription *subscription; /* NULL: server-sent events */
	struct chunk *chunk;
};

/* Every payload is JSON, also where there is nothing to say: some programs read all of them. */
static str wrap(struct news *n, const struct subscription *to, str text)
{
	struct arena *a = n->c->arena;
	struct json_out w;
	str message;

	if (text.p == stream_page_news.p)
		return text;
	if (!to)
		return str_fmt(a, "event: %s\ndata: " STR_FMT "\n\n", n->name,
			       STR_ARG(str_is_null(text) ? STR("null") : text));
	json_out_init(&w, a, WRAP_LIMIT);
	json_open_object(&w, NULL);
	subscription_put(&w, "stream", to);
	json_put_c(&w, "event", n->name);
	if (!str_is_null(text))
		json_put_str(&w, "payload", text);
	json_close_object(&w);
	return json_out_done(&w, &message) ? STR_NULL : frame_text(a, message);
}

static bool is_form(const struct form *f, const struct subscription *to, const char *text)
{
	if (f->text != text || !f->subscription != !to)
		return false;
	return !to || subscription_eq(f->subscription, to);
}

static struct chunk *chunk_of(struct news *n, const struct subscription *to, str text)
{
	struct form *f = n->forms;

	while (f && !is_form(f, to, text.p))
		f = f->next;
	if (f)
		return f->chunk;
	f = arena_new_of(n->c->arena, struct form);
	*f = (struct form){ n->forms, text.p, to, chunk_new(wrap(n, to, text)) };
	n->forms = f;
	return f->chunk;
}

/* What makes a page that is open lack something. */
static bool is_arrival(const struct news *n)
{
	static const char *const arrivals[] = { "update", "notification", "notifications_merged" };

	for (size_t i = 0; i < ARRAY_SIZE(arrivals); i++)
		if (str_eq_c(str_c(n->name), arrivals[i]))
			return true;
	return false;
}

static void give(struct news *n, struct stream *s, const struct subscription *to, str text)
{
	if (s->session_id && !is_arrival(n))
		return;
	if (s->session_id)
		text = stream_page_news;
	socket_send(&s->socket, chunk_of(n, s->is_websocket ? to : NULL, text));
}

/* They name subscriptions, which live as long as nobody waits. */
static void forget_forms(struct news *n)
{
	for (struct form *f = n->forms; f; f = f->next)
		chunk_unref(f->chunk);
	n->forms = NULL;
}

struct stream *news_next_stream(struct stream *s, int64_t domain_id)
{
	while (s && (s->is_over || (domain_id && s->domain_id != domain_id)))
		s = s->next;
	return s;
}

bool news_has(i64s set, int64_t id)
{
	for (size_t i = 0; i < set.n; i++)
		if (set.p[i] == id)
			return true;
	return false;
}

void news_add(i64s *set, int64_t *room, int64_t id)
{
	if (news_has(*set, id))
		return;
	room[set->n++] = id;
	set->p = room;
}

/* Identities of the tenant with a stream that wants it. */
i64s news_readers(struct news *n, news_wants wants, const void *arg)
{
	int64_t *room = arena_array(n->c->arena, n->hub->n + 1, sizeof(*room));
	i64s set = { room, 0 };

	EACH_STREAM(s, n->hub, n->c->domain_id)
	EACH_SUBSCRIPTION(to, s)
	if (wants(s, to, arg))
		news_add(&set, room, s->identity_id);
	return set;
}

/* Programs hide what a filter says themselves; a page does not have it. */
static bool is_covered(const struct views *v, const struct stream *s, const struct subscription *to)
{
	const char *context = channels[to->channel].context;

	return s->session_id && context && view_is_hidden(v, s->identity_id, str_c(context));
}

/* To everybody who wants it, what each sees of it. */
void news_give_views(struct news *n, news_wants wants, const void *arg, const struct views *v)
{
	EACH_STREAM(s, n->hub, n->c->domain_id)
	{
		str text = view_of(v, s->identity_id);

		if (str_is_null(text))
			continue;
		EACH_SUBSCRIPTION(to, s)
		if (wants(s, to, arg) && !is_covered(v, s, to))
			give(n, s, to, text);
	}
	forget_forms(n);
}

/* To everybody who wants it, the same. */
void news_give_all(struct news *n, int64_t domain_id, news_wants wants, const void *arg, str text)
{
	EACH_STREAM(s, n->hub, domain_id)
	EACH_SUBSCRIPTION(to, s)
	if (wants(s, to, arg))
		give(n, s, to, text);
	forget_forms(n);
}

i64s news_ids(struct news *n, const char *key)
{
	const struct json *list = json_get(n->payload, key);
	int64_t *ids = arena_array(n->c->arena, json_count(list) + 1, sizeof(*ids));

	for (size_t i = 0; i < json_count(list); i++)
		ids[i] = json_i64(json_at(list, i));
	return (i64s){ ids, json_count(list) };
}

str news_id_text(struct news *n, int64_t id)
{
	return str_fmt(n->c->arena, "%lld", (long long)id);
}

/* Tenants at a time */

struct crowd {
	struct news *news; /* whose fiber waits */
	news_errand fn;
	int64_t post_id, entry_id;
	struct slots places;
	struct fiber *waiter;
	size_t left;
};

struct errand {
	struct crowd *crowd;
	int64_t domain_id;
};

static void warn(const struct ctx *c, int err)
{
	/* What is gone when its turn comes is told to nobody. */
	if (err && err != E_NOT_FOUND)
		log_warn(c, "event=stream_event error=%s message=\"%.*s\"", err_name(err),
			 STR_ARG(ctx_error(c, err)));
}

static void run_errand(void *arg)
{
	struct errand *e = arg;
	struct crowd *all = e->crowd;
	struct news n = { .hub = all->news->hub,
			  .payload = all->news->payload,
			  .name = all->news->name };
	struct ctx c;

	if (slots_take(&all->places, 0) == 0) {
		if (stream_ctx(n.hub, e->domain_id, &c) == 0) {
			n.c = &c;
			warn(&c, all->fn(&n, all->post_id, all->entry_id));
			ctx_done(&c);
		}
		slots_give(&all->places);
	}
	if (--all->left == 0)
		fiber_wake(all->waiter);
}

static i64s tenants(struct news *n, news_wants wants)
{
	int64_t *room = arena_array(n->c->arena, n->hub->n + 1, sizeof(*room));
	i64s set = { room, 0 };

	EACH_STREAM(s, n->hub, n->c->domain_id)
	EACH_SUBSCRIPTION(to, s)
	if (wants(s, to, NULL))
		news_add(&set, room, s->domain_id);
	return set;
}

void news_each_tenant(struct news *n, news_wants wants, news_errand fn, int64_t post_id,
		      int64_t entry_id)
{
	i64s set = tenants(n, wants);
	struct errand *errands = arena_array(n->c->arena, set.n + 1, sizeof(*errands));
	struct crowd all = {
		.news = n,
		.fn = fn,
		.post_id = post_id,
		.entry_id = entry_id,
		.waiter = fiber_self(),
		.left = set.n,
	};

	slots_init(&all.places, TENANTS_AT_ONCE);
	for (size_t i = 0; i < set.n; i++) {
		errands[i] = (struct errand){ &all, set.p[i] };
		if (fiber_spawn(n->hub->loop, run_errand, &errands[i]))
			all.left--;
	}
	while (all.left)
		fiber_park(0);
}

/* Taking turns */

static int handle(struct news *n)
{
	str event = json_get_str(n->payload, "event");
	int64_t domain_id = json_get_i64(n->payload, "domain");

	if (domain_id)
		TRY(ctx_bind(n->c, domain_id));
	for (const struct news_handler *h = news_handlers; h->event; h++)
		if (str_eq_c(event, h->event))
			return h->fn(n);
	return fail(n->c, E_INVALID, "unknown event");
}

static void tell(struct streams *h, str payload)
{
	struct ctx c;
	struct news n = { .hub = h, .c = &c };
	int err;

	ctx_open(&c, h->program, &h->doors);
	err = json_parse(&c, payload, &n.payload);
	if (!err)
		err = handle(&n);
	warn(&c, err);
	ctx_done(&c);
}

static struct news_item *take(struct streams *h)
{
	struct news_item *i = h->news;

	if (!i)
		return NULL;
	h->news = i->next;
	if (!h->news)
		h->news_end = &h->news;
	h->n_news--;
	return i;
}

static void work(void *arg)
{
	struct streams *h = arg;
	struct news_item *i;

	while ((i = take(h))) {
		if (h->n)
			tell(h, i->payload);
		free(i);
	}
	h->is_telling = false;
}

void streams_forget_news(struct streams *h)
{
	struct news_item *i;

	while ((i = take(h)))
		free(i);
}

void streams_tell(struct streams *h, str payload)
{
	struct news_item *i;

	if (h->n == 0 || h->stopping)
		return;
	if (h->n_news == NEWS_LIMIT) {
		log_warn(NULL, "event=streams error=\"more happens than can be told\"");
		streams_forget_news(h);
		streams_end_all(h, FRAME_CLOSE_AWAY);
		return;
	}
	i = malloc(sizeof(*i) + payload.n);
	if (!i)
		abort();
	*i = (struct news_item){ NULL, { (char *)(i + 1), payload.n } };
	memcpy(i + 1, payload.p, payload.n);
	*h->news_end = i;
	h->news_end = &i->next;
	h->n_news++;
	if (!h->is_telling)
		h->is_telling = !fiber_spawn(h->loop, work, h);
}
