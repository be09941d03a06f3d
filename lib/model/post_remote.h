/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Posts of other servers: storing what came, fetching what is named, parents included. */
#ifndef MODEL_POST_REMOTE_H
#define MODEL_POST_REMOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "ap/document.h"
#include "base/attr.h"
#include "base/ctx.h"

struct identity_row;

/*
 * Stores a post that its author sent or its server showed; author is who it is attributed to, checked. domains:
 * tenants that it was delivered to. One that concerns nobody here is dropped, unless wanted is false (a parent, a
 * boosted one). One that is here stays as it is. *ret_id (may be NULL): the row, 0 when dropped.
 */
int post_receive(struct ctx *c, const struct ap_object *o, const struct identity_row *author,
		 i64s domains, bool only_if_wanted, int64_t *ret_id) must_check;
/* Changes the stored post of the same author; one that is not here is received. */
int post_update(struct ctx *c, const struct ap_object *o, const struct identity_row *author,
		i64s domains) must_check;
/* Makes a tombstone of a remote post, seen from one of these tenants when it is not public. */
int post_bury(struct ctx *c, int64_t id, i64s domains) must_check;
/* Fetches a post from its own server and stores it. *ret_id may be NULL. */
int post_fetch(struct ctx *c, str uri, i64s domains, int64_t *ret_id) must_check;
/* The same, but one that concerns nobody here is dropped. */
int post_fetch_if_wanted(struct ctx *c, str uri, i64s domains) must_check;
/* Fetches a post and keeps it when it is public and answers this one; else *ret_id is 0. */
int post_fetch_reply(struct ctx *c, str uri, str parent_uri, int64_t *ret_id) must_check;
/* Fetches what is known of by its address alone (the state stub). E_FORBIDDEN: it is not the author's, or not for everybody. */
int post_fetch_stub(struct ctx *c, int64_t id) must_check;
/* Fetches a stored post anew and keeps what changed. */
int post_refresh(struct ctx *c, str uri) must_check;

#endif
