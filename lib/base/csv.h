/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * csv: tables as text (RFC 4180), read as leniently as programs write them: lines end with "\n" or "\r\n", a byte
 * order mark at the beginning is no cell, white space around a cell that has no quotes is none of it.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/out.h"
#include "base/str.h"

struct csv {
	struct arena *arena;
	str text;
	size_t at;
	size_t number; /* of the line that was read last, from 1 */
};

/* Reads text, which has to live as long as the cells do. */
void csv_init(struct csv *r, struct arena *a, str text);
/*
 * The cells of the next line; false at the end. Room for max of them, others of a line are left out; an empty line is one
 * empty cell.
 */
bool csv_next(struct csv *r, str *cells, size_t max, size_t *ret_n);

/* Writes a cell, in quotes where it needs them. */
void csv_put(struct out *o, str cell);
/* Writes a line. */
void csv_put_line(struct out *o, const str *cells, size_t n);

#endif
