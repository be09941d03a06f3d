/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What pages show: the args of templates/, as plain data that a handler fills and a template only
 * reads. Everything is text, markup (html), numbers and addresses; nothing here knows a database
 * row. Names of parts end with _view, whole pages with _page; every page begins with its frame.
 *
 * A path is an address on this site ("/@ann/"), a url one anywhere. Empty means "none". The file is
 * longer than most, because it is the list of all pages.
 */
#ifndef SERVER_WEB_PAGE_H
#define SERVER_WEB_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"
#include "html/html.h"
#include "model/consent.h"
#include "model/domain.h"
#include "model/follow.h"
#include "model/media.h"
#include "model/poll.h"
#include "model/post.h"
#include "server/web/wrong.h"

/*
 * Parts
 */

/* Pages of one's own settings, as their tabs name them. */
enum settings_tab {
	SETTINGS_PROFILE,
	SETTINGS_ACCOUNT,
	SETTINGS_LOOK,
	SETTINGS_SECURITY,
	SETTINGS_SESSIONS,
	SETTINGS_APPLICATIONS,
	SETTINGS_POSTING,
	SETTINGS_FILTERS,
	SETTINGS_DATA,
	SETTINGS_STRIKES,
	SETTINGS_REPORTS,
	SETTINGS_IDENTITIES,
};

struct person_view {
	int64_t id;
	str name; /* display name, or the user name; never empty */
	html drawn; /* the name with its emoji as pictures; empty: it has none */
	str handle; /* "@ann@example.org" */
	str path; /* its page here, with a slash at both ends */
	str url; /* its page at home */
	str icon; /* picture; empty: initials are drawn */
	bool local, bot, locked;
};

/* The tenant, and the request. */
struct site_view {
	str title, description; /* plain text; the title is never empty */
	str host; /* of handles */
	str origin; /* without a slash at the end */
	str accent; /* "#2f6f5e" */
	str version; /* of the program */
	str lang; /* of the interface */
	bool rtl; /* which is written from the right */
	enum domain_sign_up sign_up;
	str icon, icon_small, banner; /* addresses of pictures; empty: none */
	str style; /* address of its own style sheet; empty: none, or not for this page */
	str footer; /* plain text; may be empty */
	bool has_privacy, has_terms, has_imprint; /* in writing */
	usec now;
};

/* An identity that the log-in may act as, here or on another domain of this installation. */
struct choice_view {
	struct person_view person;
	str site; /* title of its community */
	bool here; /* on this domain */
	bool current;
};

enum theme { THEME_AUTO, THEME_LIGHT, THEME_DARK, THEME_CONTRAST };
enum text_size { SIZE_MEDIUM, SIZE_LARGE, SIZE_LARGEST };

/* Who looks. */
struct viewer_view {
	bool logged_in; /* else everything else is empty */
	str token; /* of forms; also set for log-in and sign-up */
	struct person_view self;
	const struct choice_view *choices; /* self included */
	size_t n_choices;
	int64_t unseen; /* notifications */
	bool staff; /* of this community */
	enum theme theme;
	enum text_size size;
	bool still; /* nothing may move */
	bool shortcuts; /* single keys do something */
};

/* The entry of the menu that a page belongs to. */
enum menu {
	MENU_NONE,
	MENU_HOME,
	MENU_LOCAL,
	MENU_NOTIFICATIONS,
	MENU_TALK,
	MENU_SAVED,
	MENU_LISTS,
	MENU_SEARCH,
	MENU_PROFILE,
	MENU_SETTINGS,
	MENU_ABOUT,
	MENU_STAFF,
};

/* What stands around every page. */
struct frame {
	const struct site_view *site;
	const struct viewer_view *viewer;
	str title; /* of the document, without the site's; empty: the site's alone */
	str path; /* of this page with its query: forms come back to it */
	enum menu menu;
	str flash; /* what just happened, plain text */
	bool flash_is_error;
	str description; /* for previews elsewhere, plain text */
	str image; /* for previews elsewhere, absolute URL */
	str canonical; /* absolute URL of the page */
	str activity; /* ActivityPub id of its subject */
	str feed; /* path that its feeds begin with: "/@ann/feed"; empty: none */
	bool embeds; /* others may show it by oEmbed; with canonical */
	bool wide; /* image is a picture of the page, not of a person */
	bool hidden; /* from search engines */
	str once; /* token of a form that creates something */
	const char *script; /* asset that the page works better with; NULL: none */
};

