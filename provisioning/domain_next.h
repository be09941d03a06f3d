/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* domain_next: what an operator can do with a tenant as it stands. */
#ifndef PROVISIONING_DOMAIN_NEXT_H
#define PROVISIONING_DOMAIN_NEXT_H

#include "provisioning/command.h"
#include "sql/gen/domain.h"

/* The member "next", and "proof" before it while that has to be published. */
int domain_put_next(struct call *call, const struct domain_row *d) must_check;
/* Whether an archive was read for it that is put in when it is activated. */
int domain_is_moving_in(struct call *call, const struct domain_row *d, bool *ret) must_check;
/* The member "next" of one that was put in and is served now. */
void domain_put_arrived(struct call *call, const struct domain_row *d);

#endif
