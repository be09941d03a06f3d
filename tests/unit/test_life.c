/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Names of tenants and people, and the command line: its tables, its parser, its text, its manual. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "model/domain_life.h"
#include "model/graph.h"
#include "model/settings.h"
#include "model/user.h"
#include "provisioning/answer.h"
#include "provisioning/command.h"

#include <cmocka.h>

static struct settings settings;
static struct ctx ctx;

static int setup(void **state)
{
	settings = (struct settings){ 0 };
	ctx_init(&ctx, arena_new());
	ctx.settings = &settings;
	*state = &ctx;
	return 0;
}

static int teardown(unused void **state)
{
	arena_free(ctx.arena);
	return 0;
}

static void test_names(unused void **state)
{
	static const struct {
		const char *text, *plain, *development; /* NULL: refused */
	} rows[] = {
		{ "kea.example", "kea.example", "kea.example" },
		{ " Kea.Example. ", "kea.example", "kea.example" },
		{ "k\xc4\x81k\xc4\x81.example", "xn--kk-dlab.example", "xn--kk-dlab.example" },
		{ "kea.localhost:8080", NULL, "kea.localhost:8080" },
		{ "kea.example:443", "kea.example", "kea.example" },
		{ "localhost", NULL, "localhost" },
		{ "192.0.2.7", NULL, NULL },
		{ "1234", NULL, NULL },
		{ "[2001:db8::1]", NULL, NULL },
		{ "https://kea.example", NULL, NULL },
		{ "kea example", NULL, NULL },
		{ "-kea.example", NULL, NULL },
		{ "", NULL, NULL },
	};

	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		const char *text = rows[i / 2].text;
		const char *wanted = i % 2 ? rows[i / 2].development : rows[i / 2].plain;
		str name = STR_NULL;
		int result;

		settings.development = i % 2;
		result = domain_name_normalise(&ctx, str_c(text), &name);
		if (result != (wanted ? 0 : E_INVALID) || (wanted && !str_eq_c(name, wanted)))
			fail_msg("%s: %d, " STR_FMT, text, result, STR_ARG(name));
	}
}

