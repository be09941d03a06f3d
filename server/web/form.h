/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What forms bring, in the shapes that pages want, and where they lead to. */
#ifndef SERVER_WEB_FORM_H
#define SERVER_WEB_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "server/http.h"
#include "server/web/wrong.h"

/* A text area's text with line ends as "\n"; empty when the field is absent. */
str form_text(struct ctx *c, const struct request *q, const char *name);
/* One line without white space around it; empty when the field is absent. */
str form_line(struct ctx *c, const struct request *q, const char *name);
/* An id; 0 when there is none. */
int64_t form_id(const struct request *q, const char *name);
bool form_ticked(const struct request *q, const char *name);

/*
 * A message as people read it, with a capital and a full stop, without what the client API says before;
 * programs join messages to others.
 */
str sentence(struct ctx *c, str message);
/* What the last fail() says is wrong with a form, and with which field. */
struct wrong form_error(struct ctx *c, int err);
/* The status of a form that is shown again because of a condition. */
int form_status(int err);

/* A path with its query on this very site: the only thing that a redirect takes from a stranger. */
bool path_is_ours(str path);
/* 303 to a path of ours; to "/" when it is none. */
int go_to(str path, struct response *r) must_check;
/* 303 to where the form's field "back" says, or else to a path. */
int go_back(struct ctx *c, const struct request *q, str otherwise, struct response *r) must_check;

#endif
