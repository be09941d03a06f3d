/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery-server: serves pages, federation and the client API of all tenants. One thread a core,
 * each with a loop, doors and a place at the same listening socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "daemon/daemon.h"
#include "db/db.h"
#include "loop/fiber.h"
#include "loop/loop.h"
#include "model/disk.h"
#include "model/domain.h"
#include "model/program.h"
#include "server/http.h"
#include "server/metrics.h"
#include "server/recall.h"
#include "server/stream.h"

#define THREADS_LIMIT 256
#define CONNECTIONS 4000 /* in each thread */
#define ADMIN_CONNECTIONS 64
#define DRAIN (20 * USEC_SEC)
#define USAGE_LIMIT 65536

struct server;

struct thread {
	struct server *server;
	pthread_t id;
	struct doors doors;
	struct http *http, *admin;
	struct daemon_pulse pulse;
	int result;
};

struct server {
	struct program program;
	struct thread threads[THREADS_LIMIT];
	unsigned n_threads;
	unsigned started; /* threads that serve */
	unsigned drained; /* of these, but for the first; atomic */
	struct streams *streams;
	struct disk_watch *disks;
	struct usage_teller *usage;
	int fd, admin_fd;
	bool stopping;
};

static bool is_busy(const struct thread *t)
{
	return (t->http && http_is_busy(t->http)) || (t->admin && http_is_busy(t->admin));
}

/* The first tells what all have counted, so it ends when the others have. */
static bool is_done(const struct thread *t)
{
	const struct server *s = t->server;

	return !is_busy(t) && (t != s->threads ||
			       __atomic_load_n(&s->drained, __ATOMIC_ACQUIRE) + 1 >= s->started);
}

/* In a fiber of the first thread; done: no request is left in any. */
static void end_server(struct server *s, bool done)
{
	usage_teller_end(s->usage);
	if (!done) {
		/* They use the doors, so nothing can be closed beneath them. */
		log_warn(NULL, "event=exit reason=\"requests did not end in time\"");
		_exit(0);
	}
	program_unwatch_domains(&s->program);
	disk_watch_end(s->disks);
	daemon_detach();
}

static void end_thread(struct thread *t)
{
	daemon_pulse_end(&t->pulse);
	__atomic_add_fetch(&t->server->drained, 1, __ATOMIC_RELEASE);
}

static void close_http(struct thread *t)
{
	http_free(t->http);
	http_free(t->admin);
	t->http = t->admin = NULL;
}

/* What was begun is finished, for a while; then the loop ends. */
static void drain(void *arg)
{
	struct thread *t = arg;
	usec deadline = clock_mono() + DRAIN;
	bool done;

	if (t->http)
		http_quiesce(t->http);
	if (t->admin)
		http_quiesce(t->admin);
	while (!(done = is_done(t)) && clock_mono() < deadline)
		fiber_sleep(10 * USEC_MSEC);
	if (done)
		close_http(t);
	if (t == t->server->threads)
		end_server(t->server, done);
	else if (done)
		end_thread(t);
	else
		return; /* the first ends the process */
	doors_close(&t->doors);
	loop_stop(t->doors.loop);
}

static void start_drain(void *arg)
{
	struct thread *t = arg;

	if (fiber_spawn(t->doors.loop, drain, t))
		log_error(NULL, "event=stop error=\"too many fibers\"");
}

static void on_stop(void *arg)
{
	struct server *s = arg;

	if (s->stopping)
		return;
	s->stopping = true;
	daemon_stopping();
	streams_stop(s->streams);
	for (unsigned i = 0; i < s->started; i++)
		loop_post(s->threads[i].doors.loop, start_drain, &s->threads[i]);
}

static void on_reloaded(void *arg)
{
	struct server *s = arg;

	if (!s->stopping)
		daemon_ready();
}

/* Loads the snapshot of tenants again; the settings need a restart. A start reads all of it anyway. */
static void on_reload(void *arg)
{
	struct server *s = arg;

	if (s->stopping || !s->started)
		return;
	daemon_reloading();
	program_reload_domains(&s->program, on_reloaded, s);
}

static int open_http(struct thread *t, int fd, unsigned connections,
		     void (*fn)(struct ctx *, struct request *, struct response *),
		     struct http **ret)
{
	struct http_options o = {
		.program = &t->server->program,
		.doors = &t->doors,
		.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3),
		.connections = connections,
		.streams = t->server->streams,
		.body_limit = dispatch_body_limit,
		.admit = fn == dispatch_public ? dispatch_admit : NULL,
		.dispatch = fn,
	};

	if (o.fd < 0)
		return -errno;
	return http_new(&o, ret);
}

static int thread_open(struct thread *t)
{
	struct loop *l;

	TRY(loop_new(&l));
	TRY(doors_open(&t->server->program, l, &t->doors));
	return open_http(t, t->server->fd, CONNECTIONS, dispatch_public, &t->http);
}

/* The other threads begin when the first has the tenants. */
static void *thread_main(void *arg)
{
	struct thread *t = arg;

	t->result = loop_run(t->doors.loop);
	loop_free(t->doors.loop);
	return NULL;
}

static int start_others(struct server *s)
{
	for (unsigned i = 1; i < s->n_threads; i++) {
		struct thread *t = &s->threads[i];

		t->server = s;
		TRY(thread_open(t));
		daemon_pulse_begin(t->doors.loop, &t->pulse);
		if (pthread_create(&t->id, NULL, thread_main, t))
			return -EAGAIN;
		s->started = i + 1;
	}
	return 0;
}

