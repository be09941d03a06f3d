/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lib/loop without fibers: timers, watches, posted calls. The calls note what they saw, and the
 * test looks at the notes when the loop has ended.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop/loop.h"

static struct loop *loop;

static int setup(void **state unused)
{
	return loop_new(&loop);
}

static int teardown(void **state unused)
{
	loop_free(loop);
	loop = NULL;
	return 0;
}

static void run(void)
{
	assert_null(loop_current());
	assert_int_equal(loop_run(loop), 0);
	assert_null(loop_current());
}

static void stop_timer(struct timer *t unused)
{
	loop_stop(loop);
}

static void stop_post(void *arg unused)
{
	loop_stop(loop);
}

/* Timers */

#define TIMERS 500

struct noted_timer {
	struct timer timer;
	usec asked; /* the moment before which it may not come */
	usec came;
};

static struct noted_timer timers[TIMERS];
static unsigned order[TIMERS], ordered;

static void note_timer(struct timer *t)
{
	struct noted_timer *n = container_of(t, struct noted_timer, timer);

	n->came = clock_mono();
	order[ordered++] = (unsigned)(n - timers);
}

static void start_noted(unsigned i, usec delay)
{
	timers[i] = (struct noted_timer){ .timer.fn = note_timer };
	timers[i].asked = clock_mono() + delay;
	timer_start(loop, &timers[i].timer, delay);
}

static void test_timers_in_order(void **state unused)
{
	struct timer stop = { .fn = stop_timer };

	ordered = 0;
	for (unsigned i = 0; i < TIMERS; i++)
		start_noted(i, (i * 7919 % TIMERS) * 40);
	for (unsigned i = 0; i < TIMERS; i += 3)
		timer_stop(&timers[i].timer);
	for (unsigned i = 0; i < TIMERS; i += 6) /* half of those come back, some restarted */
		start_noted(i, (i * 31 % TIMERS) * 40);
	timer_start(loop, &stop, 30 * USEC_MSEC);
	run();
	assert_int_equal(ordered, TIMERS - TIMERS / 6);
	for (unsigned i = 0; i < ordered; i++) {
		assert_true(timers[order[i]].came >= timers[order[i]].asked);
		assert_null(timers[order[i]].timer.loop);
		if (i)
			assert_true(timers[order[i - 1]].timer.due <= timers[order[i]].timer.due);
	}
}

static unsigned ticks;

static void tick(struct timer *t)
{
	if (++ticks == 5)
		loop_stop(loop);
	else
		timer_start(loop, t, ticks == 1 ? -1 : 0);
}

static void test_timer_restarts_itself(void **state unused)
{
	struct timer t = { .fn = tick };

	ticks = 0;
	timer_start(loop, &t, 100);
	timer_start(loop, &t, 0); /* moved, not doubled */
	run();
	assert_int_equal(ticks, 5);
}

static void free_timer(struct timer *t)
{
	timer_stop(t->arg);
	free(t->arg);
	free(t);
	loop_stop(loop);
}

static void test_timer_frees_itself_and_another(void **state unused)
{
	struct timer *first = calloc(1, sizeof(*first)), *second = calloc(1, sizeof(*second));

	assert_non_null(first);
	assert_non_null(second);
	*first = (struct timer){ .fn = free_timer, .arg = second };
	*second = (struct timer){ .fn = free_timer };
	timer_start(loop, first, 0);
	timer_start(loop, second, 1);
	usleep(10); /* both are due in the first round */
	run();
}

static void test_timer_of_the_far_future(void **state unused)
{
	struct timer far = { .fn = tick }, stop = { .fn = stop_timer };

	ticks = 0;
	timer_start(loop, &far, INT64_MAX);
	timer_start(loop, &stop, 0);
	run();
	assert_int_equal(ticks, 0);
	assert_non_null(far.loop);
	timer_stop(&far);
	timer_stop(&far);
	assert_null(far.loop);
}

/* Watches */

struct noted_watch {
	struct watch watch;
	unsigned calls;
	uint32_t events;
};

static void note_watch(struct watch *w, uint32_t events)
{
	struct noted_watch *n = container_of(w, struct noted_watch, watch);

	n->calls++;
	n->events = events;
	assert_ptr_equal(loop_current(), loop);
	if (n->calls == 3)
		loop_stop(loop);
}

static int readable(void)
{
	return eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
}

