/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery backup verify: the drill. Invariant: it believes nothing that the repository says of itself; it restores, and
 * compares what comes out with what was counted, and files with the digests that are their names.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemon/fd.h"
#include "media/store.h"
#include "model/backup.h"
#include "provisioning/backup.h"
#include "provisioning/check.h"
#include "sql/gen/backup.h"

#define PARTS 13 /* of the repository: one a drill, so that all is read in a quarter of a year */
#define BUSY_SLACK 100 /* rows; what may be written while a machine that never rests is counted */

struct tenant {
	str name;
	int64_t rows;
	bool whole;
};

struct drill {
	struct vault *v;
	struct scratch scratch;
	struct manifest m;
	struct json_out *w;
	bool all, well;
	str wrong; /* the first finding that is not well */
	struct tenant *tenants;
	size_t n_tenants;
};

static void put(struct drill *d, const char *check, bool well, str says, const char *advice)
{
	struct finding f = { .check = check, .well = well, .says = says, .advice = advice };

	if (!well && !d->wrong.n)
		d->wrong = str_fmt(d->v->c->arena, "%s: %.*s", check, STR_ARG(says));
	finding_put(d->w, &f, &d->well);
}

/* What failed is a finding, and the drill goes on with what makes sense without it. */
static bool judge(struct drill *d, const char *check, int result, const char *well,
		  const char *advice)
{
	put(d, check, !result, result ? ctx_error(d->v->c, result) : str_c(well), advice);
	return !result;
}

static int check_room(struct drill *d, const char *parent, int64_t size)
{
	struct statvfs fs;
	int64_t room;

	if (statvfs(parent, &fs))
		return fail(d->v->c, E_NOT_FOUND, "%s is not there", parent);
	room = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	if (room < size + size / 4)
		return fail(d->v->c, E_LATER, "%s has room for %lld MiB, and %lld are needed",
			    parent, (long long)(room >> 20), (long long)((size + size / 4) >> 20));
	return 0;
}

static int restore_cluster(struct drill *d, const char *parent)
{
	struct vault *v = d->v;
	struct cluster_info info;
	struct cluster_target t = {
		.label = str_z(v->c->arena, d->m.label),
		.type = "lsn",
		.target = str_z(v->c->arena, d->m.lsn),
		.gently = true,
	};

	TRY(cluster_info(v, &info));
	for (size_t i = 0; i < info.n; i++)
		if (str_eq(info.backups[i].label, d->m.label))
			TRY(check_room(d, parent, info.backups[i].size));
	TRY(scratch_make(v, parent, d->m.version, &d->scratch));
	t.directory = scratch_path(&d->scratch, "data");
	TRY(cluster_restore(v, &t));
	return scratch_start(&d->scratch);
}

static int restore_dump(struct drill *d, const char *parent)
{
	struct vault *v = d->v;
	struct dump_target t = { .id = d->m.label, .version = d->m.version, .gently = true };

	TRY(scratch_make(v, parent, d->m.version, &d->scratch));
	TRY(scratch_initialise(&d->scratch, d->m.database));
	t.service = str_fmt(v->c->arena, "[rookery]\nhost=%s\nuser=%s\ndbname=%.*s\n",
			    scratch_path(&d->scratch, "socket"), v->user, STR_ARG(d->m.database));
	return dump_restore(v, &t);
}

static bool is_as_many(const struct drill *d, int64_t then, int64_t now)
{
	return llabs(now - then) <= (d->m.exact ? 0 : BUSY_SLACK + then / 100);
}

static void compare_table(struct drill *d, str table, int64_t then, int64_t now, int64_t *wrong)
{
	if (is_as_many(d, then, now))
		return;
	put(d, "rows", false,
	    str_fmt(d->v->c->arena, "%.*s has %lld rows, and had %lld", STR_ARG(table),
		    (long long)now, (long long)then),
	    "do not trust this backup: make a full one, and look for why in the log of PostgreSQL");
	++*wrong;
}

static int compare_rows(struct drill *d, struct ctx *c)
{
	const struct json *then, *now, *value;
	const struct backup_counts_row *row;
	int64_t wrong = 0, total = 0;
	str table;

	TRY(q_backup_counts(c, &row));
	TRY(json_parse(d->v->c, d->m.rows, &then));
	TRY(json_parse(d->v->c, row->rows, &now));
	for (size_t i = 0; json_member(then, i, &table, &value); i++) {
		const struct json *found = json_get(now, str_z(d->v->c->arena, table));

		compare_table(d, table, json_i64(value), found ? json_i64(found) : -1, &wrong);
		total += json_i64(value);
	}
	if (!wrong)
		put(d, "rows", total > 0,
		    str_fmt(d->v->c->arena, "%lld in all, as when they were counted%s",
			    (long long)total, d->m.exact ? "" : " on a busy machine"),
		    "the backup has no counts");
	return 0;
}

