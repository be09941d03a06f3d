/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Schema versions: the files sql/schema/NNNN_verb_noun.sql, embedded in the programs at build time
 * (build/gen/schema.c), applied in order, one transaction each, under an advisory lock.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"

struct migration {
	int64_t version; /* NNNN */
	const char *name; /* verb_noun */
	const char *sql;
};

extern const struct migration migrations[];
extern const size_t n_migrations;

/* The newest version that this build knows. */
int64_t migrate_newest(void);

/*
 * Applies what is missing over a blocking connection of its own (role rookery_owner). progress is
 * called before each step; NULL is allowed. E_CONFLICT when the database is newer than this build.
 */
int migrate_apply(struct ctx *c, const char *conninfo,
		  void (*progress)(void *arg, const struct migration *m), void *arg,
		  size_t *ret_applied) must_check;

/* The version of the database; 0 when it is empty. */
int migrate_version(struct ctx *c, const char *conninfo, int64_t *ret) must_check;

#endif
