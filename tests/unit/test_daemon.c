/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lib/daemon without a service manager: the test plays its part (the passed sockets, the notify
 * socket, the credentials directory). Files lie in a directory that is removed at the end. The file is
 * longer than others because a process has one manager, and all that is said to it is heard here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "daemon/daemon.h"
#include "loop/fiber.h"
#include "loop/loop.h"

static struct arena *arena;
static char directory[] = "/tmp/rookery-test-XXXXXX";

static const char *path_of(const char *name)
{
	return str_fmt(arena, "%s/%s", directory, name).p;
}

static int group_setup(void **state unused)
{
	arena = arena_new();
	return mkdtemp(directory) ? 0 : -1;
}

static int group_teardown(void **state unused)
{
	static const char *const left[] = { "socket", "file", "notify", "empty",
					    "bytes",  "full", "large" };

	for (size_t i = 0; i < ARRAY_SIZE(left); i++)
		unlink(path_of(left[i]));
	rmdir(path_of("folder"));
	arena_free(arena);
	return rmdir(directory);
}

/* Opening */

static int option(int fd, int name)
{
	int value = 0;
	socklen_t n = sizeof(value);

	assert_int_equal(getsockopt(fd, SOL_SOCKET, name, &value, &n), 0);
	return value;
}

static struct sockaddr_storage address_of(int fd, socklen_t *ret_length)
{
	struct sockaddr_storage sa = { 0 };

	*ret_length = sizeof(sa);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, ret_length), 0);
	return sa;
}

static int connect_to(int family, const void *sa, socklen_t length)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result;

	assert_true(fd >= 0);
	result = connect(fd, sa, length) ? -errno : 0;
	close(fd);
	return result;
}

static void assert_listens(int fd)
{
	socklen_t length;
	struct sockaddr_storage sa = address_of(fd, &length);

	assert_true(option(fd, SO_ACCEPTCONN));
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(connect_to(sa.ss_family, &sa, length), 0);
}

static bool has_ipv6(void)
{
	struct sockaddr_in6 sa = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool has = fd >= 0 && bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0;

	if (fd >= 0)
		close(fd);
	return has;
}

static void test_open(void **state unused)
{
	const struct {
		const char *address;
		int family; /* AF_UNSPEC: whichever the machine has */
	} cases[] = {
		{ "127.0.0.1:0", AF_INET },
		{ "[::1]:0", AF_INET6 },
		{ "localhost:0", AF_UNSPEC },
		{ ":0", AF_UNSPEC },
		{ path_of("socket"), AF_UNIX },
		{ str_fmt(arena, "@rookery-test-%d", (int)getpid()).p, AF_UNIX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		socklen_t length;
		int fd = -1;

		if (cases[i].family == AF_INET6 && !has_ipv6())
			continue;
		assert_int_equal(daemon_socket("http", cases[i].address, &fd), 0);
		assert_listens(fd);
		if (cases[i].family != AF_UNSPEC)
			assert_int_equal(address_of(fd, &length).ss_family, cases[i].family);
		if (cases[i].family != AF_UNIX)
			assert_true(option(fd, SO_REUSEADDR));
		close(fd);
	}
	assert_false(daemon_has_passed_sockets());
}

/* A port without a host takes IPv4, too. */
static void test_open_any_takes_ipv4(void **state unused)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct sockaddr_storage sa;
	socklen_t length;
	int fd;

	assert_int_equal(daemon_socket("http", ":0", &fd), 0);
	sa = address_of(fd, &length);
	to.sin_port = sa.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&sa)->sin6_port
					       : ((struct sockaddr_in *)&sa)->sin_port;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect_to(AF_INET, &to, sizeof(to)), 0);
	close(fd);
}

