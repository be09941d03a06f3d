/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: an archive is what a stranger wrote. It is read in its order, each entry is used when its digest was right,
 * and rows are kept aside until their tenant's name was proved; then the database puts in what is that tenant's, by a role
 * that can do nothing else. Nothing is ever written under a name of the archive's.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "crypt/hash.h"
#include "db/db.h"
#include "db/migrate.h"
#include "html/css.h"
#include "media/format.h"
#include "model/branding.h"
#include "model/domain_life.h"
#include "model/media_part.h"
#include "model/tenant_archive_part.h"

#define RUN_BYTES 16
#define TITLE_LIMIT 400 /* bytes */
#define DESCRIPTION_LIMIT 2000 /* bytes */
#define PART 65536

struct unpacker {
	struct ctx *c;
	const struct archive_job *job;
	struct archive_kinds kinds;
	struct arena *keep, *page; /* of the whole, and of one entry */
	const struct json *manifest;
	int64_t format;
	str name; /* of the domain */
	str run;
	str looks; /* what is kept of the manifest */
	int64_t domain_id;
	str kind; /* that is being read, and how much of it was */
	int64_t rows, entry;
	int64_t entries, files, missing;
};

static int broken(struct unpacker *u, const char *what)
{
	return fail(u->c, E_INVALID, "this is no whole archive of a domain: %s", what);
}

static int read_all(struct unpacker *u, char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t got = read(u->job->fd, bytes, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(u->c, -errno, "the archive cannot be read: %s",
				    strerror(errno));
		if (got == 0)
			return broken(u, "it ends too early");
		bytes += got;
		n -= (size_t)got;
	}
	return 0;
}

static int read_header(struct unpacker *u, struct tar_entry *ret)
{
	char block[TAR_BLOCK];

	TRY(read_all(u, block, sizeof(block)));
	return tar_read(u->page, block, ret) ? broken(u, "a header is none of ours") : 0;
}

static int read_padding(struct unpacker *u, uint64_t size)
{
	char block[TAR_BLOCK];

	return read_all(u, block, tar_padding(size));
}

static int read_text(struct unpacker *u, uint64_t size, str *ret)
{
	char *bytes;

	if (size > ARCHIVE_ENTRY_LIMIT)
		return broken(u, "an entry is too large");
	bytes = arena_alloc(u->page, (size_t)size + 1);
	TRY(read_all(u, bytes, (size_t)size));
	*ret = (str){ bytes, (size_t)size };
	return read_padding(u, size);
}

/* The manifest */

static int put_looks(struct unpacker *u, const struct json *d, struct json_out *w)
{
	static const char *const plain[] = { "accent", "sign_up",    "theme",
					     "icon",   "icon_small", "banner" };
	str style = json_get_str(d, "style"), judged = STR("");

	if (style.n)
		TRY(css_judge(u->c, style, &judged));
	json_put_str(w, "title", str_clip(json_get_str(d, "title"), TITLE_LIMIT));
	json_put_str(w, "description", str_clip(json_get_str(d, "description"), DESCRIPTION_LIMIT));
	json_put_str(w, "footer", str_clip(json_get_str(d, "footer"), FOOTER_LIMIT));
	json_put_str(w, "style", judged);
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		json_put_str(w, plain[i], str_clip(json_get_str(d, plain[i]), 100));
	return 0;
}

/* What is kept of it: how the tenant looks. */
static int judged_manifest(struct unpacker *u, str *ret)
{
	struct json_out w;

	json_out_init(&w, u->c->arena, ARCHIVE_ENTRY_LIMIT);
	json_open_object(&w, NULL);
	json_open_object(&w, "domain");
	TRY(put_looks(u, json_get(u->manifest, "domain"), &w));
	json_close_object(&w);
	json_close_object(&w);
	return json_out_done(&w, ret);
}

