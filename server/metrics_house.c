/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What is true of the whole installation, as its database knows it, and of this machine. Every server tells the same
 * of the installation: a scraper of several takes it from one of them, or the maximum.
 */
#include "loop/fiber.h"
#include "model/disk.h"
#include "model/domain.h"
#include "model/settings.h"
#include "server/metrics.h"
#include "sql/gen/media.h"
#include "sql/gen/operator.h"
#include "sql/gen/stator.h"
#include "sql/gen/usage.h"

static const struct {
	const char *state;
	size_t offset;
} counts[] = {
	{ "ready", offsetof(struct queue_number_row, ready) },
	{ "waiting", offsetof(struct queue_number_row, waiting) },
	{ "running", offsetof(struct queue_number_row, locked) },
	{ "failing", offsetof(struct queue_number_row, failing) },
};

static int write_queue(struct ctx *c, struct out *o)
{
	const struct queue_number_row *rows;
	size_t n;

	TRY(q_queue_numbers(c, &rows, &n));
	metrics_head(
		o, "rookery_queue_rows", "gauge",
		"Rows that stators work on: due, for later, in work, and of all these, tried before.");
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(counts); k++)
			out_fmt(o,
				"rookery_queue_rows{type=\"%.*s\",state=\"%.*s\",standing=\"%s\"} %lld\n",
				STR_ARG(rows[i].type), STR_ARG(rows[i].state), counts[k].state,
				(long long)*(const int64_t *)((const char *)&rows[i] +
							      counts[k].offset));
	metrics_head(o, "rookery_queue_oldest_seconds", "gauge",
		     "For how long the first of them has been due.");
	for (size_t i = 0; i < n; i++)
		out_fmt(o, "rookery_queue_oldest_seconds{type=\"%.*s\",state=\"%.*s\"} %lld\n",
			STR_ARG(rows[i].type), STR_ARG(rows[i].state),
			(long long)(rows[i].oldest && rows[i].oldest < c->now
					    ? (c->now - rows[i].oldest) / USEC_SEC
					    : 0));
	return 0;
}

static bool is_kind(const struct total_row *t, const char *kind)
{
	return str_eq_c(t->kind, kind);
}

/* "type state" as two labels. */
static void write_labels(struct out *o, const struct total_row *t)
{
	str rest = t->label, type;

	if (!str_cut(&rest, ' ', &type))
		type = STR("");
	out_fmt(o, "type=\"%.*s\",state=\"%.*s\",result=\"%.*s\"", STR_ARG(type), STR_ARG(rest),
		STR_ARG(t->result));
}

static void write_total(struct out *o, const struct total_row *t, const char *name, bool is_time)
{
	out_fmt(o, "%s{", name);
	if (is_kind(t, "attempt"))
		write_labels(o, t);
	else
		out_fmt(o, "result=\"%.*s\"", STR_ARG(t->result));
	if (is_time)
		out_fmt(o, "} %lld.%06lld\n", (long long)(t->busy / USEC_SEC),
			(long long)(t->busy % USEC_SEC));
	else
		out_fmt(o, "} %lld\n", (long long)t->n);
}

static const struct {
	const char *kind, *name, *help;
	bool is_time;
} totals[] = {
	{ "attempt", "rookery_stator_attempts_total",
	  "Attempts of all stators since the installation began.", false },
	{ "attempt", "rookery_stator_attempt_seconds_total", "Time spent in them.", true },
	{ "fetch", "rookery_stator_fetches_total",
	  "Exchanges of all stators with other servers, by what came of them.", false },
};

static int write_stators(struct ctx *c, struct out *o)
{
	const struct stator_worker_row *workers;
	const struct total_row *rows;
	size_t n, n_workers;

	TRY(q_stator_worker_list(c, &workers, &n_workers));
	metrics_gauge(o, "rookery_stators", "Stators that run.", (int64_t)n_workers);
	TRY(q_totals_list(c, &rows, &n));
	for (size_t k = 0; k < ARRAY_SIZE(totals); k++) {
		metrics_head(o, totals[k].name, "counter", totals[k].help);
		for (size_t i = 0; i < n; i++)
			if (is_kind(&rows[i], totals[k].kind) &&
			    !(totals[k].is_time && str_eq(rows[i].result, STR("failed"))))
				write_total(o, &rows[i], totals[k].name, totals[k].is_time);
	}
	return 0;
}

