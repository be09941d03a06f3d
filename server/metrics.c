/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: counters only grow; each is one atomic, so that any loop may count. */
#include "server/metrics.h"

#include <stdint.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/tally.h"
#include "server/http.h"
#include "server/usage.h"

#define STATUS_FIRST 100
#define STATUS_LAST 599

static const char *const classes[REQUEST_CLASSES] = {
	[CLASS_OTHER] = "other",
	[CLASS_PAGE] = "page",
	[CLASS_API] = "api",
	[CLASS_OAUTH] = "oauth",
	[CLASS_FEDERATION] = "federation",
	[CLASS_INBOX] = "inbox",
	[CLASS_FILE] = "file",
	[CLASS_CONSOLE] = "console",
	[CLASS_ADMIN] = "admin",
};

/* Upper bounds, in milliseconds. */
static const int bounds[] = { 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000 };
#define BUCKETS (ARRAY_SIZE(bounds) + 1)

static int64_t responses[REQUEST_CLASSES][STATUS_LAST - STATUS_FIRST + 1];
static int64_t durations[REQUEST_CLASSES][BUCKETS]; /* each request in one */
static int64_t duration_sums[REQUEST_CLASSES];
static int64_t in_flight, connections; /* now */
static int64_t statements;
static int64_t streams; /* open now */

static void add(int64_t *counter, int64_t n)
{
	__atomic_add_fetch(counter, n, __ATOMIC_RELAXED);
}

