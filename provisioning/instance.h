/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a community says of itself; these two stand among the commands of domains. */
#ifndef PROVISIONING_INSTANCE_H
#define PROVISIONING_INSTANCE_H

#include "base/attr.h"
#include "provisioning/command.h"

int cli_domain_set(struct call *call) must_check; /* NAME SETTING VALUE */
int cli_domain_settings(struct call *call) must_check; /* NAME */
/* Standard input to its end, trimmed. */
int cli_read_text(struct ctx *c, str *ret) must_check;

#endif
