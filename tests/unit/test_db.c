/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lib/db against a real PostgreSQL: single statements on the shared connection, what they carry
 * and how they fail, and schema versions.
 */
#include "tests/unit/db_fixture.h"

/* Migrations of the test's own */

static const char broken_sql[] = "create table never (id bigint);\n\nselect * from nowhere;";

const struct migration migrations[] = {
	GOOD_MIGRATIONS,
	{ 7, "break_it", broken_sql },
};

const size_t n_migrations = ARRAY_SIZE(migrations);

/* Types */

struct every {
	bool b;
	int64_t small, i, big;
	double f;
	str text, jsonb, inet, bytes;
	usec time, interval;
	i64s bigs;
	strs texts, bytess;
	i64s times, bools;
	str mood, character, name;
};

/* clang-format off */
#define EVERY(X)                                                                                  \
	X(b, DB_BOOL, 16)                                                                         \
	X(small, DB_I32, 21)                                                                      \
	X(i, DB_I32, 23)                                                                          \
	X(big, DB_I64, 20)                                                                        \
	X(f, DB_F64, 701) X(text, DB_STR, 25) X(jsonb, DB_STR, 3802) X(inet, DB_STR, 869)         \
		X(bytes, DB_BYTES, 17) X(time, DB_TIME, 1184) X(interval, DB_INTERVAL, 1186)      \
			X(bigs, DB_I64S, 1016) X(texts, DB_STRS, 1009) X(bytess, DB_BYTESS, 1001) \
				X(times, DB_TIMES, 1185) X(bools, DB_BOOLS, 1000)                 \
					X(mood, DB_STR, 0) X(character, DB_STR, 18)               \
						X(name, DB_STR, 19)
/* clang-format on */

#define COLUMN(member, type, oid) { #member, type, oid, true, offsetof(struct every, member) },
static const struct db_field every_fields[] = { EVERY(COLUMN) };

#define EVERY_COLUMNS                                                   \
	.columns = every_fields, .n_columns = ARRAY_SIZE(every_fields), \
	.row_size = sizeof(struct every)

static const struct db_query every_echo = {
	.name = "every_echo",
	.sql = "select $1::bool, $2::int2, $3::int4, $4::int8, $5::float8, $6::text, $7::jsonb,"
	       " $8::inet, $9::bytea, $10::timestamptz, $11::interval, $12::int8[], $13::text[],"
	       " $14::bytea[], $15::timestamptz[], $16::bool[], $17::mood, $18::\"char\", "
	       "$19::name",
	.params = every_fields,
	.n_params = ARRAY_SIZE(every_fields),
	EVERY_COLUMNS,
};

static const struct db_query every_literal = {
	.name = "every_literal",
	.sql = "select true, -2::int2, 70000, -5000000000::int8, 0.5::float8, 'grüße',"
	       " '{\"a\": [1]}'::jsonb, '2001:db8::1'::inet, '\\x00ff'::bytea,"
	       " '2026-11-23T20:38:48.123456Z'::timestamptz, '1 day 2 hours'::interval,"
	       " '{1,-1}'::int8[], array['a', null, ''], '{\"\\\\x00\",\"\\\\xff\"}'::bytea[],"
	       " array['1969-12-31T23:59:59Z'::timestamptz, '2000-01-01T00:00:00Z'],"
	       " '{t,f}'::bool[], 'sad'::mood, 'x'::\"char\", 'n'::name",
	EVERY_COLUMNS,
};

static const struct db_query every_null = {
	.name = "every_null",
	.sql = "select null::bool, null::int2, null::int4, null::int8, null::float8, null::text,"
	       " null::jsonb, null::inet, null::bytea, null::timestamptz, null::interval,"
	       " null::int8[], null::text[], null::bytea[], null::timestamptz[], null::bool[],"
	       " null::mood, null::\"char\", null::name",
	EVERY_COLUMNS,
};

