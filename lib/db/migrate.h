/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Schema versions: the files sql/schema/NNNN_verb_noun.sql, embedded in the programs at build time
 * (build/gen/schema.c), applied in order, one transaction each, under an advisory lock.
 *
 * In two phases, so that the version before can be gone back to: a migration expands the schema in a way that the
 * programs before it do not notice. What those need and newer ones do not is taken away by a migration that has a line
 * "-- contract NNNN": programs that know the migration NNNN can do without it. It comes in a later release than NNNN, and is
 * applied only when that is asked for, or into an empty database; not while a program is connected, on whichever machine,
 * that still needs what would go.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

struct migration {
	int64_t version; /* NNNN */
	const char *name; /* verb_noun */
	const char *sql;
	int64_t oldest; /* it contracts, and programs need to know this migration at least; 0: it expands */
};

extern const struct migration migrations[];
extern const size_t n_migrations;

/* What was applied to a database; all 0 when it is empty. */
struct schema {
	int64_t version; /* the newest migration */
	int64_t expanded; /* the newest that expands */
	int64_t oldest; /* programs need to know this migration at least */
};

/* Gives the columns of a struct schema, in its order, as text. */
#define SCHEMA_SQL                                                    \
	"select coalesce(max(version), 0)::text,"                     \
	" coalesce(max(version) filter (where oldest = 0), 0)::text," \
	" coalesce(max(oldest), 0)::text from public.schema_migrations"

/* The newest version that this build knows. */
int64_t migrate_newest(void);

/* What a program of this build calls itself to the database (application_name), so that others see what it needs. */
str migrate_label(struct arena *a, const char *program);

/* Whether this build works on such a database. */
enum schema_fit {
	SCHEMA_FITS,
	SCHEMA_OLDER, /* it has to be migrated */
	SCHEMA_NEWER, /* it lacks what this build needs */
};
enum schema_fit migrate_fit(const struct schema *s);

struct migrate_options {
	bool contract; /* what contracts as well */
	int64_t keep; /* but what programs need that know this migration stays; 0: there are none to think of */
	void (*progress)(void *arg,
			 const struct migration *m); /* before each step; NULL is allowed */
	void *arg;
};

struct migrate_result {
	size_t applied;
	size_t waiting; /* migrations that contract, and were left out */
	size_t kept; /* of these, those that options.keep keeps */
	int64_t sessions; /* of programs that these wait for, when they were asked for */
};

/*
 * Applies what is missing over a blocking connection of its own (role rookery_owner). E_CONFLICT when the database is
 * too new for this build.
 */
int migrate_apply(struct ctx *c, const char *conninfo, const struct migrate_options *o,
		  struct migrate_result *ret) must_check;

int migrate_read(struct ctx *c, const char *conninfo, struct schema *ret) must_check;

#endif
