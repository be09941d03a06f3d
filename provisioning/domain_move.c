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

static void put_missing(struct call *call, int64_t missing)
{
	if (!missing)
		return;
	json_put_c(call->answer, "advice",
		   "missing_files are not in the store, so the archive is not whole: put them back "
		   "from a backup and write it again, or do without them");
	call->unwell = true;
}

/* What is half an archive is none. */
static int write_archive(struct call *call, const struct domain_row *d)
{
	struct archive_job job = { .without_media = cli_is_set(call, "without-media"), .say = say };
	str path = cli_option(call, "output");
	int64_t missing = 0;
	int result;

	if (str_is_null(path))
		path = str_cat(call->arena, d->name, STR(".tar"));
	TRY(open_output(call, path, &job.fd));
	fputs(WARNING, stderr);
	result = tenant_export(call->c, d, &job, call->answer, &missing);
	if (!result && fsync(job.fd) && errno != EINVAL && errno != EROFS)
		result = fail(call->c, -errno, "%.*s: %s", STR_ARG(path), strerror(errno));
	if (close(job.fd) && !result)
		result = fail(call->c, -errno, "%.*s: %s", STR_ARG(path), strerror(errno));
	if (result && !str_eq(path, STR("-")))
		unlink(str_z(call->arena, path));
	TRY(result);
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
	return 0;
}

int cli_domain_export(struct call *call)
{
	const struct domain_row *d;

	TRY(lookup_domain(call->c, call->args[0], &d));
	TRY(put_state(call, d->id));
	return write_archive(call, d);
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

int cli_domain_move_out(struct call *call)
{
	bool is_final = cli_is_set(call, "final"), writes = cli_is_set(call, "output");
	const struct domain_row *d;

	TRY(lookup_domain(call->c, call->args[0], &d));
	if (!is_final && !writes)
		return fail(
			call->c, E_INVALID,
			"say --output=FILE to write the archive, or --final when it is served elsewhere");
	if (writes) {
		TRY(domain_leave(call->c, d->id));
		TRY(domain_reload(call->c));
		TRY(write_archive(call, d));
	}
	if (is_final)
		TRY(domain_move_out(call->c, d->id));
	return put_state(call, d->id);
}

int cli_domain_move_back(struct call *call)
{
	const struct domain_row *d;

	TRY(lookup_domain(call->c, call->args[0], &d));
	TRY(domain_come_back(call->c, d->id));
	return put_state(call, d->id);
}
