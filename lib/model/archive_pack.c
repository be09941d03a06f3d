/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What is in an archive. Invariant: it may be broken off at any instruction and be done again, since nothing refers to
 * what was made until the last transaction; what is in memory at a time is some posts, never all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ap/document.h"
#include "crypt/hash.h"
#include "db/db.h"
#include "json/write.h"
#include "loop/fiber.h"
#include "media/pack.h"
#include "model/activity.h"
#include "model/archive.h"
#include "model/export.h"
#include "model/identity.h"
#include "model/mail.h"
#include "model/media_part.h"
#include "model/post.h"

#define PORTION 50 /* posts or files at once */
#define ITEM_LIMIT (4 * 1024 * 1024) /* bytes of one activity */
#define REASON_LIMIT 300 /* bytes */
#define MESSAGE_KEY 18 /* bytes of a letter's */

struct packing {
	int64_t id;
	const struct identity_row *self;
	struct pack *pack;
	int64_t bytes; /* of files so far */
	int64_t done, total, missing;
};

/* A part of the work with an arena of its own, so that the whole needs no more than its largest. */
static int in_portion(struct ctx *c, int (*fn)(struct ctx *c, void *arg), void *arg)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	struct ctx own = *c;
	int result;

	own.arena = arena;
	own.error = STR_NULL;
	own.emojis = NULL;
	result = fn(&own, arg);
	c->statements = own.statements;
	if (result)
		c->error = str_dup(c->arena, ctx_error(&own, result));
	return result;
}

static int tell_progress(struct ctx *c, const struct packing *p)
{
	return q_archive_progress(c, p->done, p->total, p->id, NULL);
}

/* Collections, written piece by piece into a file without a name */

struct collection {
	struct packing *packing;
	FILE *file;
	int64_t after; /* the id that was written last */
	size_t n; /* that the last portion had */
	bool has_item;
	/* Writes the next ones behind after. */
	int (*next)(struct ctx *c, struct collection *k);
};

static void file_closep(FILE **f)
{
	if (*f)
		fclose(*f);
}

/* What a thread works on. */
struct writing {
	FILE *file;
	str text;
	bool worked;
};

static void write_task(void *arg)
{
	struct writing *w = arg;

	w->worked = fwrite(w->text.p, 1, w->text.n, w->file) == w->text.n && fflush(w->file) == 0;
}

static int write_text(struct ctx *c, FILE *file, str text)
{
	struct writing *w = arena_new_of(c->arena, struct writing);

	*w = (struct writing){ file, text, false };
	if (text.n)
		offload(write_task, w);
	return w->worked || !text.n ? 0 : fail(c, E_LATER, "there is no room for an archive");
}

static void add_item(struct collection *k, struct out *o, str item)
{
	out_c(o, k->has_item ? ",\n" : "");
	out_str(o, item);
	k->has_item = true;
}

static int item_of_post(struct ctx *c, const struct post_row *p, str *ret)
{
	struct json_out w;

	json_out_init(&w, c->arena, ITEM_LIMIT);
	TRY(post_write_archived(c, p, &w));
	return json_out_done(&w, ret);
}

static int next_posts(struct ctx *c, struct collection *k)
{
	const struct post_row *rows;
	struct out o;
	str text;

	TRY(q_archive_posts(c, c->identity_id, k->after, PORTION, &rows, &k->n));
	out_init(&o, c->arena, (size_t)PORTION * ITEM_LIMIT);
	for (size_t i = 0; i < k->n; i++) {
		TRY(item_of_post(c, &rows[i], &text));
		add_item(k, &o, text);
		k->after = rows[i].id;
	}
	k->packing->done += (int64_t)k->n;
	return k->n ? write_text(c, k->file, out_view(&o)) : 0;
}

static int item_of_boost(struct ctx *c, const struct identity_row *self,
			 const struct archive_boost_row *b, str *ret)
{
	struct json_out w;

	json_out_init(&w, c->arena, ITEM_LIMIT);
	json_open_object(&w, NULL);
	json_put_str(&w, "id", b->uri);
	json_put_c(&w, "type", "Announce");
	json_put_str(&w, "actor", self->actor_uri);
	json_put_time(&w, "published", b->published);
	json_open_array(&w, "to");
	json_put_c(&w, NULL, AP_PUBLIC_URI);
	json_close_array(&w);
	json_open_array(&w, "cc");
	json_put_str(&w, NULL, self->followers_uri);
	json_close_array(&w);
	json_put_str(&w, "object", b->object_uri);
	json_close_object(&w);
	return json_out_done(&w, ret);
}

