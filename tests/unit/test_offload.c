/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What fibers share: slots, and the threads behind offload. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/in_fiber.h"

/* Slots */

static struct slots slots;
static unsigned inside, most_inside;
static char served[64];

static void use_slot(void *arg)
{
	CHECK(slots_take(&slots, 0) == 0);
	inside++;
	if (inside > most_inside)
		most_inside = inside;
	strcat(served, arg);
	fiber_sleep(300);
	inside--;
	slots_give(&slots);
}

static void slots_main(void *arg unused)
{
	static char names[] = "a\0b\0c\0d\0e\0f\0g\0h";

	slots_init(&slots, 3);
	*served = 0;
	most_inside = 0;
	for (size_t i = 0; i < sizeof(names); i += 2)
		spawn(use_slot, &names[i]);
	join_others();
	CHECK(most_inside == 3);
	CHECK(strcmp(served, "abcdefgh") == 0);
	CHECK(slots.free == 3 && !slots.first);
}

static void test_slots_in_turn(void **state unused)
{
	run_in_fiber(slots_main, NULL);
}

/* Who gives a slot back and wants one again stands behind those who wait. */
static void greedy_main(void *arg unused)
{
	slots_init(&slots, 1);
	*served = 0;
	CHECK(slots_take(&slots, 0) == 0);
	spawn(use_slot, (char[]){ "x" });
	spawn(use_slot, (char[]){ "y" });
	fiber_yield();
	slots_give(&slots);
	use_slot((char[]){ "me" });
	CHECK(strcmp(served, "xyme") == 0);
	join_others();
}

static void test_slots_are_fair(void **state unused)
{
	run_in_fiber(greedy_main, NULL);
}

struct impatient {
	usec patience;
	int result;
};

static void take_impatiently(void *arg)
{
	struct impatient *i = arg;

	i->result = slots_take(&slots, in(i->patience));
	if (!i->result)
		slots_give(&slots);
}

/* The first, the middle and the last of the queue give up, in that order. */
static void timeout_main(void *arg unused)
{
	struct impatient all[5] = {
		{ 1000, 1 }, { USEC_MINUTE, 1 }, { 2000, 1 }, { USEC_MINUTE, 1 }, { 3000, 1 },
	};

	slots_init(&slots, 1);
	CHECK(slots_take(&slots, 0) == 0);
	for (int i = 0; i < 5; i++)
		spawn(take_impatiently, &all[i]);
	fiber_sleep(8000);
	CHECK(slots_take(&slots, in(1)) == -ETIMEDOUT);
	slots_give(&slots);
	join_others();
	for (int i = 0; i < 5; i++)
		CHECK(all[i].result == (i % 2 ? 0 : -ETIMEDOUT));
	CHECK(slots.free == 1 && !slots.first && !slots.last);
}

static void test_slots_timeout(void **state unused)
{
	run_in_fiber(timeout_main, NULL);
}

/* Offload */

struct sum {
	pthread_t loop_thread;
	unsigned n;
	unsigned long sum;
	bool elsewhere;
};

static void add_up(void *arg)
{
	struct sum *s = arg;

	s->elsewhere = !pthread_equal(s->loop_thread, pthread_self());
	CHECK(!loop_current());
	for (unsigned i = 1; i <= s->n; i++)
		s->sum += i;
}

static unsigned long total(unsigned n)
{
	return (unsigned long)n * (n + 1) / 2;
}

static void offload_one(void *arg)
{
	struct sum s = { .loop_thread = pthread_self() };

	for (unsigned i = 0; i < 5; i++) {
		s.n = (unsigned)(uintptr_t)arg + i;
		s.sum = 0;
		offload(add_up, &s);
		CHECK(s.sum == total(s.n));
		CHECK(s.elsewhere);
	}
}

static void offload_main(void *arg unused)
{
	for (uintptr_t i = 0; i < 200; i++)
		spawn(offload_one, (void *)(i * 10));
	join_others();
}

static void *offload_thread(void *arg)
{
	return (void *)(intptr_t)fiber_main(offload_main, arg);
}

static void test_offload_from_two_loops(void **state unused)
{
	pthread_t threads[2];
	void *result;

	failure = NULL;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, offload_thread, NULL), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_null(result);
	}
	report();
}

static void test_offload_outside(void **state unused)
{
	struct sum s = { .loop_thread = pthread_self(), .n = 10 };

	offload(add_up, &s);
	assert_int_equal(s.sum, total(10));
	assert_false(s.elsewhere);
}

static atomic_uint turns_taken;

/* As long as the loop needs for some turns; one that stands still never takes them. */
static void take_time(void *arg unused)
{
	for (int i = 0; turns_taken < 3 && i < 60000; i++)
		usleep(1000);
}

static void offload_slowly(void *arg)
{
	offload(take_time, NULL);
	*(bool *)arg = true;
}

/* The loop goes on while a job runs; a wake does not end the job's wait. */
static void undisturbed_main(void *arg unused)
{
	bool done = false;

	spawn(offload_slowly, &done);
	while (!done) {
		fiber_sleep(500);
		turns_taken++;
	}
	CHECK(turns_taken >= 3);
}

static void test_offload_leaves_the_loop_alone(void **state unused)
{
	run_in_fiber(undisturbed_main, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots_in_turn),
		cmocka_unit_test(test_slots_are_fair),
		cmocka_unit_test(test_slots_timeout),
		cmocka_unit_test(test_offload_outside),
		cmocka_unit_test(test_offload_from_two_loops),
		cmocka_unit_test(test_offload_leaves_the_loop_alone),
	};

	offload_set_threads(3);
	return cmocka_run_group_tests_name("offload", tests, NULL, NULL);
}
