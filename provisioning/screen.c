/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery status --screen: what the machine's own screen shows. Invariant: it works when nothing else does; what cannot be
 * asked is said, and the rest is shown.
 */
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ap/handle.h"
#include "db/db.h"
#include "db/migrate.h"
#include "model/backup.h"
#include "model/domain_look.h"
#include "model/mail.h"
#include "model/settings.h"
#include "model/setup.h"
#include "provisioning/machine.h"
#include "provisioning/notice.h"
#include "provisioning/status.h"
#include "provisioning/versions.h"
#include "sql/gen/domain.h"
#include "sql/gen/operator.h"

#define HOST_LIMIT 256
#define LINE_LIMIT 256
#define PATIENCE (5 * USEC_SEC)
#define QUOTA_OF_NO_MATTER 1
#define LOOKS 3 /* at names of communities, since each may take seconds */
#define DOCTOR "rookery-doctor.service"

/* What was found, for the advice. */
struct found {
	bool reached, has_operator, has_code;
	size_t n_tenants, n_missing, n_notices, looks;
	bool has_backup, backup_failed, backups_elsewhere;
	str failed; /* the first unit that did, but the doctor's */
	bool doctor_failed;
};

static void put_host(struct call *call)
{
	char name[HOST_LIMIT] = "";

	if (gethostname(name, sizeof(name) - 1))
		name[0] = 0;
	json_put_c(call->answer, "host", name);
	json_put_c(call->answer, "version", ROOKERY_VERSION);
}

/* The version of the image, which only an appliance has. */
static void put_image(struct call *call)
{
	static const char key[] = "IMAGE_VERSION=";
	FILE *f = fopen("/etc/os-release", "re");
	char line[LINE_LIMIT];

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, key, strlen(key)) == 0) {
			line[strcspn(line, "\n")] = 0;
			json_put_c(call->answer, "image", line + strlen(key));
		}
	if (f)
		fclose(f);
}

static void put_addresses(struct call *call)
{
	size_t n;
	const str *own = domain_look_own(call->c, &n);

	json_open_array(call->answer, "addresses");
	for (size_t i = 0; i < n; i++)
		json_put_str(call->answer, NULL, own[i]);
	json_close_array(call->answer);
}

static void put_disk(struct call *call)
{
	struct statvfs v;

	if (statvfs(call->c->settings->media_path, &v) && statvfs("/var", &v))
		return;
	json_put_i64(call->answer, "disk_mib", (int64_t)(v.f_blocks * v.f_frsize >> 20));
	json_put_i64(call->answer, "disk_free_mib", (int64_t)(v.f_bavail * v.f_frsize >> 20));
}

/* Services */

static const char services_command[] =
	"systemctl show --property=Id,LoadState,ActiveState postgresql.service rookery-server.service "
	"rookery-stator@1.service rookery-courier.service caddy.service ssh.service 2>/dev/null";

struct service {
	char id[LINE_LIMIT], load[LINE_LIMIT], active[LINE_LIMIT];
};

static void put_service(struct call *call, const struct service *s)
{
	if (!s->id[0] || strcmp(s->load, "loaded") != 0)
		return;
	json_open_object(call->answer, NULL);
	json_put_c(call->answer, "unit", s->id);
	json_put_c(call->answer, "state", s->active);
	json_close_object(call->answer);
}

