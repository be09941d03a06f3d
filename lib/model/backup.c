/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a record that does not say how it ended is of one that was killed, once the next has begun. */
#include "model/backup.h"

#include "model/settings.h"

#define MESSAGE_LIMIT 500

/* What takes turns, so that of each set one runs at a time. What is in none ends at once. */
static const struct {
	const char *kinds[4];
} turns[] = {
	{ { "full", "differential", "dump", NULL } },
	{ { "media", NULL } },
	{ { "configuration", NULL } },
	{ { "verify", NULL } },
	{ { "restore", NULL } },
};

static strs same_turn(struct arena *a, str kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(turns); i++) {
		str *all = arena_array(a, ARRAY_SIZE(turns[i].kinds), sizeof(*all));
		size_t n = 0;
		bool is_it = false;

		for (; turns[i].kinds[n]; n++) {
			all[n] = str_c(turns[i].kinds[n]);
			is_it = is_it || str_eq(kind, all[n]);
		}
		if (is_it)
			return (strs){ all, n };
	}
	return (strs){ NULL, 0 };
}

int backup_begin(struct ctx *c, const char *kind, struct backup_record *ret)
{
	const struct backup_id_row *row;
	size_t n;

	TRY(q_backup_begin(c, same_turn(c->arena, str_c(kind)), str_c(kind), &row));
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

int backup_settle(struct ctx *c, const struct backup_origin *o)
{
	size_t n;

	return q_backup_settle(c, str_c(o->kind), o->finished, o->size, o->label, &n);
}

int backup_give_up(struct ctx *c, int64_t size, str message)
{
	size_t n;

	return q_backup_give_up(c, size, str_clip(message, MESSAGE_LIMIT), &n);
}

int backup_judge(struct ctx *c, str tenant, int64_t rows, bool whole)
{
	size_t n;

	return q_backup_judge(c, rows, whole, tenant, &n);
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
		.kept = row->is_kept,
		.elsewhere = row->is_elsewhere,
		.archiving = *c->settings->backup_cluster && archive->archiving,
		.last_backup = row->last_backup,
		.last_media = row->last_media,
		.last_configuration = row->last_configuration,
		.last_verify = row->last_verify,
		.last_restore = row->last_restore,
		.failed_backup = since(row->failed_backup, row->last_backup),
		.failed_media = since(row->failed_media, row->last_media),
		.failed_configuration = since(row->failed_configuration, row->last_configuration),
		.failed_verify = since(row->failed_verify, row->last_verify),
		.log_archived = archive->archived,
		.log_failed = since(archive->failed, archive->archived),
		.log_lost = since(row->log_lost, row->last_backup),
		.key_shown = row->key_shown,
		.size = row->size,
		.kind = row->kind,
		.why_backup = row->why_backup,
		.why_media = row->why_media,
		.why_configuration = row->why_configuration,
		.why_verify = row->why_verify,
		.why_log = row->why_log,
	};
	return 0;
}

static void head(struct out *o, const char *name, const char *help)
{
	out_fmt(o, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void gauge(struct out *o, const char *name, const char *help, int64_t value)
{
	head(o, name, help);
	out_fmt(o, "%s %lld\n", name, (long long)value);
}

static int64_t is_damaged(const struct backup_tenant_row *t)
{
	return !t->whole;
}

static int64_t when_whole(const struct backup_tenant_row *t)
{
	return t->verified / USEC_SEC;
}

static int64_t compared(const struct backup_tenant_row *t)
{
	return t->rows;
}

static const struct {
	const char *name, *help;
	int64_t (*value)(const struct backup_tenant_row *t);
} tenant_numbers[] = {
	{ "rookery_backup_tenant_verify_failed",
	  "The last drill found rows of this tenant that are not as they were.", is_damaged },
	{ "rookery_backup_tenant_verify_last_success_timestamp_seconds",
	  "When a drill last found all rows of this tenant as they were; 0: never.", when_whole },
	{ "rookery_backup_tenant_verify_rows", "Rows of this tenant that it compared.", compared },
};

static void tenant_gauges(struct out *o, const struct backup_tenant_row *rows, size_t n)
{
	for (size_t k = 0; k < ARRAY_SIZE(tenant_numbers); k++) {
		head(o, tenant_numbers[k].name, tenant_numbers[k].help);
		for (size_t i = 0; i < n; i++)
			out_fmt(o, "%s{tenant=\"%.*s\"} %lld\n", tenant_numbers[k].name,
				STR_ARG(rows[i].name),
				(long long)tenant_numbers[k].value(&rows[i]));
	}
}

/* Rows are there where another machine makes the backups: each server tells of them. */
int backup_metrics(struct ctx *c, struct out *o)
{
	const struct backup_tenant_row *tenants;
	struct backup_standing s;
	size_t n;

	TRY(backup_standing(c, &s));
	if (!s.wanted && !s.kept)
		return 0;
	gauge(o, "rookery_backup_last_success_timestamp_seconds",
	      "When the last backup of the database ended; 0: never.", s.last_backup / USEC_SEC);
	gauge(o, "rookery_backup_media_last_success_timestamp_seconds",
	      "When files of media were last backed up; 0: never.", s.last_media / USEC_SEC);
	gauge(o, "rookery_backup_verify_last_success_timestamp_seconds",
	      "When a backup was last restored in a drill and found whole; 0: never.",
	      s.last_verify / USEC_SEC);
	gauge(o, "rookery_backup_failed", "The last backup failed.", s.failed_backup > 0);
	gauge(o, "rookery_backup_media_failed", "The last backup of files failed.",
	      s.failed_media > 0);
	gauge(o, "rookery_backup_configuration_failed",
	      "The last backup of a machine's configuration failed.", s.failed_configuration > 0);
	gauge(o, "rookery_backup_verify_failed", "The last drill found something wrong.",
	      s.failed_verify > 0);
	gauge(o, "rookery_backup_log_lost",
	      "Pieces of the database's log were given up since the last backup.", s.log_lost > 0);
	gauge(o, "rookery_backup_size_bytes", "Size of the database at the last backup.", s.size);
	TRY(q_backup_tenants(c, c->settings->metrics_tenants, &tenants, &n));
	if (n)
		tenant_gauges(o, tenants, n);
	if (!s.archiving)
		return 0;
	gauge(o, "rookery_backup_log_archived_timestamp_seconds",
	      "When the database's log was last archived; 0: never.", s.log_archived / USEC_SEC);
	gauge(o, "rookery_backup_log_failed", "The database's log cannot be archived.",
	      s.log_failed > 0);
	return 0;
}
