/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Typed views of ActivityStreams documents (Activity Streams 2.0, ActivityPub) in the compacted
 * forms that servers really send; there is no JSON-LD processor. One value or a list, a URI or an
 * object, "as:Public", language maps, {"@value": ...}: those differences end here. Nothing is
 * believed about a document but that it is well-formed: who may say what is decided by the caller,
 * with the rules at the end of this header. Views point into the parsed document and the ctx's
 * arena, and live as long as these.
 *
 * Absent text is the null str, an absent or unreadable date is 0, an absent count is -1. URLs are
 * absolute http(s) ones of at most URL_LIMIT bytes, or absent. Lists over their limit are cut.
 */
#ifndef AP_DOCUMENT_H
#define AP_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/table.h"
#include "json/json.h"

#define AP_PUBLIC_URI "https://www.w3.org/ns/activitystreams#Public"
#define AP_MEDIA_TYPE "application/activity+json"

/* What one document may make us keep. Elements of a list beyond these are dropped ... */
#define AP_RECIPIENT_LIMIT 1000 /* to and cc, each */
#define AP_MENTION_LIMIT 100
#define AP_HASHTAG_LIMIT 50
#define AP_EMOJI_LIMIT 100
#define AP_ATTACHMENT_LIMIT 32
#define AP_OPTION_LIMIT 20
#define AP_FIELD_LIMIT 50
#define AP_KEY_LIMIT 8
#define AP_ALIAS_LIMIT 32
#define AP_OBJECT_LIMIT 100 /* objects of one activity (Flag) */
#define AP_ITEM_LIMIT 200 /* of one page of a collection */
/* ... text beyond these (bytes) is clipped between two characters ... */
#define AP_NAME_LIMIT 1000 /* names of people, titles, options, hashtags, fields */
#define AP_DESCRIPTION_LIMIT 10000 /* of media, values of fields */
#define AP_SUMMARY_LIMIT (64 * 1024) /* content warnings, people's summaries */
/* ... and a document with more content (bytes) than this is refused with E_TOO_LARGE. */
#define AP_CONTENT_LIMIT (512 * 1024)

/* Types that we know (Activity Vocabulary 3, and what the fediverse added). */
enum ap_type {
	AP_UNKNOWN,
	/* posts */
	AP_NOTE,
	AP_QUESTION,
	AP_ARTICLE,
	AP_PAGE,
	AP_AUDIO,
	AP_IMAGE,
	AP_VIDEO,
	AP_EVENT,
	AP_DOCUMENT,
	/* other objects */
	AP_TOMBSTONE,
	AP_HASHTAG,
	AP_COLLECTION, /* also ordered ones and their pages */
	AP_CRYPTOGRAPHIC_KEY,
	AP_QUOTE_AUTHORIZATION, /* FEP-044f */
	/* GoToSocial's likewise */
	AP_REPLY_AUTHORIZATION,
	AP_LIKE_AUTHORIZATION,
	AP_ANNOUNCE_AUTHORIZATION,
	/* FEP-7aa9 */
	AP_FEATURED_COLLECTION,
	AP_FEATURED_ITEM,
	AP_FEATURE_AUTHORIZATION,
	/* actors */
	AP_PERSON,
	AP_SERVICE,
	AP_GROUP,
	AP_ORGANIZATION,
	AP_APPLICATION,
	/* activities */
	AP_FOLLOW,
	AP_ACCEPT,
	AP_REJECT,
	AP_UNDO,
	AP_CREATE,
	AP_UPDATE,
	AP_DELETE,
	AP_LIKE,
	AP_ANNOUNCE,
	AP_ADD,
	AP_REMOVE,
	AP_BLOCK,
	AP_FLAG,
	AP_MOVE,
	AP_EMOJI_REACT,
	AP_DISLIKE,
	AP_VIEW,
	AP_LISTEN,
	AP_READ,
	AP_PING,
	AP_QUOTE_REQUEST, /* FEP-044f */
	AP_REPLY_REQUEST, /* GoToSocial's likewise */
	AP_LIKE_REQUEST,
	AP_FEATURE_REQUEST, /* FEP-7aa9 */
	AP_ANNOUNCE_REQUEST,
};

extern const struct name ap_types[]; /* every spelling, the usual one of a type first */

