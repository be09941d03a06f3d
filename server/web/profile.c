/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Profiles, and the lists of followers and followed. */
#include "html/html.h"
#include "json/json.h"
#include "model/emoji.h"
#include "model/follow.h"
#include "model/identity.h"
#include "model/media.h"
#include "model/timeline.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/people_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "server/web/web.h"
#include "templates.h"

#define DESCRIPTION_CHARS 200
#define PEOPLE 40 /* of a list on one page */

static html field_value(struct ctx *c, const struct identity_row *i, const struct json *field)
{
	return emoji_draw(c, emoji_origin_of(i), html_stored(json_get_str(field, "value")));
}

static void fill_fields(struct ctx *c, const struct identity_row *i, struct profile_page *page)
{
	const struct json *list;
	struct field_view *fields;

	if (str_is_empty(i->fields) || json_parse(c, i->fields, &list))
		return;
	fields = arena_array(c->arena, json_count(list) + 1, sizeof(*fields));
	page->fields = fields;
	for (size_t k = 0; k < json_count(list); k++) {
		str name = json_get_str(json_at(list, k), "name");

		if (name.n)
			fields[page->n_fields++] = (struct field_view){
				.name = name,
				.drawn = emoji_draw_text(c, emoji_origin_of(i), name),
				.value = field_value(c, i, json_at(list, k)),
				.verified = json_get_str(json_at(list, k), "verified").n > 0,
			};
	}
}

static int fill_person(struct ctx *c, const struct identity_row *i, struct profile_page *page)
{
	TRY(identity_look(c, i));
	emoji_expect_identity(c, i);
	TRY(emoji_load(c));
	page->person = view_person(c, i);
	page->banner = media_portrait_of(c, i).header;
	page->bio = emoji_draw(c, emoji_origin_of(i), html_stored(i->summary));
	page->n_posts = i->posts_count;
	page->n_following = i->following_count;
	page->n_followers = i->followers_count;
	page->joined = i->published;
	page->self = i->id == c->identity_id;
	page->follows_hidden = !i->show_follows;
	fill_fields(c, i, page);
	TRY(view_featured_tags(c, i->id, &page->featured, &page->n_featured));
	return c->identity_id ? relation_get(c, i->id, &page->relation) : 0;
}

static int fill_move(struct ctx *c, const struct identity_row *i, struct profile_page *page)
{
	const struct identity_row *target;
	struct person_view *view;
	int err;

	if (str_is_empty(i->moved_to_uri))
		return 0;
	err = q_identity_by_uri(c, i->moved_to_uri, &target);
	if (err == E_NOT_FOUND)
		return 0;
	TRY(err);
	view = arena_new_of(c->arena, struct person_view);
	*view = view_person(c, target);
	page->moved_to = view;
	return 0;
}

static int fill_posts(struct ctx *c, const struct request *q, const struct identity_row *i,
		      struct profile_page *page)
{
	struct page p = view_page(q);
	struct timeline_by by = {
		.author_id = i->id,
		.replies = page->tab != PROFILE_POSTS,
		.boosts = page->tab != PROFILE_MEDIA,
		.only_media = page->tab == PROFILE_MEDIA,
		.tag = STR(""),
	};
	struct status *pinned;
	struct post_view *posts;
	struct timeline found;

	TRY(timeline_author(c, &by, &p, c->identity_id, &found));
	page->posts = view_posts_in(c, "account", found.statuses, found.n, &page->n_posts_shown);
	page->pager = view_pager(c, q, &p, found.is_full, found.oldest);
	if (p.max_id || page->tab != PROFILE_POSTS)
		return 0;
	TRY(timeline_pinned(c, i->id, c->identity_id, &pinned, &page->n_pinned));
	posts = view_posts(c, pinned, page->n_pinned);
	/* They stand in the list as well, where their anchors are. */
	for (size_t k = 0; k < page->n_pinned; k++)
		posts[k].entry_id = -posts[k].entry_id;
	page->pinned = posts;
	return 0;
}

