/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the error message lives in the ctx's arena, so it is gone with the unit of work.
 */
#include "base/ctx.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/out.h"

#define ERROR_LIMIT 4096

/* It only has to be distinct: a short read is as good as a long one. */
static int64_t new_id(void)
{
	int64_t id = 0;

	if (getrandom(&id, sizeof(id), GRND_NONBLOCK) < 0)
		id = clock_mono();
	return id ? id : 1;
}

static void put_id(char *ret, int64_t id)
{
	snprintf(ret, sizeof(((struct ctx *)NULL)->trace), "%016llx", (unsigned long long)id);
}

void ctx_begin(struct ctx *c, int64_t trace, int64_t parent)
{
	if (!trace)
		return;
	put_id(c->trace, trace);
	put_id(c->span, trace);
	c->parent[0] = 0;
	if (parent)
		put_id(c->parent, parent);
}

void ctx_follow(struct ctx *c, int64_t trace)
{
	if (!trace)
		return;
	put_id(c->trace, trace);
	put_id(c->span, new_id());
	put_id(c->parent, trace);
}

void ctx_init(struct ctx *c, struct arena *a)
{
	memset(c, 0, sizeof(*c));
	c->arena = a;
	c->now = clock_real();
	ctx_begin(c, new_id(), 0);
}

str trace_text(struct arena *a, int64_t trace)
{
	return trace ? str_fmt(a, "%016llx", (unsigned long long)trace) : STR("");
}

int fail(struct ctx *c, int err, const char *format, ...)
{
	struct out o;
	va_list args;

	out_init(&o, c->arena, ERROR_LIMIT);
	va_start(args, format);
	out_vfmt(&o, format, args);
	va_end(args);
	if (out_done(&o, &c->error))
		c->error = STR("the message is too long");
	c->is_inner = false;
	c->error_field = NULL;
	return err;
}

int fail_at(struct ctx *c, const char *field, int err)
{
	if (err > 0 && !c->error_field)
		c->error_field = field;
	return err;
}

int fail_at_row(struct ctx *c, const char *field, size_t number, int err)
{
	return err > 0 ? fail_at(c, str_z(c->arena, str_fmt(c->arena, "%s%zu", field, number)), err)
		       : err;
}

int fail_row(struct ctx *c, const char *statement)
{
	fail(c, E_NOT_FOUND, "%s: no such row", statement);
	c->is_inner = true;
	return E_NOT_FOUND;
}

str ctx_error(const struct ctx *c, int err)
{
	return str_is_null(c->error) ? str_c(err_name(err)) : c->error;
}

str ctx_words(const struct ctx *c, int err)
{
	return c->is_inner ? STR("Record not found") : ctx_error(c, err);
}
