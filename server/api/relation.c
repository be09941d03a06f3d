/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What an identity does about others. Each answer is the Relationship as it is afterwards. */
#include "model/block.h"
#include "model/endorsement.h"
#include "model/note.h"
#include "server/api/accounts.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_account.h"

#define MUTE_MOST (100 * 365 * USEC_DAY)

static void put_languages(struct json_out *w, strs languages)
{
	if (languages.n == 0) {
		json_put_null(w, "languages");
		return;
	}
	json_open_array(w, "languages");
	for (size_t i = 0; i < languages.n; i++)
		json_put_str(w, NULL, languages.p[i]);
	json_close_array(w);
}

static void put_follow(struct json_out *w, const struct relation *r)
{
	bool active = r->following == FOLLOW_ACTIVE, there = r->following != FOLLOW_NONE;

	json_put_bool(w, "following", active);
	json_put_bool(w, "showing_reblogs", there && r->wish.boosts);
	json_put_bool(w, "notifying", there && r->wish.notify);
	put_languages(w, there ? r->wish.languages : (strs){ NULL, 0 });
	json_put_bool(w, "followed_by", r->followed_by == FOLLOW_ACTIVE);
	json_put_bool(w, "requested", r->following == FOLLOW_REQUESTED);
	json_put_bool(w, "requested_by", r->followed_by == FOLLOW_REQUESTED);
}

void render_relationship(struct json_out *w, int64_t id, const struct relation *r)
{
	json_open_object(w, NULL);
	json_put_id(w, "id", id);
	put_follow(w, r);
	json_put_bool(w, "blocking", r->blocking);
	json_put_bool(w, "blocked_by", r->blocked_by);
	json_put_bool(w, "muting", r->muting);
	json_put_bool(w, "muting_notifications", r->muting_notifications);
	json_put_time(w, "muting_expires_at", r->mute_expires);
	json_put_bool(w, "domain_blocking", r->domain_blocking);
	json_put_bool(w, "endorsed", r->endorsed);
	json_put_str(w, "note", r->note);
	json_close_object(w);
}

int api_send_relationship(struct ctx *c, int64_t id, struct response *r)
{
	struct relation relation = { .note = STR("") };
	struct json_out w;

	TRY(relation_get(c, id, &relation));
	api_open(c, &w);
	render_relationship(&w, id, &relation);
	return api_send(&w, r);
}

static int forbid_oneself(struct ctx *c, const struct identity_row *i)
{
	return i->id == c->identity_id ? fail(c, E_FORBIDDEN, "This action is not allowed") : 0;
}

/* Does something about the account of the path that takes nothing else to know. */
static int act(struct ctx *c, const struct request *q, struct response *r,
	       int (*fn)(struct ctx *c, int64_t other_id))
{
	const struct identity_row *i = NULL;

	TRY(api_path_account(c, q, 0, &i));
	TRY(forbid_oneself(c, i));
	TRY(fn(c, i->id));
	return api_send_relationship(c, i->id, r);
}

/* What is not said stays as it is; "languages[]=" is all languages again. */
static void read_wish(struct ctx *c, const struct params *p, struct follow_wish *w)
{
	strs said = param_list(c, p, "languages");
	str *languages;
	size_t n = 0;

	w->boosts = param_bool(p, "reblogs", w->boosts);
	w->notify = param_bool(p, "notify", w->notify);
	if (said.n == 0)
		return;
	languages = arena_array(c->arena, said.n, sizeof(*languages));
	for (size_t i = 0; i < said.n; i++)
		if (said.p[i].n)
			languages[n++] = said.p[i];
	w->languages = (strs){ languages, n };
}

int api_follow(struct ctx *c, struct request *q, struct response *r)
{
	struct relation relation = { 0 };
	struct follow_wish wish = { .boosts = true };
	const struct identity_row *i = NULL;
	struct params *p;

	TRY(params_read(c, q, &p));
	TRY(api_path_account(c, q, 0, &i));
	TRY(forbid_oneself(c, i));
	TRY(relation_get(c, i->id, &relation));
	if (relation.following != FOLLOW_NONE)
		wish = relation.wish;
	read_wish(c, p, &wish);
	TRY(follow_request_as(c, i->id, &wish));
	return api_send_relationship(c, i->id, r);
}

