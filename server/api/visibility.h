/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Visibilities of posts in the client API's words, and back. */
#ifndef SERVER_API_VISIBILITY_H
#define SERVER_API_VISIBILITY_H

#include <stdbool.h>

#include "base/str.h"

/* "private" for "followers" and so on; local-only is said as what it resembles most. */
const char *visibility_shown(str ours);
/* The stored word for what a client says; false when it says nothing of the kind. */
bool visibility_parse(str theirs, str *ret);

#endif
