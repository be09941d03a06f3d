/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* certificate: of one's own for a name of a tenant, where the proxy is the appliance's. */
#ifndef PROVISIONING_CERTIFICATE_H
#define PROVISIONING_CERTIFICATE_H

#include "base/attr.h"
#include "provisioning/command.h"

extern const struct option certificate_options[];

int certificate_run(struct call *call) must_check;

#endif
