/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Fibers: turns, parking and waking, descriptors, many of them, and their stacks. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/in_fiber.h"

/* ThreadSanitizer has room for some thousand threads and fibers only. */
#define MANY (SANITIZE_THREAD ? 500 : 5000)

/* Basics */

static void main_note(void *arg)
{
	CHECK(fiber_self() != NULL);
	CHECK(fiber_count(loop_current()) == 1);
	*(int *)arg = 7;
}

static void test_main(void **state unused)
{
	int seen = 0;

	assert_null(fiber_self());
	run_in_fiber(main_note, &seen);
	assert_int_equal(seen, 7);
	assert_null(fiber_self());
	assert_null(loop_current());
}

static char turns[64];

static void take_turns(void *arg)
{
	for (int i = 0; i < 3; i++) {
		strcat(turns, arg);
		fiber_yield();
	}
}

static void yield_main(void *arg unused)
{
	*turns = 0;
	spawn(take_turns, (char[]){ "a" });
	spawn(take_turns, (char[]){ "b" });
	spawn(take_turns, (char[]){ "c" });
	join_others();
	CHECK(strcmp(turns, "abcabcabc") == 0);
}

static void test_yield(void **state unused)
{
	run_in_fiber(yield_main, NULL);
}

static void stop_then_work(void *arg)
{
	loop_stop(loop_current());
	CHECK(loop_is_stopping(loop_current()));
	fiber_sleep(2000);
	spawn(main_note, arg); /* the last to end is this one */
	fiber_sleep(2000);
}

static void test_stop_waits_for_fibers(void **state unused)
{
	struct loop *l;
	int seen = 0;

	failure = NULL;
	assert_int_equal(loop_new(&l), 0);
	assert_int_equal(fiber_spawn(l, stop_then_work, &seen), 0);
	assert_int_equal(fiber_count(l), 1);
	assert_int_equal(loop_run(l), 0);
	assert_int_equal(fiber_count(l), 0);
	assert_int_equal(seen, 7);
	loop_free(l);
}

/* Parking */

struct parked {
	struct fiber *fiber;
	usec deadline;
	bool ended, woken;
};

static void park_once(void *arg)
{
	struct parked *p = arg;

	p->fiber = fiber_self();
	p->woken = fiber_park(p->deadline);
	p->ended = true;
}

static void park_main(void *arg unused)
{
	struct parked p = { 0 };

	spawn(park_once, &p);
	for (int i = 0; i < 5; i++)
		fiber_yield();
	CHECK(!p.ended);
	fiber_wake(p.fiber);
	fiber_wake(p.fiber);
	CHECK(!p.ended);
	join_others();
	CHECK(p.woken);
}

static void test_park_and_wake(void **state unused)
{
	run_in_fiber(park_main, NULL);
}

static void deadline_main(void *arg unused)
{
	usec deadline = in(3000);

	CHECK(!fiber_park(deadline));
	CHECK(clock_mono() >= deadline);
	CHECK(!fiber_park(in(-USEC_SEC))); /* long past, yet others have a turn */
	CHECK(!fiber_park(1));
	fiber_wake(fiber_self());
	CHECK(fiber_park(1));
}

static void test_park_with_deadline(void **state unused)
{
	run_in_fiber(deadline_main, NULL);
}

/* Wakes that came while it ran, was ready, slept or waited are kept for the next park, as one. */
static void early_main(void *arg unused)
{
	struct fiber *me = fiber_self();
	int ends[2];

	fiber_wake(me);
	fiber_wake(me);
	CHECK(fiber_park(0));
	CHECK(!fiber_park(in(1000)));
	fiber_wake(me);
	fiber_yield();
	fiber_sleep(1000);
	CHECK(pipe(ends) == 0);
	CHECK(fiber_wait_fd(ends[0], EPOLLIN, in(1000)) == -ETIMEDOUT);
	CHECK(fiber_park(0));
	close(ends[0]);
	close(ends[1]);
}

static void test_early_wake(void **state unused)
{
	run_in_fiber(early_main, NULL);
}

struct sleeper {
	struct fiber *fiber;
	usec slept;
	bool woken;
};

static void sleep_then_park(void *arg)
{
	struct sleeper *s = arg;
	usec start = clock_mono();

	s->fiber = fiber_self();
	fiber_sleep(5000);
	s->slept = clock_mono() - start;
	s->woken = fiber_park(in(USEC_SEC));
}

