/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the server takes a request's client to be, told to that client alone: so that the doctor finds out whether the
 * reverse proxy passes addresses on, and whether it lets strangers invent them.
 */
#include "server/fedi/fedi.h"

#define ECHO_LIMIT 4096

int fedi_echo(struct ctx *c, struct request *q, struct response *r)
{
	struct json_out w;

	json_out_init(&w, c->arena, ECHO_LIMIT);
	json_open_object(&w, NULL);
	json_put_str(&w, "address", q->address);
	json_put_str(&w, "scheme", q->scheme);
	json_close_object(&w);
	r->type = STR("application/json; charset=utf-8");
	return json_out_done(&w, &r->body);
}
