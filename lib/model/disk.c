/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the level is one atomic of the process, written by its watch alone; who reads it decides at that moment.
 * A volume that cannot be looked at changes nothing: a doctor says so, and nobody is locked out by it.
 */
#include "model/disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/log.h"
#include "loop/fiber.h"
#include "loop/loop.h"

#define USUAL_DATABASE "/var/lib/postgresql"

const struct name disk_levels[] = {
	{ "well", DISK_WELL },		 { "warn", DISK_WARN }, { "refuse", DISK_REFUSE },
	{ "read-only", DISK_READ_ONLY }, { NULL, 0 },
};

static int level = DISK_WELL;
static int fullest;

/* Whether the connection string leads to this machine: by a socket in the file system. */
static bool is_local(const char *conninfo)
{
	const char *host = strstr(conninfo, "host=");

	return !host || host[5] == '/' || (host[5] == '\'' && host[6] == '/');
}

/* Where the database is; NULL: elsewhere, or nobody knows. */
static const char *database_path(const struct settings *s)
{
	struct stat st;

	if (*s->database_path)
		return s->database_path;
	return is_local(s->database) && stat(USUAL_DATABASE, &st) == 0 ? USUAL_DATABASE : NULL;
}

static void look_at(struct disk *d)
{
	struct statvfs v;
	uint64_t used;

	if (statvfs(d->path, &v)) {
		d->error = errno;
		return;
	}
	used = v.f_blocks - v.f_bfree;
	d->size = (int64_t)(v.f_blocks * v.f_frsize);
	d->room = (int64_t)(v.f_bavail * v.f_frsize);
	/* Rounded up, as df does: what is nearly full is not 99 percent. */
	if (used + v.f_bavail)
		d->percent = (int)((used * 100 + used + v.f_bavail - 1) / (used + v.f_bavail));
	if (v.f_files && v.f_favail == 0)
		d->percent = 100;
}

size_t disk_look(const struct settings *s, struct disk ret[DISK_VOLUMES])
{
	const char *database = database_path(s);
	size_t n = 0;

	ret[n++] = (struct disk){ .what = "media", .path = s->media_path };
	if (database)
		ret[n++] = (struct disk){ .what = "database", .path = database };
	for (size_t i = 0; i < n; i++)
		look_at(&ret[i]);
	return n;
}

enum disk_level disk_judge(const struct settings *s, int percent, enum disk_level now)
{
	const int64_t begin[] = {
		[DISK_WARN] = s->disk_warn,
		[DISK_REFUSE] = s->disk_refuse,
		[DISK_READ_ONLY] = s->disk_read_only,
	};
	enum disk_level judged = DISK_WELL;

	for (enum disk_level l = DISK_WARN; l <= DISK_READ_ONLY; l++)
		if (percent >= begin[l] - (l <= now ? DISK_MARGIN : 0))
			judged = l;
	return judged;
}

enum disk_level disk_level(void)
{
	return (enum disk_level)__atomic_load_n(&level, __ATOMIC_RELAXED);
}

int disk_percent(void)
{
	return __atomic_load_n(&fullest, __ATOMIC_RELAXED);
}

int disk_need_room(struct ctx *c)
{
	return disk_level() < DISK_REFUSE
		       ? 0
		       : fail(c, E_LATER, "there is no room for files here at the moment");
}

struct disk_watch {
	const struct settings *settings;
	void (*changed)(void *arg);
	void *arg;
	struct fiber *fiber;
	struct fiber *ender;
	bool running, ended;
	struct disk disks[DISK_VOLUMES];
	size_t n;
};

static void look_now(void *arg)
{
	struct disk_watch *w = arg;

	w->n = disk_look(w->settings, w->disks);
}

static void tell(const struct disk *d, enum disk_level was, enum disk_level now)
{
	enum log_level loud = now > was ? LOG_WARN : LOG_INFO;

	log_at(loud, NULL, "event=disk volume=%s percent=%d level=%s was=%s", d->what, d->percent,
	       name_of_value(disk_levels, (int)now), name_of_value(disk_levels, (int)was));
}

static void judge(struct disk_watch *w)
{
	enum disk_level was = disk_level(), now;
	const struct disk *full = &w->disks[0];

	for (size_t i = 1; i < w->n; i++)
		if (w->disks[i].percent > full->percent)
			full = &w->disks[i];
	now = disk_judge(w->settings, full->percent, was);
	__atomic_store_n(&fullest, full->percent, __ATOMIC_RELAXED);
	__atomic_store_n(&level, (int)now, __ATOMIC_RELAXED);
	if (now == was)
		return;
	tell(full, was, now);
	if (w->changed)
		w->changed(w->arg);
}

static void look(struct disk_watch *w)
{
	offload(look_now, w);
	judge(w);
}

static void watch_disks(void *arg)
{
	struct disk_watch *w = arg;

	w->fiber = fiber_self();
	while (!w->ended) {
		fiber_park(clock_mono() + w->settings->disk_interval * USEC_SEC);
		if (!w->ended)
			look(w);
	}
	w->running = false;
	if (w->ender)
		fiber_wake(w->ender);
}

int disk_watch_start(struct loop *l, const struct settings *s, bool once,
		     void (*changed)(void *arg), void *arg, struct disk_watch **ret)
{
	struct disk_watch *w = calloc(1, sizeof(*w));
	int result;

	if (!w)
		return -ENOMEM;
	*w = (struct disk_watch){ .settings = s, .changed = changed, .arg = arg };
	look(w);
	result = once ? 0 : fiber_spawn(l, watch_disks, w);
	w->running = true;
	if (result || once) {
		free(w);
		w = NULL;
	}
	*ret = w;
	return result;
}

void disk_watch_end(struct disk_watch *w)
{
	if (!w)
		return;
	w->ended = true;
	w->ender = fiber_self();
	while (w->running) {
		if (w->fiber)
			fiber_wake(w->fiber);
		fiber_park(0);
	}
	free(w);
}
