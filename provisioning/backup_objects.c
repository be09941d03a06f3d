/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Files of an S3 store, in the same repository and the same form as those of a directory: every snapshot has all of them,
 * by their names. restic reads directories, and a copy of the store on this disk is what the store was taken for to avoid. So
 * it is shown a directory in which files that the repository has are holes of their size: restic compares size and time
 * with the parent snapshot, and takes the bytes from there without opening the file. Only new files are fetched, some at
 * a time. Invariant: a hole cannot be opened by whom restic runs as, so that one is never stored for what it stands for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemon/fd.h"
#include "media/media.h"
#include "provisioning/backup.h"
#include "provisioning/crew.h"
#include "sql/gen/backup.h"

#define PAGE 10000
#define HANDS 8
/*
 * What is on this disk at a time. restic looks at all that stands in the directory for each lot: so lots grow with what is
 * there, or many files would cost the square of their number.
 */
#define LOT_FILES 1000
#define LOT_BYTES (1LL << 30)
#define LOT_FILES_SHARE 4 /* of the files that are there, when that is more */
#define LOT_BYTES_SHARE 16 /* of their bytes, when that is more and there is room */
#define ROOM_SHARE 4 /* of the free room, at most */
#define OLD USEC_DAY /* when a file was changed: never, since its name is its digest */
#define PART "media-part" /* tag of snapshots on the way to a whole one */

/* What stands in the directory under a name. */
enum guise { HOLE, BYTES };

struct load {
	struct shelf *shelf;
	str name;
	int64_t size;
	bool is_here;
};

struct shelf {
	struct vault *v;
	const char *directory;
	str parent; /* snapshot that has what holes stand for; empty: none */
	struct file_entry *known;
	size_t n_known;
	struct load *lot;
	size_t n, room;
	int64_t bytes;
	int64_t n_holes, hole_bytes; /* that stand in the directory */
	int64_t gone; /* files that the store does not have, or has with other bytes */
};

static str path_of(struct arena *a, const char *directory, str name)
{
	return str_fmt(a, "%s/%.*s/%.*s/%.*s", directory, STR_ARG(str_slice(name, 0, 2)),
		       STR_ARG(str_slice(name, 2, 4)), STR_ARG(name));
}

static int make_folder(const struct shelf *s, const char *path)
{
	if (mkdir(path, 0700))
		return errno == EEXIST ? 0 : -errno;
	return geteuid() == 0 && chown(path, s->v->uid, s->v->gid) ? -errno : 0;
}

