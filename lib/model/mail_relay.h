/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * mail_relay: the server that letters go to. The configuration's, if it names one; else what an operator stored on the console, which
 * every process has in its snapshot of tenants, but for the password: that is read as a letter is sent, by those who may.
 */
#ifndef MODEL_MAIL_RELAY_H
#define MODEL_MAIL_RELAY_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/table.h"
#include "fetch/letter.h"

struct mail_relay {
	str url; /* see struct mail_server; empty: there is none */
	str user, sender;
	bool configured; /* by the configuration, which an operator cannot change from a browser */
};

/* The one in use. */
struct mail_relay mail_relay(const struct ctx *c);
/* The stored one, for the snapshot. */
int mail_relay_load(struct ctx *c, struct mail_relay *ret) must_check;
/* The one in use, with its password: for the stator and the host role. */
int mail_relay_server(struct ctx *c, struct mail_server *ret) must_check;

/* How a connection is kept from others: "smtps" "starttls" "plain". */
extern const struct name mail_relay_ways[];
/* One in parts, as a form has it. */
struct mail_relay_draft {
	str host, port, way, user, sender;
	str password; /* empty: with the same user as before, the one that is stored */
};
/* The parts of a URL; of an empty one what a form begins with. */
void mail_relay_parts(struct ctx *c, const struct mail_relay *relay, struct mail_relay_draft *ret);
/* As the host role; in the audit log without the password. E_INVALID names a field. */
int mail_relay_set(struct ctx *c, const struct mail_relay_draft *d) must_check;
int mail_relay_unset(struct ctx *c) must_check;

/*
 * A letter of the ctx's tenant, sent at once and not queued, so that the server's words are the answer. E_UNSUPPORTED without a server,
 * E_INVALID for the address, and what letter_send() gives.
 */
struct mail_trial {
	struct letter letter;
	int status; /* from 400 on the letter was not taken */
	str answer;
};
int mail_relay_try(struct ctx *c, str address, struct mail_trial *ret) must_check;

#endif