enum page_media { MEDIA_IMAGE, MEDIA_VIDEO, MEDIA_AUDIO, MEDIA_FILE };

struct media_view {
	enum page_media kind;
	str url;
	str thumbnail; /* small form of an image, still of a video; empty: none */
	str description;
	str media_type;
	int64_t width, height; /* pixels; 0: unknown */
};

struct poll_option_view {
	str label;
	html drawn; /* with its emoji; empty: it has none */
	int64_t votes;
	int percent;
	bool chosen; /* by the viewer */
};

struct poll_view {
	const struct poll_option_view *options;
	size_t n_options;
	int64_t votes; /* voters, or votes where voters are not told */
	usec closes; /* 0: never */
	bool closed, multiple;
	bool can_vote; /* the viewer, who did not yet */
	struct wrong error; /* why a vote was none */
};

/* The page that a post links to. */
struct card_view {
	str url;
	str title; /* never empty */
	str about, site; /* plain text; may be empty */
	str image; /* picture from here; empty: none */
	str image_about;
};

/* Whether others see an answer. */
enum post_consent { POST_AGREED, POST_WAITS, POST_REFUSED };

struct post_view {
	enum post_consent consent;
	bool can_refuse; /* the viewer agreed to it, and may take that back */
	int64_t entry_id; /* its anchor: differs for each post on a page */
	int64_t id;
	struct person_view author;
	const struct person_view *booster; /* NULL: not here by a boost */
	const struct person_view *in_reply_to; /* author of the parent; NULL: none or unknown */
	bool is_reply; /* to anybody, known or not */
	int64_t parent_id; /* 0: not known here */
	str path; /* its page here, with a slash at both ends: "/@ann@example.org/posts/1/" */
	str url; /* its page at home */
	str title; /* of articles, videos, events */
	str warning;
	html warning_drawn; /* with its emoji; empty: it has none */
	str filtered; /* the filter of the viewer that covers it; empty: none */
	html content;
	str lang; /* BCP 47 */
	bool sensitive; /* media are hidden until asked for */
	enum post_visibility visibility;
	usec published;
	usec edited; /* 0: never */
	const struct media_view *media;
	size_t n_media;
	const struct poll_view *poll; /* NULL: none */
	const struct post_view *quoted; /* what it quotes and may show; NULL: nothing */
	const struct card_view *card; /* NULL: none */
	int64_t n_replies, n_boosts, n_likes;
	bool liked, boosted, bookmarked, pinned; /* by the viewer */
	bool own; /* of the viewer: may be deleted */
	bool can_boost, can_pin, can_quote;
	int depth; /* below the post that a thread is about: 1 for its direct replies */
};

/* A person in a list, with what the viewer may do about them. */
struct person_row_view {
	struct person_view person;
	str about; /* first words of the biography, plain text */
	struct relation relation; /* zero when nobody is logged in */
	bool self;
};

/* Further pages of a list; an empty path: there are none. */
struct pager_view {
	str newer, older;
};

/* A place for a file of a post. */
struct slot_view {
	int64_t id; /* of the upload; 0: none yet */
	str preview; /* small picture of it; empty: none */
	str description; /* as typed */
};

/* The part of the form that an error is about. */
enum compose_part { COMPOSE_ALL, COMPOSE_MEDIA, COMPOSE_POLL, COMPOSE_DUE };

/* The form that writes a post. */
struct compose_view {
	str text, warning; /* as typed */
	enum post_visibility visibility;
	str lang;
	bool sensitive;
	enum quote_policy quote_policy;
	enum consent_choice reply_policy;
	const struct post_view *parent; /* what it answers; NULL: nothing */
	const struct post_view *quoted; /* what it quotes; NULL: nothing */
	struct slot_view slots[MEDIA_PER_POST];
	str options[POLL_OPTION_LIMIT]; /* of a poll, as typed */
	int64_t poll_seconds; /* how long it is open */
	bool poll_multiple, poll_hides; /* the latter: counts, while it is open */
	str due; /* when it is to appear, as typed; empty: at once */
	str once; /* tells the same form sent twice from two forms */
	int64_t edits; /* the own post that is edited; 0: a new one */
	int64_t draft; /* it goes on with; 0: none */
	int limit; /* characters */
	struct wrong error;
	enum compose_part wrong;
};

