/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what is stored under a URI came from the URI's own host and belongs to an author of
 * the same host; a post that is not public is tied to the tenants it is for before it can be read.
 */
#include "model/post_remote.h"

#include "ap/transport.h"
#include "base/log.h"
#include "db/db.h"
#include "html/html.h"
#include "json/write.h"
#include "model/activity.h"
#include "model/consent.h"
#include "model/domain.h"
#include "model/emoji.h"
#include "model/hashtag.h"
#include "model/identity.h"
#include "model/limit.h"
#include "model/policy.h"
#include "model/poll.h"
#include "model/post.h"
#include "model/quote.h"
#include "sql/gen/follow.h"
#include "sql/gen/inbox.h"
#include "sql/gen/interaction.h"

#define DETAIL_LIMIT (64 * 1024)
#define PARENT_LIMIT 20 /* fetched above one post */

struct receipt {
	const struct ap_object *object;
	const struct identity_row *author;
	struct q_post_store_args row;
	i64s audience; /* tenants that may read it, when it is not for all */
	i64s mentions; /* identities */
};

static str or_empty(str s)
{
	return str_is_null(s) ? STR("") : s;
}

static const char *visibility_of(const struct receipt *r)
{
	static const char *const names[] = {
		[AP_VISIBILITY_PUBLIC] = "public",
		[AP_VISIBILITY_UNLISTED] = "unlisted",
		[AP_VISIBILITY_FOLLOWERS] = "followers",
		[AP_VISIBILITY_MENTIONED] = "mentioned",
	};

	return names[ap_visibility_of(r->object, r->author->followers_uri)];
}

/* What only some types have. */
static int write_detail(struct ctx *c, const struct ap_object *o, str *ret)
{
	struct json_out w;

	json_out_init(&w, c->arena, DETAIL_LIMIT);
	json_open_object(&w, NULL);
	json_put_str_opt(&w, "name", o->name);
	json_put_str_opt(&w, "location", o->location);
	json_put_str_opt(&w, "preview", o->preview);
	if (o->start_time)
		json_put_time(&w, "start_time", o->start_time);
	if (o->end_time)
		json_put_time(&w, "end_time", o->end_time);
	/* Also those whom nobody here knows. */
	if (o->n_mentions)
		json_put_i64(&w, "mentions", (int64_t)o->n_mentions);
	json_close_object(&w);
	return json_out_done(&w, ret);
}

static struct html_link no_link(unused void *arg, unused const struct html_token *t)
{
	return (struct html_link){ STR_NULL, STR_NULL };
}

static int content_of(struct ctx *c, const struct ap_object *o, html *ret)
{
	if (o->content_type.n && !str_eq(o->content_type, STR("text/html")))
		return html_from_text(c, or_empty(o->content), no_link, NULL, ret);
	return html_sanitise(c, or_empty(o->content), ret);
}

static int find_parent(struct ctx *c, const struct ap_object *o, struct q_post_store_args *row)
{
	const struct post_found_row *found;
	int result;

	if (str_is_empty(o->in_reply_to))
		return 0;
	result = q_post_find(c, o->in_reply_to, &found);
	if (result == 0) {
		row->in_reply_to_id = found->id;
		row->thread_id = found->thread_id;
	}
	return result == E_NOT_FOUND ? 0 : result;
}

static int fill_row(struct ctx *c, struct receipt *r)
{
	const struct ap_object *o = r->object;
	const struct post_id_row *id;
	str summary;
	html content;

	TRY(content_of(c, o, &content));
	TRY(html_to_text(c, or_empty(o->summary), &summary));
	TRY(q_post_mint(c, &id));
	r->row = (struct q_post_store_args){
		.id = id->id,
		.author_id = r->author->id,
		.object_uri = o->id,
		.url = or_empty(o->url),
		.type = o->type == AP_DOCUMENT ? STR("Image")
					       : str_c(name_of_value(ap_types, (int)o->type)),
		.visibility = str_c(visibility_of(r)),
		.content = content.s,
		.summary = summary,
		.sensitive = o->sensitive,
		.language = or_empty(str_clip(o->language, 35)),
		.in_reply_to_uri = or_empty(o->in_reply_to),
		.quote_uri = or_empty(o->quote_uri),
		.quote_automatic = consent_words_from_ap(c, r->author, o->quote_automatic),
		.quote_manual = consent_words_from_ap(c, r->author, o->quote_manual),
		.published = o->published && o->published < c->now ? o->published : c->now,
		.edited = o->updated > o->published ? o->updated : 0,
	};
	TRY(write_detail(c, o, &r->row.detail));
	return find_parent(c, o, &r->row);
}

