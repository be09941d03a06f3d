/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pack: writes an archive (ZIP) of files, one after the other, into a file. What is in it is never in memory as a
 * whole. Each call computes and waits for the disk on a thread, while its fiber is parked.
 */
#ifndef MEDIA_PACK_H
#define MEDIA_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/ctx.h"
#include "base/str.h"

struct pack;

/* Into fd, which stays the caller's; files in it bear that time. */
int pack_new(int fd, usec time, struct pack **ret) must_check;
void pack_free(struct pack *p);
void pack_freep(struct pack **p);

/* A file of that name with these bytes, or with all of an open file. Pressed: text, which becomes smaller. E_LATER when
 * there is no room on the disk. */
int pack_add(struct ctx *c, struct pack *p, const char *name, str bytes, bool pressed) must_check;
int pack_add_file(struct ctx *c, struct pack *p, const char *name, int fd, bool pressed) must_check;
/* Nothing comes behind it. */
int pack_done(struct ctx *c, struct pack *p) must_check;

#endif
