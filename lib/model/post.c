/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what is written here is one transaction: the row, its mentions, its hashtags and the
 * author's own home page appear together, and the stator finds the post in state new.
 */
#include "model/post.h"

#include "db/db.h"
#include "html/html.h"
#include "model/domain.h"
#include "model/hashtag.h"
#include "model/identity.h"
#include "sql/gen/timeline.h"

static const char *const after_new[] = { "fanned_out", "edited", "deleted", NULL };
static const char *const after_fanned_out[] = { "edited", "deleted", NULL };
static const char *const after_edited[] = { "fanned_out", "deleted", NULL };
static const char *const after_deleted[] = { "gone", NULL };

static const struct graph_state post_states[] = {
	{
		.name = "new",
		.initial = true,
		.next = after_new,
		.first = 30 * USEC_SEC,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	{ .name = "fanned_out", .next = after_fanned_out, .external = true },
	{
		.name = "edited",
		.next = after_edited,
		.first = 30 * USEC_SEC,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	{
		.name = "deleted",
		.next = after_deleted,
		.first = 30 * USEC_SEC,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	/* The tombstone answers 410 for as long as others may ask. */
	{ .name = "gone", .delete_after = 90 * USEC_DAY },
};

const struct graph post_graph = { "post", post_states, ARRAY_SIZE(post_states) };

const struct name post_visibilities[] = {
	{ "public", POST_PUBLIC },	 { "unlisted", POST_UNLISTED },
	{ "followers", POST_FOLLOWERS }, { "mentioned", POST_MENTIONED },
	{ "local", POST_LOCAL },	 { NULL, 0 },
};

/* A text with its mentions resolved, on its way to markup. */
struct composition {
	struct ctx *c;
	const struct html_token *tokens;
	size_t n_tokens;
	const struct identity_row **people; /* by token; NULL: nobody */
	str *tags;
	size_t n_tags;
	int64_t *mentions;
	size_t n_mentions;
	html content;
};

static bool is_same_token(const struct html_token *a, const struct html_token *b)
{
	return a->start == b->start && a->end == b->end;
}

static struct html_link link_of(void *arg, const struct html_token *t)
{
	struct composition *m = arg;

	if (t->kind == HTML_HASHTAG)
		return (struct html_link){
			.href = str_fmt(m->c->arena, "%.*s/tags/%.*s/",
					STR_ARG(m->c->domain->origin),
					STR_ARG(hashtag_fold(m->c, t->name))),
		};
	for (size_t i = 0; i < m->n_tokens; i++)
		if (m->people[i] && is_same_token(t, &m->tokens[i])) {
			const struct identity_row *who = m->people[i];

			return (struct html_link){
				.href = str_is_empty(who->url) ? who->actor_uri : who->url,
				.label = who->username,
			};
		}
	return (struct html_link){ STR_NULL, STR_NULL };
}

static void add_mention(struct composition *m, int64_t id)
{
	for (size_t i = 0; i < m->n_mentions; i++)
		if (m->mentions[i] == id)
			return;
	m->mentions[m->n_mentions++] = id;
}

/* A mention that leads to nobody stays text: a server that is away must not keep a post from being written. */
static int resolve(struct composition *m, size_t i)
{
	const struct html_token *t = &m->tokens[i];
	str handle = str_is_null(t->host) ? t->name
					  : str_fmt(m->c->arena, "%.*s@%.*s", STR_ARG(t->name),
						    STR_ARG(t->host));
	int result = identity_resolve(m->c, handle, &m->people[i]);

	if (result < 0)
		return result;
	if (result || m->people[i]->deleted || m->people[i]->is_system)
		m->people[i] = NULL;
	else
		add_mention(m, m->people[i]->id);
	return 0;
}

static int compose(struct ctx *c, str text, int64_t parent_author, struct composition *ret)
{
	struct composition m = { .c = c };
	size_t resolved = 0;

	TRY(html_tokens(c, text, POST_MENTION_LIMIT * 4, &m.tokens, &m.n_tokens));
	m.people = arena_array(c->arena, m.n_tokens + 1, sizeof(*m.people));
	m.tags = arena_array(c->arena, m.n_tokens + 1, sizeof(*m.tags));
	m.mentions = arena_array(c->arena, m.n_tokens + 2, sizeof(*m.mentions));
	for (size_t i = 0; i < m.n_tokens; i++) {
		if (m.tokens[i].kind == HTML_HASHTAG && m.n_tags < POST_HASHTAG_LIMIT)
			m.tags[m.n_tags++] = m.tokens[i].name;
		if (m.tokens[i].kind == HTML_MENTION && resolved++ < POST_MENTION_LIMIT)
			TRY(resolve(&m, i));
	}
	if (parent_author && parent_author != c->identity_id)
		add_mention(&m, parent_author);
	TRY(html_from_text(c, text, link_of, &m, &m.content));
	*ret = m;
	return 0;
}

static int check_draft(struct ctx *c, const struct post_draft *d)
{
	size_t length = str_chars(d->text) + str_chars(d->summary);

	if (!str_is_utf8(d->text) || !str_is_utf8(d->summary) || !str_is_utf8(d->language))
		return fail(c, E_INVALID, "the text is not UTF-8");
	if (str_is_empty(str_trim(d->text)))
		return fail(c, E_INVALID, "a post needs some text");
	if (length > POST_LIMIT)
		return fail(c, E_INVALID, "the post has %zu characters, %d are allowed", length,
			    POST_LIMIT);
	if (d->language.n > 35)
		return fail(c, E_INVALID, "that is no language tag");
	return 0;
}

struct writing {
	struct composition composition;
	struct q_post_write_args row;
};

static int attach(struct ctx *c, int64_t id, const struct composition *m)
{
	TRY(q_post_set_mentions(c, id, (i64s){ m->mentions, m->n_mentions }, NULL));
	return hashtag_set(c, id, m->tags, m->n_tags);
}

static int write_post(struct ctx *c, void *arg)
{
	struct writing *w = arg;

	TRY(q_post_write(c, &w->row, NULL));
	TRY(attach(c, w->row.id, &w->composition));
	return q_timeline_add_own(c, c->identity_id, w->row.id, c->domain_id, NULL);
}

int post_create(struct ctx *c, const struct post_draft *d, int64_t *ret_id)
{
	struct writing w = { 0 };
	const struct post_row *parent = NULL;
	const struct post_id_row *id;

	TRY(check_draft(c, d));
	if (d->in_reply_to_id)
		TRY(post_get(c, d->in_reply_to_id, c->identity_id, &parent));
	TRY(compose(c, d->text, parent ? parent->author_id : 0, &w.composition));
	TRY(q_post_mint(c, &id));
	w.row = (struct q_post_write_args){
		.id = id->id,
		.visibility = str_c(name_of_value(post_visibilities, (int)d->visibility)),
		.content = w.composition.content.s,
		.source = d->text,
		.summary = str_is_null(d->summary) ? STR("") : str_trim(d->summary),
		.sensitive = d->sensitive,
		.language = str_is_null(d->language) ? STR("") : d->language,
		.in_reply_to_uri = parent ? parent->object_uri : STR(""),
		.in_reply_to_id = parent ? parent->id : 0,
		.author_id = c->identity_id,
	};
	TRY(db_transaction(c, write_post, &w));
	*ret_id = id->id;
	return 0;
}

static int get_own(struct ctx *c, int64_t id, const struct post_row **ret)
{
	const struct post_row *post;

	TRY(post_get(c, id, c->identity_id, &post));
	if (post->author_id != c->identity_id)
		return fail(c, E_FORBIDDEN, "this post is somebody else's");
	*ret = post;
	return 0;
}

struct rewriting {
	struct composition composition;
	struct q_post_rewrite_args row;
};

static int rewrite_post(struct ctx *c, void *arg)
{
	struct rewriting *w = arg;

	TRY(q_post_rewrite(c, &w->row, NULL));
	return attach(c, w->row.id, &w->composition);
}

static int parent_author(struct ctx *c, const struct post_row *post, int64_t *ret)
{
	const struct post_parent_row *parents;
	size_t n;

	TRY(q_post_parents(c, (i64s){ &post->id, 1 }, &parents, &n));
	*ret = n ? parents[0].author_id : 0;
	return 0;
}

int post_edit(struct ctx *c, int64_t id, const struct post_draft *d)
{
	struct rewriting w = { 0 };
	const struct post_row *post = NULL;
	int64_t answered;

	TRY(check_draft(c, d));
	TRY(get_own(c, id, &post));
	TRY(parent_author(c, post, &answered));
	TRY(compose(c, d->text, answered, &w.composition));
	w.row = (struct q_post_rewrite_args){
		.content = w.composition.content.s,
		.source = d->text,
		.summary = str_is_null(d->summary) ? STR("") : str_trim(d->summary),
		.sensitive = d->sensitive,
		.language = str_is_null(d->language) ? STR("") : d->language,
		.id = id,
	};
	return db_transaction(c, rewrite_post, &w);
}

int post_delete(struct ctx *c, int64_t id)
{
	const struct post_row *post;

	TRY(get_own(c, id, &post));
	return q_post_bury(c, id, NULL);
}

/* What is not there for the viewer, and whether it ever was for all. */
static int not_there(struct ctx *c, int err, int64_t id, str uri)
{
	const struct post_tombstone_row *tombstone;

	if (err != E_NOT_FOUND)
		return err;
	err = q_post_tombstone(c, id, uri, &tombstone);
	if (err == 0)
		return fail(c, E_GONE, "this post was deleted");
	return err == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "there is no such post") : err;
}

int post_get(struct ctx *c, int64_t id, int64_t viewer, const struct post_row **ret)
{
	int err = q_post_by_id(c, id, viewer, ret);

	return err ? not_there(c, err, id, STR("")) : 0;
}

int post_get_by_uri(struct ctx *c, str uri, int64_t viewer, const struct post_row **ret)
{
	int err = q_post_by_uri(c, uri, viewer, ret);

	return err ? not_there(c, err, 0, uri) : 0;
}
