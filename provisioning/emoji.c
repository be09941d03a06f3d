/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery emoji: pictures that a domain offers its people. */
#include "model/emoji.h"

#include <errno.h>
#include <stdio.h>

#include "model/media.h"
#include "provisioning/command.h"
#include "provisioning/lookup.h"
#include "sql/gen/domain.h"

static void closep(FILE **f)
{
	if (*f)
		fclose(*f);
}

/* The whole of a file that is no larger than an emoji may be. */
static int read_file(struct call *call, str path, str *ret)
{
	char *bytes = arena_array(call->arena, MEDIA_EMOJI_LIMIT + 1, 1);
	cleanup(closep) FILE *f = fopen(str_z(call->arena, path), "rb");
	size_t n;

	if (!f)
		return fail(call->c, E_INVALID, "%.*s cannot be read", STR_ARG(path));
	n = fread(bytes, 1, MEDIA_EMOJI_LIMIT + 1, f);
	if (ferror(f))
		return fail(call->c, E_INVALID, "%.*s cannot be read", STR_ARG(path));
	if (n > MEDIA_EMOJI_LIMIT)
		return fail(call->c, E_TOO_LARGE, "an emoji has at most %d bytes",
			    MEDIA_EMOJI_LIMIT);
	*ret = (str){ bytes, n };
	return 0;
}

static void put_emoji(struct call *call, const struct emoji_row *e)
{
	json_put_str(call->answer, "shortcode", e->shortcode);
	json_put_str(call->answer, "url", emoji_url(call->c, e));
	json_put_str(call->answer, "category", e->category);
	json_put_bool(call->answer, "hidden", !e->visible);
}

static int add(struct call *call)
{
	str category = cli_option(call, "category");
	struct emoji_draft draft = {
		.shortcode = call->args[1],
		.category = str_is_null(category) ? STR("") : category,
		.hidden = cli_is_set(call, "hidden"),
	};
	const struct domain_row *d;
	const struct emoji_row *made;

	TRY(read_file(call, call->args[2], &draft.bytes));
	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(emoji_add(call->c, &draft, &made));
	put_emoji(call, made);
	return 0;
}

static int list(struct call *call)
{
	const struct domain_row *d;
	const struct emoji_row *rows;
	size_t n;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(emoji_list(call->c, true, &rows, &n));
	json_open_array(call->answer, "emoji");
	for (size_t i = 0; i < n; i++) {
		json_open_object(call->answer, NULL);
		put_emoji(call, &rows[i]);
		json_close_object(call->answer);
	}
	json_close_array(call->answer);
	return 0;
}

static int remove_one(struct call *call)
{
	const struct domain_row *d;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(emoji_remove(call->c, call->args[1]));
	json_put_str(call->answer, "shortcode", call->args[1]);
	json_put_bool(call->answer, "removed", true);
	return 0;
}

static const struct option add_options[] = {
	{ "category", "TEXT", "heading in pickers" },
	{ "hidden", NULL, "not in pickers; it works all the same" },
	{ NULL, NULL, NULL },
};

const struct command cli_emoji[] = {
	{ "emoji",
	  "add",
	  { "DOMAIN", "SHORTCODE", "FILE" },
	  "Adds an emoji, or gives one another picture.",
	  add_options,
	  NEED_DATABASE,
	  NULL,
	  add,
	  NULL },
	{ "emoji",
	  "list",
	  { "DOMAIN" },
	  "Lists the emoji of a domain.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  list,
	  NULL },
	{ "emoji",
	  "remove",
	  { "DOMAIN", "SHORTCODE" },
	  "Removes an emoji.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  remove_one,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
