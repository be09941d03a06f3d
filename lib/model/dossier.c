/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: entries are only ever added; the database lets no daemon change or delete one. */
#include "model/dossier.h"

#include "db/db.h"
#include "model/audit.h"
#include "model/identity.h"

int dossier_add(struct ctx *c, int64_t subject_id, int64_t report_id, const char *kind, str text)
{
	struct q_dossier_add_args args = {
		.domain_id = c->domain_id,
		.report_id = report_id,
		.subject_id = subject_id,
		.identity_id = c->identity_id,
		.kind = str_c(kind),
		.text = str_is_null(text) ? STR("") : text,
	};

	return q_dossier_add(c, &args, NULL);
}

struct noting {
	int64_t subject_id, report_id;
	str text;
};

/* That it was written is in the audit log; what it says is in the dossier alone. */
static int add_note(struct ctx *c, void *arg)
{
	const struct noting *n = arg;
	const struct identity_row *about;

	TRY(q_identity_by_id(c, n->subject_id, &about));
	TRY(dossier_add(c, n->subject_id, n->report_id, "note", n->text));
	return audit_add(c, "account.note", identity_handle(c->arena, about), STR(""));
}

int dossier_note(struct ctx *c, int64_t subject_id, int64_t report_id, str text)
{
	text = str_trim(text);
	if (str_is_empty(text))
		return fail_at(c, "note", fail(c, E_UNPROCESSABLE, "a note needs a text"));
	if (str_chars(text) > DOSSIER_NOTE_LIMIT)
		return fail_at(c, "note",
			       fail(c, E_UNPROCESSABLE, "a note has at most %d characters",
				    DOSSIER_NOTE_LIMIT));
	return db_transaction(c, add_note, &(struct noting){ subject_id, report_id, text });
}

int dossier_list(struct ctx *c, int64_t report_id, const struct dossier_entry_row **ret,
		 size_t *ret_n)
{
	return q_dossier_list(c, c->domain_id, report_id, ret, ret_n);
}

int dossier_notes(struct ctx *c, int64_t subject_id, const struct dossier_entry_row **ret,
		  size_t *ret_n)
{
	return q_dossier_notes(c, c->domain_id, subject_id, ret, ret_n);
}
