/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: every parameter travels in binary, and where its type says so a zero value travels as
 * NULL. A value that its type cannot hold is refused here; text is judged by the server.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "base/out.h"
#include "db/state.h"
#include "db/wire.h"

static void put_u32(struct out *o, uint32_t value)
{
	value = htobe32(value);
	out_str(o, (str){ (const char *)&value, sizeof(value) });
}

static void put_i64(struct out *o, int64_t value)
{
	uint64_t big = htobe64((uint64_t)value);

	out_str(o, (str){ (const char *)&big, sizeof(big) });
}

static int put_time(struct ctx *c, struct out *o, usec t)
{
	if (t == INT64_MAX || t == INT64_MIN)
		put_i64(o, t);
	else if (t < INT64_MIN + PG_EPOCH)
		return fail(c, E_INVALID, "a moment is out of range");
	else
		put_i64(o, t - PG_EPOCH);
	return 0;
}

static int put_i32(struct ctx *c, struct out *o, const struct db_field *f, int64_t i)
{
	int64_t limit = f->oid == OID_INT2 ? INT16_MAX : INT32_MAX;
	uint16_t small = htobe16((uint16_t)i);

	if (i > limit || i < -limit - 1)
		return fail(c, E_INVALID, "%s is out of range", f->name);
	if (f->oid == OID_INT2)
		out_str(o, (str){ (const char *)&small, sizeof(small) });
	else
		put_u32(o, (uint32_t)i);
	return 0;
}

/* "192.0.2.1", "2001:db8::1", either with "/bits". */
static int put_inet(struct ctx *c, struct out *o, const struct db_field *f, str s)
{
	unsigned char address[16];
	str host = s, head;
	uint16_t bits;
	int family;
	bool v6;

	if (!str_cut(&host, '/', &head) || str_is_empty(head))
		return fail(c, E_INVALID, "%s is not an address", f->name);
	v6 = str_find_char(head, ':', 0) != SIZE_MAX;
	family = v6 ? AF_INET6 : AF_INET;
	bits = v6 ? 128 : 32;
	if (inet_pton(family, str_z(c->arena, head), address) != 1)
		return fail(c, E_INVALID, "%s is not an address", f->name);
	if (head.n < s.n && (!str_to_u16(host, &bits) || bits > (v6 ? 128 : 32)))
		return fail(c, E_INVALID, "%s is not an address", f->name);
	out_char(o, v6 ? INET_V6 : INET_V4);
	out_char(o, (char)bits);
	out_char(o, 0); /* not a cidr */
	out_char(o, v6 ? 16 : 4);
	out_str(o, (str){ (const char *)address, v6 ? 16 : 4 });
	return 0;
}

static int put_str(struct ctx *c, struct out *o, const struct db_field *f, str s)
{
	if (f->oid == OID_INET)
		return put_inet(c, o, f, s);
	if (f->oid == OID_JSONB)
		out_char(o, JSONB_VERSION);
	out_str(o, s);
	return 0;
}

/* The head of an array of one dimension; an empty array has none. */
static void put_array_head(struct out *o, uint32_t element, size_t n, bool has_null)
{
	put_u32(o, n ? 1 : 0);
	put_u32(o, has_null);
	put_u32(o, element);
	if (n) {
		put_u32(o, (uint32_t)n);
		put_u32(o, 1);
	}
}

static void put_strs(struct out *o, uint32_t element, strs s)
{
	bool has_null = false;

	for (size_t i = 0; i < s.n; i++)
		has_null |= str_is_null(s.p[i]);
	put_array_head(o, element, s.n, has_null);
	for (size_t i = 0; i < s.n; i++) {
		put_u32(o, str_is_null(s.p[i]) ? UINT32_MAX : (uint32_t)s.p[i].n);
		out_str(o, s.p[i]);
	}
}

