/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Passwords: yescrypt by libxcrypt, "$y$...". Costly on purpose: call through offload(). */
#ifndef CRYPT_PASSWORD_H
#define CRYPT_PASSWORD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

#define PASSWORD_MIN 8 /* characters */
#define PASSWORD_MAX 256 /* bytes */

/* E_INVALID outside the limits of length. */
int password_hash(struct arena *a, str password, str *ret) must_check;
/* Always does the work of one hash, also for an empty (unknown) stored value: then false. */
bool password_verify(str password, str stored);
/* Whether a foreign hash is one that we could have made: of our scheme, and no more work than ours. */
bool password_is_hash(str hash);

#endif
