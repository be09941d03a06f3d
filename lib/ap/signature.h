/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * HTTP message signatures in both directions and both forms: draft-cavage-http-signatures-12, which
 * nearly all servers send, and RFC 9421. Mechanics only: no database, no network, no clock but the
 * one that is passed. Safe to call from offload().
 *
 * A receiver calls signature_parse, signature_policy, looks up the key of sig.key_id and calls
 * signature_verify. Only when all three returned 0, and key and actor belong together
 * (signature_key_matches_actor), the message is from whoever holds that key. Everything that a
 * peer can get wrong is E_UNAUTHORIZED with a reason that names it.
 */
#ifndef AP_SIGNATURE_H
#define AP_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/table.h"
#include "crypt/key.h"

#define SIGNATURE_PAST_WINDOW USEC_HOUR /* a message may be this old */
#define SIGNATURE_FUTURE_WINDOW (5 * USEC_MINUTE) /* and this early, as clocks differ */

/* Limits of what a stranger may send. */
#define SIGNATURE_HEADER_LIMIT 8192 /* bytes of all Signature, or Signature-Input, fields */
#define SIGNATURE_KEY_ID_LIMIT 2048 /* bytes */
#define SIGNATURE_COVERED_LIMIT 32 /* components */
#define SIGNATURE_BYTES_LIMIT 1024 /* of the signature itself */
#define SIGNATURE_BASE_LIMIT (64 * 1024) /* bytes of the signed text */

struct sfv_member; /* ap/sfv.h */

enum signature_form { SIGNATURE_CAVAGE, SIGNATURE_RFC9421 };

/* "cavage" and "rfc9421", as they are kept for each server. */
extern const struct name signature_form_names[];

struct http_field {
	str name;
	str value;
};

/* A request, as received or as it will be sent. */
struct http_message {
	str method; /* "POST" */
	str scheme; /* "https" */
	str authority; /* host[:port] as in the Host field */
	str path; /* as in the request line, without the query */
	str query; /* as in the request line, without '?'; null when there is none */
	const struct http_field *fields; /* Host may be left out: authority stands for it */
	size_t n_fields;
	str body;
};

/* What a message says of its signature; nothing here is proved. */
struct signature {
	enum signature_form form;
	str key_id;
	str algorithm; /* as named; null: not named (RFC 9421 only) */
	usec created; /* 0: not said */
	usec expires; /* 0: not said */
	strs covered; /* identifiers of the covered components in their order, quotes left out */
	const struct sfv_member *input; /* RFC 9421: the member of Signature-Input; else NULL */
	str bytes; /* the signature */
};

/*
 * The signature of a message: RFC 9421 when it has a Signature-Input field (of more than one the
 * first), else draft-cavage. E_NOT_FOUND when it is unsigned; E_UNAUTHORIZED when the fields are
 * malformed, contradict themselves, break a limit or name an algorithm that we do not know.
 */
int signature_parse(struct ctx *c, const struct http_message *m, struct signature *ret) must_check;

/*
 * What a signature must cover and say, before anything is spent on its key: method, path, query
 * (when there is one), host, a time within the windows around now, expiry, and a digest when there
 * is a body. Digest and Content-Digest (RFC 9530), SHA-256 and SHA-512, are compared with the body.
 * E_UNAUTHORIZED.
 */
int signature_policy(struct ctx *c, const struct http_message *m, const struct signature *sig,
		     usec now) must_check;

/*
 * The signature bytes against the message and the key alone, whatever they cover and whenever they
 * were made. An algorithm that does not fit the kind of key is refused. E_UNAUTHORIZED.
 */
int signature_verify(struct ctx *c, const struct http_message *m, const struct signature *sig,
		     const struct key *key) must_check;

/* signature_policy, then signature_verify, for those who have the key at hand. */
int signature_check(struct ctx *c, const struct http_message *m, const struct signature *sig,
		    const struct key *key, usec now) must_check;

/* The text that is signed. E_UNAUTHORIZED when a covered component is not there. */
int signature_base(struct ctx *c, const struct http_message *m, const struct signature *sig,
		   str *ret) must_check;

/* SHA-256 of the signature bytes, 32 bytes: what tells a replayed message. */
str signature_fingerprint(struct arena *a, const struct signature *sig);

/*
 * Whether a key of this id can speak for the actor: both are URLs of the same host and port. That
 * the actor's document names the key is the caller's to check.
 */
bool signature_key_matches_actor(str key_id, str actor);

struct signature_with {
	enum signature_form form;
	str key_id;
	const struct key *key; /* private; RSA or Ed25519 */
	usec now;
};

#define SIGNATURE_FIELDS 4

/*
 * The fields that sign m, *ret_n of at most SIGNATURE_FIELDS, to be added to it: Date and
 * Signature, Digest or Content-Digest when there is a body, Signature-Input for RFC 9421. In the
 * cavage form a Content-Type field of m is covered as well, so it has to be sent as it is here.
 * E_INVALID when the key cannot sign.
 */
int signature_sign(struct ctx *c, const struct http_message *m, const struct signature_with *with,
		   struct http_field *ret, size_t *ret_n) must_check;

#endif
