/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a record that does not say how it ended is of one that was killed, once the next has begun. */
#include "model/backup.h"

#include "model/settings.h"

#define MESSAGE_LIMIT 500

int backup_begin(struct ctx *c, const char *kind, struct backup_record *ret)
{
	const struct backup_id_row *row;
	size_t n;

	TRY(q_backup_begin(c, str_c(kind), &row));
	*ret = (struct backup_record){
		.id = row->id, .kind = kind, .label = STR(""), .message = STR("")
	};
	return q_backup_forget(c, &n);
}

int backup_end(struct ctx *c, const struct backup_record *r, bool well)
{
	struct q_backup_end_args args = {
		.result = well ? STR("done") : STR("failed"),
		.kind = str_c(r->kind),
		.size = r->size,
		.label = str_is_null(r->label) ? STR("") : str_clip(r->label, 200),
		.message = str_is_null(r->message) ? STR("") : str_clip(r->message, MESSAGE_LIMIT),
		.id = r->id,
	};
	size_t n;

	return q_backup_end(c, &args, &n);
}

int backup_verified(struct ctx *c, str label)
{
	size_t n;

	return q_backup_verified(c, label, &n);
}

/* A failure counts until something of the sort works again. */
static usec since(usec failed, usec worked)
{
	return failed > worked ? failed : 0;
}

int backup_standing(struct ctx *c, struct backup_standing *ret)
{
	const struct backup_standing_row *row;
	const struct backup_archive_row *archive;

	TRY(q_backup_standing(c, &row));
	TRY(q_backup_archive(c, &archive));
	*ret = (struct backup_standing){
		.wanted = *c->settings->backup_repository,
		.archiving = *c->settings->backup_cluster && archive->archiving,
		.last_backup = row->last_backup,
		.last_media = row->last_media,
		.last_verify = row->last_verify,
		.last_restore = row->last_restore,
		.failed_backup = since(row->failed_backup, row->last_backup),
		.failed_verify = since(row->failed_verify, row->last_verify),
		.log_archived = archive->archived,
		.log_failed = since(archive->failed, archive->archived),
		.key_shown = row->key_shown,
		.size = row->size,
		.message = row->message,
	};
	return 0;
}

static void gauge(struct out *o, const char *name, const char *help, int64_t value)
{
	out_fmt(o, "# HELP %s %s\n# TYPE %s gauge\n%s %lld\n", name, help, name, name,
		(long long)value);
}

int backup_metrics(struct ctx *c, struct out *o)
{
	struct backup_standing s;

	TRY(backup_standing(c, &s));
	if (!s.wanted)
		return 0;
	gauge(o, "rookery_backup_last_success_timestamp_seconds",
	      "When the last backup of the database ended; 0: never.", s.last_backup / USEC_SEC);
	gauge(o, "rookery_backup_media_last_success_timestamp_seconds",
	      "When files of media were last backed up; 0: never.", s.last_media / USEC_SEC);
	gauge(o, "rookery_backup_verify_last_success_timestamp_seconds",
	      "When a backup was last restored in a drill and found whole; 0: never.",
	      s.last_verify / USEC_SEC);
	gauge(o, "rookery_backup_failed", "The last backup failed.", s.failed_backup > 0);
	gauge(o, "rookery_backup_verify_failed", "The last drill found something wrong.",
	      s.failed_verify > 0);
	gauge(o, "rookery_backup_size_bytes", "Size of the database at the last backup.", s.size);
	if (!s.archiving)
		return 0;
	gauge(o, "rookery_backup_log_archived_timestamp_seconds",
	      "When the database's log was last archived; 0: never.", s.log_archived / USEC_SEC);
	gauge(o, "rookery_backup_log_failed", "The database's log cannot be archived.",
	      s.log_failed > 0);
	return 0;
}
