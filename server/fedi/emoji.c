/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the Emoji tags of posts and actors here name. */
#include "model/emoji.h"

#include "base/id.h"
#include "server/fedi/fedi.h"

int fedi_emoji(struct ctx *c, struct request *q, struct response *r)
{
	struct json_out w;
	int64_t id;

	if (!id_parse(q->args[0], &id))
		return fail(c, E_NOT_FOUND, "there is no such emoji");
	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	TRY(emoji_write_document(c, id, &w));
	return fedi_respond(&w, r);
}
