/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lib/conf: the order of the sources, what each refuses with which words, help and sample. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "conf/conf.h"

#include <cmocka.h>

struct target {
	const char *name;
	const char *path;
	int64_t size;
	bool quick;
	bool careful;
};

#define AT(member) offsetof(struct target, member)

static const struct conf_option table[] = {
	{ "name", CONF_STRING, "rook", 0, 0, AT(name), "What it is called" },
	{ "path", CONF_STRING, "", 0, 0, AT(path), "Where it is" },
	{ "size", CONF_INT, "4", -2, 5000000000, AT(size), "How large it is" },
	{ "quick", CONF_BOOL, "false", 0, 0, AT(quick), "Whether it hurries" },
	{ "very_careful", CONF_BOOL, "true", 0, 0, AT(careful), "Whether it looks twice" },
};

static const char *const variables[] = { "ROOKERY_NAME", "ROOKERY_PATH", "ROOKERY_SIZE",
					 "ROOKERY_QUICK", "ROOKERY_VERY_CAREFUL" };

static int setup(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		unsetenv(variables[i]);
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static const char *file_with(struct arena *a, const char *text)
{
	char *path = str_z(a, STR("/tmp/rookery-conf-XXXXXX"));
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return path;
}

/* Loads with this file and these arguments, which are left in argv (room for one more). */
static int load_all(struct arena *a, const char *file, bool file_is_optional,
		    const char *const *arguments, int *argc, char **argv, struct target *ret,
		    str *ret_message)
{
	for (int i = 0; i < *argc; i++)
		argv[i] = str_z(a, str_c(arguments[i]));
	argv[*argc] = NULL;
	return conf_load(a, table, ARRAY_SIZE(table), file, file_is_optional, argc, argv, ret,
			 ret_message);
}

/* Loads with this file text (NULL: no file) and one more argument (NULL: none). */
static int load(struct arena *a, const char *file_text, const char *argument, struct target *ret,
		str *ret_message)
{
	const char *const arguments[] = { "program", argument };
	char *argv[3];
	int argc = argument ? 2 : 1, result;
	const char *file = file_text ? file_with(a, file_text) : NULL;

	result = load_all(a, file, false, arguments, &argc, argv, ret, ret_message);
	if (file)
		unlink(file);
	return result;
}

static void assert_target(const struct target *t, const char *name, const char *path, int64_t size,
			  bool quick, bool careful)
{
	assert_string_equal(t->name, name);
	assert_string_equal(t->path, path);
	assert_int_equal(t->size, size);
	assert_int_equal(t->quick, quick);
	assert_int_equal(t->careful, careful);
}

static void test_fallbacks(void **state)
{
	struct target t;
	str message;

	assert_int_equal(load(*state, NULL, NULL, &t, &message), 0);
	assert_target(&t, "rook", "", 4, false, true);
	assert_int_equal(load(*state, "", NULL, &t, &message), 0);
	assert_target(&t, "rook", "", 4, false, true);
}

static void test_file(void **state)
{
	struct target t;
	str message;

	assert_int_equal(load(*state,
			      "# a comment\nname = \"a \\\"b\\\"\"; path: \"/x\"\n"
			      "size = 5000000000L;\nquick = true;\nvery_careful = FALSE\n",
			      NULL, &t, &message),
			 0);
	assert_target(&t, "a \"b\"", "/x", 5000000000, true, false);
}

static void test_order(void **state)
{
	const char *file = "name = \"file\"; path = \"file\"; size = 1; quick = true;";
	struct target t;
	str message;

	setenv("ROOKERY_PATH", "environment", 1);
	setenv("ROOKERY_SIZE", "2", 1);
	setenv("ROOKERY_VERY_CAREFUL", "no", 1);
	assert_int_equal(load(*state, file, "--size=3", &t, &message), 0);
	assert_target(&t, "file", "environment", 3, true, false);
	setenv("ROOKERY_PATH", "", 1);
	assert_int_equal(load(*state, file, "--name=", &t, &message), 0);
	assert_target(&t, "", "", 2, true, false);
}

static void test_arguments(void **state)
{
	static const char *const given[] = {
		"program", "run",      "--name=a=b",  "--other=1", "--name",
		"-x",	   "--quick",  "--quick=yes", "--size=1",  "--size=-2",
		"--",	   "--size=9", "--name=late",
	};
	static const char *const kept[] = { "program", "run", "--other=1", "--name",	 "-x",
					    "--quick", "--",  "--size=9",  "--name=late" };
	char *argv[ARRAY_SIZE(given) + 1];
	int argc = ARRAY_SIZE(given);
	struct target t;
	str message;

	assert_int_equal(load_all(*state, NULL, false, given, &argc, argv, &t, &message), 0);
	assert_target(&t, "a=b", "", -2, true, true);
	assert_int_equal(argc, ARRAY_SIZE(kept));
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		assert_string_equal(argv[i], kept[i]);
	assert_null(argv[argc]);
}

static const struct refusal {
	const char *file, *variable, *value, *argument;
	const char *message; /* its end */
} refusals[] = {
	{ "nmae = \"x\";", NULL, NULL, NULL, ":1: there is no option nmae" },
	{ "\n\nname = 4;", NULL, NULL, NULL, ":3: name is a text in quotation marks" },
	{ "size = \"4\";", NULL, NULL, NULL, ":1: size is a whole number" },
	{ "size = 4.5;", NULL, NULL, NULL, ":1: size is a whole number" },
	{ "\nsize = -3;", NULL, NULL, NULL, ":2: size is from -2 to 5000000000, not -3" },
	{ "quick = 1;", NULL, NULL, NULL, ":1: quick is true or false" },
	{ "name = { x = 1; };", NULL, NULL, NULL, ":1: name is a text in quotation marks" },
	{ "name = \"a\";\nname = \"b\";", NULL, NULL, NULL, ":2: duplicate setting name" },
	{ "size = 1\nquick == true;", NULL, NULL, NULL, ":2: syntax error" },
	{ NULL, "ROOKERY_SIZE", "many", NULL,
	  "ROOKERY_SIZE: size is a whole number, not \"many\"" },
	{ NULL, "ROOKERY_SIZE", "", NULL, "ROOKERY_SIZE: size is a whole number, not \"\"" },
	{ NULL, "ROOKERY_QUICK", "maybe", NULL,
	  "ROOKERY_QUICK: quick is true or false, not \"maybe\"" },
	{ NULL, NULL, NULL, "--size=5000000001",
	  "command line: size is from -2 to 5000000000, not 5000000001" },
	{ NULL, NULL, NULL,
	  "--very_careful=", "command line: very_careful is true or false, not \"\"" },
};

static void test_refusals(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		const struct refusal *r = &refusals[i];
		struct target t = { .size = 77 };
		str message = STR_NULL;

		if (r->variable)
			setenv(r->variable, r->value, 1);
		assert_int_equal(load(*state, r->file, r->argument, &t, &message), E_INVALID);
		if (r->variable)
			unsetenv(r->variable);
		if (!str_ends(message, str_c(r->message)))
			fail_msg("%.*s", STR_ARG(message));
		assert_int_equal(t.size, 77);
	}
}

