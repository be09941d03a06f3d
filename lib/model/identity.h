/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * identity: an actor, local or remote. Its URIs are stored whole and permanent; nothing derives a
 * name from a URI.
 */
#ifndef MODEL_IDENTITY_H
#define MODEL_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

#include "json/write.h"
#include "model/graph.h"
#include "sql/gen/identity.h"

#define IDENTITY_NAME_LIMIT 60 /* characters of a display name */
#define IDENTITY_SUMMARY_LIMIT 1000 /* characters of a biography */
#define IDENTITY_DESCRIPTION_LIMIT 1500 /* characters that describe a picture of it */
#define IDENTITY_FIELD_LIMIT 255 /* characters of a label or a content */

struct ap_signer; /* ap/transport.h */

extern const struct graph identity_graph;

static inline bool identity_is_local(const struct identity_row *i)
{
	return i->domain_id != 0;
}

/* "@name@host"; without a confirmed host the host of the actor URI stands in. */
str identity_handle(struct arena *a, const struct identity_row *i);
/* Display name, or the user name. */
str identity_name(const struct identity_row *i);

/* Looks in the database only. handle: "name", "@name", "name@host", "acct:name@host"; without a host the ctx's
 * tenant is meant. E_NOT_FOUND. */
int identity_find(struct ctx *c, str handle, const struct identity_row **ret) must_check;
/* As identity_find, and asks WebFinger and the actor's server when it is not here. */
int identity_resolve(struct ctx *c, str handle, const struct identity_row **ret) must_check;
/* By actor URI: from the database, else fetched (with its server's blocks obeyed: E_REFUSED). */
int identity_resolve_uri(struct ctx *c, str uri, const struct identity_row **ret) must_check;
/* Fetches the actor document anew and stores what it says. E_GONE on 410: the row is marked. */
int identity_refresh(struct ctx *c, const struct identity_row *i) must_check;

/* Whether anybody may have that user name; E_INVALID says why not. Whether it is taken is another question. */
int identity_check_username(struct ctx *c, str username) must_check;
/* Creates a local identity of the ctx's tenant with its key; username: 1-30 of [a-z0-9_] and '-' '.' inside. For user_id (0:
 * nobody yet). E_INVALID, E_CONFLICT (taken, also by a deleted one). */
int identity_create(struct ctx *c, str username, int64_t user_id, int64_t *ret_id) must_check;
/* The tenant's system actor (actor/), made when it is missing. */
int identity_create_system(struct ctx *c, int64_t *ret_id) must_check;

struct identity_field {
	str name; /* plain text */
	str value; /* plain text as typed; stored as HTML */
};
#define IDENTITY_FIELDS 6
#define IDENTITY_ATTRIBUTIONS 10
struct identity_profile {
	str name; /* at most 60 characters */
	str summary; /* plain text, at most 1000 characters */
	const struct identity_field *fields;
	size_t n_fields; /* at most IDENTITY_FIELDS */
	str icon_description, image_description; /* plain text, at most 1500 characters */
	strs attribution_domains; /* as people write them, at most IDENTITY_ATTRIBUTIONS */
	bool bot, locked, discoverable, indexable, show_follows;
	bool show_media, show_media_replies, show_featured;
};
/* The profile of a local identity as its owner typed it, to be edited. */
int identity_profile_of(struct ctx *c, const struct identity_row *i,
			struct identity_profile *ret) must_check;
/* Edits the acting identity's profile; the stator tells the followers. */
int identity_edit(struct ctx *c, const struct identity_profile *p) must_check;
/*
 * Looks whether the pages that an identity names in its fields name it in turn, by a link with
 * rel="me", and notes since when. Those that were verified before stay so; a page that cannot be had
 * is no error. What a remote one says of itself is not believed, and one site is asked 20 times an hour
 * for all of those.
 */
int identity_verify(struct ctx *c, const struct identity_row *i) must_check;
/* Somebody here looks at it or follows it: the stator verifies a remote one's fields, once a week at most. */
int identity_look(struct ctx *c, const struct identity_row *i) must_check;
/* Deletes a local identity for good: the row stays as a tombstone. */
int identity_delete(struct ctx *c, int64_t id) must_check;

/* What signs for a local identity. E_NOT_FOUND when it has no key or its tenant may not sign. */
int identity_signer(struct ctx *c, int64_t identity_id, struct ap_signer *ret) must_check;
/* The signer of the ctx's tenant's own fetches; without a tenant that of the first active one. */
int identity_fetch_signer(struct ctx *c, struct ap_signer *ret) must_check;

/* The actor document of a local identity (ActivityPub 4.1), with @context. */
int identity_write_ap(struct ctx *c, const struct identity_row *i, struct json_out *w) must_check;

#endif
