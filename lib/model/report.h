/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * report: a complaint about somebody, made here or sent by another server, with which a tenant's staff deals. Who is complained
 * about is not told; the staff is.
 */
#ifndef MODEL_REPORT_H
#define MODEL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/timeline.h"
#include "sql/gen/report.h"

struct identity_row;

#define REPORT_COMMENT_LIMIT 1000 /* characters of one made here */

struct report_draft {
	int64_t subject_id;
	i64s post_ids; /* those that are not the subject's, or that the source may not read, are left out */
	i64s rule_ids, collection_ids;
	str comment;
	str category; /* "spam" "legal" "violation" "other"; empty: by the rules */
	bool forward; /* to the subject's server, in the name of the tenant */
	strs forward_to; /* of the servers that this could go to, only these; empty: the subject's */
};
/* A complaint of the acting identity. E_NOT_FOUND without a subject, E_UNPROCESSABLE, E_LIMITED. */
int report_create(struct ctx *c, const struct report_draft *d,
		  const struct report_row **ret) must_check;

/* One that another server sent about somebody of the ctx's tenant; again does nothing. */
struct report_received {
	const struct identity_row *source;
	int64_t subject_id;
	i64s post_ids;
	str uri, comment;
};
int report_receive(struct ctx *c, const struct report_received *r) must_check;

/* For the staff of the ctx's tenant. */
struct report_choice {
	bool resolved; /* those that were dealt with instead of those that were not */
	int64_t source_id, subject_id; /* 0: all */
	str host; /* of the subject; empty: all */
	int64_t holder_id; /* who of the staff deals with it; 0: all, -1: nobody */
	str category; /* empty: all */
	str origin; /* "local" "remote" "notice"; empty: all */
};
int report_get(struct ctx *c, int64_t id, const struct report_row **ret) must_check;
/* Newest first. */
int report_list(struct ctx *c, const struct report_choice *choice, const struct page *p,
		const struct report_row **ret, size_t *ret_n) must_check;
/* E_UNPROCESSABLE for an unknown category. */
int report_change(struct ctx *c, int64_t id, str category, i64s rule_ids) must_check;
#define REPORT_LEASE (8 * USEC_HOUR) /* that a claim holds */
/* To the acting identity, for the time of a lease, or to nobody. E_CONFLICT while another one's claim holds. */
int report_assign(struct ctx *c, int64_t id, bool to_self) must_check;
int report_resolve(struct ctx *c, int64_t id, bool done) must_check;
/* Tells who complained what came of it; they see it on their page, and by mail. E_UNPROCESSABLE for no text, or too long a one. */
int report_answer(struct ctx *c, int64_t id, str text) must_check;
/* What the acting identity complained about here, newest first. */
int report_list_own(struct ctx *c, const struct page *p, const struct own_report_row **ret,
		    size_t *ret_n) must_check;

/* Somebody without an account says that something is against the law (Regulation (EU) 2022/2065, article 16). */
struct report_notice {
	str addresses; /* of what it is about, one in a line */
	str name, email, law, comment;
	bool good_faith; /* they say that it is true as far as they know */
	str client; /* network address that it came from */
};
/* Makes a report of it. *ret_id is its number. E_UNPROCESSABLE names what is missing; E_LIMITED. */
int report_take_notice(struct ctx *c, const struct report_notice *n, int64_t *ret_id) must_check;
/* Who complained; NULL when somebody with an account did. */
int report_notice_of(struct ctx *c, int64_t id, const struct report_notice_row **ret) must_check;

/* Tells the tenant's staff of something by an actor: "report" or "sign_up". */
int report_tell_staff(struct ctx *c, const char *kind, int64_t actor_id,
		      int64_t subject_id) must_check;

#endif
