/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The only door to PostgreSQL. A struct db belongs to one loop and holds one shared connection in
 * pipeline mode, on which the single statements of all fibers ride, and a small pool of exclusive
 * sessions for transactions. SQL lives in sql/query; the generated functions in sql/gen are the
 * callers of db_query. Nothing else sends statements.
 *
 * Tenant binding: on the shared connection each statement travels as a group of its own: first
 * set_config('rookery.domain', <ctx's tenant>, true), then the statement, then a sync; the setting
 * ends with the group's implicit transaction. In a session it is set at db_begin and ends with the
 * transaction. So no failure or interleaving can leave another tenant's setting behind.
 *
 * Lost connections are opened again with growing delays; statements that meet a lost one give
 * E_LATER (with a message in the ctx) and are not repeated by this layer.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

struct loop;
struct db;

struct db_options {
	const char *conninfo; /* libpq connection string */
	const char *program; /* application_name */
	unsigned sessions; /* exclusive sessions at most */
	usec statement_timeout;
	bool check_schema; /* refuse to work on one that does not fit this build (db/migrate.h) */
};

/* Opens nothing yet: connections come with the first use. */
int db_new(struct loop *l, const struct db_options *o, struct db **ret) must_check;
void db_free(struct db *db);

/* Parameter and column types; the zero value of each stands for SQL NULL where NULL is allowed. */
enum db_type {
	DB_BOOL, /* bool */
	DB_I32, /* int4, int2 as int64_t */
	DB_I64, /* int8 as int64_t */
	DB_F64, /* float8 as double */
	DB_STR, /* text, varchar, json, jsonb, enums, inet, "char", name: as text */
	DB_BYTES, /* bytea */
	DB_TIME, /* timestamptz as usec */
	DB_INTERVAL, /* interval as usec (days of 24 hours; no months) */
	DB_I64S, /* int8[] */
	DB_STRS, /* text[] */
	DB_BYTESS, /* bytea[] as strs */
	DB_TIMES, /* timestamptz[] as i64s of usec */
	DB_BOOLS, /* bool[] as i64s of 0 and 1 */
};

struct db_field {
	const char *name; /* column or parameter */
	enum db_type type;
	uint32_t oid; /* of the PostgreSQL type */
	bool nullable;
	size_t offset; /* columns: of the member in the row struct */
};

/* One named statement, generated. */
struct db_query {
	const char *name; /* also the prepared statement's name */
	const char *sql; /* with $1.. */
	const struct db_field *params;
	size_t n_params;
	const struct db_field *columns;
	size_t n_columns;
	size_t row_size; /* bytes of the row struct */
};

union db_value {
	bool b;
	int64_t i;
	double f;
	str s;
	strs ss;
	i64s is;
};

/*
 * Sends q with its parameters and decodes all rows into an array of row structs in the ctx's
 * arena. *ret_count is the number of rows, or of affected rows for a statement without columns.
 * E_CONFLICT for a unique violation, E_INVALID for a check or foreign-key violation or a value
 * that the type refuses, E_LATER for a lost connection, a serialisation failure, a deadlock or a
 * time-out, -EIO for anything else. More than DB_ROWS_LIMIT rows: E_TOO_LARGE. What is not answered by
 * the ctx's deadline gives E_LATER, and may still come to pass.
 */
#define DB_ROWS_LIMIT 20000
int db_query(struct ctx *c, const struct db_query *q, const union db_value *params, void **ret_rows,
	     size_t *ret_count) must_check;

/*
 * Borrows an exclusive session, waits its turn, and begins a transaction bound to the ctx's
 * tenant. Until db_commit or db_rollback all statements of the ctx go there. Transactions do not
 * nest. After a failed statement only db_rollback works.
 */
int db_begin(struct ctx *c) must_check;
/* The same, and all statements see what the first one saw (repeatable read). */
int db_begin_snapshot(struct ctx *c) must_check;
int db_commit(struct ctx *c) must_check;
/* Does nothing outside of a transaction, so that cleanup can call it always. */
void db_rollback(struct ctx *c);
/* Within a transaction: binds to another tenant from here on (0: none). */
int db_bind(struct ctx *c, int64_t domain_id) must_check;

/*
 * Runs fn inside a transaction: commits when it returns 0, rolls back otherwise; a serialisation
 * failure or deadlock is tried again up to three times.
 */
int db_transaction(struct ctx *c, int (*fn)(struct ctx *c, void *arg), void *arg) must_check;

/*
 * LISTEN on a connection of its own: fn is called from the loop for each notification, and once
 * with payload "" after each (re)connection, since notifications may have been lost meanwhile.
 */
int db_listen(struct db *db, const char *channel, void (*fn)(void *arg, str payload),
	      void *arg) must_check;

/* Of the library behind it. */
str db_version(struct arena *a);

/* 0 when a trivial statement is answered within the time: for /readyz. */
int db_ping(struct ctx *c, usec timeout) must_check;

#endif
