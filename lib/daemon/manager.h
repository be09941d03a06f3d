/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* manager: what systemd knows of the machine, asked on its bus. Blocks: offload() it. */
#ifndef DAEMON_MANAGER_H
#define DAEMON_MANAGER_H

#include <stddef.h>
#include <stdint.h>

struct manager_numbers {
	int failed_units; /* -1: nobody knows */
	int time_is_synchronised; /* likewise */
};

void manager_look(struct manager_numbers *ret);

/* A service with all its processes; numbers are -1 where nobody knows. */
struct manager_unit {
	char name[48]; /* without ".service", of letters, digits, '-', '.', ':', '_' and '@' */
	int64_t memory; /* bytes, with its part of the kernel's cache */
	int64_t cpu; /* nanoseconds since it was started */
	int64_t restarts; /* by systemd itself */
};

#define MANAGER_UNITS 64

/* Those that run of our services and of what they stand on; at most MANAGER_UNITS, whose number is returned. */
size_t manager_units(struct manager_unit *ret);

#endif
