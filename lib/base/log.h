/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Log lines are key=value with the context first, one line an event, to standard error; journald
 * reads the priority from the "<n>" in front (sd-daemon(3)), a terminal is spared it. Library code
 * never logs above debug: the program logs once, at the top.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct ctx;

enum log_level {
	LOG_ERROR = 3, /* the numbers of syslog(3) */
	LOG_WARN = 4,
	LOG_INFO = 6,
	LOG_DEBUG = 7,
};

/* Lines above this level are dropped; LOG_INFO at start. */
void log_set_level(enum log_level level);
bool log_is_on(enum log_level level);

/*
 * Takes lines instead of standard error, without control characters and without an end; false when it could not. From any
 * thread. Before the first one starts; NULL: none.
 */
typedef bool (*log_sink)(enum log_level level, const struct ctx *c, const char *line, size_t n);
void log_set_sink(log_sink sink);

/* "error", "warning", "info", "debug"; false for another name. */
bool log_level_of(const char *name, enum log_level *ret);

/* c may be NULL; else req=, span_id=, parent_span_id=, domain= and identity= come first. The format is key=value text. */
void log_at(enum log_level level, const struct ctx *c, const char *format, ...) printf_like(3, 4);

#define log_error(c, ...) log_at(LOG_ERROR, (c), __VA_ARGS__)
#define log_warn(c, ...) log_at(LOG_WARN, (c), __VA_ARGS__)
#define log_info(c, ...) log_at(LOG_INFO, (c), __VA_ARGS__)
#define log_debug(c, ...)                                    \
	do {                                                 \
		if (log_is_on(LOG_DEBUG))                    \
			log_at(LOG_DEBUG, (c), __VA_ARGS__); \
	} while (0)

#endif
