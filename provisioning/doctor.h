/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* doctor: looks at the whole installation. */
#ifndef PROVISIONING_DOCTOR_H
#define PROVISIONING_DOCTOR_H

#include "base/attr.h"
#include "provisioning/command.h"

/* Findings as in check.h. */
int doctor_run(struct call *call) must_check;
/* The same of everything, for a command without the option --local. */
int doctor_run_all(struct call *call) must_check;

#endif