/* A post for later. */
struct later_view {
	int64_t id;
	str text; /* the beginning, plain text */
	enum post_visibility visibility;
	size_t n_media;
	bool has_poll;
	usec due;
	str typed; /* a new time, as the form holds it */
	struct wrong error;
};

struct field_view {
	str name;
	html drawn; /* with its emoji; empty: it has none */
	html value;
	bool verified; /* what it links to links back */
};

/*
 * Pages
 */

/* What a passkey is made or used by; the script of the page shows the form. */
struct passkey_view {
	str action; /* path of the form */
	bool creates;
	str challenge, rp_id, user_handle, known; /* see struct passkey_offer */
	str user; /* how the authenticator calls the log-in; with creates */
	str next; /* path to go to then; empty: none */
};

struct login_page {
	struct frame frame;
	bool has_mail; /* letters are sent */
	str email; /* as typed */
	str next; /* path to go to then */
	struct passkey_view passkey;
	struct wrong error;
};

struct signup_page {
	struct frame frame;
	str invite; /* token; empty: it has to be typed where one is needed */
	str email, username, reason, born; /* as typed */
	bool agreed; /* ticked */
	bool asks_why, needs_why; /* for the reason, and it has to be given */
	int64_t min_age; /* years; 0: nobody is asked for theirs */
	bool has_mail; /* letters are sent */
	str stamp; /* when the form was first shown, see trap.h */
	const str *rules;
	size_t n_rules;
	bool has_terms, has_privacy; /* pages that one agrees to as well */
	str closed; /* why nobody can join, in the community's words; may be empty */
	struct wrong error;
};

/* What a link in a letter opens, and the page that has another letter sent. */
struct link_page {
	struct frame frame;
	str token; /* of the link; empty: nobody followed one, or it does not work */
	str email; /* as typed */
	bool has_mail; /* letters are sent */
	struct wrong error;
};

/* The last page of some way: what happened, in words. */
enum word {
	WORD_CONFIRMED, /* the address; log in now */
	WORD_PENDING, /* staff has to approve it */
	WORD_ASKED, /* for a new password */
	WORD_RESET, /* it is set */
	WORD_MOVED, /* the address changed */
	WORD_UNSUBSCRIBED,
	WORD_LEFT, /* the account is deleted */
};
struct word_page {
	struct frame frame;
	enum word word;
};

/* The address of the one press that ends letters. */
struct ticket_page {
	struct frame frame;
	str ticket, next;
	str handle; /* of whom it lets somebody act as */
};

struct unsubscribe_page {
	struct frame frame;
	int64_t user;
	str code;
};

struct wish_view {
	str kind; /* of notifications */
	bool wanted;
};

struct account_page {
	struct frame frame;
	str email;
	bool confirmed;
	bool has_mail; /* letters are sent */
	str new_email; /* as typed */
	str asked; /* the address that a letter went to; empty: none did */
	const struct wish_view *wishes;
	size_t n_wishes;
	bool log_ins;
	struct wrong address_error, password_error;
	bool password_done, wishes_done;
};

/* Home and local timeline. */
struct timeline_page {
	struct frame frame;
	bool local;
	str live; /* where its script hears of more; empty: not the newest page */
	const struct compose_view *compose; /* NULL: no form above */
	const struct post_view *posts;
	size_t n_posts;
	struct pager_view pager;
};

struct compose_page {
	struct frame frame;
	struct compose_view compose;
	const struct post_view *preview; /* as it would look; NULL: not asked for */
};

/* Bookmarks, or what one likes. */
struct saved_page {
	struct frame frame;
	bool liked;
	const struct post_view *posts;
	size_t n_posts;
	struct pager_view pager;
};

struct conversation_view {
	int64_t id;
	const struct person_view *people; /* all others */
	size_t n_people;
	const struct post_view *last; /* NULL: not to be read any longer */
	bool unread;
};

