/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: one write(2) a line, so that lines of several threads never mix; control characters
 * of foreign text never reach the log (a peer cannot forge a line).
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ctx.h"

#define LINE_LIMIT 2048

static enum log_level limit = LOG_INFO;
static log_sink sink;

static const struct {
	const char *name;
	enum log_level level;
} names[] = {
	{ "error", LOG_ERROR },
	{ "warning", LOG_WARN },
	{ "info", LOG_INFO },
	{ "debug", LOG_DEBUG },
};

void log_set_level(enum log_level level)
{
	__atomic_store_n(&limit, level, __ATOMIC_RELAXED);
}

void log_set_sink(log_sink new_sink)
{
	sink = new_sink;
}

bool log_is_on(enum log_level level)
{
	return level <= __atomic_load_n(&limit, __ATOMIC_RELAXED);
}

bool log_level_of(const char *name, enum log_level *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i].name, name) == 0) {
			*ret = names[i].level;
			return true;
		}
	return false;
}

static size_t put(char *line, size_t n, const char *format, ...) printf_like(3, 4);

static size_t put(char *line, size_t n, const char *format, ...)
{
	va_list args;
	int more;

	va_start(args, format);
	more = vsnprintf(line + n, LINE_LIMIT - n, format, args);
	va_end(args);
	if (more < 0)
		return n;
	return n + (size_t)more < LINE_LIMIT ? n + (size_t)more : LINE_LIMIT - 1;
}

static size_t put_context(char *line, size_t n, const struct ctx *c)
{
	if (c->trace[0])
		n = put(line, n, "req=%s span_id=%s ", c->trace, c->span);
	if (c->parent[0])
		n = put(line, n, "parent_span_id=%s ", c->parent);
	if (c->domain_id)
		n = put(line, n, "domain=%lld ", (long long)c->domain_id);
	if (c->identity_id)
		n = put(line, n, "identity=%lld ", (long long)c->identity_id);
	return n;
}

static void write_line(enum log_level level, char *line, size_t n)
{
	char whole[LINE_LIMIT + 8];
	size_t start = 0;

	if (!isatty(STDERR_FILENO))
		start = (size_t)snprintf(whole, sizeof(whole), "<%d>", (int)level);
	memcpy(whole + start, line, n);
	whole[start + n] = '\n';
	if (write(STDERR_FILENO, whole, start + n + 1) < 0)
		return; /* nobody reads the log: there is nowhere to say so */
}

void log_at(enum log_level level, const struct ctx *c, const char *format, ...)
{
	char line[LINE_LIMIT];
	size_t n = 0;
	va_list args;
	int more;

	if (!log_is_on(level))
		return;
	if (c)
		n = put_context(line, n, c);
	va_start(args, format);
	more = vsnprintf(line + n, LINE_LIMIT - n, format, args);
	va_end(args);
	if (more > 0)
		n = n + (size_t)more < LINE_LIMIT ? n + (size_t)more : LINE_LIMIT - 1;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = ' ';
	if (!sink || !sink(level, c, line, n))
		write_line(level, line, n);
}