static int check_versions(struct unpacker *u)
{
	const struct json *m = u->manifest;

	u->format = json_get_i64(m, "format");
	if (!str_eq(json_get_str(m, "archive"), STR(ARCHIVE_KIND)) ||
	    u->format < ARCHIVE_FORMAT_OLDEST || u->format > ARCHIVE_FORMAT)
		return fail(u->c, E_INVALID,
			    "this is no archive of a domain, or one of another format");
	if (json_get_i64(m, "schema") > migrate_newest())
		return fail(
			u->c, E_UNPROCESSABLE,
			"the archive is from a newer version (%.*s): update this installation first",
			STR_ARG(str_clip(json_get_str(m, "software"), 40)));
	return 0;
}

static int read_manifest(struct unpacker *u, struct domain_draft *ret)
{
	const struct json *d;
	struct tar_entry e;
	str text;

	TRY(read_header(u, &e));
	if (!str_eq(e.name, STR(ARCHIVE_MANIFEST)))
		return broken(u, "it does not begin with its manifest");
	TRY(read_text(u, e.size, &text));
	TRY(json_parse(u->c, text, &u->manifest));
	TRY(check_versions(u));
	d = json_get(u->manifest, "domain");
	TRY(domain_name_normalise(u->c, json_get_str(d, "name"), &ret->name));
	TRY(domain_name_normalise(u->c, json_get_str(d, "service_name"), &ret->service_name));
	if (!str_eq(ret->name, json_get_str(d, "name")) ||
	    !str_eq(ret->service_name, json_get_str(d, "service_name")))
		return broken(u, "the name of its domain is not written as names are");
	u->name = ret->name;
	return 0;
}

/* Rows */

static const struct archive_kind *kind_of(struct unpacker *u, str name)
{
	for (size_t i = 0; i < u->kinds.n; i++)
		if (str_eq(u->kinds.p[i].name, name))
			return &u->kinds.p[i];
	return NULL;
}

static int stage(struct unpacker *u, const struct archive_kind *k, strs lines, strs patches)
{
	struct q_archive_stage_args args = {
		.name = k->name,
		.first = u->rows,
		.lines = lines,
		.patches = patches,
		.domain_id = u->domain_id,
		.run = u->run,
	};
	size_t n;

	if (u->job->only_look)
		return 0;
	TRY(q_archive_stage(u->c, &args, &n));
	return n == lines.n ? 0 : fail(u->c, E_CONFLICT, "another import took over");
}

static int take_rows(struct unpacker *u, const struct archive_kind *k, str text, size_t n)
{
	str *lines = arena_array(u->page, n + 1, sizeof(*lines));
	str *patches = arena_array(u->page, n + 1, sizeof(*patches));

	for (size_t i = 0; i < n; i++) {
		if (!str_cut(&text, '\n', &lines[i]))
			return broken(u, "an entry has fewer rows than it says");
		TRY(archive_judge_row(u->c, &u->kinds, k, lines[i], &patches[i]));
	}
	if (text.n)
		return broken(u, "an entry has more rows than it says");
	TRY(stage(u, k, (strs){ lines, n }, (strs){ patches, n }));
	u->rows += (int64_t)n;
	return 0;
}

static void next_kind(struct unpacker *u, str kind)
{
	if (str_eq(u->kind, kind))
		return;
	if (u->job->say && u->kind.n)
		u->job->say(u->job->arg, u->kind, u->rows);
	u->kind = kind;
	u->rows = u->entry = 0;
}