static int put_i64s(struct ctx *c, struct out *o, enum db_type type, i64s s)
{
	static const uint32_t elements[] = {
		[DB_I64S] = OID_INT8,
		[DB_TIMES] = OID_TIMESTAMPTZ,
		[DB_BOOLS] = OID_BOOL,
	};

	put_array_head(o, elements[type], s.n, false);
	for (size_t i = 0; i < s.n; i++) {
		put_u32(o, type == DB_BOOLS ? 1 : 8);
		if (type == DB_BOOLS)
			out_char(o, s.p[i] != 0);
		else if (type == DB_I64S)
			put_i64(o, s.p[i]);
		else
			TRY(put_time(c, o, s.p[i]));
	}
	return 0;
}

static void put_f64(struct out *o, double f)
{
	int64_t bits;

	memcpy(&bits, &f, sizeof(bits));
	put_i64(o, bits);
}

static int put_value(struct ctx *c, struct out *o, const struct db_field *f,
		     const union db_value *v)
{
	switch (f->type) {
	case DB_BOOL:
		out_char(o, v->b);
		return 0;
	case DB_I32:
		return put_i32(c, o, f, v->i);
	case DB_I64:
		put_i64(o, v->i);
		return 0;
	case DB_F64:
		put_f64(o, v->f);
		return 0;
	case DB_STR:
		return put_str(c, o, f, v->s);
	case DB_BYTES:
		out_str(o, v->s);
		return 0;
	case DB_TIME:
		return put_time(c, o, v->i);
	case DB_INTERVAL:
		put_i64(o, v->i);
		put_u32(o, 0); /* days */
		put_u32(o, 0); /* months */
		return 0;
	case DB_STRS:
		put_strs(o, OID_TEXT, v->ss);
		return 0;
	case DB_BYTESS:
		put_strs(o, OID_BYTEA, v->ss);
		return 0;
	case DB_I64S:
	case DB_TIMES:
	case DB_BOOLS:
		return put_i64s(c, o, f->type, v->is);
	}
	assert(!"a type of enum db_type");
	return 0;
}

static bool is_zero(const struct db_field *f, const union db_value *v)
{
	switch (f->type) {
	case DB_BOOL:
		return !v->b;
	case DB_F64:
		return v->f == 0;
	case DB_STR:
	case DB_BYTES:
		return str_is_null(v->s);
	case DB_STRS:
	case DB_BYTESS:
		return v->ss.p == NULL;
	case DB_I64S:
	case DB_TIMES:
	case DB_BOOLS:
		return v->is.p == NULL;
	default:
		return v->i == 0;
	}
}

int encode_params(struct ctx *c, const struct db_query *q, const union db_value *params,
		  struct encoded *ret)
{
	struct encoded e = { .n = (int)q->n_params };
	size_t *starts = arena_array(c->arena, q->n_params + 1, sizeof(*starts));
	struct out o;
	str bytes;

	e.values = arena_array(c->arena, q->n_params, sizeof(*e.values));
	e.lengths = arena_array(c->arena, q->n_params, sizeof(*e.lengths));
	e.formats = arena_array(c->arena, q->n_params, sizeof(*e.formats));
	out_init(&o, c->arena, VALUES_LIMIT);
	for (size_t i = 0; i < q->n_params; i++) {
		const struct db_field *f = &q->params[i];
		bool is_str = f->type == DB_STR || f->type == DB_BYTES;

		starts[i] = o.n;
		e.formats[i] = 1;
		/* A bug of ours, but strangers choose the data: it costs them their request, not us the process. */
		if (!f->nullable && is_str && str_is_null(params[i].s))
			return fail(c, -EINVAL, "%s: parameter %zu is missing", q->name, i + 1);
		if (!f->nullable || !is_zero(f, &params[i]))
			TRY(put_value(c, &o, f, &params[i]));
	}
	starts[q->n_params] = o.n;
	if (out_done(&o, &bytes))
		return fail(c, E_TOO_LARGE, "%s: the parameters are too large", q->name);
	for (size_t i = 0; i < q->n_params; i++) {
		bool is_null = q->params[i].nullable && is_zero(&q->params[i], &params[i]);

		/* The buffer moved while it grew: addresses hold only now. */
		e.values[i] = is_null ? NULL : bytes.p + starts[i];
		e.lengths[i] = (int)(starts[i + 1] - starts[i]);
	}
	*ret = e;
	return 0;
}
