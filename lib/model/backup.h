/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * backup: what was backed up when. The backups themselves are made and tried by the command line
 * (provisioning/backup.h); these are the records that everybody else may look at.
 */
#ifndef MODEL_BACKUP_H
#define MODEL_BACKUP_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/ctx.h"
#include "base/out.h"
#include "sql/gen/backup.h"

/* One that is being made; the members after the id are what is said of it at its end. */
struct backup_record {
	int64_t id;
	const char *kind;
	int64_t size;
	str label, message;
};

/* As the host role. kind: of the table backups. */
int backup_begin(struct ctx *c, const char *kind, struct backup_record *ret) must_check;
int backup_end(struct ctx *c, const struct backup_record *r, bool well) must_check;
/* In a database that was just restored: what it is from. kind: as it was made. */
struct backup_origin {
	const char *kind;
	str label;
	usec finished;
	int64_t size;
};
int backup_settle(struct ctx *c, const struct backup_origin *o) must_check;
/* A piece of the log of so many bytes is not in the repository, and is not coming. */
int backup_give_up(struct ctx *c, int64_t size, str message) must_check;
/* What a drill found of a tenant, by its name. */
int backup_judge(struct ctx *c, str tenant, int64_t rows, bool whole) must_check;
/* A drill found the backup of that label whole. */
int backup_verified(struct ctx *c, str label) must_check;

/* How backups stand. Moments are 0 for what never was. For the doctor, the console, metrics. */
struct backup_standing {
	bool wanted; /* backup_repository is set */
	bool kept; /* backups were made, here or by another machine */
	bool elsewhere; /* the database is on another machine, and so are its backups */
	bool archiving; /* the database's log is archived, so that any minute can be gone back to */
	usec last_backup, last_media, last_configuration, last_verify, last_restore;
	/* since the last that worked; 0: none */
	usec failed_backup, failed_media, failed_configuration, failed_verify;
	usec log_archived; /* when the last piece of the log went into the repository */
	usec log_failed; /* when one could not, if that was later */
	usec log_lost; /* when some of it was given up since the last backup; 0: none */
	usec key_shown; /* when the passphrase was shown to the operator */
	int64_t size; /* of the last backup */
	str kind; /* of it */
	/* what the last that failed said of it */
	str why_backup, why_media, why_configuration, why_verify, why_log;
};

/* As the host role or the server. */
int backup_standing(struct ctx *c, struct backup_standing *ret) must_check;

/* The limits of what is well: a backup a day, files twice an hour, a drill a week, with time to be late. */
#define BACKUP_LATE (26 * USEC_HOUR)
#define BACKUP_MEDIA_LATE (90 * USEC_MINUTE)
#define BACKUP_VERIFY_LATE (8 * USEC_DAY)
#define BACKUP_LOG_LATE (15 * USEC_MINUTE)

/* For Prometheus: nothing where no backups are wanted, nor were made. */
int backup_metrics(struct ctx *c, struct out *o) must_check;

#endif