static int next_boosts(struct ctx *c, struct collection *k)
{
	const struct archive_boost_row *rows;
	struct out o;
	str text;

	TRY(q_archive_boosts(c, c->identity_id, k->after, PORTION, &rows, &k->n));
	out_init(&o, c->arena, (size_t)PORTION * ITEM_LIMIT);
	for (size_t i = 0; i < k->n; i++) {
		TRY(item_of_boost(c, k->packing->self, &rows[i], &text));
		add_item(k, &o, text);
		k->after = rows[i].id;
	}
	return k->n ? write_text(c, k->file, out_view(&o)) : 0;
}

static int write_marks(struct ctx *c, struct collection *k, const struct archive_mark_row *rows)
{
	struct out o;

	out_init(&o, c->arena, (size_t)PORTION * ITEM_LIMIT);
	for (size_t i = 0; i < k->n; i++) {
		struct json_out w;
		str text;

		json_out_init(&w, c->arena, ITEM_LIMIT);
		json_put_str(&w, NULL, rows[i].object_uri);
		TRY(json_out_done(&w, &text));
		add_item(k, &o, text);
		k->after = rows[i].id;
	}
	return k->n ? write_text(c, k->file, out_view(&o)) : 0;
}

static int next_likes(struct ctx *c, struct collection *k)
{
	const struct archive_mark_row *rows;

	TRY(q_archive_likes(c, c->identity_id, k->after, PORTION, &rows, &k->n));
	return write_marks(c, k, rows);
}

static int next_bookmarks(struct ctx *c, struct collection *k)
{
	const struct archive_mark_row *rows;

	TRY(q_archive_bookmarks(c, c->identity_id, k->after, PORTION, &rows, &k->n));
	return write_marks(c, k, rows);
}

static int next_portion(struct ctx *c, void *arg)
{
	struct collection *k = arg;

	TRY(k->next(c, k));
	return tell_progress(c, k->packing);
}

static int write_items(struct ctx *c, struct collection *k)
{
	k->after = 0;
	do
		TRY(in_portion(c, next_portion, k));
	while (k->n == PORTION);
	return 0;
}

static int scratch(struct ctx *c, FILE **ret)
{
	int fd;

	TRY(store_scratch(c->media->store, &fd));
	*ret = fdopen(fd, "w+");
	if (!*ret)
		close(fd);
	return *ret ? 0 : -ENOMEM;
}

static const struct document {
	const char *name;
	int (*next[3])(struct ctx *c, struct collection *k); /* what is in it, NULL-ended */
} documents[] = {
	{ "outbox.json", { next_posts, next_boosts, NULL } },
	{ "likes.json", { next_likes, NULL } },
	{ "bookmarks.json", { next_bookmarks, NULL } },
};

static int pack_collection(struct ctx *c, struct packing *p, const struct document *d)
{
	FILE *file cleanup(file_closep) = NULL;
	struct collection k = { .packing = p };

	TRY(scratch(c, &file));
	k.file = file;
	TRY(write_text(c, file,
		       str_fmt(c->arena,
			       "{\"@context\":%.*s,\"id\":\"%s\",\"type\":\"OrderedCollection\","
			       "\"orderedItems\":[\n",
			       STR_ARG(ap_context), d->name)));
	for (size_t i = 0; d->next[i]; i++) {
		k.next = d->next[i];
		TRY(write_items(c, &k));
	}
	TRY(write_text(c, file, STR("\n]}\n")));
	return pack_add_file(c, p->pack, d->name, fileno(file), true);
}

/* Files */

static void file_leave(struct media_file *f)
{
	media_close(&f->fd);
}

/* What is stored under a name, as a file of the archive. One that is gone is missing, and no more. */
static int pack_stored(struct ctx *c, struct packing *p, str stored, const char *name)
{
	struct media_file f cleanup(file_leave) = { .fd = -1 };
	struct stat s;
	int result = media_open_own(c, stored, &f);

	if (result == E_NOT_FOUND || (!result && fstat(f.fd, &s))) {
		p->missing++;
		return 0;
	}
	TRY(result);
	if (p->bytes + s.st_size > ARCHIVE_BYTES) {
		p->missing++;
		return 0;
	}
	p->bytes += s.st_size;
	return pack_add_file(c, p->pack, name, f.fd, false);
}

struct files {
	struct packing *packing;
	char after[128]; /* the name that was packed last */
	size_t n;
};

static int next_files(struct ctx *c, void *arg)
{
	struct files *k = arg;
	const struct archive_file_row *rows;

	TRY(q_archive_files(c, c->identity_id, str_c(k->after), PORTION, &rows, &k->n));
	for (size_t i = 0; i < k->n; i++) {
		str name = str_cat(c->arena, STR(POST_ARCHIVED_MEDIA), rows[i].file);

		TRY(pack_stored(c, k->packing, rows[i].file, name.p));
		k->packing->done++;
		snprintf(k->after, sizeof(k->after), "%.*s", STR_ARG(rows[i].file));
	}
	return tell_progress(c, k->packing);
}

