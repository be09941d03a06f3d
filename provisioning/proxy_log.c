/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: few lines of few days are read, from the newest on, and none but the name's own counts. Lines are JSON
 * objects, as the proxy writes them (image/extra/etc/caddy/Caddyfile): "identifier" is the name that a certificate was
 * wanted for.
 */
#include "provisioning/proxy_log.h"

#include "json/json.h"
#include "provisioning/logs.h"
#include "provisioning/machine.h"

#define SAID_LIMIT 500

/* What the proxy says at last when each way was tried: why they failed stands before it. */
#define NOTHING_LEFT "no solvers available"

static bool is_success(str message)
{
	return str_starts(message, STR("certificate ")) &&
	       str_ends(message, STR("ed successfully"));
}

/* False when an older line may still say more. */
static bool read_line(struct call *call, str line, str name, str *ret)
{
	const struct json *said;
	str error;

	if (json_parse(call->c, line, &said) || !str_eq(json_get_str(said, "identifier"), name))
		return false;
	if (is_success(json_get_str(said, "msg")))
		return true;
	error = json_get_str(said, "error");
	if (!error.n || !str_eq(json_get_str(said, "level"), STR("error")))
		return false;
	if (!ret->n || str_find(*ret, STR(NOTHING_LEFT), 0) != SIZE_MAX)
		*ret = str_clip(error, SAID_LIMIT);
	return str_find(error, STR(NOTHING_LEFT), 0) == SIZE_MAX;
}

str proxy_log_error(struct call *call, str name)
{
	const char *const argv[] = {
		"journalctl",
		"--no-pager",
		"--quiet",
		"--unit=caddy.service",
		"--output=cat",
		"--reverse",
		"--since=-7d",
		"--lines=100",
		str_fmt(call->arena, "--grep=\"identifier\":\"%.*s\"", STR_ARG(name)).p,
		NULL
	};
	str lines, line, error = STR("");

	if (!logs_has_journal() || machine_run(call->c, argv, &lines))
		return error;
	while (str_cut(&lines, '\n', &line))
		if (read_line(call, line, name, &error))
			break;
	return error;
}