static int read_rows(struct unpacker *u, const struct json *expected)
{
	const struct archive_kind *k = kind_of(u, json_get_str(expected, "kind"));
	int64_t n = json_get_i64(expected, "rows");
	struct tar_entry e;
	str text;

	if (!k || n < 1 || n > ARCHIVE_ROWS)
		return broken(u, "there are rows that we do not know");
	next_kind(u, k->name);
	u->entry++;
	TRY(read_header(u, &e));
	if (!str_eq(e.name, archive_entry_name(u->page, k->name, u->entry)) ||
	    !str_eq(e.name, json_get_str(expected, "name")) ||
	    (int64_t)e.size != json_get_i64(expected, "size"))
		return broken(u, "an entry is not what was said before it");
	TRY(read_text(u, e.size, &text));
	if (!str_eq(hex_encode(u->page, hash_sha256(u->page, text)),
		    json_get_str(expected, "sha256")))
		return broken(u, "an entry is not what was said of it");
	TRY(take_rows(u, k, text, (size_t)n));
	u->entries++;
	return 0;
}

/* Of the first format: the manifest says it of all. */
static int read_listed_rows(struct unpacker *u, struct tar_entry *ret_next)
{
	const struct json *entries = json_get(u->manifest, "entries");

	for (size_t i = 0; i < json_count(entries); i++) {
		arena_reset(u->page);
		TRY(read_rows(u, json_at(entries, i)));
	}
	return read_header(u, ret_next);
}

static int read_noticed_rows(struct unpacker *u, struct tar_entry *ret_next)
{
	const struct json *notice;
	struct tar_entry e;
	str text;

	for (;;) {
		arena_reset(u->page);
		TRY(read_header(u, &e));
		if (!str_starts(e.name, STR(ARCHIVE_ENTRIES)))
			break;
		TRY(read_text(u, e.size, &text));
		TRY(json_parse(u->c, text, &notice));
		if (!str_eq(e.name, archive_notice_name(json_get_str(notice, "name"))))
			return broken(u, "an entry is not where it is said to be");
		TRY(read_rows(u, notice));
	}
	*ret_next = e;
	return 0;
}

/* Gives the header behind them. */
static int read_all_rows(struct unpacker *u, struct tar_entry *ret_next)
{
	TRY(u->format == 1 ? read_listed_rows(u, ret_next) : read_noticed_rows(u, ret_next));
	next_kind(u, STR_NULL);
	return 0;
}

/* Files */

/* By the ending, when the bytes do not say otherwise: pictures are exactly what they are called. */
static enum format_id check_format(str name, str bytes)
{
	enum format_id named = format_of_name(name), found = format_sniff(bytes);

	if (named == FORMAT_NONE || found == FORMAT_NONE || !format_of(named)->is_shown)
		return FORMAT_NONE;
	if (format_of(named)->class == FORMAT_PICTURE || format_of(found)->class == FORMAT_PICTURE)
		return named == found ? named : FORMAT_NONE;
	return named;
}

static int keep_file(struct unpacker *u, str name, str bytes)
{
	const struct archive_named_row *row;
	enum format_id id = check_format(name, bytes);
	str stored;

	if (id == FORMAT_NONE || !str_eq(store_name(u->c, bytes, format_of(id)->ending), name))
		return broken(u, "a file is not what it is called");
	if (u->job->only_look)
		return 0;
	TRY(q_archive_media_is_named(u->c, u->domain_id, name, str_c(format_of(id)->type), &row));
	if (!row->named)
		return broken(u, "there is a file that no row names");
	TRY(media_keep(u->c, bytes, id, &stored));
	return q_archive_media_add(u->c, stored, u->domain_id, u->run, NULL);
}

/* By way of a file without a name, so that a film does not have to fit into memory. */
static int spool(struct unpacker *u, uint64_t size, int fd)
{
	char *part = arena_alloc(u->page, PART);

	for (uint64_t left = size; left > 0;) {
		size_t n = left < PART ? (size_t)left : PART;

		TRY(read_all(u, part, n));
		if (write(fd, part, n) != (ssize_t)n)
			return fail(u->c, E_LATER, "there is no room for a file");
		left -= n;
	}
	return read_padding(u, size);
}

