/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * An archive that was brought becomes lines: a post in each, with the stored names of the files that it needs.
 * Invariant: an archive is a stranger's. The sandbox unpacks it; nothing of it is a path; a post is its owner's only when
 * activity, object and actor say so, and each is parsed by itself, within the limits of any document from elsewhere.
 * It may be unpacked again after a worker died: what the earlier attempt made is forgotten, and posts that are here stay.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ap/document.h"
#include "base/csv.h"
#include "db/db.h"
#include "json/json.h"
#include "json/split.h"
#include "loop/fiber.h"
#include "media/unpack.h"
#include "model/import.h"
#include "model/import_part.h"
#include "model/limit.h"
#include "model/media_part.h"
#include "model/post_remote.h"

#define ACTOR_LIMIT (1024 * 1024) /* bytes of actor.json */
#define ITEMS_LIMIT 500000 /* of an outbox, boosts and all */
#define BATCH 50 /* items at once */
#define URI_LIMIT 2048

static bool is_held(const struct identity_limits_row *l)
{
	return l->held || l->suspended || l->pending || l->disabled;
}

int import_archive_start(struct ctx *c, str bytes, int64_t *ret_id)
{
	struct import_start s = { .kind = import_kind_of(STR("archive")) };
	struct identity_limits_row limits;

	TRY(identity_limits_get(c, c->identity_id, &limits));
	if (is_held(&limits))
		return fail(c, E_UNPROCESSABLE,
			    "your posts wait for approval, so none can be brought along");
	if (!unpack_is_archive(bytes))
		return fail(c, E_UNPROCESSABLE, "that file is no archive (ZIP, or TAR with gzip)");
	if ((int64_t)bytes.n > IMPORT_ARCHIVE_BYTES)
		return fail(c, E_UNPROCESSABLE, "an archive has at most %lld MiB",
			    IMPORT_ARCHIVE_BYTES >> 20);
	TRY(media_need_room(c, bytes.n));
	TRY(media_keep_archive(c, bytes, &s.file));
	TRY(import_begin(c, &s));
	*ret_id = s.id;
	return 0;
}

/* What is in it */

struct opened {
	int fd; /* of all files, one behind the other */
	const struct unpacked *files;
	size_t n;
	str folder; /* in which actor.json lies, with its slash; mostly empty */
};

static void opened_done(struct opened *o)
{
	media_close(&o->fd);
}

/* The files of an archive stand at its top or in one folder. */
static int find_top(struct ctx *c, struct opened *o)
{
	static const str name = STR("actor.json");

	for (size_t i = 0; i < o->n; i++) {
		str path = o->files[i].name, folder = str_slice(path, 0, path.n - name.n);

		if (!str_ends(path, name) || (folder.n && !str_ends(folder, STR("/"))))
			continue;
		if (str_is_null(o->folder) || folder.n < o->folder.n)
			o->folder = folder.n ? folder : STR("");
	}
	return str_is_null(o->folder)
		       ? fail(c, E_UNPROCESSABLE, "there is no actor.json in the archive")
		       : 0;
}

static int unpack_all(struct ctx *c, str stored, struct opened *o)
{
	struct media_file f;
	struct unpacked *files;
	struct stat s;
	int result;
	str list;

	TRY(media_open_own(c, stored, &f));
	result = store_scratch(c->media->store, &o->fd);
	if (!result)
		result = worker_unpack(c, c->media->workers, f.fd, o->fd, &list);
	close(f.fd);
	TRY(result);
	if (fstat(o->fd, &s))
		return -errno;
	if (!unpack_list_read(c->arena, list, s.st_size, &files, &o->n))
		return fail(c, E_UNPROCESSABLE, "the archive is damaged");
	o->files = files;
	return find_top(c, o);
}

/* What a thread works on. */
struct copying {
	int fd;
	char *room;
	int64_t offset, size;
	bool worked;
};

