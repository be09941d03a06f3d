/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The inboxes of a tenant: shared, of actors, of the system actor. All do the same. */
#include "model/inbox.h"

#include "base/log.h"
#include "server/fedi/fedi.h"

int fedi_inbox(struct ctx *c, struct request *q, struct response *r)
{
	struct http_message m;
	int result;

	fedi_message(c, q, &m);
	result = inbox_accept(c, &m);
	if (result > 0)
		log_debug(c, "event=inbox_refused error=%s reason=\"%.*s\"", err_name(result),
			  STR_ARG(ctx_error(c, result)));
	TRY(result);
	r->status = 202;
	return 0;
}
