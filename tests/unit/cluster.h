/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A private PostgreSQL cluster for a unit test: without durability, on a socket in a folder of its
 * own, gone with the test. ROOKERY_TEST_DATABASE names an empty database to be used instead.
 */
#ifndef TESTS_UNIT_CLUSTER_H
#define TESTS_UNIT_CLUSTER_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

static char cluster_folder[64];
static char cluster_conninfo[160];

/* Runs a line of shell in which $run is the user to be (PostgreSQL refuses root) and $bin the
 * programs. */
static inline bool cluster_shell(const char *line)
{
	char *command;
	bool good;

	if (asprintf(&command,
		     "set -e; d='%s'; bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1); run=;"
		     "if [ $(id -u) = 0 ];"
		     "then run='runuser -u postgres --'; chown postgres $d; fi;"
		     "%s",
		     cluster_folder, line) < 0)
		return false;
	good = system(command) == 0;
	free(command);
	return good;
}

/* The connection string, or NULL when there can be no cluster. */
static inline const char *cluster_start(void)
{
	const char *given = getenv("ROOKERY_TEST_DATABASE");

	if (given && *given)
		return given;
	strcpy(cluster_folder, "/tmp/rookery-test-XXXXXX");
	if (!mkdtemp(cluster_folder))
		return NULL;
	snprintf(cluster_conninfo, sizeof(cluster_conninfo),
		 "host=%s user=postgres dbname=postgres", cluster_folder);
	if (!cluster_shell("$run $bin/initdb -D $d/data -U postgres -A trust -E UTF8 -N"
			   " --locale=C.UTF-8 >$d.log 2>&1;"
			   "$run $bin/pg_ctl -w -D $d/data -l $d/log start >>$d.log 2>&1 -o \""
			   "-k $d -c listen_addresses= -c fsync=off -c shared_buffers=16MB\""))
		return NULL;
	return cluster_conninfo;
}

static inline void cluster_stop(void)
{
	if (*cluster_folder &&
	    !cluster_shell("$run $bin/pg_ctl -m immediate -D $d/data stop >>$d.log 2>&1;"
			   "rm -rf $d $d.log"))
		fprintf(stderr, "cluster in %s was not stopped\n", cluster_folder);
}

#endif
