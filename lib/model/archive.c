/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: an archive is opened by the query that asks whose it is, and by nothing else. */
#include "model/archive.h"

#include "model/identity.h"
#include "model/media_part.h"

static const char *const after_packing[] = { "ready", "failed", NULL };

static const struct graph_state archive_states[] = {
	{
		.name = "packing",
		.initial = true,
		.next = after_packing,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = 2 * USEC_HOUR,
		.timeout = 2 * USEC_DAY,
		.timeout_to = "failed",
	},
	{ .name = "ready", .delete_after = ARCHIVE_DAYS * USEC_DAY },
	{ .name = "failed", .delete_after = ARCHIVE_DAYS * USEC_DAY },
};

const struct graph archive_graph = { "archive", archive_states, ARRAY_SIZE(archive_states) };

int archive_ask(struct ctx *c)
{
	const struct archive_id_row *rows;
	size_t n;

	TRY(q_archive_add(c, c->domain_id, c->identity_id, &rows, &n));
	return n ? 0
		 : fail(c, E_UNPROCESSABLE, "an archive stays for %d days; the next comes then",
			ARCHIVE_DAYS);
}

int archive_latest(struct ctx *c, const struct archive_row **ret)
{
	return q_archive_latest(c, c->identity_id, ret);
}

int archive_open(struct ctx *c, int64_t id, struct media_file *ret, str *ret_name)
{
	const struct identity_row *self;
	const struct archive_row *row;

	TRY(q_archive_own(c, id, c->identity_id, &row));
	TRY(q_identity_by_id(c, c->identity_id, &self));
	TRY(media_open_own(c, row->file, ret));
	*ret_name = str_fmt(c->arena, "archive-%.*s-%.*s.zip", STR_ARG(self->username),
			    STR_ARG(str_slice(clock_iso(c->arena, row->created), 0, 10)));
	return 0;
}