static void read_property(struct service *s, const char *line)
{
	static const struct {
		const char *name;
		size_t offset;
	} all[] = {
		{ "Id=", offsetof(struct service, id) },
		{ "LoadState=", offsetof(struct service, load) },
		{ "ActiveState=", offsetof(struct service, active) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (strncmp(line, all[i].name, strlen(all[i].name)) == 0)
			snprintf((char *)s + all[i].offset, LINE_LIMIT, "%s",
				 line + strlen(all[i].name));
}

/* Blocks of properties with an empty line between; none where there is no systemd. */
static void put_services(struct call *call)
{
	FILE *f = popen(services_command, "re");
	struct service s = { .id = "" };
	char line[LINE_LIMIT];

	json_open_array(call->answer, "services");
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		read_property(&s, line);
		if (!line[0]) {
			put_service(call, &s);
			s = (struct service){ .id = "" };
		}
	}
	put_service(call, &s);
	json_close_array(call->answer);
	if (f)
		pclose(f);
}

/* The doctor's fails by what it finds; all others are what does not run. */
static void put_failed(struct call *call, struct found *f)
{
	str list, name;

	json_open_array(call->answer, "failed");
	if (machine_failed_units(call->c, &list))
		list = STR("");
	while (str_cut(&list, '\n', &name)) {
		if (!name.n)
			continue;
		json_put_str(call->answer, NULL, name);
		if (str_eq(name, STR(DOCTOR)))
			f->doctor_failed = true;
		else if (!f->failed.n)
			f->failed = name;
	}
	json_close_array(call->answer);
}

static void put_notices(struct call *call, struct found *f)
{
	const str *all = notice_list(call->c, &f->n_notices);

	json_open_array(call->answer, "notices");
	for (size_t i = 0; i < f->n_notices; i++)
		json_put_str(call->answer, NULL, all[i]);
	json_close_array(call->answer);
}

/* For whoever logs in for the first time: "256 SHA256:... root@host (ED25519)" of each. */
static void put_host_keys(struct call *call)
{
	static const char command[] =
		"for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf \"$key\"; done 2>/dev/null; true";
	str list, line, bits, print;

	json_open_array(call->answer, "ssh");
	if (machine_ask(call->c, command, &list))
		list = STR("");
	while (str_cut(&list, '\n', &line)) {
		str kind = str_from(line, str_find_char(line, '(', 0));

		if (!str_cut(&line, ' ', &bits) || !str_cut(&line, ' ', &print))
			continue;
		json_open_object(call->answer, NULL);
		json_put_str(call->answer, "fingerprint", print);
		json_put_str(call->answer, "kind", kind);
		json_close_object(call->answer);
	}
	json_close_array(call->answer);
}

/* What the database knows */

static const char *missing_of(const struct console_tenant_row *t)
{
	if (str_eq(t->state, STR("pending")))
		return "its ownership is not proved";
	if (str_eq(t->state, STR("verified")))
		return "it is not activated";
	if (str_eq(t->state, STR("active")) && t->people == 0)
		return "nobody is there";
	return "";
}

/* What its names show; of a few, and of none any more when one is in trouble: the resolver may be. */
static int look_at_names(struct call *call, const struct console_tenant_row *t, struct found *f,
			 const char **ret_missing)
{
	const struct domain_name_look *names;
	const struct domain_row *d;
	size_t n;

	if (!f->looks || **ret_missing || !str_eq(t->state, STR("active")))
		return 0;
	f->looks--;
	TRY(q_domain_by_id(call->c, t->id, &d));
	TRY(domain_look_near(call->c, d, &names, &n));
	for (size_t i = 0; i < n && !**ret_missing; i++)
		if (names[i].advice)
			*ret_missing = names[i].dns_problem.n ? "its name leads nowhere"
							      : "its certificate is not good";
	if (**ret_missing)
		f->looks = 0;
	return 0;
}

static int put_tenants(struct call *call, struct found *f)
{
	const struct console_tenant_row *rows;
	size_t n;

	TRY(q_console_tenants(call->c, QUOTA_OF_NO_MATTER, STR(""), &rows, &n));
	json_open_array(call->answer, "tenants");
	for (size_t i = 0; i < n; i++) {
		const char *missing = missing_of(&rows[i]);

		TRY(look_at_names(call, &rows[i], f, &missing));
		f->n_missing += *missing != 0;
		json_open_object(call->answer, NULL);
		json_put_str(call->answer, "name", rows[i].name);
		json_put_str(call->answer, "state", rows[i].state);
		json_put_i64(call->answer, "people", rows[i].people);
		json_put_c(call->answer, "missing", missing);
		json_close_object(call->answer);
	}
	json_close_array(call->answer);
	f->n_tenants = n;
	return 0;
}

static int put_backup(struct call *call, struct found *f)
{
	struct json_out *w = call->answer;
	struct backup_standing s;

	TRY(backup_standing(call->c, &s));
	f->has_backup = s.last_backup;
	f->backups_elsewhere = s.elsewhere && !s.wanted;
	f->backup_failed = s.failed_backup || s.failed_media || s.failed_configuration ||
			   s.failed_verify || s.log_lost;
	json_open_object(w, "backup");
	if (s.last_backup) {
		json_put_str(w, "kind", s.kind);
		json_put_time(w, "finished", s.last_backup);
		json_put_time(w, "verified", s.last_verify);
	}
	if (f->backup_failed) {
		json_put_time(w, "failed", s.failed_backup);
		json_put_time(w, "files_failed", s.failed_media);
		json_put_time(w, "configuration_failed", s.failed_configuration);
		json_put_time(w, "verify_failed", s.failed_verify);
		json_put_time(w, "log_lost", s.log_lost);
	}
	json_close_object(w);
	return 0;
}

static int put_setup(struct call *call, struct found *f)
{
	const struct settings *s = call->c->settings;
	const struct setup_standing_row *standing;

	TRY(setup_standing(call->c, &standing));
	f->has_operator = standing->has_operator;
	f->has_code = standing->has_code;
	json_put_bool(call->answer, "operator", standing->has_operator);
	json_put_bool(call->answer, "setup_open", standing->has_code || standing->has_visit);
	if (*s->console_host)
		json_put_str(call->answer, "console",
			     handle_origin(call->arena, str_c(s->console_host), s->development));
	return 0;
}

static int put_database(struct call *call, struct found *f)
{
	TRY(put_setup(call, f));
	TRY(put_tenants(call, f));
	TRY(put_backup(call, f));
	f->reached = true;
	return 0;
}

static const char *next_step(const struct call *call, const struct found *f,
			     const struct versions *v)
{
	if (!f->reached)
		return "see why the database is away: journalctl -u postgresql -u rookery-migrate";
	if (f->failed.n)
		return str_fmt(call->arena, "see why something does not run: systemctl status %.*s",
			       STR_ARG(f->failed))
			.p;
	if (!f->has_operator && !*call->c->settings->console_host)
		return "name the console (console_host in /etc/rookery/rookery.conf), or: rookery operator add EMAIL";
	if (!f->has_operator)
		return "open the set-up in a browser and type the code that the console shows (rookery operator code)";
	if (f->n_tenants == 0)
		return "add a community: rookery domain add NAME";
	if (f->n_missing)
		return "see what a community still needs: rookery domain show NAME";
	if (f->n_notices)
		return "mend what went wrong at the start (above), then remove it: rm /etc/rookery/notices/*";
	if (f->doctor_failed)
		return "see what the checks found: rookery doctor";
	if (!mail_is_on(call->c))
		return "name a mail server, in the browser (Letters) or in /etc/rookery/rookery.conf, so that people get letters";
	if (!f->has_backup)
		return f->backups_elsewhere
			       ? "let the database's machine make backups (docs/backup.md)"
			       : "make a backup";
	if (f->backup_failed)
		return "see what is wrong with the backups: rookery doctor";
	if (!str_is_null(v->offered))
		return "install the newer version: rookery update";
	return "nothing is missing; now and then: rookery doctor";
}

int screen_show(struct call *call)
{
	struct found f = { .looks = LOOKS, .failed = STR("") };
	struct versions v;
	int result;

	put_host(call);
	put_image(call);
	versions_read(call->c, &v);
	versions_put(&v, call->answer);
	put_addresses(call);
	put_host_keys(call);
	put_services(call);
	put_failed(call, &f);
	put_notices(call, &f);
	put_disk(call);
	/* Asked before, so that nothing is left open in the answer when it is away. */
	result = db_ping(call->c, PATIENCE);
	json_put_str(call->answer, "database",
		     result ? str_trim(ctx_error(call->c, result)) : STR("ready"));
	json_put_i64(call->answer, "schema", migrate_newest());
	if (!result)
		TRY(put_database(call, &f));
	json_put_c(call->answer, "next", next_step(call, &f, &v));
	call->unwell = !f.reached;
	return 0;
}

/* For people: no wider than an old terminal, and no longer than it has to be. */

static void put_words(const struct json *list, const char *member, const char *other, struct out *o)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *one = json_at(list, i);

		if (!member) {
			out_fmt(o, " %.*s", STR_ARG(json_str(one)));
			continue;
		}
		out_fmt(o, "  %-28.*s %.*s\n", STR_ARG(json_get_str(one, member)),
			STR_ARG(json_get_str(one, other)));
	}
}