static struct every sample(void)
{
	static const int64_t bigs[] = { 1, -1 }, times[] = { -1000000, 946684800000000 },
			     bools[] = { 1, 0 };
	static const str texts[] = { { "a", 1 }, { NULL, 0 }, { "", 0 } };
	static const str bytess[] = { { "\0", 1 }, { "\xff", 1 } };

	return (struct every){
		.b = true,
		.small = -2,
		.i = 70000,
		.big = -5000000000,
		.f = 0.5,
		.text = STR("grüße"),
		.jsonb = STR("{\"a\": [1]}"),
		.inet = STR("2001:db8::1"),
		.bytes = STR("\0\xff"),
		.time = 1795466328123456,
		.interval = 26 * USEC_HOUR,
		.bigs = { bigs, 2 },
		.texts = { texts, 3 },
		.bytess = { bytess, 2 },
		.times = { times, 2 },
		.bools = { bools, 2 },
		.mood = STR("sad"),
		.character = STR("x"),
		.name = STR("n"),
	};
}

static bool same_str(str a, str b)
{
	return str_is_null(a) == str_is_null(b) && a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static bool same_strs(strs a, strs b)
{
	bool same = a.n == b.n;

	for (size_t i = 0; same && i < a.n; i++)
		same = same_str(a.p[i], b.p[i]);
	return same;
}

static bool same_i64s(i64s a, i64s b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n * sizeof(*a.p)));
}

static bool same_field(const struct db_field *f, const struct every *a, const struct every *b)
{
	const void *x = (const char *)a + f->offset, *y = (const char *)b + f->offset;

	switch (f->type) {
	case DB_BOOL:
		return *(const bool *)x == *(const bool *)y;
	case DB_STR:
	case DB_BYTES:
		return same_str(*(const str *)x, *(const str *)y);
	case DB_STRS:
	case DB_BYTESS:
		return same_strs(*(const strs *)x, *(const strs *)y);
	case DB_I64S:
	case DB_TIMES:
	case DB_BOOLS:
		return same_i64s(*(const i64s *)x, *(const i64s *)y);
	default:
		return memcmp(x, y, 8) == 0;
	}
}

static void check_every(struct ctx *c, const struct db_query *q, const union db_value *params,
			struct every expected)
{
	void *rows;
	size_t n;

	CHECK_OK(c, db_query(c, q, params, &rows, &n));
	CHECK(n == 1);
	for (size_t i = 0; i < ARRAY_SIZE(every_fields); i++)
		if (!same_field(&every_fields[i], rows, &expected))
			note(__LINE__, every_fields[i].name);
}

/* Sends a struct every as the parameters of every_echo. */
static void echo(struct ctx *c, struct every v)
{
	const union db_value params[] = {
		{ .b = v.b },	   { .i = v.small },	 { .i = v.i },	      { .i = v.big },
		{ .f = v.f },	   { .s = v.text },	 { .s = v.jsonb },    { .s = v.inet },
		{ .s = v.bytes },  { .i = v.time },	 { .i = v.interval }, { .is = v.bigs },
		{ .ss = v.texts }, { .ss = v.bytess },	 { .is = v.times },   { .is = v.bools },
		{ .s = v.mood },   { .s = v.character }, { .s = v.name },
	};

	check_every(c, &every_echo, params, v);
}

