/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* status: how the installation does: services, stators, tenants, work, disks. */
#ifndef PROVISIONING_STATUS_H
#define PROVISIONING_STATUS_H

#include "base/attr.h"
#include "provisioning/command.h"

/* The status of the program is failed when something does not run or a disk is nearly full. */
int status_run(struct call *call) must_check;

#endif
