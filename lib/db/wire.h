/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Inside of lib/db: facts of PostgreSQL's binary formats that encoding and decoding share.
 */
#ifndef DB_WIRE_H
#define DB_WIRE_H

#include "base/clock.h"

/* Built-in types whose binary form is not their text. */
enum {
	OID_INT2 = 21,
	OID_INET = 869,
	OID_JSONB = 3802,
};

/* Element types of the arrays that db.h knows. */
enum {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_TEXT = 25,
	OID_TIMESTAMPTZ = 1184,
};

#define JSONB_VERSION 1

/* Address families of inet: PostgreSQL's own numbers. */
enum { INET_V4 = 2, INET_V6 = 3 };

/* PostgreSQL counts from 2000-01-01; its two ends mean the infinities, and so do ours. */
#define PG_EPOCH (INT64_C(946684800) * USEC_SEC)

#endif