static void test_emails(unused void **state)
{
	static const struct {
		const char *text, *wanted;
	} rows[] = {
		{ "ruru@example.org", "ruru@example.org" },
		{ " Ruru+x@Example.ORG ", "Ruru+x@example.org" },
		{ "r\xc5\xabru@k\xc4\x81k\xc4\x81.example", "r\xc5\xabru@xn--kk-dlab.example" },
		{ "demo@kea.localhost", "demo@kea.localhost" },
		{ "ruru", NULL },
		{ "@example.org", NULL },
		{ "ruru@", NULL },
		{ "ru ru@example.org", NULL },
		{ "ruru@example.org:25", NULL },
		{ "a@b@example.org", NULL },
		{ "\"ruru\"@example.org", NULL },
		{ "ruru\r\nBcc: x@example.org", NULL },
		{ ".ruru@example.org", NULL },
		{ "\xff@example.org", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		str email = STR_NULL;
		int result = email_normalise(&ctx, str_c(rows[i].text), &email);

		if (result != (rows[i].wanted ? 0 : E_INVALID) ||
		    (rows[i].wanted && !str_eq_c(email, rows[i].wanted)))
			fail_msg("%s: %d, " STR_FMT, rows[i].text, result, STR_ARG(email));
	}
}

static void test_graph(unused void **state)
{
	assert_null(graph_check(&domain_graph));
	for (const struct name *each = domain_states; each->name; each++)
		assert_non_null(graph_state_of(&domain_graph, str_c(each->name)));
	assert_false(graph_allows(&domain_graph, STR("pending"), STR("active")));
	assert_false(graph_allows(&domain_graph, STR("deleted"), STR("active")));
}

static void check_command(const struct command *each)
{
	size_t options = 0;

	assert_non_null(each->run);
	assert_ptr_equal(cli_find(each->noun, each->verb), each);
	assert_int_equal(each->help[strlen(each->help) - 1], '.');
	while (each->options && each->options[options].name)
		assert_non_null(each->options[options++].help);
	assert_true(options <= OPTIONS_LIMIT);
}

static void test_table(unused void **state)
{
	for (const struct command *const *table = cli_tables; *table; table++)
		for (const struct command *each = *table; each->noun; each++)
			check_command(each);
	assert_null(cli_find("domain", "nothing"));
	assert_null(cli_find("domain", NULL));
	assert_true(cli_is_noun("domain"));
	assert_false(cli_is_noun("nothing"));
}

static void test_parse(unused void **state)
{
	static const struct {
		const char *noun, *verb;
		char *words[6];
		const char *wrong; /* NULL: fine */
	} rows[] = {
		{ "domain", "add", { "kea.example" }, NULL },
		{ "domain", "add", { "kea.example", "--title=A b", "--active" }, NULL },
		{ "domain", "add", { "--title", "A b", "kea.example" }, NULL },
		{ "domain", "add", { "--", "--kea" }, NULL },
		{ "domain", "add", { "--title=", "kea.example" }, NULL },
		{ "domain", "add", { NULL }, "NAME is missing" },
		{ "domain", "add", { "kea.example", "weka.example" }, "too many" },
		{ "domain", "add", { "kea.example", "--nothing" }, "no option --nothing" },
		{ "domain", "add", { "kea.example", "--title" }, "--title takes TEXT" },
		{ "domain", "add", { "kea.example", "--active=yes" }, "--active takes no value" },
		{ "domain", "list", { "--nothing" }, "no option" },
		{ "user", "list", { NULL }, NULL },
		{ "user", "grant", { "a", "b", "c", "d", "e" }, "too many" },
		{ "user", "grant", { "a", "b" }, "DOMAIN|host is missing" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call call = { .arena = ctx.arena,
				     .command = cli_find(rows[i].noun, rows[i].verb) };
		str message = STR_NULL;
		int n = 0, result;

		while (n < 6 && rows[i].words[n])
			n++;
		result = cli_parse(&call, n, (char **)rows[i].words, &message);
		if (result != (rows[i].wrong ? E_INVALID : 0) ||
		    (rows[i].wrong && str_find(message, str_c(rows[i].wrong), 0) == SIZE_MAX))
			fail_msg("row %zu: %d, " STR_FMT, i, result, STR_ARG(message));
	}
}

static void test_options(unused void **state)
{
	char *words[] = { "--title", "Kea", "kea.example", "--active" };
	struct call call = { .arena = ctx.arena, .c = &ctx, .command = cli_find("domain", "add") };
	str message;

	assert_int_equal(cli_parse(&call, 4, words, &message), 0);
	assert_true(str_eq_c(call.args[0], "kea.example"));
	assert_true(str_is_null(call.args[1]));
	assert_true(str_eq_c(cli_option(&call, "title"), "Kea"));
	assert_true(cli_is_set(&call, "active"));
	assert_false(cli_is_set(&call, "verified"));
}

static void test_answer(unused void **state)
{
	static const struct {
		const char *json, *text;
	} rows[] = {
		{ "{\"name\":\"kea\",\"id\":7,\"well\":true,\"gone\":null,\"empty\":\"\"}",
		  "name: kea\nid: 7\nwell: yes\n" },
		{ "{\"list\":[\"a\",\"b\"],\"none\":[]}", "list: a b\n" },
		{ "{\"rows\":[{\"id\":1,\"name\":\"k\xc4\x81k\xc4\x81\"},{\"id\":22,\"name\":null}]}",
		  "id  name\n1   k\xc4\x81k\xc4\x81\n22  -\n" },
		{ "{\"n\":1,\"rows\":[{\"a\":false}]}", "n: 1\nrows:\n    a\n    no\n" },
		{ "{\"proof\":{\"token\":\"x\"}}", "proof:\n    token: x\n" },
		{ "{}", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct json *answer;
		struct out o;

		out_init(&o, ctx.arena, 4096);
		assert_int_equal(json_parse(&ctx, str_c(rows[i].json), &answer), 0);
		answer_print(answer, &o);
		if (!str_eq_c(out_view(&o), rows[i].text))
			fail_msg("row %zu: " STR_FMT, i, STR_ARG(out_view(&o)));
	}
}

static str read_file(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = arena_alloc(ctx.arena, 65536);
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, 65536, f);
	fclose(f);
	assert_in_range(n, 1, 65535);
	return (str){ text, n };
}

static void must_have(str text, str part)
{
	if (str_find(text, part, 0) == SIZE_MAX)
		fail_msg("missing: " STR_FMT, STR_ARG(part));
}

static void test_manual_of_options(unused void **state)
{
	str manual = read_file("man/rookery.conf.5");

	for (size_t i = 0; i < settings_count; i++)
		must_have(manual, str_fmt(ctx.arena, "\n.It Cm %s\n", settings_table[i].name));
}

static void test_manual_of_commands(unused void **state)
{
	str manual = read_file("man/rookery.1");

	for (const struct command *const *table = cli_tables; *table; table++)
		for (const struct command *each = *table; each->noun; each++) {
			must_have(manual,
				  str_fmt(ctx.arena, "\n.It Nm Cm %s%s%s", each->noun,
					  each->verb ? " " : "", each->verb ? each->verb : ""));
			for (const struct option *option = each->options; option && option->name;
			     option++)
				must_have(manual, str_fmt(ctx.arena, "Fl -%s", option->name));
		}
}

static void test_completion(unused void **state)
{
	struct out o;

	out_init(&o, ctx.arena, 65536);
	cli_completion(&o);
	must_have(out_view(&o), STR("domain) words=\"add list "));
	must_have(out_view(&o), STR("\"user add\") words=\"--password-stdin --json\""));
}

int main(void)
{
#define EACH(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(test_names),
		EACH(test_emails),
		EACH(test_graph),
		EACH(test_table),
		EACH(test_parse),
		EACH(test_options),
		EACH(test_answer),
		EACH(test_manual_of_options),
		EACH(test_manual_of_commands),
		EACH(test_completion),
	};

	return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
