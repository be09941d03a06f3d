/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the struct at target is written only when every source was read without an error, so
 * that no program runs on half a configuration. Later sources are read over earlier ones.
 */
#include "conf/conf.h"

#include <assert.h>
#include <errno.h>
#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"

/* One load: the values of all options so far, and where the next error is reported. */
struct load {
	struct arena *arena;
	const struct conf_option *table;
	size_t n;
	union value {
		const char *text;
		int64_t number;
		bool truth;
	} * values;
	str *ret_message;
};

static const struct word {
	const char *text;
	bool truth;
} words[] = {
	{ "true", true },   { "yes", true }, { "on", true },   { "1", true },
	{ "false", false }, { "no", false }, { "off", false }, { "0", false },
};

printf_like(3, 4) static int refuse(struct load *l, str origin, const char *format, ...)
{
	struct out o;
	va_list args;

	out_init(&o, l->arena, SIZE_MAX);
	out_str(&o, origin);
	out_c(&o, ": ");
	va_start(args, format);
	out_vfmt(&o, format, args);
	va_end(args);
	*l->ret_message = out_view(&o);
	return E_INVALID;
}

static int set_number(struct load *l, size_t i, str origin, int64_t number)
{
	const struct conf_option *o = &l->table[i];

	if (number < o->min || number > o->max)
		return refuse(l, origin, "%s is from %lld to %lld, not %lld", o->name,
			      (long long)o->min, (long long)o->max, (long long)number);
	l->values[i].number = number;
	return 0;
}

static int set_truth(struct load *l, size_t i, str origin, str text)
{
	for (size_t w = 0; w < ARRAY_SIZE(words); w++)
		if (str_eq_fold(text, str_c(words[w].text))) {
			l->values[i].truth = words[w].truth;
			return 0;
		}
	return refuse(l, origin, "%s is true or false, not \"" STR_FMT "\"", l->table[i].name,
		      STR_ARG(text));
}

/* A value as it stands in the table, the environment or the command line. */
static int set_text(struct load *l, size_t i, str origin, str text)
{
	int64_t number;

	switch (l->table[i].type) {
	case CONF_STRING:
		l->values[i].text = str_z(l->arena, text);
		return 0;
	case CONF_BOOL:
		return set_truth(l, i, origin, text);
	case CONF_INT:
		break;
	}
	if (!str_to_i64(text, &number))
		return refuse(l, origin, "%s is a whole number, not \"" STR_FMT "\"",
			      l->table[i].name, STR_ARG(text));
	return set_number(l, i, origin, number);
}

/* Index of the option; n when there is none of this name. */
static size_t find(const struct load *l, str name)
{
	size_t i = 0;

	while (i < l->n && !str_eq_c(name, l->table[i].name))
		i++;
	return i;
}

static void load_fallbacks(struct load *l)
{
	for (size_t i = 0; i < l->n; i++) {
		int result = set_text(l, i, STR("default"), str_c(l->table[i].fallback));

		assert(result == 0);
	}
}

static int load_setting(struct load *l, config_setting_t *s, str origin)
{
	static const char *const wanted[] = {
		[CONF_STRING] = "a text in quotation marks",
		[CONF_INT] = "a whole number",
		[CONF_BOOL] = "true or false",
	};
	const char *name = config_setting_name(s);
	size_t i = find(l, str_c(name));
	int type = config_setting_type(s);

	if (i == l->n)
		return refuse(l, origin, "there is no option %s", name);
	if (l->table[i].type == CONF_STRING && type == CONFIG_TYPE_STRING)
		return set_text(l, i, origin, str_c(config_setting_get_string(s)));
	if (l->table[i].type == CONF_INT && (type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64))
		return set_number(l, i, origin, config_setting_get_int64(s));
	if (l->table[i].type == CONF_BOOL && type == CONFIG_TYPE_BOOL) {
		l->values[i].truth = config_setting_get_bool(s);
		return 0;
	}
	return refuse(l, origin, "%s is %s", name, wanted[l->table[i].type]);
}

/* "file:line", where file may be one that the first one includes. */
static str place(struct arena *a, const char *file, const char *included, int line)
{
	return str_fmt(a, "%s:%d", included ? included : file, line);
}

static int load_settings(struct load *l, config_t *config, const char *file)
{
	config_setting_t *root = config_root_setting(config);

	for (int i = 0; i < config_setting_length(root); i++) {
		config_setting_t *s = config_setting_get_elem(root, (unsigned)i);

		TRY(load_setting(l, s,
				 place(l->arena, file, config_setting_source_file(s),
				       (int)config_setting_source_line(s))));
	}
	return 0;
}

static void filep_close(FILE **f)
{
	if (*f)
		fclose(*f);
}

