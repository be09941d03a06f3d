/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery-stator: works on everything that has a state, until it is told to stop.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "daemon/daemon.h"
#include "db/db.h"
#include "fetch/courier.h"
#include "fetch/fetch.h"
#include "loop/fiber.h"
#include "loop/loop.h"
#include "model/disk.h"
#include "model/domain.h"
#include "model/program.h"
#include "stator/runner.h"

#define WORKERS_PER_HOST 64
#define USAGE_LIMIT 65536

static const struct machine *const machines[] = {
	&domain_machine,    &server_machine,	  &identity_machine,
	&follow_machine,    &block_machine,	  &post_machine,
	&inbox_machine,	    &interaction_machine, &hashtag_machine,
	&delivery_machine,  &attachment_machine,  &media_file_machine,
	&push_machine,	    &poll_machine,	  &quote_machine,
	&consent_machine,   &scheduled_machine,	  &thread_machine,
	&card_machine,	    &webhook_machine,	  &mail_machine,
	&import_machine,    &import_row_machine,  &move_machine,
	&featuring_machine, &archive_machine,	  NULL,
};

struct stator {
	struct program program;
	struct doors doors;
	struct runner *runner;
	struct disk_watch *disks;
	int name_fd; /* holds the worker's name while the process lives */
	int courier_fd;
	struct fiber *courier; /* the one that serves */
	bool once, is_courier, stopping;
	int result;
};

static int print_usage(struct arena *a)
{
	struct out o;
	str text;

	out_init(&o, a, USAGE_LIMIT);
	out_c(&o, "usage: rookery-stator [--once] [--config=FILE] [--OPTION=VALUE ...]\n"
		  "       rookery-stator --courier [--config=FILE] [--OPTION=VALUE ...]\n"
		  "       rookery-stator --graph NAME\n\n"
		  "Works on everything that has a state. --once ends when nothing is due;\n"
		  "--courier makes the deliveries of stators, each once, and outlives them;\n"
		  "--graph draws a state machine.\n\n");
	conf_help(&o, settings_table, settings_count);
	TRY(out_done(&o, &text));
	printf("%.*s", STR_ARG(text));
	return 0;
}

static int print_graph(struct arena *a, const char *name)
{
	const struct graph *g = graph_of_type(str_c(name));
	struct out o;
	str text;

	if (!g) {
		fprintf(stderr,
			"rookery-stator: there is no graph \"%s\"; graphs:", name ? name : "");
		for (const struct graph *const *each = graphs; *each; each++)
			fprintf(stderr, " %s", (*each)->type);
		fputc('\n', stderr);
		return 2;
	}
	out_init(&o, a, USAGE_LIMIT);
	graph_draw(g, &o);
	TRY(out_done(&o, &text));
	printf("%.*s", STR_ARG(text));
	return 0;
}

/* The first free number on this machine: the name ends with the process, even when it is killed. */
static int take_name(struct stator *s, const char **ret)
{
	struct arena *a = s->program.arena;
	char host[256] = "localhost";

	if (*s->program.settings.worker_name) {
		*ret = s->program.settings.worker_name;
		return 0;
	}
	gethostname(host, sizeof(host) - 1);
	for (int n = 1; n <= WORKERS_PER_HOST; n++) {
		str address = str_fmt(a, "@rookery-stator-%s-%d", host, n);

		if (daemon_socket("worker", address.p, &s->name_fd) == 0) {
			*ret = str_fmt(a, "%s:%d", host, n).p;
			return 0;
		}
	}
	return -EADDRINUSE;
}

static void on_domains(void *arg)
{
	struct stator *s = arg;

	runner_wake(s->runner, STR(""));
}

static void on_disks(void *arg)
{
	struct stator *s = arg;

	if (s->runner)
		runner_disk_changed(s->runner);
}

static void on_wake(void *arg, str payload)
{
	struct stator *s = arg;

	runner_wake(s->runner, payload);
}

static void on_stop(void *arg)
{
	struct stator *s = arg;

	if (!s->stopping)
		daemon_stopping();
	s->stopping = true;
	if (s->runner)
		runner_stop(s->runner);
}

