/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery emoji: pictures that a domain offers its people. */
#include "model/emoji.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

static void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* "wave.png": shortcode and kind of a file that may be one; false: it is left alone. */
static bool is_picture(str name, str *ret_shortcode)
{
	static const char *const kinds[] = { ".png", ".gif", ".webp" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_ends(name, str_c(kinds[i])) && name.n > strlen(kinds[i])) {
			*ret_shortcode = str_slice(name, 0, name.n - strlen(kinds[i]));
			return true;
		}
	return false;
}

static int import_one(struct call *call, str directory, str file, struct emoji_draft draft)
{
	const struct emoji_row *made;

	TRY(read_file(call, str_fmt(call->arena, "%.*s/%.*s", STR_ARG(directory), STR_ARG(file)),
		      &draft.bytes));
	return emoji_add(call->c, &draft, &made);
}

/* What is no emoji is named with the reason, and the others are taken. */
static int import_files(struct call *call, DIR *d, struct emoji_draft draft, int64_t *ret_added)
{
	struct dirent *entry;

	json_open_array(call->answer, "refused");
	while ((entry = readdir(d))) {
		str file = str_dup(call->arena, str_c(entry->d_name));
		int result;

		if (!is_picture(file, &draft.shortcode))
			continue;
		result = import_one(call, call->args[1], file, draft);
		if (result < 0)
			return result;
		*ret_added += !result;
		if (!result)
			continue;
		json_open_object(call->answer, NULL);
		json_put_str(call->answer, "file", file);
		json_put_str(call->answer, "why", ctx_error(call->c, result));
		json_close_object(call->answer);
		call->unwell = true;
	}
	json_close_array(call->answer);
	return 0;
}

static int import(struct call *call)
{
	DIR *folder cleanup(closedirp) = opendir(str_z(call->arena, call->args[1]));
	str category = cli_option(call, "category");
	struct emoji_draft draft = { .category = str_is_null(category) ? STR("") : category };
	const struct domain_row *d;
	int64_t added = 0;

	if (!folder)
		return fail(call->c, E_INVALID, "%.*s cannot be read", STR_ARG(call->args[1]));
	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(import_files(call, folder, draft, &added));
	json_put_i64(call->answer, "added", added);
	return 0;
}

/* Shortcodes are letters, digits and '_', so they are names of files; none that is there is written over. */
static int export_one(struct call *call, const struct emoji_row *e)
{
	size_t dot = str_find_char_last(e->file, '.');
	str path = str_fmt(call->arena, "%.*s/%.*s%.*s", STR_ARG(call->args[1]),
			   STR_ARG(e->shortcode), STR_ARG(str_from(e->file, dot)));
	cleanup(closep) FILE *f = fopen(path.p, "wbx");
	struct media_file file;
	char part[4096];
	ssize_t got;

	if (!f)
		return fail(call->c, E_CONFLICT, "%.*s cannot be written: %s", STR_ARG(path),
			    strerror(errno));
	TRY(media_open(call->c, e->file, &file));
	if (file.fd < 0)
		return fail(call->c, E_UNSUPPORTED, "%.*s is in a store elsewhere: %.*s",
			    STR_ARG(e->shortcode), STR_ARG(file.location));
	while ((got = read(file.fd, part, sizeof(part))) > 0)
		if (fwrite(part, 1, (size_t)got, f) != (size_t)got)
			got = -1;
	close(file.fd);
	return got < 0 || fflush(f)
		       ? fail(call->c, E_INVALID, "%.*s cannot be written", STR_ARG(path))
		       : 0;
}

static int export(struct call *call)
{
	const struct domain_row *d;
	const struct emoji_row *rows;
	size_t n;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(emoji_list(call->c, true, &rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(export_one(call, &rows[i]));
	json_put_i64(call->answer, "written", (int64_t)n);
	return 0;
}

static const struct option import_options[] = {
	{ "category", "TEXT", "heading in pickers" },
	{ NULL, NULL, NULL },
};

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
	  "import",
	  { "DOMAIN", "DIRECTORY" },
	  "Adds every picture of a directory under its name.",
	  import_options,
	  NEED_DATABASE,
	  NULL,
	  import,
	  NULL },
	{ "emoji",
	  "export",
	  { "DOMAIN", "DIRECTORY" },
	  "Writes the pictures of all emoji into a directory.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  export,
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