/* Everybody that is named and known: by a mention, or as an addressee. Nobody is fetched for it. */
static int find_mentions(struct ctx *c, struct receipt *r,
			 const struct identity_local_row **ret_local, size_t *ret_n_local)
{
	const struct ap_object *o = r->object;
	str *uris = arena_array(c->arena, o->n_mentions + o->to.n + o->cc.n + 1, sizeof(*uris));
	const struct identity_id_row *known;
	int64_t *ids;
	size_t n = 0, n_known;

	for (size_t i = 0; i < o->n_mentions; i++)
		uris[n++] = o->mentions[i].href;
	for (size_t i = 0; i < o->to.n; i++)
		uris[n++] = o->to.p[i];
	for (size_t i = 0; i < o->cc.n; i++)
		uris[n++] = o->cc.p[i];
	TRY(q_identity_ids_by_uris(c, (strs){ uris, n }, &known, &n_known));
	TRY(q_identity_local_by_uris(c, (strs){ uris, n }, ret_local, ret_n_local));
	ids = arena_array(c->arena, n_known + 1, sizeof(*ids));
	for (size_t i = 0; i < n_known; i++)
		ids[i] = known[i].id;
	r->mentions = (i64s){ ids, n_known };
	return 0;
}

static void add_domain(i64s *set, int64_t *room, int64_t id)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->p[i] == id)
			return;
	room[set->n++] = id;
	set->p = room;
}

/* Tenants that a post is for: of people it names and, when it is for followers, of the author's. */
static int find_audience(struct ctx *c, struct receipt *r, bool *ret_wanted)
{
	const struct identity_local_row *local;
	const struct domain_number_row *following;
	size_t n_local, n_following;
	int64_t *room;

	TRY(find_mentions(c, r, &local, &n_local));
	TRY(q_follower_domains(c, r->author->id, &following, &n_following));
	room = arena_array(c->arena, n_local + n_following + 1, sizeof(*room));
	for (size_t i = 0; i < n_local; i++)
		add_domain(&r->audience, room, local[i].domain_id);
	*ret_wanted = n_local > 0 || n_following > 0 || r->row.in_reply_to_id;
	if (!str_eq(r->row.visibility, STR("mentioned")))
		for (size_t i = 0; i < n_following; i++)
			add_domain(&r->audience, room, following[i].domain_id);
	return limit_drop_blocking(c, r->author->actor_uri, &r->audience);
}

static bool is_for_all(const struct receipt *r)
{
	return str_eq(r->row.visibility, STR("public")) ||
	       str_eq(r->row.visibility, STR("unlisted"));
}

static int attach(struct ctx *c, const struct receipt *r, int64_t post_id)
{
	const struct ap_object *o = r->object;

	TRY(q_post_set_mentions(c, post_id, r->mentions, NULL));
	TRY(hashtag_set(c, post_id, o->hashtags.p, o->hashtags.n));
	TRY(emoji_learn(c, r->author->server_id, o->emojis, o->n_emojis));
	if (o->poll)
		TRY(poll_store(c, post_id, o->poll));
	TRY(q_post_clear_attachments(c, post_id, NULL));
	for (size_t i = 0; i < o->n_attachments; i++) {
		const struct ap_attachment *a = &o->attachments[i];

		TRY(q_post_add_attachment(c,
					  &(struct q_post_add_attachment_args){
						  .post_id = post_id,
						  .author_id = r->author->id,
						  .place = (int64_t)i,
						  .media_type = a->media_type,
						  .remote_url = a->url,
						  .description = or_empty(a->name),
						  .width = a->width > 0 ? a->width : 0,
						  .height = a->height > 0 ? a->height : 0,
						  .focus_x = a->focus_x,
						  .focus_y = a->focus_y,
						  .blurhash = or_empty(a->blurhash),
					  },
					  NULL));
	}
	return 0;
}