static void types_fiber(struct ctx *c)
{
	static const str addresses[] = { { "192.0.2.1", 9 },
					 { "10.0.0.0/8", 10 },
					 { "::", 2 },
					 { "::1/0", 5 },
					 { "0.0.0.0/32", 10 } };
	static const str not_addresses[] = { { "", 0 },		  { "x", 1 },
					     { "1.2.3", 5 },	  { "1.2.3.4/33", 10 },
					     { "1.2.3.4/", 8 },	  { "::/129", 6 },
					     { "1.2.3.4/8x", 10 } };
	struct every v = sample();
	static const int64_t none;

	check_every(c, &every_literal, NULL, v);
	check_every(c, &every_null, NULL, (struct every){ 0 });
	echo(c, v);
	echo(c, (struct every){ 0 });
	echo(c, (struct every){ .time = INT64_MAX,
				.small = INT16_MIN,
				.i = INT32_MAX,
				.big = INT64_MIN,
				.text = STR(""),
				.bytes = STR(""),
				.bigs = { &none, 0 } });
	echo(c, (struct every){ .time = INT64_MIN, .small = INT16_MAX, .i = INT32_MIN });
	/* Only one of the addresses is written in another form than it came. */
	for (size_t i = 0; i + 1 < ARRAY_SIZE(addresses); i++)
		echo(c, (struct every){ .inet = addresses[i] });
	for (size_t i = 0; i < ARRAY_SIZE(not_addresses); i++) {
		union db_value params[ARRAY_SIZE(every_fields)] = { 0 };
		void *rows;
		size_t n;

		params[7].s = not_addresses[i];
		CHECK_ERR(c, db_query(c, &every_echo, params, &rows, &n), E_INVALID);
	}
}

static void test_types(void **state unused)
{
	run(types_fiber);
}

/* Errors */

struct error_case {
	const char *sql;
	int err;
	const char *message;
};

static const struct error_case error_cases[] = {
	{ "insert into thing (id, size) values (1, 1), (1, 1)", E_CONFLICT, "\"thing_pkey\"" },
	{ "insert into thing (id, size) values (1, 0)", E_INVALID, "constraint \"thing_size\"" },
	{ "insert into thing (id, other, size) values (1, 5, 1)", E_INVALID, "thing_other" },
	{ "insert into thing (id) values (1)", E_INVALID, "null value" },
	{ "select ('x' || id)::int4 from (values (1)) v (id)", E_INVALID, "invalid input" },
	{ "select 1 / (id - 1) from (values (1)) v (id)", E_INVALID, "division" },
	{ "select raise('40001')", E_LATER, "raised" },
	{ "select raise('40P01')", E_LATER, "raised" },
	{ "select raise('P0001')", -EIO, "raised" },
	{ "select raise('53300')", E_LATER, "raised" },
	{ "select nothing from thing", -EIO, "nothing" },
	{ "select * from nowhere", -EIO, "nowhere" },
	{ "select pg_sleep(5)", E_LATER, "timeout" },
	{ "select pg_terminate_backend(pg_backend_pid())", E_LATER, "terminating" },
};

static void errors_fiber(struct ctx *c)
{
	static struct db_query queries[ARRAY_SIZE(error_cases)];
	str tenant;

	for (size_t i = 0; i < ARRAY_SIZE(error_cases); i++) {
		const struct error_case *e = &error_cases[i];
		struct db_query *q = &queries[i];
		size_t n;

		q->name = str_fmt(c->arena, "error_case_%zu", i).p;
		q->sql = e->sql;
		c->domain_id = 77;
		CHECK_ERR(c, db_query(c, q, NULL, NULL, &n), e->err);
		if (!message_has(c, e->message))
			note(__LINE__, c->error.p);
		c->domain_id = 0;
		CHECK_OK(c, ask_text(c, &get_tenant, &tenant));
		CHECK(str_eq_c(tenant, ""));
	}
}

static void test_errors(void **state unused)
{
	run(errors_fiber);
}

/* Results that do not fit */

TEXT_QUERY(many_rows, "select 'x' from generate_series(1, 20001)");
TEXT_QUERY(large_result, "select repeat('x', 1 << 20) from generate_series(1, 66)");
TEXT_QUERY(two_columns, "select 'x', 'y'");

static const struct db_field strict_column[] = {
	{ "text", DB_STR, 25, false, offsetof(struct text_row, text) },
};
static const struct db_query unexpected_null = { .name = "unexpected_null",
						 .sql = "select null::text",
						 .columns = strict_column,
						 .n_columns = 1,
						 .row_size = sizeof(struct text_row) };
