/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what cannot be looked at here (no systemd, no /proc) is a note and never a fault. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/utsname.h>

#include "base/out.h"
#include "daemon/manager.h"
#include "loop/fiber.h"
#include "model/disk.h"
#include "model/program.h"
#include "provisioning/doctor_part.h"
#include "provisioning/machine.h"
#include "provisioning/versions.h"
#include "provisioning/notice.h"

#define KERNEL_MAJOR 5
#define KERNEL_MINOR \
	10 /* Landlock's and io limits aside, what Debian 11 had; older ones lack what the sandbox uses */
#define MEMORY_LEAST 10 /* percent available */

static const char *const disk_advice[] = {
	[DISK_WELL] = NULL,
	[DISK_WARN] = "make room or enlarge it: rookery media status says what is stored",
	[DISK_REFUSE] =
		"no uploads are taken until there is room: enlarge it, or set media_cache_size lower and "
		"run: rookery media prune",
	[DISK_READ_ONLY] =
		"nothing is written until there is room: enlarge it; rookery media prune and "
		"journalctl --vacuum-size=200M make some at once",
};

struct looking {
	const struct settings *settings;
	struct disk disks[DISK_VOLUMES];
	size_t n;
};

static void look(void *arg)
{
	struct looking *l = arg;

	l->n = disk_look(l->settings, l->disks);
}

static void check_disk(struct doctor *d, const struct disk *disk)
{
	enum disk_level level = disk_judge(d->c->settings, disk->percent, DISK_WELL);
	str says = str_fmt(d->c->arena, "%s on %s: %d %% used, %lld MiB left", disk->what,
			   disk->path, disk->percent, (long long)(disk->room >> 20));

	if (disk->error)
		doctor_put(d, "disk", false,
			   str_fmt(d->c->arena, "%s on %s: %s", disk->what, disk->path,
				   strerror(disk->error)),
			   "set media_path and database_path to where the files are");
	else if (level == DISK_WARN)
		doctor_note(d, "disk", false, says, disk_advice[level]);
	else
		doctor_put(d, "disk", level == DISK_WELL, says, disk_advice[level]);
}

static void check_disks(struct doctor *d)
{
	struct looking l = { .settings = d->c->settings };

	offload(look, &l);
	for (size_t i = 0; i < l.n; i++)
		check_disk(d, &l.disks[i]);
}

static void check_memory(struct doctor *d)
{
	struct machine_memory m;

	if (!machine_memory(&m)) {
		doctor_note(d, "memory", false, STR("nobody knows how much there is"),
			    "mount /proc");
		return;
	}
	doctor_note(d, "memory", m.available * 100 >= m.total * MEMORY_LEAST,
		    str_fmt(d->c->arena, "%lld of %lld MiB are available",
			    (long long)(m.available >> 20), (long long)(m.total >> 20)),
		    "the machine is short of memory: docs/scale.md says what each role needs");
}

enum clock { CLOCK_LEFT_ALONE, CLOCK_CORRECTED, CLOCK_UNKNOWN };

static void ask_manager(void *arg)
{
	manager_look(arg);
}

/* The kernel knows whether anybody corrects its clock; under ProtectClock= it is not asked, but systemd is. */
static enum clock look_at_clock(void)
{
	struct timex t = { .modes = 0 };
	struct manager_numbers m;
	int state = adjtimex(&t);

	if (state >= 0)
		return state == TIME_ERROR || (t.status & STA_UNSYNC) ? CLOCK_LEFT_ALONE
								      : CLOCK_CORRECTED;
	offload(ask_manager, &m);
	if (m.time_is_synchronised < 0)
		return CLOCK_UNKNOWN;
	return m.time_is_synchronised ? CLOCK_CORRECTED : CLOCK_LEFT_ALONE;
}

static void check_time(struct doctor *d)
{
	static const char *const says[] = {
		[CLOCK_LEFT_ALONE] = "nothing synchronises the clock of this machine",
		[CLOCK_CORRECTED] = "the clock is synchronised",
		[CLOCK_UNKNOWN] = "whether the clock is synchronised cannot be asked from here",
	};
	enum clock found = look_at_clock();

	doctor_note(
		d, "time", found != CLOCK_LEFT_ALONE, str_c(says[found]),
		"systemctl enable --now systemd-timesyncd, or chrony; signatures of others are refused when "
		"clocks differ");
}

