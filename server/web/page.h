/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What pages show: the args of templates/, as plain data that a handler fills and a template only
 * reads. Everything is text, markup (html), numbers and addresses; nothing here knows a database
 * row. Names of parts end with _view, whole pages with _page; every page begins with its frame.
 *
 * A path is an address on this site ("/@ann/"), a url one anywhere. Empty means "none".
 *
 * Here are the parts that stand on many pages; the pages are in the headers of their subjects, *_page.h.
 */
#ifndef SERVER_WEB_PAGE_H
#define SERVER_WEB_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"
#include "html/html.h"
#include "model/domain.h"
#include "model/follow.h"
#include "model/post.h"
#include "server/web/wrong.h"

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
	bool rests; /* nothing else is served just now, so nothing leads there */
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

#endif