static void test_open_refusals(void **state unused)
{
	static char long_name[200];
	const struct {
		const char *address;
		int result;
	} cases[] = {
		{ NULL, -ENOENT },
		{ "", -ENOENT },
		{ "localhost", -EINVAL },
		{ "localhost:", -EINVAL },
		{ "localhost:http", -EINVAL },
		{ "localhost:80x", -EINVAL },
		{ ":", -EINVAL },
		{ ":-1", -EINVAL },
		{ ":+1", -EINVAL },
		{ ": 80", -EINVAL },
		{ ":65536", -EINVAL },
		{ ":99999999999999999999", -EINVAL },
		{ "::1:8080", -EINVAL },
		{ "[::1:8080", -EINVAL },
		{ "::1]:8080", -EINVAL },
		{ "[]:8080", -EINVAL },
		{ "[127.0.0.1]:8080", -EADDRNOTAVAIL },
		{ "192.0.2.1:0", -EADDRNOTAVAIL },
		{ "@", -EINVAL },
		{ "/", -EINVAL },
		{ long_name, -ENAMETOOLONG },
		{ path_of("nowhere/socket"), -ENOTDIR },
	};

	memset(long_name, '/', sizeof(long_name) - 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = -7;

		if (daemon_socket("http", cases[i].address, &fd) != cases[i].result)
			fail_msg("%s", cases[i].address ? cases[i].address : "(null)");
		assert_int_equal(fd, -7);
	}
}

static void test_open_port_in_use(void **state unused)
{
	struct sockaddr_storage sa;
	socklen_t length;
	int fd, other = -7;
	str address;

	assert_int_equal(daemon_socket("http", "127.0.0.1:0", &fd), 0);
	sa = address_of(fd, &length);
	address = str_fmt(arena, "127.0.0.1:%u", ntohs(((struct sockaddr_in *)&sa)->sin_port));
	assert_int_equal(daemon_socket("http", address.p, &other), -EADDRINUSE);
	close(fd);
	assert_int_equal(daemon_socket("http", address.p, &other), 0);
	close(other);
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void test_unix_stale_and_mode(void **state unused)
{
	static const mode_t umasks[] = { 0, 022, 077 };
	const char *path = path_of("socket");

	for (size_t i = 0; i < ARRAY_SIZE(umasks); i++) {
		mode_t before = umask(umasks[i]);
		int fd, other = -7;

		assert_int_equal(daemon_socket("http", path, &fd), 0);
		umask(before);
		assert_int_equal(mode_of(path), 0660);
		assert_int_equal(daemon_socket("http", path, &other), -EADDRINUSE);
		assert_int_equal(other, -7);
		assert_listens(fd);
		close(fd); /* and leaves the name behind */
		assert_int_equal(mode_of(path), 0660);
	}
}

static void write_file(const char *name, const void *p, size_t n)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	close(fd);
}

static void test_unix_spares_other_files(void **state unused)
{
	int fd;

	write_file("file", "kept", 4);
	assert_int_equal(daemon_socket("http", path_of("file"), &fd), -EADDRINUSE);
	assert_int_equal(access(path_of("file"), F_OK), 0);
}

/* Passed sockets: a child process has them at 3 and 4, as systemd passes them. */

#define EXPECT(expr)                           \
	do {                                   \
		if (!(expr))                   \
			return __LINE__ % 256; \
	} while (0)

static int child_with_sockets(int listening, int other)
{
	int first = -1, again = -1, opened = -1;

	setenv("LISTEN_PID", str_fmt(arena, "%d", (int)getpid()).p, 1);
	setenv("LISTEN_FDS", "2", 1);
	setenv("LISTEN_FDNAMES", "http:odd", 1);
	EXPECT(dup2(listening, 3) == 3 && dup2(other, 4) == 4);
	EXPECT(daemon_has_passed_sockets());
	EXPECT(daemon_socket("http", "127.0.0.1:0", &first) == 0);
	EXPECT(daemon_socket("http", NULL, &again) == 0);
	EXPECT(first > 4 && again > 4 && first != again);
	EXPECT(option(first, SO_ACCEPTCONN));
	EXPECT(fcntl(first, F_GETFL) & O_NONBLOCK);
	EXPECT(fcntl(first, F_GETFD) & FD_CLOEXEC);
	close(first);
	close(again);
	EXPECT(option(3, SO_ACCEPTCONN)); /* the original stays */
	EXPECT(daemon_socket("odd", "127.0.0.1:0", &opened) == -EINVAL);
	EXPECT(daemon_socket("none", NULL, &opened) == -ENOENT && opened == -1);
	EXPECT(daemon_socket("none", "127.0.0.1:0", &opened) == 0);
	return 0;
}

