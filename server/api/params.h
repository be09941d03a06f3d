/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Parameters of the client API, whatever they came in: query string, form (urlencoded or multipart)
 * or JSON. All become one list of flat names: {"poll":{"options":["a"]}} is poll[options][0]=a, as
 * is poll[options][]=a. The body goes before the query. Values are valid UTF-8; JSON's null is absent.
 */
#ifndef SERVER_API_PARAMS_H
#define SERVER_API_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "server/http.h"

#define PARAMS_LIMIT 400

struct params; /* of one request, in its arena */

/* Reads them all. E_INVALID for a body that its media type does not fit, E_TOO_LARGE for too many. */
int params_read(struct ctx *c, const struct request *q, struct params **ret) must_check;

/* The first value of that name; the null str when there is none. */
str param(const struct params *p, const char *name);
/* The same with a name that is put together. */
str param_at(const struct params *p, const char *format, ...) printf_like(2, 3);
bool param_is_there(const struct params *p, const char *name);
/* false, 0, f, off and the empty text are false, anything else is true; absent: otherwise. */
bool param_bool(const struct params *p, const char *name, bool otherwise);
/* What a value means as param_bool() takes it; absent is false. */
bool params_true(str value);
/* Absent: *ret stays as it is. E_UNPROCESSABLE for what is no whole number. */
int param_i64(struct ctx *c, const struct params *p, const char *name, int64_t *ret) must_check;
/* An id; 0 when there is none or it is nonsense. */
int64_t param_id(const struct params *p, const char *name);
/* All values of name, name[] and name[0]...; ids among them. */
strs param_list(struct ctx *c, const struct params *p, const char *name);
i64s param_ids(struct ctx *c, const struct params *p, const char *name);
/* The places of a list of objects: "0", "1" of fields[0][name], fields[1][name], in their order. */
strs param_places(struct ctx *c, const struct params *p, const char *name);

#endif
