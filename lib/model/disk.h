/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * disk: how full the volumes are that this installation writes to, and what may still be done. A database whose disk is
 * full stops and may need hands to start again; so each program looks before, and does less and less:
 *
 *   DISK_WARN       the operator is told
 *   DISK_REFUSE     no uploads, no copies of other servers' media, and the copies that there are make room
 *   DISK_READ_ONLY  nothing is taken that the database would have to keep: 503, so that peers and programs try again
 *
 * Each step ends by itself, a little below of where it began, so that nothing flutters.
 */
#ifndef MODEL_DISK_H
#define MODEL_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/table.h"
#include "model/settings.h"

struct loop;

enum disk_level { DISK_WELL, DISK_WARN, DISK_REFUSE, DISK_READ_ONLY };
extern const struct name disk_levels[];

#define DISK_MARGIN 2 /* percent below a threshold, from which on it counts as left */
#define DISK_VOLUMES 2

struct disk {
	const char *what; /* "media", "database" */
	const char *path;
	int64_t size, room; /* bytes: all, and what programs that are not root may still write */
	int percent; /* used, of what they may use; as df(1) counts */
	int error; /* it could not be looked at: an errno; then the numbers are 0 */
};

/* Looks at the volumes now; says how many there are. Blocks for a moment: see offload(). */
size_t disk_look(const struct settings *s, struct disk ret[DISK_VOLUMES]);

/* What a volume this full asks for, when the present level is `now`. */
enum disk_level disk_judge(const struct settings *s, int percent, enum disk_level now);

/* Of this process, as its watch saw it last; DISK_WELL before its first look. */
enum disk_level disk_level(void);
/* How full the fullest volume was then, in percent. */
int disk_percent(void);

/* E_LATER when there is no room for files. */
int disk_need_room(struct ctx *c) must_check;

/*
 * In a fiber: looks once, and then again every disk_interval seconds, until it is ended; changed is called when the level
 * did (NULL: nobody). Logs each change. once: looks only now.
 */
struct disk_watch;
int disk_watch_start(struct loop *l, const struct settings *s, bool once,
		     void (*changed)(void *arg), void *arg, struct disk_watch **ret) must_check;
/* In a fiber: no look is under way afterwards. NULL does nothing. */
void disk_watch_end(struct disk_watch *w);

#endif
