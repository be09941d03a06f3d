/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Previews of the host's console, and of the page that lets its operators in. */
#include "base/arena.h"
#include "server/web/console_page.h"
#include "server/web/staff_admin_page.h"
#include "templates.h"
#include "tests/browser/preview.h"

static const struct console_entry_view entries[] = {
	{ "/tenants/", "Communities", "nest", true },
	{ "/floor/", "Floor and defaults", "shield", false },
	{ "/policies/", "Rules about posts", "filter", false },
	{ "/mail/", "Letters", "at", false },
	{ "/work/", "Work", "clock", false },
	{ "/peers/", "Peers", "boost", false },
	{ "/house/", "House", "home", false },
	{ "/acts/", "What operators did", "list", false },
};

#define OUTSIDE(name, at) \
	.console = { FRAME(visitor, .title = STR(name), .path = STR(at)), .email = STR("") }
#define CONSOLE(name, at)                                                 \
	.console = { FRAME(member, .title = STR(name), .path = STR(at)),  \
		     .email = STR("ann@example.org"), .entries = entries, \
		     .n_entries = ARRAY_SIZE(entries) }

static const struct console_tenant_row tenants[] = {
	{ 1, STR("kea.example"), STR("Kea"), STR("active"), STR("open"), STR(""), STR("t"), 12042,
	  1200345, 5368709120, 10737418240, STR("20000"), true },
	{ 2, STR("ein.wirklich.sehr.langer.rechnername.unter.wasser.example"), STR("Lang"),
	  STR("pending"), STR("closed"), STR("the bill <b>"), STR("wx7f2k9p"), 0, 0, 0, 1073741824,
	  STR(""), false },
};
static const struct work_type_view types[] = { { "post", false }, { "delivery", true } };

static void login(struct out *o)
{
	const struct console_login_page page = {
		OUTSIDE("Log in", "/login/"),
		.email = STR("ann@example.org"),
		.error = WRONG_AT("password", "The e-mail address or the password is wrong."),
	};

	tpl_console_login(o, &page);
}

static void second(struct out *o)
{
	const struct console_second_page page = {
		OUTSIDE("One more step", "/second/"),
		.secret = STR("ABCD EFGH IJKL MNOP QRST UVWX YZ23 4567"),
	};

	tpl_console_second(o, &page);
}

static void all_tenants(struct out *o)
{
	const struct console_tenants_page page = {
		CONSOLE("Communities", "/tenants/"),	 .tenants = tenants,
		.n_tenants = ARRAY_SIZE(tenants),	 .name = STR("no name"),
		.error = WRONG("That is no host name."),
	};

	tpl_console_tenants(o, &page);
}

static void tenant(struct out *o)
{
	static const struct finding findings[] = {
		{ "dns", STR("kea.example"), true, STR("the name has an address"), NULL },
		{ "webfinger", STR("https://kea.example/.well-known/webfinger"), false,
		  STR("the answer is 404"),
		  "see that the reverse proxy passes this path on, with its Host header, to rookery-server" },
	};
	const struct console_tenant_page page = {
		CONSOLE("kea.example", "/tenants/kea.example/"),
		.tenant = &tenants[0],
		.path = STR("/tenants/kea.example/"),
		.checked = true,
		.findings = findings,
		.n_findings = ARRAY_SIZE(findings),
		.quota = STR("10240"),
		.max_users = STR("20000"),
		.sign_ups = STR(""),
	};

	tpl_console_tenant(o, &page);
}

static void pending(struct out *o)
{
	const struct console_tenant_page page = {
		CONSOLE("kea.example", "/tenants/kea.example/"),
		.tenant = &tenants[1],
		.path = STR("/tenants/kea.example/"),
		.txt_name = STR("_rookery.kea.example"),
		.proof_url = STR("https://kea.example/.well-known/rookery-domain"),
		.quota = STR("1024"),
		.max_users = STR(""),
		.sign_ups = STR(""),
		.error = WRONG("A quota is a number above 0."),
	};

	tpl_console_tenant(o, &page);
}

