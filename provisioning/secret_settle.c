/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * From secrets to units. Invariant: a drop-in is made of unit files and sealed secrets alone, so it can be made again at any
 * time; it sets what LoadCredential= of the unit finds no file for (SetCredentialEncrypted=).
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/fd.h"
#include "model/settings.h"
#include "provisioning/logs.h"
#include "provisioning/machine.h"
#include "provisioning/secret_part.h"

#define USES_LIMIT 256
#define LINE_LIMIT 1024
#define DROP_IN "50-rookery-secrets.conf"
#define OF_OPERATOR "rookery-operator.service" /* what commands take theirs from */

struct uses {
	struct secret_use *all;
	size_t n;
};

/* As they are written in the units of this project; anything else is somebody else's. */
static bool is_name(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
		      s.p[i] == '_' || s.p[i] == '.'))
			return false;
	return s.n > 0 && s.p[0] != '.';
}

static void read_line(struct ctx *c, str unit, str line, struct uses *u)
{
	const str key = STR("LoadCredential="), ours = STR("rookery.");
	str id, name = str_trim(line);

	if (!str_starts(name, key))
		return;
	name = str_from(name, key.n);
	if (!str_cut(&name, ':', &id) || !is_name(id) || !str_starts(name, ours))
		return;
	name = str_from(name, ours.n);
	if (is_name(name) && u->n < USES_LIMIT)
		u->all[u->n++] =
			(struct secret_use){ unit, str_dup(c->arena, id), str_dup(c->arena, name) };
}

static void read_unit(struct ctx *c, const char *path, struct uses *u)
{
	str unit = str_c(strrchr(path, '/') + 1);
	FILE *f = fopen(path, "re");
	char line[LINE_LIMIT];

	unit = str_dup(c->arena, unit);
	while (f && fgets(line, sizeof(line), f))
		read_line(c, unit, str_c(line), u);
	if (f)
		fclose(f);
}

static bool is_hidden(const struct uses *u, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(u->all[i].unit, str_c(strrchr(path, '/') + 1)))
			return true;
	return false;
}

static void read_directory(struct ctx *c, str directory, struct uses *u)
{
	const char *pattern = str_fmt(c->arena, "%.*s/rookery-*.service", STR_ARG(directory)).p;
	glob_t found = { .gl_pathc = 0 };
	size_t before = u->n;

	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			if (!is_hidden(u, before, found.gl_pathv[i]))
				read_unit(c, found.gl_pathv[i], u);
	globfree(&found);
}

static int by_name(const void *a, const void *b)
{
	const struct secret_use *x = a, *y = b;
	int order = str_cmp(x->name, y->name);

	return order ? order : str_cmp(x->unit, y->unit);
}

int secret_uses(struct ctx *c, const struct secret_use **ret, size_t *ret_n)
{
	struct uses u = { .all = arena_array(c->arena, USES_LIMIT, sizeof(*u.all)) };
	str directories = str_c(c->settings->units_path), directory;

	while (str_cut(&directories, ':', &directory))
		read_directory(c, directory, &u);
	if (!u.n)
		return fail(c, E_NOT_FOUND,
			    "no unit of ours that takes secrets is in any of units_path, %s",
			    c->settings->units_path);
	qsort(u.all, u.n, sizeof(*u.all), by_name);
	*ret = u.all;
	*ret_n = u.n;
	return 0;
}

/* One secret on its way into units. */
struct item {
	str name;
	str sealed; /* base64; null: units get none of it from here */
	str plain; /* of the next one to be written as a plain file; null: none */
	bool goes; /* the plain file that was seen, at the end */
	struct stat seen;
};

struct settling {
	struct ctx *c;
	int lock;
	const struct secret_use *uses;
	size_t n_uses;
	struct item *items; /* sorted */
	size_t n;
	struct secret_settled *ret;
	struct out broken;
};

static int open_settling(struct ctx *c, struct secret_settled *ret, struct settling *s)
{
	*ret = (struct secret_settled){ 0 };
	*s = (struct settling){ .c = c, .ret = ret, .lock = -1 };
	TRY(secret_uses(c, &s->uses, &s->n_uses));
	s->items = arena_array(c->arena, s->n_uses, sizeof(*s->items));
	for (size_t i = 0; i < s->n_uses; i++)
		if (!s->n || !str_eq(s->items[s->n - 1].name, s->uses[i].name))
			s->items[s->n++].name = s->uses[i].name;
	out_init(&s->broken, c->arena, 4096);
	return secret_lock(c, &s->lock);
}

