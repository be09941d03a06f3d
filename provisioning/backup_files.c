/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Files of media, dumps and manifests, by restic. Files stand in the repository by the names that they have below
 * media_path, so that they can be put anywhere. Invariant: a snapshot that restic made with something missing is no
 * backup.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "provisioning/backup.h"

#define PARTIAL 3 /* restic's status when it could not read everything */
#define LINE_LIMIT 4096
#define OBJECT_LIMIT 65536

static struct tool command(struct vault *v, const char *const *words)
{
	struct tool t = { 0 };
	size_t n = repository_restic(v, t.argv);

	if (!getenv("CACHE_DIRECTORY"))
		t.argv[n++] = "--no-cache";
	for (size_t i = 0; words[i] && n < TOOL_ARGUMENTS - 1; i++)
		t.argv[n++] = words[i];
	t.argv[n] = NULL;
	return t;
}

static int run(struct vault *v, const char *const *words, struct tool_answer *ret)
{
	struct tool t = command(v, words);

	return tool_do(v, &t, ret);
}

static void close_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

/* What may be long goes through a file, which is read piece by piece. */
static int run_to_file(struct vault *v, const char *const *words, FILE **ret)
{
	cleanup(close_file) FILE *f = tmpfile();
	struct tool t = command(v, words);
	struct tool_answer answer;

	if (!f)
		return fail(v->c, E_LATER, "there is no room for a temporary file");
	t.out = fileno(f);
	TRY(tool_do(v, &t, &answer));
	rewind(f);
	*ret = f;
	f = NULL;
	return 0;
}

/* Locks of those that were killed are taken away; restic knows them by their process. */
int files_prepare(struct vault *v, bool make)
{
	static const char *const look[] = { "cat", "config", NULL },
				 *const init[] = { "init", NULL },
				 *const unlock[] = { "unlock", NULL };
	struct tool_answer answer;
	struct tool t = command(v, look);

	TRY(tool_run(v, &t, &answer));
	if (answer.status == 127)
		return fail(v->c, E_NOT_FOUND, "restic is not installed");
	if (answer.status && str_find(answer.words, STR("wrong password"), 0) != SIZE_MAX)
		return fail(v->c, E_FORBIDDEN, "the passphrase is not the one of this repository");
	if (answer.status && !make)
		return fail(v->c, E_NOT_FOUND, "restic: %.*s", STR_ARG(answer.words));
	if (answer.status)
		TRY(run(v, init, &answer));
	return run(v, unlock, &answer);
}

/* The last object of restic's --json is the summary. */
static int read_summary(struct vault *v, str text, str *ret_id, int64_t *ret_size)
{
	str line, last = STR("");
	const struct json *j;

	while (str_cut(&text, '\n', &line))
		if (line.n)
			last = line;
	if (str_trim(text).n)
		last = text;
	TRY(json_parse(v->c, str_trim(last), &j));
	*ret_id = json_get_str(j, "snapshot_id");
	if (ret_size)
		*ret_size = json_get_i64(j, "total_bytes_processed");
	return ret_id->n ? 0 : fail(v->c, E_LATER, "restic named no snapshot");
}

/* A new installation has no files, of which restic makes no snapshot. */
static bool is_empty(const struct tool_answer *a)
{
	return a->status && str_find(a->words, STR("snapshot is empty"), 0) != SIZE_MAX;
}

/* What restic says it made with something missing is let go of. */
static int refuse(struct vault *v, const struct tool_answer *a)
{
	str id;

	if (a->status == PARTIAL && !read_summary(v, a->out, &id, NULL))
		TRY(files_drop(v, &id, 1));
	return fail(v->c, a->status == PARTIAL ? E_CONFLICT : E_LATER, "restic: %.*s",
		    STR_ARG(a->words));
}

/* A file that goes while restic looks at it makes a second look necessary. */
int files_backup(struct vault *v, const struct files_source *source, str *ret_id, int64_t *ret_size)
{
	const char *words[] = {
		"backup", "--json",	  "--quiet",	    "--host",	      BACKUP_STANZA,
		"--tag",  source->tag,	  "--exclude",	    "new-??????",     ".",
		NULL,	  source->parent, "--ignore-ctime", "--ignore-inode", NULL
	};
	struct tool_answer answer;
	struct tool t;

	if (source->parent)
		words[10] = "--parent";
	t = command(v, words);
	t.cwd = source->directory;
	TRY(tool_run(v, &t, &answer));
	if (answer.status == PARTIAL && !source->parent)
		TRY(tool_run(v, &t, &answer));
	if (is_empty(&answer)) {
		*ret_id = STR("");
		*ret_size = 0;
		return 0;
	}
	if (answer.status)
		return refuse(v, &answer);
	return read_summary(v, answer.out, ret_id, ret_size);
}

int files_drop(struct vault *v, const str *ids, size_t n)
{
	struct tool_answer answer;

	for (size_t i = 0; i < n; i++) {
		const char *words[] = { "forget", str_z(v->c->arena, ids[i]), NULL };

		TRY(run(v, words, &answer));
	}
	return 0;
}

