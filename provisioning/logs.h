/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* logs: the last lines that the programs said, from the journal or from files. */
#ifndef PROVISIONING_LOGS_H
#define PROVISIONING_LOGS_H

#include "base/ctx.h"
#include "base/str.h"
#include "provisioning/command.h"

/* Whether there is a journal on this machine. */
bool logs_has_journal(void);

/* Calls put for each line of our programs, with its time if that is known. Where there is no log nothing happens. */
void logs_each(struct call *call, void (*put)(void *arg, struct ctx *c, str time, str message),
	       void *arg);

#endif
