/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: n < room whenever room is not 0, so that a NUL always fits behind the bytes.
 */
#include "base/out.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

#define FIRST_ROOM 256

void out_init(struct out *o, struct arena *a, size_t limit)
{
	*o = (struct out){ .arena = a, .limit = limit };
}

static bool grow(struct out *o, size_t more)
{
	size_t room = o->room ? o->room : FIRST_ROOM;
	char *p;

	if (o->failed || more > o->limit || o->n > o->limit - more) {
		o->failed = true;
		return false;
	}
	if (o->n + more < o->room)
		return true;
	while (room <= o->n + more)
		room *= 2;
	p = arena_alloc(o->arena, room);
	if (o->n)
		memcpy(p, o->p, o->n);
	o->p = p;
	o->room = room;
	return true;
}

void out_str(struct out *o, str s)
{
	if (s.n == 0 || !grow(o, s.n))
		return;
	memcpy(o->p + o->n, s.p, s.n);
	o->n += s.n;
}

void out_c(struct out *o, const char *z)
{
	out_str(o, str_c(z));
}

void out_char(struct out *o, char ch)
{
	out_str(o, (str){ &ch, 1 });
}

void out_i64(struct out *o, int64_t value)
{
	out_fmt(o, "%lld", (long long)value);
}

void out_fmt(struct out *o, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	out_vfmt(o, format, args);
	va_end(args);
}

void out_vfmt(struct out *o, const char *format, va_list args)
{
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0) {
		o->failed = true;
		return;
	}
	if (!grow(o, (size_t)n))
		return;
	if (n)
		vsnprintf(o->p + o->n, (size_t)n + 1, format, args);
	o->n += (size_t)n;
}

void out_truncate(struct out *o, size_t n)
{
	if (n < o->n)
		o->n = n;
}

str out_view(const struct out *o)
{
	return (str){ o->p ? o->p : "", o->n };
}

int out_done(struct out *o, str *ret)
{
	if (o->failed)
		return E_TOO_LARGE;
	if (o->p)
		o->p[o->n] = 0;
	*ret = out_view(o);
	return 0;
}