/* The next object of a list of them, without the list around it; empty: there is none. */
static str read_object(FILE *f, struct arena *scrap)
{
	bool in_text = false, is_escaped = false;
	int depth = 0, letter;
	struct out o;

	out_init(&o, scrap, OBJECT_LIMIT);
	while ((letter = getc_unlocked(f)) != EOF) {
		if (!depth && letter != '{')
			continue;
		out_char(&o, (char)letter);
		if (in_text) {
			in_text = letter != '"' || is_escaped;
			is_escaped = letter == '\\' && !is_escaped;
		} else if (letter == '"')
			in_text = true;
		else if (letter == '{')
			depth++;
		else if (letter == '}' && !--depth)
			break;
	}
	return out_view(&o);
}

struct snapshots {
	struct snapshot *all; /* oldest first */
	size_t n, room;
};

static void keep_snapshot(struct vault *v, struct snapshots *s, const struct snapshot *one)
{
	size_t at = s->n++;

	if (at == s->room) {
		struct snapshot *more;

		s->room = s->room ? 2 * s->room : 256;
		more = arena_array(v->c->arena, s->room, sizeof(*more));
		if (at)
			memcpy(more, s->all, at * sizeof(*more));
		s->all = more;
	}
	for (; at && s->all[at - 1].taken > one->taken; at--)
		s->all[at] = s->all[at - 1];
	s->all[at] = *one;
}

/* restic writes one list of all, which is as long as backups are kept: it is read one by one. */
static int read_snapshots(struct vault *v, FILE *f, struct snapshots *s)
{
	cleanup(arena_freep) struct arena *scrap = arena_new();
	const struct json *j;
	struct ctx c;
	str text;

	while ((text = read_object(f, scrap)).n) {
		struct snapshot one;

		ctx_init(&c, scrap);
		if (json_parse(&c, text, &j))
			return fail(v->c, E_LATER, "restic lists snapshots in words of its own");
		one.id = str_dup(v->c->arena, json_get_str(j, "id"));
		one.host = str_dup(v->c->arena, json_get_str(j, "hostname"));
		if (!clock_parse_iso(json_get_str(j, "time"), &one.taken))
			one.taken = 0;
		keep_snapshot(v, s, &one);
		arena_reset(scrap);
	}
	return 0;
}

int files_snapshots(struct vault *v, const char *tag, struct snapshot **ret, size_t *ret_n)
{
	const char *words[] = { "snapshots", "--json", "--tag", tag, NULL };
	cleanup(close_file) FILE *f = NULL;
	struct snapshots s = { 0 };

	TRY(run_to_file(v, words, &f));
	TRY(read_snapshots(v, f, &s));
	*ret = s.all;
	*ret_n = s.n;
	return 0;
}

int files_restore(struct vault *v, const struct files_target *target)
{
	struct arena *a = v->c->arena;
	const char *words[TOOL_ARGUMENTS] = { "restore", str_z(a, target->id), "--quiet",
					      "--target", target->directory };
	struct tool_answer answer;
	struct tool t;
	size_t n = 5;

	if (target->digits)
		words[n++] = str_fmt(a, "--include=/%s", target->digits).p;
	for (size_t i = 0; i < target->names.n && i < FILES_SAMPLE; i++)
		words[n++] = str_fmt(a, "--include=/%.2s/%.2s/%.*s", target->names.p[i].p,
				     target->names.p[i].p + 2, STR_ARG(target->names.p[i]))
				     .p;
	t = command(v, words);
	t.as_self = !target->gently;
	t.gently = target->gently;
	return tool_do(v, &t, &answer);
}

/* Everything younger than the oldest backup, since any state of the database up to now may want it. */
int files_forget(struct vault *v, usec oldest, int64_t dumps)
{
	int64_t days = (v->c->now - oldest) / USEC_DAY + 1;
	const char *within = str_fmt(v->c->arena, "%lldd", (long long)days).p,
		   *last = str_fmt(v->c->arena, "%lld", (long long)(dumps ? dumps : 1)).p;
	/* By host, since configurations are of several machines. */
	const char *others[] = {
		"forget", "--tag",	   "media",	 "--tag",     "manifest",
		"--tag",  "configuration", "--group-by", "host,tags", "--keep-within",
		within,	  "--keep-last",   "1",		 "--prune",   NULL
	};
	const char *of_dumps[] = { "forget",   "--tag",
				   "database", "--group-by",
				   "tags",     "--keep-last",
				   last,       dumps ? NULL : "--keep-within",
				   within,     NULL };
	struct tool_answer answer;

	TRY(run(v, of_dumps, &answer));
	return run(v, others, &answer);
}

int files_check(struct vault *v, const char *subset)
{
	/* Backups go on meanwhile; nothing is taken away while a drill has its turn. */
	const char *words[] = { "check", "--no-lock", "--read-data-subset", subset, NULL };
	struct tool_answer answer;
	struct tool t = command(v, words);

	t.gently = true;
	return tool_do(v, &t, &answer);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct file_entry *)a)->name, ((const struct file_entry *)b)->name);
}

