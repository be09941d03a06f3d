/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What pages of the staff show that are about posts and the rules that judge them, as staff_page.h says of all. */
#ifndef SERVER_WEB_STAFF_POLICY_PAGE_H
#define SERVER_WEB_STAFF_POLICY_PAGE_H

#include "model/policy.h"
#include "server/web/staff_page.h"

/* A filter of templates: one entry in a line. */
str staff_lines(struct arena *a, strs list);
struct request;
/* A rule as a form sends it, not judged; and what a form for a new one begins with. */
struct policy_row staff_policy_read(struct ctx *c, const struct request *q);
extern const struct policy_row staff_policy_fresh;

struct staff_decision_view {
	str kind, words, reason;
	str who; /* of the staff; empty: a policy, or nobody who is there */
	bool by_policy;
	usec when;
};

struct staff_post_page {
	struct staff_frame staff;
	struct post_view post;
	bool ours; /* its author is a member, and is told why */
	const struct staff_decision_view *decisions;
	size_t n_decisions;
	str kind, words, reason; /* as typed */
	struct staff_act_view act;
	struct wrong error;
};

struct staff_held_view {
	struct post_view post;
	bool ours, by_policy;
	str reason;
};

struct staff_held_page {
	struct staff_frame staff;
	const struct staff_held_view *posts;
	size_t n_posts;
	struct pager_view pager;
};

struct staff_policies_page {
	struct staff_frame staff;
	const struct policy_row *policies;
	size_t n_policies;
	const struct policy_row *floor; /* the host's */
	size_t n_floor;
	struct policy_row typed; /* a new one */
	struct wrong error, import_error;
};

struct staff_policy_page {
	struct staff_frame staff;
	int64_t id;
	bool is_floor; /* the host's, to be looked at */
	struct policy_row typed;
	struct wrong error;
};

struct staff_replay_page {
	struct staff_frame staff;
	const struct policy_row *policy;
	int64_t days, looked_at, n_hidden; /* matches that the viewer may not read */
	const struct post_view *posts;
	size_t n_posts;
	str further; /* path; empty: nothing is left */
	struct wrong error;
};

#endif
