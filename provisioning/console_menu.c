/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what may be done is the table here. What is typed becomes one argument, behind "--", so that no name is
 * taken for an option; what cannot be undone, or ends what people are doing, is asked for once more.
 */
#include "provisioning/console_menu.h"

#include <stdio.h>
#include <string.h>

#include "provisioning/command.h"

#define PATIENCE 180 /* seconds until the screen with how things are comes back */
#define WORDS 8
#define LIBEXEC "/usr/lib/rookery/" /* scripts of the image */

struct menu {
	struct arena *a;
	const char *self;
	enum terminal_read heard; /* the last answer */
};

struct entry {
	const char *key, *text;
	void (*act)(struct menu *m, const struct entry *e);
	const char *words[WORDS]; /* of a command of ours (noun, verb), or of systemctl */
	const char *question; /* before it is done, or for its last word; NULL: none */
};

static str ask(struct menu *m, const char *prompt, bool hidden)
{
	str line = STR("");

	if (m->heard == TERMINAL_LINE)
		m->heard = terminal_ask(m->a, prompt, PATIENCE, hidden, &line);
	return m->heard == TERMINAL_LINE ? line : STR("");
}

static bool is_sure(struct menu *m, const char *question)
{
	return !question || str_eq(ask(m, question, false), STR("yes"));
}

/* Runs it and shows what it said; true: it worked. */
static bool run(struct menu *m, const char *const *argv, str input)
{
	str said;
	int status = terminal_run(m->a, argv, input, &said);

	terminal_put(said);
	if (status < 0)
		terminal_put_c("It cannot be run on this machine.\n");
	return status == 0;
}

/* A command of ours with one more word, which may be NULL. */
static bool rookery(struct menu *m, const char *noun, const char *verb, const char *option,
		    str word, str input)
{
	const char *argv[WORDS] = { m->self, noun };
	size_t n = 2;

	if (verb)
		argv[n++] = verb;
	if (option)
		argv[n++] = option;
	if (word.n) {
		argv[n++] = "--";
		argv[n++] = str_z(m->a, word);
	}
	return run(m, argv, input);
}

static void command(struct menu *m, const struct entry *e)
{
	if (is_sure(m, e->question))
		rookery(m, e->words[0], e->words[1], NULL, STR(""), STR(""));
}

static void system_command(struct menu *m, const struct entry *e)
{
	if (is_sure(m, e->question))
		run(m, e->words, STR(""));
}

/* Of the system, with one more word, which the question asks for. */
static bool word_command(struct menu *m, const struct entry *e)
{
	const char *argv[WORDS + 2] = { NULL };
	str word = ask(m, e->question, false);
	size_t n = 0;

	if (!word.n)
		return false;
	for (; n < WORDS && e->words[n]; n++)
		argv[n] = e->words[n];
	argv[n++] = "--";
	argv[n] = str_z(m->a, word);
	return run(m, argv, STR(""));
}

/* The console takes it on as its own, when it has none that leads anywhere. */
static void name_machine(struct menu *m, const struct entry *e)
{
	static const char *const take_on[] = { "systemctl", "restart",
					       "rookery-console-host.service",
					       "rookery-server.service", NULL };

	if (word_command(m, e) && terminal_has(LIBEXEC "console-host"))
		run(m, take_on, STR(""));
}

static void add_key(struct menu *m, const struct entry *e)
{
	word_command(m, e);
}

static void add_domain(struct menu *m, unused const struct entry *e)
{
	str name = ask(m, "Domain of the new community (example.org): ", false);

	if (name.n && rookery(m, "domain", "add", NULL, name, STR("")))
		rookery(m, "domain", "show", NULL, name, STR(""));
}

static void show_domain(struct menu *m, unused const struct entry *e)
{
	str name = ask(m, "Domain: ", false);

	if (name.n)
		rookery(m, "domain", "show", NULL, name, STR(""));
}

/* By its proof; or on the word of who stands here, which is as good as the operator's. */
static void prove_domain(struct menu *m, unused const struct entry *e)
{
	str name = ask(m, "Domain: ", false);

	if (!name.n)
		return;
	if (!rookery(m, "domain", "verify", NULL, name, STR(""))) {
		if (!is_sure(m, "The proof was not found. Serve it on your word (yes/no)? "))
			return;
		if (!rookery(m, "domain", "verify", "--by=operator", name, STR("")))
			return;
	}
	rookery(m, "domain", "activate", NULL, name, STR(""));
}

