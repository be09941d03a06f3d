/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* console_menu: what somebody at the machine may do. */
#ifndef PROVISIONING_CONSOLE_MENU_H
#define PROVISIONING_CONSOLE_MENU_H

#include "base/arena.h"
#include "provisioning/terminal.h"

/* Shows the menu, and does what is chosen, until nothing is; self: the program whose commands these are. */
enum terminal_read console_menu(struct arena *a, const char *self);

#endif
