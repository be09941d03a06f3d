/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * notice: what could not be done while the machine started, in words for its operator. Scripts of the appliance leave them
 * as lines of files in a directory, one file a subject; whoever has mended it removes the file.
 */
#ifndef PROVISIONING_NOTICE_H
#define PROVISIONING_NOTICE_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

/* All lines, within a limit, each with its subject before it; none when nothing went wrong. */
const str *notice_list(struct ctx *c, size_t *ret_n);

/* The lines of one subject; none: they end. Where there is no directory of notices, nobody reads them. E_FORBIDDEN. */
int notice_put(struct ctx *c, const char *subject, str lines) must_check;

#endif
