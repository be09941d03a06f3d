/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* certificate: of one's own for a name of a tenant, where the proxy is the appliance's. */
#ifndef PROVISIONING_CERTIFICATE_H
#define PROVISIONING_CERTIFICATE_H

#include "base/attr.h"
#include "provisioning/command.h"

struct domain_row;

/* A command that ends a domain takes it as well. */
#define CERTIFICATE_DIRECTORY "/etc/caddy"
#define CERTIFICATE_DIRECTORY_OPTION                                                    \
	{                                                                               \
		"directory", "DIRECTORY",                                               \
			"of the proxy's configuration, when not " CERTIFICATE_DIRECTORY \
	}

extern const struct option certificate_options[];

int certificate_run(struct call *call) must_check;

/* A domain that ends here leaves none of its own behind, nor a key: the names may be somebody else's later. */
int certificate_drop(struct call *call, const struct domain_row *d) must_check;

#endif
