/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Talking to the service manager and listening to signals. Invariant: a process has one service
 * manager and one set of signals, so what is attached is a single static record; its watch, its
 * timer and its signalfd exist exactly while attached.loop is set.
 */
#include "daemon/daemon.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "loop/loop.h"

static struct {
	struct loop *loop;
	struct daemon_calls calls;
	struct watch signals;
	struct timer watchdog;
	usec limit; /* WatchdogSec; 0: nobody waits for pings */
	struct daemon_pulse *pulses; /* of this thread, but for their beats */
} attached;

void daemon_ready(void)
{
	sd_notify(0, "READY=1");
}

/* A line break would begin another assignment. */
void daemon_status(const char *format, ...)
{
	char *text;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		return;
	for (int i = 0; i < n; i++)
		if (text[i] == '\n')
			text[i] = ' ';
	sd_notifyf(0, "STATUS=%s", text);
	free(text);
}

void daemon_reloading(void)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_mono());
}

void daemon_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

static void signal_set(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGHUP);
}

void daemon_block_signals(void)
{
	sigset_t set;

	signal_set(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	/* A peer that hangs up is an error of write, not the end of the process. */
	signal(SIGPIPE, SIG_IGN);
}

static void signal_came(struct watch *w, uint32_t events unused)
{
	const struct daemon_calls *calls = &attached.calls;
	struct signalfd_siginfo info;

	if (read(w->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo != SIGHUP)
		calls->stop(calls->arg);
	else if (calls->reload)
		calls->reload(calls->arg);
}

static void set_beat(struct daemon_pulse *p, usec moment)
{
	__atomic_store_n(&p->beat, moment, __ATOMIC_RELAXED);
}

static void on_beat(struct timer *t)
{
	struct daemon_pulse *p = t->arg;

	set_beat(p, clock_mono());
	timer_start(loop_current(), t, attached.limit / 8);
}

void daemon_pulse_begin(struct loop *l, struct daemon_pulse *p)
{
	if (!attached.loop || !attached.limit)
		return;
	p->timer = (struct timer){ .fn = on_beat, .arg = p };
	set_beat(p, clock_mono());
	timer_start(l, &p->timer, 0);
	p->next = attached.pulses;
	attached.pulses = p;
}

void daemon_pulse_end(struct daemon_pulse *p)
{
	timer_stop(&p->timer);
	set_beat(p, 0);
}

static bool all_turn(void)
{
	usec oldest = clock_mono() - attached.limit / 2;

	for (const struct daemon_pulse *p = attached.pulses; p; p = p->next) {
		usec beat = __atomic_load_n(&p->beat, __ATOMIC_RELAXED);

		if (beat && beat < oldest)
			return false;
	}
	return true;
}

/* Half of WatchdogSec, as sd_watchdog_enabled(3) advises; sooner again when it was left out. */
static void ping(struct timer *t)
{
	bool well = all_turn();

	if (well)
		sd_notify(0, "WATCHDOG=1");
	timer_start(attached.loop, t, attached.limit / (well ? 2 : 8));
}

/* The first ping at once. */
static int watchdog_start(void)
{
	uint64_t limit = 0;
	int result = sd_watchdog_enabled(0, &limit);

	if (result <= 0)
		return result;
	attached.limit = (usec)limit;
	attached.watchdog = (struct timer){ .fn = ping };
	ping(&attached.watchdog);
	return 0;
}

static int signals_start(void)
{
	sigset_t set;
	int fd;

	signal_set(&set);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	attached.signals = (struct watch){ .fn = signal_came, .fd = fd, .events = EPOLLIN };
	return watch_add(attached.loop, &attached.signals);
}

int daemon_attach(struct loop *l, const struct daemon_calls *calls)
{
	int result;

	assert(!attached.loop && calls->stop);
	attached.loop = l;
	attached.calls = *calls;
	attached.limit = 0;
	attached.signals.fd = -1;
	result = signals_start();
	if (!result)
		result = watchdog_start();
	if (result)
		daemon_detach();
	return result;
}

void daemon_detach(void)
{
	if (!attached.loop)
		return;
	watch_remove(&attached.signals);
	timer_stop(&attached.watchdog);
	if (attached.signals.fd >= 0)
		close(attached.signals.fd);
	attached.loop = NULL;
	attached.pulses = NULL;
}