struct conversations_page {
	struct frame frame;
	const struct conversation_view *conversations;
	size_t n_conversations;
	struct pager_view pager;
};

/* People whom one decided about, or is to decide about. */
enum relations { RELATIONS_REQUESTS, RELATIONS_BLOCKS, RELATIONS_MUTES };

struct relations_page {
	struct frame frame;
	enum relations which;
	const struct person_row_view *people;
	size_t n_people;
	struct pager_view pager;
};

struct list_view {
	int64_t id;
	str title; /* in forms as typed */
	str replies; /* which answers are on it: "followed", "list", "none" */
	bool exclusive; /* its members are not on the home page */
	bool chosen; /* somebody is on it */
};

struct lists_page {
	struct frame frame;
	const struct list_view *lists;
	size_t n_lists;
	str title; /* of a new one, as typed */
	struct wrong error;
};

struct list_page {
	struct frame frame;
	struct list_view list;
	const struct post_view *posts;
	size_t n_posts;
	struct pager_view pager;
};

struct list_edit_page {
	struct frame frame;
	struct list_view list;
	const struct person_row_view *people;
	size_t n_people;
	struct pager_view pager;
	struct wrong error;
};

/* Which lists somebody is on. */
struct list_choice_page {
	struct frame frame;
	struct person_view person;
	const struct list_view *lists;
	size_t n_lists;
	struct wrong error;
};

struct scheduled_page {
	struct frame frame;
	const struct later_view *posts; /* last made first */
	size_t n_posts;
	struct pager_view pager;
};

struct post_page {
	struct frame frame;
	const struct post_view *above; /* parents, oldest first */
	size_t n_above;
	struct post_view post;
	const struct post_view *below; /* replies, in thread order, with their depth */
	size_t n_below;
	bool cut; /* more replies than are shown */
	str origin; /* where its author brought it from (URI); empty: nowhere */
	const struct compose_view *compose; /* the answer; NULL: no form */
};

/* What a post said from some time on. */
struct version_view {
	html content;
	str warning;
	str lang;
	usec written;
	const struct media_view *media;
	size_t n_media;
	const str *options; /* of its poll */
	size_t n_options;
};

struct history_page {
	struct frame frame;
	struct post_view post;
	const struct version_view *versions; /* newest first, which is the present one */
	size_t n_versions;
};

enum profile_tab { PROFILE_POSTS, PROFILE_REPLIES, PROFILE_MEDIA };

struct profile_page {
	struct frame frame;
	struct person_view person;
	str banner; /* picture; empty: none */
	html bio;
	const struct field_view *fields;
	size_t n_fields;
	int64_t n_posts, n_following, n_followers;
	usec joined; /* 0: unknown */
	struct relation relation;
	bool self;
	bool follows_hidden; /* the lists are not shown */
	const struct person_view *moved_to; /* NULL: nowhere */
	enum profile_tab tab;
	const struct tag_view *featured; /* hashtags */
	size_t n_featured;
	const struct post_view *pinned;
	size_t n_pinned;
	const struct post_view *posts;
	size_t n_posts_shown;
	struct pager_view pager;
};

/* Collections of accounts of one owner: those in lists, or one. */
struct collection_view {
	str path; /* of its own page */
	str name, description, tag; /* plain text; empty: none */
	bool sensitive;
	const struct person_row_view *people;
	size_t n_people;
};
struct collections_page {
	struct frame frame;
	struct person_view person; /* whose */
	bool single;
	const struct collection_view *collections;
	size_t n_collections;
};

/* Followers, or who is followed. */
struct people_page {
	struct frame frame;
	struct person_view person; /* whose */
	bool followers;
	bool hidden; /* they do not show it */
	bool partial; /* a remote list: only those known here */
	int64_t total;
	const struct person_row_view *people;
	size_t n_people;
	struct pager_view pager;
};

/* Follow by handle. */
struct follow_page {
	struct frame frame;
	str handle; /* as typed; empty: nothing asked yet */
	const struct person_row_view *found; /* NULL: none */
	struct wrong error;
};

