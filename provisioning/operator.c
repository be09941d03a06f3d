/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery operator, floor, peer: who runs the installation, and what they say of other servers. */
#include "model/operator.h"

#include "ap/handle.h"
#include "model/host.h"
#include "model/settings.h"
#include "model/setup.h"
#include "provisioning/command.h"

#define MINUTES_MAX (7 * 24 * 60)

static int list(struct call *call)
{
	const struct operator_row *rows;
	struct json_out *w = call->answer;
	size_t n;

	TRY(operator_list(call->c, &rows, &n));
	json_open_array(w, "operators");
	for (size_t i = 0; i < n; i++) {
		json_open_object(w, NULL);
		json_put_i64(w, "id", rows[i].id);
		json_put_str(w, "email", rows[i].email);
		json_put_bool(w, "second_factor", rows[i].second_factor);
		json_put_time(w, "since", rows[i].created);
		json_close_object(w);
	}
	json_close_array(w);
	return 0;
}

static int add(struct call *call)
{
	TRY(operator_add(call->c, call->args[0]));
	return list(call);
}

static int remove_operator(struct call *call)
{
	TRY(operator_remove(call->c, call->args[0]));
	return list(call);
}

static int code(struct call *call)
{
	const struct settings *s = call->c->settings;
	int64_t minutes;
	str made;

	TRY(cli_number(call, "minutes", SETUP_CODE_LIFETIME / USEC_MINUTE, &minutes));
	if (minutes > MINUTES_MAX)
		return fail(call->c, E_INVALID, "--minutes is at most %d", MINUTES_MAX);
	if (!*s->console_host)
		return fail(call->c, E_CONFLICT, "there is no console: set console_host first");
	TRY(setup_code_new(call->c, minutes * USEC_MINUTE, &made));
	json_put_str(call->answer, "code", made);
	json_put_time(call->answer, "expires", call->c->now + minutes * USEC_MINUTE);
	json_put_str(call->answer, "url",
		     str_cat(call->arena,
			     handle_origin(call->arena, str_c(s->console_host), s->development),
			     STR(SETUP_PATH)));
	return 0;
}

static int floor_show(struct call *call)
{
	const struct floor_row *rows;
	struct json_out *w = call->answer;
	size_t n;

	TRY(floor_list(call->c, &rows, &n));
	json_open_array(w, "floor");
	for (size_t i = 0; i < n; i++) {
		json_open_object(w, NULL);
		json_put_str(w, "host", rows[i].host);
		json_put_str(w, "severity", rows[i].severity);
		json_put_str(w, "reason", rows[i].reason);
		json_close_object(w);
	}
	json_close_array(w);
	return 0;
}

static int floor_write(struct call *call)
{
	str reason = cli_option(call, "reason");

	TRY(floor_set(call->c, call->args[0], call->args[1],
		      str_is_null(reason) ? STR("") : reason));
	return floor_show(call);
}

static int floor_take(struct call *call)
{
	TRY(floor_remove(call->c, call->args[0]));
	return floor_show(call);
}

static int peers(struct call *call)
{
	const struct peer_row *rows;
	struct json_out *w = call->answer;
	str part = call->args[0];
	size_t n;

	TRY(peer_list(call->c, str_is_null(part) ? STR("") : part, &rows, &n));
	json_open_array(w, "peers");
	for (size_t i = 0; i < n; i++) {
		json_open_object(w, NULL);
		json_put_i64(w, "id", rows[i].id);
		json_put_str(w, "host", rows[i].host);
		json_put_i64(w, "failures", rows[i].failures);
		json_put_time(w, "retry_after", rows[i].retry_after);
		json_put_time(w, "last_success", rows[i].last_success);
		json_put_i64(w, "waiting", rows[i].waiting);
		json_close_object(w);
	}
	json_close_array(w);
	return 0;
}

static int peer_mend(struct call *call)
{
	int64_t id;

	if (!str_to_i64(call->args[0], &id))
		return fail(call->c, E_INVALID, "ID is a number");
	TRY(peer_close(call->c, id));
	json_put_i64(call->answer, "id", id);
	json_put_bool(call->answer, "closed", true);
	return 0;
}

static const struct option code_options[] = {
	{ "minutes", "NUMBER", "how long it is good; 60 when not given" },
	{ NULL, NULL, NULL },
};

static const struct option floor_options[] = {
	{ "reason", "TEXT", "kept for operators" },
	{ NULL, NULL, NULL },
};

#define COMMAND(noun, verb, help, options, run, ...)                                       \
	{                                                                                  \
		noun, verb, { __VA_ARGS__ }, help, options, NEED_DATABASE, NULL, run, NULL \
	}

const struct command cli_operator[] = {
	COMMAND("operator", "add", "Lets a log-in into the console.", NULL, add, "EMAIL"),
	COMMAND("operator", "remove", "Lets a log-in into it no longer.", NULL, remove_operator,
		"EMAIL"),
	COMMAND("operator", "list", "Lists who may use the console.", NULL, list, NULL),
	COMMAND("operator", "code", "Makes a code that opens the set-up in the browser, once.",
		code_options, code, NULL),
	COMMAND("floor", "set", "Limits or blocks a server for all communities.", floor_options,
		floor_write, "HOST", "SEVERITY"),
	COMMAND("floor", "remove", "Takes such a rule back.", NULL, floor_take, "HOST"),
	COMMAND("floor", "list", "Lists them.", NULL, floor_show, NULL),
	COMMAND("peer", "list", "Lists other servers, those with trouble first.", NULL, peers,
		"[PART]"),
	COMMAND("peer", "close", "Closes the breaker of a server.", NULL, peer_mend, "ID"),
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