static void test_passed_sockets(void **state unused)
{
	int listening, other = socket(AF_INET, SOCK_STREAM, 0), status;
	int high[2];
	pid_t child;

	assert_int_equal(daemon_socket("http", "127.0.0.1:0", &listening), 0);
	high[0] = fcntl(listening, F_DUPFD, 50);
	high[1] = fcntl(other, F_DUPFD, 50);
	fcntl(high[0], F_SETFL, 0);
	child = fork();
	if (child == 0)
		_exit(child_with_sockets(high[0], high[1]));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0); /* else the line, modulo 256, times 256 */
	close(listening);
	close(other);
	close(high[0]);
	close(high[1]);
}

/* Notifications */

static int notify_fd = -1;

static int notify_setup(void **state unused)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	unlink(path_of("notify"));
	strcpy(sa.sun_path, path_of("notify"));
	notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (notify_fd < 0 || bind(notify_fd, (struct sockaddr *)&sa, sizeof(sa)))
		return -1;
	return setenv("NOTIFY_SOCKET", sa.sun_path, 1);
}

static int notify_teardown(void **state unused)
{
	close(notify_fd);
	unsetenv("WATCHDOG_USEC");
	return unsetenv("NOTIFY_SOCKET");
}

/* The next message, or the null str. */
static str notified(void)
{
	char *p = arena_alloc(arena, 1024);
	ssize_t n = recv(notify_fd, p, 1024, 0);

	return n < 0 ? STR_NULL : (str){ p, (size_t)n };
}

static void assert_notified(const char *expected)
{
	str got = notified();

	assert_non_null(got.p);
	assert_string_equal(got.p, expected);
}

static void test_notify(void **state unused)
{
	int64_t moment;
	str got;

	daemon_ready();
	assert_notified("READY=1");
	daemon_status("%d of %s", 3, "four");
	assert_notified("STATUS=3 of four");
	daemon_status("no\nREADY=1");
	assert_notified("STATUS=no READY=1");
	daemon_stopping();
	assert_notified("STOPPING=1");
	daemon_reloading();
	got = notified();
	assert_true(str_starts(got, STR("RELOADING=1\nMONOTONIC_USEC=")));
	assert_true(str_to_i64(str_from(got, 27), &moment));
	assert_in_range(clock_mono() - moment, 0, 10 * USEC_SEC);
	assert_true(str_is_null(notified()));
}

static void test_notify_without_manager(void **state unused)
{
	daemon_ready();
	daemon_status("%s", "nobody listens");
	daemon_reloading();
	daemon_stopping();
}

/* Signals and watchdog */

struct seen {
	struct loop *loop;
	char calls[8];
};

static void on_stop(void *arg)
{
	struct seen *s = arg;

	strcat(s->calls, "s");
	loop_stop(s->loop);
}

static void on_reload(void *arg)
{
	struct seen *s = arg;

	strcat(s->calls, "r");
}

static void run_with_signals(struct seen *s, const struct daemon_calls *calls)
{
	assert_int_equal(loop_new(&s->loop), 0);
	assert_int_equal(daemon_attach(s->loop, calls), 0);
	kill(getpid(), SIGHUP);
	kill(getpid(), SIGTERM);
	assert_int_equal(loop_run(s->loop), 0);
	daemon_detach();
	daemon_detach();
	loop_free(s->loop);
}

static void test_signals(void **state unused)
{
	struct seen s = { 0 };
	const struct daemon_calls calls = { .stop = on_stop, .reload = on_reload, .arg = &s };

	run_with_signals(&s, &calls);
	assert_string_equal(s.calls, "rs");
}

static void test_signals_without_reload(void **state unused)
{
	struct seen s = { 0 };
	const struct daemon_calls calls = { .stop = on_stop, .arg = &s };

	run_with_signals(&s, &calls);
	assert_string_equal(s.calls, "s");
}

