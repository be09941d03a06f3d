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
		enum secret_state state = secret_judge(call->c, name);

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

static int known(struct call *call)
{
	const struct secret_use *uses;
	struct out names;
	size_t n;

	TRY(secret_uses(call->c, &uses, &n));
	out_init(&names, call->arena, 4096);
	for (size_t i = 0; i < n; i++) {
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
	return ret->n ? 0 : fail(call->c, E_INVALID, "there is no secret on standard input");
}

/* The command that makes services take what they have not got yet. */
static int put_next(struct call *call)
{
	const struct secret_use *uses;
	struct out o;
	size_t n;

	TRY(secret_uses(call->c, &uses, &n));
	out_init(&o, call->arena, 4096);
	out_c(&o, "services take it at their next start; at once: systemctl try-restart");
	for (size_t i = 0; i < n; i++) {
		str unit = uses[i].unit;
		size_t at = str_find(unit, STR("@."), 0);

		if (!str_eq(uses[i].name, call->args[0]))
			continue;
		if (at == SIZE_MAX)
			out_fmt(&o, " %.*s", STR_ARG(unit));
		else
			out_fmt(&o, " '%.*s@*'", (int)at, unit.p);
	}
	json_put_str(call->answer, "next", out_view(&o));
	return 0;
}

/* What could not be done stands on the machine's screen until it can. */
static int tell(struct call *call, const struct secret_settled *done)
{
	struct out o;

	out_init(&o, call->arena, 8192);
	if (done->broken.n)
		out_fmt(&o,
			"this machine cannot open %.*s: its TPM or its disk is another one. Services start"
			" without; give it again: rookery secret set NAME\n",
			STR_ARG(done->broken));
	if (done->left.n)
		out_fmt(&o, "secrets are not encrypted: %.*s\n", STR_ARG(done->left));
	return notice_put(call->c, "secrets", out_view(&o));
}

static int settle(struct call *call, bool may_seal, size_t *ret_broken)
{
	struct secret_settled done;

	TRY(secret_settle(call->c, may_seal, &done));
	*ret_broken = done.broken.n;
	json_put_i64(call->answer, "sealed", (int64_t)done.sealed);
	if (done.left.n)
		json_put_str(call->answer, "left_plain", done.left);
	if (done.broken.n)
		json_put_str(call->answer, "broken", done.broken);
	call->unwell = done.left.n > 0;
	return tell(call, &done);
}

static int put(struct call *call)
{
	size_t others; /* that are broken */
	str value;

	TRY(known(call));
	TRY(read_value(call, &value));
	TRY(secret_write(call->c, call->args[0], value));
	TRY(settle(call, !cli_is_set(call, "plain"), &others));
	json_put_c(call->answer, "stored", words[secret_state(call->c, call->args[0])]);
	return put_next(call);
}

static int show(struct call *call)
{
	str value;
	int result;

	TRY(known(call));
	result = secret_read(call->c, call->args[0], &value);
	if (result == E_NOT_FOUND)
		return fail(call->c, E_NOT_FOUND, "%.*s is not set", STR_ARG(call->args[0]));
	TRY(result);
	json_put_str(call->answer, "value", value);
	return 0;
}

static void print_value(const struct json *answer, struct out *o)
{
	str value = json_get_str(answer, "value");

	out_fmt(o, "%.*s%s", STR_ARG(value), str_ends(value, STR("\n")) ? "" : "\n");
}

static int drop(struct call *call)
{
	size_t others;

	TRY(known(call));
	if (secret_state(call->c, call->args[0]) == SECRET_NONE)
		return fail(call->c, E_NOT_FOUND, "%.*s is not set", STR_ARG(call->args[0]));
	if (!cli_is_set(call, "yes"))
		return fail(call->c, E_CONFLICT,
			    "it cannot be brought back; rookery secret show %.*s tells what it is,"
			    " and --yes removes it",
			    STR_ARG(call->args[0]));
	TRY(secret_remove(call->c, call->args[0]));
	TRY(settle(call, false, &others));
	return put_next(call);
}

static int seal(struct call *call)
{
	size_t broken;

	TRY(settle(call, !cli_is_set(call, "units"), &broken));
	call->unwell = call->unwell || broken;
	return 0;
}

static int unseal(struct call *call)
{
	size_t n;

	TRY(secret_unseal(call->c, &n));
	json_put_i64(call->answer, "plain", (int64_t)n);
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