static void describe(struct ctx *c, const struct identity_row *i, struct profile_page *page)
{
	struct frame *f = &page->frame;

	f->title = str_fmt(c->arena, "%.*s (%.*s)", STR_ARG(page->person.name),
			   STR_ARG(page->person.handle));
	f->hidden = !i->discoverable || !page->person.local;
	if (!page->person.local)
		return;
	f->canonical = page->person.url;
	f->feed = str_cat(c->arena, page->person.path, STR("feed"));
	f->activity = i->actor_uri;
	f->description = view_excerpt(c, i->summary, DESCRIPTION_CHARS);
	f->image = page->person.icon;
}

static int respond_profile(struct ctx *c, const struct request *q, enum profile_tab tab,
			   struct response *r)
{
	const struct identity_row *i;
	struct profile_page page = { .tab = tab };

	TRY(person_of_path(c, q->args[0], &i));
	if (leads_away(c, i, i->url, r))
		return 0;
	TRY(fill_person(c, i, &page));
	TRY(fill_move(c, i, &page));
	TRY(fill_posts(c, q, i, &page));
	TRY(frame_load(c, q, page.self ? MENU_PROFILE : MENU_NONE, r, &page.frame));
	describe(c, i, &page);
	return RESPOND(c, tpl_profile, &page, r);
}

int web_profile(struct ctx *c, struct request *q, struct response *r)
{
	return respond_profile(c, q, PROFILE_POSTS, r);
}

int web_profile_replies(struct ctx *c, struct request *q, struct response *r)
{
	return respond_profile(c, q, PROFILE_REPLIES, r);
}

int web_profile_media(struct ctx *c, struct request *q, struct response *r)
{
	return respond_profile(c, q, PROFILE_MEDIA, r);
}

static int fill_people(struct ctx *c, const struct request *q, const struct identity_row *i,
		       struct people_page *page)
{
	struct page p = view_page(q);
	int64_t max_id = p.max_id ? p.max_id : INT64_MAX, *ids;
	const struct follow_page_row *rows;
	struct person_row_view *people;
	size_t n;

	if (page->followers)
		TRY(q_follow_followers(c, i->id, max_id, PEOPLE, &rows, &n));
	else
		TRY(q_follow_following(c, i->id, max_id, PEOPLE, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t k = 0; k < n; k++)
		ids[k] = rows[k].identity_id;
	TRY(view_people_by_ids(c, (i64s){ ids, n }, &people, &page->n_people));
	page->people = people;
	page->pager = view_pager(c, q, &p, n == PEOPLE, n ? rows[n - 1].id : 0);
	return 0;
}

/* Remote lists are as far as they are known here. */
static int respond_people(struct ctx *c, const struct request *q, bool followers,
			  struct response *r)
{
	const struct identity_row *i;
	struct people_page page = { .followers = followers };

	TRY(person_of_path(c, q->args[0], &i));
	if (leads_away(c, i, i->url, r))
		return 0;
	page.person = view_person(c, i);
	page.partial = !page.person.local;
	page.total = followers ? i->followers_count : i->following_count;
	page.hidden = !i->show_follows && i->id != c->identity_id;
	if (!page.hidden)
		TRY(fill_people(c, q, i, &page));
	TRY(frame_load(c, q, i->id == c->identity_id ? MENU_PROFILE : MENU_NONE, r, &page.frame));
	page.frame.title = text_with(c, followers ? TEXT_FORM_FOLLOWERS_OF : TEXT_FORM_FOLLOWED_BY,
				     page.person.name);
	page.frame.hidden = true;
	return RESPOND(c, tpl_people, &page, r);
}

int web_followers(struct ctx *c, struct request *q, struct response *r)
{
	return respond_people(c, q, true, r);
}

int web_following(struct ctx *c, struct request *q, struct response *r)
{
	return respond_people(c, q, false, r);
}