enum notice_kind {
	NOTICE_MENTION,
	NOTICE_FOLLOW,
	NOTICE_FOLLOW_REQUEST,
	NOTICE_LIKE,
	NOTICE_BOOST,
	NOTICE_POLL,
	NOTICE_EDIT,
	NOTICE_REPORT,
	NOTICE_STATUS,
	NOTICE_QUOTE,
	NOTICE_QUOTED_EDIT,
	NOTICE_SIGN_UP,
	NOTICE_SEVERED,
	NOTICE_WARNING,
	NOTICE_REACTION,
	NOTICE_ASKS_REPLY, /* these and after: something waits for the owner's decision */
	NOTICE_ASKS_LIKE,
	NOTICE_ASKS_BOOST,
	NOTICE_ASKS_QUOTE,
};

struct notice_view {
	int64_t id;
	enum notice_kind kind;
	struct person_view actor;
	const struct post_view *post; /* NULL: about none */
	str excerpt; /* of the post, plain text, for likes and boosts */
	usec when;
	bool unseen;
};

enum wish { WISH_REPLY, WISH_LIKE, WISH_BOOST, WISH_QUOTE };

/* Somebody's wish that waits for the person's decision. */
struct request_view {
	int64_t id;
	enum wish wish;
	struct person_view actor;
	usec when;
	const struct post_view *object; /* what it is about */
	const struct post_view *post; /* the answer or quotation; NULL: none, or not here */
	str excerpt; /* of object, plain text */
};

struct consents_page {
	struct frame frame;
	const struct request_view *requests;
	size_t n_requests;
	struct pager_view pager;
};

/* How new posts are to be. */
struct posting_page {
	struct frame frame;
	enum post_visibility visibility;
	enum quote_policy quotes;
	enum consent_choice replies, likes, boosts;
	bool saved;
};

struct notifications_page {
	struct frame frame;
	const struct notice_view *notices;
	size_t n_notices;
	str live; /* where its script hears of more; empty: not the newest page */
	struct pager_view pager;
};

struct tag_view {
	str name; /* without # */
	str path;
	int64_t posts;
	bool following, featuring; /* the viewer does */
};

/* A choice among several, with its words. */
struct option_view {
	int64_t id;
	str text;
	bool chosen;
};

struct report_page {
	struct frame frame;
	struct person_view person;
	const struct post_view *post; /* that it may name; NULL: none */
	bool with_post;
	str category; /* as chosen: "spam", "legal", "violation" or "other" */
	const struct option_view *rules; /* that were broken */
	size_t n_rules;
	str comment; /* as typed */
	bool forward; /* to the person's own server */
	bool done; /* it was taken */
	struct wrong error;
};

#define FILTER_CONTEXTS 5

struct filter_view {
	int64_t id; /* 0: a new one */
	str title;
	str keywords; /* as typed, one in a line */
	bool contexts[FILTER_CONTEXTS]; /* home, notifications, public, thread, account */
	bool hides; /* instead of covering with a warning */
	bool whole_words;
	usec expires; /* 0: never */
	int64_t lasts; /* seconds from now, as chosen; 0: for ever, below 0: as before */
};

struct filters_page {
	struct frame frame;
	const struct filter_view *filters;
	size_t n_filters;
};

struct filter_page {
	struct frame frame;
	struct filter_view filter;
	struct wrong error;
};

/* Hashtags that one follows, and that one shows on one's page. */
struct hashtags_page {
	struct frame frame;
	const struct tag_view *tags;
	size_t n_tags;
	const struct tag_view *featured;
	size_t n_featured;
	str typed; /* one to follow */
	struct wrong error;
	struct pager_view pager;
};

struct search_page {
	struct frame frame;
	str query; /* as typed; empty: nothing asked yet */
	const struct person_row_view *people;
	size_t n_people;
	const struct tag_view *tags;
	size_t n_tags;
	const struct post_view *posts;
	size_t n_posts;
	struct pager_view pager; /* of posts */
	struct wrong error;
};

struct field_input {
	str name, value; /* as typed, plain text */
};

#define FIELD_INPUTS 6

struct edit_profile_page {
	struct frame frame;
	str name, bio; /* as typed */
	struct field_input fields[FIELD_INPUTS];
	bool locked, discoverable, indexable, show_follows;
	struct wrong error;
};

struct session_view {
	int64_t id;
	str device; /* "Firefox on Linux" */
	str address;
	usec created, last_seen;
	bool current;
};