static void host_floor(struct out *o)
{
	static const struct floor_row floor_rules[] = {
		{ 1, STR("bad.example"), STR("block"), STR("spam <b>"), AGO(2, DAY) },
	};
	const struct console_floor_page page = {
		CONSOLE("Floor and defaults", "/floor/"),
		.rules = floor_rules,
		.n_rules = ARRAY_SIZE(floor_rules),
		.host = STR(""),
		.severity = STR("limit"),
		.comment = STR(""),
		.quota = STR("1024"),
		.sign_up = STR("invite"),
		.max_users = STR("500"),
		.sign_ups = STR(""),
		.default_rules = STR("Be kind </textarea>\nNo spam & such"),
	};

	tpl_console_floor(o, &page);
}

static const struct policy_row host_policy = {
	.id = 7,
	.title = STR("No <giveaways>"),
	.note = STR("see & tell"),
	.state = STR("on"),
	.action = STR("remove"),
	.words = STR("Not here"),
	.incoming = true,
};

static void host_policies(struct out *o)
{
	const struct console_policies_page page = {
		CONSOLE("Rules about posts", "/policies/"),
		.policies = &host_policy,
		.n_policies = 1,
		.typed = host_policy,
		.error = WRONG_AT("phrases", "A rule needs a condition."),
	};

	tpl_console_policies(o, &page);
}

static void host_policy_page(struct out *o)
{
	const struct console_policy_page page = {
		CONSOLE("Rules about posts", "/policies/"),
		.id = 7,
		.typed = host_policy,
	};

	tpl_console_policy(o, &page);
}

static void work(struct out *o)
{
	static const struct stator_tally_row tallies[] = {
		{ .state = STR("new"),
		  .ready = 3,
		  .waiting = 12042,
		  .failing = 2,
		  .oldest = AGO(2, HOUR) },
		{ .state = STR("waiting") },
	};
	static const struct work_view states[] = { { "post", &tallies[0], false },
						   { "delivery", &tallies[1], true } };
	static const struct pause_row pauses[] = {
		{ STR("delivery"), STR("waiting"), AGO(2, HOUR), STR("") },
		{ STR("post"), STR(""), AGO(3, HOUR), STR("kea.example") },
	};
	const struct console_work_page page = {
		CONSOLE("Work", "/work/"),
		.n_workers = 2,
		.states = states,
		.n_states = ARRAY_SIZE(states),
		.types = types,
		.n_types = ARRAY_SIZE(types),
		.pauses = pauses,
		.n_pauses = ARRAY_SIZE(pauses),
	};

	tpl_console_work(o, &page);
}

static void explain(struct out *o)
{
	static const struct stator_standing_row standing = {
		.id = 7,
		.state = STR("new"),
		.state_changed = AGO(2, HOUR),
		.next_attempt = AGO(1, MINUTE),
		.attempts = 3,
		.locked_by = STR(""),
		.error = STR("timeout <b>"),
		.automatic = true,
	};
	static const char *const edges[] = { "fanned_out" };
	static const struct stator_listed_row rows[] = {
		{ 7, STR("kea.example"), STR("new"), 3, AGO(1, MINUTE), STR(""),
		  STR("timeout <b>") },
		{ 8, STR(""), STR("new"), 0, AGO(1, MINUTE), STR("one:1"), STR("") },
	};
	static const struct stator_tenant_row each[] = {
		{ STR("kea.example"), STR("new"), 12 },
		{ STR(""), STR("new"), 3 },
	};
	static const struct work_tenant_view tenants_of[] = {
		{ &each[0], true },
		{ &each[1], false },
	};
	const struct console_explain_page page = {
		CONSOLE("Where something stands", "/work/explain/"),
		.type = STR("post"),
		.id = STR("7"),
		.standing = &standing,
		.next = STR("it is due: the next stator that has room works on it"),
		.edges = edges,
		.n_edges = ARRAY_SIZE(edges),
		.timeout_to = "failed",
		.rows = rows,
		.n_rows = ARRAY_SIZE(rows),
		.tenants = tenants_of,
		.n_tenants = ARRAY_SIZE(tenants_of),
		.types = types,
		.n_types = ARRAY_SIZE(types),
	};

	tpl_console_explain(o, &page);
}

