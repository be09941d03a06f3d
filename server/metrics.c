/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: counters only grow; each is one atomic, so that any loop may count. */
#include "server/metrics.h"

#include <stdint.h>
#include <sys/resource.h>

static int64_t responses[6]; /* by the status' first digit */
static int64_t statements;
static int64_t streams; /* open now */

void metrics_count_response(int status)
{
	int class = status / 100;

	if (class >= 1 && class <= 5)
		__atomic_add_fetch(&responses[class], 1, __ATOMIC_RELAXED);
}

void metrics_count_statements(unsigned n)
{
	__atomic_add_fetch(&statements, n, __ATOMIC_RELAXED);
}

void metrics_set_streams(unsigned n)
{
	__atomic_store_n(&streams, n, __ATOMIC_RELAXED);
}

static int64_t read_counter(const int64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

void metrics_write(struct out *o)
{
	struct rusage usage;

	out_c(o, "# HELP rookery_http_responses_total Responses sent, by class of status.\n"
		 "# TYPE rookery_http_responses_total counter\n");
	for (int class = 1; class <= 5; class ++)
		out_fmt(o, "rookery_http_responses_total{class=\"%dxx\"} %lld\n", class,
			(long long)read_counter(&responses[class]));
	out_fmt(o,
		"# HELP rookery_statements_total Statements sent to the database.\n"
		"# TYPE rookery_statements_total counter\n"
		"rookery_statements_total %lld\n",
		(long long)read_counter(&statements));
	out_fmt(o,
		"# HELP rookery_streams Streams of the client API that are open.\n"
		"# TYPE rookery_streams gauge\n"
		"rookery_streams %lld\n",
		(long long)read_counter(&streams));
	getrusage(RUSAGE_SELF, &usage);
	out_fmt(o,
		"# HELP process_cpu_seconds_total Processor time used.\n"
		"# TYPE process_cpu_seconds_total counter\n"
		"process_cpu_seconds_total %lld.%06lld\n"
		"# HELP process_max_resident_bytes Most memory used so far.\n"
		"# TYPE process_max_resident_bytes gauge\n"
		"process_max_resident_bytes %lld\n",
		(long long)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
			    (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000000),
		(long long)((usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) % 1000000),
		(long long)usage.ru_maxrss * 1024);
}
