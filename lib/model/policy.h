/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * policy: rules that a tenant declares about posts: conditions, all of which have to hold, and one action. A post is judged once, as it
 * comes or is written, by the rules of every tenant that are on; each decides for itself alone (post_decision.h). A draft does nothing,
 * but can be tried on what is stored. Rules without a tenant (domain_id 0) are the host's floor: they judge for every tenant, before its
 * own, and what they removed, covered or took from public timelines no tenant brings back.
 */
#ifndef MODEL_POLICY_H
#define MODEL_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/table.h"
#include "json/json.h"
#include "json/write.h"
#include "sql/gen/policy.h"

#define POLICY_LIMIT 100 /* of one tenant */
#define POLICY_TITLE_LIMIT 100 /* characters */
#define POLICY_TEXT_LIMIT 500 /* characters of a note, and of words */
#define POLICY_ENTRY_LIMIT 100 /* of one list of a rule ... */
#define POLICY_ENTRY_CHARS 200 /* ... and characters of each */
#define POLICY_NUMBER_LIMIT 1000 /* days, and mentions */

extern const char *const policy_states[]; /* "draft" "on" "off"; NULL-ended */
extern const char
	*const policy_actions[]; /* "hold" "cover" "remove" "unlist" "report"; NULL-ended */

/* Rules of the ctx's tenant, oldest first; of no tenant, as the host role: of the floor. So with all that follow. */
int policy_list(struct ctx *c, const struct policy_row **ret, size_t *ret_n) must_check;
/* Those of the floor that are on, as a tenant sees them. */
int policy_floor(struct ctx *c, const struct policy_row **ret, size_t *ret_n) must_check;
/* One of them, or, to look at, of the floor. */
int policy_get(struct ctx *c, int64_t id, const struct policy_row **ret) must_check;
/*
 * A rule as it was typed, made fit to be stored: lists without blanks and doubles, hosts and hashtags in small letters. id and
 * domain_id do not count. E_UNPROCESSABLE names a field: without a condition, or beyond a limit.
 */
int policy_check(struct ctx *c, struct policy_row *p) must_check;
/* As the acting staff, whose grant the caller has judged; written into the audit log. policy_check() comes first. */
int policy_add(struct ctx *c, const struct policy_row *p, int64_t *ret_id) must_check;
/* The same inside of a transaction. */
int policy_add_within(struct ctx *c, const struct policy_row *p, int64_t *ret_id) must_check;
int policy_change(struct ctx *c, int64_t id, const struct policy_row *p) must_check;
int policy_set_state(struct ctx *c, int64_t id, const char *state) must_check;
int policy_remove(struct ctx *c, int64_t id) must_check;

/* policy_json.c. Rules as other communities take them: their words and conditions, neither ids nor states. */
#define POLICY_FILE_LIMIT (256 * 1024)
int policy_export(struct ctx *c, str *ret) must_check;
/* Members of an open object. */
void policy_write(struct json_out *w, const struct policy_row *p);
/*
 * A row of the table as an archive has it, made fit to be stored like one that was typed: members of an open object.
 * E_UNPROCESSABLE.
 */
int policy_judge_row(struct ctx *c, const struct json *row, struct json_out *w) must_check;
/* All of a file or nothing; what comes are drafts. E_UNPROCESSABLE says which rule is wrong. */
int policy_import(struct ctx *c, str document, size_t *ret_n) must_check;

/* policy_match.c. What rules look at of a post. */
struct policy_subject {
	int64_t author_id;
	int64_t domain_id; /* the tenant of its author; 0: elsewhere */
	bool is_own; /* which is the tenant that judges */
	str host; /* of the author */
	usec author_since; /* known here */
	usec at; /* when it comes */
	bool is_private; /* not for everybody */
	str text; /* plain, folded: what a reader sees of it */
	str language;
	int64_t mentions;
	strs links; /* hosts */
	bool has_media;
	strs hashtags;
	int64_t answered_id; /* the author of what it answers; 0: answers nothing that is here */
};
int policy_subject_of_row(struct ctx *c, const struct policy_subject_row *row,
			  struct policy_subject *ret) must_check;
/* Fills in text and links of what is written. */
int policy_read(struct ctx *c, str summary, str content, strs options, strs descriptions,
		struct policy_subject *s) must_check;
/* Whether all conditions hold but those about ties between people, which are another matter on each tenant. */
bool policy_may_fit(struct ctx *c, const struct policy_row *p, const struct policy_subject *s);
/* Whether all conditions hold. Ties between people are asked for last, of the ctx's tenant, which the session is bound to. */
int policy_fits(struct ctx *c, const struct policy_row *p, const struct policy_subject *s,
		bool *ret) must_check;

/* policy_judge.c. What the rules of one tenant say together of a post. */
struct policy_verdict {
	const struct policy_row *removes, *holds, *covers,
		*unlists; /* the first that does; NULL: none */
	const struct policy_row *const *reports; /* those that open a case */
	size_t n_reports;
};
/*
 * A post that was stored or changed in the present transaction, judged for all tenants but its author's own; for those of the audience
 * alone when it is not for everybody. The session has to be able to read it.
 */
int policy_judge_stored(struct ctx *c, int64_t post_id, bool is_for_all, i64s audience) must_check;
/* Whether any tenant has rules in use: else nothing needs to be judged. */
bool policies_exist(const struct ctx *c);
/* What an own post's rules say of a draft of the acting identity. */
int policy_judge_draft(struct ctx *c, const struct policy_subject *s,
		       struct policy_verdict *ret) must_check;
/* Whether the ctx's tenant has rules about its own people's posts in use: else a draft need not be looked at. */
bool policy_judges_own(const struct ctx *c);
/* Opens the cases that a verdict wants, in the transaction that stores the post. */
int policy_open_cases(struct ctx *c, const struct policy_verdict *v, int64_t author_id,
		      int64_t post_id) must_check;

/* policy_draft.c. A post of the acting identity before it is written or edited. */
struct composition;
struct post_draft;
struct policy_draft {
	const struct post_draft *draft;
	const struct composition *composition;
	str summary, visibility, language;
	int64_t answered_id; /* author of what it answers; 0: nobody */
	int64_t post_id; /* of an edit; 0: a new post */
};
/* E_UNPROCESSABLE tells the author what is not taken; the rest of the verdict is for the caller to carry out. */
int policy_judge_own(struct ctx *c, const struct policy_draft *d,
		     struct policy_verdict *ret) must_check;
/* The content warning with the words of a rule that covers. */
str policy_cover(struct ctx *c, const struct policy_verdict *v, str summary);

/* In the transaction that writes the post: its author has a statement of reasons, staff its cases. */
int policy_follow_up(struct ctx *c, const struct policy_verdict *v, int64_t post_id) must_check;

/* policy_replay.c. What a rule would have matched of what is stored. */
#define REPLAY_DAYS 90 /* back at most */
#define REPLAY_STEP 2000 /* posts that are looked at in one go */
#define REPLAY_MATCHES 40 /* that one go ends with */
struct policy_replay {
	int64_t max_id; /* in: posts below; 0: all. out: where the next go begins; 0: nothing is left */
	size_t looked_at;
	int64_t *matches; /* post ids, newest first */
	size_t n_matches;
};
/* E_UNPROCESSABLE for days that cannot be. The first go is written into the audit log. */
int policy_replay(struct ctx *c, const struct policy_row *p, int64_t days,
		  struct policy_replay *r) must_check;

#endif
