/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: one go asks for a bounded number of documents, whatever the collections say; only posts
 * that answer the one whose collection named them are kept.
 */
#include "model/thread.h"

#include "ap/document.h"
#include "ap/transport.h"
#include "base/log.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/post_remote.h"

static const char *const after_running[] = { "finished", NULL };
static const char *const after_finished[] = { "running", NULL };

static const struct graph_state thread_states[] = {
	{
		.name = "running",
		.initial = true,
		.next = after_running,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = USEC_HOUR,
		.timeout = USEC_HOUR,
		.timeout_to = "finished",
	},
	{ .name = "finished", .next = after_finished, .external = true, .delete_after = USEC_DAY },
};

const struct graph thread_graph = { "thread", thread_states, ARRAY_SIZE(thread_states) };

static bool is_running(const struct thread_row *t)
{
	return str_eq(t->state, STR("running"));
}

int thread_progress(struct ctx *c, int64_t post_id, const struct thread_row **ret)
{
	return q_thread_by_id(c, post_id, ret);
}

/* One that was started just now may have ended already: whoever asked has not seen what it found. */
int thread_refresh(struct ctx *c, const struct post_row *p, const struct thread_row **ret)
{
	const struct thread_row *t;
	size_t started;
	int result;

	*ret = NULL;
	if (p->domain_id)
		return 0;
	TRY(q_thread_start(c, p->id, &started));
	result = thread_progress(c, p->id, &t);
	if (result)
		return result == E_NOT_FOUND ? 0 : result;
	if (started || is_running(t))
		*ret = t;
	return 0;
}

/* A post whose replies are to be looked at, and its level. */
struct branch {
	str uri;
	int depth;
};

struct climb {
	struct ctx *c;
	struct ap_signer signer;
	int64_t post_id;
	struct branch branches[THREAD_FETCH_LIMIT + 1];
	size_t n;
	int left; /* documents that may be asked for */
};

static int get(struct climb *t, str uri, const struct json **ret)
{
	str url;

	if (t->left-- <= 0)
		return fail(t->c, E_LIMITED, "that is enough");
	return ap_get(t->c, &t->signer, uri, ret, &url);
}

/* One that is here is looked at further, one that is not is asked for. */
static int look_at(struct climb *t, str uri, const struct branch *parent)
{
	const struct post_found_row *found;
	int64_t id = 0;
	int result;

	if (str_is_null(uri) || domain_owns(t->c, uri))
		return 0;
	result = q_post_find(t->c, uri, &found);
	if (result == E_NOT_FOUND && t->left-- > 0) {
		result = post_fetch_reply(t->c, uri, parent->uri, &id);
		if (result == 0 && id)
			TRY(q_thread_found(t->c, t->post_id, NULL));
	}
	if (result < 0)
		return result;
	if (result == 0 && parent->depth + 1 < THREAD_DEPTH_LIMIT && t->n < ARRAY_SIZE(t->branches))
		t->branches[t->n++] = (struct branch){ uri, parent->depth + 1 };
	return 0;
}

static int read_page(struct climb *t, const struct json *j, const struct branch *of, str *ret_next)
{
	const struct ap_collection *page;

	*ret_next = STR_NULL;
	if (ap_collection_parse(t->c, j, &page))
		return 0;
	for (size_t i = 0; i < page->n_items; i++)
		TRY(look_at(t, page->items[i].uri, of));
	if (!page->is_page && page->first_json)
		return read_page(t, page->first_json, of, ret_next);
	*ret_next = page->is_page ? page->next : page->first;
	return 0;
}

/* The replies that a post's own server lists, page by page, as long as these are on its host. */
static int read_replies(struct climb *t, const struct branch *of)
{
	const struct json *post, *replies;
	str next;
	int result = get(t, of->uri, &post);

	if (result)
		return result < 0 ? result : 0;
	replies = json_get(post, "replies");
	next = json_is(replies, JSON_OBJECT) ? STR_NULL : ap_uri_of(replies);
	if (json_is(replies, JSON_OBJECT))
		TRY(read_page(t, replies, of, &next));
	for (int i = 0; i < THREAD_PAGE_LIMIT && ap_same_host(next, of->uri); i++) {
		result = get(t, next, &replies);
		if (result)
			return result < 0 ? result : 0;
		TRY(read_page(t, replies, of, &next));
	}
	return 0;
}

int thread_fetch(struct ctx *c, int64_t post_id)
{
	struct climb t = { .c = c, .post_id = post_id, .left = THREAD_FETCH_LIMIT };
	const struct post_row *post;

	TRY(q_post_for_job(c, post_id, &post));
	TRY(identity_fetch_signer(c, &t.signer));
	t.branches[t.n++] = (struct branch){ post->object_uri, 0 };
	for (size_t i = 0; i < t.n && t.left > 0; i++)
		TRY(read_replies(&t, &t.branches[i]));
	log_debug(c, "event=thread post=%lld asked=%d", (long long)post_id,
		  THREAD_FETCH_LIMIT - t.left);
	return 0;
}
