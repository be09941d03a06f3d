/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a machine without systemd, or whose bus does not answer, knows nothing, and nobody waits for long. */
#include "daemon/manager.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "base/attr.h"
#include "base/clock.h"

#define PATIENCE (2 * USEC_SEC) /* for each question */
#define SYSTEMD "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define TIMEDATE "org.freedesktop.timedate1"
#define UNIT_TYPE "(ssssssouso)" /* of ListUnitsByPatterns(): org.freedesktop.systemd1(5) */

/* The greeting waits for a bus that hangs as long as sd-bus likes, so it is waited for here. */
static int greet(sd_bus *bus)
{
	usec end = clock_mono() + PATIENCE, now;
	int result;

	while ((result = sd_bus_is_ready(bus)) == 0 && (now = clock_mono()) < end) {
		result = sd_bus_process(bus, NULL);
		if (result == 0)
			result = sd_bus_wait(bus, (uint64_t)(end - now));
		if (result < 0)
			break;
	}
	return result > 0 ? 0 : -ETIMEDOUT;
}

static int open_bus(sd_bus **ret)
{
	int result = sd_bus_open_system(ret);

	if (result < 0)
		return result;
	sd_bus_set_method_call_timeout(*ret, PATIENCE);
	return greet(*ret);
}

void manager_look(struct manager_numbers *ret)
{
	sd_bus *bus cleanup(sd_bus_close_unrefp) = NULL;
	uint32_t failed;
	int synchronised;

	*ret = (struct manager_numbers){ -1, -1 };
	if (open_bus(&bus) < 0)
		return;
	if (sd_bus_get_property_trivial(bus, SYSTEMD, SYSTEMD_PATH, SYSTEMD ".Manager",
					"NFailedUnits", NULL, 'u', &failed) >= 0)
		ret->failed_units = (int)failed;
	/* The clock itself may not be asked under ProtectClock=. */
	if (sd_bus_get_property_trivial(bus, TIMEDATE, "/org/freedesktop/timedate1", TIMEDATE,
					"NTPSynchronized", NULL, 'b', &synchronised) >= 0)
		ret->time_is_synchronised = synchronised;
}

/* Services of ours that run, and those that they stand on. */
static int list_units(sd_bus *bus, sd_bus_message **ret)
{
	return sd_bus_call_method(bus, SYSTEMD, SYSTEMD_PATH, SYSTEMD ".Manager",
				  "ListUnitsByPatterns", NULL, ret, "asas", 3, "active",
				  "reloading", "deactivating", 5, "rookery-server.service",
				  "rookery-stator@*.service", "rookery-courier.service",
				  "caddy.service", "postgresql*.service");
}

/* False for one whose name has other characters, which systemd writes with backslashes. */
static bool take_name(const char *name, struct manager_unit *ret)
{
	const char *end = strstr(name, ".service");
	size_t n = end ? (size_t)(end - name) : 0;

	if (n == 0 || n >= sizeof(ret->name) || memchr(name, '\\', n))
		return false;
	memcpy(ret->name, name, n);
	ret->name[n] = 0;
	return true;
}

/* What is not counted is told as the largest number. */
static int64_t number(uint64_t n)
{
	return n == UINT64_MAX ? -1 : (int64_t)n;
}

static int look_at_unit(sd_bus *bus, const char *path, struct manager_unit *ret)
{
	static const char service[] = SYSTEMD ".Service";
	uint64_t memory, cpu;
	uint32_t restarts;
	int result = sd_bus_get_property_trivial(bus, SYSTEMD, path, service, "MemoryCurrent", NULL,
						 't', &memory);

	if (result >= 0)
		result = sd_bus_get_property_trivial(bus, SYSTEMD, path, service, "CPUUsageNSec",
						     NULL, 't', &cpu);
	if (result >= 0)
		result = sd_bus_get_property_trivial(bus, SYSTEMD, path, service, "NRestarts", NULL,
						     'u', &restarts);
	if (result < 0)
		return result;
	ret->memory = number(memory);
	ret->cpu = number(cpu);
	ret->restarts = restarts;
	return 0;
}

/* It ends at the first that cannot be looked at: what does not answer once would be waited for again. */
size_t manager_units(struct manager_unit *ret)
{
	sd_bus *bus cleanup(sd_bus_close_unrefp) = NULL;
	sd_bus_message *list cleanup(sd_bus_message_unrefp) = NULL;
	const char *name, *path;
	size_t n = 0;

	if (open_bus(&bus) < 0 || list_units(bus, &list) < 0 ||
	    sd_bus_message_enter_container(list, 'a', UNIT_TYPE) < 0)
		return 0;
	while (n < MANAGER_UNITS && sd_bus_message_read(list, UNIT_TYPE, &name, NULL, NULL, NULL,
							NULL, NULL, &path, NULL, NULL, NULL) > 0) {
		if (!take_name(name, &ret[n]))
			continue;
		if (look_at_unit(bus, path, &ret[n]) < 0)
			break;
		n++;
	}
	return n;
}
