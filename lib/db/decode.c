/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a result is decoded only when its columns have the types that the generator saw, and
 * each value is read within the bytes that came for it.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "db/state.h"
#include "db/wire.h"

/* The bytes of one value that were not read yet. */
struct in {
	const char *p;
	size_t n;
	bool failed; /* more was asked for than there is */
};

static const char *take(struct in *in, size_t n)
{
	static const char zeros[16];
	const char *p = in->p;

	if (in->failed || n > in->n) {
		in->failed = true;
		return n <= sizeof(zeros) ? zeros : NULL;
	}
	in->p += n;
	in->n -= n;
	return p;
}

static uint32_t take_u32(struct in *in)
{
	uint32_t value;

	memcpy(&value, take(in, sizeof(value)), sizeof(value));
	return be32toh(value);
}

static int64_t take_i64(struct in *in)
{
	uint64_t value;

	memcpy(&value, take(in, sizeof(value)), sizeof(value));
	return (int64_t)be64toh(value);
}

static int64_t take_i32(struct in *in)
{
	uint16_t small;

	if (in->n != sizeof(small))
		return (int32_t)take_u32(in);
	memcpy(&small, take(in, sizeof(small)), sizeof(small));
	return (int16_t)be16toh(small);
}

static usec take_time(struct in *in)
{
	int64_t t = take_i64(in);

	if (t == INT64_MIN || t > INT64_MAX - PG_EPOCH)
		return t == INT64_MIN ? t : INT64_MAX;
	return t + PG_EPOCH;
}