static bool ask_password(struct menu *m, str *ret)
{
	str first = ask(m, "New password: ", true), second;

	if (!first.n)
		return false;
	second = ask(m, "Once more: ", true);
	if (!str_eq(first, second)) {
		terminal_put_c("These two differ.\n");
		return false;
	}
	*ret = str_cat(m->a, first, STR("\n"));
	return true;
}

/* A log-in that there is gets the password, else one is made; then it is let in. */
static void let_in(struct menu *m, unused const struct entry *e)
{
	str email = ask(m, "E-mail address of the operator: ", false), password;
	const char *known[] = { m->self, "user", "show", "--", str_z(m->a, email), NULL };
	str said;

	if (!email.n || !ask_password(m, &password))
		return;
	if (terminal_run(m->a, known, STR(""), &said) == STATUS_NOT_FOUND) {
		if (!rookery(m, "user", "add", "--password-stdin", email, password))
			return;
	} else if (!rookery(m, "user", "password", "--password-stdin", email, password)) {
		return;
	}
	rookery(m, "operator", "add", NULL, email, STR(""));
}

static const struct entry entries[] = {
	{ "1", "Add a community", add_domain, { NULL }, NULL },
	{ "2", "Show a community: its proof, DNS and certificates", show_domain, { NULL }, NULL },
	{ "3", "Prove a community, and serve it", prove_domain, { NULL }, NULL },
	{ "4", "A code for the set-up in the browser", command, { "operator", "code" }, NULL },
	{ "5", "Let an operator in, with a new password", let_in, { NULL }, NULL },
	{ "6", "Look for what is wrong", command, { "doctor" }, NULL },
	{ "7", "Network", system_command, { "networkctl", "--no-pager", "status" }, NULL },
	{ "h",
	  "Name this machine",
	  name_machine,
	  { "hostnamectl", "hostname" },
	  "Name of this machine, as browsers find it (host.example.org): " },
	{ "k",
	  "Let in somebody with an SSH key",
	  add_key,
	  { LIBEXEC "operator-key" },
	  "The public key (ssh-ed25519 AAAA...): " },
	{ "8", "Make a backup", command, { "backup" }, "Make a backup now (yes/no)? " },
	{ "9", "Update", command, { "update" }, "Install the newest version (yes/no)? " },
	{ "b",
	  "Back to the version before",
	  command,
	  { "rollback" },
	  "Go back, or take back an update that did not run yet (yes/no)? " },
	{ "s", "A bundle for support", command, { "support" }, NULL },
	{ "r",
	  "Restart the services",
	  system_command,
	  { "systemctl", "restart", "rookery-server.service", "rookery-stator@1.service",
	    "caddy.service" },
	  "Restart server, stator and proxy (yes/no)? " },
	{ "t",
	  "Start the machine anew",
	  system_command,
	  { "systemctl", "reboot" },
	  "Start the machine anew (yes/no)? " },
	{ "p",
	  "Power off",
	  system_command,
	  { "systemctl", "poweroff" },
	  "Power the machine off (yes/no)? " },
};

/* Commands that these programs have, and programs that this machine has. */
static bool is_here(const struct entry *e)
{
	if (!e->words[0])
		return true;
	if (e->act == command)
		return cli_find(e->words[0], e->words[1]) != NULL;
	return terminal_has(e->words[0]);
}

static void show_menu(void)
{
	terminal_clear();
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		if (is_here(&entries[i]))
			printf("  %s  %s\n", entries[i].key, entries[i].text);
	terminal_put_c("\n");
}

static bool choose(struct menu *m)
{
	str key = ask(m, "Which one? Enter alone leads back: ", false);

	if (!key.n)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		if (str_eq_c(str_lower(m->a, key), entries[i].key) && is_here(&entries[i])) {
			entries[i].act(m, &entries[i]);
			ask(m, "\nPress Enter to go on.", false);
			return true;
		}
	terminal_put_c("There is no such thing in the menu.\n");
	return true;
}

enum terminal_read console_menu(struct arena *a, const char *self)
{
	struct menu m = { .a = a, .self = self, .heard = TERMINAL_LINE };
	bool more = true;

	while (more && m.heard == TERMINAL_LINE) {
		show_menu();
		more = choose(&m);
	}
	return m.heard;
}
