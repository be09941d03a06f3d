/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The list of all routes, for whoever wants to know what the program serves. Invariant: it is made from the tables that dispatch
 * looks into. */
#include "base/table.h"
#include "json/write.h"
#include "model/staff.h"
#include "server/http.h"

#define LIST_LIMIT (1024 * 1024) /* bytes */

static const struct name methods[] = {
	{ "GET", METHOD_GET },
	{ "POST", METHOD_POST },
	{ "PUT", METHOD_PUT },
	{ "DELETE", METHOD_DELETE },
	{ "PATCH", METHOD_PATCH },
	{ "OPTIONS", METHOD_OPTIONS },
	{ NULL, 0 },
};
static const struct name accesses[] = {
	{ "any", ACCESS_ANY },
	{ "login", ACCESS_LOGIN },
	{ "peer", ACCESS_PEER },
	{ "token", ACCESS_TOKEN },
	{ "token_any", ACCESS_TOKEN_ANY },
	{ "token_app", ACCESS_TOKEN_APP },
	{ NULL, 0 },
};

static const struct name surfaces[] = {
	{ "page", SURFACE_PAGE }, { "json", SURFACE_JSON },   { "text", SURFACE_TEXT },
	{ "api", SURFACE_API },	  { "oauth", SURFACE_OAUTH }, { NULL, 0 },
};

static void put_route(struct json_out *w, const char *socket, const struct route *r)
{
	json_open_object(w, NULL);
	json_put_c(w, "socket", socket);
	json_put_c(w, "pattern", r->pattern);
	json_open_array(w, "methods");
	for (const struct name *m = methods; m->name; m++)
		if (r->methods & (unsigned)m->value)
			json_put_c(w, NULL, m->name);
	json_close_array(w);
	json_put_c(w, "access", name_of_value(accesses, (int)r->access));
	json_put_c(w, "surface", name_of_value(surfaces, (int)r->surface));
	json_put_str(w, "scope", r->scope ? str_c(r->scope) : STR_NULL);
	json_put_bool(w, "form", r->form);
	json_put_bool(w, "staff", r->capability != CAPABILITY_NONE);
	json_close_object(w);
}

int route_list(struct arena *a, str *ret)
{
	static const struct {
		const char *socket;
		const struct route *const *tables;
	} all[] = { { "public", public_tables },
		    { "private", private_tables },
		    { "console", console_tables } };
	struct json_out w;

	json_out_init(&w, a, LIST_LIMIT);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		for (const struct route *const *t = all[i].tables; *t; t++)
			for (const struct route *r = *t; r->pattern; r++)
				put_route(&w, all[i].socket, r);
	json_close_array(&w);
	return json_out_done(&w, ret);
}
