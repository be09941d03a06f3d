/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * This process as the kernel sees it, and the machine under it. Invariant: what a sandbox hides (ProcSubset=) or a machine
 * does not have is left out, and never told as a nought.
 */
#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/manager.h"
#include "loop/fiber.h"
#include "server/metrics.h"

#define LOAD_UNIT 65536.0 /* sysinfo(2) */
#define NSEC_SEC 1000000000
#define STARTED_FIELD 22 /* of /proc/self/stat, proc(5) */

static bool read_line(const char *path, char *line, size_t room)
{
	FILE *f = fopen(path, "re");
	bool done = f && fgets(line, (int)room, f);

	if (f)
		fclose(f);
	return done;
}

static void write_memory(struct out *o)
{
	char line[256];
	long long size, resident;

	if (!read_line("/proc/self/statm", line, sizeof(line)) ||
	    sscanf(line, "%lld %lld", &size, &resident) != 2)
		return;
	metrics_gauge(o, "process_resident_memory_bytes", "Memory in use.",
		      resident * sysconf(_SC_PAGESIZE));
	metrics_gauge(o, "process_virtual_memory_bytes", "Addresses in use.",
		      size * sysconf(_SC_PAGESIZE));
}

/* The name of the program, which is the second field, may have blanks: what counts stands behind its bracket. */
static void write_start(struct out *o)
{
	struct timespec up;
	char line[1024], *at;
	long long ticks;

	if (!read_line("/proc/self/stat", line, sizeof(line)) || !(at = strrchr(line, ')')) ||
	    clock_gettime(CLOCK_BOOTTIME, &up))
		return;
	for (int field = 2; at && field < STARTED_FIELD; field++)
		at = strchr(at + 1, ' ');
	if (at && sscanf(at, "%lld", &ticks) == 1)
		metrics_gauge(o, "process_start_time_seconds",
			      "When this process started, since 1970.",
			      clock_real() / USEC_SEC - up.tv_sec + ticks / sysconf(_SC_CLK_TCK));
}

static void write_files(struct out *o)
{
	DIR *d = opendir("/proc/self/fd");
	int64_t n = -3; /* ".", ".." and the directory itself */

	if (!d)
		return;
	while (readdir(d))
		n++;
	closedir(d);
	metrics_gauge(o, "process_open_fds", "Open files and sockets.", n);
	metrics_gauge(o, "process_max_fds", "Most of them that it may have.",
		      sysconf(_SC_OPEN_MAX));
}

void metrics_write_process(struct out *o)
{
	write_memory(o);
	write_start(o);
	write_files(o);
}

struct machine {
	struct manager_numbers manager;
	struct manager_unit units[MANAGER_UNITS];
	size_t n_units;
};

static void look(void *arg)
{
	struct machine *m = arg;

	manager_look(&m->manager);
	if (m->manager.failed_units >= 0)
		m->n_units = manager_units(m->units);
}

static const struct {
	const char *name, *type, *help;
	size_t offset;
	bool is_time;
} unit_numbers[] = {
	{ "rookery_unit_memory_bytes", "gauge",
	  "Memory of a service with all its processes, and of the kernel's cache for them.",
	  offsetof(struct manager_unit, memory), false },
	{ "rookery_unit_cpu_seconds_total", "counter", "Processor time that it used.",
	  offsetof(struct manager_unit, cpu), true },
	{ "rookery_unit_restarts_total", "counter", "How often systemd started it again by itself.",
	  offsetof(struct manager_unit, restarts), false },
};

/* Units are the operator's: their names are no stranger's, and there are at most MANAGER_UNITS of them. */
static void write_units(struct out *o, const struct machine *m)
{
	for (size_t k = 0; k < ARRAY_SIZE(unit_numbers) && m->n_units; k++) {
		metrics_head(o, unit_numbers[k].name, unit_numbers[k].type, unit_numbers[k].help);
		for (size_t i = 0; i < m->n_units; i++) {
			const struct manager_unit *u = &m->units[i];
			long long n = *(const int64_t *)((const char *)u + unit_numbers[k].offset);

			if (n < 0)
				continue;
			out_fmt(o, "%s{unit=\"%s\"} ", unit_numbers[k].name, u->name);
			if (unit_numbers[k].is_time)
				out_fmt(o, "%lld.%09lld\n", n / NSEC_SEC, n % NSEC_SEC);
			else
				out_fmt(o, "%lld\n", n);
		}
	}
}

static void write_manager(struct out *o)
{
	struct machine *m = arena_new_of(o->arena, struct machine);

	offload(look, m);
	if (m->manager.failed_units >= 0)
		metrics_gauge(o, "rookery_machine_failed_units",
			      "Units of this machine that failed.", m->manager.failed_units);
	if (m->manager.time_is_synchronised >= 0)
		metrics_gauge(o, "rookery_machine_time_synchronised",
			      "1 while something corrects its clock.",
			      m->manager.time_is_synchronised);
	write_units(o, m);
}

void metrics_write_machine(struct out *o)
{
	struct sysinfo s;

	if (sysinfo(&s) == 0) {
		metrics_gauge(o, "rookery_machine_memory_bytes", "Memory of this machine.",
			      (int64_t)s.totalram * s.mem_unit);
		metrics_gauge(o, "rookery_machine_memory_free_bytes",
			      "Of it, what is not even used as a cache.",
			      (int64_t)s.freeram * s.mem_unit);
		metrics_gauge(o, "rookery_machine_swap_bytes", "Room for what is swapped out.",
			      (int64_t)s.totalswap * s.mem_unit);
		metrics_gauge(o, "rookery_machine_swap_free_bytes", "Of it, what is free.",
			      (int64_t)s.freeswap * s.mem_unit);
		metrics_head(o, "rookery_machine_load_ratio", "gauge",
			     "Tasks that run or wait to, over a minute, for each processor.");
		out_fmt(o, "rookery_machine_load_ratio %.3f\n",
			(double)s.loads[0] / LOAD_UNIT / (double)sysconf(_SC_NPROCESSORS_ONLN));
	}
	write_manager(o);
}