/* What is for everybody is so without a word, at first. */
static int store_policy(struct ctx *c, const struct receipt *r, int64_t id, bool is_new)
{
	struct consent_policy policy = consent_from_ap(c, r->object, r->author);

	return is_new && consent_is_open(&policy) ? 0 : consent_set_policy(c, id, &policy);
}

/* The audience comes first: a post that the transaction may not read, it may not write about. */
static int store(struct ctx *c, void *arg)
{
	struct receipt *r = arg;

	for (size_t i = 0; !is_for_all(r) && i < r->audience.n; i++) {
		TRY(db_bind(c, r->audience.p[i]));
		TRY(q_post_admit(c, r->row.id, r->audience.p[i], NULL));
	}
	TRY(q_post_store(c, &r->row, NULL));
	TRY(store_policy(c, r, r->row.id, true));
	TRY(attach(c, r, r->row.id));
	TRY(q_post_adopt(c, r->row.id, r->row.object_uri, NULL));
	TRY(quote_store(c, r->row.id, r->object, r->author));
	return policy_judge_stored(c, r->row.id, is_for_all(r), r->audience);
}

/* Parents that are not here, nearest first. What cannot be had ends the climb, and nothing else. */
static void fetch_parents(struct ctx *c, str uri)
{
	for (int i = 0; i < PARENT_LIMIT && uri.n; i++) {
		const struct post_found_row *found;
		const struct post_row *post;
		int64_t id;

		if (q_post_find(c, uri, &found) != E_NOT_FOUND ||
		    post_fetch(c, uri, (i64s){ NULL, 0 }, &id) || !id ||
		    q_post_for_job(c, id, &post)) {
			log_debug(c, "event=thread_end uri=%.*s", STR_ARG(uri));
			return;
		}
		uri = post->in_reply_to_uri;
	}
}

/* Only what its own author's host serves under its own name. */
static int check_origin(struct ctx *c, const struct ap_object *o, const struct identity_row *author)
{
	if (!ap_same_host(o->id, author->actor_uri))
		return fail(c, E_FORBIDDEN, "the post is on another host than its author");
	if (identity_is_local(author))
		return fail(c, E_FORBIDDEN, "posts of local authors do not come from outside");
	return 0;
}

static int receive(struct ctx *c, struct receipt *r, bool only_if_wanted, int64_t *ret_id)
{
	int64_t bound = c->domain_id;
	bool wanted;
	int result;

	TRY(fill_row(c, r));
	TRY(find_audience(c, r, &wanted));
	if ((only_if_wanted && !wanted) || (!is_for_all(r) && r->audience.n == 0))
		return 0;
	if (!is_for_all(r))
		TRY(ctx_bind(c, r->audience.p[0]));
	result = db_transaction(c, store, r);
	TRY(ctx_bind(c, bound));
	/* Two deliveries of one post at once: the other one stored it. */
	if (result == E_CONFLICT)
		return 0;
	TRY(result);
	*ret_id = r->row.id;
	return 0;
}

int post_receive(struct ctx *c, const struct ap_object *o, const struct identity_row *author,
		 unused i64s domains, bool only_if_wanted, int64_t *ret_id)
{
	struct receipt r = { .object = o, .author = author };
	const struct post_found_row *found;
	int64_t id = 0;
	int result;

	TRY(check_origin(c, o, author));
	result = q_post_find(c, o->id, &found);
	if (result == 0)
		id = found->id;
	else if (result == E_NOT_FOUND)
		result = receive(c, &r, only_if_wanted, &id);
	TRY(result);
	if (ret_id)
		*ret_id = id;
	if (id && !r.row.in_reply_to_id && only_if_wanted)
		fetch_parents(c, or_empty(o->in_reply_to));
	return 0;
}

