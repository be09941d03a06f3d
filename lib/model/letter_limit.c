/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what a stranger can have sent to somebody else is counted by the address, over a short and a long time. */
#include "model/letter_limit.h"

#include "model/throttle.h"

#define SOON_LETTERS 3
#define SOON (30 * USEC_MINUTE)
#define DAY_LETTERS 8
#define ASKS 20 /* by one network ... */
#define ASKS_WINDOW USEC_HOUR

int letter_may_go(struct ctx *c, str address, bool *ret)
{
	str key = str_lower(c->arena, address);
	int64_t soon, day;
	usec resets;

	TRY(throttle_count(c, "letter", key, SOON, &soon, &resets));
	TRY(throttle_count(c, "letter_day", key, USEC_DAY, &day, &resets));
	*ret = soon <= SOON_LETTERS && day <= DAY_LETTERS;
	return 0;
}

int letter_ask(struct ctx *c, const struct session_client *client)
{
	return throttle_hit(c, "letter_ask", throttle_network(c, client->address), ASKS,
			    ASKS_WINDOW);
}