static void copy_task(void *arg)
{
	struct copying *t = arg;
	int64_t done = 0;

	while (done < t->size) {
		ssize_t n =
			pread(t->fd, t->room + done, (size_t)(t->size - done), t->offset + done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		done += n;
	}
	t->worked = true;
}

/* A copy, since a worker that was taken over might still write. */
static int read_file(struct ctx *c, const struct opened *o, const struct unpacked *f, str *ret)
{
	struct copying *t = arena_new_of(c->arena, struct copying);

	*t = (struct copying){ o->fd, arena_alloc(c->arena, (size_t)f->size + 1), f->offset,
			       f->size, false };
	offload(copy_task, t);
	if (!t->worked)
		return fail(c, E_UNPROCESSABLE, "the archive is damaged");
	*ret = (str){ t->room, (size_t)f->size };
	return 0;
}

static const struct unpacked *find(struct ctx *c, const struct opened *o, str name)
{
	return unpack_find(o->files, o->n, str_cat(c->arena, o->folder, name));
}

/*
 * A file that a post names: by its place in the archive, with or without a slash before it, or by the address that it had
 * on its server.
 */
static const struct unpacked *find_media(struct ctx *c, const struct opened *o, str url)
{
	static const str places[] = { STR("/system/"), STR("/") };
	size_t host = str_find(url, STR("://"), 0), at;
	const struct unpacked *found;

	if (host != SIZE_MAX)
		url = str_from(url, str_find_char(url, '/', host + 3));
	url = str_slice(url, 0, str_find_char(url, '?', 0));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (str_starts(url, places[i]))
			url = str_from(url, places[i].n);
	found = find(c, o, url);
	at = str_find(url, STR("media_attachments/"), 0);
	return found || at == SIZE_MAX ? found : find(c, o, str_from(url, at));
}

/* Posts, parsed on a thread: with a ctx that has an arena and nothing else */

struct post_line {
	const struct ap_object *object; /* NULL: not brought along */
	const struct json *json; /* the same as it stands there */
	str text;
};

struct parsing {
	str actor, followers; /* URIs of whom the archive is of */
	const str *items;
	size_t n;
	struct post_line lines[BATCH];
	struct ctx ctx;
};

static bool is_own(const struct parsing *p, const struct json *activity, const struct ap_object *o)
{
	return str_eq(ap_uri_of(json_get(activity, "actor")), p->actor) &&
	       str_eq(o->attributed_to, p->actor) && ap_same_host(o->id, p->actor) &&
	       o->id.n <= URI_LIMIT && !o->is_vote;
}

/* Letters to single people are not brought along: who got them is not here. */
static bool is_wanted(const struct parsing *p, const struct ap_object *o)
{
	return ap_visibility_of(o, p->followers) != AP_VISIBILITY_MENTIONED;
}

static struct post_line parse_item(struct parsing *p, str item)
{
	static const struct post_line none = { 0 };
	struct post_line line = { 0 };
	const struct json *activity;
	struct ctx *c = &p->ctx;

	if (item.n > IMPORT_LINE_BYTES || json_parse(c, item, &activity) ||
	    ap_type_of(activity) != AP_CREATE)
		return none;
	line.json = json_get(activity, "object");
	if (!json_is(line.json, JSON_OBJECT) || !ap_type_is_post(ap_type_of(line.json)) ||
	    ap_object_parse(c, line.json, &line.object) || !is_own(p, activity, line.object) ||
	    !is_wanted(p, line.object))
		return none;
	line.text = json_dump(c, line.json);
	return line;
}

static void parse_task(void *arg)
{
	struct parsing *p = arg;

	for (size_t i = 0; i < p->n; i++)
		p->lines[i] = parse_item(p, p->items[i]);
}

/* Lines */

struct unpacking {
	const struct import_job_row *job;
	const struct opened *opened;
	str actor, followers;
	int64_t posts, left_out, bytes; /* of files */
};

struct lines {
	int64_t import_id;
	str lines[BATCH], files[BATCH * MEDIA_PER_POST];
	size_t n_lines, n_files;
};

/* Stored under its digest; "-" for what is of no kind that is taken. */
static int keep_file(struct ctx *c, struct unpacking *u, const struct unpacked *f, str *ret)
{
	enum format_id id;
	str bytes;

	*ret = STR("-");
	TRY(read_file(c, u->opened, f, &bytes));
	id = format_sniff(bytes);
	if (id == FORMAT_NONE || f->size > MEDIA_VIDEO_LIMIT)
		return 0;
	u->bytes += f->size;
	TRY(media_need_room(c, (size_t)u->bytes));
	return media_keep(c, bytes, id, ret);
}

/* The stored names of what a post has attached, in its order: "-" for what cannot be had. */
static int keep_files(struct ctx *c, struct unpacking *u, const struct post_line *line,
		      struct lines *l, str *ret)
{
	const struct json *list = json_get(line->json, "attachment");
	size_t n = json_list_count(list);
	struct out o;

	out_init(&o, c->arena, IMPORT_LINE_BYTES);
	for (size_t i = 0; i < n && i < MEDIA_PER_POST; i++) {
		str url = json_get_str(json_list_at(list, i), "url");
		const struct unpacked *f = url.n ? find_media(c, u->opened, url) : NULL;

		str name = STR("-");

		if (f)
			TRY(keep_file(c, u, f, &name));
		if (name.n > 1)
			l->files[l->n_files++] = name;
		out_fmt(&o, "%s%.*s", i ? " " : "", STR_ARG(name));
	}
	*ret = o.n ? out_view(&o) : STR("");
	return 0;
}

static int add_lines(struct ctx *c, void *arg)
{
	struct lines *l = arg;

	TRY(q_import_add_files(c, (strs){ l->files, l->n_files }, l->import_id, NULL));
	return q_import_add_rows(c, c->domain_id, l->import_id, (strs){ l->lines, l->n_lines },
				 NULL);
}

static str visibility_of(const struct unpacking *u, const struct ap_object *o)
{
	switch (ap_visibility_of(o, u->followers)) {
	case AP_VISIBILITY_PUBLIC:
		return STR("public");
	case AP_VISIBILITY_UNLISTED:
		return STR("unlisted");
	default:
		return STR("followers");
	}
}

static int take_line(struct ctx *c, struct unpacking *u, const struct post_line *line,
		     struct lines *l)
{
	str cells[] = { line->object->id, visibility_of(u, line->object), line->text, STR("") };
	struct out o;

	if (u->posts == IMPORT_POSTS)
		return fail(c, E_UNPROCESSABLE, "an archive has at most %d posts", IMPORT_POSTS);
	TRY(keep_files(c, u, line, l, &cells[3]));
	out_init(&o, c->arena, 4 * IMPORT_LINE_BYTES);
	csv_put_line(&o, cells, ARRAY_SIZE(cells));
	l->lines[l->n_lines++] = str_slice(out_view(&o), 0, o.n - 1);
	u->posts++;
	return 0;
}

static int take_batch(struct ctx *c, struct unpacking *u, const str *items, size_t n)
{
	struct parsing *p = arena_new_of(c->arena, struct parsing);
	struct lines *l = arena_new_of(c->arena, struct lines);

	l->import_id = u->job->id;
	*p = (struct parsing){
		.actor = u->actor, .followers = u->followers, .items = items, .n = n
	};
	ctx_init(&p->ctx, c->arena);
	p->ctx.now = c->now;
	offload(parse_task, p);
	for (size_t i = 0; i < n; i++) {
		if (p->lines[i].object)
			TRY(take_line(c, u, &p->lines[i], l));
		else
			u->left_out++;
	}
	return l->n_lines ? db_transaction(c, add_lines, l) : 0;
}

/* Each batch has an arena of its own: pictures are large. */
static int take_items(struct ctx *c, struct unpacking *u, const str *items, size_t n)
{
	for (size_t at = 0; at < n; at += BATCH) {
		struct arena *arena cleanup(arena_freep) = arena_new();
		struct ctx own = *c;
		int result;

		own.arena = arena;
		own.error = STR_NULL;
		own.emojis = NULL;
		result = take_batch(&own, u, items + at, n - at < BATCH ? n - at : BATCH);
		c->statements = own.statements;
		if (result)
			c->error = str_dup(c->arena, ctx_error(&own, result));
		TRY(result);
	}
	return 0;
}

static int read_actor(struct ctx *c, struct unpacking *u)
{
	const struct unpacked *f = find(c, u->opened, STR("actor.json"));
	const struct json *actor;
	str text;

	if (!f || f->size > ACTOR_LIMIT)
		return fail(c, E_UNPROCESSABLE, "the actor.json in the archive cannot be read");
	TRY(read_file(c, u->opened, f, &text));
	if (json_parse(c, text, &actor) || !ap_type_is_actor(ap_type_of(actor)))
		return fail(c, E_UNPROCESSABLE, "the actor.json in the archive is no actor");
	u->actor = ap_uri_of(actor);
	u->followers = ap_uri_of(json_get(actor, "followers"));
	if (!u->actor.n || u->actor.n > URI_LIMIT || !ap_same_host(u->actor, u->actor))
		return fail(c, E_UNPROCESSABLE, "the actor.json in the archive names no account");
	return 0;
}

struct splitting {
	struct arena *arena;
	str text, *items;
	size_t n;
	int result;
};

static void split_task(void *arg)
{
	struct splitting *s = arg;

	s->result =
		json_split(s->arena, s->text, STR("orderedItems"), ITEMS_LIMIT, &s->items, &s->n);
}

static int read_outbox(struct ctx *c, struct unpacking *u)
{
	struct splitting *s = arena_new_of(c->arena, struct splitting);
	const struct unpacked *f = find(c, u->opened, STR("outbox.json"));

	if (!f)
		return fail(c, E_UNPROCESSABLE, "there is no outbox.json in the archive");
	TRY(read_file(c, u->opened, f, &s->text));
	s->arena = c->arena;
	offload(split_task, s);
	if (s->result)
		return fail(c, E_UNPROCESSABLE, "the outbox.json in the archive cannot be read");
	return take_items(c, u, s->items, s->n);
}

int import_unpack(struct ctx *c, const struct import_job_row *job)
{
	struct opened opened cleanup(opened_done) = { .fd = -1 };
	struct unpacking u = { .job = job, .opened = &opened };

	/* Unpacked before, and the note of it was lost. */
	if (str_is_empty(job->file))
		return 0;
	TRY(q_import_forget_rows(c, job->id, NULL));
	TRY(unpack_all(c, job->file, &opened));
	TRY(read_actor(c, &u));
	TRY(read_outbox(c, &u));
	if (u.posts == 0)
		return fail(
			c, E_UNPROCESSABLE,
			"there are no posts of this account in the archive that can be brought along");
	return q_import_unpacked(c, u.actor, u.left_out, job->id, NULL);
}
