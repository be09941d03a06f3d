/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Arena: memory of one unit of work. Allocations are never freed singly; the whole arena is reset
 * or freed at the end of the request, job or command. In sanitizer builds each allocation is a
 * malloc of its own, so that AddressSanitizer sees every overflow.
 *
 * An arena is used by one thread at a time. Running out of memory ends the process: the limits at
 * the doors (body bytes, rows, fetched bytes) bound what a stranger can make us allocate, so only
 * a machine without memory gets there, and every unit of work survives a restart.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/attr.h"

struct arena;

/* A new, empty arena; free with arena_free. */
struct arena *arena_new(void) must_check;

/* Gives everything back, the arena itself included. NULL is allowed. */
void arena_free(struct arena *a);

/* cleanup() form of arena_free. */
void arena_freep(struct arena **a);

/* Forgets all allocations and keeps one block for the next use. */
void arena_reset(struct arena *a);

/* size bytes, zeroed, aligned for any type; never NULL. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((malloc, returns_nonnull));

/* Room for n elements of size bytes each; an overflowing product ends the process. */
void *arena_array(struct arena *a, size_t n, size_t size) __attribute__((returns_nonnull));

/* A copy of n bytes, with a NUL behind them that n does not count. */
char *arena_copy(struct arena *a, const void *p, size_t n) __attribute__((returns_nonnull));

/* Bytes handed out since the last reset, for tests and the memory bench. */
size_t arena_used(const struct arena *a);

#define arena_new_of(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif
