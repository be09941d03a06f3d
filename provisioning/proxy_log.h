/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* proxy_log: what the proxy of the appliance wrote about the certificate of a name. */
#ifndef PROVISIONING_PROXY_LOG_H
#define PROVISIONING_PROXY_LOG_H

#include "base/str.h"
#include "provisioning/command.h"

/*
 * Why it got none the last time, in the authority's words where it gave some; empty when it got one since, or nothing is
 * known: where there is no journal, or nothing was written in the last days.
 */
str proxy_log_error(struct call *call, str name);

#endif
