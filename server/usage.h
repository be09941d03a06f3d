/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* usage: requests of tenants, counted here and told to the database by metrics.h's teller. */
#ifndef SERVER_USAGE_H
#define SERVER_USAGE_H

#include <stdint.h>

/* One more request of that tenant. From any thread. */
void usage_note(int64_t domain_id);

#endif
