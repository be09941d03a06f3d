/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery secret: what services of this machine are given as credentials. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "model/settings.h"
#include "provisioning/command.h"
#include "provisioning/notice.h"
#include "provisioning/secret_store.h"
#include "provisioning/terminal.h"

#define PATIENCE 600 /* seconds for one to be typed */

static const char *const words[] = {
	[SECRET_NONE] = "none",
	[SECRET_PLAIN] = "plain",
	[SECRET_BY_TPM] = "sealed by the TPM",
	[SECRET_BY_DISK] = "sealed by a key of the disk",
	[SECRET_SEALED] = "sealed",
	[SECRET_BROKEN] = "sealed, and this machine cannot open it",
};

static int list(struct call *call)
{
	const struct secret_use *uses;
	size_t n, i = 0;
	struct json_out *w = call->answer;

	TRY(secret_uses(call->c, &uses, &n));
	json_open_array(w, "secrets");
	while (i < n) {
		str name = uses[i].name;
		enum secret_state state;

		TRY(secret_judge(call->c, name, &state));
		json_open_object(w, NULL);
		json_put_str(w, "name", name);
		json_put_c(w, "stored", words[state]);
		json_open_array(w, "units");
		for (; i < n && str_eq(uses[i].name, name); i++)
			json_put_str(w, NULL, uses[i].unit);
		json_close_array(w);
		json_close_object(w);
		call->unwell = call->unwell || state == SECRET_BROKEN;
	}
	json_close_array(w);
	return 0;
}

static int known(struct call *call, const struct secret_use **ret, size_t *ret_n)
{
	const struct secret_use *uses;
	struct out names;

	TRY(secret_uses(call->c, ret, ret_n));
	uses = *ret;
	out_init(&names, call->arena, 4096);
	for (size_t i = 0; i < *ret_n; i++) {
		if (str_eq(uses[i].name, call->args[0]))
			return 0;
		if (!i || !str_eq(uses[i].name, uses[i - 1].name))
			out_fmt(&names, " %.*s", STR_ARG(uses[i].name));
	}
	return fail(call->c, E_NOT_FOUND, "no unit takes a secret %.*s; there are:%.*s",
		    STR_ARG(call->args[0]), STR_ARG(out_view(&names)));
}

/* Line ends behind it are no part of a word, but of a key, which is lines. */
static str without_end(str value)
{
	str word = str_trim(value);

	return str_find_char(word, '\n', 0) == SIZE_MAX ? word : value;
}

static int read_value(struct call *call, str *ret)
{
	char *text = arena_array(call->arena, SECRET_LIMIT + 1, 1);
	size_t n = 0;
	ssize_t got;

	if (isatty(STDIN_FILENO)) {
		if (terminal_ask(call->arena, "The secret (not shown): ", PATIENCE, true, ret) !=
		    TERMINAL_LINE)
			*ret = STR("");
	} else {
		while (n <= SECRET_LIMIT &&
		       (got = read(STDIN_FILENO, text + n, SECRET_LIMIT + 1 - n)) > 0)
			n += (size_t)got;
		*ret = without_end((str){ text, n });
	}
	if (!ret->n || ret->n > SECRET_LIMIT)
		return fail(call->c, E_INVALID,
			    "on standard input has to be a secret of 1 to %d bytes", SECRET_LIMIT);
	return 0;
}

/* Those that take it once and stay; others begin anew by themselves, and the operator's commands are told already. */
static const struct {
	const char *unit, *again;
} lasting[] = {
	{ "rookery-server.service", "rookery-server" },
	{ "rookery-stator@.service", "'rookery-stator@*'" },
	{ "rookery-backup-prepare.service", "rookery-backup-prepare" },
};

static void put_next(struct call *call, const struct secret_use *uses, size_t n)
{
	struct out o;

	out_init(&o, call->arena, 1024);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(lasting); k++)
			if (str_eq(uses[i].name, call->args[0]) &&
			    str_eq_c(uses[i].unit, lasting[k].unit))
				out_fmt(&o, " %s", lasting[k].again);
	if (o.n)
		json_put_str(call->answer, "next",
			     str_fmt(call->arena, "so that they take it: systemctl try-restart%.*s",
				     STR_ARG(out_view(&o))));
}

/* What could not be done stands on the machine's screen until it can. */
static int tell(struct call *call, const struct secret_settled *done, str failure)
{
	struct out o;

	out_init(&o, call->arena, 8192);
	if (done->broken.n)
		out_fmt(&o,
			"%.*s: %.*s. Services start without; give it again: rookery secret set NAME\n",
			STR_ARG(done->broken), STR_ARG(str_clip(done->why, 200)));
	if (done->left.n)
		out_fmt(&o, "not encrypted: %.*s\n", STR_ARG(str_clip(done->left, 200)));
	if (failure.n)
		out_fmt(&o, "%.*s. When that is mended: rookery secret seal\n",
			STR_ARG(str_clip(failure, 200)));
	return notice_put(call->c, "secrets", out_view(&o));
}

