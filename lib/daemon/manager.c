/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a machine without systemd, or whose bus does not answer, knows nothing, and nobody waits for long. */
#include "daemon/manager.h"

#include <stdint.h>
#include <systemd/sd-bus.h>

#define PATIENCE ((uint64_t)2 * 1000 * 1000) /* microseconds, for each question */
#define SYSTEMD "org.freedesktop.systemd1"
#define TIMEDATE "org.freedesktop.timedate1"

void manager_look(struct manager_numbers *ret)
{
	sd_bus *bus = NULL;
	uint32_t failed;
	int synchronised;

	*ret = (struct manager_numbers){ -1, -1 };
	if (sd_bus_open_system(&bus) < 0)
		return;
	sd_bus_set_method_call_timeout(bus, PATIENCE);
	if (sd_bus_get_property_trivial(bus, SYSTEMD, "/org/freedesktop/systemd1",
					SYSTEMD ".Manager", "NFailedUnits", NULL, 'u',
					&failed) >= 0)
		ret->failed_units = (int)failed;
	/* The clock itself may not be asked under ProtectClock=. */
	if (sd_bus_get_property_trivial(bus, TIMEDATE, "/org/freedesktop/timedate1", TIMEDATE,
					"NTPSynchronized", NULL, 'b', &synchronised) >= 0)
		ret->time_is_synchronised = synchronised;
	sd_bus_flush_close_unref(bus);
}