static void put_list(const char *name, const struct json *list, struct out *o)
{
	for (size_t i = 0; i < json_count(list); i++)
		out_fmt(o, "%s %.*s\n", name, STR_ARG(json_str(json_at(list, i))));
}

static void put_tenant_lines(const struct json *tenants, struct out *o)
{
	for (size_t i = 0; i < json_count(tenants); i++) {
		const struct json *one = json_at(tenants, i);
		str missing = json_get_str(one, "missing");

		out_fmt(o, "  %-28.*s %-10.*s %lld people%s%.*s\n",
			STR_ARG(json_get_str(one, "name")), STR_ARG(json_get_str(one, "state")),
			(long long)json_get_i64(one, "people"), missing.n ? "; " : "",
			STR_ARG(missing));
	}
}

static void put_backup_lines(const struct json *backup, struct out *o)
{
	static const struct {
		const char *member, *says;
	} faults[] = {
		{ "failed", "the last one failed" },
		{ "files_failed", "the last one of files failed" },
		{ "verify_failed", "the last drill failed" },
		{ "log_lost", "the log has a gap" },
	};
	str finished = json_get_str(backup, "finished"),
	    verified = json_get_str(backup, "verified");

	out_fmt(o, "backup:    %.*s", STR_ARG(finished.n ? finished : STR("none yet")));
	if (verified.n)
		out_fmt(o, ", drill %.*s", STR_ARG(verified));
	out_c(o, "\n");
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		str when = json_get_str(backup, faults[i].member);

		if (when.n)
			out_fmt(o, "           WRONG: %s, %.*s\n", faults[i].says, STR_ARG(when));
	}
}