static void test_watch_is_level_triggered(void **state unused)
{
	struct noted_watch n = { .watch = { .fn = note_watch, .events = EPOLLIN } };

	n.watch.fd = readable();
	assert_int_equal(watch_add(loop, &n.watch), 0);
	run();
	assert_int_equal(n.calls, 3);
	assert_int_equal(n.events, EPOLLIN);
	watch_remove(&n.watch);
	watch_remove(&n.watch);
	assert_null(n.watch.loop);
	close(n.watch.fd);
}

static void test_watch_add_refusals(void **state unused)
{
	struct noted_watch first = { .watch = { .fn = note_watch, .events = EPOLLIN } };
	struct noted_watch second = first, closed = first;

	first.watch.fd = second.watch.fd = readable();
	closed.watch.fd = -1;
	assert_int_equal(watch_add(loop, &first.watch), 0);
	assert_int_equal(watch_add(loop, &second.watch), -EEXIST);
	assert_null(second.watch.loop);
	assert_int_equal(watch_add(loop, &closed.watch), -EBADF);
	watch_remove(&first.watch);
	close(first.watch.fd);
}

static void free_watch(struct watch *w, uint32_t events unused)
{
	watch_remove(w);
	close(w->fd);
	free(w);
	loop_stop(loop);
}

static void test_watch_frees_itself(void **state unused)
{
	struct watch *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	*w = (struct watch){ .fn = free_watch, .fd = readable(), .events = EPOLLIN };
	assert_int_equal(watch_add(loop, w), 0);
	run();
}

static struct watch *pair[2];
static unsigned pair_calls;

/* Whichever comes first ends the other, whose event of this round must not be delivered. */
static void end_other(struct watch *w, uint32_t events unused)
{
	struct watch *other = pair[w == pair[0]];

	pair_calls++;
	watch_remove(other);
	close(other->fd);
	free(other);
	watch_remove(w);
	close(w->fd);
	free(w);
	loop_stop(loop);
}

static void test_watch_removed_before_its_event(void **state unused)
{
	pair_calls = 0;
	for (int i = 0; i < 2; i++) {
		pair[i] = calloc(1, sizeof(*pair[i]));
		assert_non_null(pair[i]);
		*pair[i] = (struct watch){ .fn = end_other, .fd = readable(), .events = EPOLLIN };
		assert_int_equal(watch_add(loop, pair[i]), 0);
	}
	run();
	assert_int_equal(pair_calls, 1);
}

static void change_watch(struct watch *w, uint32_t events)
{
	struct noted_watch *n = container_of(w, struct noted_watch, watch);

	n->calls++;
	n->events = events;
	if (n->calls == 1)
		assert_int_equal(watch_change(w, EPOLLIN), 0);
	else
		loop_stop(loop);
}

static void test_watch_change(void **state unused)
{
	struct noted_watch n = { .watch = { .fn = change_watch, .events = EPOLLOUT } };

	n.watch.fd = readable();
	assert_int_equal(watch_add(loop, &n.watch), 0);
	run();
	assert_int_equal(n.calls, 2);
	assert_int_equal(n.events, EPOLLIN);
	watch_remove(&n.watch);
	close(n.watch.fd);
}

static struct noted_watch both[2];

/* Takes the wish that the other is just being served for away from it. */
static void change_other(struct watch *w, uint32_t events)
{
	struct noted_watch *n = container_of(w, struct noted_watch, watch);
	struct noted_watch *other = &both[n == both];

	n->calls++;
	n->events = events;
	if (!other->calls && other->watch.events == EPOLLIN)
		assert_int_equal(watch_change(&other->watch, EPOLLPRI), 0);
	loop_stop(loop);
}

static void test_watch_changed_before_its_event(void **state unused)
{
	for (int i = 0; i < 2; i++) {
		both[i] = (struct noted_watch){ .watch.fn = change_other };
		both[i].watch.events = EPOLLIN;
		both[i].watch.fd = readable();
		assert_int_equal(watch_add(loop, &both[i].watch), 0);
	}
	run();
	assert_int_equal(both[0].calls + both[1].calls, 1);
	for (int i = 0; i < 2; i++) {
		watch_remove(&both[i].watch);
		close(both[i].watch.fd);
	}
}

static void test_watch_sees_hang_up(void **state unused)
{
	struct noted_watch n = { .watch = { .fn = note_watch, .events = EPOLLIN } };
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	close(ends[1]);
	n.watch.fd = ends[0];
	assert_int_equal(watch_add(loop, &n.watch), 0);
	run();
	assert_int_equal(n.events, EPOLLHUP);
	watch_remove(&n.watch);
	close(ends[0]);
}

