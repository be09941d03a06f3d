/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * consent: who may answer, like and boost a post (its policy, in GoToSocial's vocabulary), and what waits for its author's
 * decision. What a policy says is enforced in the database, by consent_judge() in triggers; here it is read, written, asked
 * beforehand and decided. Quotations have a consent of their own (quote.h) and stand in the same list of requests.
 */
#ifndef MODEL_CONSENT_H
#define MODEL_CONSENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "json/json.h"
#include "json/write.h"
#include "model/graph.h"
#include "model/post.h"
#include "model/timeline.h"
#include "sql/gen/consent.h"

struct ap_object;
struct ap_rule;
struct identity_row;

extern const struct graph consent_graph;

/* Words: "public", "followers", "following", "mentioned", "other". The author always may. */
struct consent_rule {
	strs automatic, manual; /* at once; when the author agrees */
};
struct consent_policy {
	struct consent_rule reply, like, boost;
};

/* Rules in one word, as people choose them: "public", "followers", "following", "mentioned", "nobody", "ask". */
enum consent_choice {
	CONSENT_PUBLIC,
	CONSENT_FOLLOWERS,
	CONSENT_FOLLOWING,
	CONSENT_MENTIONED,
	CONSENT_NOBODY,
	CONSENT_ASK
};
extern const struct name consent_choices[];
struct consent_rule consent_rule_of(enum consent_choice choice);
/* The choice that comes nearest to a rule. */
enum consent_choice consent_choice_of(const struct consent_rule *rule);

/* Everybody may do everything. */
struct consent_policy consent_open(void);
bool consent_is_open(const struct consent_policy *p);
/* A word that a rule may have. */
bool consent_word_is_valid(str word);

/* The policy that new posts of the acting identity get, by visibility; and its choice (NULL: everybody again). */
int consent_default(struct ctx *c, str visibility, struct consent_policy *ret) must_check;
int consent_set_default(struct ctx *c, str visibility, const struct consent_policy *p) must_check;
/* The policy of a stored post, and its change, in the transaction or session that writes it. */
int consent_policy_of(struct ctx *c, int64_t post_id, struct consent_policy *ret) must_check;
int consent_set_policy(struct ctx *c, int64_t post_id, const struct consent_policy *p) must_check;
struct consent_policy consent_policy_of_row(const struct consent_policy_row *row);
/* For drafts of posts for later. */
void consent_write_policy(struct json_out *w, const char *key, const struct consent_policy *p);
const struct consent_policy *consent_read_policy(struct ctx *c, const struct json *j);

/* Whether the acting identity may do something ("reply", "like", "boost") at all: E_FORBIDDEN when it may not, even ask. */
int consent_may(struct ctx *c, int64_t post_id, const char *kind) must_check;

/* Addresses of one list in our words: what is none of everybody, the author's followers and followed is "other". */
strs consent_words_from_ap(struct ctx *c, const struct identity_row *author, strs uris);
/* ActivityPub: interactionPolicy's parts but canQuote, of those that are not open to everybody. */
void consent_write_ap(struct json_out *w, const struct consent_policy *p,
		      const struct identity_row *author, const struct identity_row *people,
		      size_t n_people);
struct consent_policy consent_from_ap(struct ctx *c, const struct ap_object *o,
				      const struct identity_row *author);
/* The type of a kind's "Request" or "Authorization". */
const char *consent_type(str kind, const char *what);
/* Where the consent to something can be read; empty: it needed none, or has none. */
int consent_authorization(struct ctx *c, str uri, str *ret) must_check;
/* The document of an authorization of ours, as long as it stands; else E_NOT_FOUND. */
int consent_write_authorization(struct ctx *c, const struct identity_row *owner, int64_t id,
				struct json_out *w) must_check;

/* Somebody's wish that the acting identity decides about. */
struct consent_request {
	const struct consent_waiting_row *row; /* kind "quote" besides the others */
	const struct identity_row *actor;
	const struct status *object; /* what it is about; NULL: not there any more */
	const struct status *post; /* the answer or quotation; NULL: none, or not here */
};
struct consent_filter {
	bool likes, replies, boosts, quotes;
	int64_t object_id; /* 0: of all posts */
};
/* What waits, newest first, by a constant number of statements. */
int consent_requests(struct ctx *c, const struct consent_filter *which, const struct page *p,
		     struct consent_request **ret, size_t *ret_n) must_check;
int consent_request(struct ctx *c, int64_t id, struct consent_request *ret) must_check;
/* E_NOT_FOUND for what does not wait (any more) for the acting identity. */
int consent_decide(struct ctx *c, int64_t id, bool yes) must_check;
/* Takes back the consent to an answer to an own post; E_NOT_FOUND when there is none. */
int consent_revoke_reply(struct ctx *c, int64_t reply_id) must_check;

/* The stator's part (consent_work.c); *ret_next is the state that follows. */
int consent_work_new(struct ctx *c, int64_t id, const char **ret_next) must_check;
int consent_work_answer(struct ctx *c, int64_t id, bool accept, const char **ret_next) must_check;
int consent_work_revoke(struct ctx *c, int64_t id, const char **ret_next) must_check;

#endif