static void sleep_main(void *arg unused)
{
	struct sleeper s = { 0 };

	spawn(sleep_then_park, &s);
	fiber_yield();
	fiber_wake(s.fiber); /* shortens the park, not the sleep */
	join_others();
	CHECK(s.slept >= 5000);
	CHECK(s.woken);
	fiber_sleep(-1);
}

static void test_wake_during_sleep(void **state unused)
{
	run_in_fiber(sleep_main, NULL);
}

static void wake_from_timer(struct timer *t)
{
	fiber_wake(t->arg);
}

static void wake_from_post(void *arg)
{
	fiber_wake(arg);
}

struct waker {
	struct loop *loop;
	struct fiber *fiber;
};

static void *post_wake(void *arg)
{
	const struct waker *w = arg;

	loop_post(w->loop, wake_from_post, w->fiber);
	return NULL;
}

static void callbacks_main(void *arg unused)
{
	struct timer t = { .fn = wake_from_timer, .arg = fiber_self() };
	struct waker w = { loop_current(), fiber_self() };
	pthread_t thread;

	timer_start(loop_current(), &t, 1000);
	CHECK(fiber_park(0));
	CHECK(pthread_create(&thread, NULL, post_wake, &w) == 0);
	CHECK(fiber_park(0));
	pthread_join(thread, NULL);
}

static void test_wake_from_callbacks(void **state unused)
{
	run_in_fiber(callbacks_main, NULL);
}

/* The deadline and the wake in one round: the wake is not lost. */
static void tie_main(void *arg unused)
{
	struct timer t = { .fn = wake_from_timer, .arg = fiber_self() };
	usec deadline;

	timer_start(loop_current(), &t, 3000);
	deadline = in(2000);
	fiber_yield();
	while (clock_mono() < deadline + 1000)
		; /* both are due when this fiber parks */
	CHECK(fiber_park(deadline));
	CHECK(!t.loop);
}

static void test_deadline_and_wake_at_once(void **state unused)
{
	run_in_fiber(tie_main, NULL);
}

/* Descriptors */

struct reader {
	int fd;
	unsigned got;
};

static void read_all(void *arg)
{
	struct reader *r = arg;
	char byte;
	ssize_t n;

	for (;;) {
		n = read(r->fd, &byte, 1);
		if (n == 0)
			return;
		if (n == 1)
			r->got++;
		else
			CHECK(errno == EAGAIN && fiber_wait_fd(r->fd, EPOLLIN, 0) == 0);
	}
}

static void fd_main(void *arg unused)
{
	struct reader r = { 0 };
	int ends[2];

	CHECK(pipe2(ends, O_NONBLOCK) == 0);
	r.fd = ends[0];
	CHECK(fiber_wait_fd(ends[1], EPOLLOUT, 0) == 0);
	CHECK(fiber_wait_fd(ends[1], EPOLLOUT, 1) == 0); /* ready wins over a past deadline */
	spawn(read_all, &r);
	for (int i = 0; i < 50; i++) {
		CHECK(write(ends[1], "x", 1) == 1);
		fiber_yield();
		fiber_yield();
		fiber_yield();
	}
	CHECK(r.got == 50);
	CHECK(fiber_wait_fd(ends[0], EPOLLIN, 0) == -EEXIST); /* the reader waits for it */
	close(ends[1]);
	join_others();
	close(ends[0]);
	CHECK(fiber_wait_fd(-1, EPOLLIN, 0) == -EBADF);
}

static void test_wait_fd(void **state unused)
{
	run_in_fiber(fd_main, NULL);
}

/* Many fibers and their stacks */

static unsigned ended;

static void sleep_a_little(void *arg)
{
	unsigned mine = (unsigned)(uintptr_t)arg;

	fiber_sleep(mine % 17 * 100);
	fiber_yield();
	CHECK(mine == (unsigned)(uintptr_t)arg);
	ended++;
}

static void many_main(void *arg unused)
{
	ended = 0;
	for (int wave = 0; wave < 2; wave++) {
		for (uintptr_t i = 0; i < MANY; i++)
			spawn(sleep_a_little, (void *)i);
		CHECK(fiber_count(loop_current()) == MANY + 1);
		join_others();
	}
	CHECK(ended == 2 * MANY);
}

static void test_many_fibers(void **state unused)
{
	run_in_fiber(many_main, NULL);
}

static void count_up(void *arg)
{
	++*(int *)arg;
}

