/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Forms that create something carry a token; the same form sent twice makes one thing. */
#ifndef SERVER_ONCE_H
#define SERVER_ONCE_H

#include "server/http.h"

/*
 * Runs a route's handler for a form. When it has the field "form_once" and the same person sends the
 * same words with the same token again within an hour, even at the same time, the second one leads
 * to where the first one led. What came to nothing may be sent again. E_LATER when the first takes too
 * long, and what the handler returns.
 */
int once_serve(struct ctx *c, const struct route *route, struct request *q,
	       struct response *r) must_check;

/*
 * Whether a form came before that is refused by now, because what it made changed who sends it (a
 * log-in, by joining): then the response leads where it led.
 */
bool once_led(struct ctx *c, const struct request *q, struct response *r);

#endif