/* More ready descriptors than a round takes. */
static void test_many_watches(void **state unused)
{
	enum { N = 600 };
	struct noted_watch *n = calloc(N, sizeof(*n));

	assert_non_null(n);
	for (int i = 0; i < N; i++) {
		n[i].watch = (struct watch){ .fn = note_watch, .events = EPOLLIN };
		n[i].watch.fd = readable();
		assert_int_equal(watch_add(loop, &n[i].watch), 0);
	}
	run();
	for (int i = 0; i < N; i++) {
		assert_in_range(n[i].calls, 1, 3);
		watch_remove(&n[i].watch);
		close(n[i].watch.fd);
	}
	free(n);
}

/* Posted calls */

#define POSTERS 3
#define POSTS 3000

static unsigned posts, last_post[POSTERS];
static bool posts_in_order;

struct numbered {
	unsigned poster, number;
};

static void note_post(void *arg)
{
	struct numbered *n = arg;

	if (n->number != ++last_post[n->poster])
		posts_in_order = false;
	free(n);
	if (++posts == POSTERS * POSTS)
		loop_stop(loop);
}

static void *poster(void *arg)
{
	for (unsigned i = 1; i <= POSTS; i++) {
		struct numbered *n = malloc(sizeof(*n));

		if (!n)
			abort();
		*n = (struct numbered){ *(unsigned *)arg, i };
		loop_post(loop, note_post, n);
	}
	return NULL;
}

static void test_post_from_threads(void **state unused)
{
	pthread_t threads[POSTERS];
	unsigned numbers[POSTERS];

	posts = 0;
	posts_in_order = true;
	for (unsigned i = 0; i < POSTERS; i++) {
		numbers[i] = i;
		last_post[i] = 0;
		assert_int_equal(pthread_create(&threads[i], NULL, poster, &numbers[i]), 0);
	}
	run();
	for (unsigned i = 0; i < POSTERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(posts, POSTERS * POSTS);
	assert_true(posts_in_order);
}

static void count_post(void *arg)
{
	if (++*(unsigned *)arg < 10)
		loop_post(loop, count_post, arg);
}

/* What was posted before the end still runs, also when it was posted by a posted call. */
static void test_post_around_stop(void **state unused)
{
	unsigned calls = 0;

	loop_stop(loop);
	assert_true(loop_is_stopping(loop));
	loop_post(loop, count_post, &calls);
	run();
	assert_int_equal(calls, 10);
}

static void test_post_without_a_run(void **state unused)
{
	unsigned calls = 0;

	loop_post(loop, count_post, &calls);
	loop_free(loop);
	loop = NULL;
	assert_int_equal(calls, 0);
}

static void *stop_from_afar(void *arg unused)
{
	usleep(2000);
	loop_post(loop, stop_post, NULL);
	return NULL;
}

static void test_stop_wakes_a_sleeping_loop(void **state unused)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, stop_from_afar, NULL), 0);
	run();
	pthread_join(thread, NULL);
}

static void note_now(void *arg)
{
	usec *seen = arg;

	usleep(1500);
	*seen = loop_now(loop);
	assert_true(clock_mono() - *seen >= 1500);
	loop_stop(loop);
}

static void test_now_is_that_of_the_round(void **state unused)
{
	usec before = clock_mono(), seen = 0;

	loop_post(loop, note_now, &seen);
	run();
	assert_true(seen >= before);
}

static void test_free_of_nothing(void **state unused)
{
	loop_free(NULL);
}

#define LOOP_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(test_timers_in_order),
		LOOP_TEST(test_timer_restarts_itself),
		LOOP_TEST(test_timer_frees_itself_and_another),
		LOOP_TEST(test_timer_of_the_far_future),
		LOOP_TEST(test_watch_is_level_triggered),
		LOOP_TEST(test_watch_add_refusals),
		LOOP_TEST(test_watch_frees_itself),
		LOOP_TEST(test_watch_removed_before_its_event),
		LOOP_TEST(test_watch_change),
		LOOP_TEST(test_watch_changed_before_its_event),
		LOOP_TEST(test_watch_sees_hang_up),
		LOOP_TEST(test_many_watches),
		LOOP_TEST(test_post_from_threads),
		LOOP_TEST(test_post_around_stop),
		LOOP_TEST(test_post_without_a_run),
		LOOP_TEST(test_stop_wakes_a_sleeping_loop),
		LOOP_TEST(test_now_is_that_of_the_round),
		cmocka_unit_test(test_free_of_nothing),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
