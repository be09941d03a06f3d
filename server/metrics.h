/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Numbers of this process and of the installation, in Prometheus' text format (version 0.0.4). Names end with their
 * unit, counters with _total. No label takes a value that a stranger chose, and tenants are counted by name only as far
 * as the setting metrics_tenants goes.
 */
#ifndef SERVER_METRICS_H
#define SERVER_METRICS_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/out.h"

struct loop;
struct program;
struct doors;

struct request_numbers {
	int class; /* enum request_class */
	int status;
	int64_t domain_id; /* 0: of none */
	usec duration;
};

void metrics_count_response(const struct request_numbers *n);
void metrics_count_in_flight(int change);
void metrics_count_connections(int change);
void metrics_count_statements(unsigned n);
void metrics_set_streams(unsigned n);

/* metrics.c: of this process. */
void metrics_write(struct out *o);
/* metrics_machine.c: what the kernel knows of this process, and of the machine. */
void metrics_write_process(struct out *o);
void metrics_write_machine(struct out *o);
/* metrics_house.c: of the installation, from its database, and of this machine. */
int metrics_write_house(struct ctx *c, struct out *o) must_check;

/*
 * Requests of tenants, on their way to the records of what each uses: told once a minute, in a fiber of the loop, until
 * it is ended; then what is left is told. What the database does not take is told with the next.
 */
struct usage_teller;
int usage_teller_start(const struct program *p, const struct doors *d,
		       struct usage_teller **ret) must_check;
/* In a fiber. NULL does nothing. */
void usage_teller_end(struct usage_teller *t);

/* One number without labels. */
void metrics_gauge(struct out *o, const char *name, const char *help, int64_t n);
/* "# HELP" and "# TYPE" of what follows. */
void metrics_head(struct out *o, const char *name, const char *type, const char *help);

#endif