static int read_file(struct unpacker *u, const struct tar_entry *e)
{
	str name = str_from(e->name, STR(ARCHIVE_MEDIA).n);
	struct store_view view = { 0 };
	int fd, result;

	if (!store_is_name(name) || e->size == 0 || e->size > MEDIA_VIDEO_LIMIT)
		return broken(u, "there is an entry that we do not know");
	TRY(store_scratch(u->c->media->store, &fd));
	result = spool(u, e->size, fd);
	if (!result)
		result = store_view(fd, &view);
	if (!result) {
		result = keep_file(u, name, view.bytes);
		store_view_done(&view);
	}
	close(fd);
	u->files += !result;
	return result;
}

static int read_end(struct unpacker *u, const struct tar_entry *e)
{
	const struct json *end;
	struct tar_entry none;
	str text;

	TRY(read_text(u, e->size, &text));
	TRY(json_parse(u->c, text, &end));
	if (json_get_i64(end, "entries") != u->entries || json_get_i64(end, "files") != u->files)
		return broken(u, "a part of it is not there");
	u->missing = json_get_i64(end, "missing");
	TRY(read_header(u, &none));
	return str_is_null(none.name) ? 0 : broken(u, "there is more behind its end");
}

static int read_media(struct unpacker *u, struct tar_entry e)
{
	while (str_starts(e.name, STR(ARCHIVE_MEDIA))) {
		TRY(read_file(u, &e));
		arena_reset(u->page);
		TRY(read_header(u, &e));
	}
	if (u->format == 1 && str_is_null(e.name))
		return 0;
	if (u->format > 1 && str_eq(e.name, STR(ARCHIVE_END)))
		return read_end(u, &e);
	return str_is_null(e.name) ? broken(u, "it ends too early")
				   : broken(u, "there is an entry that we do not know");
}

/* Its place here */

static int find_domain(struct ctx *c, str name, const struct domain_row **ret)
{
	int result = q_domain_by_name(c, name, ret);

	if (result == E_NOT_FOUND)
		*ret = NULL;
	return result == E_NOT_FOUND ? 0 : result;
}

/* A tenant of that name: a new one, or one where nobody is at home yet. */
static int claim(struct unpacker *u, const struct domain_draft *draft)
{
	const struct archive_empty_row *home;
	const struct domain_row *d;

	TRY(find_domain(u->c, draft->name, &d));
	if (!d || str_eq(d->state, STR("deleted")))
		return domain_add(u->c, draft, &u->domain_id);
	TRY(q_archive_is_empty(u->c, d->id, &home));
	if (!home->empty || !str_eq(d->service_name, draft->service_name) ||
	    (!str_eq(d->state, STR("pending")) && !str_eq(d->state, STR("importing"))))
		return fail(u->c, E_CONFLICT, "%.*s is here already", STR_ARG(draft->name));
	u->domain_id = d->id;
	return 0;
}

static int begin(struct ctx *c, void *arg)
{
	struct unpacker *u = arg;

	TRY(domain_begin_import(c, u->domain_id));
	TRY(q_archive_import_end(c, u->domain_id, NULL));
	return q_archive_import_add(c, u->domain_id, u->run, u->looks, NULL);
}

/* Puts everything in, and takes it back: what the database refuses, it refuses now. */
static int try_out(struct unpacker *u, struct json_out *answer)
{
	const struct archive_placed_row *rows;
	const struct archive_role_row *role;
	size_t n = 0;
	int result;

	TRY(db_begin(u->c));
	result = q_archive_be_patient(u->c, &role);
	if (!result)
		result = q_archive_be_mover(u->c, &role);
	if (!result)
		result = q_archive_place(u->c, &rows, &n);
	db_rollback(u->c);
	if (result == E_INVALID || result == E_CONFLICT)
		return fail(u->c, E_UNPROCESSABLE, "the archive has rows that cannot be: %.*s",
			    STR_ARG(str_dup(u->keep, u->c->error)));
	TRY(result);
	json_open_object(answer, "rows");
	for (size_t i = 0; i < n; i++)
		json_put_i64(answer, str_z(u->keep, rows[i].name), rows[i].placed);
	json_close_object(answer);
	json_open_object(answer, "left_out");
	for (size_t i = 0; i < n; i++)
		if (rows[i].came > rows[i].placed)
			json_put_i64(answer, str_z(u->keep, rows[i].name),
				     rows[i].came - rows[i].placed);
	json_close_object(answer);
	return 0;
}

