/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* dossier: what a tenant's staff did in the case of a report, and noted about somebody; nothing of it can be changed or deleted. */
#ifndef MODEL_DOSSIER_H
#define MODEL_DOSSIER_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/dossier.h"

#define DOSSIER_NOTE_LIMIT 2000 /* characters */

/* A note of the acting staff about somebody; report_id 0: not in a case. E_UNPROCESSABLE for none, or too long a one. */
int dossier_note(struct ctx *c, int64_t subject_id, int64_t report_id, str text) must_check;
/* Writes down what was done: "act" "undo" "appeal" "decide"; in the transaction that does it. */
int dossier_add(struct ctx *c, int64_t subject_id, int64_t report_id, const char *kind,
		str text) must_check;
/* Of a case, oldest first. */
int dossier_list(struct ctx *c, int64_t report_id, const struct dossier_entry_row **ret,
		 size_t *ret_n) must_check;
/* Notes about somebody in whichever case, newest first. */
int dossier_notes(struct ctx *c, int64_t subject_id, const struct dossier_entry_row **ret,
		  size_t *ret_n) must_check;

#endif