static int work(struct stator *s)
{
	struct runner_options options = {
		.program = &s->program,
		.doors = &s->doors,
		.machines = machines,
		.once = s->once,
	};

	TRY(take_name(s, &options.worker));
	TRY(disk_watch_start(s->doors.loop, &s->program.settings, s->once, on_disks, s, &s->disks));
	TRY(program_load_domains(&s->program, &s->doors));
	TRY(runner_new(&options, &s->runner));
	if (!s->once) {
		TRY(db_listen(s->doors.db, "stator", on_wake, s));
		TRY(program_watch_domains(&s->program, &s->doors, on_domains, s));
	}
	log_info(NULL, "event=start worker=%s", options.worker);
	return s->stopping ? 0 : runner_run(s->runner);
}

static void work_fiber(void *arg)
{
	struct stator *s = arg;

	s->result = work(s);
	if (s->runner && runner_numbers(s->runner).running) {
		/* They use the doors. Their rows were given back, so they may end like this. */
		log_warn(NULL, "event=exit reason=\"jobs did not end in time\"");
		_exit(0);
	}
	program_unwatch_domains(&s->program);
	disk_watch_end(s->disks);
	daemon_detach();
	doors_close(&s->doors);
	loop_stop(s->doors.loop);
}

static int run(struct stator *s)
{
	struct daemon_calls calls = { .stop = on_stop, .arg = s };
	struct loop *loop;

	TRY(loop_new(&loop));
	TRY(doors_open(&s->program, loop, &s->doors));
	TRY(daemon_attach(loop, &calls));
	TRY(fiber_spawn(loop, work_fiber, s));
	TRY(loop_run(loop));
	runner_free(s->runner);
	loop_free(loop);
	domain_table_use(NULL);
	return s->result;
}

/* The courier: it makes the exchanges of stators, and outlives them. */
static void carry_fiber(void *arg)
{
	struct stator *s = arg;

	s->courier = fiber_self();
	daemon_ready();
	s->result = courier_serve(s->doors.loop, s->doors.fetch, s->courier_fd);
	s->courier = NULL;
	daemon_detach();
	loop_stop(s->doors.loop);
}

static void on_courier_stop(void *arg)
{
	struct stator *s = arg;

	if (!s->stopping)
		daemon_stopping();
	s->stopping = true;
	loop_stop(s->doors.loop);
	if (s->courier)
		fiber_wake(s->courier);
}

static int run_courier(struct stator *s)
{
	const char *address = s->program.settings.courier;
	struct daemon_calls calls = { .stop = on_courier_stop, .arg = s };
	struct loop *loop;
	int result;

	result = daemon_socket("courier", address, &s->courier_fd);
	if (result == -ENOENT)
		log_error(NULL,
			  "event=exit error=no_socket hint=\"set courier to a path, or start it by "
			  "its socket unit\"");
	TRY(result);
	TRY(loop_new(&loop));
	s->doors.loop = loop;
	TRY(program_open_fetch(&s->program, loop, NULL, &s->doors.fetch));
	TRY(daemon_attach(loop, &calls));
	TRY(fiber_spawn(loop, carry_fiber, s));
	log_info(NULL, "event=start courier=%s", address);
	TRY(loop_run(loop));
	fetch_free(s->doors.fetch);
	loop_free(loop);
	close(s->courier_fd);
	return s->result;
}

static int start(struct stator *s, int argc, char **argv)
{
	int result = program_load(&s->program, &argc, argv);

	if (result)
		return result;
	if (argc > 1) {
		fprintf(stderr, "rookery-stator: unknown argument \"%s\"; see --help\n", argv[1]);
		return 2;
	}
	daemon_block_signals();
	result = s->is_courier ? run_courier(s) : run(s);
	if (result)
		log_error(NULL, "event=exit error=%s", err_name(result));
	return result ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct stator s = {
		.program = { .name = "rookery-stator",
			     .role = "rookery_stator",
			     .arena = arena_new() },
		.name_fd = -1,
	};
	int result;

	if (program_flag(&argc, argv, "--help")) {
		result = print_usage(s.program.arena);
	} else if (program_flag(&argc, argv, "--graph")) {
		result = print_graph(s.program.arena, argv[1]);
	} else {
		s.once = program_flag(&argc, argv, "--once");
		s.is_courier = program_flag(&argc, argv, "--courier");
		result = start(&s, argc, argv);
	}
	if (s.name_fd >= 0)
		close(s.name_fd);
	arena_free(s.program.arena);
	return result;
}
