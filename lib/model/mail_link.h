/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * mail_link: links in letters that prove that somebody reads an address, each good for one use; and the one that ends
 * letters about notifications, which is good for ever.
 */
#ifndef MODEL_MAIL_LINK_H
#define MODEL_MAIL_LINK_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/mail.h"

/* Purposes. */
#define LINK_CONFIRM "confirm" /* the address of a new log-in */
#define LINK_RESET "reset" /* of a password */
#define LINK_CHANGE "change" /* of an address */

/* A link for a log-in of the ctx's tenant, with the letter that brings it to the address. */
int mail_link_send(struct ctx *c, const char *purpose, int64_t user_id, str address) must_check;
/* E_NOT_FOUND with a message: it was used already, or is too old. */
int mail_link_find(struct ctx *c, const char *purpose, str token,
		   const struct mail_link_row **ret) must_check;
int mail_link_check(struct ctx *c, const char *purpose, str token) must_check;
int mail_link_take(struct ctx *c, const char *purpose, str token,
		   const struct mail_link_row **ret) must_check;

/* Where one press ends letters about notifications (RFC 8058), and whether a code is that of a log-in. */
#define UNSUBSCRIBE_PATH "/auth/unsubscribe/?user="
str mail_unsubscribe_url(struct ctx *c, int64_t user_id);
/* E_NOT_FOUND for a code that is not the log-in's. */
int mail_unsubscribe(struct ctx *c, int64_t user_id, str code) must_check;

#endif
