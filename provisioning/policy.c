/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery policy: rules by which a domain judges posts, and what they would have matched; and those of the host, which judge for every
 * domain before its own. Those of a domain are its staff's to change.
 */
#include "model/policy.h"

#include "provisioning/command.h"
#include "provisioning/instance.h"
#include "provisioning/lookup.h"

#define DAYS 7
#define MATCHES 200

static void put_head(struct json_out *w, const struct policy_row *p)
{
	json_put_i64(w, "id", p->id);
	json_put_str(w, "state", p->state);
}

/* No domain has this name: it has no dot. */
static bool is_host(const struct call *call)
{
	return str_eq(call->args[0], STR("host"));
}

/* Of a domain, or of the host: the ctx of no tenant. */
static int bind(struct call *call)
{
	const struct domain_row *d;

	return is_host(call) ? 0 : lookup_and_bind(call->c, call->args[0], &d);
}

static int list(struct call *call)
{
	const struct policy_row *rows;
	size_t n;

	TRY(bind(call));
	TRY(policy_list(call->c, &rows, &n));
	json_open_array(call->answer, "policies");
	for (size_t i = 0; i < n; i++) {
		json_open_object(call->answer, NULL);
		put_head(call->answer, &rows[i]);
		json_put_str(call->answer, "action", rows[i].action);
		json_put_str(call->answer, "title", rows[i].title);
		json_put_time(call->answer, "updated", rows[i].updated);
		json_close_object(call->answer);
	}
	json_close_array(call->answer);
	return 0;
}

static int find(struct call *call, const struct policy_row **ret)
{
	int64_t id;

	if (!str_to_i64(call->args[1], &id))
		return fail(call->c, E_INVALID, "ID is a number");
	TRY(bind(call));
	return policy_get(call->c, id, ret);
}

static int show(struct call *call)
{
	const struct policy_row *p;

	TRY(find(call, &p));
	put_head(call->answer, p);
	policy_write(call->answer, p);
	json_put_time(call->answer, "created", p->created);
	json_put_time(call->answer, "updated", p->updated);
	return 0;
}

static void put_matches(struct json_out *w, const struct policy_replay *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_open_object(w, NULL);
		json_put_i64(w, "id", r->matches[i]);
		json_close_object(w);
	}
}

static int replay(struct call *call)
{
	struct policy_replay r = { .max_id = 0 };
	const struct policy_row *p;
	int64_t days, limit, looked_at = 0, shown = 0;

	if (is_host(call))
		return fail(call->c, E_INVALID,
			    "say on which domain: replay DOMAIN takes rules of the host as well");
	TRY(cli_number(call, "days", DAYS, &days));
	TRY(cli_number(call, "limit", MATCHES, &limit));
	if (limit < 1 || limit > LIST_LIMIT)
		return fail(call->c, E_INVALID, "--limit is 1 to %d", LIST_LIMIT);
	TRY(find(call, &p));
	json_open_array(call->answer, "matches");
	do {
		size_t wanted = (size_t)(limit - shown);

		TRY(policy_replay(call->c, p, days, &r));
		if (r.n_matches < wanted)
			wanted = r.n_matches;
		put_matches(call->answer, &r, wanted);
		shown += (int64_t)wanted;
		looked_at += (int64_t)r.looked_at;
	} while (r.max_id && shown < limit);
	json_close_array(call->answer);
	json_put_i64(call->answer, "looked_at", looked_at);
	json_put_bool(call->answer, "complete", r.max_id == 0);
	return 0;
}

/* A file as communities share them; what comes are drafts. */
static int import(struct call *call)
{
	str document;
	size_t n;

	TRY(cli_read_text(call->c, &document));
	TRY(policy_import(call->c, document, &n));
	json_put_i64(call->answer, "added", (int64_t)n);
	return 0;
}

static int find_own(struct call *call, const struct policy_row **ret)
{
	int64_t id;

	if (!str_to_i64(call->args[0], &id))
		return fail(call->c, E_INVALID, "ID is a number");
	return policy_get(call->c, id, ret);
}

static int set(struct call *call)
{
	const struct policy_row *p;

	TRY(find_own(call, &p));
	TRY(policy_set_state(call->c, p->id, str_z(call->arena, call->args[1])));
	TRY(policy_get(call->c, p->id, &p));
	put_head(call->answer, p);
	return 0;
}

static int drop(struct call *call)
{
	const struct policy_row *p;

	TRY(find_own(call, &p));
	TRY(policy_remove(call->c, p->id));
	put_head(call->answer, p);
	return 0;
}

static const struct option replay_options[] = {
	{ "days", "NUMBER", "how far back it looks; 7 when not given, 90 at most" },
	{ "limit", "NUMBER", "with how many matches it ends; 200 when not given" },
	{ NULL, NULL, NULL },
};

const struct command cli_policy[] = {
	{ "policy",
	  "list",
	  { "DOMAIN" },
	  "Lists the rules by which a domain judges posts, or, for host, those that judge for every one.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  list,
	  NULL },
	{ "policy",
	  "show",
	  { "DOMAIN", "ID" },
	  "Shows what a rule looks at and what it does.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  show,
	  NULL },
	{ "policy",
	  "replay",
	  { "DOMAIN", "ID" },
	  "Says which stored posts a rule would have matched, and does nothing.",
	  replay_options,
	  NEED_DATABASE,
	  NULL,
	  replay,
	  NULL },
	{ "policy",
	  "import",
	  { NULL },
	  "Takes in rules that judge for every domain from standard input, as drafts.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  import,
	  NULL },
	{ "policy",
	  "set",
	  { "ID", "STATE" },
	  "Makes a rule of the host draft, on or off.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  set,
	  NULL },
	{ "policy",
	  "remove",
	  { "ID" },
	  "Removes a rule of the host; what it did stands.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  drop,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
