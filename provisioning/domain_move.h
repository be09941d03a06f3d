/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Commands of the noun domain by which a community moves from one installation to another. */
#ifndef PROVISIONING_DOMAIN_MOVE_H
#define PROVISIONING_DOMAIN_MOVE_H

#include "provisioning/command.h"

extern const struct option cli_export_options[], cli_import_options[], cli_move_out_options[];

int cli_domain_export(struct call *call) must_check; /* NAME */
int cli_domain_import(struct call *call) must_check; /* FILE */
int cli_domain_move_out(struct call *call) must_check; /* NAME */
int cli_domain_move_back(struct call *call) must_check; /* NAME */

#endif