/* The first known type of the document; AP_UNKNOWN for none, and for a mere URI. */
enum ap_type ap_type_of(const struct json *j);
bool ap_type_is_post(enum ap_type type);
bool ap_type_is_actor(enum ap_type type);
bool ap_type_is_activity(enum ap_type type);

struct ap_mention {
	str href; /* URI of the actor */
	str name; /* as written, mostly "@name@host" */
};

struct ap_emoji {
	str name; /* without colons, letters, digits, '_', '-', '+' and '.' only */
	str id; /* URI of the emoji, may be absent */
	str url; /* of the picture */
	str media_type; /* as said or guessed */
	usec updated;
};

struct ap_attachment {
	str url;
	str media_type; /* as said, else guessed from the URL; "text/html" for a mere link, else
			 * "application/octet-stream" */
	str name; /* description */
	str blurhash;
	int64_t width, height; /* -1: not said */
	double focus_x, focus_y; /* -1 .. 1; 0, 0 is the middle */
};

struct ap_option {
	str name;
	int64_t votes; /* -1: not said */
};

struct ap_poll {
	bool multiple;
	bool closed; /* the author said so; end_time may have passed without it */
	usec end_time;
	int64_t voters; /* -1: not said */
	const struct ap_option *options;
	size_t n_options;
};

/* Who may do something to a post: at once, or when its author agrees; URIs of actors and collections. */
struct ap_rule {
	bool is_said; /* false: everybody, or as ever */
	strs automatic, manual;
};

struct ap_object {
	str id;
	enum ap_type type;
	str type_name; /* as sent, the one that type is for */
	str attributed_to; /* URI of the author: the person when several are named */
	strs to, cc; /* URIs; every form of Public is AP_PUBLIC_URI */
	str content; /* HTML as sent, not sanitised; see content_type */
	str content_type; /* of content when it is not HTML ("text/markdown", "text/plain") */
	str name; /* title; plain text */
	str summary; /* content warning or abstract */
	str language; /* of content (BCP 47); absent when it cannot be told */
	str in_reply_to;
	str quote_uri;
	str quote_authorization; /* URI of the consent to quote_uri (FEP-044f) */
	strs quote_automatic, quote_manual; /* who may quote it: at once, when its author agrees; as
					     * URIs of actors and collections */
	struct ap_rule can_reply, can_like, can_announce;
	str url; /* of the page for people; the id when there is none */
	usec published, updated;
	bool sensitive;
	const struct ap_mention *mentions;
	size_t n_mentions;
	strs hashtags; /* without '#', as written otherwise */
	const struct ap_emoji *emojis;
	size_t n_emojis;
	const struct ap_attachment *attachments; /* attached media, then pictures (not those of a
						  * Video or Audio), then the media file that a
						  * Video, Audio, Image or Document is */
	size_t n_attachments;
	str preview; /* picture that stands for a video, a song or an article */
	const struct ap_poll *poll; /* NULL: none */
	bool is_vote; /* a Note that votes for the option name of the poll in_reply_to */
	usec start_time, end_time; /* of an Event */
	str location; /* name of the place */
};

/*
 * The view of a post. E_INVALID when it is no object, has no id that is an http(s) URI or a type
 * that is no post's; E_TOO_LARGE for its content. attributed_to may be absent.
 */
int ap_object_parse(struct ctx *c, const struct json *j, const struct ap_object **ret) must_check;

enum ap_visibility {
	AP_VISIBILITY_PUBLIC, /* addressed to everybody */
	AP_VISIBILITY_UNLISTED, /* everybody in copy */
	AP_VISIBILITY_FOLLOWERS, /* the author's followers, in either */
	AP_VISIBILITY_MENTIONED, /* those named only */
};

/* followers: the author's collection; when it is absent nothing counts as "followers". */
enum ap_visibility ap_visibility_of(const struct ap_object *o, str followers);

struct ap_key {
	str id;
	str owner; /* URI of the actor */
	str der; /* SubjectPublicKeyInfo */
};

struct ap_field {
	str name; /* plain text */
	str value; /* HTML as sent */
};