struct sessions_page {
	struct frame frame;
	str email;
	const struct session_view *sessions;
	size_t n_sessions;
};

struct application_view {
	int64_t id; /* of its token */
	str name; /* as it calls itself */
	str website; /* URL; empty: none */
	str identity; /* whom it acts as: "@ann" */
	str may; /* in words */
	usec created, last_used; /* 0: never used */
};

struct applications_page {
	struct frame frame;
	const struct application_view *applications;
	size_t n_applications;
};

/* A program asks to be let in. */
struct authorize_page {
	struct frame frame;
	str application; /* as it calls itself */
	str website; /* URL; empty: none */
	str place; /* host or scheme that the browser is led to; empty: a code is shown */
	const str *wants; /* in words */
	size_t n_wants;
	const struct choice_view *choices; /* whom it may act as */
	size_t n_choices;
	str query; /* of this page: what the program asks for */
};

/* A code to be typed into a program. */
struct code_page {
	struct frame frame;
	str code;
};

/* Somebody asks the log-in to share an identity. */
struct offer_view {
	struct person_view person; /* that would be shared */
	int64_t guest_id; /* whom they asked */
	bool owner; /* what the log-in would be */
};

struct switch_page {
	struct frame frame;
	const struct offer_view *offers;
	size_t n_offers;
	struct wrong error;
};

/* A language that pages come in. */
struct language_view {
	const char *code, *name; /* BCP 47; as its speakers call it */
	unsigned done; /* hundredths of it */
	bool chosen;
};

/* How pages look. */
struct look_page {
	struct frame frame;
	const struct language_view *languages;
	size_t n_languages;
	bool asks; /* the browser says which language */
	enum theme theme; /* as chosen */
	struct wrong error;
};

struct error_page {
	struct frame frame;
	int status; /* HTTP */
	str message; /* plain text; empty: the status says enough */
	str trace; /* finds the log lines */
	bool rests; /* the installation does: message is the operator's */
	usec until; /* when it is expected back; 0: nobody knows */
};

struct about_page {
	struct frame frame;
	html words; /* what else there is to say of it; empty: nothing */
	str closed; /* why nobody can join, in its own words; empty: no words */
	const str *rules; /* plain text */
	size_t n_rules;
	const struct person_row_view *staff;
	size_t n_staff;
	str contact; /* an e-mail address; may be empty */
	int64_t n_people, n_posts_total;
	const struct post_view *posts; /* newest local ones */
	size_t n_posts;
};

/* What strangers see first: what is written here, beside a few words about the community. */
struct front_page {
	struct frame frame;
	str closed; /* as above */
	int64_t n_people, n_posts_total;
	const struct post_view *posts;
	size_t n_posts;
	struct pager_view pager;
};

/* People of the community who want to be found. */
struct directory_page {
	struct frame frame;
	bool by_age; /* who came last is first; else who wrote last */
	const struct person_row_view *people;
	size_t n_people;
	struct pager_view pager;
};

/* The way to one's own server, for somebody who is logged in nowhere here. */
struct elsewhere_page {
	struct frame frame;
	str uri; /* of whom or what it is about */
	const struct person_row_view
		*person; /* who is to be followed, or wrote the post; NULL: gone */
	const struct post_view *post; /* which is to be answered; NULL: it is about the person */
	str handle; /* as typed */
	str url, host; /* where to go on; empty: not asked yet */
	struct wrong error;
};

/* A text of the community's own: how it treats what people tell, its terms. */
struct words_page {
	struct frame frame;
	html text;
	str since; /* the day since when it holds; empty: not said */
	bool ended; /* others hold by now */
	const str *days; /* other versions, by their days */
	size_t n_days;
};

/* Posts for feed readers: of somebody, or with a hashtag. */
struct feed_page {
	const struct site_view *site;
	str title, description;
	str url; /* of the page, absolute */
	str self; /* of the feed, absolute */
	usec updated;
	const struct post_view *posts;
	size_t n_posts;
};

/* Addresses for search engines, absolute. */
struct sitemap_page {
	const str *urls;
	size_t n_urls;
};

struct tag_page {
	struct frame frame;
	struct tag_view tag;
	const struct post_view *posts;
	size_t n_posts;
	struct pager_view pager;
};

#endif