static void limit_main(void *arg)
{
	int result = 0;

	for (int i = 1; i < FIBER_LIMIT && !result; i++)
		result = fiber_spawn(loop_current(), count_up, arg);
	CHECK(result == 0);
	CHECK(fiber_spawn(loop_current(), count_up, arg) == -EAGAIN);
	join_others();
	CHECK(fiber_spawn(loop_current(), count_up, arg) == 0);
}

static void test_limit_of_fibers(void **state unused)
{
	int ran = 0;

	if (SANITIZE_THREAD)
		return; /* too many for it */
	run_in_fiber(limit_main, &ran);
	assert_int_equal(ran, FIBER_LIMIT);
}

/* Recursion with a frame of about a KiB; the sum depends on each of them. */
static __attribute__((noinline)) unsigned dig(unsigned depth)
{
	volatile unsigned char frame[1024];

	memset((void *)frame, (int)(depth & 1), sizeof(frame));
	if (depth % 50 == 0)
		fiber_yield();
	return depth ? dig(depth - 1) + frame[depth % sizeof(frame)] : 0;
}

static void dig_deep(void *arg unused)
{
	CHECK(dig(200) == 100);
}

static void deep_main(void *arg unused)
{
	for (int i = 0; i < 100; i++)
		spawn(dig_deep, NULL);
	join_others();
}

static void test_deep_stacks(void **state unused)
{
	run_in_fiber(deep_main, NULL);
}

static long resident_pages(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long total = 0, resident = 0;

	CHECK(f && fscanf(f, "%ld %ld", &total, &resident) == 2);
	if (f)
		fclose(f);
	return resident;
}

static void memory_main(void *arg unused)
{
	long before = resident_pages(), busy, after;

	for (int i = 0; i < 300; i++)
		spawn(dig_deep, NULL);
	for (int i = 0; i < 3; i++)
		fiber_yield();
	busy = resident_pages();
	join_others();
	after = resident_pages();
	CHECK(busy - before > 300 * 20);
	CHECK(after - before < (busy - before) / 5);
}

static void test_stack_memory_is_given_back(void **state unused)
{
	if (SANITIZE_ADDRESS || SANITIZE_THREAD)
		return; /* their shadows are in the count */
	run_in_fiber(memory_main, NULL);
}

static void overflow(void *arg unused)
{
	CHECK(dig(100000) == 0);
}

static void overflow_main(void *arg unused)
{
	signal(SIGSEGV, SIG_DFL);
	spawn(overflow, NULL);
	join_others();
}

/* Running off the stack ends the process at the guard, before it touches the neighbour. */
static void test_guard(void **state unused)
{
	const struct rlimit no_core = { 0 };
	int status = 0;
	pid_t child;

	if (SANITIZE_ADDRESS || SANITIZE_THREAD)
		return; /* they report instead */
	child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		if (fiber_main(overflow_main, NULL))
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
}

static void float_turns(void *arg)
{
	double *d = arg;
	double x = *d, y = x * 3;

	for (int i = 0; i < 1000; i++) {
		x = x * 1.5 / y;
		fiber_yield();
		x = x * y / 1.5;
	}
	*d = x;
}

/* Registers of one fiber survive the turns of others. */
static void float_main(void *arg unused)
{
	double d[3] = { 2.0, 64.0, 1024.0 };

	for (int i = 0; i < 3; i++)
		spawn(float_turns, &d[i]);
	join_others();
	CHECK(d[0] > 1.999 && d[0] < 2.001);
	CHECK(d[1] > 63.99 && d[1] < 64.01);
	CHECK(d[2] > 1023.9 && d[2] < 1024.1);
}

static void test_registers(void **state unused)
{
	run_in_fiber(float_main, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_main),
		cmocka_unit_test(test_yield),
		cmocka_unit_test(test_stop_waits_for_fibers),
		cmocka_unit_test(test_park_and_wake),
		cmocka_unit_test(test_park_with_deadline),
		cmocka_unit_test(test_early_wake),
		cmocka_unit_test(test_wake_during_sleep),
		cmocka_unit_test(test_wake_from_callbacks),
		cmocka_unit_test(test_deadline_and_wake_at_once),
		cmocka_unit_test(test_wait_fd),
		cmocka_unit_test(test_many_fibers),
		cmocka_unit_test(test_limit_of_fibers),
		cmocka_unit_test(test_deep_stacks),
		cmocka_unit_test(test_stack_memory_is_given_back),
		cmocka_unit_test(test_guard),
		cmocka_unit_test(test_registers),
	};

	return cmocka_run_group_tests_name("fiber", tests, NULL, NULL);
}
