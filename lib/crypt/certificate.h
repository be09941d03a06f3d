/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* certificate: whether a certificate (RFC 5280) with its key is fit to be shown under a name. */
#ifndef CRYPT_CERTIFICATE_H
#define CRYPT_CERTIFICATE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/str.h"

enum certificate_fault {
	CERTIFICATE_FIT,
	CERTIFICATE_NONE, /* the text holds no certificate in PEM */
	CERTIFICATE_NO_KEY, /* the other holds no private key in PEM without a passphrase */
	CERTIFICATE_OTHER_KEY, /* the key is of another certificate */
	CERTIFICATE_OTHER_NAME,
	CERTIFICATE_TOO_EARLY,
	CERTIFICATE_ENDED,
};

struct certificate {
	str issuer, subject; /* as people read them */
	usec expires;
};

/* The first certificate of a chain, as of now. What it says is in *ret whenever there is one. */
enum certificate_fault certificate_judge(struct arena *a, str chain, str key, str host, usec now,
					 struct certificate *ret);

#endif
