/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The way in, for people and for programs, and the pages that letters lead to. See page.h. */
#ifndef SERVER_WEB_AUTH_PAGE_H
#define SERVER_WEB_AUTH_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "server/web/page.h"
#include "server/web/wrong.h"

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

#endif
