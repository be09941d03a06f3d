/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Pages of people: profiles, lists of them, and what one decided about whom. See page.h. */
#ifndef SERVER_WEB_PEOPLE_PAGE_H
#define SERVER_WEB_PEOPLE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"
#include "html/html.h"
#include "model/follow.h"
#include "server/web/page.h"
#include "server/web/post_page.h"
#include "server/web/wrong.h"

struct field_view {
	str name;
	html drawn; /* with its emoji; empty: it has none */
	html value;
	bool verified; /* what it links to links back */
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
	int64_t id;
	str path; /* of its own page */
	str name, description, tag; /* plain text, in forms as typed; empty: none */
	bool sensitive;
	bool discoverable; /* stands on its owner's profile */
	const struct person_row_view *people;
	size_t n_people;
};
struct collections_page {
	struct frame frame;
	struct person_view person; /* whose */
	bool single;
	bool self; /* the viewer's own */
	const struct collection_view *collections;
	size_t n_collections;
};

/* One's own, and the form for a new one. */
struct own_collections_page {
	struct frame frame;
	const struct collection_view *collections; /* without people */
	size_t n_collections;
	str name; /* of a new one, as typed */
	struct wrong error;
};

struct collection_item_view {
	int64_t id;
	struct person_row_view row;
	bool waits; /* for the person's consent */
};
struct collection_edit_page {
	struct frame frame;
	struct collection_view collection;
	const struct collection_item_view *items;
	size_t n_items;
	str handle; /* of somebody to put in, as typed */
	struct wrong error, handle_error;
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

#endif