static const struct db_query other_type = { .name = "other_type",
					    .sql = "select 1",
					    .columns = strict_column,
					    .n_columns = 1,
					    .row_size = sizeof(struct text_row) };

static void limits_fiber(struct ctx *c)
{
	str text;

	CHECK_ERR(c, ask_text(c, &many_rows, &text), E_TOO_LARGE);
	CHECK_ERR(c, ask_text(c, &large_result, &text), E_TOO_LARGE);
	CHECK_ERR(c, ask_text(c, &two_columns, &text), -EIO);
	CHECK_ERR(c, ask_text(c, &unexpected_null, &text), -EIO);
	CHECK_ERR(c, ask_text(c, &other_type, &text), -EIO);
	CHECK_OK(c, ask_text(c, &get_tenant, &text));
}

static void test_limits(void **state unused)
{
	run(limits_fiber);
}

struct sum_row {
	int64_t sum;
};

static const struct db_field sum_params[] = { { "a", DB_I64, 20 }, { "b", DB_I64, 20 } };
static const struct db_field sum_columns[] = { { "sum", DB_I64, 20, true } };
static const struct db_query sum_query = { .name = "sum_query",
					   .sql = "select $1::int8 + $2::int8",
					   .params = sum_params,
					   .n_params = 2,
					   .columns = sum_columns,
					   .n_columns = 1,
					   .row_size = sizeof(struct sum_row) };

static void sum_in_crowd(struct ctx *c, unsigned i)
{
	const union db_value in[] = { { .i = i }, { .i = 1000000 } };
	const struct sum_row *row;
	void *rows;
	size_t n;

	CHECK_OK(c, db_query(c, &sum_query, in, &rows, &n));
	row = rows;
	CHECK(n == 1 && row->sum == 1000000 + (int64_t)i && c->statements == 1);
}

static void concurrent_fiber(struct ctx *c)
{
	run_crowd(c, 1000, sum_in_crowd);
}

static void test_concurrent(void **state unused)
{
	run(concurrent_fiber);
}

/* More than the socket takes at once, in both directions. */

struct bytes_row {
	str bytes;
};

static const struct db_field bytes_field[] = { { "bytes", DB_BYTES, 17 } };
static const struct db_query bytes_query = { .name = "bytes_query",
					     .sql = "select $1::bytea",
					     .params = bytes_field,
					     .n_params = 1,
					     .columns = bytes_field,
					     .n_columns = 1,
					     .row_size = sizeof(struct bytes_row) };

static void large_in_crowd(struct ctx *c, unsigned i)
{
	size_t n = (512 << 10) + i;
	char *p = arena_alloc(c->arena, n);
	const union db_value in[] = { { .s = { p, n } } };
	const struct bytes_row *row;
	void *rows;
	size_t n_rows;

	memset(p, (int)i, n);
	CHECK_OK(c, db_query(c, &bytes_query, in, &rows, &n_rows));
	row = rows;
	CHECK(n_rows == 1 && same_str(row->bytes, in[0].s));
}

static void large_fiber(struct ctx *c)
{
	run_crowd(c, 64, large_in_crowd);
}

static void test_large(void **state unused)
{
	run(large_fiber);
}

/* Tenants */