static const struct {
	const char *name, *type, *help;
	size_t offset;
} tenant_numbers[] = {
	{ "rookery_tenant_members", "gauge", "Members that were there this month.",
	  offsetof(struct usage_tenant_row, members) },
	{ "rookery_tenant_posts", "gauge", "Posts that they wrote this month.",
	  offsetof(struct usage_tenant_row, posts) },
	{ "rookery_tenant_media_bytes", "gauge", "Bytes of their stored media.",
	  offsetof(struct usage_tenant_row, media_bytes) },
	{ "rookery_tenant_requests", "gauge", "Requests this month.",
	  offsetof(struct usage_tenant_row, requests) },
	{ "rookery_tenant_queue_rows", "gauge", "Work of stators that is theirs.",
	  offsetof(struct usage_tenant_row, waiting) },
};

static int write_tenants(struct ctx *c, struct out *o)
{
	const struct usage_tenant_row *rows;
	size_t n;

	metrics_gauge(o, "rookery_tenants", "Tenants, whatever their state.",
		      (int64_t)domain_count(c->domains));
	TRY(q_usage_tenants(c, c->settings->metrics_tenants, &rows, &n));
	for (size_t k = 0; k < ARRAY_SIZE(tenant_numbers); k++) {
		metrics_head(o, tenant_numbers[k].name, tenant_numbers[k].type,
			     tenant_numbers[k].help);
		for (size_t i = 0; i < n; i++)
			out_fmt(o, "%s{tenant=\"%.*s\"} %lld\n", tenant_numbers[k].name,
				STR_ARG(rows[i].name),
				(long long)*(const int64_t *)((const char *)&rows[i] +
							      tenant_numbers[k].offset));
	}
	return 0;
}

static int write_database(struct ctx *c, struct out *o)
{
	const struct house_size_row *size;
	const struct house_number_row *numbers;
	const struct media_tally_row *media;

	TRY(q_house_size(c, &size));
	TRY(q_house_numbers(c, &numbers));
	TRY(q_media_tally(c, &media));
	metrics_gauge(o, "rookery_database_size_bytes", "The database on its disk.", size->bytes);
	metrics_gauge(o, "rookery_database_connections", "Connections to this database.",
		      size->connections);
	metrics_gauge(o, "rookery_database_connections_limit",
		      "Connections that its server allows.", size->limit);
	metrics_gauge(o, "rookery_breakers_open", "Other servers that are left alone for a while.",
		      numbers->breakers);
	metrics_gauge(o, "rookery_media_files", "Files in the store.", media->files);
	metrics_gauge(o, "rookery_media_bytes", "Bytes of them.", media->bytes);
	metrics_gauge(o, "rookery_media_remote_bytes", "Of these, copies of other servers' media.",
		      media->remote_bytes);
	if (!numbers->archives)
		return 0;
	metrics_gauge(o, "rookery_database_archived_seconds",
		      "Age of the write-ahead log that was archived last.",
		      numbers->archived ? (c->now - numbers->archived) / USEC_SEC : -1);
	metrics_gauge(o, "rookery_database_archive_failures",
		      "Attempts to archive it that failed, as PostgreSQL counts them.",
		      numbers->archive_failures);
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

static void write_disks(const struct ctx *c, struct out *o)
{
	struct looking l = { .settings = c->settings };

	offload(look, &l);
	metrics_head(o, "rookery_disk_size_bytes", "gauge", "Disks that are written to.");
	for (size_t i = 0; i < l.n; i++)
		out_fmt(o, "rookery_disk_size_bytes{volume=\"%s\"} %lld\n", l.disks[i].what,
			(long long)l.disks[i].size);
	metrics_head(o, "rookery_disk_available_bytes", "gauge", "Room on them.");
	for (size_t i = 0; i < l.n; i++)
		out_fmt(o, "rookery_disk_available_bytes{volume=\"%s\"} %lld\n", l.disks[i].what,
			(long long)l.disks[i].room);
	metrics_gauge(o, "rookery_disk_level",
		      "0: well, 1: the operator is warned, 2: no files are taken, 3: read-only.",
		      disk_level());
	metrics_gauge(o, "rookery_maintenance", "1 while the installation rests.",
		      domain_maintenance(c->domains)->on);
}

int metrics_write_house(struct ctx *c, struct out *o)
{
	write_disks(c, o);
	TRY(write_database(c, o));
	TRY(write_queue(c, o));
	TRY(write_stators(c, o));
	return write_tenants(c, o);
}
