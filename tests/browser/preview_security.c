/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Previews of pages about who gets in: second factors, passkeys, shared identities; and what leaves and arrives as files. */
#include "base/arena.h"
#include "server/web/member_page.h"
#include "server/web/people_page.h"
#include "server/web/security_page.h"
#include "server/web/view.h"
#include "templates.h"
#include "tests/browser/preview.h"

#define ADDS                                                                              \
	{                                                                                 \
		.action = STR("/settings/security/passkeys/add/"), .creates = true,       \
		.challenge = STR("abc"), .rp_id = STR("example.org"), .user = STR("ann"), \
	}
#define USES                                                                     \
	{                                                                        \
		.action = STR("/auth/second/passkey/"), .challenge = STR("abc"), \
		.rp_id = STR("example.org"), .next = STR("/notifications/"),     \
	}

static void second(struct out *o)
{
	const struct second_page page = {
		FRAME(visitor, .title = STR("One more step"), .path = STR("/auth/second/"),
		      .script = "passkey.js"),
		.next = STR("/notifications/"),
		.has_passkeys = true,
		.passkey = USES,
		.error = WRONG_AT("code", "This code is wrong, too old, or was used already."),
	};

	tpl_second(o, &page);
}

static void confirm(struct out *o)
{
	const struct prove_page page = {
		FRAME(member, .title = STR("Is it you?"), .path = STR("/auth/prove/"),
		      .menu = MENU_SETTINGS),
		.next = STR("/settings/security/"),
		.has_passkeys = true,
		.passkey = USES,
	};

	tpl_prove(o, &page);
}

static void security(struct out *o)
{
	static const struct passkey_row_view keys[] = {
		{ 1, STR("Pocket <key>"), AGO(30, DAY), AGO(2, DAY) },
		{ 2, STR("Telephone"), AGO(1, DAY), 0 },
	};
	const struct security_page page = {
		FRAME(member, .title = STR("Security"), .path = STR("/settings/security/"),
		      .menu = MENU_SETTINGS, .script = "passkey.js"),
		.totp = AGO(3, DAY),
		.codes = 1,
		.passkeys = keys,
		.n_passkeys = ARRAY_SIZE(keys),
		.add = ADDS,
		.error = WRONG("This passkey is known already, or there are too many."),
	};

	tpl_security(o, &page);
}

static void security_lacking(struct out *o)
{
	const struct security_page page = {
		FRAME(member, .title = STR("Security"), .path = STR("/settings/security/"),
		      .menu = MENU_SETTINGS, .script = "passkey.js"),
		.lacking = true,
		.add = ADDS,
	};

	tpl_security(o, &page);
}

static void totp(struct out *o)
{
	const struct totp_page page = {
		FRAME(member, .title = STR("Codes of a program"),
		      .path = STR("/settings/security/totp/"), .menu = MENU_SETTINGS),
		.secret = STR("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"),
	};

	tpl_totp(o, &page);
}

static void recovery(struct out *o)
{
	static const str codes[] = { STR("GEZD-GNBV-GY3T-QOJQ"), STR("QOJQ-GEZD-GNBV-GY3T") };
	const struct recovery_page page = {
		FRAME(member, .title = STR("Recovery codes"),
		      .path = STR("/settings/security/recovery/"), .menu = MENU_SETTINGS),
		.codes = codes,
		.n_codes = ARRAY_SIZE(codes),
	};

	tpl_recovery(o, &page);
}

static void identity_new(struct out *o)
{
	const struct identity_new_page page = {
		FRAME(member, .title = STR("Make a new identity"),
		      .path = STR("/settings/identities/new/"), .menu = MENU_SETTINGS),
		.username = STR("rooks\""),
		.owned = 2,
		.cap = 5,
		.error = WRONG_AT("username", "That name is taken."),
	};

	tpl_identity_new(o, &page);
}

static void identity_people(struct out *o)
{
	const struct holder_view holders[] = {
		{ .user_id = 1, .self = true, .owner = true },
		{ .user_id = 2, .known = true, .person = member.self },
		{ .user_id = 3 },
	};
	const struct sharer_view guests[] = { { member.self } };
	const struct identity_people_page page = {
		FRAME(member, .title = STR("Identities"), .path = STR("/settings/identities/1/"),
		      .menu = MENU_SETTINGS),
		.person = member.self,
		.owner = true,
		.holders = holders,
		.n_holders = ARRAY_SIZE(holders),
		.asked = guests,
		.n_asked = ARRAY_SIZE(guests),
	};

	tpl_identity_people(o, &page);
}