static int64_t read_counter(const int64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

void metrics_count_response(const struct request_numbers *n)
{
	size_t bucket = 0;

	if (n->status < STATUS_FIRST || n->status > STATUS_LAST)
		return;
	while (bucket < ARRAY_SIZE(bounds) && n->duration > bounds[bucket] * USEC_MSEC)
		bucket++;
	add(&responses[n->class][n->status - STATUS_FIRST], 1);
	add(&durations[n->class][bucket], 1);
	add(&duration_sums[n->class], n->duration);
	if (n->domain_id)
		usage_note(n->domain_id);
}

void metrics_count_in_flight(int change)
{
	add(&in_flight, change);
}

void metrics_count_connections(int change)
{
	add(&connections, change);
}

void metrics_count_statements(unsigned n)
{
	add(&statements, n);
}

void metrics_set_streams(unsigned n)
{
	__atomic_store_n(&streams, n, __ATOMIC_RELAXED);
}

void metrics_head(struct out *o, const char *name, const char *type, const char *help)
{
	out_fmt(o, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_responses(struct out *o)
{
	metrics_head(o, "rookery_http_requests_total", "counter", "Requests answered.");
	for (size_t class = 0; class < REQUEST_CLASSES; class ++)
		for (int status = STATUS_FIRST; status <= STATUS_LAST; status++) {
			int64_t n = read_counter(&responses[class][status - STATUS_FIRST]);

			if (n)
				out_fmt(o,
					"rookery_http_requests_total{class=\"%s\",status=\"%d\"} %lld\n",
					classes[class], status, (long long)n);
		}
}

static void write_seconds(struct out *o, usec t)
{
	out_fmt(o, "%lld.%06lld\n", (long long)(t / USEC_SEC), (long long)(t % USEC_SEC));
}

static void write_histogram(struct out *o, size_t class)
{
	static const char name[] = "rookery_http_request_duration_seconds";
	int64_t n = 0;

	for (size_t i = 0; i < BUCKETS; i++) {
		n += read_counter(&durations[class][i]);
		if (i < ARRAY_SIZE(bounds))
			out_fmt(o, "%s_bucket{class=\"%s\",le=\"%d.%03d\"} %lld\n", name,
				classes[class], bounds[i] / 1000, bounds[i] % 1000, (long long)n);
		else
			out_fmt(o, "%s_bucket{class=\"%s\",le=\"+Inf\"} %lld\n", name,
				classes[class], (long long)n);
	}
	out_fmt(o, "%s_sum{class=\"%s\"} ", name, classes[class]);
	write_seconds(o, read_counter(&duration_sums[class]));
	out_fmt(o, "%s_count{class=\"%s\"} %lld\n", name, classes[class], (long long)n);
}

static void write_durations(struct out *o)
{
	metrics_head(o, "rookery_http_request_duration_seconds", "histogram",
		     "From the head of a request to its answer.");
	for (size_t class = 0; class < REQUEST_CLASSES; class ++)
		write_histogram(o, class);
}

static void write_number(struct out *o, const char *name, const char *type, const char *help,
			 int64_t n)
{
	metrics_head(o, name, type, help);
	out_fmt(o, "%s %lld\n", name, (long long)n);
}

void metrics_gauge(struct out *o, const char *name, const char *help, int64_t n)
{
	write_number(o, name, "gauge", help, n);
}

static void write_time(struct out *o, const char *name, const char *help, usec t)
{
	metrics_head(o, name, "counter", help);
	out_fmt(o, "%s ", name);
	write_seconds(o, t);
}

static void write_fetches(struct out *o)
{
	static const char *const results[] = { "2xx", "3xx", "4xx", "5xx", "refused", "failed" };

	metrics_head(o, "rookery_fetches_total", "counter",
		     "Exchanges of this process with other servers, by what came of them.");
	for (size_t i = 0; i < ARRAY_SIZE(results); i++)
		out_fmt(o, "rookery_fetches_total{result=\"%s\"} %lld\n", results[i],
			(long long)tally_read(TALLY_FETCH_2XX + (enum tally_id)i));
	write_time(o, "rookery_fetch_seconds_total", "Time spent waiting for them.",
		   tally_read(TALLY_FETCH_USEC));
}

/* Counters that doors keep. */
static const struct {
	const char *name, *help;
	enum tally_id id;
} counters[] = {
	{ "rookery_database_connects_total", "Connections to the database that were made.",
	  TALLY_DB_CONNECTS },
	{ "rookery_database_losses_total", "Connections to the database that were lost.",
	  TALLY_DB_LOSSES },
	{ "rookery_database_waits_total",
	  "Statements and transactions that had to wait for a connection to be free.",
	  TALLY_DB_WAITS },
	{ "rookery_database_timeouts_total", "Those that waited in vain.", TALLY_DB_TIMEOUTS },
	{ "rookery_http_remembered_total",
	  "Answers to people who are not logged in that were remembered rather than made anew.",
	  TALLY_RECALLED },
	{ "rookery_media_decoded_total", "Files that were given to a decoder.", TALLY_WORKER_RUNS },
	{ "rookery_media_failures_total", "Of these, those that could not be worked on.",
	  TALLY_WORKER_FAILURES },
	{ "rookery_media_stored_files_total", "Files written to the store.", TALLY_STORE_FILES },
	{ "rookery_media_stored_bytes_total", "Bytes of them.", TALLY_STORE_BYTES },
};

static usec time_of(struct timeval t)
{
	return t.tv_sec * USEC_SEC + t.tv_usec;
}

void metrics_write(struct out *o)
{
	struct rusage usage;

	metrics_head(o, "rookery_build_info", "gauge", "The version of this program.");
	out_c(o, "rookery_build_info{version=\"" ROOKERY_VERSION "\"} 1\n");
	write_responses(o);
	write_durations(o);
	write_number(o, "rookery_http_requests_in_flight", "gauge",
		     "Requests that were not answered yet.", read_counter(&in_flight));
	write_number(o, "rookery_http_connections", "gauge", "Connections of clients and proxies.",
		     read_counter(&connections));
	write_number(o, "rookery_statements_total", "counter", "Statements sent to the database.",
		     read_counter(&statements));
	write_number(o, "rookery_streams", "gauge", "Streams of the client API that are open.",
		     read_counter(&streams));
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		write_number(o, counters[i].name, "counter", counters[i].help,
			     tally_read(counters[i].id));
	write_time(o, "rookery_database_wait_seconds_total", "Time that these waited.",
		   tally_read(TALLY_DB_WAIT_USEC));
	write_time(o, "rookery_media_decoding_seconds_total", "Time that decoders took.",
		   tally_read(TALLY_WORKER_USEC));
	write_fetches(o);
	getrusage(RUSAGE_SELF, &usage);
	write_time(o, "process_cpu_seconds_total", "Processor time used.",
		   time_of(usage.ru_utime) + time_of(usage.ru_stime));
	write_number(o, "process_max_resident_bytes", "gauge", "Most memory used so far.",
		     (int64_t)usage.ru_maxrss * 1024);
	metrics_write_process(o);
}
