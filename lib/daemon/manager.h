/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* manager: what systemd knows of the machine, asked on its bus. Blocks: offload() it. */
#ifndef DAEMON_MANAGER_H
#define DAEMON_MANAGER_H

struct manager_numbers {
	int failed_units; /* -1: nobody knows */
	int time_is_synchronised; /* likewise */
};

void manager_look(struct manager_numbers *ret);

#endif
