/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Reactions to statuses, which Mastodon does not have: as its offspring name them
 * (statuses/:id/react/:name), and as Pleroma does (pleroma/statuses/:id/reactions/:name).
 */
#include "model/identity.h"
#include "model/interaction.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/render_account.h"
#include "server/api/render_status.h"
#include "server/api/status_draft.h"

#define REACTORS 400

/* A shortcode may come in colons. */
static str name_of(const struct request *q)
{
	str name = q->args[1];

	if (name.n > 2 && str_starts(name, STR(":")) && str_ends(name, STR(":")))
		return str_slice(name, 1, name.n - 1);
	return name;
}

int api_status_react(struct ctx *c, struct request *q, struct response *r)
{
	const struct post_row *p;

	TRY(status_find_post(c, q, &p));
	TRY(interaction_react(c, p->id, name_of(q)));
	TRY(q_post_recount(c, p->id, NULL));
	return status_respond_post(c, p->id, r);
}

int api_status_unreact(struct ctx *c, struct request *q, struct response *r)
{
	const struct post_row *p;

	TRY(status_find_post(c, q, &p));
	TRY(interaction_unreact(c, p->id, name_of(q)));
	TRY(q_post_recount(c, p->id, NULL));
	return status_respond_post(c, p->id, r);
}

/* Those that this tenant may know: who reacted elsewhere is counted only. */
struct crowd {
	const struct interaction_reactor_row *rows;
	const struct identity_row *people;
	size_t n, n_people;
};

static int load(struct ctx *c, int64_t post_id, struct crowd *ret)
{
	int64_t *ids;

	TRY(q_interaction_reactors(c, post_id, c->identity_id, REACTORS, &ret->rows, &ret->n));
	ids = arena_array(c->arena, ret->n + 1, sizeof(*ids));
	for (size_t i = 0; i < ret->n; i++)
		ids[i] = ret->rows[i].identity_id;
	return q_identity_by_ids(c, (i64s){ ids, ret->n }, &ret->people, &ret->n_people);
}

static void put_accounts(struct ctx *c, struct json_out *w, const struct crowd *crowd, str value)
{
	json_open_array(w, "accounts");
	for (size_t i = 0; i < crowd->n; i++)
		for (size_t k = 0; k < crowd->n_people; k++)
			if (str_eq(crowd->rows[i].value, value) &&
			    crowd->rows[i].identity_id == crowd->people[k].id)
				render_account(c, w, NULL, &crowd->people[k]);
	json_close_array(w);
}

int api_status_reactions(struct ctx *c, struct request *q, struct response *r)
{
	const struct post_reaction_row *rows;
	const struct post_row *p;
	struct crowd crowd;
	struct json_out w;
	size_t n;

	TRY(status_find_post(c, q, &p));
	TRY(q_interaction_reactions(c, (i64s){ &p->id, 1 }, c->identity_id, &rows, &n));
	TRY(load(c, p->id, &crowd));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++) {
		json_open_object(&w, NULL);
		render_reaction(c, &w, &rows[i]);
		put_accounts(c, &w, &crowd, rows[i].name);
		json_close_object(&w);
	}
	json_close_array(&w);
	return api_send(&w, r);
}