static int end_settling(struct settling *s, int result)
{
	close_fd(&s->lock);
	return result;
}

static struct item *item_of(const struct settling *s, str name)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->items[i].name, name))
			return &s->items[i];
	return NULL;
}

static str words_of(struct settling *s, int result)
{
	return str_dup(s->c->arena, ctx_error(s->c, result));
}

static const char *before_path(const struct settling *s, str name)
{
	return str_fmt(s->c->arena, "%s.before", secret_sealed_path(s->c, name)).p;
}

/* Whoever set the wrong one finds what was there; a passphrase of backups is nothing that can be made again. */
static int keep_before(struct settling *s, const struct item *item, str value)
{
	const char *path = secret_sealed_path(s->c, item->name);
	str old, before;

	if (secret_file_read(s->c, path, &old, NULL))
		return 0;
	if (secret_open(s->c, old, &before) == 0 && str_eq(before, value))
		return 0;
	return secret_file_write(s->c, before_path(s, item->name), old, 0600);
}

static int seal(struct settling *s, struct item *item, str value)
{
	str text;

	TRY(secret_seal(s->c, value, &text));
	TRY(keep_before(s, item, value));
	TRY(secret_file_write(s->c, secret_sealed_path(s->c, item->name), text, 0600));
	item->sealed = text;
	return 0;
}

static int seal_plain(struct settling *s, struct item *item)
{
	str value;

	TRY(secret_file_read(s->c, secret_plain_path(s->c, item->name), &value, &item->seen));
	TRY(seal(s, item, value));
	item->goes = true;
	s->ret->sealed++;
	return 0;
}

/* What cannot be opened is left out of units, which would not start with it. */
static int take_sealed(struct settling *s, struct item *item)
{
	str text, value;
	int result = secret_file_read(s->c, secret_sealed_path(s->c, item->name), &text, NULL);

	if (result == E_NOT_FOUND)
		return 0;
	if (!result)
		result = secret_open(s->c, text, &value);
	if (!result) {
		item->sealed = text;
		return 0;
	}
	s->ret->why = words_of(s, result);
	out_fmt(&s->broken, "%s%.*s", s->broken.n ? " " : "", STR_ARG(item->name));
	return 0;
}

static int take(struct settling *s, struct item *item, bool may_seal)
{
	int result;

	if (!str_is_null(item->sealed) || !str_is_null(item->plain))
		return 0;
	/* One that is hidden by a plain file was for what stood there before. */
	if (!secret_is_file(secret_plain_path(s->c, item->name)))
		return take_sealed(s, item);
	result = may_seal ? seal_plain(s, item) : 0;
	if (result)
		s->ret->left = words_of(s, result);
	return 0;
}

/* Empty when nothing of the unit's is sealed. */
static str drop_in_of(const struct settling *s, str unit)
{
	struct out o;

	out_init(&o, s->c->arena, 1 << 20);
	for (size_t i = 0; i < s->n_uses; i++) {
		str sealed = item_of(s, s->uses[i].name)->sealed;

		if (!str_eq(s->uses[i].unit, unit) || str_is_null(sealed))
			continue;
		if (!o.n)
			out_c(&o,
			      "# Made by \"rookery secret\", which see; good on this machine alone.\n[Service]\n");
		out_fmt(&o, "SetCredentialEncrypted=%.*s:%.*s\n", STR_ARG(s->uses[i].id),
			STR_ARG(sealed));
	}
	return out_view(&o);
}

static int put_drop_in(struct settling *s, str unit)
{
	str own = str_c(s->c->settings->units_path), directory, text = drop_in_of(s, unit), old;
	const char *path;
	int result;

	str_cut(&own, ':', &directory);
	path = str_fmt(s->c->arena, "%.*s/%.*s.d/" DROP_IN, STR_ARG(directory), STR_ARG(unit)).p;
	result = secret_file_read(s->c, path, &old, NULL);
	if (result == E_NOT_FOUND ? !text.n : !result && str_eq(old, text))
		return 0;
	s->ret->changed = true;
	return text.n ? secret_file_write(s->c, path, text, 0644) : secret_file_remove(s->c, path);
}

