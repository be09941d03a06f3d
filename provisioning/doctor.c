/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: each check stands alone: what one finds broken is a finding, and the next ones are made all the same,
 * as far as they make sense without it.
 */
#include "provisioning/doctor.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/migrate.h"
#include "media/media.h"
#include "model/domain.h"
#include "model/domain_life.h"
#include "model/graph.h"
#include "model/program.h"
#include "model/queue.h"
#include "provisioning/admin.h"
#include "provisioning/backup.h"
#include "provisioning/check.h"
#include "provisioning/doctor_part.h"
#include "provisioning/stator.h"
#include "sql/gen/house.h"
#include "sql/gen/stator.h"

#define CLOCK_TOLERANCE (2 * USEC_SEC)
#define LATE (10 * USEC_MINUTE) /* work that has been due for longer */

void doctor_put(struct doctor *d, const char *check, bool well, str says, const char *advice)
{
	struct finding f = { .check = check, .well = well, .says = says, .advice = advice };

	finding_put(d->w, &f, &d->well);
}

void doctor_note(struct doctor *d, const char *check, bool well, str says, const char *advice)
{
	struct finding f = {
		.check = check, .well = well, .says = says, .advice = advice, .minor = true
	};

	finding_put(d->w, &f, &d->well);
}

static const char *const schema_advice[] = {
	[SCHEMA_OLDER] = "run: rookery migrate",
	[SCHEMA_NEWER] = "the database is newer than these programs: install their newer version",
};

/* False when nothing else can be asked of the database. */
static bool check_database(struct doctor *d)
{
	const struct program *p = d->call->program;
	str conninfo = str_fmt(d->c->arena, "user=%s target_session_attrs=read-write %s", p->role,
			       p->settings.database);
	const struct house_database_row *row;
	struct schema s;
	int result = migrate_read(d->c, str_z(d->c->arena, conninfo), &s);

	if (result) {
		doctor_put(
			d, "database", false, str_trim(ctx_error(d->c, result)),
			"see that PostgreSQL runs, and that the option database leads to it; rookery migrate makes "
			"the roles");
		return false;
	}
	if (migrate_fit(&s) != SCHEMA_FITS) {
		doctor_put(d, "schema", false,
			   str_fmt(d->c->arena, "the version is %lld, these programs need %lld",
				   (long long)s.version, (long long)migrate_newest()),
			   schema_advice[migrate_fit(&s)]);
		return false;
	}
	result = q_house_database(d->c, &row);
	if (result) {
		doctor_put(d, "database", false, ctx_error(d->c, result),
			   "see the log of PostgreSQL");
		return false;
	}
	doctor_put(d, "database", true,
		   str_fmt(d->c->arena, "PostgreSQL %.*s, schema version %lld",
			   STR_ARG(row->version), (long long)s.version),
		   NULL);
	return true;
}

static int check_clock(struct doctor *d)
{
	const struct house_database_row *row;
	usec before = clock_real(), difference;

	TRY(q_house_database(d->c, &row));
	difference = row->clock - (before + clock_real()) / 2;
	doctor_put(
		d, "clock", llabs(difference) <= CLOCK_TOLERANCE,
		str_fmt(d->c->arena, "the database's is %lld ms off",
			(long long)(difference / USEC_MSEC)),
		"signatures of others are refused when clocks differ: synchronise both (timedatectl)");
	return 0;
}

