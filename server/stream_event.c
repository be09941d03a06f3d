/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What readers are told. Notifications of the database are worked on one after the other, so that
 * nobody hears of the end of a thing before its beginning. Invariant: a post reaches a reader only
 * when post_is_readable() and the reader's own blocks and mutes let it through, asked at the moment
 * of telling; what is rendered is rendered once for all who see it alike.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "json/json.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/limit.h"
#include "model/post.h"
#include "server/api/api.h"
#include "server/api/render_status.h"
#include "server/stream_hub.h"
#include "server/stream_view.h"
#include "sql/gen/stream.h"

#define NEWS_LIMIT 8192 /* that wait their turn */
#define WRAP_LIMIT (2 * API_BODY_LIMIT)

struct news_item {
	struct news_item *next;
	str payload; /* in the same block */
};

/* One event as it goes out, and in which forms it went already. */
struct news {
	struct streams *hub;
	struct ctx *c;
	const struct json *payload;
	const char *name;
	struct form *forms;
};

struct form {
	struct form *next;
	const char *text; /* the payload's address */
	const struct subscription *subscription; /* NULL: server-sent events */
	struct chunk *chunk;
};

static str wrap(struct news *n, const struct subscription *to, str text)
{
	struct arena *a = n->c->arena;
	struct json_out w;
	str message;

	if (!to)
		return str_fmt(a, "event: %s\ndata: " STR_FMT "\n\n", n->name, STR_ARG(text));
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

static void give(struct news *n, struct stream *s, const struct subscription *to, str text)
{
	socket_send(&s->socket, chunk_of(n, s->is_websocket ? to : NULL, text));
}

static void forget_forms(struct news *n)
{
	for (struct form *f = n->forms; f; f = f->next)
		chunk_unref(f->chunk);
	n->forms = NULL;
}

/* Walking over readers: calls fn for each live subscription of a tenant's streams (0: of all). */
typedef bool (*wants_fn)(const struct stream *s, const struct subscription *to, const void *arg);

static struct stream *next_stream(struct stream *s, int64_t domain_id)
{
	while (s && (s->is_over || (domain_id && s->domain_id != domain_id)))
		s = s->next;
	return s;
}

#define EACH_STREAM(s, hub, domain_id)                                   \
	for (struct stream *s = next_stream((hub)->first, domain_id); s; \
	     s = next_stream(s->next, domain_id))
#define EACH_SUBSCRIPTION(to, s)                               \
	for (const struct subscription *to = s->subscriptions; \
	     to < s->subscriptions + s->n_subscriptions; to++)

static bool holds(i64s set, int64_t id)
{
	for (size_t i = 0; i < set.n; i++)
		if (set.p[i] == id)
			return true;
	return false;
}

static void add(i64s *set, int64_t *room, int64_t id)
{
	if (holds(*set, id))
		return;
	room[set->n++] = id;
	set->p = room;
}

/* Identities of the tenant with a stream that wants it. */
static i64s readers(struct news *n, wants_fn wants, const void *arg)
{
	int64_t *room = arena_array(n->c->arena, n->hub->n + 1, sizeof(*room));
	i64s set = { room, 0 };

	EACH_STREAM(s, n->hub, n->c->domain_id)
	EACH_SUBSCRIPTION(to, s)
	if (wants(s, to, arg))
		add(&set, room, s->identity_id);
	return set;
}

/* To everybody who wants it, what each sees of it. */
static void give_views(struct news *n, wants_fn wants, const void *arg, const struct views *v)
{
	EACH_STREAM(s, n->hub, n->c->domain_id)
	{
		str text = view_of(v, s->identity_id);

		if (str_is_null(text))
			continue;
		EACH_SUBSCRIPTION(to, s)
		if (wants(s, to, arg))
			give(n, s, to, text);
	}
}

/* To everybody who wants it, the same. */
static void give_all(struct news *n, int64_t domain_id, wants_fn wants, const void *arg, str text)
{
	EACH_STREAM(s, n->hub, domain_id)
	EACH_SUBSCRIPTION(to, s)
	if (wants(s, to, arg))
		give(n, s, to, text);
}

static i64s ids_of(struct news *n, const char *key)
{
	const struct json *list = json_get(n->payload, key);
	int64_t *ids = arena_array(n->c->arena, json_count(list) + 1, sizeof(*ids));

	for (size_t i = 0; i < json_count(list); i++)
		ids[i] = json_i64(json_at(list, i));
	return (i64s){ ids, json_count(list) };
}

static str id_text(struct news *n, int64_t id)
{
	return str_fmt(n->c->arena, "%lld", (long long)id);
}

/* Home pages */

static bool wants_home(const struct stream *s, const struct subscription *to, const void *arg)
{
	return to->channel == CHANNEL_USER && holds(*(const i64s *)arg, s->identity_id);
}

static int tell_home(struct news *n, int64_t entry_id)
{
	i64s to = ids_of(n, "to"), present = readers(n, wants_home, &to);
	const struct status *s;
	struct views v;

	if (present.n == 0)
		return 0;
	TRY(view_status(n->c, json_get_i64(n->payload, "post"), entry_id, 0, &s));
	TRY(views_load(n->c, s, present, &v));
	give_views(n, wants_home, &to, &v);
	return 0;
}

static int on_home(struct news *n)
{
	n->name = "update";
	return tell_home(n, json_get_i64(n->payload, "entry"));
}

static int on_home_edit(struct news *n)
{
	n->name = "status.update";
	return tell_home(n, json_get_i64(n->payload, "post"));
}

static int on_unhome(struct news *n)
{
	i64s to = ids_of(n, "to");

	n->name = "delete";
	give_all(n, n->c->domain_id, wants_home, &to,
		 id_text(n, json_get_i64(n->payload, "entry")));
	return 0;
}

/* Public timelines, hashtags and lists */

/* A post, and where it belongs on one tenant. */
struct placing {
	const struct status *status;
	bool is_public; /* timelines and hashtags have it */
	i64s lists;
};

static bool is_tagged(const struct status *s, str tag)
{
	for (size_t i = 0; i < s->n_hashtags; i++)
		if (str_eq(s->hashtags[i], tag))
			return true;
	return false;
}

static bool wants_post(const struct stream *s, const struct subscription *to, const void *arg)
{
	const struct channel_info *i = &channels[to->channel];
	const struct placing *p = arg;
	const struct status *status = p->status;
	bool is_local = status->post->domain_id == s->domain_id;

	if (i->has_list)
		return holds(p->lists, to->list_id);
	if (!p->is_public || (i->local && !is_local) || (i->remote && is_local) ||
	    (i->media && !status->n_media))
		return false;
	if (i->has_tag)
		return str_eq(status->post->visibility, STR("public")) &&
		       is_tagged(status, to->tag);
	return i->is_public && status_is_public(status);
}

/* Of a post that is gone, tags and media may be gone already. */
static bool wants_end(const struct stream *s, const struct subscription *to, const void *arg)
{
	const struct channel_info *i = &channels[to->channel];
	const struct placing *p = arg;
	bool is_local = p->status->post->domain_id == s->domain_id;

	if (i->has_list)
		return holds(p->lists, to->list_id);
	return p->is_public && (i->is_public || i->has_tag) && !(i->local && !is_local) &&
	       !(i->remote && is_local);
}

/* Lists that the tenant's streams read. */
static i64s lists_read(struct news *n)
{
	size_t count = 0;
	int64_t *room;
	i64s set = { NULL, 0 };

	EACH_STREAM(s, n->hub, n->c->domain_id)
	EACH_SUBSCRIPTION(to, s)
	count += channels[to->channel].has_list;
	room = arena_array(n->c->arena, count + 1, sizeof(*room));
	EACH_STREAM(s, n->hub, n->c->domain_id)
	EACH_SUBSCRIPTION(to, s)
	if (channels[to->channel].has_list)
		add(&set, room, to->list_id);
	return set;
}

static int find_lists(struct news *n, const struct status *s, i64s *ret)
{
	const struct identity_row *member = s->booster ? s->booster : s->author;
	const struct stream_list_row *rows;
	i64s read = lists_read(n);
	int64_t *ids;
	size_t count;

	if (read.n == 0)
		return 0;
	TRY(q_stream_lists(n->c, member->id, s->post->id, read, &rows, &count));
	ids = arena_array(n->c->arena, count + 1, sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		ids[i] = rows[i].id;
	*ret = (i64s){ ids, count };
	return 0;
}

static bool is_for_members(const struct post_row *p)
{
	return str_eq(p->visibility, STR("public")) || str_eq(p->visibility, STR("local"));
}

/* Of a limited server nothing is public; of a blocked one nothing is here. */
static int find_places(struct news *n, const struct status *s, struct placing *ret)
{
	enum limit_severity severity = LIMIT_NONE;

	*ret = (struct placing){ .status = s };
	if (!identity_is_local(s->author))
		TRY(limit_of_uri(n->c, s->author->actor_uri, &severity));
	if (severity == LIMIT_BLOCK)
		return 0;
	ret->is_public = severity == LIMIT_NONE && !s->booster && is_for_members(s->post);
	return find_lists(n, s, &ret->lists);
}

static int tell_tenant(struct news *n, int64_t post_id, int64_t entry_id)
{
	const struct status *status;
	struct placing p;
	struct views v;
	i64s present;

	TRY(view_status(n->c, post_id, entry_id, 0, &status));
	TRY(find_places(n, status, &p));
	present = readers(n, wants_post, &p);
	if (present.n == 0)
		return 0;
	TRY(views_load(n->c, status, present, &v));
	give_views(n, wants_post, &p, &v);
	return 0;
}

static int untell_tenant(struct news *n, int64_t post_id, int64_t entry_id)
{
	const struct status *status;
	struct placing p;

	TRY(view_status(n->c, post_id, entry_id, 0, &status));
	TRY(find_places(n, status, &p));
	give_all(n, n->c->domain_id, wants_end, &p, id_text(n, entry_id));
	return 0;
}

/* Each tenant with readers, or the one that it is for. */
static int each_tenant(struct news *n, int64_t entry_id,
		       int (*fn)(struct news *n, int64_t post_id, int64_t entry_id))
{
	int64_t post_id = json_get_i64(n->payload, "post"), only = n->c->domain_id;
	const struct domain_table *t = n->c->domains;

	for (size_t i = 0; i < domain_count(t); i++) {
		int64_t id = domain_at(t, i)->id;
		int result;

		if ((only && id != only) || !next_stream(n->hub->first, id))
			continue;
		TRY(ctx_bind(n->c, id));
		result = fn(n, post_id, entry_id);
		/* Gone meanwhile, or not for them. */
		if (result && result != E_NOT_FOUND)
			return result;
		forget_forms(n);
	}
	return 0;
}

static int on_post(struct news *n)
{
	n->name = "update";
	return each_tenant(n, json_get_i64(n->payload, "post"), tell_tenant);
}

static int on_boost(struct news *n)
{
	n->name = "update";
	return each_tenant(n, json_get_i64(n->payload, "entry"), tell_tenant);
}

static int on_edit(struct news *n)
{
	n->name = "status.update";
	return each_tenant(n, json_get_i64(n->payload, "post"), tell_tenant);
}

static int on_unpost(struct news *n)
{
	n->name = "delete";
	return each_tenant(n, json_get_i64(n->payload, "post"), untell_tenant);
}

static int on_access(struct news *n)
{
	streams_check(n->hub);
	return 0;
}

/* Taking turns */

static const struct {
	const char *event;
	int (*fn)(struct news *n);
} handlers[] = {
	{ "home", on_home },	 { "home_edit", on_home_edit }, { "unhome", on_unhome },
	{ "post", on_post },	 { "boost", on_boost },		{ "edit", on_edit },
	{ "unpost", on_unpost }, { "access", on_access },
};

static int handle(struct news *n)
{
	str event = json_get_str(n->payload, "event");
	int64_t domain_id = json_get_i64(n->payload, "domain");

	if (domain_id)
		TRY(ctx_bind(n->c, domain_id));
	for (size_t i = 0; i < ARRAY_SIZE(handlers); i++)
		if (str_eq_c(event, handlers[i].event))
			return handlers[i].fn(n);
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
	/* What is gone when its turn comes is told to nobody. */
	if (err && err != E_NOT_FOUND)
		log_warn(&c, "event=stream_event error=%s message=\"%.*s\"", err_name(err),
			 STR_ARG(ctx_error(&c, err)));
	forget_forms(&n);
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
