/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery domain export, import, move-out and move-back. */
#include "provisioning/domain_move.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "model/domain_life.h"
#include "model/tenant_archive.h"
#include "provisioning/certificate.h"
#include "provisioning/domain_next.h"
#include "provisioning/lookup.h"

#define WARNING                                                                                  \
	"rookery: the archive holds private keys, passwords' hashes and private posts: whoever " \
	"has it can be this community\n"

const struct option cli_export_options[] = {
	{ "output", "FILE",
	  "a new file, for you alone to read; - for standard output; NAME.tar when not given" },
	{ "without-media", NULL, "rows only, no files" },
	{ NULL, NULL, NULL },
};

const struct option cli_import_options[] = {
	{ "check", NULL, "only looks whether the archive is whole; stores nothing" },
	{ NULL, NULL, NULL },
};

const struct option cli_move_out_options[] = {
	{ "output", "FILE", "writes the archive, as export does" },
	{ "without-media", NULL, "rows only, no files" },
	{ "final", NULL, "it is served elsewhere now, and never here again" },
	{ "yes", NULL, "really; for --final" },
	{ "incomplete", NULL, "for --final: what the archive lacks may be lost" },
	CERTIFICATE_DIRECTORY_OPTION,
	{ NULL, NULL, NULL },
};

static void say(unused void *arg, str what, int64_t rows)
{
	if (rows)
		fprintf(stderr, "rookery: %.*s %lld\n", STR_ARG(what), (long long)rows);
}

/* To standard output goes the archive alone: the answer then is for whoever watches. */
static int take_stdout(struct call *call, int *ret_fd)
{
	int fd = dup(STDOUT_FILENO);

	if (fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return fail(call->c, -errno, "standard output: %s", strerror(errno));
	*ret_fd = fd;
	return 0;
}

static int open_output(struct call *call, str path, int *ret_fd)
{
	int fd;

	if (str_eq(path, STR("-")))
		return take_stdout(call, ret_fd);
	fd = open(str_z(call->arena, path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(call->c, E_INVALID, "%.*s: %s", STR_ARG(path), strerror(errno));
	*ret_fd = fd;
	return 0;
}

static int write_to(struct call *call, const struct domain_row *d, struct archive_job *job,
		    str path, int64_t *ret_missing)
{
	int result;

	fputs(WARNING, stderr);
	result = tenant_export(call->c, d, job, call->answer, ret_missing);
	if (!result && fsync(job->fd) && errno != EINVAL && errno != EROFS)
		result = fail(call->c, -errno, "%.*s: %s", STR_ARG(path), strerror(errno));
	return result;
}

/* Half an archive is none. */
static int give_up(struct call *call, str path, int result)
{
	if (result && !str_eq(path, STR("-")))
		unlink(str_z(call->arena, path));
	return result;
}

static void put_missing(struct call *call, int64_t missing)
{
	if (!missing)
		return;
	json_put_c(call->answer, "advice",
		   "missing_files are not in the store, so the archive is not whole: put them back "
		   "from a backup and write it again, or do without them");
	call->unwell = true;
}

static str output_path(struct call *call, const struct domain_row *d)
{
	str path = cli_option(call, "output");

	return str_is_null(path) ? str_cat(call->arena, d->name, STR(".tar")) : path;
}

/* leaves: it is its last one. The file is there first, so that a typing mistake stops nobody's community. */
static int write_archive(struct call *call, const struct domain_row *d, bool leaves)
{
	struct archive_job job = { .without_media = cli_is_set(call, "without-media"), .say = say };
	str path = output_path(call, d);
	int64_t missing = 0;
	int result = 0;

	TRY(open_output(call, path, &job.fd));
	if (leaves)
		result = domain_leave(call->c, d->id);
	if (!result && leaves)
		result = domain_reload(call->c);
	if (!result)
		result = write_to(call, d, &job, path, &missing);
	if (close(job.fd) && !result)
		result = fail(call->c, -errno, "%.*s: %s", STR_ARG(path), strerror(errno));
	TRY(give_up(call, path, result));
	if (leaves)
		TRY(domain_archived(call->c, d->id, !job.without_media && !missing));
	json_put_str(call->answer, "file", path);
	put_missing(call, missing);
	return 0;
}

static int put_state(struct call *call, int64_t id)
{
	const struct domain_row *d;

	TRY(q_domain_by_id(call->c, id, &d));
	json_put_str(call->answer, "name", d->name);
	json_put_str(call->answer, "state", d->state);
	return domain_put_next(call, d);
}

int cli_domain_export(struct call *call)
{
	const struct domain_row *d;

	TRY(lookup_domain(call->c, call->args[0], &d));
	json_put_str(call->answer, "name", d->name);
	json_put_str(call->answer, "state", d->state);
	return write_archive(call, d, false);
}

int cli_domain_import(struct call *call)
{
	struct archive_job job = { .only_look = cli_is_set(call, "check"), .say = say };
	bool is_pipe = str_eq(call->args[0], STR("-"));
	int64_t id;
	int result;

	job.fd = is_pipe ? STDIN_FILENO
			 : open(str_z(call->arena, call->args[0]), O_RDONLY | O_CLOEXEC);
	if (job.fd < 0)
		return fail(call->c, E_INVALID, "%.*s: %s", STR_ARG(call->args[0]),
			    strerror(errno));
	result = tenant_import(call->c, &job, call->answer, &id);
	if (!is_pipe)
		close(job.fd);
	TRY(result);
	if (!id)
		return 0;
	return put_state(call, id);
}

/* What stands, when the last archive was not written: the domain may have stopped already. */
static int explain_failure(struct call *call, const struct domain_row *d, int result)
{
	str why = str_dup(call->arena, ctx_error(call->c, result));
	const struct domain_row *now;

	TRY(q_domain_by_id(call->c, d->id, &now));
	if (!str_eq(now->state, STR("leaving")))
		return fail(call->c, result, "%.*s", STR_ARG(why));
	return fail(call->c, result,
		    "%.*s. This wrote no archive, and %.*s is leaving now, that is, stopped: try "
		    "again, or rookery domain move-back %.*s keeps it here",
		    STR_ARG(why), STR_ARG(d->name), STR_ARG(d->name));
}

static int begin_move(struct call *call, const struct domain_row *d)
{
	int result = write_archive(call, d, true);

	return result ? explain_failure(call, d, result) : 0;
}

static int end_move(struct call *call, const struct domain_row *d)
{
	if (!cli_is_set(call, "yes"))
		return fail(call->c, E_INVALID,
			    "this ends %.*s here for good, keys, people and posts: say --yes when "
			    "it is served elsewhere",
			    STR_ARG(d->name));
	TRY(domain_move_out(call->c, d->id, cli_is_set(call, "incomplete")));
	return certificate_drop(call, d);
}

int cli_domain_move_out(struct call *call)
{
	bool is_final = cli_is_set(call, "final"), writes = cli_is_set(call, "output");
	const struct domain_row *d;

	TRY(lookup_domain(call->c, call->args[0], &d));
	if (is_final == writes)
		return fail(
			call->c, E_INVALID,
			"say --output=FILE to write the archive, or, when it is served elsewhere, "
			"--final; one after the other");
	TRY(is_final ? end_move(call, d) : begin_move(call, d));
	return put_state(call, d->id);
}

int cli_domain_move_back(struct call *call)
{
	const struct domain_row *d;

	TRY(lookup_domain(call->c, call->args[0], &d));
	TRY(domain_come_back(call->c, d->id));
	return put_state(call, d->id);
}
