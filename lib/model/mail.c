/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a letter is queued in the transaction of what it tells, and carries its Message-ID from then on; what it
 * may be about and to whom it may go is decided here, once.
 */
#include "model/mail_relay.h"
#include "model/mail.h"

#include <assert.h>

#include "base/log.h"
#include "crypt/hash.h"
#include "model/domain.h"
#include "model/settings.h"

#define KEY_BYTES 18
#define NAME_LIMIT 300 /* bytes */
#define BODY_LIMIT 20000 /* bytes */
#define PATIENCE (3 * USEC_DAY) /* with a mail server that takes nothing */

static const char *const after_waiting[] = { "sent", "dropped", "refused", "failed", NULL };

static const struct graph_state mail_states[] = {
	{
		.name = "waiting",
		.initial = true,
		.next = after_waiting,
		.first = 30 * USEC_SEC,
		.growth = 2.5,
		.ceiling = 4 * USEC_HOUR,
		.timeout = PATIENCE,
		.timeout_to = "failed",
	},
	{ .name = "sent", .delete_after = USEC_DAY },
	{ .name = "dropped", .delete_after = USEC_DAY },
	{ .name = "refused", .delete_after = 30 * USEC_DAY },
	{ .name = "failed", .delete_after = 30 * USEC_DAY },
};

const struct graph mail_graph = { "mail", mail_states, ARRAY_SIZE(mail_states) };

const struct name mail_kinds[] = {
	{ "test", MAIL_TEST },
	{ "confirm", MAIL_CONFIRM },
	{ "taken", MAIL_TAKEN },
	{ "reset", MAIL_RESET },
	{ "password_changed", MAIL_PASSWORD_CHANGED },
	{ "change", MAIL_CHANGE },
	{ "address_changed", MAIL_ADDRESS_CHANGED },
	{ "log_in", MAIL_LOG_IN },
	{ "approved", MAIL_APPROVED },
	{ "rejected", MAIL_REJECTED },
	{ "warning", MAIL_WARNING },
	{ "appeal_accepted", MAIL_APPEAL_ACCEPTED },
	{ "appeal_rejected", MAIL_APPEAL_REJECTED },
	{ "report_answered", MAIL_REPORT_ANSWERED },
	{ "report_received", MAIL_REPORT_RECEIVED },
	{ "archive", MAIL_ARCHIVE },
	{ "trouble", MAIL_TROUBLE },
	{ "notifications", MAIL_NOTIFICATIONS },
	{ NULL, 0 },
};

bool mail_is_on(const struct ctx *c)
{
	struct mail_relay relay = mail_relay(c);

	return relay.url.n && relay.sender.n;
}

/* What people wrote, as far as a letter takes it: bytes that no text has would keep the row from being stored. */
static str text_of(struct ctx *c, str s, size_t limit)
{
	return str_is_null(s) || !str_is_utf8(s) ? STR("") : str_dup(c->arena, str_clip(s, limit));
}

static int queue_to_address(struct ctx *c, const struct mail_draft *d, str kind)
{
	struct q_mail_add_args args = {
		.domain_id = c->domain_id,
		.kind = kind,
		.user_id = d->user_id,
		.identity_id = d->identity_id,
		.address = d->address,
		.name = text_of(c, d->name, NAME_LIMIT),
		.body = text_of(c, d->text, BODY_LIMIT),
		.secret = str_is_null(d->secret) ? STR("") : d->secret,
		.message_key = random_token(c->arena, KEY_BYTES),
	};

	return q_mail_add(c, &args, NULL);
}

int mail_queue(struct ctx *c, const struct mail_draft *d)
{
	str kind = str_c(name_of_value(mail_kinds, (int)d->kind));
	struct q_mail_add_to_args args = {
		.domain_id = c->domain_id,
		.kind = kind,
		.user_id = d->user_id,
		.identity_id = d->identity_id,
		.name = text_of(c, d->name, NAME_LIMIT),
		.body = text_of(c, d->text, BODY_LIMIT),
		.secret = str_is_null(d->secret) ? STR("") : d->secret,
	};

	assert(c->domain_id);
	if (!mail_is_on(c))
		return 0;
	if (d->address.n)
		return queue_to_address(c, d, kind);
	args.message_key = random_token(c->arena, KEY_BYTES);
	return q_mail_add_to(c, &args, NULL);
}
