/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what cannot be read is not there. */
#include "provisioning/versions.h"

#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/table.h"
#include "model/settings.h"

#define STATE_LIMIT 4096

static const struct member {
	const char *name;
	size_t offset;
	const char *says; /* to people, behind the version; NULL: nothing */
} members[] = {
	{ "running", offsetof(struct versions, running), NULL },
	{ "next", offsetof(struct versions, next), "runs from the next start on" },
	{ "left", offsetof(struct versions, left), "was left; it comes back by: rookery rollback" },
	{ "failed", offsetof(struct versions, failed),
	  "did not work and was left: rookery doctor" },
	{ "offered", offsetof(struct versions, offered), "is there: rookery update" },
};

static str *value_of(struct versions *v, const struct member *m)
{
	return (str *)((char *)v + m->offset);
}

static void read_line(struct versions *v, str line)
{
	str name;

	if (!str_cut(&line, ' ', &name))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (str_eq_c(name, members[i].name))
			*value_of(v, &members[i]) = line;
}

void versions_read(struct ctx *c, struct versions *ret)
{
	FILE *f = fopen(c->settings->versions_path, "re");
	char *text = arena_array(c->arena, STATE_LIMIT, 1);
	str rest, line;

	*ret = (struct versions){ .running = STR_NULL };
	if (!f)
		return;
	rest = (str){ text, fread(text, 1, STATE_LIMIT, f) };
	fclose(f);
	while (str_cut(&rest, '\n', &line))
		read_line(ret, line);
}

void versions_put(const struct versions *v, struct json_out *w)
{
	struct versions all = *v;

	if (str_is_null(v->running))
		return;
	json_open_object(w, "versions");
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		str value = *value_of(&all, &members[i]);

		if (!str_is_null(value))
			json_put_str(w, members[i].name, value);
	}
	json_close_object(w);
}

void versions_print(const struct json *versions, struct out *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		str value = json_get_str(versions, members[i].name);

		if (members[i].says && value.n)
			out_fmt(o, "version:   %.*s %s\n", STR_ARG(value), members[i].says);
	}
}
