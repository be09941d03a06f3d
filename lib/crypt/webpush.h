/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Web Push: messages that only the browser or app can read (RFC 8291, with the content encoding
 * aes128gcm of RFC 8188, and the draft encoding aesgcm that apps still ask for), and the sender's
 * proof of who it is (VAPID, RFC 8292). All of it takes about a tenth of a millisecond.
 */
#ifndef CRYPT_WEBPUSH_H
#define CRYPT_WEBPUSH_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/str.h"

#define WEBPUSH_TEXT_LIMIT 3900 /* bytes: what push services take, without their overhead */
#define WEBPUSH_POINT 65 /* bytes of a public key: an uncompressed point of P-256 */
#define WEBPUSH_AUTH 16 /* bytes of an authentication secret */
#define WEBPUSH_SALT 16

enum webpush_encoding {
	WEBPUSH_AES128GCM, /* RFC 8291 */
	WEBPUSH_AESGCM, /* draft-ietf-webpush-encryption-04 */
};

/* Whom a message is for: raw bytes, as decoded from the subscription. */
struct webpush_receiver {
	str point; /* p256dh */
	str auth;
};

struct webpush_message {
	str body;
	str salt; /* both are in the body of aes128gcm, and in headers of aesgcm */
	str point; /* of the sender's one-time key */
};

/* Whether these are a point of the curve and a secret of the right length. */
bool webpush_is_receiver(const struct webpush_receiver *to);

/* Encrypts with a one-time key and a fresh salt. E_INVALID for a receiver that is none, E_TOO_LARGE. */
int webpush_seal(struct arena *a, enum webpush_encoding e, const struct webpush_receiver *to,
		 str text, struct webpush_message *ret) must_check;
/* The same with a given key (PKCS#8 DER) and salt, for known answers. */
int webpush_seal_with(struct arena *a, enum webpush_encoding e, const struct webpush_receiver *to,
		      str text, str private_der, str salt, struct webpush_message *ret) must_check;

/* A pair for VAPID or for one message: PKCS#8 DER and the point. */
int webpush_key_generate(struct arena *a, str *ret_private, str *ret_point) must_check;

/* A signed token (RFC 8292, 2) for the origin of a push service; subject: how to reach the sender. */
int webpush_vapid_token(struct arena *a, str private_der, str audience, str subject, usec expires,
			str *ret) must_check;

#endif