static void on_domains(void *arg)
{
	struct server *s = arg;

	streams_recheck(s->streams);
}

static int start(struct server *s)
{
	struct thread *first = &s->threads[0];

	TRY(disk_watch_start(first->doors.loop, &s->program.settings, false, NULL, NULL,
			     &s->disks));
	TRY(program_load_domains(&s->program, &first->doors));
	TRY(program_watch_domains(&s->program, &first->doors, on_domains, s));
	TRY(usage_teller_start(&s->program, &first->doors, &s->usage));
	TRY(streams_start(&s->program, &s->streams));
	TRY(open_http(first, s->fd, CONNECTIONS, dispatch_public, &first->http));
	if (s->admin_fd >= 0)
		TRY(open_http(first, s->admin_fd, ADMIN_CONNECTIONS, dispatch_admin,
			      &first->admin));
	s->started = 1;
	TRY(start_others(s));
	log_info(NULL, "event=start threads=%u", s->n_threads);
	daemon_ready();
	daemon_status("serving");
	return 0;
}

static void start_fiber(void *arg)
{
	struct server *s = arg;

	s->threads[0].result = start(s);
	if (s->threads[0].result || s->stopping) {
		s->stopping = false;
		on_stop(s);
		if (!s->started)
			drain(&s->threads[0]);
	}
}

static int open_sockets(struct server *s)
{
	const struct settings *o = &s->program.settings;
	int result = daemon_socket("http", *o->listen ? o->listen : NULL, &s->fd);

	if (result) {
		fprintf(stderr, "rookery-server: cannot listen on \"%s\": %s\n", o->listen,
			*o->listen ? strerror(-result)
				   : "no socket named http was passed, and no --listen is set");
		return result;
	}
	result = daemon_socket("admin", *o->admin_listen ? o->admin_listen : NULL, &s->admin_fd);
	if (result == -ENOENT) {
		s->admin_fd = -1;
		return 0;
	}
	if (result)
		fprintf(stderr, "rookery-server: cannot listen on \"%s\": %s\n", o->admin_listen,
			strerror(-result));
	return result;
}

static int run_loop(struct server *s, struct loop *l)
{
	struct thread *first = &s->threads[0];
	struct daemon_calls calls = { .stop = on_stop, .reload = on_reload, .arg = s };
	int result;

	TRY(doors_open(&s->program, l, &first->doors));
	TRY(daemon_attach(l, &calls));
	TRY(fiber_spawn(l, start_fiber, s));
	result = loop_run(l);
	if (result) {
		log_error(NULL, "event=exit error=%s", err_name(result));
		_exit(1); /* the other threads go on, so nothing can be freed */
	}
	for (unsigned i = 1; i < s->started; i++)
		pthread_join(s->threads[i].id, NULL);
	streams_free(s->streams);
	recall_clear();
	return first->result;
}

static int run(struct server *s)
{
	struct loop *l;
	int result;

	s->threads[0].server = s;
	TRY(open_sockets(s));
	TRY(loop_new(&l));
	result = run_loop(s, l);
	loop_free(l);
	domain_table_use(NULL);
	return result;
}

static unsigned threads_of(const struct settings *o)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (o->server_threads)
		return (unsigned)o->server_threads;
	return cores < 1 ? 1 : cores > THREADS_LIMIT ? THREADS_LIMIT : (unsigned)cores;
}

static int print_usage(struct arena *a)
{
	struct out o;
	str usage;

	out_init(&o, a, USAGE_LIMIT);
	out_c(&o, "usage: rookery-server [--config=FILE] [--OPTION=VALUE ...]\n\n"
		  "Serves all communities of this installation.\n\n");
	out_c(&o, "  --routes  print all addresses that are served, as JSON, and end\n\n");
	conf_help(&o, settings_table, settings_count);
	TRY(out_done(&o, &usage));
	printf("%.*s", STR_ARG(usage));
	return 0;
}

static int print_routes(struct arena *a)
{
	str list;

	TRY(route_list(a, &list));
	printf("%.*s\n", STR_ARG(list));
	return 0;
}

static int start_program(struct server *s, int argc, char **argv)
{
	int result = program_load(&s->program, &argc, argv);

	if (result)
		return result;
	if (argc > 1) {
		fprintf(stderr, "rookery-server: unknown argument \"%s\"; see --help\n", argv[1]);
		return 2;
	}
	s->n_threads = threads_of(&s->program.settings);
	daemon_block_signals();
	result = run(s);
	if (result)
		log_error(NULL, "event=exit error=%s", err_name(result));
	return result ? 1 : 0;
}

int main(int argc, char **argv)
{
	static struct server s = {
		.program = { .name = "rookery-server",
			     .role = "rookery_server",
			     .console_role = "rookery_host" },
		.fd = -1,
		.admin_fd = -1,
	};
	int result;

	s.program.arena = arena_new();
	if (program_flag(&argc, argv, "--help"))
		result = print_usage(s.program.arena);
	else if (program_flag(&argc, argv, "--routes"))
		result = print_routes(s.program.arena);
	else
		result = start_program(&s, argc, argv);
	arena_free(s.program.arena);
	return result;
}
