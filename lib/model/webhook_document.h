/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* webhook_document: what a webhook is told, in the shape of Mastodon's, and how a template words it otherwise. */
#ifndef MODEL_WEBHOOK_DOCUMENT_H
#define MODEL_WEBHOOK_DOCUMENT_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/webhook.h"

/* {"event", "created_at", "object"}. E_GONE when what it is about is not there any more, or nobody may read it. */
int webhook_document(struct ctx *c, const struct webhook_job_row *job, str *ret) must_check;
/*
 * Puts the values of a document where a template names them, {{object.account.username}}: texts as they stand in a string of JSON,
 * anything else as JSON, null for what is not there.
 */
int webhook_fill_in(struct ctx *c, str template, str document, str *ret) must_check;

#endif