static int load_file(struct load *l, const char *file, bool is_optional)
{
	config_t config cleanup(config_destroy);
	FILE *f cleanup(filep_close) = fopen(file, "re");
	struct stat status;

	config_init(&config);
	if (!f && errno == ENOENT && is_optional)
		return 0;
	if (!f)
		return refuse(l, str_c(file), "%s", strerror(errno));
	/* The scanner of libconfig ends the process when it cannot read. */
	if (fstat(fileno(f), &status) || S_ISDIR(status.st_mode))
		return refuse(l, str_c(file), "this is no file");
	if (!config_read(&config, f))
		return refuse(l,
			      place(l->arena, file, config_error_file(&config),
				    config_error_line(&config)),
			      "%s", config_error_text(&config));
	return load_settings(l, &config, file);
}

static int load_environment(struct load *l)
{
	for (size_t i = 0; i < l->n; i++) {
		char *name = str_z(l->arena, str_fmt(l->arena, "ROOKERY_%s", l->table[i].name));
		const char *value;

		for (char *p = name; *p; p++)
			if (*p >= 'a' && *p <= 'z')
				*p = (char)(*p - 'a' + 'A');
		value = getenv(name);
		if (value)
			TRY(set_text(l, i, str_c(name), str_c(value)));
	}
	return 0;
}

/* Whether the argument is --name=value of an option; then *ret_i and *ret_value say which. */
static bool read_argument(const struct load *l, const char *argument, size_t *ret_i, str *ret_value)
{
	str rest = str_c(argument), name;

	if (!str_starts(rest, STR("--")) || str_find_char(rest, '=', 0) == SIZE_MAX)
		return false;
	rest = str_from(rest, 2);
	name = str_slice(rest, 0, str_find_char(rest, '=', 0));
	*ret_i = find(l, name);
	*ret_value = str_from(rest, name.n + 1);
	return *ret_i < l->n;
}

/* Keeps in argv what is not ours; nothing behind "--" is. */
static int load_arguments(struct load *l, int *argc, char **argv)
{
	int kept = 0, result = 0;
	bool ended = false;

	for (int a = 0; a < *argc; a++) {
		size_t i;
		str value;

		ended = ended || strcmp(argv[a], "--") == 0;
		if (a == 0 || ended || result || !read_argument(l, argv[a], &i, &value))
			argv[kept++] = argv[a];
		else
			result = set_text(l, i, str_c("command line"), value);
	}
	argv[kept] = NULL;
	*argc = kept;
	return result;
}

static void store(const struct load *l, char *target)
{
	for (size_t i = 0; i < l->n; i++) {
		void *member = target + l->table[i].offset;

		switch (l->table[i].type) {
		case CONF_STRING:
			*(const char **)member = l->values[i].text;
			break;
		case CONF_INT:
			*(int64_t *)member = l->values[i].number;
			break;
		case CONF_BOOL:
			*(bool *)member = l->values[i].truth;
			break;
		}
	}
}

int conf_load(struct arena *a, const struct conf_option *table, size_t n, const char *file,
	      bool file_is_optional, int *argc, char **argv, void *target, str *ret_message)
{
	struct load l = {
		.arena = a,
		.table = table,
		.n = n,
		.values = arena_array(a, n, sizeof(*l.values)),
		.ret_message = ret_message,
	};

	load_fallbacks(&l);
	if (file)
		TRY(load_file(&l, file, file_is_optional));
	TRY(load_environment(&l));
	TRY(load_arguments(&l, argc, argv));
	store(&l, target);
	return 0;
}

static const char *metavariable(enum conf_type type)
{
	static const char *const names[] = {
		[CONF_STRING] = "TEXT",
		[CONF_INT] = "NUMBER",
		[CONF_BOOL] = "BOOL",
	};

	return names[type];
}

/* "--name=NUMBER" */
static int usage_width(const struct conf_option *o)
{
	return (int)(strlen(o->name) + strlen(metavariable(o->type)) + 3);
}

void conf_help(struct out *o, const struct conf_option *table, size_t n)
{
	int width = 0;

	for (size_t i = 0; i < n; i++)
		if (usage_width(&table[i]) > width)
			width = usage_width(&table[i]);
	for (size_t i = 0; i < n; i++) {
		const struct conf_option *t = &table[i];

		out_fmt(o, "  --%s=%s%*s   %s (default %s)\n", t->name, metavariable(t->type),
			width - usage_width(t), "", t->help, *t->fallback ? t->fallback : "empty");
	}
}

static void out_quoted(struct out *o, const char *text)
{
	out_char(o, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			out_char(o, '\\');
		out_char(o, *text);
	}
	out_char(o, '"');
}

void conf_sample(struct out *o, const struct conf_option *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct conf_option *t = &table[i];

		out_fmt(o, "%s# %s.\n# %s = ", i ? "\n" : "", t->help, t->name);
		if (t->type == CONF_STRING)
			out_quoted(o, t->fallback);
		else
			out_c(o, t->fallback);
		out_c(o, ";\n");
	}
}
