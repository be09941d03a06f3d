/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Whether the last backup, the last drill and the database's log are as young as they should be. */
#include "model/backup.h"
#include "provisioning/backup.h"
#include "provisioning/check.h"

struct age {
	usec when, failed, late;
	const char *what, *advice;
};

static str words(struct ctx *c, const struct age *a, str why)
{
	struct arena *m = c->arena;

	if (a->failed)
		return str_fmt(m, "the last %s failed at %s%s%.*s", a->what,
			       clock_iso(m, a->failed).p, why.n ? ": " : "", STR_ARG(why));
	if (!a->when)
		return str_fmt(m, "there was no %s yet", a->what);
	return str_fmt(m, "the last %s ended at %s", a->what, clock_iso(m, a->when).p);
}

static void put(struct ctx *c, struct json_out *w, bool *well, const struct age *a, str why)
{
	struct finding f = {
		.check = "backup",
		.well = a->when && !a->failed && c->now - a->when < a->late,
		.says = words(c, a, why),
		.advice = a->advice,
	};

	finding_put(w, &f, well);
}

static void put_ages(struct ctx *c, struct json_out *w, bool *well, const struct backup_standing *s)
{
	const struct age backup = {
		s->last_backup, s->failed_backup, BACKUP_LATE, "backup",
		"run: rookery backup; see the journal of rookery-backup.service"
	};
	const struct age media = { s->last_media, s->failed_media, BACKUP_MEDIA_LATE,
				   "backup of files",
				   "run: rookery backup --media; see the journal of "
				   "rookery-backup-media.service" };
	const struct age configuration = {
		s->last_configuration, s->failed_configuration, BACKUP_LATE,
		"backup of a machine's configuration",
		"run: rookery backup; see whether rookery-backup-configuration.socket is there"
	};
	const struct age verify = { s->last_verify, s->failed_verify, BACKUP_VERIFY_LATE, "drill",
				    "run: rookery backup verify" };
	const struct age log = { s->log_archived, s->log_failed, BACKUP_LOG_LATE,
				 "piece of the log",
				 "see the log of PostgreSQL, and whether the repository has room; "
				 "archive_timeout makes quiet machines archive as well" };

	put(c, w, well, &backup, s->why_backup);
	if (c->settings->backup_media)
		put(c, w, well, &media, s->why_media);
	if (*c->settings->backup_configuration)
		put(c, w, well, &configuration, s->why_configuration);
	put(c, w, well, &verify, s->why_verify);
	if (*c->settings->backup_cluster && s->archiving)
		put(c, w, well, &log, STR(""));
}

static void put_one(struct json_out *w, bool *well, bool is_well, const char *says,
		    const char *advice)
{
	struct finding f = {
		.check = "backup", .well = is_well, .says = str_c(says), .advice = advice
	};

	finding_put(w, &f, well);
}

/* An app node says of them what the database knows: its machine has the repository, and may be what does not run. */
static void put_elsewhere(struct ctx *c, struct json_out *w, bool *well,
			  const struct backup_standing *s)
{
	const struct age backup = { s->last_backup, s->failed_backup, BACKUP_LATE, "backup",
				    "on the database's machine, run: rookery doctor" };
	const struct age verify = { s->last_verify, s->failed_verify, BACKUP_VERIFY_LATE, "drill",
				    "on the database's machine, run: rookery backup verify" };

	put_one(w, well, true,
		s->kept ? "the database's machine makes them, or another that has backup_repository"
			: "the database's machine makes them, and made none yet",
		s->kept ? NULL
			: "set backup_repository there, or here where others run the database (docs/backup.md)");
	if (!s->kept)
		return;
	put(c, w, well, &backup, s->why_backup);
	put(c, w, well, &verify, s->why_verify);
}

int doctor_backups(struct ctx *c, struct json_out *w, bool *well)
{
	struct backup_standing s;

	TRY(backup_standing(c, &s));
	if (!s.wanted && s.elsewhere) {
		put_elsewhere(c, w, well, &s);
		return 0;
	}
	if (!s.wanted) {
		put_one(w, well, true,
			"none are made: backup_repository is not set (docs/backup.md)", NULL);
		return 0;
	}
	put_ages(c, w, well, &s);
	if (s.log_lost)
		put_one(w, well, false,
			str_fmt(c->arena, "the log has a gap since %.*s: %.*s",
				STR_ARG(clock_iso(c->arena, s.log_lost)), STR_ARG(s.why_log))
				.p,
			"see to the repository, then run: rookery backup; no minute between can be gone back to");
	if (*c->settings->backup_cluster && !s.archiving)
		put_one(w, well, false, "the database's log is not archived: archive_mode is off",
			"see docs/backup.md for archive_mode and archive_command");
	if (!s.key_shown)
		put_one(w, well, false, "nobody has seen the passphrase yet",
			"run: rookery backup key, and keep it somewhere else than on this machine");
	return 0;
}