static void peers(struct out *o)
{
	static const struct peer_row rows[] = {
		{ .id = 1,
		  .host = STR("weary.example"),
		  .software = STR("mastodon"),
		  .version = STR("4.5.0"),
		  .failures = 9,
		  .retry_after = NOW + 5 * USEC_MINUTE,
		  .last_success = AGO(2, DAY),
		  .waiting = 120 },
		{ .id = 2, .host = STR("fine.example"), .software = STR(""), .version = STR("") },
	};
	const struct console_peers_page page = {
		CONSOLE("Peers", "/peers/"), .part = STR(""), .peers = rows,
		.n_peers = ARRAY_SIZE(rows), .now = NOW,
	};

	tpl_console_peers(o, &page);
}

static void house(struct out *o)
{
	static const struct house_size_row size = { 5368709120, 17, 100, STR("17.5") };
	static const struct house_table_row rows[] = { { STR("posts"), 2147483648, 1200345 },
						       { STR("deliveries"), 1048576, -1 } };
	static const struct part_version_view versions[] = { { "Rookery", STR("0.1") },
							     { "PostgreSQL", STR("17.5") } };
	const struct console_house_page page = {
		CONSOLE("House", "/house/"),
		.size = &size,
		.tables = rows,
		.n_tables = ARRAY_SIZE(rows),
		.disk_free = 53687091200,
		.disk_total = 107374182400,
		.media_files = 1204,
		.media_bytes = 5368709120,
		.versions = versions,
		.n_versions = ARRAY_SIZE(versions),
	};

	tpl_console_house(o, &page);
}

static void acts(struct out *o)
{
	static const struct operator_act_row rows[] = {
		{ 2, STR("domain.suspend"), STR("kea.example"), STR("{}"), AGO(2, HOUR),
		  STR("ann@example.org"), STR("kea.example") },
		{ 1, STR("floor.set"), STR("bad.example"), STR("{}"), AGO(2, DAY), STR(""),
		  STR("") },
	};
	const struct console_acts_page page = {
		CONSOLE("What operators did", "/acts/"),
		.acts = rows,
		.n_acts = ARRAY_SIZE(rows),
		.pager = { .older = STR("/acts/?max_id=1") },
	};

	tpl_console_acts(o, &page);
}

static void broken(struct out *o)
{
	const struct console_error_page page = {
		CONSOLE("404", "/nowhere/"),
		.status = 404,
		.message = STR("There is no such community."),
		.trace = STR("0123456789abcdef"),
	};

	tpl_console_error(o, &page);
}

static void help(struct out *o)
{
	static const struct help_visit_row visits[] = { { STR("ann@example.org"), AGO(2, HOUR) } };
	const struct staff_help_page page = {
		.staff = { FRAME(member, .title = STR("Help"), .path = STR("/staff/help/"),
				 .menu = MENU_STAFF) },
		.visits = visits,
		.n_visits = ARRAY_SIZE(visits),
		.hours = STR("24"),
		.error = WRONG_AT("hours", "Help lasts from 1 to 168 hours."),
	};

	tpl_staff_help(o, &page);
}

static void keys(struct out *o)
{
	static const struct passkey_row rows[] = {
		{ .id = 1, .name = STR("Key on the ring <b>"), .created = 1700000000000000 },
	};
	const struct console_keys_page page = {
		CONSOLE("Your passkeys", "/keys/"),
		.keys = rows,
		.n_keys = ARRAY_SIZE(rows),
		.has_passkeys = true,
		.add = { .action = STR("/keys/"),
			 .creates = true,
			 .challenge = STR("c"),
			 .rp_id = STR("console.example"),
			 .user_handle = STR("h"),
			 .known = STR(""),
			 .user = STR("ann@example.org"),
			 .next = STR("") },
	};

	tpl_console_keys(o, &page);
}

static void setup_code(struct out *o)
{
	const struct console_setup_page page = {
		OUTSIDE("Set up this installation", "/setup/"),
		.error = WRONG_AT("code", "This code is wrong, too old, or was used already."),
	};

	tpl_console_setup(o, &page);
}

static void setup_operator(struct out *o)
{
	const struct console_setup_operator_page page = {
		OUTSIDE("Your log-in", "/setup/operator/"),
		.email = STR("ann@example.org"),
	};

	tpl_console_setup_operator(o, &page);
}

