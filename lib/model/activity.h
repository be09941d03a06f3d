/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * activity: what local identities send out. Serialised once; one delivery per remote inbox. Building
 * and recipients are decided here; sending is the stator's.
 */
#ifndef MODEL_ACTIVITY_H
#define MODEL_ACTIVITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/graph.h"

struct identity_row;

extern const struct graph delivery_graph;

#define ACTIVITY_LIMIT (256 * 1024) /* bytes of one */
#define AS_PUBLIC "https://www.w3.org/ns/activitystreams#Public"
/* The value of @context in our documents, as JSON text. */
extern const str ap_context;

struct activity {
	const struct identity_row *actor; /* local; its key signs */
	str uri; /* id */
	const char *type;
	str body; /* the serialised document */
	bool to_followers; /* accepted remote followers of the actor */
	i64s to; /* identities; local ones are skipped */
	bool personal; /* their own inboxes instead of the shared ones (Follow, Accept ...) */
};
/*
 * Stores the activity and its deliveries in the transaction of the ctx; what is stored already
 * (same uri, same inbox) stays as it is, so that it can be repeated. Servers that the tenant or the host
 * blocks get none, nor do identities that are gone. Call within a transaction bound to the actor's tenant.
 */
int activity_publish(struct ctx *c, const struct activity *a) must_check;

/* Writes "@context", id, type and actor of an activity into an object that the caller opened and closes. */
struct json_out;
void activity_open(struct json_out *w, str uri, const char *type, str actor_uri);

#endif
