/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the headers of an answer say. Not for other rooms.
 */
#ifndef FETCH_ANSWER_H
#define FETCH_ANSWER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/clock.h"
#include "fetch/fetch.h"

/* Content-Type in lower case, "" when absent. */
str answer_type(struct arena *a, const struct fetch_response *r);

/* Retry-After (RFC 9110, 10.2.3) from now, at most a year; 0: none said, or past. */
usec answer_retry_after(const struct fetch_response *r);

/*
 * Whether the media type (RFC 9110, 8.3.1) is one of the NULL-ended list. The parameters of the one
 * in the list must be there; of a value with several words, as profile may have, one is enough.
 */
bool answer_is_of_type(str type, const char *const *types);

#endif
