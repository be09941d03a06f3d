/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: at most one note of one identity on another, and never an empty one. */
#include "model/note.h"

#include "sql/gen/note.h"

int note_set(struct ctx *c, int64_t target_id, str note)
{
	if (str_is_empty(note))
		return q_note_remove(c, c->identity_id, target_id, c->domain_id, NULL);
	if (str_chars(note) > NOTE_LIMIT)
		return fail_at(c, "note",
			       fail(c, E_UNPROCESSABLE, "a note has at most %d characters",
				    NOTE_LIMIT));
	return q_note_set(c, c->identity_id, target_id, c->domain_id, note, NULL);
}