/* One line of restic's listing, which is one JSON object. */
static int read_entry(struct vault *v, str line, struct arena *scrap, struct file_entry *ret)
{
	struct ctx c;
	const struct json *j;

	ctx_init(&c, scrap);
	TRY(json_parse(&c, line, &j));
	ret->name = NULL;
	if (str_eq(json_get_str(j, "type"), STR("file"))) {
		ret->name = str_z(v->c->arena, json_get_str(j, "name"));
		ret->size = json_get_i64(j, "size");
		if (!clock_parse_iso(json_get_str(j, "mtime"), &ret->changed))
			ret->changed = 0;
	}
	return 0;
}

static int read_listing(struct vault *v, FILE *f, struct file_entry **ret, size_t *ret_n)
{
	cleanup(arena_freep) struct arena *scrap = arena_new();
	size_t n = 0, room = 0;
	char line[LINE_LIMIT];

	*ret = NULL;
	while (fgets(line, sizeof(line), f)) {
		if (n == room) {
			struct file_entry *more;

			room = room ? 2 * room : 1024;
			more = arena_array(v->c->arena, room, sizeof(*more));
			if (n)
				memcpy(more, *ret, n * sizeof(*more));
			*ret = more;
		}
		TRY(read_entry(v, str_trim(str_c(line)), scrap, &(*ret)[n]));
		n += (*ret)[n].name != NULL;
		arena_reset(scrap);
	}
	if (n)
		qsort(*ret, n, sizeof(**ret), by_name);
	*ret_n = n;
	return 0;
}

int files_list(struct vault *v, str id, struct file_entry **ret, size_t *ret_n)
{
	const char *words[] = { "ls", "--json", str_z(v->c->arena, id), NULL };
	cleanup(close_file) FILE *f = NULL;

	TRY(run_to_file(v, words, &f));
	return read_listing(v, f, ret, ret_n);
}

int file_open(const char *path)
{
	struct stat st;

	if (lstat(path, &st) || !S_ISREG(st.st_mode) || chmod(path, 0400))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

const struct file_entry *file_find(const struct file_entry *all, size_t n, str name)
{
	char text[128];
	struct file_entry wanted = { .name = text };

	if (!n || name.n >= sizeof(text))
		return NULL;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	return bsearch(&wanted, all, n, sizeof(*all), by_name);
}

static str manifest_text(struct vault *v, const struct manifest *m)
{
	struct json_out w;
	str text = STR("");

	json_out_init(&w, v->c->arena, JSON_TEXT_LIMIT);
	json_open_object(&w, NULL);
	json_put_str(&w, "label", m->label);
	json_put_str(&w, "lsn", m->lsn);
	json_put_str(&w, "database", m->database);
	json_put_bool(&w, "exact", m->exact);
	json_put_i64(&w, "version", m->version);
	json_put_raw(&w, "rows", m->rows);
	json_put_raw(&w, "tally", m->tally);
	json_close_object(&w);
	return json_out_done(&w, &text) ? STR("") : text;
}

int files_store(struct vault *v, const struct files_input *i, struct stored *ret)
{
	const char *words[] = { "backup",	    "--json", "--quiet", "--host",
				BACKUP_STANZA,	    "--tag",  i->tag,	 "--stdin",
				"--stdin-filename", i->name,  NULL };
	struct tool_answer answer;
	struct tool t;

	if (i->host)
		words[4] = i->host;
	t = command(v, words);
	t.input = i->text;
	t.in = i->in;
	if (i->from)
		TRY(tool_pipe(v, i->from, &t, &answer));
	else
		TRY(tool_do(v, &t, &answer));
	return read_summary(v, answer.out, &ret->id, &ret->size);
}

struct tool files_dump(struct vault *v, str id, const char *name)
{
	const char *words[] = { "dump", str_z(v->c->arena, id), name, NULL };

	return command(v, words);
}

int manifest_store(struct vault *v, const struct manifest *m)
{
	const struct files_input input = {
		.tag = "manifest",
		.name = "manifest.json",
		.text = manifest_text(v, m),
	};
	struct stored stored;

	return files_store(v, &input, &stored);
}

static int read_manifest(struct vault *v, const struct snapshot *s, struct manifest *ret)
{
	struct tool t = files_dump(v, s->id, "/manifest.json");
	struct tool_answer answer;
	const struct json *j;

	TRY(tool_do(v, &t, &answer));
	TRY(json_parse(v->c, answer.out, &j));
	*ret = (struct manifest){
		.label = json_get_str(j, "label"),
		.media = json_get_str(j, "media"),
		.lsn = json_get_str(j, "lsn"),
		.database = json_get_str(j, "database"),
		.exact = json_get_bool(j, "exact"),
		.version = json_get_i64(j, "version"),
		.rows = json_dump(v->c, json_get(j, "rows")),
		.tally = json_dump(v->c, json_get(j, "tally")),
		.taken = s->taken,
	};
	return 0;
}

int manifest_load(struct vault *v, struct manifest *ret)
{
	struct snapshot *all;
	size_t n;

	TRY(files_snapshots(v, "manifest", &all, &n));
	if (!n)
		return fail(v->c, E_NOT_FOUND, "the repository has no whole backup");
	return read_manifest(v, &all[n - 1], ret);
}