/* A count and a digest, of a table or of a tenant. */
struct tally {
	int64_t rows;
	str digest;
};

static struct tally tally_of(const struct json *pair)
{
	return (struct tally){
		pair ? json_i64(json_at(pair, 0)) : -1,
		pair ? json_str(json_at(pair, 1)) : STR(""),
	};
}

/* Of a machine that never rests only the counts are near. */
static bool is_same_text(const struct drill *d, const struct tally *then, const struct tally *now)
{
	return !d->m.exact || str_eq(then->digest, now->digest);
}

/* Tables whose counts differ are told already. */
static void compare_texts(struct drill *d, const struct json *then, const struct json *now)
{
	const struct json *value;
	size_t wrong = 0;
	str table;

	for (size_t i = 0; json_member(then, i, &table, &value); i++) {
		struct tally t = tally_of(value),
			     n = tally_of(json_get(now, str_z(d->v->c->arena, table)));

		if (t.rows != n.rows || is_same_text(d, &t, &n))
			continue;
		put(d, "content", false,
		    str_fmt(d->v->c->arena, "%.*s has rows that are not as they were",
			    STR_ARG(table)),
		    "do not trust this backup: make a full one, and look for why in the log of PostgreSQL");
		wrong++;
	}
	if (!wrong)
		put(d, "content", true,
		    d->m.exact ? STR("the digest of every table is as it was")
			       : STR("not compared: the machine was busy when it was counted"),
		    NULL);
}

static void compare_tenant(struct drill *d, str name, const struct tally *then,
			   const struct tally *now)
{
	struct arena *a = d->v->c->arena;
	bool as_many = is_as_many(d, then->rows, now->rows), same = is_same_text(d, then, now);

	d->tenants[d->n_tenants++] =
		(struct tenant){ str_dup(a, name), then->rows, as_many && same };
	if (!as_many)
		put(d, "tenant", false,
		    str_fmt(a, "%.*s has %lld rows, and had %lld", STR_ARG(name),
			    (long long)now->rows, (long long)then->rows),
		    "do not trust this backup for that tenant");
	else if (!same)
		put(d, "tenant", false,
		    str_fmt(a, "%.*s has rows that are not as they were", STR_ARG(name)),
		    "do not trust this backup for that tenant");
}

/* What is in the rows, and whose they are: rows that went from one tenant to another leave every count as it is. */
static int compare_tallies(struct drill *d, struct ctx *c)
{
	const struct json *then, *now, *value, *tenants;
	const struct backup_tally_row *row;
	size_t wrong = 0, most = 0;
	str name;

	TRY(json_parse(d->v->c, d->m.tally, &then));
	/* Of a backup of before. */
	if (!json_get(then, "tables"))
		return 0;
	TRY(q_backup_tally(c, &row));
	TRY(json_parse(d->v->c, row->tally, &now));
	compare_texts(d, json_get(then, "tables"), json_get(now, "tables"));
	tenants = json_get(then, "tenants");
	while (json_member(tenants, most, &name, &value))
		most++;
	d->tenants = arena_array(d->v->c->arena, most + 1, sizeof(*d->tenants));
	for (size_t i = 0; json_member(tenants, i, &name, &value); i++) {
		struct tally t = tally_of(value),
			     n = tally_of(json_get(json_get(now, "tenants"),
						   str_z(d->v->c->arena, name)));

		compare_tenant(d, name, &t, &n);
		wrong += !d->tenants[i].whole;
	}
	if (!wrong)
		put(d, "tenant", true,
		    str_fmt(d->v->c->arena, "%zu, each with the rows that it had", d->n_tenants),
		    NULL);
	return 0;
}

struct listing {
	const struct file_entry *all;
	size_t n;
	struct drill *d;
	strs sample;
	size_t seen;
};

static bool is_listed(void *arg, str name, int64_t size)
{
	struct listing *l = arg;
	const struct file_entry *found = file_find(l->all, l->n, name);
	struct arena *a = l->d->v->c->arena;
	size_t at = l->seen++;

	if (!found || found->size != size)
		return false;
	/* Each file has the same chance to be looked at (reservoir sampling). */
	if (l->sample.n < FILES_SAMPLE)
		((str *)l->sample.p)[l->sample.n++] = str_dup(a, name);
	else if ((at = (size_t)random() % l->seen) < FILES_SAMPLE)
		((str *)l->sample.p)[at] = str_dup(a, name);
	return true;
}

/* Whether the bytes of a restored file have the digest that is its name. */
static bool has_its_digest(struct drill *d, str name)
{
	cleanup(arena_freep) struct arena *a = arena_new();
	str path = str_fmt(a, "%s/%.2s/%.2s/%.*s", scratch_path(&d->scratch, "media"), name.p,
			   name.p + 2, STR_ARG(name));
	cleanup(close_fd) int fd = file_open(path.p);

	return fd >= 0 && store_fits(fd, name);
}