static int make_file(struct arena *a, const struct shelf *s, str name, enum guise guise,
		     int *ret_fd)
{
	str path = path_of(a, s->directory, name);
	size_t n = strlen(s->directory);
	int fd;

	TRY(make_folder(s, str_z(a, str_slice(path, 0, n + 3))));
	TRY(make_folder(s, str_z(a, str_slice(path, 0, n + 6))));
	if (unlink(path.p) && errno != ENOENT)
		return -errno;
	fd = open(path.p, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, guise == HOLE ? 0 : 0400);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

static int finish_file(const struct shelf *s, int fd)
{
	const struct timespec at = { .tv_sec = OLD / USEC_SEC }, times[] = { at, at };

	if (geteuid() == 0 && fchown(fd, s->v->uid, s->v->gid))
		return -errno;
	return futimens(fd, times) ? -errno : 0;
}

static int make_hole(struct shelf *s, str name, int64_t size)
{
	cleanup(arena_freep) struct arena *a = arena_new();
	cleanup(close_fd) int fd = -1;

	TRY(make_file(a, s, name, HOLE, &fd));
	if (ftruncate(fd, size))
		return -errno;
	s->n_holes++;
	s->hole_bytes += size;
	return finish_file(s, fd);
}

/* One that is not there is left out: the drill says whether the database names it. */
static int load(struct ctx *c, void *arg)
{
	struct load *l = arg;
	struct shelf *s = l->shelf;
	cleanup(close_fd) int fd = -1;
	int result;

	TRY(make_file(c->arena, s, l->name, BYTES, &fd));
	result = store_read(c, c->media->store, l->name, fd);
	if (!result && store_fits(fd, l->name)) {
		TRY(finish_file(s, fd));
		l->is_here = true;
		return 0;
	}
	unlink(path_of(c->arena, s->directory, l->name).p);
	if (result && result != E_NOT_FOUND)
		return result;
	if (!s->gone++)
		vault_say(s->v, "%.*s %s", STR_ARG(l->name),
			  result ? "is not in the store"
				 : "has other bytes in the store than its name says");
	return 0;
}

static int load_lot(struct shelf *s)
{
	struct crew crew;
	int result = 0, end;

	crew_init(&crew, s->v->c, load, HANDS);
	for (size_t i = 0; i < s->n && !result; i++)
		result = crew_do(&crew, &s->lot[i]);
	end = crew_wait(&crew);
	return result ? result : end;
}

static int take_snapshot(struct shelf *s, const char *tag, str *ret_id, int64_t *ret_size)
{
	const struct files_source source = {
		.directory = s->directory,
		.tag = tag,
		.parent = s->parent.n ? str_z(s->v->c->arena, s->parent) : NULL,
	};

	return files_backup(s->v, &source, ret_id, ret_size);
}

/* Into the repository, so that a run that is ended begins there the next time, and the disk has room for more. */
static int store_lot(struct shelf *s)
{
	int result = load_lot(s);
	str part;
	int64_t size;

	TRY(take_snapshot(s, PART, &part, &size));
	s->parent = part;
	for (size_t i = 0; i < s->n; i++)
		if (s->lot[i].is_here)
			TRY(make_hole(s, s->lot[i].name, s->lot[i].size));
	s->n = 0;
	s->bytes = 0;
	return result;
}

static int64_t lot_bytes(const struct shelf *s)
{
	int64_t most = s->hole_bytes / LOT_BYTES_SHARE, room = 0;
	struct statvfs fs;

	if (most > LOT_BYTES && statvfs(s->directory, &fs) == 0)
		room = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize / ROOM_SHARE;
	most = most < room ? most : room;
	return most > LOT_BYTES ? most : LOT_BYTES;
}

static bool is_full(const struct shelf *s, int64_t more)
{
	int64_t files = s->n_holes / LOT_FILES_SHARE;

	return (s->n >= LOT_FILES && (int64_t)s->n >= files) ||
	       (s->n && s->bytes + more > LOT_BYTES && s->bytes + more > lot_bytes(s));
}

static void add_to_lot(struct shelf *s, const struct backup_file_row *row)
{
	struct arena *a = s->v->c->arena;

	if (s->n == s->room) {
		struct load *more;

		s->room = s->room ? 2 * s->room : LOT_FILES;
		more = arena_array(a, s->room, sizeof(*more));
		if (s->n)
			memcpy(more, s->lot, s->n * sizeof(*more));
		s->lot = more;
	}
	s->lot[s->n++] =
		(struct load){ .shelf = s, .name = str_dup(a, row->name), .size = row->size };
	s->bytes += row->size;
}

static int put(struct shelf *s, const struct backup_file_row *row)
{
	const struct file_entry *known = file_find(s->known, s->n_known, row->name);

	if (known && known->size == row->size && known->changed == OLD)
		return make_hole(s, row->name, row->size);
	if (is_full(s, row->size))
		TRY(store_lot(s));
	add_to_lot(s, row);
	return 0;
}

static int fill(struct shelf *s)
{
	const struct backup_file_row *rows;
	str after = STR("");
	size_t n;

	do {
		TRY(q_backup_stored(s->v->c, after, PAGE, &rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(put(s, &rows[i]));
		if (n)
			after = rows[n - 1].name;
	} while (n == PAGE);
	return 0;
}

static int newest(struct vault *v, const char *tag, struct snapshot *io)
{
	struct snapshot *all;
	size_t n;

	TRY(files_snapshots(v, tag, &all, &n));
	if (n && all[n - 1].taken > io->taken)
		*io = all[n - 1];
	return 0;
}

static int read_parent(struct shelf *s)
{
	struct snapshot last = { .id = STR("") };

	TRY(newest(s->v, "media", &last));
	TRY(newest(s->v, PART, &last));
	s->parent = last.id;
	return last.id.n ? files_list(s->v, last.id, &s->known, &s->n_known) : 0;
}

static int drop_parts(struct vault *v)
{
	struct snapshot *all;
	str *ids;
	size_t n;

	TRY(files_snapshots(v, PART, &all, &n));
	ids = arena_array(v->c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = all[i].id;
	return files_drop(v, ids, n);
}

static int take(struct shelf *s, str *ret_id, int64_t *ret_size)
{
	int result = fill(s);

	if (!result)
		result = load_lot(s);
	if (!result)
		return take_snapshot(s, "media", ret_id, ret_size);
	/* What was fetched until then is fetched once. */
	if (result == E_LATER && s->n) {
		str words = s->v->c->error, part;
		int64_t size;

		if (!take_snapshot(s, PART, &part, &size))
			s->v->c->error = words;
	}
	return result;
}

static int take_all(struct vault *v, const char *parent, bool anew, str *ret_id, int64_t *ret_size)
{
	struct shelf *s = arena_new_of(v->c->arena, struct shelf);
	int result;

	*s = (struct shelf){ .v = v, .parent = STR("") };
	TRY(tree_make(v, parent, &s->directory));
	result = anew ? 0 : read_parent(s);
	if (!result)
		result = take(s, ret_id, ret_size);
	tree_remove(s->directory);
	if (result < 0)
		result = fail(v->c, E_LATER, "%s: %s", s->directory, strerror(-result));
	if (!result && s->gone)
		vault_say(v, "%lld files could not be had from the store", (long long)s->gone);
	return result;
}

int objects_backup(struct vault *v, const char *parent, str *ret_id, int64_t *ret_size)
{
	int result = take_all(v, parent, false, ret_id, ret_size);

	/* A hole could not be opened, and had to be: the repository lost the bytes that it stands for. */
	if (result == E_CONFLICT) {
		vault_say(v, "the repository lacks files that it had: fetching all of them");
		result = take_all(v, parent, true, ret_id, ret_size);
	}
	return result ? result : drop_parts(v);
}

struct returning {
	const char *directory;
	struct wanted_file *file;
	bool is_back;
};

static int put_in_store(struct ctx *c, void *arg)
{
	struct returning *r = arg;
	str name = r->file->name;
	cleanup(close_fd) int fd = file_open(path_of(c->arena, r->directory, name).p);
	cleanup(store_view_done) struct store_view view = { 0 };

	if (fd < 0 || !store_fits(fd, name))
		return 0;
	TRY(store_view(fd, &view));
	TRY(store_put(c, c->media->store, name, r->file->type, view.bytes));
	r->is_back = true;
	return 0;
}

/* Those whose names begin with the same two digits: a 256th of all is on this disk at a time. */
static int return_some(struct vault *v, struct ctx *c, struct files_target *target,
		       struct returning *some, size_t n)
{
	struct crew crew;
	int result = files_restore(v, target), end;

	crew_init(&crew, c, put_in_store, HANDS);
	for (size_t i = 0; i < n && !result; i++)
		result = crew_do(&crew, &some[i]);
	end = crew_wait(&crew);
	tree_remove(str_fmt(v->c->arena, "%s/%s", target->directory, target->digits).p);
	return result ? result : end;
}

static int return_all(struct vault *v, struct ctx *c, struct files_target *target,
		      struct returning *all, size_t n)
{
	for (size_t i = 0, next; i < n; i = next) {
		str digits = str_slice(all[i].file->name, 0, 2);

		for (next = i + 1; next < n && str_starts(all[next].file->name, digits); next++)
			;
		target->digits = str_z(v->c->arena, digits);
		TRY(return_some(v, c, target, &all[i], next - i));
	}
	return 0;
}

int objects_restore(struct vault *v, struct ctx *c, str id, const char *parent, struct wanted *w)
{
	struct returning *all = arena_array(v->c->arena, w->n_missing, sizeof(*all));
	struct files_target target = { .id = id };
	size_t still = 0;
	int result;

	TRY(tree_make(v, parent, &target.directory));
	for (size_t i = 0; i < w->n_missing; i++)
		all[i] = (struct returning){ target.directory, &w->missing[i], false };
	result = return_all(v, c, &target, all, w->n_missing);
	tree_remove(target.directory);
	TRY(result);
	for (size_t i = 0; i < w->n_missing; i++)
		if (!all[i].is_back)
			w->missing[still++] = w->missing[i];
	w->n_missing = still;
	return 0;
}
