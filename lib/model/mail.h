/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * mail: letters to people, by their tenant. A letter is a row with a kind and what it is about; its text is made when
 * it is sent, by the stator, from templates/mail. Without an SMTP server in the configuration nothing is queued, and
 * everything works as far as it can without mail.
 */
#ifndef MODEL_MAIL_H
#define MODEL_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/table.h"
#include "fetch/letter.h"
#include "model/graph.h"
#include "sql/gen/mail.h"

extern const struct graph mail_graph;

/* What a letter says. In brackets what its draft has to bring beside whom it is for. */
enum mail_kind {
	MAIL_TEST, /* an operator's */
	MAIL_CONFIRM, /* the address of a new account [secret] */
	MAIL_TAKEN, /* somebody signed up with an address that has a log-in */
	MAIL_RESET, /* of a password [secret] */
	MAIL_PASSWORD_CHANGED,
	MAIL_CHANGE, /* of an address, to the new one [secret] */
	MAIL_ADDRESS_CHANGED, /* ... to the old one [name: the new one] */
	MAIL_LOG_IN, /* from a place that is new [name: the browser, text: its address] */
	MAIL_APPROVED, /* staff let an account in */
	MAIL_REJECTED, /* ... or did not [text: why, may be empty] */
	MAIL_WARNING, /* staff acted [name: the action, as moderation_act() knows it, text: theirs] */
	MAIL_APPEAL_ACCEPTED, /* about a warning [text: staff's, may be empty] */
	MAIL_APPEAL_REJECTED,
	MAIL_REPORT_ANSWERED, /* to who sent a report [name: whom it is about, text: staff's, may be empty] */
	MAIL_REPORT_RECEIVED, /* to somebody without an account who sent a notice [name: its number] */
	MAIL_ARCHIVE, /* one's archive can be fetched */
	MAIL_TROUBLE, /* to operators: something failed [name: the unit and how, text: what it said] */
	MAIL_NOTIFICATIONS, /* a digest of what one missed */
	MAIL_KINDS
};
extern const struct name mail_kinds[];

/*
 * Whom it is for: an address; or else a log-in; or else all log-ins that hold an identity. With an address, user_id and
 * identity_id only say whom it is about.
 */
struct mail_draft {
	enum mail_kind kind;
	str address; /* somebody who may have no log-in, or whose address is not confirmed yet */
	int64_t user_id; /* a log-in; nothing is sent to an address that is not confirmed */
	int64_t identity_id; /* every log-in that holds it, likewise */
	str name, text; /* see the kinds; plain text, may be null */
	str secret; /* what its link carries; forgotten once the letter is sent */
};

/* Whether letters can be sent. */
bool mail_is_on(const struct ctx *c);

/*
 * Queues a letter of the ctx's tenant, within the transaction under way if there is one. 0 as well when letters cannot be
 * sent and when nobody of whom it is for has an address.
 */
int mail_queue(struct ctx *c, const struct mail_draft *d) must_check;

/* The letter of a row, as it goes to the server. E_GONE when there is nothing left to tell. */
int mail_compose(struct ctx *c, const struct mail_row *m, struct letter *ret) must_check;

#endif