static void check_kernel(struct doctor *d)
{
	struct utsname u;
	int major = 0, minor = 0;

	if (uname(&u) == 0 && sscanf(u.release, "%d.%d", &major, &minor) != 2)
		major = 0;
	doctor_note(d, "kernel",
		    major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR),
		    str_fmt(d->c->arena, "Linux %d.%d", major, minor),
		    "install the kernel of a supported Debian: the sandbox of decoders needs it");
}

/* The doctor's own fails by what is found here. */
static void put_failed(struct doctor *d, str list)
{
	struct out o;
	str name;

	out_init(&o, d->c->arena, 4096);
	while (str_cut(&list, '\n', &name))
		if (name.n && !str_starts(name, STR("rookery-doctor")))
			out_fmt(&o, "%s%.*s", o.n ? ", " : "", STR_ARG(name));
	doctor_put(
		d, "units", o.n == 0,
		o.n ? str_fmt(d->c->arena, "failed: %.*s", STR_ARG(out_view(&o)))
		    : STR("no unit has failed"),
		"systemctl status UNIT says why, rookery logs what it said; then: systemctl restart UNIT");
}

static void check_units(struct doctor *d)
{
	struct stat st;
	int result;
	str list;

	if (stat("/run/systemd/system", &st)) {
		doctor_note(d, "systemd", false, STR("this machine was not booted by systemd"),
			    "something else has to start the programs again when they end");
		return;
	}
	if (stat("/sys/fs/cgroup/cgroup.controllers", &st))
		doctor_note(d, "systemd", false, STR("control groups are of the first version"),
			    "limits of memory in the units have no effect: boot with "
			    "systemd.unified_cgroup_hierarchy=1");
	result = machine_failed_units(d->c, &list);
	if (result)
		doctor_note(d, "units", false, ctx_error(d->c, result),
			    "see what systemctl list-units --failed says on the machine");
	else
		put_failed(d, list);
}

/* Notes: the version that runs works with or without them. */
static void check_versions(struct doctor *d)
{
	struct versions v;

	versions_read(d->c, &v);
	if (!str_is_null(v.failed))
		doctor_note(d, "version", false,
			    str_fmt(d->c->arena, "%.*s did not work and was left",
				    STR_ARG(v.failed)),
			    "see why: " VERSIONS_WHY "; a newer version takes its place");
	if (!str_is_null(v.offered))
		doctor_note(d, "version", false,
			    str_fmt(d->c->arena, "%.*s is there, %.*s runs", STR_ARG(v.offered),
				    STR_ARG(v.running)),
			    "run: rookery update");
	if (!str_is_null(v.running) && str_is_null(v.failed) && str_is_null(v.offered))
		doctor_note(d, "version", true,
			    str_fmt(d->c->arena, "%.*s runs, and nothing newer is known of",
				    STR_ARG(v.running)),
			    NULL);
}

static void check_notices(struct doctor *d)
{
	size_t n;
	const str *all = notice_list(d->c, &n);

	for (size_t i = 0; i < n; i++)
		doctor_note(
			d, "start", false, all[i],
			"mend it on the machine; then remove the file below /etc/rookery/notices that says so");
}

/* Whoever may read the file, or a backup of it, has them. */
static void check_secrets(struct doctor *d)
{
	for (const char *const *name = d->call->program->open_secrets; *name; name++)
		doctor_note(d, "secrets", false,
			    str_fmt(d->c->arena,
				    "%s has a secret in rookery.conf or the environment", *name),
			    "take it out of there, and: rookery secret set NAME");
}

void doctor_machine(struct doctor *d)
{
	check_disks(d);
	check_memory(d);
	check_time(d);
	check_kernel(d);
	check_units(d);
	check_versions(d);
	check_notices(d);
	check_secrets(d);
}
