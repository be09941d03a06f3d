/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery announcement: what all people of a domain are told. */
#include "model/announcement.h"

#include "provisioning/command.h"
#include "provisioning/lookup.h"
#include "sql/gen/domain.h"

static void put_announcement(struct call *call, const struct announcement_row *a)
{
	struct json_out *w = call->answer;

	json_put_i64(w, "id", a->id);
	json_put_str(w, "text", a->source);
	json_put_time(w, "starts", a->starts);
	json_put_time(w, "ends", a->ends);
	json_put_bool(w, "all_day", a->all_day);
	json_put_time(w, "published", a->published);
}

static int read_time(struct call *call, const char *name, usec *ret)
{
	str value = cli_option(call, name);

	*ret = 0;
	if (str_is_null(value))
		return 0;
	if (value.n == 10)
		value = str_cat(call->arena, value, STR("T00:00:00Z"));
	return clock_parse_iso(value, ret)
		       ? 0
		       : fail(call->c, E_INVALID, "--%s is a day (YYYY-MM-DD) or a time (RFC 3339)",
			      name);
}

static int add(struct call *call)
{
	const struct domain_row *d;
	const struct announcement_row *made;
	struct announcement_draft draft = {
		.text = call->args[1],
		.all_day = cli_is_set(call, "all-day"),
	};

	TRY(read_time(call, "starts", &draft.starts));
	TRY(read_time(call, "ends", &draft.ends));
	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(announcement_add(call->c, &draft, &made));
	put_announcement(call, made);
	return 0;
}

static int list(struct call *call)
{
	const struct domain_row *d;
	const struct announcement_row *rows;
	size_t n;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(announcement_all(call->c, &rows, &n));
	json_open_array(call->answer, "announcements");
	for (size_t i = 0; i < n; i++) {
		json_open_object(call->answer, NULL);
		put_announcement(call, &rows[i]);
		json_close_object(call->answer);
	}
	json_close_array(call->answer);
	return 0;
}

static int remove_one(struct call *call)
{
	const struct domain_row *d;
	int64_t id;

	if (!str_to_i64(call->args[1], &id))
		return fail(call->c, E_INVALID, "ID is a number");
	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(announcement_remove(call->c, id));
	json_put_i64(call->answer, "id", id);
	json_put_bool(call->answer, "removed", true);
	return 0;
}

static const struct option add_options[] = {
	{ "starts", "TIME", "when what it is about begins" },
	{ "ends", "TIME", "when that ends, and the announcement with it" },
	{ "all-day", NULL, "these are days" },
	{ NULL, NULL, NULL },
};

const struct command cli_announcement[] = {
	{ "announcement",
	  "add",
	  { "DOMAIN", "TEXT" },
	  "Tells something to all people of a domain.",
	  add_options,
	  NEED_DATABASE,
	  NULL,
	  add,
	  NULL },
	{ "announcement",
	  "list",
	  { "DOMAIN" },
	  "Lists the announcements of a domain.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  list,
	  NULL },
	{ "announcement",
	  "remove",
	  { "DOMAIN", "ID" },
	  "Takes an announcement away.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  remove_one,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
