/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * context: where a suspended flow of control goes on, and the switch between two of them. It
 * knows nothing of loops, fibers or sanitizers. x86-64 and aarch64 have a few instructions of
 * their own; every other machine uses ucontext, whose two system calls a switch they avoid.
 */
#ifndef LOOP_CONTEXT_H
#define LOOP_CONTEXT_H

#include <stddef.h>

/* Own instructions know no shadow stack, so a build that may run with one takes ucontext too. */
#if defined(__CET__)
#if __CET__ & 2
#define CONTEXT_SHADOW_STACK 1
#endif
#endif

#if !defined(CONTEXT_UCONTEXT)
#if (defined(__x86_64__) && defined(__LP64__) && !defined(CONTEXT_SHADOW_STACK)) || \
	(defined(__aarch64__) && defined(__LP64__) && !defined(__AARCH64EB__))
#define CONTEXT_UCONTEXT 0
#else
#define CONTEXT_UCONTEXT 1
#endif
#endif

#if CONTEXT_UCONTEXT
#include <ucontext.h>

struct context {
	ucontext_t saved;
};
#else
struct context {
	void *sp; /* the other registers lie on the stack it points to */
};

/* Keeps the registers on this stack and its pointer in *from; returns into the frame at to. */
void loop_context_swap(void **from, void *to);
#endif

/* Makes c begin entry() on the stack of size bytes at low. entry may not return. */
void context_init(struct context *c, void *low, size_t size, void (*entry)(void));

/*
 * Keeps the present flow in from and goes on with to; returns when somebody switches back. Inline,
 * because ThreadSanitizer counts calls and returns, and those must be of one fiber.
 */
static inline __attribute__((always_inline)) void context_switch(struct context *from,
								 struct context *to)
{
#if CONTEXT_UCONTEXT
	swapcontext(&from->saved, &to->saved);
#else
	loop_context_swap(&from->sp, to->sp);
#endif
}

#endif
