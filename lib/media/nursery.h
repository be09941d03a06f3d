/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * nursery: the process that workers are forked from. It reads no file's bytes itself; each file has a
 * worker of its own, which is shut in before it looks at the first of them and ends with it.
 */
#ifndef MEDIA_NURSERY_H
#define MEDIA_NURSERY_H

#include "base/attr.h"

/* Takes orders from the descriptor until its other end is closed or none came for a while. */
int nursery_run(int control) must_check;

#endif