void screen_print(const struct json *a, struct out *o)
{
	const struct json *backup = json_get(a, "backup");
	str image = json_get_str(a, "image"), console = json_get_str(a, "console");

	out_fmt(o, "Rookery %.*s on %.*s", STR_ARG(json_get_str(a, "version")),
		STR_ARG(json_get_str(a, "host")));
	if (image.n)
		out_fmt(o, " (image %.*s)", STR_ARG(image));
	out_c(o, "\n\n");
	versions_print(json_get(a, "versions"), o);
	out_c(o, "addresses:");
	put_words(json_get(a, "addresses"), NULL, NULL, o);
	for (size_t i = 0; i < json_count(json_get(a, "ssh")); i++) {
		const struct json *key = json_at(json_get(a, "ssh"), i);

		out_fmt(o, "\nssh key:   %.*s %.*s", STR_ARG(json_get_str(key, "fingerprint")),
			STR_ARG(json_get_str(key, "kind")));
	}
	if (console.n)
		out_fmt(o, "\nconsole:   %.*s/", STR_ARG(console));
	out_fmt(o, "\ndatabase:  %.*s", STR_ARG(json_get_str(a, "database")));
	/* Coarse, so that the screen is not written anew for every file. */
	out_fmt(o, "\ndisk:      %lld of %lld GiB are free\n",
		(long long)json_get_i64(a, "disk_free_mib") >> 10,
		(long long)json_get_i64(a, "disk_mib") >> 10);
	if (backup)
		put_backup_lines(backup, o);
	put_words(json_get(a, "services"), "unit", "state", o);
	put_list("failed:   ", json_get(a, "failed"), o);
	put_list("start:    ", json_get(a, "notices"), o);
	if (json_count(json_get(a, "tenants")))
		out_c(o, "\ncommunities:\n");
	put_tenant_lines(json_get(a, "tenants"), o);
	out_fmt(o, "\nnext: %.*s\n", STR_ARG(json_get_str(a, "next")));
}