static int finish(struct ctx *c, void *arg)
{
	struct unpacker *u = arg;
	size_t n;

	TRY(q_archive_import_complete(c, u->domain_id, u->run, &n));
	if (n == 0)
		return fail(c, E_CONFLICT, "another import took over");
	return domain_end_import(c, u->domain_id);
}

static int judge_all(struct unpacker *u, struct json_out *answer)
{
	const struct archive_word_row *word;
	int64_t bound = u->c->domain_id;

	TRY(domain_reload(u->c));
	TRY(ctx_bind(u->c, u->domain_id));
	TRY(q_archive_check(u->c, &word));
	if (word->word.n)
		return fail(u->c, E_UNPROCESSABLE, "%.*s", STR_ARG(str_dup(u->keep, word->word)));
	TRY(try_out(u, answer));
	return ctx_bind(u->c, bound);
}

static int unpack(struct unpacker *u)
{
	struct tar_entry next;

	TRY(read_all_rows(u, &next));
	return read_media(u, next);
}

/* The same in the arena of one entry, with the message kept. */
static int unpack_by_entries(struct unpacker *u)
{
	int result;

	u->c->arena = u->page;
	result = unpack(u);
	u->c->arena = u->keep;
	u->c->error = str_dup(u->keep, u->c->error);
	return result;
}

int tenant_import(struct ctx *c, const struct archive_job *job, struct json_out *answer,
		  int64_t *ret_id)
{
	cleanup(arena_freep) struct arena *page = arena_new();
	struct unpacker u = { .c = c, .job = job, .keep = c->arena, .page = page };
	struct domain_draft draft = { .sign_up = SIGN_UP_CLOSED, .moves_in = true };

	*ret_id = 0;
	u.run = random_token(c->arena, RUN_BYTES);
	TRY(archive_kinds_load(c, &u.kinds));
	TRY(read_manifest(&u, &draft));
	TRY(judged_manifest(&u, &u.looks));
	if (!job->only_look) {
		TRY(claim(&u, &draft));
		TRY(db_transaction(c, begin, &u));
	}
	TRY(unpack_by_entries(&u));
	json_put_str(answer, "domain", draft.name);
	json_put_i64(answer, "files", u.files);
	json_put_i64(answer, "missing", u.missing);
	if (job->only_look)
		return 0;
	TRY(judge_all(&u, answer));
	TRY(db_transaction(c, finish, &u));
	*ret_id = u.domain_id;
	return 0;
}

static int place(struct ctx *c, void *arg)
{
	const int64_t *domain_id = arg;
	const struct archive_placed_row *rows;
	const struct archive_role_row *role;
	size_t n;

	TRY(q_archive_be_patient(c, &role));
	TRY(q_archive_be_mover(c, &role));
	TRY(q_archive_place(c, &rows, &n));
	TRY(q_archive_be_host(c, &role));
	TRY(q_archive_dress(c, *domain_id, NULL));
	return q_archive_import_end(c, *domain_id, NULL);
}

int tenant_place(struct ctx *c, int64_t domain_id)
{
	const struct archive_import_row *import;
	int64_t bound = c->domain_id;
	int result = q_archive_import(c, domain_id, &import);

	if (result == E_NOT_FOUND)
		return 0;
	TRY(result);
	if (!import->complete)
		return fail(c, E_CONFLICT, "its archive was not read to the end: import it again");
	TRY(domain_reload(c));
	TRY(ctx_bind(c, domain_id));
	result = db_transaction(c, place, &domain_id);
	TRY(ctx_bind(c, bound));
	return result;
}
