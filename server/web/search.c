/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Search, and following by handle. Only who is logged in makes us ask other servers, and not often:
 * everybody else finds what is here.
 */
#include "base/id.h"
#include "ap/handle.h"
#include "model/domain.h"
#include "fetch/url.h"
#include "model/hashtag.h"
#include "model/identity.h"
#include "model/post.h"
#include "model/post_remote.h"
#include "model/throttle.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/views.h"
#include "sql/gen/hashtag.h"
#include "templates.h"

#define QUERY_LIMIT 2048 /* bytes */
#define PEOPLE 20
#define TAGS 10
#define FETCHES 30 /* of one person ... */
#define FETCHES_WINDOW (10 * USEC_MINUTE)

/* What was found. */
struct finding {
	const struct identity_row *person; /* by handle or address */
	struct post_view *post; /* by address */
};

static int may_fetch(struct ctx *c)
{
	return throttle_hit(c, "search_fetch", str_fmt(c->arena, "%lld", (long long)c->user_id),
			    FETCHES, FETCHES_WINDOW);
}

static int find_handle(struct ctx *c, str text, struct finding *f)
{
	const struct identity_row *i;
	str name, host = STR_NULL;
	int err = identity_find(c, text, &i);

	if (err == E_NOT_FOUND && c->identity_id && handle_parse(c->arena, text, &name, &host) &&
	    !str_is_null(host)) {
		TRY(may_fetch(c));
		err = identity_resolve(c, text, &i);
	}
	TRY(err);
	if (i->deleted || i->is_system)
		return fail(c, E_NOT_FOUND, "there is no such account");
	f->person = i;
	return 0;
}

static int show_post(struct ctx *c, int64_t id, struct finding *f)
{
	struct post_view *view = arena_new_of(c->arena, struct post_view);

	TRY(view_post(c, id, view));
	f->post = view;
	return 0;
}

/* An address of this very site, as people copy it: "<origin>/@name/posts/1/". */
static int find_own(struct ctx *c, str path, struct finding *f)
{
	str handle, segment;
	int64_t id;

	path = str_from(path, 1);
	if (!str_cut(&path, '/', &handle) || !str_starts(handle, STR("@")))
		return fail(c, E_NOT_FOUND, "nothing is there");
	if (str_cut(&path, '/', &segment) && str_eq(segment, STR("posts")) &&
	    str_cut(&path, '/', &segment) && id_parse(segment, &id))
		return show_post(c, id, f);
	return find_handle(c, handle, f);
}

static int find_known(struct ctx *c, str uri, struct finding *f)
{
	const struct post_row *post;
	int err = q_post_by_uri(c, uri, c->identity_id, &post);

	if (err == 0)
		return show_post(c, post->id, f);
	return err == E_NOT_FOUND ? q_identity_by_uri(c, uri, &f->person) : err;
}

/* Whether a post is there or somebody, only its own server knows. */
static int fetch(struct ctx *c, str uri, struct finding *f)
{
	int64_t id = 0;
	int err;

	TRY(may_fetch(c));
	err = post_fetch(c, uri, (i64s){ &c->domain_id, 1 }, &id);
	if (err == 0 && id)
		return show_post(c, id, f);
	if (err == 0)
		return fail(c, E_NOT_FOUND, "this post is not for everybody");
	if (err == E_INVALID || err == E_UNPROCESSABLE || err == E_UNSUPPORTED || err == E_REMOTE)
		return identity_resolve_uri(c, uri, &f->person);
	return err;
}

static int find_address(struct ctx *c, str uri, struct finding *f)
{
	str origin = str_cat(c->arena, c->domain->origin, STR("/"));
	int err;

	if (str_starts(uri, origin))
		return find_own(c, str_from(uri, origin.n - 1), f);
	err = find_known(c, uri, f);
	if (err != E_NOT_FOUND || !c->identity_id)
		return err;
	return fetch(c, uri, f);
}

static int find(struct ctx *c, str text, struct finding *f)
{
	struct url url;

	if (url_parse(c->arena, text, &url))
		return find_address(c, text, f);
	return find_handle(c, text, f);
}

