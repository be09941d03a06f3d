/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Report entities: https://docs.joinmastodon.org/entities/Report/ */
#ifndef SERVER_API_RENDER_REPORT_H
#define SERVER_API_RENDER_REPORT_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/identity.h"
#include "model/report.h"

/* A Report as a member named key, or as the document when key is NULL. */
void render_report(struct ctx *c, struct json_out *w, const char *key, const struct report_row *row,
		   const struct identity_row *subject);
/* An AccountWarning as a member named key; told is whom it is about. */
void render_warning(struct ctx *c, struct json_out *w, const char *key,
		    const struct warning_row *row, const struct identity_row *told);
/* A RelationshipSeveranceEvent as a member named key. */
void render_severance(struct json_out *w, const char *key, const struct severance_row *row);
/* Ids as a list of texts. */
void render_ids(struct json_out *w, const char *key, i64s ids);

#endif
