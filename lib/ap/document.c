/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The view of a post, and what all views know: types, URIs, the rules of trust. A view is built in
 * one go and never changes; every text in it is a view of the document.
 */
#include "ap/document.h"

#include "ap/document_part.h"
#include "ap/shape.h"
#include "fetch/url.h"

/* Types */

const struct name ap_types[] = {
	{ "Note", AP_NOTE },
	{ "Question", AP_QUESTION },
	{ "Article", AP_ARTICLE },
	{ "Page", AP_PAGE },
	{ "Audio", AP_AUDIO },
	{ "Image", AP_IMAGE },
	{ "Video", AP_VIDEO },
	{ "Event", AP_EVENT },
	{ "Document", AP_DOCUMENT },
	{ "Tombstone", AP_TOMBSTONE },
	{ "Hashtag", AP_HASHTAG },
	{ "Collection", AP_COLLECTION },
	{ "OrderedCollection", AP_COLLECTION },
	{ "CollectionPage", AP_COLLECTION },
	{ "OrderedCollectionPage", AP_COLLECTION },
	{ "CryptographicKey", AP_CRYPTOGRAPHIC_KEY },
	{ "Key", AP_CRYPTOGRAPHIC_KEY },
	{ "QuoteAuthorization", AP_QUOTE_AUTHORIZATION },
	{ "ReplyAuthorization", AP_REPLY_AUTHORIZATION },
	{ "LikeAuthorization", AP_LIKE_AUTHORIZATION },
	{ "AnnounceAuthorization", AP_ANNOUNCE_AUTHORIZATION },
	{ "FeaturedCollection", AP_FEATURED_COLLECTION },
	{ "FeaturedItem", AP_FEATURED_ITEM },
	{ "FeatureAuthorization", AP_FEATURE_AUTHORIZATION },
	{ "Person", AP_PERSON },
	{ "Service", AP_SERVICE },
	{ "Group", AP_GROUP },
	{ "Organization", AP_ORGANIZATION },
	{ "Application", AP_APPLICATION },
	{ "Follow", AP_FOLLOW },
	{ "Accept", AP_ACCEPT },
	{ "Reject", AP_REJECT },
	{ "Undo", AP_UNDO },
	{ "Create", AP_CREATE },
	{ "Update", AP_UPDATE },
	{ "Delete", AP_DELETE },
	{ "Like", AP_LIKE },
	{ "Announce", AP_ANNOUNCE },
	{ "Add", AP_ADD },
	{ "Remove", AP_REMOVE },
	{ "Block", AP_BLOCK },
	{ "Flag", AP_FLAG },
	{ "Move", AP_MOVE },
	{ "EmojiReact", AP_EMOJI_REACT },
	{ "EmojiReaction", AP_EMOJI_REACT },
	{ "Dislike", AP_DISLIKE },
	{ "View", AP_VIEW },
	{ "Listen", AP_LISTEN },
	{ "Read", AP_READ },
	{ "Ping", AP_PING },
	{ "QuoteRequest", AP_QUOTE_REQUEST },
	{ "ReplyRequest", AP_REPLY_REQUEST },
	{ "LikeRequest", AP_LIKE_REQUEST },
	{ "AnnounceRequest", AP_ANNOUNCE_REQUEST },
	{ "FeatureRequest", AP_FEATURE_REQUEST },
	{ NULL, 0 },
};

#define TYPE_LIMIT 16 /* types of one document that are looked at */

enum ap_type part_type(const struct json *j, str *ret_name)
{
	const struct json *types = json_get(j, "type");
	size_t n = json_list_count(types);

	*ret_name = json_str(json_list_at(types, 0));
	for (size_t i = 0; i < n && i < TYPE_LIMIT; i++) {
		str sent = json_str(json_list_at(types, i)), local = shape_local_name(sent);

		for (const struct name *t = ap_types; t->name; t++) {
			if (!str_eq_fold(local, str_c(t->name)))
				continue;
			*ret_name = sent;
			return (enum ap_type)t->value;
		}
	}
	return AP_UNKNOWN;
}

enum ap_type ap_type_of(const struct json *j)
{
	str name;

	return part_type(j, &name);
}

bool ap_type_is_post(enum ap_type type)
{
	return type >= AP_NOTE && type <= AP_DOCUMENT;
}

