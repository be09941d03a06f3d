/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Handles: who people name each other by, "@name@host". Host names are kept in one form only: lower
 * case ASCII (IDNA 2008), with ":port" when there is one.
 */
#ifndef AP_HANDLE_H
#define AP_HANDLE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

#define HANDLE_NAME_LIMIT 255 /* bytes */
#define HANDLE_HOST_LIMIT 253

/*
 * "@name@host", "name@host", "acct:name@host" (RFC 7565), "@name", "name", with white space around
 * it. ret_host is the null str when none is named. False when it is no handle; then both are
 * untouched.
 */
bool handle_parse(struct arena *a, str text, str *ret_name, str *ret_host) must_check;

/* A host name, international ones as people write them, perhaps with a port, in its one form. */
bool handle_host(struct arena *a, str text, str *ret) must_check;

/* Where a host answers: "https://host", or "http://host" when plain is set and it has a port. */
str handle_origin(struct arena *a, str host, bool plain);

/* The form for people: xn-- labels as Unicode; the host itself when that cannot be done. */
str handle_host_for_people(struct arena *a, str host);

#endif