static int put_drop_ins(struct settling *s)
{
	for (size_t i = 0; i < s->n_uses; i++)
		TRY(put_drop_in(s, s->uses[i].unit));
	return 0;
}

/* The operator's commands hear of it at once, services when they are started. */
static int tell_systemd(struct settling *s)
{
	static const char *const reload[] = { "systemctl", "daemon-reload", NULL };
	static const char *const again[] = { "systemctl", "--no-block", "try-restart", OF_OPERATOR,
					     NULL };
	str said;

	if (!s->ret->changed || !logs_has_journal())
		return 0;
	TRY(machine_run(s->c, reload, &said));
	return machine_run(s->c, again, &said);
}

/* Not one that somebody put there meanwhile: the next settling takes it. */
static int drop_plain(struct settling *s, const struct item *item)
{
	const char *path = secret_plain_path(s->c, item->name);
	struct stat st;

	if (stat(path, &st) || st.st_ino != item->seen.st_ino ||
	    st.st_mtim.tv_sec != item->seen.st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != item->seen.st_mtim.tv_nsec)
		return 0;
	return secret_file_remove(s->c, path);
}

static int settle(struct settling *s, bool may_seal)
{
	for (size_t i = 0; i < s->n; i++)
		TRY(take(s, &s->items[i], may_seal));
	s->ret->broken = out_view(&s->broken);
	TRY(put_drop_ins(s));
	TRY(tell_systemd(s));
	for (size_t i = 0; i < s->n; i++)
		if (s->items[i].goes)
			TRY(drop_plain(s, &s->items[i]));
	return 0;
}

int secret_settle(struct ctx *c, bool may_seal, struct secret_settled *ret)
{
	struct settling s;
	int result = open_settling(c, ret, &s);

	return end_settling(&s, result ? result : settle(&s, may_seal));
}

static int put(struct settling *s, str name, str value, bool plain)
{
	struct item *item = item_of(s, name);
	const char *path = secret_plain_path(s->c, name);
	int result = plain ? 0 : seal(s, item, value);

	if (result)
		s->ret->left = words_of(s, result);
	if (plain || result)
		TRY(secret_file_write(s->c, path, value, 0600));
	else if (stat(path, &item->seen) == 0)
		item->goes = true;
	return settle(s, false);
}

int secret_put(struct ctx *c, str name, str value, bool plain, struct secret_settled *ret)
{
	struct settling s;
	int result = open_settling(c, ret, &s);

	return end_settling(&s, result ? result : put(&s, name, value, plain));
}

static int remove_all(struct settling *s, str name)
{
	TRY(secret_file_remove(s->c, before_path(s, name)));
	TRY(secret_file_remove(s->c, secret_sealed_path(s->c, name)));
	TRY(secret_file_remove(s->c, secret_plain_path(s->c, name)));
	return settle(s, false);
}

int secret_remove(struct ctx *c, str name, struct secret_settled *ret)
{
	struct settling s;
	int result = open_settling(c, ret, &s);

	return end_settling(&s, result ? result : remove_all(&s, name));
}

/* All are opened before the first one is written. */
static int unseal(struct settling *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct item *item = &s->items[i];

		if (!secret_is_file(secret_plain_path(s->c, item->name)) &&
		    secret_is_file(secret_sealed_path(s->c, item->name)))
			TRY(secret_read(s->c, item->name, &item->plain));
	}
	for (size_t i = 0; i < s->n; i++) {
		const struct item *item = &s->items[i];

		if (str_is_null(item->plain))
			continue;
		TRY(secret_file_write(s->c, secret_plain_path(s->c, item->name), item->plain,
				      0600));
		TRY(secret_file_remove(s->c, secret_sealed_path(s->c, item->name)));
		s->ret->plain++;
	}
	return settle(s, false);
}

int secret_unseal(struct ctx *c, struct secret_settled *ret)
{
	struct settling s;
	int result = open_settling(c, ret, &s);

	return end_settling(&s, result ? result : unseal(&s));
}
