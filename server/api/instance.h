/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What both versions of the instance document say: https://docs.joinmastodon.org/entities/Instance/ */
#ifndef SERVER_API_INSTANCE_H
#define SERVER_API_INSTANCE_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/instance.h"

/* Where a document differs for programs of either time. */
enum instance_version { INSTANCE_V1, INSTANCE_V2 };

/* The member "configuration": what may be sent, how much of it, and where other things are. */
int render_configuration(struct ctx *c, struct json_out *w, enum instance_version version,
			 const struct instance *i) must_check;
/* A list of rules as a member named key, or as the document when key is NULL. */
void render_rules(struct json_out *w, const char *key, const struct rule_row *rules, size_t n);
/* "wss://kea.test": where streams are. */
str instance_streaming_url(struct ctx *c);

#endif