static double take_f64(struct in *in)
{
	int64_t bits = take_i64(in);
	double f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

/* Years and months have no length in microseconds. */
static usec take_interval(struct in *in)
{
	usec t = take_i64(in);
	int32_t days = (int32_t)take_u32(in);

	if (take_u32(in) != 0)
		in->failed = true;
	return t + days * USEC_DAY;
}

static str take_rest(struct arena *a, struct in *in)
{
	size_t n = in->n;

	return (str){ arena_copy(a, take(in, n), n), n };
}

/* As text, with the mask only where it is not the whole address. */
static str take_inet(struct arena *a, struct in *in)
{
	const unsigned char *head = (const unsigned char *)take(in, 4);
	bool v6 = head[0] == INET_V6;
	unsigned bits = head[1];
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(v6 ? AF_INET6 : AF_INET, take(in, v6 ? 16 : 4), text, sizeof(text));
	if (bits == (v6 ? 128 : 32))
		return str_dup(a, str_c(text));
	return str_fmt(a, "%s/%u", text, bits);
}

static str take_str(struct arena *a, struct in *in, uint32_t oid)
{
	if (oid == OID_INET)
		return take_inet(a, in);
	if (oid == OID_JSONB && *take(in, 1) != JSONB_VERSION)
		in->failed = true;
	return take_rest(a, in);
}

/* The number of elements; one dimension at most. */
static size_t take_array_head(struct in *in)
{
	uint32_t dimensions = take_u32(in);
	size_t n = 0;

	take(in, 8);
	if (dimensions > 1)
		in->failed = true;
	if (dimensions == 1) {
		n = take_u32(in);
		take_u32(in);
	}
	/* Each element has a length of four bytes at least. */
	if (n > in->n / 4)
		in->failed = true;
	return in->failed ? 0 : n;
}

static strs take_strs(struct arena *a, struct in *in)
{
	size_t n = take_array_head(in);
	str *s = arena_array(a, n, sizeof(*s));

	for (size_t i = 0; i < n && !in->failed; i++) {
		uint32_t length = take_u32(in);
		const char *p = length == UINT32_MAX ? NULL : take(in, length);

		if (p && !in->failed)
			s[i] = (str){ arena_copy(a, p, length), length };
	}
	return (strs){ s, n };
}

static i64s take_i64s(struct arena *a, struct in *in, enum db_type type)
{
	size_t n = take_array_head(in);
	int64_t *s = arena_array(a, n, sizeof(*s));

	for (size_t i = 0; i < n && !in->failed; i++) {
		if (take_u32(in) == UINT32_MAX)
			continue;
		if (type == DB_BOOLS)
			s[i] = *take(in, 1) != 0;
		else
			s[i] = type == DB_TIMES ? take_time(in) : take_i64(in);
	}
	return (i64s){ s, n };
}

/* The member that a column's value goes to. */
union member {
	bool *b;
	int64_t *i;
	double *f;
	str *s;
	strs *ss;
	i64s *is;
	void *address;
};

static void take_value(struct arena *a, struct in *in, const struct db_field *f, union member m)
{
	switch (f->type) {
	case DB_BOOL:
		*m.b = *take(in, 1) != 0;
		break;
	case DB_I32:
		*m.i = take_i32(in);
		break;
	case DB_I64:
		*m.i = take_i64(in);
		break;
	case DB_F64:
		*m.f = take_f64(in);
		break;
	case DB_STR:
		*m.s = take_str(a, in, f->oid);
		break;
	case DB_BYTES:
		*m.s = take_rest(a, in);
		break;
	case DB_TIME:
		*m.i = take_time(in);
		break;
	case DB_INTERVAL:
		*m.i = take_interval(in);
		break;
	case DB_STRS:
	case DB_BYTESS:
		*m.ss = take_strs(a, in);
		break;
	case DB_I64S:
	case DB_TIMES:
	case DB_BOOLS:
		*m.is = take_i64s(a, in, f->type);
		break;
	}
}

static int check_columns(struct ctx *c, const struct db_query *q, const PGresult *r)
{
	if ((size_t)PQnfields(r) != q->n_columns)
		return fail(c, -EIO, "%s: %d columns instead of %zu", q->name, PQnfields(r),
			    q->n_columns);
	for (size_t i = 0; i < q->n_columns; i++)
		if (q->columns[i].oid && PQftype(r, (int)i) != q->columns[i].oid)
			return fail(c, -EIO, "%s: column %s has another type than was generated",
				    q->name, q->columns[i].name);
	return 0;
}

static int decode_row(struct ctx *c, const struct db_query *q, const PGresult *r, int row,
		      char *ret_row)
{
	for (size_t i = 0; i < q->n_columns; i++) {
		const struct db_field *f = &q->columns[i];
		struct in in = { PQgetvalue(r, row, (int)i), (size_t)PQgetlength(r, row, (int)i),
				 false };

		if (PQgetisnull(r, row, (int)i)) {
			if (!f->nullable)
				return fail(c, -EIO, "%s: column %s is null: mark it \"%s?\"",
					    q->name, f->name, f->name);
			continue;
		}
		take_value(c->arena, &in, f, (union member){ .address = ret_row + f->offset });
		if (in.failed || in.n)
			return fail(c, -EIO, "%s: column %s has a value that does not fit its type",
				    q->name, f->name);
	}
	return 0;
}

static size_t affected(const PGresult *r)
{
	return strtoull(PQcmdTuples((PGresult *)r), NULL, 10);
}

int decode_rows(struct ctx *c, const struct db_query *q, const PGresult *r, void **ret_rows,
		size_t *ret_count)
{
	size_t n = (size_t)PQntuples(r);
	char *rows;

	if (PQresultMemorySize(r) > VALUES_LIMIT || n > DB_ROWS_LIMIT)
		return fail(c, E_TOO_LARGE, "%s: the result is too large (%zu rows)", q->name, n);
	if (q->n_columns == 0) {
		if (ret_rows)
			*ret_rows = NULL;
		*ret_count = affected(r);
		return 0;
	}
	TRY(check_columns(c, q, r));
	rows = arena_array(c->arena, n, q->row_size);
	for (size_t i = 0; i < n; i++)
		TRY(decode_row(c, q, r, (int)i, rows + i * q->row_size));
	*ret_rows = rows;
	*ret_count = n;
	return 0;
}
