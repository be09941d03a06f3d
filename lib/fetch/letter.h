/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * letter: one e-mail to one person (RFC 5322, MIME), and its way to the operator's mail server (RFC 5321). The guard
 * has no say in that: which server it is says the configuration, never a stranger.
 */
#ifndef FETCH_LETTER_H
#define FETCH_LETTER_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "fetch/exchange.h"

struct mailbox {
	str name; /* may be empty */
	str address;
};

struct letter {
	struct mailbox from, to;
	str reply_to; /* an address; empty: none */
	str id; /* "unique@host", the same at every attempt */
	usec date;
	str subject;
	str text, html; /* the same twice; html is a whole document */
	str language; /* may be empty */
	str unsubscribe; /* address that takes the POST of RFC 8058; empty: none */
};

#define LETTER_LIMIT (512 * 1024) /* bytes, encoded */

/*
 * Whole, with lines that end with CR LF, in ASCII but for addresses that are not. Whatever its parts say, no header but
 * those above comes into it. E_INVALID for an address that could not stand in a header.
 */
int letter_write(struct arena *a, const struct letter *l, str *ret) must_check;

struct mail_server {
	/* "smtps://host:465", "smtp://host:587" (STARTTLS, or nothing is sent), "smtp+plain://host:25" */
	str url;
	str user, password; /* empty: without authentication */
};

/* Whether its URL is one of these. */
bool mail_server_is_valid(str url);

/*
 * Parks the fiber until the server took the letter or did not. 0: *ret_status is its last answer (250: taken; 4yz: it may
 * take it later; 5yz: it will not), *ret_answer its text. E_LATER when there was none, when TLS or authentication failed.
 * once: see struct fetch_request; then -EPIPE as well.
 */
int letter_send(struct ctx *c, const struct mail_server *s, const struct letter *l, str once,
		int *ret_status, str *ret_answer) must_check;

/* One attempt, as courier and letter_send make it: a hop whose method is LETTER_METHOD. */
#define LETTER_METHOD "MAIL"
int letter_run(struct ctx *c, const struct hop *hop, struct fetch_response *ret) must_check;

#endif
