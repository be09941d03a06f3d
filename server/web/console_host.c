/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What concerns the whole installation: its floor and defaults, peers, disk and database, and what operators did. */
#include <sys/statvfs.h>
#include <sys/utsname.h>

#include "crypt/hash.h"
#include "db/db.h"
#include "db/migrate.h"
#include "fetch/fetch.h"
#include "json/json.h"
#include "model/domain.h"
#include "model/host.h"
#include "model/media.h"
#include "model/settings.h"
#include "server/web/console.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/views.h"
#include "templates.h"

#define MIB (1024 * 1024)
#define QUOTA_MOST ((int64_t)1 << 40) /* MiB */
#define ACTS 50 /* on a page */

static int respond_floor(struct ctx *c, const struct request *q, struct console_floor_page *page,
			 struct response *r)
{
	struct host_defaults d;

	TRY(floor_list(c, &page->rules, &page->n_rules));
	if (str_is_null(page->quota)) {
		TRY(host_defaults_get(c, &d));
		page->quota = str_fmt(c->arena, "%lld", (long long)(d.quota / MIB));
		page->sign_up = str_c(name_of_value(domain_sign_ups, (int)d.sign_up));
		page->max_users = d.max_users;
		page->sign_ups = d.sign_ups_a_day;
		page->default_rules = d.rules;
	}
	console_frame(c, q, CONSOLE_FLOOR, &page->console);
	return RESPOND(c, tpl_console_floor, page, r);
}

int console_floor(struct ctx *c, struct request *q, struct response *r)
{
	struct console_floor_page page = { .host = STR(""),
					   .severity = STR("block"),
					   .comment = STR("") };

	return respond_floor(c, q, &page, r);
}

static int set_defaults(struct ctx *c, const struct console_floor_page *page)
{
	struct host_defaults d = { .max_users = page->max_users,
				   .sign_ups_a_day = page->sign_ups,
				   .rules = page->default_rules };
	int64_t mib;
	int sign_up;

	if (!str_to_i64(page->quota, &mib) || mib < 1 || mib > QUOTA_MOST)
		return fail_at(c, "quota", fail(c, E_INVALID, "a quota is a number above 0"));
	if (!name_to_value(domain_sign_ups, page->sign_up, &sign_up))
		return fail_at(c, "sign_up", fail(c, E_INVALID, "nobody joins like that"));
	d.quota = mib * MIB;
	d.sign_up = (enum domain_sign_up)sign_up;
	return host_defaults_set(c, &d);
}

static int act_on_floor(struct ctx *c, const struct request *q, struct console_floor_page *page)
{
	str what = form_line(c, q, "do");

	if (str_eq(what, STR("defaults"))) {
		page->quota = form_line(c, q, "quota");
		page->sign_up = form_line(c, q, "sign_up");
		page->max_users = form_line(c, q, "max_users");
		page->sign_ups = form_line(c, q, "sign_ups");
		page->default_rules = form_text(c, q, "rules");
		return set_defaults(c, page);
	}
	if (str_eq(what, STR("remove")))
		return floor_remove(c, form_line(c, q, "host"));
	page->host = form_line(c, q, "host");
	page->severity = form_line(c, q, "severity");
	page->comment = form_line(c, q, "comment");
	return floor_set(c, page->host, page->severity, page->comment);
}

int console_floor_send(struct ctx *c, struct request *q, struct response *r)
{
	struct console_floor_page page = { .host = STR(""),
					   .severity = STR("block"),
					   .comment = STR("") };
	int err = act_on_floor(c, q, &page);

	if (err == 0)
		return console_done(c, STR("/floor/"), r);
	if (!console_is_typed_wrong(err))
		return err;
	page.error = console_problem(c, err, r);
	return respond_floor(c, q, &page, r);
}

int console_peers(struct ctx *c, struct request *q, struct response *r)
{
	struct console_peers_page page = { .now = c->now };
	str part = request_query(q, "name");

	page.part = str_is_null(part) || !str_is_utf8(part) ? STR("") : str_trim(part);
	TRY(peer_list(c, page.part, &page.peers, &page.n_peers));
	console_frame(c, q, CONSOLE_PEERS, &page.console);
	return RESPOND(c, tpl_console_peers, &page, r);
}

int console_peers_send(struct ctx *c, struct request *q, struct response *r)
{
	TRY(peer_close(c, form_id(q, "id")));
	return console_done(c, STR("/peers/"), r);
}

static void measure_disk(const struct ctx *c, struct console_house_page *page)
{
	struct statvfs v;

	if (statvfs(c->settings->media_path, &v))
		return;
	page->disk_free = (int64_t)v.f_bavail * (int64_t)v.f_frsize;
	page->disk_total = (int64_t)v.f_blocks * (int64_t)v.f_frsize;
}

/* What it runs on, for who has to know whether a fault of one of these concerns them. */
static void load_versions(struct ctx *c, struct console_house_page *page)
{
	struct utsname kernel = { .release = "" };
	struct part_version_view *v;

	uname(&kernel);
	const struct part_version_view all[] = {
		{ "Rookery", STR(ROOKERY_VERSION) },
		{ "Schema", str_fmt(c->arena, "%lld", (long long)migrate_newest()) },
		{ "PostgreSQL", page->size->version },
		{ "libpq", db_version(c->arena) },
		{ "libcurl", fetch_version(c->arena) },
		{ "OpenSSL", str_c(crypt_version()) },
		{ "libmicrohttpd", str_c(http_version()) },
		{ "jansson", str_c(json_version()) },
		{ kernel.sysname, str_dup(c->arena, str_c(kernel.release)) },
	};

	v = (void *)arena_copy(c->arena, all, sizeof(all));
	v[ARRAY_SIZE(all) - 1].what = str_z(c->arena, str_c(kernel.sysname));
	page->versions = v;
	page->n_versions = ARRAY_SIZE(all);
}

int console_house(struct ctx *c, struct request *q, struct response *r)
{
	struct console_house_page page = { 0 };
	const struct media_tally_row *media;

	TRY(q_house_size(c, &page.size));
	TRY(q_house_tables(c, &page.tables, &page.n_tables));
	TRY(q_media_tally(c, &media));
	page.media_files = media->files;
	page.media_bytes = media->bytes;
	measure_disk(c, &page);
	load_versions(c, &page);
	TRY(backup_standing(c, &page.backup));
	console_frame(c, q, CONSOLE_HOUSE, &page.console);
	return RESPOND(c, tpl_console_house, &page, r);
}

int console_acts(struct ctx *c, struct request *q, struct response *r)
{
	struct console_acts_page page = { 0 };
	const struct page p = view_page(q);
	size_t n;

	TRY(q_operator_acts(c, p.max_id, ACTS, &page.acts, &n));
	page.n_acts = n;
	page.pager = view_pager(c, q, &p, n == ACTS, n ? page.acts[n - 1].id : 0);
	console_frame(c, q, CONSOLE_ACTS, &page.console);
	return RESPOND(c, tpl_console_acts, &page, r);
}