static int pack_files(struct ctx *c, struct packing *p)
{
	struct files k = { .packing = p };

	do
		TRY(in_portion(c, next_files, &k));
	while (k.n == PORTION);
	return 0;
}

/* "avatar.png": a stored file's ending behind what it is; empty without one. */
static str portrait_name(struct ctx *c, const char *what, str file)
{
	size_t dot = str_find_char_last(file, '.');

	return dot == SIZE_MAX ? STR("")
			       : str_fmt(c->arena, "%s%.*s", what, STR_ARG(str_from(file, dot)));
}

static int pack_portrait(struct ctx *c, struct packing *p, str file, str name)
{
	return name.n ? pack_stored(c, p, file, name.p) : 0;
}

/* The actor as others see it, but for what lies beside it. */
static int pack_actor(struct ctx *c, struct packing *p)
{
	struct identity_row self = *p->self;
	const struct archive_portraits_row *files;
	struct json_out w;
	str text;

	TRY(q_archive_portraits(c, self.id, &files));
	self.icon_uri = portrait_name(c, "avatar", files->icon_file);
	self.image_uri = portrait_name(c, "header", files->image_file);
	self.outbox_uri = STR("outbox.json");
	json_out_init(&w, c->arena, ITEM_LIMIT);
	TRY(identity_write_ap(c, &self, &w));
	TRY(json_out_done(&w, &text));
	text = str_fmt(c->arena,
		       "%.*s,\"likes\":\"likes.json\",\"bookmarks\":\"bookmarks.json\"}\n",
		       STR_ARG(str_slice(text, 0, text.n - 1)));
	TRY(pack_add(c, p->pack, "actor.json", text, true));
	TRY(pack_portrait(c, p, files->icon_file, self.icon_uri));
	return pack_portrait(c, p, files->image_file, self.image_uri);
}

static int pack_tables(struct ctx *c, struct packing *p)
{
	for (const struct export_kind *k = export_kinds; k->name; k++) {
		const struct export_kind *kind;
		str text;

		TRY(export_write(c, str_c(k->name), &kind, &text));
		TRY(pack_add(c, p->pack, kind->file, text, true));
	}
	return 0;
}

static int pack_all(struct ctx *c, struct packing *p, int fd)
{
	struct pack *pack cleanup(pack_freep) = NULL;
	const struct archive_counts_row *n;

	TRY(q_archive_counts(c, c->identity_id, &n));
	p->total = n->posts + n->files;
	TRY(pack_new(fd, c->now, &pack));
	p->pack = pack;
	TRY(tell_progress(c, p));
	TRY(pack_actor(c, p));
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++)
		TRY(pack_collection(c, p, &documents[i]));
	TRY(pack_tables(c, p));
	TRY(pack_files(c, p));
	return pack_done(c, pack);
}

struct ending {
	const struct packing *packing;
	str file;
	size_t size;
};

static int finish(struct ctx *c, void *arg)
{
	struct ending *e = arg;

	TRY(q_archive_finish(c, e->file, (int64_t)e->size, e->packing->missing, e->packing->id,
			     NULL));
	if (!mail_is_on(c))
		return 0;
	return q_archive_tell(c, e->packing->id, random_token(c->arena, MESSAGE_KEY), NULL);
}

static int store(struct ctx *c, const struct packing *p, int fd)
{
	struct media_input in cleanup(media_input_done) = { .fd = -1 };
	struct ending e = { .packing = p };
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (own < 0)
		return -errno;
	TRY(media_input_of_fd(own, &in));
	e.size = in.view.bytes.n;
	TRY(media_need_room(c, e.size));
	TRY(media_keep_archive(c, in.view.bytes, &e.file));
	return db_transaction(c, finish, &e);
}

static int make(struct ctx *c, struct packing *p)
{
	int fd cleanup(media_close) = -1;

	TRY(q_identity_by_id(c, c->identity_id, &p->self));
	if (p->self->deleted)
		return fail(c, E_GONE, "the account is gone");
	TRY(media_need_room(c, 0));
	TRY(store_scratch(c->media->store, &fd));
	TRY(pack_all(c, p, fd));
	return store(c, p, fd);
}

int archive_pack(struct ctx *c, int64_t id, const char **ret_state)
{
	struct packing p = { .id = id };
	const struct archive_row *row;
	int result;

	TRY(q_archive_for_job(c, id, &row));
	c->identity_id = row->identity_id;
	/* Packed before, and the note of it was lost. */
	result = row->file.n ? 0 : make(c, &p);
	if (result < 0 || (result && err_is_transient(result)))
		return result;
	if (result)
		TRY(q_archive_explain(c, str_clip(ctx_words(c, result), REASON_LIMIT), id, NULL));
	*ret_state = result ? "failed" : "ready";
	return 0;
}
