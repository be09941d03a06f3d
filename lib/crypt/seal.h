/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Short secrets at rest: AES-256-GCM under a key of 32 bytes, with a random nonce in front. */
#ifndef CRYPT_SEAL_H
#define CRYPT_SEAL_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

#define SEAL_KEY 32 /* bytes */

str seal(struct arena *a, str key, str text);
/* E_INVALID for what was not sealed with this key. */
int seal_open(struct arena *a, str key, str sealed, str *ret) must_check;

#endif
