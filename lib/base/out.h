/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * out: a growable byte buffer in an arena with a sticky error. Callers append freely and check
 * once, with out_done: appends beyond the limit set the error and are dropped.
 */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

struct out {
	struct arena *arena;
	char *p;
	size_t n;
	size_t room;
	size_t limit; /* bytes */
	bool failed;
};

/* An empty buffer that holds at most limit bytes. */
void out_init(struct out *o, struct arena *a, size_t limit);

void out_str(struct out *o, str s);
void out_c(struct out *o, const char *z);
void out_char(struct out *o, char ch);
void out_i64(struct out *o, int64_t value);
void out_fmt(struct out *o, const char *format, ...) printf_like(2, 3);
void out_vfmt(struct out *o, const char *format, va_list args) printf_like(2, 0);

/* Drops everything behind the first n bytes. */
void out_truncate(struct out *o, size_t n);

/* What was written so far, valid until the next append. */
str out_view(const struct out *o);

/* E_TOO_LARGE when the limit was hit; else the bytes, with a NUL behind them. */
int out_done(struct out *o, str *ret) must_check;

#endif
