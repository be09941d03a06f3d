/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery maintenance: lets the installation rest. */
#include "model/maintenance.h"

#include "provisioning/command.h"

static int put(struct call *call)
{
	struct maintenance m;

	TRY(maintenance_load(call->c, &m));
	json_put_bool(call->answer, "maintenance", m.on);
	json_put_str_opt(call->answer, "message", m.message);
	if (m.until)
		json_put_time(call->answer, "until", m.until);
	if (m.on)
		json_put_time(call->answer, "since", m.since);
	return 0;
}

static int on(struct call *call)
{
	str message = cli_option(call, "message"), when = cli_option(call, "until");
	usec until = 0;

	if (!str_is_null(when) && !clock_parse_iso(when, &until))
		return fail(call->c, E_INVALID,
			    "--until is a moment, as in 2027-02-01T18:00:00+01:00");
	TRY(maintenance_begin(call->c, str_is_null(message) ? STR("") : message, until));
	return put(call);
}

static int off(struct call *call)
{
	TRY(maintenance_end(call->c));
	return put(call);
}

static const struct option on_options[] = {
	{ "message", "TEXT", "what people read besides" },
	{ "until", "TIME", "when it is expected to end; it does not end by itself" },
	{ NULL, NULL, NULL },
};

const struct command cli_maintenance[] = {
	{ "maintenance",
	  "on",
	  { NULL },
	  "Lets the installation rest: tenants answer 503, nothing is sent or processed.",
	  on_options,
	  NEED_DATABASE,
	  NULL,
	  on,
	  NULL },
	{ "maintenance", "off", { NULL }, "Ends that.", NULL, NEED_DATABASE, NULL, off, NULL },
	{ "maintenance",
	  "show",
	  { NULL },
	  "Says whether it rests.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  put,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
