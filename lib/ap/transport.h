/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Signed exchanges with other servers. What ap_get returns was served as ActivityStreams by the
 * host that its id names: nobody can plant an object of another host, by a redirect, an upload or
 * a lie. Private keys are loaded once per process and kept in a bounded cache; signing computes in
 * offload(), so call from a fiber.
 */
#ifndef AP_TRANSPORT_H
#define AP_TRANSPORT_H

#include "ap/signature.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/ctx.h"
#include "base/str.h"
#include "json/json.h"

struct ap_signer {
	str key_uri; /* keyId: the actor's URI with its fragment */
	str private_der; /* PKCS#8 */
};

#define AP_DOCUMENT_LIMIT (1024 * 1024) /* bytes of a fetched document */
#define AP_REDIRECT_LIMIT 3

/*
 * Fetches the document of a URI (ActivityPub 3.2), signed unless signer is NULL: draft-cavage
 * first, RFC 9421 once when that is answered with 401. Each redirect is signed anew. A document
 * whose id is neither what was asked for nor the URL that served it is fetched again from its id.
 * What comes back may have another id than uri (an alias, a redirect): callers go by the id.
 *
 * E_NOT_FOUND 404, E_GONE 410, E_FORBIDDEN 401 and 403, E_LATER 408, 425, 429, 5xx and network
 * errors, E_REFUSED by our guard, E_UNSUPPORTED for another media type, E_TOO_LARGE; E_REMOTE for
 * an id on another host, an id that does not lead to itself, a body that is no JSON object, and
 * all else; E_INVALID for a URI that is none.
 */
int ap_get(struct ctx *c, const struct ap_signer *signer, str uri, const struct json **ret,
	   str *ret_url) must_check;

struct ap_result {
	int status; /* HTTP */
	usec retry_after; /* from now; 0: none said */
	str reason; /* one short line for people: status and the start of the answer */
};

/*
 * One signed POST of an activity, without redirects (ActivityPub 7). 0 with whatever status came
 * back: judge by ap_result_err. E_LATER for network errors and time-outs, E_REFUSED by our guard.
 */
struct ap_posting {
	const struct ap_signer *signer;
	enum signature_form form;
	str inbox;
	str body;
	str once; /* see struct fetch_request */
};
int ap_post(struct ctx *c, const struct ap_posting *p, struct ap_result *ret) must_check;

/*
 * What a status means, one table for both directions: 0 for 2xx, E_UNAUTHORIZED 401, E_FORBIDDEN
 * 403, E_NOT_FOUND 404, E_GONE 410, E_TOO_LARGE 413, E_LATER 408, 425, 429 and 5xx, E_REMOTE for
 * all else (a redirect too).
 */
int ap_result_err(int status);

/* Drops all cached private keys (a key was replaced; a test ends). */
void ap_keys_forget(void);

#endif
