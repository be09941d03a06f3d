/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What readers are told, event by event. Invariant: a post reaches a reader only when
 * post_is_readable() and the reader's own blocks and mutes let it through, asked at the moment of
 * telling.
 */
#include "model/announcement.h"
#include "model/conversation.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/limit.h"
#include "model/notification.h"
#include "model/scope.h"
#include "server/api/api.h"
#include "server/api/render_announcement.h"
#include "server/api/render_conversation.h"
#include "server/api/render_notification.h"
#include "server/stream_news.h"
#include "sql/gen/stream.h"

/* Home pages */

static bool wants_home(const struct stream *s, const struct subscription *to, const void *arg)
{
	return to->channel == CHANNEL_USER && news_has(*(const i64s *)arg, s->identity_id);
}

static int tell_home(struct news *n, int64_t entry_id)
{
	i64s to = news_ids(n, "to"), present = news_readers(n, wants_home, &to);
	const struct status *s;
	struct views v;

	if (present.n == 0)
		return 0;
	TRY(view_status(n->c, json_get_i64(n->payload, "post"), entry_id, 0, &s));
	TRY(views_load(n->c, s, present, &v));
	news_give_views(n, wants_home, &to, &v);
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
	i64s to = news_ids(n, "to");

	n->name = "delete";
	news_give_all(n, n->c->domain_id, wants_home, &to,
		      news_id_text(n, json_get_i64(n->payload, "entry")));
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
		return news_has(p->lists, to->list_id);
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
		return news_has(p->lists, to->list_id);
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
		news_add(&set, room, to->list_id);
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
	present = news_readers(n, wants_post, &p);
	if (present.n == 0)
		return 0;
	TRY(views_load(n->c, status, present, &v));
	news_give_views(n, wants_post, &p, &v);
	return 0;
}

static int untell_tenant(struct news *n, int64_t post_id, int64_t entry_id)
{
	const struct status *status;
	struct placing p;

	TRY(view_status(n->c, post_id, entry_id, 0, &status));
	TRY(find_places(n, status, &p));
	news_give_all(n, n->c->domain_id, wants_end, &p, news_id_text(n, entry_id));
	return 0;
}

/* Any channel that a post of somebody could come to. */
static bool wants_posts(unused const struct stream *s, const struct subscription *to,
			unused const void *arg)
{
	const struct channel_info *i = &channels[to->channel];

	return i->is_public || i->has_tag || i->has_list;
}