bool ap_type_is_actor(enum ap_type type)
{
	return type >= AP_PERSON && type <= AP_APPLICATION;
}

bool ap_type_is_activity(enum ap_type type)
{
	return type >= AP_FOLLOW && type <= AP_ANNOUNCE_REQUEST;
}

/* URIs and trust */

static str uri_of_one(const struct json *j)
{
	str s = shape_url_of(json_str(j));

	if (str_is_null(s))
		s = shape_url_of(json_get_str(j, "id"));
	return str_is_null(s) ? shape_url_of(json_get_str(j, "href")) : s;
}

str ap_uri_of(const struct json *j)
{
	size_t n = json_list_count(j);
	str s = STR_NULL;

	for (size_t i = 0; str_is_null(s) && i < n; i++)
		s = uri_of_one(json_list_at(j, i));
	return s;
}

bool ap_same_host(str one, str other)
{
	return !str_is_null(one) && !str_is_null(other) && url_same_host(one, other);
}

bool ap_is_public(str uri)
{
	return str_eq(uri, STR(AP_PUBLIC_URI)) || str_eq(uri, STR("as:Public")) ||
	       str_eq(uri, STR("Public"));
}

/* Parts of a post */

/* The person among several authors (a video names its channel too), else the first. */
static str author_of(const struct json *j)
{
	size_t n = json_list_count(j);

	for (size_t i = 0; i < n; i++) {
		const struct json *one = json_list_at(j, i);

		if (shape_is_a(one, "Person") && !str_is_null(ap_uri_of(one)))
			return ap_uri_of(one);
	}
	return ap_uri_of(j);
}

#define LANGUAGE_LIMIT 35 /* bytes (BCP 47, 4.4.1) */

static str language_tag(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!char_is_alnum(s.p[i]) && s.p[i] != '-')
			return STR_NULL;
	}
	if (s.n < 2 || s.n > LANGUAGE_LIMIT || str_eq_fold(s, STR("und")))
		return STR_NULL;
	return s;
}

static int read_content(struct ctx *c, const struct json *j, struct ap_object *o)
{
	struct shape_text content = shape_text(j, "content");
	str type = shape_media_type(c, json_get_str(j, "mediaType"));

	if (content.text.n > AP_CONTENT_LIMIT)
		return fail(c, E_TOO_LARGE, "content of %zu bytes, the limit is %d", content.text.n,
			    AP_CONTENT_LIMIT);
	o->content = content.text;
	o->language = language_tag(content.language);
	if (str_is_null(o->language))
		o->language =
			language_tag(shape_string(json_get(json_get(j, "language"), "identifier")));
	if (str_starts(type, STR("text/")) && !str_eq(type, STR("text/html")))
		o->content_type = type;
	return 0;
}

static str hashtag_name(const struct json *tag)
{
	str name = shape_text_clipped(tag, "name", AP_NAME_LIMIT);

	if (str_is_null(name))
		name = shape_text_clipped(tag, "tag", AP_NAME_LIMIT);
	while (str_starts(name, STR("#")))
		name = str_from(name, 1);
	return str_is_empty(name) ? STR_NULL : name;
}

/* A tag that says so, or one without a type that is written like one. */
static bool is_hashtag(const struct json *tag)
{
	return shape_is_a(tag, "Hashtag") ||
	       (!json_get(tag, "type") && str_starts(json_get_str(tag, "name"), STR("#")));
}

static void read_tags(struct ctx *c, const struct json *tags, struct ap_object *o)
{
	size_t n = json_list_count(tags), room = n < AP_MENTION_LIMIT ? n : AP_MENTION_LIMIT;
	struct ap_mention *mentions = arena_array(c->arena, room, sizeof(*mentions));
	str *hashtags = arena_array(c->arena, n < AP_HASHTAG_LIMIT ? n : AP_HASHTAG_LIMIT,
				    sizeof(*hashtags));

	for (size_t i = 0; i < n; i++) {
		const struct json *tag = json_list_at(tags, i);
		str href = shape_url_of(json_get_str(tag, "href")), name = hashtag_name(tag);

		if (shape_is_a(tag, "Mention") && !str_is_null(href) && o->n_mentions < room)
			mentions[o->n_mentions++] = (struct ap_mention){
				href, shape_text_clipped(tag, "name", AP_NAME_LIMIT)
			};
		else if (is_hashtag(tag) && !str_is_null(name) && o->hashtags.n < AP_HASHTAG_LIMIT)
			hashtags[o->hashtags.n++] = name;
	}
	o->mentions = mentions;
	o->hashtags.p = hashtags;
	o->emojis = part_emojis(c, tags, &o->n_emojis);
}

