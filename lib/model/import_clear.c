/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What goes when an import overwrites. Invariant: nothing that a line names is touched, so that lines may be done before,
 * meanwhile or after.
 */
#include "model/block.h"
#include "model/follow.h"
#include "model/import_part.h"
#include "sql/gen/import.h"

typedef str (*cell_fn)(struct ctx *c, str cell);

static str as_it_is(unused struct ctx *c, str cell)
{
	return cell;
}

static strs column(struct ctx *c, const struct import_table *t, size_t at, cell_fn fn)
{
	str *cells = arena_array(c->arena, t->n + 1, sizeof(*cells));

	for (size_t i = 0; i < t->n; i++)
		cells[i] = fn(c, t->rows[i][at]);
	return (strs){ cells, t->n };
}

int import_clear_follows(struct ctx *c, const struct import_table *t)
{
	const struct import_stale_row *rows;
	size_t n;

	TRY(q_import_stale_follows(c, c->identity_id, column(c, t, 0, import_handle), &rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(follow_undo(c, rows[i].id));
	return 0;
}

int import_clear_lists(struct ctx *c, const struct import_table *t)
{
	strs titles = column(c, t, 0, as_it_is);

	TRY(q_import_clear_lists(c, c->identity_id, c->domain_id, titles, NULL));
	return q_import_clear_members(c, c->identity_id, c->domain_id, titles,
				      column(c, t, 1, import_handle), NULL);
}

static int stale_blocks(struct ctx *c, const struct import_table *t, const char *kind,
			const struct import_stale_row **ret, size_t *ret_n)
{
	return q_import_stale_blocks(c, c->identity_id, str_c(kind), column(c, t, 0, import_handle),
				     ret, ret_n);
}

int import_clear_blocks(struct ctx *c, const struct import_table *t)
{
	const struct import_stale_row *rows;
	size_t n;

	TRY(stale_blocks(c, t, "block", &rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(block_remove(c, rows[i].id));
	return 0;
}

int import_clear_mutes(struct ctx *c, const struct import_table *t)
{
	const struct import_stale_row *rows;
	size_t n;

	TRY(stale_blocks(c, t, "mute", &rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(mute_remove(c, rows[i].id));
	return 0;
}

int import_clear_domains(struct ctx *c, const struct import_table *t)
{
	return q_import_clear_domains(c, c->identity_id, c->domain_id, column(c, t, 0, import_host),
				      NULL);
}

int import_clear_bookmarks(struct ctx *c, const struct import_table *t)
{
	return q_import_clear_bookmarks(c, c->identity_id, c->domain_id, column(c, t, 0, as_it_is),
					NULL);
}

int import_clear_filters(struct ctx *c, const struct import_table *t)
{
	return q_import_clear_filters(c, c->identity_id, c->domain_id, column(c, t, 0, as_it_is),
				      NULL);
}
