/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Statuses: posts as the client API shows them. */
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/render_status.h"

int api_status(struct ctx *c, struct request *q, struct response *r)
{
	const struct post_row *p;
	struct status *s;
	struct json_out w;
	int64_t id;
	int result;

	TRY(api_path_id(c, q, 0, &id));
	result = post_get(c, id, c->identity_id, &p);
	if (result == E_NOT_FOUND || result == E_GONE)
		return api_not_found(c);
	TRY(result);
	TRY(statuses_load(c, p, 1, c->identity_id, &s));
	api_open(c, &w);
	render_status(c, &w, NULL, s);
	return api_send(&w, r);
}