static int check_roles(struct doctor *d)
{
	const struct house_role_row *rows;
	size_t n;

	TRY(q_house_roles(d->c, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		bool well = rows[i].may_log_in && !rows[i].mighty;

		if (!well)
			doctor_put(d, "roles", false,
				   str_fmt(d->c->arena, "%.*s %s", STR_ARG(rows[i].name),
					   rows[i].mighty ? "passes by row-level security"
							  : "may not log in"),
				   "alter role ... login nosuperuser nobypassrls");
	}
	doctor_put(d, "roles", n == 3, str_fmt(d->c->arena, "%zu of 3 are there", n),
		   "run: rookery migrate");
	return 0;
}

/* What row-level security and the separation of roles stand on. */
static int check_grants(struct doctor *d)
{
	const struct house_fault_row *rows;
	size_t n;

	TRY(q_house_faults(d->c, &rows, &n));
	for (size_t i = 0; i < n; i++)
		doctor_put(
			d, "grants", false,
			str_fmt(d->c->arena, "%.*s: %.*s", STR_ARG(rows[i].relation),
				STR_ARG(rows[i].fault)),
			"somebody changed the schema by hand: restore a backup, or ask for help before going on");
	if (!n)
		doctor_put(d, "grants", true, STR("tables are as they were made"), NULL);
	return 0;
}

static int check_stators(struct doctor *d)
{
	size_t alive;

	TRY(stators_alive(d->c, &alive));
	doctor_put(d, "stator", alive > 0, str_fmt(d->c->arena, "%zu at work", alive),
		   "nothing is sent or received without one: systemctl start rookery-stator@1");
	return 0;
}

/* The machine of a stator, whose name is HOST:NUMBER. */
static str machine_of(const struct stator_worker_row *worker)
{
	return str_slice(worker->name, 0, str_find_char(worker->name, ':', 0));
}

/* Several machines need one store: what is uploaded at one is asked for at each. */
static int check_sharing(struct doctor *d)
{
	const struct stator_worker_row *rows;
	str last = STR("");
	size_t n, machines = 0;

	if (*d->c->settings->media_s3)
		return 0;
	TRY(q_stator_worker_list(d->c, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (stator_is_alive(d->c, &rows[i]) && !str_eq(machine_of(&rows[i]), last)) {
			last = machine_of(&rows[i]);
			machines++;
		}
	if (machines > 1)
		doctor_note(
			d, "sharing", false,
			str_fmt(d->c->arena, "%zu machines work here, and each has a media_path",
				machines),
			"files have to be in one place for all: set media_s3 on each (docs/scale.md), unless "
			"media_path is a file system that they share");
	return 0;
}

/* What an operator paused is easily forgotten. */
static int check_pauses(struct doctor *d)
{
	const struct pause_row *rows;
	size_t n;

	TRY(queue_pauses(d->c, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		const struct queue_part part = { rows[i].type, rows[i].state, rows[i].domain };

		doctor_note(d, "paused", false,
			    str_fmt(d->c->arena, "%.*s is paused since %.*s",
				    STR_ARG(queue_subject(d->c, &part)),
				    STR_ARG(clock_iso(d->c->arena, rows[i].since))),
			    queue_resume_command(d->c, &part).p);
	}
	return 0;
}

/* What keeps failing, and work that nobody comes to, by type. */
static int check_work(struct doctor *d)
{
	const struct stator_tally_row *rows;
	bool is_late = false;
	int64_t failing = 0;
	size_t n;

	for (const struct graph *const *g = graphs; *g; g++) {
		TRY(q_stator_count(d->c, str_c((*g)->type), &rows, &n));
		for (size_t i = 0; i < n; i++) {
			failing += rows[i].failing;
			if (!rows[i].oldest || d->c->now - rows[i].oldest < LATE)
				continue;
			is_late = true;
			doctor_put(d, "work", false,
				   str_fmt(d->c->arena, "%lld of type %s wait in the state %.*s",
					   (long long)rows[i].ready, (*g)->type,
					   STR_ARG(rows[i].state)),
				   "see the log of rookery-stator; more of them may be started");
		}
	}
	if (!is_late)
		doctor_put(d, "work", true, STR("nothing is late"), NULL);
	doctor_note(
		d, "failing", failing == 0,
		str_fmt(d->c->arena, "%lld were tried before and are tried again",
			(long long)failing),
		"rookery stator status says of which types, rookery stator list TYPE --failing which and why; servers "
		"that are away are usual among them");
	return 0;
}

static void check_admin(struct doctor *d, const char *path)
{
	const char *address = d->c->settings->admin_listen;
	int status = 0, result = admin_get(d->c, address, path, &status);
	str says = result ? ctx_error(d->c, result)
			  : str_fmt(d->c->arena, "%s answers %d to %s", address, status, path);

	doctor_put(d, "server", !result && status == 200, says,
		   "see whether rookery-server runs: systemctl status rookery-server");
}

/* Whether pictures can be decoded on this machine, by the program that does it. */
static void check_worker(struct doctor *d)
{
	const char *program = media_worker_path(d->call->program);
	str command = str_fmt(d->c->arena, "'%s' --check >/dev/null 2>&1", program);
	bool well = !strchr(program, '\'') && system(command.p) == 0;

	doctor_put(d, "media", well,
		   str_fmt(d->c->arena, "%s %s", program, well ? "works" : "does not work"),
		   "run it with --check, and see rookery-media(8)");
}

/*
 * Written, read and removed as the programs do it. The doctor of the units may not write where they may: then it is
 * theirs to find out, each when it writes.
 */
static void try_store(struct doctor *d, const char *where)
{
	int result = store_check(d->c, d->c->media->store);

	doctor_put(
		d, "media", !result,
		result ? ctx_error(d->c, result)
		       : str_fmt(d->c->arena, "%s takes files and gives them back", where),
		"see the rights and the room of media_path, or media_s3 and what follows it in rookery.conf(5)");
}

static void check_store(struct doctor *d)
{
	const struct settings *s = d->c->settings;
	struct stat st;
	bool well = stat(s->media_path, &st) == 0 && S_ISDIR(st.st_mode);

	doctor_put(d, "media", well,
		   str_fmt(d->c->arena, "%s %s", s->media_path,
			   well ? "is there" : "is no directory"),
		   "systemd-tmpfiles --create, or set media_path");
	if (*s->media_s3 && !d->local)
		try_store(d, s->media_s3);
	else if (!*s->media_s3 && well && access(s->media_path, W_OK) == 0)
		try_store(d, s->media_path);
}

static int check_one(struct doctor *d, const struct domain *domain)
{
	const struct stator_standing_row *s;

	TRY(ctx_bind(d->c, domain->id));
	TRY(check_domain(d->c, STR_NULL, d->w, &d->well));
	doctor_proxy(d, domain);
	TRY(doctor_certificates(d, domain));
	TRY(q_stator_explain(d->c, STR("domain"), domain->id, &s));
	if (s->error.n)
		doctor_put(
			d, "ownership", false,
			str_fmt(d->c->arena, "%.*s: %.*s", STR_ARG(domain->name),
				STR_ARG(s->error)),
			"publish the proof again (rookery domain show), or: rookery domain verify --by=operator");
	return ctx_bind(d->c, 0);
}

/* Whoever asks for a page is told of it, so there is nothing to find out about tenants meanwhile. */
static int check_domains(struct doctor *d)
{
	TRY(domain_reload(d->c));
	if (domain_maintenance(d->c->domains)->on) {
		doctor_note(d, "maintenance", false,
			    str_fmt(d->c->arena, "the installation rests since %.*s",
				    STR_ARG(clock_iso(d->c->arena,
						      domain_maintenance(d->c->domains)->since))),
			    "when the work is done: rookery maintenance off");
		return 0;
	}
	for (size_t i = 0; i < domain_count(d->c->domains); i++) {
		const struct domain *domain = domain_at(d->c->domains, i);

		if (domain->state == DOMAIN_ACTIVE)
			TRY(check_one(d, domain));
	}
	return 0;
}

static int check_house(struct doctor *d)
{
	TRY(check_clock(d));
	TRY(check_roles(d));
	TRY(check_grants(d));
	TRY(check_stators(d));
	check_worker(d);
	check_store(d);
	if (d->local)
		return 0;
	TRY(check_pauses(d));
	TRY(check_sharing(d));
	TRY(check_work(d));
	doctor_mail(d);
	doctor_authority(d);
	TRY(doctor_backups(d->c, d->w, &d->well));
	return check_domains(d);
}

static int look(struct call *call, bool local)
{
	struct doctor d = {
		.call = call, .c = call->c, .w = call->answer, .well = true, .local = local
	};

	json_open_array(call->answer, "findings");
	if (*call->c->settings->admin_listen) {
		check_admin(&d, "/healthz");
		check_admin(&d, "/readyz");
	}
	if (!d.local)
		doctor_machine(&d);
	if (check_database(&d)) {
		int result = check_house(&d);

		if (result)
			doctor_put(&d, "database", false, ctx_error(d.c, result),
				   "see the log of PostgreSQL");
	}
	json_close_array(call->answer);
	call->unwell = !d.well;
	return 0;
}

int doctor_run(struct call *call)
{
	return look(call, cli_is_set(call, "local"));
}

int doctor_run_all(struct call *call)
{
	return look(call, false);
}
