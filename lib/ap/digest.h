/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The fields that name the digest of a body: Digest (RFC 3230), as draft-cavage signatures cover
 * it, and Content-Digest (RFC 9530). SHA-256 and SHA-512 are known; we send SHA-256.
 */
#ifndef AP_DIGEST_H
#define AP_DIGEST_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

/* Values of the fields for a body. */
str digest_of(struct arena *a, str body);
str digest_content_of(struct arena *a, str body);

/*
 * Each digest of a known algorithm must be the body's, and there must be one. E_UNAUTHORIZED with
 * the reason, because a digest matters only for who signed it.
 */
int digest_check(struct ctx *c, str field, str body) must_check;
int digest_content_check(struct ctx *c, str field, str body) must_check;

#endif