/* On each tenant with readers, or the one that it is for. */
static int each_tenant(struct news *n, int64_t entry_id, news_errand fn)
{
	news_each_tenant(n, wants_posts, fn, json_get_i64(n->payload, "post"), entry_id);
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

/* What one identity alone sees */

static bool wants_notification(const struct stream *s, const struct subscription *to,
			       const void *arg)
{
	bool is_channel = to->channel == CHANNEL_USER || to->channel == CHANNEL_USER_NOTIFICATION;

	return is_channel && news_has(*(const i64s *)arg, s->identity_id) &&
	       scopes_cover(stream_scopes(s), STR("read:notifications"));
}

static int render_notice(struct news *n, int64_t id, str *ret)
{
	struct notice notice;
	struct json_out w;

	TRY(notification_get(n->c, id, &notice));
	api_open(n->c, &w);
	render_notification(n->c, &w, &notice);
	return json_out_done(&w, ret);
}

/* To the owner of the n-th row of a payload, what it looks like to them. */
static int tell_owner(struct news *n, size_t i, news_wants wants,
		      int (*fn)(struct news *n, int64_t id, str *ret))
{
	i64s ids = news_ids(n, "ids"), owners = news_ids(n, "to");
	i64s owner = { owners.p + i, 1 };
	str text;
	int result;

	if (i >= owners.n || news_readers(n, wants, &owner).n == 0)
		return 0;
	n->c->identity_id = owner.p[0];
	result = fn(n, ids.p[i], &text);
	n->c->identity_id = 0;
	if (result)
		return result == E_NOT_FOUND ? 0 : result;
	news_give_all(n, n->c->domain_id, wants, &owner, text);
	return 0;
}

static int on_notification(struct news *n)
{
	size_t count = json_count(json_get(n->payload, "ids"));

	n->name = "notification";
	for (size_t i = 0; i < count; i++)
		TRY(tell_owner(n, i, wants_notification, render_notice));
	return 0;
}

static bool wants_conversation(const struct stream *s, const struct subscription *to,
			       const void *arg)
{
	return to->channel == CHANNEL_DIRECT && news_has(*(const i64s *)arg, s->identity_id);
}

static int render_talk(struct news *n, int64_t id, str *ret)
{
	struct conversation *talk;
	struct json_out w;

	TRY(conversation_get(n->c, id, &talk));
	api_open(n->c, &w);
	render_conversation(n->c, &w, talk);
	return json_out_done(&w, ret);
}

static int on_conversation(struct news *n)
{
	n->name = "conversation";
	return tell_owner(n, 0, wants_conversation, render_talk);
}

/* What was held back is there: programs look again. */
static int on_merged(struct news *n)
{
	i64s to = news_ids(n, "to");

	n->name = "notifications_merged";
	news_give_all(n, n->c->domain_id, wants_notification, &to, STR("1"));
	return 0;
}

static int on_filters(struct news *n)
{
	i64s to = news_ids(n, "to");

	n->name = "filters_changed";
	news_give_all(n, n->c->domain_id, wants_home, &to, STR_NULL);
	return 0;
}

/* What all members of a tenant see */

static bool wants_announcements(unused const struct stream *s, const struct subscription *to,
				unused const void *arg)
{
	return to->channel == CHANNEL_USER;
}

/* As nobody in particular sees it: who read it, and whose reactions are whose, programs know. */
static int on_announce(struct news *n)
{
	int64_t id = json_get_i64(n->payload, "id");
	struct announcement *list;
	struct json_out w;
	size_t count, i = 0;
	str text;

	n->name = "announcement";
	TRY(announcement_list(n->c, true, &list, &count));
	while (i < count && list[i].row->id != id)
		i++;
	if (i == count)
		return 0;
	announcements_expect(n->c, &list[i], 1);
	api_open(n->c, &w);
	render_announcement(n->c, &w, &list[i]);
	TRY(json_out_done(&w, &text));
	news_give_all(n, n->c->domain_id, wants_announcements, NULL, text);
	return 0;
}

static int on_unannounce(struct news *n)
{
	n->name = "announcement.delete";
	news_give_all(n, n->c->domain_id, wants_announcements, NULL,
		      news_id_text(n, json_get_i64(n->payload, "id")));
	return 0;
}

static int on_reaction(struct news *n)
{
	const struct stream_count_row *count;
	str name = json_get_str(n->payload, "name"), text;
	int64_t id = json_get_i64(n->payload, "id");
	struct json_out w;

	n->name = "announcement.reaction";
	TRY(q_stream_reaction_count(n->c, name, id, &count));
	api_open(n->c, &w);
	json_open_object(&w, NULL);
	json_put_str(&w, "name", name);
	json_put_i64(&w, "count", count->n);
	json_put_id(&w, "announcement_id", id);
	render_reaction_picture(n->c, &w, name);
	json_close_object(&w);
	TRY(json_out_done(&w, &text));
	news_give_all(n, n->c->domain_id, wants_announcements, NULL, text);
	return 0;
}

static int on_access(struct news *n)
{
	streams_check(n->hub);
	return 0;
}

const struct news_handler news_handlers[] = {
	{ "home", on_home },
	{ "home_edit", on_home_edit },
	{ "unhome", on_unhome },
	{ "post", on_post },
	{ "boost", on_boost },
	{ "edit", on_edit },
	{ "unpost", on_unpost },
	{ "notification", on_notification },
	{ "conversation", on_conversation },
	{ "merged", on_merged },
	{ "filters", on_filters },
	{ "announce", on_announce },
	{ "unannounce", on_unannounce },
	{ "reaction", on_reaction },
	{ "access", on_access },
	{ NULL, NULL },
};