static void test_interrupt_stops(void **state unused)
{
	struct seen s = { 0 };
	const struct daemon_calls calls = { .stop = on_stop, .arg = &s };

	assert_int_equal(loop_new(&s.loop), 0);
	assert_int_equal(daemon_attach(s.loop, &calls), 0);
	kill(getpid(), SIGINT);
	assert_int_equal(loop_run(s.loop), 0);
	daemon_detach();
	loop_free(s.loop);
	assert_string_equal(s.calls, "s");
}

static void end(struct timer *t)
{
	loop_stop(t->arg);
}

static unsigned pings(void)
{
	unsigned n = 0;
	str got;

	while (!str_is_null(got = notified())) {
		assert_string_equal(got.p, "WATCHDOG=1");
		n++;
	}
	return n;
}

static void run_for(struct loop *l, usec time)
{
	struct timer t = { .fn = end, .arg = l };

	timer_start(l, &t, time);
	assert_int_equal(loop_run(l), 0);
}

/* Every 5 ms at the most, the first at once; a ping may be late on a busy machine, never early. */
static void test_watchdog(void **state unused)
{
	struct seen s = { 0 };
	const struct daemon_calls calls = { .stop = on_stop, .arg = &s };
	unsigned n;

	setenv("WATCHDOG_USEC", "10000", 1);
	assert_int_equal(loop_new(&s.loop), 0);
	assert_int_equal(daemon_attach(s.loop, &calls), 0);
	assert_int_equal(pings(), 1);
	run_for(s.loop, 22 * USEC_MSEC);
	n = pings();
	assert_in_range(n, 1, 100);
	daemon_detach();
	assert_int_equal(pings(), 0);
	loop_free(s.loop);
}

/* A loop on a thread of its own, and what it does once. */
struct other {
	struct loop *loop;
	struct daemon_pulse pulse;
	pthread_t thread;
	bool stuck, let_go; /* atomic */
};

static void get_stuck(void *arg)
{
	struct other *o = arg;

	__atomic_store_n(&o->stuck, true, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&o->let_go, __ATOMIC_ACQUIRE))
		usleep(100);
}

static void end_other(void *arg)
{
	struct other *o = arg;

	daemon_pulse_end(&o->pulse);
	loop_stop(o->loop);
}

static void *run_other(void *arg)
{
	struct other *o = arg;

	return loop_run(o->loop) ? o : NULL;
}

static void start_other(struct other *o)
{
	assert_int_equal(loop_new(&o->loop), 0);
	daemon_pulse_begin(o->loop, &o->pulse);
	assert_int_equal(pthread_create(&o->thread, NULL, run_other, o), 0);
}

/* One that does not turn silences the pings of one that does; one that has ended is nobody's concern. */
static void watch_others(void *arg)
{
	struct seen *s = arg;
	struct other o = { 0 };
	void *failed;

	start_other(&o);
	fiber_sleep(500 * USEC_MSEC);
	assert_in_range(pings(), 2, 100);
	loop_post(o.loop, get_stuck, &o);
	while (!__atomic_load_n(&o.stuck, __ATOMIC_ACQUIRE))
		fiber_sleep(USEC_MSEC);
	fiber_sleep(400 * USEC_MSEC);
	pings();
	fiber_sleep(500 * USEC_MSEC);
	assert_int_equal(pings(), 0);
	__atomic_store_n(&o.let_go, true, __ATOMIC_RELEASE);
	fiber_sleep(400 * USEC_MSEC);
	assert_in_range(pings(), 1, 100);
	loop_post(o.loop, end_other, &o);
	assert_int_equal(pthread_join(o.thread, &failed), 0);
	assert_null(failed);
	loop_free(o.loop);
	fiber_sleep(500 * USEC_MSEC);
	assert_in_range(pings(), 1, 100);
	daemon_detach();
	loop_stop(s->loop);
}

