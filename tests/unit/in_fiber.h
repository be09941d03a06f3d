/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Tests whose code runs in fibers. cmocka leaves a failed test by longjmp, which must not cross a
 * fiber's stack: fibers note the first failure with CHECK, and it is reported when the loop ended.
 */
#ifndef TESTS_UNIT_IN_FIBER_H
#define TESTS_UNIT_IN_FIBER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop/fiber.h"
#include "loop/loop.h"

static const char *failure;
static int failure_line;

#define CHECK(expr)                              \
	do {                                     \
		if (!(expr) && !failure) {       \
			failure = #expr;         \
			failure_line = __LINE__; \
		}                                \
	} while (0)

/* Fails the test when a CHECK failed. */
static inline void report(void)
{
	if (failure)
		fail_msg("line %d: %s", failure_line, failure);
}

static inline void run_in_fiber(void (*fn)(void *arg), void *arg)
{
	failure = NULL;
	assert_int_equal(fiber_main(fn, arg), 0);
	report();
}

static inline void spawn(void (*fn)(void *arg), void *arg)
{
	CHECK(fiber_spawn(loop_current(), fn, arg) == 0);
}

/* Waits for the end of all other fibers. */
static inline void join_others(void)
{
	while (fiber_count(loop_current()) > 1)
		fiber_yield();
}

static inline usec in(usec delay)
{
	return clock_mono() + delay;
}

#endif
