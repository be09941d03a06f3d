/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Multikey (W3C Controlled Identifiers 2.2.2, FEP-521a): public keys as one word of base 58. */
#ifndef AP_MULTIKEY_H
#define AP_MULTIKEY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

/* SubjectPublicKeyInfo DER of an Ed25519 Multikey ("z6Mk..."); false for all else. */
bool multikey_decode(struct arena *a, str text, str *ret_der) must_check;
/* base58btc without a prefix; false for foreign characters or more than 1024 of them. */
bool base58_decode(struct arena *a, str text, str *ret) must_check;

#endif
