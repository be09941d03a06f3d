/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The inboxes of a tenant: shared, of actors, of the system actor. All do the same; of somebody who is not here there is none. */
#include "model/inbox.h"

#include "base/log.h"
#include "server/fedi/fedi.h"

int fedi_inbox(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *owner;
	struct http_message m;
	int result;

	if (!str_is_null(q->args[0]))
		TRY(fedi_identity(c, q->args[0], &owner));
	fedi_message(c, q, &m);
	result = inbox_accept(c, &m);
	if (result > 0)
		log_debug(c, "event=inbox_refused error=%s reason=\"%.*s\"", err_name(result),
			  STR_ARG(ctx_error(c, result)));
	TRY(result);
	r->status = 202;
	return 0;
}