struct change {
	struct receipt receipt;
	int64_t id;
	bool is_for_all; /* as it is stored */
};

/* New counts of a poll or a new policy make no new version. *ret_edited: when this one came; 0: it is none. */
static int keep_version(struct ctx *c, const struct change *change, usec *ret_edited)
{
	const struct q_post_store_args *row = &change->receipt.row;
	const struct post_row *old;

	*ret_edited = 0;
	TRY(q_post_for_job(c, change->id, &old));
	if (str_eq(old->content, row->content) && str_eq(old->summary, row->summary) &&
	    (!row->edited || row->edited == old->edited))
		return 0;
	*ret_edited = row->edited ? row->edited : c->now;
	return q_post_keep_version(c, change->id, NULL);
}

static int restore(struct ctx *c, void *arg)
{
	struct change *change = arg;
	const struct q_post_store_args *row = &change->receipt.row;
	struct q_post_restore_args args = {
		.url = row->url,
		.type = row->type,
		.content = row->content,
		.summary = row->summary,
		.sensitive = row->sensitive,
		.language = row->language,
		.detail = row->detail,
		.quote_uri = row->quote_uri,
		.quote_automatic = row->quote_automatic,
		.quote_manual = row->quote_manual,
		.id = change->id,
		.author_id = row->author_id,
	};
	size_t n;

	TRY(keep_version(c, change, &args.edited));
	TRY(q_post_restore(c, &args, &n));
	if (n == 0)
		return 0;
	TRY(attach(c, &change->receipt, change->id));
	TRY(store_policy(c, &change->receipt, change->id, false));
	TRY(quote_store(c, change->id, change->receipt.object, change->receipt.author));
	return args.edited ? policy_judge_stored(c, change->id, change->is_for_all,
						 change->receipt.audience)
			   : 0;
}

int post_update(struct ctx *c, const struct ap_object *o, const struct identity_row *author,
		i64s domains)
{
	struct change change = { .receipt = { .object = o, .author = author } };
	const struct post_found_row *found;
	int64_t bound = c->domain_id;
	bool wanted;
	int result;

	TRY(check_origin(c, o, author));
	result = q_post_find(c, o->id, &found);
	if (result == E_NOT_FOUND)
		return post_receive(c, o, author, domains, true, NULL);
	TRY(result);
	if (found->author_id != author->id || found->domain_id)
		return fail(c, E_FORBIDDEN, "the post is not the actor's");
	change.id = found->id;
	TRY(fill_row(c, &change.receipt));
	TRY(find_audience(c, &change.receipt, &wanted));
	/* Whom the stored post is for decides, not whom the new version says that it is for. */
	change.is_for_all = str_eq(found->visibility, STR("public")) ||
			    str_eq(found->visibility, STR("unlisted"));
	if (!change.is_for_all && change.receipt.audience.n)
		TRY(ctx_bind(c, change.receipt.audience.p[0]));
	result = db_transaction(c, restore, &change);
	TRY(ctx_bind(c, bound));
	return result;
}

int post_bury(struct ctx *c, int64_t id, i64s domains)
{
	size_t n;

	TRY(q_post_bury(c, id, &n));
	for (size_t i = 0; n == 0 && i < domains.n; i++) {
		TRY(ctx_bind(c, domains.p[i]));
		TRY(q_post_bury(c, id, &n));
	}
	return 0;
}