static void test_files(void **state)
{
	static const struct file {
		const char *path;
		bool optional;
		int result;
	} files[] = {
		{ "/nonexistent/rookery.conf", true, 0 },
		{ "/nonexistent/rookery.conf", false, E_INVALID },
		{ "/dev/null", false, 0 },
		{ "/tmp", false, E_INVALID },
		{ "/tmp", true, E_INVALID },
		{ "/dev/null/x", true, E_INVALID },
	};
	static const char *const arguments[] = { "program" };
	struct target t;
	char *argv[2];
	str message;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int argc = 1;

		assert_int_equal(load_all(*state, files[i].path, files[i].optional, arguments,
					  &argc, argv, &t, &message),
				 files[i].result);
		if (files[i].result)
			assert_true(str_starts(message, str_c(files[i].path)));
	}
}

static void test_help(void **state)
{
	static const char wanted[] =
		"  --name=TEXT           What it is called (default rook)\n"
		"  --path=TEXT           Where it is (default empty)\n"
		"  --size=NUMBER         How large it is (default 4)\n"
		"  --quick=BOOL          Whether it hurries (default false)\n"
		"  --very_careful=BOOL   Whether it looks twice (default true)\n";
	struct out o;
	str text;

	out_init(&o, *state, 1 << 16);
	conf_help(&o, table, ARRAY_SIZE(table));
	assert_int_equal(out_done(&o, &text), 0);
	assert_string_equal(text.p, wanted);
}

/* The sample changes nothing, and neither does it with its comment marks taken off. */
static void test_sample(void **state)
{
	struct out o;
	struct target t;
	str text, line, message;

	out_init(&o, *state, 1 << 16);
	conf_sample(&o, table, ARRAY_SIZE(table));
	assert_int_equal(out_done(&o, &text), 0);
	assert_true(str_starts(text, STR("# What it is called.\n# name = \"rook\";\n\n")));
	assert_int_equal(load(*state, text.p, NULL, &t, &message), 0);
	assert_target(&t, "rook", "", 4, false, true);
	out_init(&o, *state, 1 << 16);
	while (str_cut(&text, '\n', &line))
		if (str_ends(line, STR(";"))) {
			out_str(&o, str_from(line, 2));
			out_char(&o, '\n');
		}
	assert_int_equal(out_done(&o, &text), 0);
	assert_int_equal(load(*state, text.p, NULL, &t, &message), 0);
	assert_target(&t, "rook", "", 4, false, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fallbacks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_help, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sample, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
