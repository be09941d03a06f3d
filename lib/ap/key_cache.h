/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The process's loaded private keys, least recently used thrown out first: loading a key costs as
 * much as half a signature. Thread-safe. Used by transport.c only.
 */
#ifndef AP_KEY_CACHE_H
#define AP_KEY_CACHE_H

#include "ap/transport.h"
#include "base/attr.h"
#include "base/ctx.h"
#include "crypt/key.h"

#define KEY_CACHE_SIZE 512 /* keys */

struct cached_key;

/* The signer's key, loaded or remembered; give it back with cached_key_unref. E_INVALID for bytes
 * that are no private key. */
int key_cache_get(struct ctx *c, const struct ap_signer *signer,
		  struct cached_key **ret) must_check;
const struct key *cached_key_use(const struct cached_key *k);
void cached_key_unref(struct cached_key *k);
void cached_key_unrefp(struct cached_key **k);

/* How many keys are remembered, and forgetting them; those in use live until given back. */
size_t key_cache_count(void);
void key_cache_forget(void);

#endif
