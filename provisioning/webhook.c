/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery webhook: programs elsewhere that are told what happens on a domain. */
#include "model/webhook.h"

#include "provisioning/command.h"
#include "provisioning/lookup.h"

#define EVENTS_LIMIT 16 /* words of one --events */

static void put_webhook(struct json_out *w, const struct webhook_row *h)
{
	json_put_i64(w, "id", h->id);
	json_put_str(w, "url", h->url);
	json_put_bool(w, "enabled", h->enabled);
	json_open_array(w, "events");
	for (size_t i = 0; i < h->events.n; i++)
		json_put_str(w, NULL, h->events.p[i]);
	json_close_array(w);
	json_put_time(w, "created", h->created);
}

static int list(struct call *call)
{
	const struct webhook_row *rows;
	const struct domain_row *d;
	size_t n;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(webhook_list(call->c, &rows, &n));
	json_open_array(call->answer, "webhooks");
	for (size_t i = 0; i < n; i++) {
		json_open_object(call->answer, NULL);
		put_webhook(call->answer, &rows[i]);
		json_close_object(call->answer);
	}
	json_close_array(call->answer);
	return 0;
}

/* "report.created,report.updated" */
static int read_events(struct call *call, strs *ret)
{
	str rest = cli_option(call, "events"), word;
	str *words = arena_array(call->arena, EVENTS_LIMIT, sizeof(*words));
	size_t n = 0;

	if (str_is_null(rest))
		return fail(call->c, E_INVALID, "--events says what it is to hear of");
	while (str_cut(&rest, ',', &word)) {
		if (n == EVENTS_LIMIT)
			return fail(call->c, E_INVALID, "--events has at most %d words",
				    EVENTS_LIMIT);
		words[n++] = str_trim(word);
	}
	*ret = (strs){ words, n };
	return 0;
}

static int add(struct call *call)
{
	struct webhook_draft draft = { .url = call->args[1], .template = STR(""), .enabled = true };
	const struct webhook_row *h;
	const struct domain_row *d;
	int64_t id;
	str secret;

	TRY(read_events(call, &draft.events));
	if (cli_is_set(call, "template"))
		draft.template = cli_option(call, "template");
	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(webhook_add(call->c, &draft, &id, &secret));
	TRY(webhook_get(call->c, id, &h));
	put_webhook(call->answer, h);
	json_put_str(call->answer, "secret", secret);
	return 0;
}

/* DOMAIN ID */
static int find(struct call *call, int64_t *ret_id)
{
	const struct domain_row *d;

	if (!str_to_i64(call->args[1], ret_id))
		return fail(call->c, E_INVALID, "ID is a number");
	return lookup_and_bind(call->c, call->args[0], &d);
}

static int remove_webhook(struct call *call)
{
	int64_t id;

	TRY(find(call, &id));
	TRY(webhook_remove(call->c, id));
	json_put_i64(call->answer, "id", id);
	json_put_bool(call->answer, "removed", true);
	return 0;
}

static int put_calls(struct call *call, int64_t id)
{
	const struct webhook_call_row *rows;
	size_t n;

	TRY(webhook_calls(call->c, id, &rows, &n));
	json_open_array(call->answer, "calls");
	for (size_t i = 0; i < n; i++) {
		json_open_object(call->answer, NULL);
		json_put_str(call->answer, "event", rows[i].event);
		json_put_str(call->answer, "state", rows[i].state);
		json_put_time(call->answer, "created", rows[i].created);
		json_put_i64(call->answer, "status", rows[i].status);
		json_put_str(call->answer, "error", rows[i].state_error);
		json_close_object(call->answer);
	}
	json_close_array(call->answer);
	return 0;
}

/* The stator makes the call; what came of earlier ones stands here. */
static int test(struct call *call)
{
	int64_t id;

	TRY(find(call, &id));
	TRY(webhook_test(call->c, id));
	json_put_i64(call->answer, "id", id);
	return put_calls(call, id);
}

static int show(struct call *call)
{
	const struct webhook_row *h;
	int64_t id;

	TRY(find(call, &id));
	TRY(webhook_get(call->c, id, &h));
	put_webhook(call->answer, h);
	json_put_str(call->answer, "template", h->template);
	return put_calls(call, id);
}

static const struct option add_options[] = {
	{ "events", "EVENTS", "what it is told, with commas between; see docs/webhooks.md" },
	{ "template", "JSON", "the document it gets instead of the usual one" },
	{ NULL, NULL, NULL },
};

#define COMMAND(verb, help, options, run, ...)                                                  \
	{                                                                                       \
		"webhook", verb, { __VA_ARGS__ }, help, options, NEED_DATABASE, NULL, run, NULL \
	}

const struct command cli_webhook[] = {
	COMMAND("add", "Tells a program what happens, and shows its secret once.", add_options, add,
		"DOMAIN", "URL"),
	COMMAND("list", "Lists the webhooks of a domain.", NULL, list, "DOMAIN"),
	COMMAND("show", "Shows one, and what it was told last.", NULL, show, "DOMAIN", "ID"),
	COMMAND("test", "Tells it something now.", NULL, test, "DOMAIN", "ID"),
	COMMAND("remove", "Tells it nothing any more.", NULL, remove_webhook, "DOMAIN", "ID"),
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
