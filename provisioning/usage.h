/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What tenants used, month by month. */
#ifndef PROVISIONING_USAGE_H
#define PROVISIONING_USAGE_H

#include "base/attr.h"
#include "provisioning/command.h"

/* rookery domain usage NAME */
int usage_show(struct call *call) must_check;

#endif
