/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* service: a connection string in the form of PGSERVICEFILE, for programs of PostgreSQL that we run. */
#ifndef DB_SERVICE_H
#define DB_SERVICE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

/* A service of that name with what the connection string says. -EINVAL when it cannot be read or written so. */
int db_service(struct arena *a, const char *name, const char *conninfo, str *ret) must_check;

/* Whether a password stands in the connection string itself. */
bool db_has_password(const char *conninfo);

#endif