static void test_watchdog_of_all_loops(void **state unused)
{
	struct seen s = { 0 };
	const struct daemon_calls calls = { .stop = on_stop, .arg = &s };

	setenv("WATCHDOG_USEC", "400000", 1);
	assert_int_equal(loop_new(&s.loop), 0);
	assert_int_equal(daemon_attach(s.loop, &calls), 0);
	assert_int_equal(fiber_spawn(s.loop, watch_others, &s), 0);
	assert_int_equal(loop_run(s.loop), 0);
	loop_free(s.loop);
}

static void test_no_watchdog(void **state unused)
{
	struct seen s = { 0 };
	const struct daemon_calls calls = { .stop = on_stop, .arg = &s };

	assert_int_equal(loop_new(&s.loop), 0);
	assert_int_equal(daemon_attach(s.loop, &calls), 0);
	run_for(s.loop, 2 * USEC_MSEC);
	assert_int_equal(pings(), 0);
	daemon_detach();
	loop_free(s.loop);
}

/* Credentials */

static void test_credentials(void **state unused)
{
	static const char bytes[] = "two\nlines\0and a NUL\n";
	static char large[64 * 1024 + 1];
	const struct {
		const char *name;
		int result;
		str content;
	} cases[] = {
		{ "empty", 0, STR("") },
		{ "bytes", 0, { bytes, sizeof(bytes) - 1 } },
		{ "full", 0, { large, sizeof(large) - 1 } },
		{ "large", E_TOO_LARGE, STR_NULL },
		{ "missing", E_NOT_FOUND, STR_NULL },
		{ "", E_NOT_FOUND, STR_NULL },
		{ ".", E_NOT_FOUND, STR_NULL },
		{ "..", E_NOT_FOUND, STR_NULL },
		{ "./bytes", E_NOT_FOUND, STR_NULL },
		{ "../etc/passwd", E_NOT_FOUND, STR_NULL },
		{ "/etc/passwd", E_NOT_FOUND, STR_NULL },
		{ "folder", -EISDIR, STR_NULL },
	};

	memset(large, 'x', sizeof(large));
	write_file("empty", "", 0);
	write_file("bytes", bytes, sizeof(bytes) - 1);
	write_file("full", large, sizeof(large) - 1);
	write_file("large", large, sizeof(large));
	assert_int_equal(mkdir(path_of("folder"), 0700), 0);
	setenv("CREDENTIALS_DIRECTORY", directory, 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		str got = STR_NULL;

		assert_int_equal(daemon_credential(arena, cases[i].name, &got), cases[i].result);
		assert_true(str_eq(got, cases[i].content));
		assert_int_equal(str_is_null(got), str_is_null(cases[i].content));
	}
}

static void test_no_credentials(void **state unused)
{
	str got = STR_NULL;

	unsetenv("CREDENTIALS_DIRECTORY");
	assert_int_equal(daemon_credential(arena, "bytes", &got), E_NOT_FOUND);
	setenv("CREDENTIALS_DIRECTORY", "", 1);
	assert_int_equal(daemon_credential(arena, "bytes", &got), E_NOT_FOUND);
	assert_null(got.p);
}

#define NOTIFY_TEST(fn) cmocka_unit_test_setup_teardown(fn, notify_setup, notify_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_open_any_takes_ipv4),
		cmocka_unit_test(test_open_refusals),
		cmocka_unit_test(test_open_port_in_use),
		cmocka_unit_test(test_unix_stale_and_mode),
		cmocka_unit_test(test_unix_spares_other_files),
		cmocka_unit_test(test_passed_sockets),
		NOTIFY_TEST(test_notify),
		cmocka_unit_test(test_notify_without_manager),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_signals_without_reload),
		cmocka_unit_test(test_interrupt_stops),
		NOTIFY_TEST(test_watchdog),
		NOTIFY_TEST(test_watchdog_of_all_loops),
		NOTIFY_TEST(test_no_watchdog),
		cmocka_unit_test(test_credentials),
		cmocka_unit_test(test_no_credentials),
	};

	daemon_block_signals();
	return cmocka_run_group_tests_name("daemon", tests, group_setup, group_teardown);
}