static void tenant_in_crowd(struct ctx *c, unsigned i)
{
	str expected = i % 5 == 0 ? STR("") : str_fmt(c->arena, "%u", i);
	str tenant;
	int r;

	c->domain_id = i % 5 == 0 ? 0 : i;
	/* E_LATER also for those behind a PREPARE that was on its way and failed. */
	if (i % 3 == 0) {
		r = execute(c, i % 2 ? &bad_column : &raise_serialisation);
		CHECK(r == E_LATER || (i % 2 && r == -EIO));
	}
	CHECK_OK(c, ask_text(c, &get_tenant, &tenant));
	CHECK(str_eq(tenant, expected));
	if (i % 10 != 1)
		return;
	CHECK_OK(c, db_begin(c));
	CHECK_OK(c, ask_text(c, &get_tenant, &tenant));
	CHECK(str_eq(tenant, expected));
	CHECK_OK(c, db_bind(c, 5));
	CHECK_OK(c, ask_text(c, &get_tenant, &tenant));
	CHECK(str_eq_c(tenant, "5"));
	CHECK_OK(c, db_bind(c, 0));
	CHECK_OK(c, ask_text(c, &get_tenant, &tenant));
	CHECK(str_eq_c(tenant, ""));
	CHECK_OK(c, db_commit(c));
	CHECK_OK(c, ask_text(c, &get_tenant, &tenant));
	CHECK(str_eq(tenant, expected));
}

static void tenants_fiber(struct ctx *c)
{
	run_crowd(c, 200, tenant_in_crowd);
}

static void test_tenants(void **state unused)
{
	run(tenants_fiber);
}

static void away_fiber(struct ctx *c)
{
	usec start = clock_mono();
	str pid;

	CHECK_ERR(c, db_ping(c, 100 * USEC_MSEC), E_LATER);
	CHECK_ERR(c, ask_text(c, &get_pid, &pid), E_LATER);
	CHECK(message_has(c, "no connection to the database"));
	CHECK(clock_mono() - start < USEC_MINUTE);
	CHECK_ERR(c, db_begin(c), E_LATER);
	CHECK(!c->session);
}

static void test_away(void **state unused)
{
	run_with(away_fiber, "host=/nonexistent user=nobody", false);
}

PLAIN_QUERY(sleep_short, "select pg_sleep(0.3)");

static void sleep_in_crowd(struct ctx *c, unsigned i)
{
	if (i == 0)
		CHECK_OK(c, execute(c, &sleep_short));
	else
		CHECK_ERR(c, db_ping(c, 50 * USEC_MSEC), E_LATER);
}

static void ping_fiber(struct ctx *c)
{
	CHECK_OK(c, db_ping(c, USEC_MINUTE));
	/* The answer that nobody waits for any more comes behind a slow one. */
	run_crowd(c, 2, sleep_in_crowd);
	CHECK_OK(c, db_ping(c, USEC_MINUTE));
}

static void test_ping(void **state unused)
{
	run(ping_fiber);
}

/* Migrations: the setup of all the others. */

static unsigned n_progress;

static void progress(void *arg unused, const struct migration *m)
{
	assert_ptr_equal(m, &migrations[n_progress]);
	n_progress++;
}

static int setup(void **state)
{
	struct arena *a = arena_new();
	struct ctx *c = arena_new_of(a, struct ctx);
	struct migrate_options o = { .progress = progress };
	struct schema s = { -1, -1, -1 };
	struct migrate_result done = { 99, 99 };

	conninfo = cluster_start();
	if (!conninfo)
		return -1;
	ctx_init(c, a);
	*state = c;
	if (migrate_read(c, conninfo, &s) || s.version != 0)
		return -1;
	/* The last is broken: the others stay, and nothing of it. */
	if (migrate_apply(c, conninfo, &o, &done) != -EIO || n_progress != 3)
		return -1;
	if (!message_has(c, "0007_break_it, line 3") || !message_has(c, "nowhere"))
		return -1;
	return done.applied == 99 && migrate_newest() == 7 ? 0 : -1;
}

static int teardown(void **state)
{
	struct ctx *c = *state;

	arena_free(c ? c->arena : NULL);
	cluster_stop();
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),  cmocka_unit_test(test_errors),
		cmocka_unit_test(test_limits), cmocka_unit_test(test_concurrent),
		cmocka_unit_test(test_large),  cmocka_unit_test(test_tenants),
		cmocka_unit_test(test_away),   cmocka_unit_test(test_ping),

	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
