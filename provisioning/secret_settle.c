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
	bool goes; /* its plain file, at the end */
};

struct settling {
	struct ctx *c;
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
	*s = (struct settling){ .c = c, .ret = ret };
	TRY(secret_uses(c, &s->uses, &s->n_uses));
	s->items = arena_array(c->arena, s->n_uses, sizeof(*s->items));
	for (size_t i = 0; i < s->n_uses; i++)
		if (!s->n || !str_eq(s->items[s->n - 1].name, s->uses[i].name))
			s->items[s->n++].name = s->uses[i].name;
	out_init(&s->broken, c->arena, 4096);
	return 0;
}

/* In place only when this machine can open it again, and it is what it was. */
static int seal(struct settling *s, struct item *item)
{
	struct ctx *c = s->c;
	const char *plain = secret_plain_path(c, item->name),
		   *sealed = secret_sealed_path(c, item->name),
		   *fresh = str_fmt(c->arena, "%s.try", sealed).p;
	str text, value, again;
	int result;

	TRY(secret_file_read(c, plain, &value));
	TRY(secret_seal_file(c, plain, &text));
	TRY(secret_file_write(c, fresh, text, 0600));
	result = secret_open_file(c, fresh, &again);
	if (!result && !str_eq(value, again))
		result = fail(c, E_UNSUPPORTED, "what was sealed is not what was opened");
	unlink(fresh);
	TRY(result);
	TRY(secret_file_write(c, sealed, text, 0600));
	item->sealed = text;
	item->goes = true;
	s->ret->sealed++;
	return 0;
}

/* What cannot be opened is left out of units, which would not start with it. */
static int take_sealed(struct settling *s, struct item *item)
{
	const char *path = secret_sealed_path(s->c, item->name);
	str text, value;
	int result = secret_file_read(s->c, path, &text);

	if (result == E_NOT_FOUND)
		return 0;
	TRY(result);
	if (secret_open_file(s->c, path, &value))
		out_fmt(&s->broken, "%s%.*s", s->broken.n ? " " : "", STR_ARG(item->name));
	else
		item->sealed = str_trim(text);
	return 0;
}

static int take(struct settling *s, struct item *item, bool may_seal)
{
	bool is_plain = secret_is_file(secret_plain_path(s->c, item->name));
	int result = is_plain && may_seal ? seal(s, item) : 0;

	if (result)
		s->ret->left = str_dup(s->c->arena, ctx_error(s->c, result));
	/* One that is hidden by a plain file was for what stood there before. */
	return is_plain ? 0 : take_sealed(s, item);
}

static str sealed_of(const struct settling *s, str name)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->items[i].name, name))
			return s->items[i].sealed;
	return STR_NULL;
}

/* Empty when nothing of the unit's is sealed. */
static str drop_in_of(const struct settling *s, str unit)
{
	struct out o;

	out_init(&o, s->c->arena, 1 << 20);
	for (size_t i = 0; i < s->n_uses; i++) {
		str sealed = sealed_of(s, s->uses[i].name);

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
	result = secret_file_read(s->c, path, &old);
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

int secret_settle(struct ctx *c, bool may_seal, struct secret_settled *ret)
{
	struct settling s;

	TRY(open_settling(c, ret, &s));
	for (size_t i = 0; i < s.n; i++)
		TRY(take(&s, &s.items[i], may_seal));
	ret->broken = out_view(&s.broken);
	TRY(put_drop_ins(&s));
	TRY(tell_systemd(&s));
	for (size_t i = 0; i < s.n; i++)
		if (s.items[i].goes)
			TRY(secret_file_remove(c, secret_plain_path(c, s.items[i].name)));
	return 0;
}

int secret_unseal(struct ctx *c, size_t *ret_n)
{
	struct secret_settled done;
	struct settling s;

	*ret_n = 0;
	TRY(open_settling(c, &done, &s));
	for (size_t i = 0; i < s.n; i++) {
		if (secret_state(c, s.items[i].name) < SECRET_BY_TPM)
			continue;
		TRY(secret_read(c, s.items[i].name, &s.items[i].sealed));
		s.items[i].goes = true;
	}
	for (size_t i = 0; i < s.n; i++)
		if (s.items[i].goes) {
			TRY(secret_write(c, s.items[i].name, s.items[i].sealed));
			TRY(secret_file_remove(c, secret_sealed_path(c, s.items[i].name)));
			++*ret_n;
		}
	return secret_settle(c, false, &done);
}
