/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * notification: what happened to a local identity, alone or in groups of the same event to the same post; and whose
 * notifications it wants at once (its policy), later (requests) or never.
 */
#ifndef MODEL_NOTIFICATION_H
#define MODEL_NOTIFICATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/post.h"
#include "model/timeline.h"
#include "sql/gen/notification.h"

/* One thing to tell. */
struct notification_news {
	int64_t identity_id; /* whom; local, of the ctx's tenant */
	/* As in the table: mention, status (somebody whose posts it asked to be told of), boost, follow, follow_request,
	 * like, poll, edit, report, sign_up, severed, warning, quote, quoted_edit. */
	const char *kind;
	int64_t actor_id; /* who did it; of poll, severed and warning it may be the same identity */
	int64_t post_id; /* 0: none */
	int64_t subject_id; /* the report, severance or warning; 0: none */
};

/*
 * The one place where somebody is told, once for the same event; the ctx must be bound to the identity's tenant. Nothing is told of
 * actors that the owner blocks, or mutes with notifications, or that the tenant suspended, nor of oneself; the owner's policy may
 * hold it back or drop it.
 */
int notification_tell(struct ctx *c, const struct notification_news *news) must_check;
/* The same with no subject. post_id 0: none. */
int notification_add(struct ctx *c, int64_t identity_id, const char *kind, int64_t actor_id,
		     int64_t post_id) must_check;
/* Tells all of the ctx's tenant that asked for an author's new posts; that boosted or quoted one that was edited. */
int notification_tell_new_post(struct ctx *c, int64_t post_id) must_check;
int notification_tell_edited_post(struct ctx *c, int64_t post_id) must_check;
/* Takes it back (a withdrawn like, a cancelled request). */
int notification_remove(struct ctx *c, int64_t identity_id, const char *kind, int64_t actor_id,
			int64_t post_id) must_check;

struct report_row;
struct severance_row;
struct warning_row;

/* What a notification of these kinds is about; all NULL for the others. */
struct notice_subject {
	const struct report_row *report;
	const struct identity_row *reported;
	const struct severance_row *severance;
	const struct warning_row *warning;
};
struct notice_subject_key {
	str kind;
	int64_t id; /* 0: none */
};
/* In the order of their keys; a statement for each kind that is among them. */
int notice_subjects_load(struct ctx *c, const struct notice_subject_key *keys, size_t n,
			 struct notice_subject **ret) must_check;

struct notice {
	const struct notification_row *row;
	const struct identity_row *actor;
	const struct status *status; /* NULL: about no post */
	struct notice_subject subject;
};

/* Which of an identity's notifications are meant; all zero: all that no policy holds back. */
struct notification_choice {
	bool has_kinds; /* only those of kinds, which may be none */
	strs kinds, without;
	strs grouped; /* kinds that are shown in groups */
	int64_t actor_id; /* 0: of all */
	bool with_filtered;
};

/* Of the acting identity, newest first, without those about posts that it may not read (any more); constant number of statements.
 * *ret_more: there may be further ones. */
int notification_list(struct ctx *c, const struct notification_choice *choice, const struct page *p,
		      struct notice **ret, size_t *ret_n, bool *ret_more) must_check;
/* E_NOT_FOUND. */
int notification_get(struct ctx *c, int64_t id, struct notice *ret) must_check;

/* What a page of groups needs: each actor and each post once. */
struct notice_groups {
	const struct notification_group_row **groups; /* newest first */
	const struct notice_subject *subjects; /* of the groups */
	size_t n;
	const struct identity_row *actors;
	size_t n_actors;
	const struct status *statuses;
	size_t n_statuses;
	bool more;
};
int notification_groups(struct ctx *c, const struct notification_choice *choice,
			const struct page *p, struct notice_groups *ret) must_check;
/* One by its key; E_NOT_FOUND. */
int notification_group(struct ctx *c, str key, struct notice_groups *ret) must_check;
/* Who is in a group, newest first; entries are notifications' ids. */
int notification_group_actors(struct ctx *c, str key, const struct page *p,
			      const struct identity_row **ret, size_t *ret_n, int64_t *ret_newest,
			      int64_t *ret_oldest) must_check;
int notification_group_dismiss(struct ctx *c, str key) must_check;

/* Drops some of the acting identity's, or all. */
int notification_dismiss(struct ctx *c, i64s ids) must_check;
int notification_clear(struct ctx *c) must_check;

/* How many the acting identity did not see, limit at most; in groups of choice->grouped when it asks for groups. */
int notification_count_unseen(struct ctx *c, const struct notification_choice *choice, bool groups,
			      int64_t limit, int64_t *ret) must_check;
/* All up to an id are seen. */
int notification_mark_seen(struct ctx *c, int64_t up_to) must_check;

/* Policy of the acting identity; members in words: "accept", "filter", "drop". E_UNPROCESSABLE for another word. */
int notification_policy_get(struct ctx *c, const struct notification_policy_row **ret) must_check;
int notification_policy_set(struct ctx *c, const struct notification_policy_row *p) must_check;

/* Somebody whose notifications are held back until the owner decides. */
struct notice_request {
	const struct notification_request_row *row;
	const struct identity_row *actor;
	const struct status *status; /* the last one; NULL: none */
};
int notification_requests(struct ctx *c, const struct page *p, struct notice_request **ret,
			  size_t *ret_n) must_check;
int notification_request_get(struct ctx *c, int64_t id, struct notice_request *ret) must_check;
/* Of these ids: from now on wanted, with what was held back; or dropped. What is no request is passed over. */
int notification_requests_accept(struct ctx *c, i64s ids) must_check;
int notification_requests_dismiss(struct ctx *c, i64s ids) must_check;

#endif
