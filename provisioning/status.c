/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery status: how the installation does, on one screen. Invariant: what is not reached is said, and the rest shown. */
#include "provisioning/status.h"

#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "db/migrate.h"
#include "loop/fiber.h"
#include "model/backup.h"
#include "model/disk.h"
#include "model/graph.h"
#include "model/maintenance.h"
#include "model/program.h"
#include "provisioning/admin.h"
#include "provisioning/machine.h"
#include "provisioning/stator.h"
#include "provisioning/versions.h"
#include "sql/gen/house.h"
#include "sql/gen/operator.h"
#include "sql/gen/stator.h"

/* "unit active sub" of each unit of ours; empty where systemd is not. */
static void put_services(struct call *call)
{
	static const char command[] =
		"systemctl list-units --all --plain --no-legend --type=service,socket,timer 'rookery*' "
		"'postgresql*' 2>/dev/null";
	str list, line, unit, word;

	json_open_array(call->answer, "services");
	if (machine_ask(call->c, command, &list))
		list = STR("");
	while (str_cut(&list, '\n', &line)) {
		str words[4] = { 0 };
		size_t n = 0;

		while (n < 4 && str_cut(&line, ' ', &word))
			if (word.n)
				words[n++] = word;
		unit = words[0];
		if (n < 4)
			continue;
		json_open_object(call->answer, NULL);
		json_put_str(call->answer, "unit", unit);
		json_put_str(call->answer, "active", words[2]);
		json_put_str(call->answer, "state", words[3]);
		json_close_object(call->answer);
		call->unwell |= str_eq(words[2], STR("failed"));
	}
	json_close_array(call->answer);
}

/* The server as its private socket answers. */
static void put_server(struct call *call)
{
	const char *address = call->c->settings->admin_listen, *says;
	int status = 0;

	if (!*address)
		return;
	if (admin_get(call->c, address, "/readyz", &status))
		says = "does not answer";
	else
		says = status == 200 ? "serves" : "waits for its database";
	call->unwell |= status != 200;
	json_put_c(call->answer, "server", says);
}

static int put_stators(struct call *call)
{
	size_t alive;

	TRY(stators_alive(call->c, &alive));
	json_put_i64(call->answer, "stators", (int64_t)alive);
	call->unwell |= alive == 0;
	return 0;
}

static int put_tenants(struct call *call)
{
	const struct house_tenant_state_row *rows;
	size_t n;

	TRY(q_house_tenants(call->c, &rows, &n));
	json_open_object(call->answer, "tenants");
	for (size_t i = 0; i < n; i++)
		json_put_i64(call->answer, str_z(call->arena, rows[i].state), rows[i].n);
	json_close_object(call->answer);
	return 0;
}

static int put_type(struct call *call, const struct graph *g)
{
	const struct stator_tally_row *rows;
	int64_t ready = 0, waiting = 0, locked = 0, failing = 0;
	usec oldest = 0;
	size_t n;

	TRY(q_stator_count(call->c, str_c(g->type), &rows, &n));
	for (size_t i = 0; i < n; i++) {
		ready += rows[i].ready;
		waiting += rows[i].waiting;
		locked += rows[i].locked;
		failing += rows[i].failing;
		if (rows[i].oldest && (!oldest || rows[i].oldest < oldest))
			oldest = rows[i].oldest;
	}
	if (ready + waiting + locked == 0)
		return 0;
	json_open_object(call->answer, NULL);
	json_put_c(call->answer, "type", g->type);
	json_put_i64(call->answer, "ready", ready);
	json_put_i64(call->answer, "waiting", waiting);
	json_put_i64(call->answer, "running", locked);
	json_put_i64(call->answer, "tried_before", failing);
	json_put_i64(call->answer, "late_seconds",
		     oldest && oldest < call->c->now ? (call->c->now - oldest) / USEC_SEC : 0);
	json_close_object(call->answer);
	return 0;
}

static int put_queue(struct call *call)
{
	json_open_array(call->answer, "queue");
	for (const struct graph *const *g = graphs; *g; g++)
		TRY(put_type(call, *g));
	json_close_array(call->answer);
	return 0;
}

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

static void put_disks(struct call *call)
{
	struct looking l = { .settings = call->c->settings };

	offload(look, &l);
	json_open_array(call->answer, "disks");
	for (size_t i = 0; i < l.n; i++) {
		enum disk_level level =
			disk_judge(call->c->settings, l.disks[i].percent, DISK_WELL);

		json_open_object(call->answer, NULL);
		json_put_c(call->answer, "volume", l.disks[i].what);
		json_put_c(call->answer, "path", l.disks[i].path);
		json_put_i64(call->answer, "percent_used", l.disks[i].percent);
		json_put_i64(call->answer, "mib_left", l.disks[i].room >> 20);
		json_put_c(call->answer, "level", name_of_value(disk_levels, (int)level));
		json_close_object(call->answer);
		call->unwell |= level >= DISK_REFUSE || l.disks[i].error;
	}
	json_close_array(call->answer);
}

static int put_database(struct call *call)
{
	const struct house_size_row *s;

	TRY(q_house_size(call->c, &s));
	json_open_object(call->answer, "database");
	json_put_str(call->answer, "postgresql", s->version);
	json_put_i64(call->answer, "schema", migrate_newest());
	json_put_i64(call->answer, "mib", s->bytes >> 20);
	json_put_i64(call->answer, "connections", s->connections);
	json_put_i64(call->answer, "connections_limit", s->limit);
	json_close_object(call->answer);
	return 0;
}

static int put_maintenance(struct call *call)
{
	struct maintenance m;

	TRY(maintenance_load(call->c, &m));
	json_put_bool(call->answer, "maintenance", m.on);
	return 0;
}

static void put_age(struct call *call, const char *name, usec when, usec late)
{
	if (when)
		json_put_i64(call->answer, name, (call->c->now - when) / USEC_SEC);
	else
		json_put_null(call->answer, name);
	call->unwell |= !when || call->c->now - when > late;
}

/*
 * Nothing where no backups are wanted, nor known of the database's machine. Null is the age of what never was; whether
 * files are backed up there, only their backups say.
 */
static int put_backups(struct call *call)
{
	struct backup_standing s;

	TRY(backup_standing(call->c, &s));
	if (!s.wanted && !(s.elsewhere && s.kept))
		return 0;
	json_open_object(call->answer, "backups");
	put_age(call, "seconds_since_backup", s.last_backup, BACKUP_LATE);
	if (s.wanted ? call->c->settings->backup_media : s.last_media != 0)
		put_age(call, "seconds_since_files", s.last_media, BACKUP_MEDIA_LATE);
	put_age(call, "seconds_since_drill", s.last_verify, BACKUP_VERIFY_LATE);
	json_close_object(call->answer);
	return 0;
}

static int put_from_database(struct call *call)
{
	TRY(put_maintenance(call));
	TRY(put_database(call));
	TRY(put_stators(call));
	TRY(put_tenants(call));
	TRY(put_backups(call));
	TRY(stator_put_pauses(call));
	return put_queue(call);
}

int status_run(struct call *call)
{
	struct versions versions;
	int result;

	json_put_c(call->answer, "version", ROOKERY_VERSION);
	versions_read(call->c, &versions);
	versions_put(&versions, call->answer);
	put_server(call);
	put_services(call);
	put_disks(call);
	/* Asked before, so that nothing is left open in the answer when it is away. */
	result = db_ping(call->c, 5 * USEC_SEC);
	if (!result)
		return put_from_database(call);
	json_put_str(call->answer, "database_error", ctx_error(call->c, result));
	call->unwell = true;
	return 0;
}
