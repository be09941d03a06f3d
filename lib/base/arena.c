/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: blocks form a list, newest first; only the newest is bumped. A request that does not
 * fit a standard block gets a block of its own size.
 */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 16384
#define ALIGNMENT 16

#define ONE_MALLOC_EACH SANITIZE_ADDRESS

struct block {
	struct block *next;
	size_t size;
	size_t used;
	_Alignas(ALIGNMENT) char data[];
};

struct arena {
	struct block *head;
	size_t used;
};

static void *need(void *p)
{
	if (!p) {
		fputs("<2>out of memory\n", stderr);
		abort();
	}
	return p;
}

struct arena *arena_new(void)
{
	return need(calloc(1, sizeof(struct arena)));
}

static void blocks_free(struct block *b)
{
	while (b) {
		struct block *next = b->next;

		free(b);
		b = next;
	}
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	blocks_free(a->head);
	free(a);
}

void arena_freep(struct arena **a)
{
	arena_free(*a);
	*a = NULL;
}

void arena_reset(struct arena *a)
{
	struct block *keep = NULL;

	if (!ONE_MALLOC_EACH && a->head) {
		struct block **at = &a->head;

		while (*at && (*at)->size != BLOCK_SIZE)
			at = &(*at)->next;
		keep = *at;
		if (keep) {
			*at = keep->next;
			keep->next = NULL;
			keep->used = 0;
		}
	}
	blocks_free(a->head);
	a->head = keep;
	a->used = 0;
}

static struct block *block_add(struct arena *a, size_t size)
{
	struct block *b;
	size_t total;

	if (__builtin_add_overflow(sizeof(*b), size, &total))
		need(NULL);
	b = need(malloc(total));
	b->size = size;
	b->used = 0;
	/* A large block goes behind the current one, whose room is still wanted. */
	if (a->head && size > BLOCK_SIZE) {
		b->next = a->head->next;
		a->head->next = b;
	} else {
		b->next = a->head;
		a->head = b;
	}
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	struct block *b = a->head;
	void *p;

	if (rounded < size)
		need(NULL);
	if (ONE_MALLOC_EACH)
		b = block_add(a, size); /* exact, so that one byte too far is seen */
	else if (!b || b->size - b->used < rounded)
		b = block_add(a, rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE);
	p = b->data + b->used;
	b->used += ONE_MALLOC_EACH ? size : rounded;
	a->used += size;
	return memset(p, 0, size);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		need(NULL);
	return arena_alloc(a, total);
}

char *arena_copy(struct arena *a, const void *p, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	if (n)
		memcpy(copy, p, n);
	return copy;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}