/* A Link among the tags that marks a quotation (FEP-e232). */
static str quote_in_tags(const struct json *tags)
{
	static const char *const relations[] = {
		"https://misskey-hub.net/ns#_misskey_quote",
		"http://fedibird.com/ns#quoteUri",
		"https://w3id.org/fep/044f#quote",
	};
	size_t n = json_list_count(tags);

	for (size_t i = 0; i < n; i++) {
		const struct json *tag = json_list_at(tags, i);
		str relation = shape_string(json_get(tag, "rel"));

		for (size_t k = 0; shape_is_a(tag, "Link") && k < ARRAY_SIZE(relations); k++) {
			if (str_eq_c(relation, relations[k]))
				return shape_url_of(json_get_str(tag, "href"));
		}
	}
	return STR_NULL;
}

static str quote_of(const struct json *j)
{
	static const char *const keys[] = { "quote", "quoteUri", "quoteUrl", "_misskey_quote" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		str uri = ap_uri_of(json_get(j, keys[i]));

		if (!str_is_null(uri))
			return uri;
	}
	return quote_in_tags(json_get(j, "tag"));
}

/* A part of a policy; "always" and "approvalRequired" are what its lists were called before. */
static struct ap_rule read_rule(struct ctx *c, const struct json *policy, const char *name)
{
	const struct json *rule = shape_get(policy, name);
	bool is_new = shape_get(rule, "automaticApproval") || shape_get(rule, "manualApproval");

	return (struct ap_rule){
		.is_said = rule != NULL,
		.automatic = part_recipients(c, shape_get(rule,
							  is_new ? "automaticApproval" : "always")),
		.manual = part_recipients(c, shape_get(rule, is_new ? "manualApproval"
								    : "approvalRequired")),
	};
}

/* What others may do with it: interactionPolicy, in GoToSocial's vocabulary. */
static void read_policy(struct ctx *c, const struct json *j, struct ap_object *o)
{
	const struct json *policy = shape_get(j, "interactionPolicy");
	const struct json *quote = shape_get(policy, "canQuote");

	o->can_reply = read_rule(c, policy, "canReply");
	o->can_like = read_rule(c, policy, "canLike");
	o->can_announce = read_rule(c, policy, "canAnnounce");
	o->quote_automatic = part_recipients(c, shape_get(quote, "automaticApproval"));
	o->quote_manual = part_recipients(c, shape_get(quote, "manualApproval"));
}

/* closed is a date, or true, or anything that stands for "it is". */
static bool is_closed(const struct ctx *c, const struct json *closed)
{
	usec t = shape_time(closed);

	if (json_is(closed, JSON_BOOL))
		return json_bool(closed);
	return json_list_count(closed) && t <= c->now;
}

static const struct ap_option *options_of(struct ctx *c, const struct json *options, size_t *ret_n)
{
	size_t n = json_list_count(options), used = 0;
	struct ap_option *p =
		arena_array(c->arena, n < AP_OPTION_LIMIT ? n : AP_OPTION_LIMIT, sizeof(*p));

	for (size_t i = 0; i < n && used < AP_OPTION_LIMIT; i++) {
		const struct json *option = json_list_at(options, i);
		str name = shape_text_clipped(option, "name", AP_NAME_LIMIT);

		if (str_is_null(name))
			continue;
		p[used].name = name;
		p[used++].votes = shape_count(json_get(json_get(option, "replies"), "totalItems"));
	}
	*ret_n = used;
	return p;
}

/* NULL for a question without answers to choose from: that is a post like others. */
static const struct ap_poll *poll_of(struct ctx *c, const struct json *j)
{
	struct ap_poll *poll = arena_new_of(c->arena, struct ap_poll);

	poll->options = options_of(c, json_get(j, "oneOf"), &poll->n_options);
	if (!poll->n_options) {
		poll->multiple = true;
		poll->options = options_of(c, json_get(j, "anyOf"), &poll->n_options);
	}
	if (!poll->n_options)
		return NULL;
	poll->closed = is_closed(c, json_get(j, "closed"));
	poll->end_time = shape_time(json_get(j, "endTime"));
	if (!poll->end_time)
		poll->end_time = shape_time(json_get(j, "closed"));
	poll->voters = shape_count(shape_get(j, "votersCount"));
	return poll;
}

/* The name of the place, else its address. */
static str place_of(const struct json *place)
{
	static const char *const keys[] = { "name", "address", "addressLocality" };

	if (json_is(place, JSON_ARRAY))
		place = json_at(place, 0);
	if (json_is(place, JSON_STRING))
		return str_clip(json_str(place), AP_NAME_LIMIT);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		str name = shape_text_clipped(place, keys[i], AP_NAME_LIMIT);

		if (!str_is_null(name))
			return name;
	}
	return shape_text_clipped(json_get(place, "address"), "addressLocality", AP_NAME_LIMIT);
}

static void read_event(const struct json *j, struct ap_object *o)
{
	o->start_time = shape_time(json_get(j, "startTime"));
	o->end_time = shape_time(json_get(j, "endTime"));
	o->location = place_of(json_get(j, "location"));
}

/* What the types share: who, to whom, when, where. */
static void read_frame(struct ctx *c, const struct json *j, struct ap_object *o)
{
	o->attributed_to = author_of(json_get(j, "attributedTo"));
	o->to = part_recipients(c, json_get(j, "to"));
	o->cc = part_recipients(c, json_get(j, "cc"));
	o->in_reply_to = ap_uri_of(json_get(j, "inReplyTo"));
	o->quote_uri = quote_of(j);
	o->quote_authorization = ap_uri_of(shape_get(j, "quoteAuthorization"));
	read_policy(c, j, o);
	o->url = shape_page(json_get(j, "url"));
	if (str_is_null(o->url))
		o->url = o->id;
	o->published = shape_time(json_get(j, "published"));
	o->updated = shape_time(json_get(j, "updated"));
}

int ap_object_parse(struct ctx *c, const struct json *j, const struct ap_object **ret)
{
	struct ap_object *o = arena_new_of(c->arena, struct ap_object);

	TRY(part_id(c, j, &o->id));
	o->type = part_type(j, &o->type_name);
	if (!ap_type_is_post(o->type))
		return fail(c, E_INVALID, "\"" STR_FMT "\" is no type of a post",
			    STR_ARG(str_clip(o->type_name, AP_NAME_LIMIT)));
	read_frame(c, j, o);
	TRY(read_content(c, j, o));
	o->name = shape_text_clipped(j, "name", AP_NAME_LIMIT);
	o->summary = shape_text_clipped(j, "summary", AP_SUMMARY_LIMIT);
	o->sensitive = shape_true(shape_get(j, "sensitive"));
	read_tags(c, json_get(j, "tag"), o);
	o->attachments = part_attachments(c, j, o->type, &o->n_attachments);
	o->preview = shape_picture(json_get(j, "icon"));
	if (str_is_null(o->preview))
		o->preview = shape_picture(json_get(j, "image"));
	if (o->type == AP_QUESTION)
		o->poll = poll_of(c, j);
	if (o->type == AP_EVENT)
		read_event(j, o);
	o->is_vote = o->type == AP_NOTE && !str_is_null(o->name) && !str_is_null(o->in_reply_to) &&
		     str_is_empty(o->content);
	*ret = o;
	return 0;
}

static bool has(strs list, str uri)
{
	for (size_t i = 0; i < list.n; i++) {
		if (str_eq(list.p[i], uri))
			return true;
	}
	return false;
}

enum ap_visibility ap_visibility_of(const struct ap_object *o, str followers)
{
	if (has(o->to, STR(AP_PUBLIC_URI)))
		return AP_VISIBILITY_PUBLIC;
	if (has(o->cc, STR(AP_PUBLIC_URI)))
		return AP_VISIBILITY_UNLISTED;
	if (!str_is_null(followers) && (has(o->to, followers) || has(o->cc, followers)))
		return AP_VISIBILITY_FOLLOWERS;
	return AP_VISIBILITY_MENTIONED;
}