int api_unfollow(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, follow_undo);
}

/* Whoever does not follow is as wanted. */
static int remove_follower(struct ctx *c, int64_t id)
{
	int result = follow_reject(c, id);

	return result == E_NOT_FOUND ? 0 : result;
}

int api_remove_from_followers(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, remove_follower);
}

int api_block(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, block_add);
}

int api_unblock(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, block_remove);
}

int api_mute(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i = NULL;
	int64_t seconds = 0;
	struct params *p;
	usec expires = 0;

	TRY(params_read(c, q, &p));
	TRY(param_i64(c, p, "duration", &seconds));
	if (seconds < 0 || seconds > MUTE_MOST / USEC_SEC)
		return api_unprocessable(c, "Duration is out of range");
	if (seconds)
		expires = c->now + seconds * USEC_SEC;
	TRY(api_path_account(c, q, 0, &i));
	TRY(forbid_oneself(c, i));
	TRY(mute_add(c, i->id, param_bool(p, "notifications", true), expires));
	return api_send_relationship(c, i->id, r);
}

int api_unmute(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, mute_remove);
}

int api_endorse(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, endorsement_add);
}

int api_unendorse(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, endorsement_remove);
}

int api_account_note(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i = NULL;
	struct params *p;
	str comment;

	TRY(params_read(c, q, &p));
	comment = param(p, "comment");
	TRY(api_path_account(c, q, 0, &i));
	TRY(note_set(c, i->id, str_is_null(comment) ? STR("") : comment));
	return api_send_relationship(c, i->id, r);
}

int api_follow_request_authorize(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, follow_accept);
}

int api_follow_request_reject(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, follow_reject);
}

static bool is_wanted(const struct identity_row *rows, size_t n, int64_t id, bool suspended,
		      bool with_suspended)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == id)
			return with_suspended || (!rows[i].deleted && !suspended);
	return false;
}

/* Of those that are known here, in the order in which they were asked for. */
int api_relationships(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *rows = NULL;
	struct relation *relations;
	struct json_out w;
	struct params *p;
	size_t n = 0;
	i64s ids;

	TRY(params_read(c, q, &p));
	ids = param_ids(c, p, "id");
	relations = arena_array(c->arena, ids.n + 1, sizeof(*relations));
	if (ids.n) {
		TRY(q_identity_by_ids(c, ids, &rows, &n));
		TRY(relations_get(c, ids, relations));
	}
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < ids.n; i++)
		if (is_wanted(rows, n, ids.p[i], relations[i].suspended,
			      param_bool(p, "with_suspended", false)))
			render_relationship(&w, ids.p[i], &relations[i]);
	json_close_array(&w);
	return api_send(&w, r);
}

static void put_familiar(struct ctx *c, struct json_out *w, int64_t id,
			 const struct account_familiar_row *rows, size_t n_rows,
			 const struct account *accounts, size_t n)
{
	json_open_object(w, NULL);
	json_put_id(w, "id", id);
	json_open_array(w, "accounts");
	for (size_t i = 0; i < n_rows; i++)
		for (size_t k = 0; k < n && rows[i].target_id == id; k++)
			if (accounts[k].identity->id == rows[i].identity_id)
				render_whole_account(c, w, NULL, &accounts[k]);
	json_close_array(w);
	json_close_object(w);
}

int api_familiar_followers(struct ctx *c, struct request *q, struct response *r)
{
	const struct account_familiar_row *rows = NULL;
	struct account *accounts;
	size_t n_rows = 0, n;
	struct json_out w;
	struct params *p;
	int64_t *who;
	i64s ids;

	TRY(params_read(c, q, &p));
	ids = param_ids(c, p, "id");
	if (ids.n)
		TRY(q_account_familiar(c, ids, c->identity_id, &rows, &n_rows));
	who = arena_array(c->arena, n_rows + 1, sizeof(*who));
	for (size_t i = 0; i < n_rows; i++)
		who[i] = rows[i].identity_id;
	TRY(accounts_by_ids(c, (i64s){ who, n_rows }, &accounts, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < ids.n; i++)
		put_familiar(c, &w, ids.p[i], rows, n_rows, accounts, n);
	json_close_array(&w);
	return api_send(&w, r);
}