/* A post from its own server; one of ours is in the database or nowhere. */
static int fetch_post(struct ctx *c, str uri, const struct ap_object **ret,
		      const struct identity_row **ret_author)
{
	enum limit_severity severity;
	const struct json *document;
	struct ap_signer signer;
	str url;

	if (domain_owns(c, uri))
		return fail(c, E_NOT_FOUND, "there is no such post");
	TRY(limit_of_uri(c, uri, &severity));
	if (severity == LIMIT_BLOCK)
		return fail(c, E_REFUSED, "the server of %.*s is blocked",
			    STR_ARG(str_clip(uri, 200)));
	TRY(identity_fetch_signer(c, &signer));
	TRY(ap_get(c, &signer, uri, &document, &url));
	TRY(ap_object_parse(c, document, ret));
	if (str_is_empty((*ret)->attributed_to))
		return fail(c, E_REMOTE, "the post names no author");
	return identity_resolve_uri(c, (*ret)->attributed_to, ret_author);
}

int post_fetch(struct ctx *c, str uri, i64s domains, int64_t *ret_id)
{
	const struct identity_row *author;
	const struct ap_object *o;

	TRY(fetch_post(c, uri, &o, &author));
	return post_receive(c, o, author, domains, false, ret_id);
}

int post_fetch_if_wanted(struct ctx *c, str uri, i64s domains)
{
	const struct identity_row *author;
	const struct ap_object *o;

	TRY(fetch_post(c, uri, &o, &author));
	return post_receive(c, o, author, domains, true, NULL);
}

int post_fetch_reply(struct ctx *c, str uri, str parent_uri, int64_t *ret_id)
{
	const struct identity_row *author;
	const struct ap_object *o;
	enum ap_visibility visibility;

	*ret_id = 0;
	TRY(fetch_post(c, uri, &o, &author));
	visibility = ap_visibility_of(o, author->followers_uri);
	if (!str_eq(o->in_reply_to, parent_uri) ||
	    (visibility != AP_VISIBILITY_PUBLIC && visibility != AP_VISIBILITY_UNLISTED))
		return 0;
	return post_receive(c, o, author, (i64s){ NULL, 0 }, false, ret_id);
}

int post_refresh(struct ctx *c, str uri)
{
	const struct identity_row *author;
	const struct ap_object *o;

	TRY(fetch_post(c, uri, &o, &author));
	return post_update(c, o, author, (i64s){ NULL, 0 });
}

static int revive(struct ctx *c, void *arg)
{
	struct change *change = arg;
	const struct q_post_store_args *row = &change->receipt.row;
	struct q_post_revive_args args = {
		.url = row->url,
		.type = row->type,
		.visibility = row->visibility,
		.content = row->content,
		.summary = row->summary,
		.sensitive = row->sensitive,
		.language = row->language,
		.in_reply_to_uri = row->in_reply_to_uri,
		.in_reply_to_id = row->in_reply_to_id,
		.thread_id = row->thread_id,
		.detail = row->detail,
		.quote_uri = row->quote_uri,
		.quote_automatic = row->quote_automatic,
		.quote_manual = row->quote_manual,
		.published = row->published,
		.edited = row->edited,
		.id = change->id,
		.author_id = row->author_id,
	};
	size_t n;

	TRY(q_post_revive(c, &args, &n));
	if (n == 0)
		return 0;
	TRY(attach(c, &change->receipt, change->id));
	TRY(store_policy(c, &change->receipt, change->id, true));
	return quote_store(c, change->id, change->receipt.object, change->receipt.author);
}

int post_fetch_stub(struct ctx *c, int64_t id)
{
	struct change change = { .id = id };
	struct receipt *r = &change.receipt;
	const struct post_row *stub;
	bool wanted;

	TRY(q_post_for_job(c, id, &stub));
	TRY(fetch_post(c, stub->object_uri, &r->object, &r->author));
	TRY(check_origin(c, r->object, r->author));
	if (r->author->id != stub->author_id || !str_eq(r->object->id, stub->object_uri))
		return fail(c, E_FORBIDDEN, "the post is not what it was named as");
	TRY(fill_row(c, r));
	TRY(find_audience(c, r, &wanted));
	if (!is_for_all(r))
		return fail(c, E_FORBIDDEN, "the post is not for everybody");
	return db_transaction(c, revive, &change);
}