static int check_sample(struct drill *d, const struct listing *l)
{
	struct files_target t = {
		.id = d->m.media,
		.directory = scratch_path(&d->scratch, "media"),
		.gently = true,
	};
	int64_t wrong = 0, looked = 0;

	if (!d->all)
		t.names = l->sample;
	if (!l->sample.n)
		return 0;
	TRY(files_restore(d->v, &t));
	for (size_t i = 0; i < (d->all ? l->n : l->sample.n); i++) {
		str name = d->all ? str_c(l->all[i].name) : l->sample.p[i];

		if (!store_is_name(name))
			continue;
		looked++;
		if (has_its_digest(d, name))
			continue;
		wrong++;
		put(d, "files", false,
		    str_fmt(d->v->c->arena, "%.*s has other bytes than its name says",
			    STR_ARG(name)),
		    "the file was damaged before it was backed up: look for it where files are");
	}
	if (!wrong)
		put(d, "files", true,
		    str_fmt(d->v->c->arena, "%lld restored, each with the digest of its name",
			    (long long)looked),
		    NULL);
	return 0;
}

/* The records know which run began when; where they are lost as well, snapshots say when they were taken. */
static int find_files(struct drill *d)
{
	const struct backup_label_row *rows;
	struct snapshot *all;
	size_t n;

	if (d->m.media.n)
		return 0;
	TRY(q_backup_files_of(d->v->c, d->m.label, &rows, &n));
	if (n) {
		d->m.media = rows->label;
		return 0;
	}
	TRY(files_snapshots(d->v, "media", &all, &n));
	for (size_t i = n; i-- > 0 && all[i].taken >= d->m.taken;)
		d->m.media = all[i].id;
	return 0;
}

static int check_files(struct drill *d, struct ctx *c)
{
	struct listing l = { .d = d };
	struct file_entry *all = NULL;
	struct wanted wanted;

	if (!d->v->has_media) {
		put(d, "files", true, STR("they are not backed up here, as backup_media says"),
		    NULL);
		return 0;
	}
	TRY(find_files(d));
	if (d->m.media.n)
		TRY(files_list(d->v, d->m.media, &all, &l.n));
	l.all = all;
	l.sample.p = arena_array(d->v->c->arena, FILES_SAMPLE, sizeof(str));
	TRY(wanted_files(d->v, c, is_listed, &l, &wanted));
	for (size_t i = 0; i < wanted.n_missing && i < 20; i++)
		put(d, "files", false,
		    str_fmt(d->v->c->arena, "%.*s is not in the backup",
			    STR_ARG(wanted.missing[i].name)),
		    "see whether it is where files are: rookery backup takes it then");
	put(d, "files", !wanted.n_missing,
	    str_fmt(d->v->c->arena, "%lld of %lld are there",
		    (long long)(wanted.n - (int64_t)wanted.n_missing), (long long)wanted.n),
	    "the database names files that the backup does not have");
	return check_sample(d, &l);
}

/* In a door to the restored database. */
static int compare(struct drill *d)
{
	struct bench b;
	int result;

	TRY(bench_open(d->v, scratch_conninfo(&d->scratch, d->m.database), "rookery_host", &b));
	result = compare_rows(d, &b.c);
	if (!result)
		result = compare_tallies(d, &b.c);
	if (!result)
		result = check_files(d, &b.c);
	return bench_end(d->v, &b, result);
}

static int check_pages(struct drill *d)
{
	struct tool t = { .argv = { NULL, "--install-missing", "--no-password", "-h",
				    scratch_path(&d->scratch, "socket"), "-U", d->v->user,
				    str_z(d->v->c->arena, d->m.database), NULL },
			  .gently = true };
	struct tool_answer answer;

	TRY(tool_postgres(d->v, d->m.version, "pg_amcheck", &t.argv[0]));
	TRY(tool_run(d->v, &t, &answer));
	/* What is damaged stands in its output. */
	if (answer.status)
		return fail(d->v->c, E_INVALID, "%.*s %.*s", STR_ARG(str_clip(answer.out, 400)),
			    STR_ARG(answer.words));
	return 0;
}

static int check_checksums(struct drill *d, const char **ret_says)
{
	struct tool t = { .argv = { NULL, "--check", "-D", scratch_path(&d->scratch, "data"),
				    NULL },
			  .gently = true };
	struct tool_answer answer;

	TRY(scratch_stop(&d->scratch));
	TRY(tool_postgres(d->v, d->m.version, "pg_checksums", &t.argv[0]));
	TRY(tool_run(d->v, &t, &answer));
	*ret_says = "every page has its checksum";
	if (answer.status && str_find(answer.words, STR("not enabled"), 0) != SIZE_MAX)
		*ret_says = "the cluster was made without (initdb --data-checksums)";
	else if (answer.status)
		return fail(d->v->c, E_INVALID, "%.*s", STR_ARG(answer.words));
	return 0;
}

