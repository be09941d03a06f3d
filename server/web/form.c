/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: no redirect leaves the site on a stranger's word. A path of ours begins with one slash
 * and holds visible ASCII only, without the backslash that browsers take for a slash.
 */
#include "server/web/form.h"

#include <string.h>

#include "base/id.h"
#include "base/out.h"

#define PATH_LIMIT 4000 /* bytes: what a program asks for stands in a path to come back to */

str form_text(struct ctx *c, const struct request *q, const char *name)
{
	str value = request_form(q, name);
	struct out o;

	out_init(&o, c->arena, value.n + 1);
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] != '\r')
			out_char(&o, value.p[i]);
		else if (i + 1 == value.n || value.p[i + 1] != '\n')
			out_char(&o, '\n');
	return o.n ? out_view(&o) : STR("");
}

str form_line(struct ctx *c, const struct request *q, const char *name)
{
	return str_trim(form_text(c, q, name));
}

int64_t form_id(const struct request *q, const char *name)
{
	int64_t id;

	return id_parse(request_form(q, name), &id) ? id : 0;
}

bool form_ticked(const struct request *q, const char *name)
{
	return !str_is_empty(request_form(q, name));
}

str sentence(struct ctx *c, str message)
{
	str api = STR("Validation failed: ");
	char *p;

	if (str_starts(message, api))
		message = str_from(message, api.n);
	if (str_is_empty(message))
		return STR("");
	p = str_z(c->arena, message);
	if (p[0] >= 'a' && p[0] <= 'z')
		p[0] = (char)(p[0] - 'a' + 'A');
	return strchr(".?!", message.p[message.n - 1]) ? str_c(p) : str_fmt(c->arena, "%s.", p);
}

struct wrong form_error(struct ctx *c, int err)
{
	return wrong_at(c->error_field, sentence(c, ctx_words(c, err)));
}

/* 401 would ask for a way to log in that browsers do not have; 400 is for requests that are none. */
int form_status(int err)
{
	return err == E_INVALID || err == E_UNAUTHORIZED ? 422 : err_http_status(err);
}

bool path_is_ours(str path)
{
	if (path.n == 0 || path.n > PATH_LIMIT || path.p[0] != '/' ||
	    (path.n > 1 && path.p[1] == '/'))
		return false;
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] <= ' ' || path.p[i] >= 0x7f || path.p[i] == '\\')
			return false;
	return true;
}

int go_to(str path, struct response *r)
{
	r->status = 303;
	r->location = path_is_ours(path) ? path : STR("/");
	return 0;
}

int go_back(struct ctx *c, const struct request *q, str otherwise, struct response *r)
{
	str back = form_line(c, q, "back");

	return go_to(path_is_ours(back) ? back : otherwise, r);
}
