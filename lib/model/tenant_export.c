/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: everything is read in one transaction, by a role that sees one tenant. What is said of an entry stands
 * right before it, so whatever has the length of the data lives in the arena of one entry, and a larger community needs
 * no more memory.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypt/hash.h"
#include "db/db.h"
#include "db/migrate.h"
#include "media/media.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/tenant_archive_part.h"
#include "sql/gen/domain.h"

#define COPY_SIZE 65536
#define MISSING_SHOWN 20 /* names of files that are not there */

struct packer {
	struct ctx *c;
	const struct archive_job *job;
	const struct domain_row *domain;
	struct archive_kinds kinds;
	struct arena *keep, *page; /* of the whole, and of one entry */
	struct json_out *answer;
	int64_t entries, files, bytes, missing;
};

static int write_all(struct packer *p, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(p->job->fd, bytes, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return fail(p->c, -errno, "the archive cannot be written: %s",
				    strerror(errno));
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

static int write_header(struct packer *p, str name, uint64_t size)
{
	char block[TAR_BLOCK];

	tar_write(block, name, size, p->c->now);
	return write_all(p, block, sizeof(block));
}

static int write_padding(struct packer *p, uint64_t size)
{
	static const char zeros[TAR_BLOCK];

	return write_all(p, zeros, tar_padding(size));
}

static int write_file(struct packer *p, str name, str bytes)
{
	TRY(write_header(p, name, bytes.n));
	TRY(write_all(p, bytes.p, bytes.n));
	return write_padding(p, bytes.n);
}

/* The next rows of the kind that was opened, one a line; empty at the end. */
static int next_rows(struct packer *p, const struct archive_kind *k, str *ret, size_t *ret_n)
{
	const struct archive_lines_row *rows;
	struct out text;

	arena_reset(p->page);
	TRY(q_archive_fetch(p->c, &rows));
	out_init(&text, p->page, ARCHIVE_ENTRY_LIMIT);
	for (size_t i = 0; i < rows->lines.n; i++) {
		str line;

		TRY(archive_open_row(p->c, &p->kinds, k, rows->lines.p[i], &line));
		out_str(&text, line);
		out_char(&text, '\n');
	}
	*ret_n = rows->lines.n;
	return out_done(&text, ret);
}

/* What the reader has to know before it uses an entry. */
static int write_notice(struct packer *p, const struct archive_notice *n)
{
	struct json_out w;
	str text;

	json_out_init(&w, p->page, JSON_TEXT_LIMIT);
	json_open_object(&w, NULL);
	json_put_str(&w, "name", n->name);
	json_put_str(&w, "kind", n->kind);
	json_put_i64(&w, "rows", n->rows);
	json_put_i64(&w, "size", n->size);
	json_put_str(&w, "sha256", n->sha256);
	json_close_object(&w);
	TRY(json_out_done(&w, &text));
	return write_file(p, archive_notice_name(n->name), text);
}

static int write_entry(struct packer *p, str kind, int64_t number, str text, size_t rows)
{
	struct archive_notice n = {
		.name = archive_entry_name(p->page, kind, number),
		.kind = kind,
		.rows = (int64_t)rows,
		.size = (int64_t)text.n,
		.sha256 = hex_encode(p->page, hash_sha256(p->page, text)),
	};

	TRY(write_notice(p, &n));
	TRY(write_file(p, n.name, text));
	p->entries++;
	return 0;
}

static int pack_kind(struct packer *p, const struct archive_kind *k)
{
	const struct archive_begun_row *begun;
	int64_t rows = 0, entry = 0;
	size_t n;
	str text;

	TRY(q_archive_open(p->c, k->name, &begun));
	for (;;) {
		TRY(next_rows(p, k, &text, &n));
		if (n == 0)
			break;
		rows += (int64_t)n;
		TRY(write_entry(p, k->name, ++entry, text, n));
	}
	if (rows)
		json_put_i64(p->answer, str_z(p->keep, k->name), rows);
	if (p->job->say)
		p->job->say(p->job->arg, k->name, rows);
	return 0;
}

static int pack_rows(struct packer *p)
{
	for (size_t i = 0; i < p->kinds.n; i++)
		TRY(pack_kind(p, &p->kinds.p[i]));
	return 0;
}

static int write_manifest(struct packer *p)
{
	const struct archive_domain_row *domain;
	struct json_out w;
	str text;

	TRY(q_archive_domain(p->c, p->domain->id, &domain));
	json_out_init(&w, p->keep, JSON_TEXT_LIMIT);
	json_open_object(&w, NULL);
	json_put_c(&w, "archive", ARCHIVE_KIND);
	json_put_i64(&w, "format", ARCHIVE_FORMAT);
	json_put_c(&w, "software", ROOKERY_VERSION);
	json_put_i64(&w, "schema", migrate_newest());
	json_put_time(&w, "written", p->c->now);
	json_put_bool(&w, "media", !p->job->without_media);
	json_put_raw(&w, "domain", domain->document);
	json_close_object(&w);
	TRY(json_out_done(&w, &text));
	return write_file(p, STR(ARCHIVE_MANIFEST), text);
}

/* With it nobody takes an archive for whole that lost its middle. */
static int write_end(struct packer *p)
{
	static const char blocks[2 * TAR_BLOCK];
	struct json_out w;
	str text;

	json_out_init(&w, p->keep, JSON_TEXT_LIMIT);
	json_open_object(&w, NULL);
	json_put_i64(&w, "entries", p->entries);
	json_put_i64(&w, "files", p->files);
	json_put_i64(&w, "missing", p->missing);
	json_close_object(&w);
	TRY(json_out_done(&w, &text));
	TRY(write_file(p, STR(ARCHIVE_END), text));
	return write_all(p, blocks, sizeof(blocks));
}

static int copy(struct packer *p, int fd, uint64_t size)
{
	char *part = arena_alloc(p->page, COPY_SIZE);

	for (uint64_t left = size; left > 0;) {
		ssize_t got = read(fd, part, left < COPY_SIZE ? (size_t)left : COPY_SIZE);

		if (got <= 0)
			return fail(p->c, -EIO, "a file became shorter while it was read");
		TRY(write_all(p, part, (size_t)got));
		left -= (uint64_t)got;
	}
	return write_padding(p, size);
}

/* One that is not in the store is said, and left out: it cannot keep a community from leaving. */
static int pack_file(struct packer *p, str name)
{
	struct stat st;
	int fd, result;

	result = store_open(p->c, p->c->media->store, name, &fd);
	if (result == E_NOT_FOUND) {
		if (p->missing++ < MISSING_SHOWN)
			json_put_str(p->answer, NULL, name);
		return 0;
	}
	TRY(result);
	if (fstat(fd, &st))
		result = fail(p->c, -errno, "a file cannot be read");
	if (!result)
		result = write_header(p, str_cat(p->page, STR(ARCHIVE_MEDIA), name),
				      (uint64_t)st.st_size);
	if (!result)
		result = copy(p, fd, (uint64_t)st.st_size);
	close(fd);
	TRY(result);
	p->files++;
	p->bytes += st.st_size;
	return 0;
}

/* The names are read by pages; the files of a page before the next one. */
static int pack_files(struct packer *p)
{
	const struct archive_kind media = { .name = STR("media") };
	const struct archive_begun_row *begun;
	size_t n;
	str text;

	TRY(q_archive_open(p->c, media.name, &begun));
	for (;;) {
		cleanup(arena_freep) struct arena *a = arena_new();
		const struct json *row;
		str line;

		TRY(next_rows(p, &media, &text, &n));
		if (n == 0)
			return 0;
		text = str_dup(a, text);
		while (str_cut(&text, '\n', &line) && line.n) {
			arena_reset(p->page);
			TRY(json_parse(p->c, line, &row));
			TRY(pack_file(p, json_get_str(row, "name")));
		}
		if (p->job->say)
			p->job->say(p->job->arg, STR("files"), p->files);
	}
}

/* The first of those that are missing stand in the answer. */
static int pack_media(struct packer *p)
{
	int result;

	json_open_array(p->answer, "missing_files");
	result = pack_files(p);
	json_close_array(p->answer);
	return result;
}

static int pack(struct packer *p)
{
	const struct archive_role_row *role;
	const struct archive_begun_row *begun;

	TRY(q_archive_be_patient(p->c, &role));
	TRY(q_archive_be_mover(p->c, &role));
	TRY(q_archive_begin(p->c, &begun));
	TRY(write_manifest(p));
	json_open_object(p->answer, "rows");
	TRY(pack_rows(p));
	json_close_object(p->answer);
	if (!p->job->without_media)
		TRY(pack_media(p));
	return write_end(p);
}

/* Before the first byte: whoever saw half of it may have seen the keys. */
static int note_export(struct ctx *c, const struct domain_row *d, const struct archive_job *job)
{
	return audit_add_on(c, d->id, "domain.export", d->name,
			    job->without_media ? STR("{\"files\":false}")
					       : STR("{\"files\":true}"));
}

int tenant_export(struct ctx *c, const struct domain_row *d, const struct archive_job *job,
		  struct json_out *answer, int64_t *ret_missing)
{
	cleanup(arena_freep) struct arena *page = arena_new();
	struct packer p = {
		.c = c,
		.job = job,
		.domain = d,
		.keep = c->arena,
		.page = page,
		.answer = answer,
	};
	int64_t bound = c->domain_id;
	int result;

	TRY(archive_kinds_load(c, &p.kinds));
	TRY(note_export(c, d, job));
	TRY(ctx_bind(c, d->id));
	result = db_begin_snapshot(c);
	if (!result) {
		c->arena = page;
		result = pack(&p);
		c->arena = p.keep;
		/* What was passed over may have left words in a page that is gone. */
		c->error = result ? str_dup(p.keep, c->error) : STR("");
		db_rollback(c);
	}
	TRY(result);
	json_put_i64(answer, "files", p.files);
	json_put_i64(answer, "bytes", p.bytes);
	json_put_i64(answer, "missing", p.missing);
	*ret_missing = p.missing;
	return ctx_bind(c, bound);
}