/* The newest of every machine, and whether this one's is among them. */
static int check_configurations(struct drill *d)
{
	struct vault *v = d->v;
	bool is_here = !*v->s->backup_configuration;
	struct configuration *all;
	size_t n, entries;

	TRY(configuration_machines(v, &all, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(configuration_try(v, &all[i], &entries));
		is_here = is_here || str_eq(all[i].machine, configuration_machine(v));
		put(d, "configuration", true,
		    str_fmt(v->c->arena, "of %.*s at %.*s: %zu files and folders",
			    STR_ARG(all[i].machine), STR_ARG(clock_iso(v->c->arena, all[i].taken)),
			    entries),
		    NULL);
	}
	return is_here ? 0 : fail(v->c, E_NOT_FOUND, "the one of this machine is not there");
}

static int check_repository(struct drill *d)
{
	int64_t week = d->v->c->now / (7 * USEC_DAY);
	str part = str_fmt(d->v->c->arena, "%lld/%d", (long long)(week % PARTS + 1), PARTS);

	return files_check(d->v, d->all ? "100%" : part.p);
}

static void look(struct drill *d, const char *parent)
{
	static const char advice[] =
		"see that the repository is whole; rookery backup --full makes a new backup";
	const char *says = "";
	int result;

	vault_say(d->v, "looking at the repository");
	judge(d, "repository", check_repository(d),
	      "its structure and the part that was read are whole", advice);
	result = check_configurations(d);
	if (result)
		judge(d, "configuration", result, "", "run: rookery backup");
	if (!judge(d, "manifest", manifest_load(d->v, &d->m), "there is a whole backup", advice))
		return;
	vault_say(d->v, "restoring %.*s into %s", STR_ARG(d->m.label), parent);
	result = d->m.lsn.n ? restore_cluster(d, parent) : restore_dump(d, parent);
	if (!judge(d, "restore", result, "PostgreSQL runs on what was restored", advice))
		return;
	vault_say(d->v, "comparing");
	result = compare(d);
	if (result)
		judge(d, "comparison", result, "", advice);
	judge(d, "pages", check_pages(d), "pg_amcheck finds nothing", advice);
	if (d->m.lsn.n) {
		result = check_checksums(d, &says);
		judge(d, "checksums", result, says, advice);
	}
}

/* For the answer, and for metrics. */
static int tell_tenants(struct drill *d)
{
	json_open_array(d->w, "tenants");
	for (size_t i = 0; i < d->n_tenants; i++) {
		const struct tenant *t = &d->tenants[i];

		json_open_object(d->w, NULL);
		json_put_str(d->w, "name", t->name);
		json_put_i64(d->w, "rows", t->rows);
		json_put_bool(d->w, "well", t->whole);
		json_close_object(d->w);
	}
	json_close_array(d->w);
	for (size_t i = 0; i < d->n_tenants; i++)
		TRY(backup_judge(d->v->c, d->tenants[i].name, d->tenants[i].rows,
				 d->tenants[i].whole));
	return 0;
}

static int run(struct call *call, struct vault *v)
{
	struct drill d = { .v = v, .w = call->answer, .well = true, .wrong = STR("") };
	struct backup_record record;

	d.all = cli_is_set(call, "all");
	srandom((unsigned)(v->c->now ^ getpid()));
	TRY(backup_begin(v->c, "verify", &record));
	json_open_array(call->answer, "findings");
	look(&d, tree_parent(v));
	json_close_array(call->answer);
	scratch_remove(&d.scratch);
	TRY(tell_tenants(&d));
	call->unwell = !d.well;
	record.label = d.m.label;
	record.message = d.wrong;
	if (d.well)
		TRY(backup_verified(v->c, d.m.label));
	return backup_end(v->c, &record, d.well);
}

int backup_verify(struct call *call, struct vault *v)
{
	TRY(files_prepare(v, false));
	return run(call, v);
}

void backup_verify_print(const struct json *answer, struct out *o)
{
	const struct json *tenants = json_get(answer, "tenants");

	check_print(answer, o);
	for (size_t i = 0; i < json_count(tenants); i++) {
		const struct json *t = json_at(tenants, i);

		out_fmt(o, "%-40.*s %lld rows%s\n", STR_ARG(json_get_str(t, "name")),
			(long long)json_get_i64(t, "rows"),
			json_get_bool(t, "well") ? ", as they were" : ": NOT as they were");
	}
}