static void data(struct out *o)
{
	static const str kinds[] = { STR("following"), STR("blocks") };
	static const struct archive_row archive = {
		.id = 7,
		.state = STR("ready"),
		.size = 123456789,
		.missing = 2,
	};
	const struct data_page page = {
		FRAME(member, .title = STR("Your data"), .path = STR("/settings/data/"),
		      .menu = MENU_SETTINGS),
		.kinds = kinds,
		.n_kinds = ARRAY_SIZE(kinds),
		.kind = STR("blocks"),
		.archive = &archive,
		.error = WRONG_AT("file", "This file is no table."),
		.bring_error =
			WRONG_AT("archive", "That file is no archive (ZIP, or TAR with gzip)."),
	};

	tpl_data(o, &page);
}

static void import(struct out *o)
{
	static const struct import_row row = { .id = 1, .kind = STR("following") };
	static const struct failure_view failures[] = {
		{ STR("<dodo>@gone.example"), STR("The other server could not be reached.") },
	};
	const struct import_page page = {
		FRAME(member, .title = STR("Your data"), .path = STR("/settings/data/1/"),
		      .menu = MENU_SETTINGS),
		.import = &row,
		.total = 3,
		.is_running = true,
		.failures = failures,
		.n_failures = ARRAY_SIZE(failures),
	};

	tpl_import(o, &page);
}

static void move(struct out *o)
{
	static const struct alias_view aliases[] = {
		{ .uri = STR("https://old.example/@rook"), .name = STR("@rook@old.example") },
	};
	const struct move_page page = {
		FRAME(member, .title = STR("Move"), .path = STR("/settings/move/"),
		      .menu = MENU_SETTINGS),
		.aliases = aliases,
		.n_aliases = ARRAY_SIZE(aliases),
		.alias = STR("nobody\""),
		.alias_error = WRONG_AT("alias", "There is nobody of that name."),
	};

	tpl_move(o, &page);
}

static void leave(struct out *o)
{
	const struct leave_page page = {
		FRAME(member, .title = STR("Delete the account"), .path = STR("/settings/delete/"),
		      .menu = MENU_SETTINGS),
		.username = STR("rook"),
		.name = STR("crow\""),
		.error = WRONG_AT("name", "This is not its name."),
	};

	tpl_leave(o, &page);
}

static void drafts(struct out *o)
{
	static const struct draft_view written[] = {
		{ .id = 1, .text = STR("Half a <thought>"), .n_media = 2, .written = AGO(2, HOUR) },
		{ .id = 2, .has_poll = true, .written = AGO(2, HOUR) },
	};
	const struct drafts_page page = {
		FRAME(member, .title = STR("Drafts"), .path = STR("/drafts/"), .menu = MENU_HOME),
		.drafts = written,
		.n_drafts = ARRAY_SIZE(written),
	};

	tpl_drafts(o, &page);
}

static void collections(struct out *o)
{
	static const struct collection_view shown[] = {
		{ .path = STR("/@rook/collections/1/"),
		  .name = STR("Birds & \"others\""),
		  .description = STR("Worth a look"),
		  .tag = STR("birds") },
		{ .path = STR("/@rook/collections/2/"), .name = STR("Nobody"), .sensitive = true },
	};
	const struct collections_page page = {
		FRAME(member, .title = STR("Collections"), .path = STR("/@rook/collections/")),
		.person = member.self,
		.collections = shown,
		.n_collections = ARRAY_SIZE(shown),
	};

	tpl_collections(o, &page);
}

const struct preview security_previews[] = {
	{ "second.html", second },
	{ "prove.html", confirm },
	{ "security.html", security },
	{ "security_lacking.html", security_lacking },
	{ "totp.html", totp },
	{ "recovery.html", recovery },
	{ "identity_new.html", identity_new },
	{ "identity_people.html", identity_people },
	{ "data.html", data },
	{ "import.html", import },
	{ "move.html", move },
	{ "leave.html", leave },
	{ "drafts.html", drafts },
	{ "collections.html", collections },
	{ NULL, NULL },
};
