/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The form that writes posts, where other pages hold it. */
#ifndef SERVER_WEB_COMPOSE_H
#define SERVER_WEB_COMPOSE_H

#include "base/attr.h"
#include "base/clock.h"
#include "base/ctx.h"
#include "model/post.h"
#include "server/http.h"
#include "server/web/page.h"
#include "server/web/post_page.h"

/* For a new post, as the acting identity usually wants them. */
int compose_empty(struct ctx *c, struct compose_view *ret) must_check;
/* For an answer: it begins with whom it is for, and is as narrow as what it answers. */
int compose_answer(struct ctx *c, const struct request *q, const struct status *parent,
		   const struct post_view *view, struct compose_view *ret) must_check;

/* A post that the form is about, or NULL for id 0 and for one that is gone meanwhile. */
int compose_other(struct ctx *c, int64_t id, const struct post_view **ret) must_check;

/* What the form brought, and what came of it. */
struct submission {
	struct compose_view form; /* to be shown again */
	struct post_draft draft;
	bool visibility_is_known, reply_policy_is_known;
	int64_t post_id, scheduled_id; /* 0: none */
};
/* Reads every field; nothing can be wrong yet. */
void submission_read(struct ctx *c, const struct request *q, struct submission *ret);
/*
 * Stores files, and writes, edits or keeps the post for later; a form that comes twice does it once.
 * Any condition is a word to the writer about form.wrong; files that were good are in the form then.
 */
int submission_take(struct ctx *c, const struct request *q, struct submission *s) must_check;
/* Stores files and keeps all of it as a draft, whatever is wrong with it. Conditions likewise. */
int submission_keep(struct ctx *c, const struct request *q, struct submission *s) must_check;
/* Stores files and shows what would be written. Conditions likewise. */
int submission_preview(struct ctx *c, const struct request *q, struct submission *s,
		       struct post_view *ret) must_check;
/* The form of a kept draft. Uploads that are gone meanwhile are left out. */
int submission_continue(struct ctx *c, int64_t id, struct compose_view *ret) must_check;

/* A time as <input type="datetime-local"> has it, in UTC: "2026-11-23T20:38". */
#define DUE_LENGTH 16
bool due_parse(struct ctx *c, str typed, usec *ret) must_check;
str due_format(struct ctx *c, usec t);

#endif
