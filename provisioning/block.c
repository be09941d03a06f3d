/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery block: who may not join a domain: hosts of e-mail addresses, single addresses, networks. */
#include "base/table.h"
#include "model/gate.h"
#include "model/timeline.h"
#include "provisioning/command.h"
#include "provisioning/lookup.h"

#define PAGE_MOST 200

enum kind { KIND_MAIL_HOST, KIND_ADDRESS, KIND_NETWORK };

static const struct name kinds[] = {
	{ "mail-host", KIND_MAIL_HOST },
	{ "address", KIND_ADDRESS },
	{ "network", KIND_NETWORK },
	{ NULL, 0 },
};

static void put(struct json_out *w, int64_t id, const char *kind, str what, str severity)
{
	json_put_i64(w, "id", id);
	json_put_c(w, "kind", kind);
	json_put_str(w, "what", what);
	json_put_str(w, "severity", severity);
}

static int add(struct call *call)
{
	struct json_out *w = call->answer;
	const struct email_domain_block_row *host;
	const struct email_block_row *address;
	const struct ip_block_row *network;
	struct ip_block_draft draft = { .range = call->args[2],
					.severity = STR("sign_up_block"),
					.comment = STR("") };
	const struct domain_row *d;
	int kind;

	TRY(lookup_name(call->c, kinds, call->args[1], "KIND", &kind));
	TRY(lookup_and_bind(call->c, call->args[0], &d));
	if (cli_is_set(call, "severity"))
		draft.severity = cli_option(call, "severity");
	if (cli_is_set(call, "comment"))
		draft.comment = cli_option(call, "comment");
	switch (kind) {
	case KIND_MAIL_HOST:
		TRY(email_domain_block_add(call->c, call->args[2], &host));
		put(w, host->id, kinds[kind].name, host->host, STR("sign_up_block"));
		break;
	case KIND_ADDRESS:
		TRY(email_block_add(call->c, call->args[2], STR(""), &address));
		put(w, address->id, kinds[kind].name, address->hash, STR("sign_up_block"));
		break;
	default:
		TRY(ip_block_add(call->c, &draft, &network));
		put(w, network->id, kinds[kind].name, network->range, network->severity);
	}
	return 0;
}

/* Each list is read to its end, the newest first. */

static int put_mail_hosts(struct call *call, struct page *p, size_t *ret_n)
{
	const struct email_domain_block_row *rows;

	TRY(email_domain_blocks_list(call->c, p, &rows, ret_n));
	for (size_t i = 0; i < *ret_n; i++) {
		json_open_object(call->answer, NULL);
		put(call->answer, rows[i].id, "mail-host", rows[i].host, STR("sign_up_block"));
		json_close_object(call->answer);
		p->max_id = rows[i].id;
	}
	return 0;
}

static int put_addresses(struct call *call, struct page *p, size_t *ret_n)
{
	const struct email_block_row *rows;

	TRY(email_blocks_list(call->c, p, &rows, ret_n));
	for (size_t i = 0; i < *ret_n; i++) {
		json_open_object(call->answer, NULL);
		put(call->answer, rows[i].id, "address", rows[i].hash, STR("sign_up_block"));
		json_close_object(call->answer);
		p->max_id = rows[i].id;
	}
	return 0;
}

static int put_networks(struct call *call, struct page *p, size_t *ret_n)
{
	const struct ip_block_row *rows;

	TRY(ip_blocks_list(call->c, p, &rows, ret_n));
	for (size_t i = 0; i < *ret_n; i++) {
		json_open_object(call->answer, NULL);
		put(call->answer, rows[i].id, "network", rows[i].range, rows[i].severity);
		json_close_object(call->answer);
		p->max_id = rows[i].id;
	}
	return 0;
}

static int put_all(struct call *call, int (*fn)(struct call *call, struct page *p, size_t *ret_n))
{
	struct page p = { .limit = PAGE_MOST, .most = PAGE_MOST };
	size_t n = PAGE_MOST, seen = 0;

	for (; n == PAGE_MOST && seen < LIST_LIMIT; seen += n)
		TRY(fn(call, &p, &n));
	return 0;
}

static int list(struct call *call)
{
	const struct domain_row *d;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	json_open_array(call->answer, "blocks");
	TRY(put_all(call, put_mail_hosts));
	TRY(put_all(call, put_addresses));
	TRY(put_all(call, put_networks));
	json_close_array(call->answer);
	return 0;
}

static int remove_block(struct call *call)
{
	static int (*const removers[])(struct ctx * c, int64_t id) = {
		[KIND_MAIL_HOST] = email_domain_block_remove,
		[KIND_ADDRESS] = email_block_remove,
		[KIND_NETWORK] = ip_block_remove,
	};
	const struct domain_row *d;
	int64_t id;
	int kind;

	TRY(lookup_name(call->c, kinds, call->args[1], "KIND", &kind));
	if (!str_to_i64(call->args[2], &id))
		return fail(call->c, E_INVALID, "ID is a number");
	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(removers[kind](call->c, id));
	json_put_i64(call->answer, "id", id);
	json_put_bool(call->answer, "removed", true);
	return 0;
}

static const struct option add_options[] = {
	{ "severity", "SEVERITY",
	  "of a network: sign_up_block (when not given), sign_up_requires_approval or no_access" },
	{ "comment", "TEXT", "of a network: kept for staff" },
	{ NULL, NULL, NULL },
};

#define COMMAND(verb, help, options, run, ...)                                                \
	{                                                                                     \
		"block", verb, { __VA_ARGS__ }, help, options, NEED_DATABASE, NULL, run, NULL \
	}

const struct command cli_block[] = {
	COMMAND("add", "Lets nobody join with such an address, or from such a network.",
		add_options, add, "DOMAIN", "KIND", "WHAT"),
	COMMAND("list", "Lists these blocks of a domain.", NULL, list, "DOMAIN"),
	COMMAND("remove", "Takes one away.", NULL, remove_block, "DOMAIN", "KIND", "ID"),
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