struct ap_actor {
	str id;
	enum ap_type type;
	str preferred_username;
	str name; /* display name; plain text */
	str summary; /* HTML as sent */
	str url; /* of the page for people; the id when there is none */
	str inbox, shared_inbox, outbox, followers, following, featured;
	str icon, image;
	const struct ap_field *fields;
	size_t n_fields;
	const struct ap_emoji *emojis;
	size_t n_emojis;
	strs also_known_as;
	strs attribution_domains; /* sites that may name it as the author of their pages, in lower case */
	str moved_to;
	bool locked; /* follows wait for approval */
	bool discoverable, indexable;
	bool featurable; /* its policy lets some put it into a collection, or ask (FEP-7aa9) */
	bool suspended; /* by its own server */
	usec published;
	const struct ap_key *keys; /* usable ones that the actor owns, on its host */
	size_t n_keys;
};

/* E_INVALID without an id, an inbox (both http(s)) or the type of an actor. */
int ap_actor_parse(struct ctx *c, const struct json *j, const struct ap_actor **ret) must_check;

/*
 * A key that stands alone, as some key URIs answer, or the one of the actor document j whose id is
 * key_uri. E_NOT_FOUND when it is not in there; whether the owner is right is the caller's to ask
 * of the owner's own document.
 */
int ap_key_parse(struct ctx *c, const struct json *j, str key_uri, struct ap_key *ret) must_check;

struct ap_activity {
	str id; /* on the actor's host; absent when there is none or it is no http(s) URI */
	enum ap_type type;
	str type_name; /* as sent */
	str actor; /* URI */
	str object; /* URI of the (first) object; absent when it has none */
	const struct json *object_json; /* the first object when it came embedded, else NULL */
	strs objects; /* URIs of all objects */
	str target;
	str instrument; /* of a request for consent: URI of the post or activity that needs it */
	const struct json *instrument_json; /* that when it came embedded, else NULL */
	str result; /* of an Accept: URI of what was granted */
	strs to, cc;
	str content; /* reason of a Flag, emoji of a reaction */
	const struct ap_emoji *emoji; /* picture of the reaction; NULL: none */
	usec published;
};

/*
 * E_INVALID without an actor URI, with an id on another host than the actor's, or for a known type
 * without an object. A type that we do not know is AP_UNKNOWN and no error.
 */
int ap_activity_parse(struct ctx *c, const struct json *j,
		      const struct ap_activity **ret) must_check;

struct ap_item {
	str uri; /* absent for an object without an id */
	const struct json *json; /* the embedded object; NULL: the URI is all */
};

struct ap_collection {
	str id;
	int64_t total; /* -1: not said */
	str first, next; /* URIs of pages */
	const struct json *first_json; /* the first page when it came embedded, else NULL */
	bool is_page;
	const struct ap_item *items; /* in order; a Create or Update stands for its object */
	size_t n_items;
};

/* E_INVALID for what is no collection or page of one. */
int ap_collection_parse(struct ctx *c, const struct json *j,
			const struct ap_collection **ret) must_check;

/* A collection of accounts, with its members' consent (FEP-7aa9). */
struct ap_featured_item {
	str id; /* may be absent */
	str object; /* URI of who is shown */
	str authorization; /* URI of the consent; may be absent */
};

struct ap_featured_collection {
	str id, owner; /* URIs; the owner's as it says */
	str url; /* of the page for people; may be absent */
	str name; /* plain text */
	str summary; /* as sent, text or HTML; may be absent */
	str language, topic; /* may be absent; the topic with or without '#' */
	bool sensitive, discoverable;
	usec published;
	const struct ap_featured_item *items;
	size_t n_items;
};

/* One of the document's types is FeaturedCollection. */
bool ap_is_featured_collection(const struct json *j);
/* E_INVALID for what is none, or has no id, owner or name; its pages are not read. */
int ap_featured_collection_parse(struct ctx *c, const struct json *j,
				 const struct ap_featured_collection **ret) must_check;
/* E_INVALID for what is no FeaturedItem, or shows nobody. */
int ap_featured_item_parse(struct ctx *c, const struct json *j,
			   struct ap_featured_item *ret) must_check;

/* The URI of "a URI or an object with an id" or of the first of a list; else absent. */
str ap_uri_of(const struct json *j);

/*
 * Rules of trust. A document speaks for its own host (and port), and for nothing else. Both are
 * false for an absent URI.
 */
bool ap_same_host(str one, str other);
/* Any of the spellings of the public collection (ActivityPub 5.6). */
bool ap_is_public(str uri);

#endif