/* Text as the beginning of a LIKE pattern. */
static str pattern_of(struct ctx *c, str text)
{
	struct out o;

	out_init(&o, c->arena, 2 * text.n + 1);
	for (size_t i = 0; i < text.n; i++) {
		if (str_find_char(STR("%_\\"), text.p[i], 0) != SIZE_MAX)
			out_char(&o, '\\');
		out_char(&o, text.p[i]);
	}
	out_char(&o, '%');
	return out_view(&o);
}

/* Whom the words may mean: exactly one by handle or address, else those whose names begin so. */
static int search_people(struct ctx *c, const struct finding *f, struct search_page *page)
{
	str name = str_lower(c->arena, page->query);
	const struct identity_row *rows, **people;
	struct person_row_view *views;
	size_t n = 0, kept = 0;

	if (str_starts(name, STR("@")))
		name = str_from(name, 1);
	if (!f->person && c->identity_id && name.n && !str_starts(name, STR("#")))
		TRY(q_identity_search(c, pattern_of(c, name), PEOPLE, &rows, &n));
	people = arena_array(c->arena, n + 2, sizeof(*people));
	if (f->person)
		people[kept++] = f->person;
	for (size_t i = 0; i < n; i++)
		people[kept++] = &rows[i];
	TRY(view_people(c, people, kept, &views));
	page->people = views;
	page->n_people = kept;
	return 0;
}

static int search_tags(struct ctx *c, struct search_page *page)
{
	str name = hashtag_fold(c, page->query);
	const struct hashtag_row *rows;
	struct tag_view *tags;
	size_t n;

	if (str_is_empty(name))
		return 0;
	TRY(q_hashtag_search(c, pattern_of(c, name), TAGS, &rows, &n));
	tags = arena_array(c->arena, n + 1, sizeof(*tags));
	for (size_t i = 0; i < n; i++)
		tags[i] = (struct tag_view){
			.name = rows[i].display.n ? rows[i].display : rows[i].name,
			.path = str_fmt(c->arena, "/tags/%.*s/",
					STR_ARG(url_encode(c->arena, rows[i].name))),
			.posts = rows[i].posts_count,
		};
	page->tags = tags;
	page->n_tags = n;
	return 0;
}

/* Words that name nobody are no mistake; a server that is away or refused is worth a word. */
static int search(struct ctx *c, struct search_page *page)
{
	struct finding f = { NULL, NULL };
	int err = find(c, page->query, &f);

	if (err < 0)
		return err;
	if (err && err != E_NOT_FOUND && err != E_INVALID)
		page->error = form_error(c, err);
	if (f.post) {
		page->posts = f.post;
		page->n_posts = 1;
		return 0;
	}
	TRY(search_people(c, &f, page));
	return f.person ? 0 : search_tags(c, page);
}

int web_search(struct ctx *c, struct request *q, struct response *r)
{
	str text = str_trim(request_query(q, "q"));
	struct search_page page = { .query = str_clip(text, QUERY_LIMIT) };

	if (page.query.n)
		TRY(search(c, &page));
	TRY(frame_load(c, q, MENU_SEARCH, r, &page.frame));
	page.frame.title = STR("Search");
	page.frame.hidden = true;
	return RESPOND(c, tpl_search, &page, r);
}

int web_follow(struct ctx *c, struct request *q, struct response *r)
{
	struct follow_page page = { .handle = str_clip(str_trim(request_query(q, "handle")),
						       QUERY_LIMIT) };
	struct person_row_view *rows;
	struct finding f = { NULL, NULL };

	if (page.handle.n) {
		int err = find(c, page.handle, &f);

		if (err < 0)
			return err;
		if (!err && f.person)
			TRY(view_people(c, &f.person, 1, &rows));
		if (!err && f.person)
			page.found = rows;
		else
			page.error = err ? form_error(c, err)
					 : STR("That is the address of a post.");
	}
	TRY(frame_load(c, q, MENU_SEARCH, r, &page.frame));
	page.frame.title = STR("Follow");
	return RESPOND(c, tpl_follow, &page, r);
}