static const str own_addresses[] = { { "192.0.2.7", 9 }, { "2001:db8::7", 11 } };
static const struct domain_name_look looks[] = {
	{ .name = STR("kea.example"),
	  .addresses = own_addresses,
	  .n_addresses = 2,
	  .dns_problem = STR(""),
	  .is_here = true,
	  .asked = true,
	  .issuer = STR("C = US, O = Let's Encrypt, CN = R11"),
	  .certificate_problem = STR("") },
	{ .name = STR("ein.wirklich.sehr.langer.rechnername.unter.wasser.example"),
	  .dns_problem = STR("Name or service not known"),
	  .issuer = STR(""),
	  .certificate_problem = STR(""),
	  .advice = "make an A or AAAA record of this name that leads here" },
};

static void setup_domain(struct out *o)
{
	const struct domain_row domain = { .name = STR("kea.example"),
					   .service_name = STR("kea.example"),
					   .state = STR("pending"),
					   .verify_token = STR("wx7f2k9pwx7f2k9p") };
	const struct console_setup_domain_page page = {
		OUTSIDE("Your first community", "/setup/domain/"),
		.domain = &domain,
		.names = looks,
		.n_names = ARRAY_SIZE(looks),
		.addresses = own_addresses,
		.n_addresses = ARRAY_SIZE(own_addresses),
		.txt_name = STR("_rookery.kea.example"),
		.proof_url = STR("https://kea.example/.well-known/rookery-domain"),
	};

	tpl_console_setup_domain(o, &page);
}

static void setup_name(struct out *o)
{
	const struct domain_row domain = { .name = STR("kea.example"), .state = STR("active") };
	const struct console_setup_domain_page page = {
		OUTSIDE("Your first community", "/setup/domain/"),
		.domain = &domain,
		.names = looks,
		.n_names = 1,
		.username = STR("ann"),
	};

	tpl_console_setup_domain(o, &page);
}

static void setup_add(struct out *o)
{
	const struct console_setup_domain_page page = {
		OUTSIDE("Your first community", "/setup/domain/"),
		.name = STR("kea"),
		.title = STR("Kea"),
		.error = WRONG_AT("name", "A domain has a dot."),
	};

	tpl_console_setup_domain(o, &page);
}

static void mail_server(struct out *o)
{
	const struct console_mail_page page = {
		CONSOLE("Letters", "/mail/"),
		.path = STR("/mail/"),
		.is_on = true,
		.relay = { .url = STR("smtps://mail.example.org:465") },
		.typed = { .host = STR("mail.example.org"),
			   .port = STR("x"),
			   .way = STR("starttls"),
			   .user = STR("rookery"),
			   .sender = STR("rookery@example.org"),
			   .password = STR("") },
		.address = STR("keeper@example.org"),
		.tried = true,
		.answer = STR("550 <nobody> & such"),
		.error = WRONG_AT("port", "A port is a number from 1 to 65535."),
	};

	tpl_console_mail(o, &page);
}

static void setup_done(struct out *o)
{
	const struct domain_row domain = { .name = STR("kea.example"), .state = STR("active") };
	const struct console_setup_done_page page = {
		OUTSIDE("Almost done", "/setup/done/"),
		.domain = &domain,
		.origin = STR("https://kea.example"),
	};

	tpl_console_setup_done(o, &page);
}

const struct preview console_previews[] = {
	{ "console_keys.html", keys },
	{ "console_setup.html", setup_code },
	{ "console_setup_operator.html", setup_operator },
	{ "console_setup_domain.html", setup_domain },
	{ "console_setup_name.html", setup_name },
	{ "console_setup_add.html", setup_add },
	{ "console_setup_done.html", setup_done },
	{ "console_mail.html", mail_server },
	{ "console_login.html", login },
	{ "console_second.html", second },
	{ "console_tenants.html", all_tenants },
	{ "console_tenant.html", tenant },
	{ "console_pending.html", pending },
	{ "console_floor.html", host_floor },
	{ "console_policies.html", host_policies },
	{ "console_policy.html", host_policy_page },
	{ "console_work.html", work },
	{ "console_explain.html", explain },
	{ "console_peers.html", peers },
	{ "console_house.html", house },
	{ "console_acts.html", acts },
	{ "console_error.html", broken },
	{ "staff_help.html", help },
	{ NULL, NULL },
};
