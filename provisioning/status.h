/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* status: how the installation does: services, stators, tenants, work, disks. */
#ifndef PROVISIONING_STATUS_H
#define PROVISIONING_STATUS_H

#include "base/attr.h"
#include "provisioning/command.h"

/* The status of the program is failed when something does not run or a disk is nearly full. */
int status_run(struct call *call) must_check;

/* As much of it as the machine's own screen shows, and what comes next: it works when nothing else does. */
int screen_show(struct call *call) must_check;
void screen_print(const struct json *answer, struct out *o);

#endif