static int answer(struct call *call, const struct secret_settled *done, int result)
{
	str failure = result ? str_dup(call->arena, ctx_error(call->c, result)) : STR("");

	if (tell(call, done, failure) || result)
		return fail(call->c, result ? result : E_FORBIDDEN, "%.*s",
			    STR_ARG(result ? failure : ctx_error(call->c, E_FORBIDDEN)));
	if (done->left.n)
		json_put_str(call->answer, "left_plain", done->left);
	if (done->broken.n)
		json_put_str(call->answer, "broken", done->broken);
	call->unwell = done->left.n > 0;
	return 0;
}

static int put(struct call *call)
{
	const struct secret_use *uses;
	struct secret_settled done = { 0 };
	enum secret_state state;
	size_t n;
	str value;

	TRY(known(call, &uses, &n));
	TRY(read_value(call, &value));
	TRY(answer(call, &done,
		   secret_put(call->c, call->args[0], value, cli_is_set(call, "plain"), &done)));
	TRY(secret_judge(call->c, call->args[0], &state));
	json_put_c(call->answer, "stored", words[state]);
	put_next(call, uses, n);
	return 0;
}

static int show(struct call *call)
{
	const struct secret_use *uses;
	size_t n;
	str value;
	int result;

	TRY(known(call, &uses, &n));
	result = secret_read(call->c, call->args[0], &value);
	if (result == E_NOT_FOUND)
		return fail(call->c, E_NOT_FOUND, "%.*s is not set", STR_ARG(call->args[0]));
	TRY(result);
	json_put_str(call->answer, "value", value);
	return 0;
}

static void print_value(const struct json *found, struct out *o)
{
	str value = json_get_str(found, "value");

	out_fmt(o, "%.*s%s", STR_ARG(value), str_ends(value, STR("\n")) ? "" : "\n");
}

static int drop(struct call *call)
{
	const struct secret_use *uses;
	struct secret_settled done = { 0 };
	enum secret_state state;
	size_t n;

	TRY(known(call, &uses, &n));
	TRY(secret_judge(call->c, call->args[0], &state));
	if (state == SECRET_NONE)
		return fail(call->c, E_NOT_FOUND, "%.*s is not set", STR_ARG(call->args[0]));
	if (!cli_is_set(call, "yes"))
		return fail(call->c, E_CONFLICT,
			    "it cannot be brought back; rookery secret show %.*s tells what it is,"
			    " and --yes removes it",
			    STR_ARG(call->args[0]));
	TRY(answer(call, &done, secret_remove(call->c, call->args[0], &done)));
	put_next(call, uses, n);
	return 0;
}

static int seal(struct call *call)
{
	struct secret_settled done = { 0 };

	TRY(answer(call, &done, secret_settle(call->c, !cli_is_set(call, "units"), &done)));
	json_put_i64(call->answer, "sealed", (int64_t)done.sealed);
	call->unwell = call->unwell || done.broken.n;
	return 0;
}

static int unseal(struct call *call)
{
	struct secret_settled done = { 0 };

	TRY(answer(call, &done, secret_unseal(call->c, &done)));
	json_put_i64(call->answer, "plain", (int64_t)done.plain);
	return 0;
}

static const struct option set_options[] = {
	{ "plain", NULL, "as a file that is not encrypted" },
	{ NULL, NULL, NULL },
};

static const struct option seal_options[] = {
	{ "units", NULL, "tells units alone: plain files stay as they are" },
	{ NULL, NULL, NULL },
};

static const struct option remove_options[] = {
	{ "yes", NULL, "Does not ask." },
	{ NULL, NULL, NULL },
};

const struct command cli_secret[] = {
	{ "secret",
	  "list",
	  { NULL },
	  "Lists the secrets that services of this machine take, how each is stored, and which units take it.",
	  NULL,
	  NEED_SETTINGS,
	  NULL,
	  list,
	  NULL },
	{ "secret",
	  "set",
	  { "NAME" },
	  "Stores the secret on standard input, encrypted by this machine's TPM or by a key of its disk.",
	  set_options,
	  NEED_SETTINGS,
	  NULL,
	  put,
	  NULL },
	{ "secret",
	  "show",
	  { "NAME" },
	  "Shows a secret, to keep it somewhere else.",
	  NULL,
	  NEED_SETTINGS,
	  NULL,
	  show,
	  print_value },
	{ "secret",
	  "remove",
	  { "NAME" },
	  "Removes a secret.",
	  remove_options,
	  NEED_SETTINGS,
	  NULL,
	  drop,
	  NULL },
	{ "secret",
	  "seal",
	  { NULL },
	  "Encrypts those that are plain files, and tells units of all that are encrypted.",
	  seal_options,
	  NEED_SETTINGS,
	  NULL,
	  seal,
	  NULL },
	{ "secret",
	  "unseal",
	  { NULL },
	  "Makes plain files of them, before the disk or the virtual machine moves to another TPM.",
	  NULL,
	  NEED_SETTINGS,
	  NULL,
	  unseal,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
