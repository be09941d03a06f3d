/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a stored line has the columns of its kind in their order, whatever the file's were; that a line is done again
 * after a worker died changes nothing, since it wants a state and no change.
 */
#include "model/import.h"

#include <string.h>

#include "base/csv.h"
#include "db/db.h"
#include "model/import_part.h"
#include "model/list.h"
#include "sql/gen/follow.h"

#define CELLS 16 /* of a line; what is behind them is not looked at */
#define REASON_LIMIT 300 /* bytes */

static const char *const after_preparing[] = { "running", "failed", "cancelled", NULL };
static const char *const after_running[] = { "done", "cancelled", NULL };
static const char *const after_waiting[] = { "done", "failed", "cancelled", NULL };

static const struct graph_state import_states[] = {
	{
		.name = "preparing",
		.initial = true,
		.next = after_preparing,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	{
		.name = "running",
		.next = after_running,
		.first = 10 * USEC_SEC,
		.growth = 1.5,
		.ceiling = 10 * USEC_MINUTE,
	},
	{ .name = "done", .delete_after = 30 * USEC_DAY },
	{ .name = "failed", .delete_after = 30 * USEC_DAY },
	{ .name = "cancelled", .delete_after = 30 * USEC_DAY },
};

const struct graph import_graph = { "import", import_states, ARRAY_SIZE(import_states) };

/* They go with their import. */
static const struct graph_state import_row_states[] = {
	{
		.name = "waiting",
		.initial = true,
		.next = after_waiting,
		.first = USEC_MINUTE,
		.growth = 3,
		.ceiling = 2 * USEC_HOUR,
		.timeout = 12 * USEC_HOUR,
		.timeout_to = "failed",
	},
	{ .name = "done" },
	{ .name = "failed" },
	{ .name = "cancelled" },
};

const struct graph import_row_graph = { "import_row", import_row_states,
					ARRAY_SIZE(import_row_states) };

const struct import_kind import_kind_table[] = {
	{
		"following",
		{ "Account address", "Show boosts", "Notify on new posts", "Languages" },
		1,
		false,
		import_follow,
		import_clear_follows,
	},
	{
		"lists",
		{ "List name", "Account address" },
		2,
		true,
		import_list_member,
		import_clear_lists,
	},
	{ "blocks", { "Account address" }, 1, true, import_block, import_clear_blocks },
	{
		"mutes",
		{ "Account address", "Hide notifications" },
		1,
		false,
		import_mute,
		import_clear_mutes,
	},
	{ "domain_blocks", { "#domain" }, 1, true, import_domain_block, import_clear_domains },
	{ "bookmarks", { "#uri" }, 1, true, import_bookmark, import_clear_bookmarks },
	{
		"filters",
		{ "Title", "Contexts", "Action", "Expires", "Words", "Parts of words" },
		1,
		false,
		import_filter,
		import_clear_filters,
	},
	{ "archive",
	  { "#uri", "#visibility", "#post", "#files" },
	  3,
	  true,
	  import_post,
	  NULL,
	  import_unpack },
	{ 0 },
};

const char *const import_kinds[] = { "following",     "lists",	   "blocks",  "mutes",
				     "domain_blocks", "bookmarks", "filters", NULL };

const struct import_kind *import_kind_of(str name)
{
	for (const struct import_kind *k = import_kind_table; k->name; k++)
		if (str_eq_c(name, k->name))
			return k;
	return NULL;
}

size_t import_kind_columns(const struct import_kind *k)
{
	size_t n = 0;

	while (k->columns[n])
		n++;
	return n;
}

/* Reading a file */

struct reading {
	const struct import_kind *kind;
	struct csv csv;
	size_t at[IMPORT_COLUMNS]; /* where each column is; SIZE_MAX: nowhere */
	str *lines;
	size_t n;
	strs titles; /* of lists */
};

/* A heading names the first column of the kind; in a file without one, the columns stand in their order. */
static bool take_heading(struct reading *r, const str *cells, size_t n)
{
	size_t at[IMPORT_COLUMNS];

	for (size_t k = 0; k < IMPORT_COLUMNS; k++) {
		at[k] = SIZE_MAX;
		for (size_t i = 0; i < n && r->kind->columns[k]; i++)
			if (str_eq_fold(cells[i], str_c(r->kind->columns[k])))
				at[k] = i;
		if (!r->kind->columns[k])
			break;
		if (k < r->kind->n_needed && at[k] == SIZE_MAX)
			return false;
	}
	memcpy(r->at, at, sizeof(at));
	return true;
}

/* The line in the columns of its kind; empty when there is nothing in it. */
static str line_of(struct ctx *c, const struct reading *r, const str *cells, size_t n)
{
	size_t columns = import_kind_columns(r->kind);
	str ordered[IMPORT_COLUMNS] = { { NULL, 0 } };
	struct out o;

	for (size_t k = 0; k < columns; k++)
		ordered[k] = r->at[k] < n ? cells[r->at[k]] : STR("");
	if (str_is_empty(ordered[0]))
		return STR("");
	out_init(&o, c->arena, IMPORT_BYTES);
	csv_put_line(&o, ordered, columns);
	return str_slice(out_view(&o), 0, o.n - 1);
}

static int take_line(struct ctx *c, struct reading *r, const str *cells, size_t n)
{
	str line = line_of(c, r, cells, n);

	if (str_is_empty(line))
		return 0;
	if (r->n == IMPORT_LINES)
		return fail(c, E_INVALID, "a file has at most %d lines", IMPORT_LINES);
	if (line.n > IMPORT_LINE_BYTES)
		return fail(c, E_INVALID, "line %zu is too long", r->csv.number);
	r->lines[r->n++] = line;
	return 0;
}

static int read_lines(struct ctx *c, struct reading *r)
{
	str cells[CELLS] = { { NULL, 0 } };
	bool is_first = true;
	size_t n = 0;

	for (size_t k = 0; k < IMPORT_COLUMNS; k++)
		r->at[k] = k;
	while (csv_next(&r->csv, cells, CELLS, &n)) {
		bool is_heading = is_first && take_heading(r, cells, n);

		is_first = false;
		if (!is_heading)
			TRY(take_line(c, r, cells, n));
	}
	return r->n ? 0 : fail(c, E_INVALID, "nothing stands in the file");
}

static int read_file(struct ctx *c, str text, struct reading *r)
{
	if (!r->kind || r->kind->prepare)
		return fail(c, E_INVALID, "nobody can bring a file of that kind");
	if (text.n > IMPORT_BYTES)
		return fail(c, E_INVALID, "a file has at most %d MiB", IMPORT_BYTES / 1024 / 1024);
	if (!str_is_utf8(text) || str_find_char(text, '\0', 0) != SIZE_MAX)
		return fail(c, E_INVALID, "that file is no text in UTF-8");
	csv_init(&r->csv, c->arena, text);
	r->lines = arena_array(c->arena, IMPORT_LINES, sizeof(*r->lines));
	return read_lines(c, r);
}

/* Beginning */

/* Lists are made at once: two lines of one list may be done at the same time. No more than there is room for. */
static int make_lists(struct ctx *c, const struct reading *r)
{
	const struct list_row *rows, *made;
	str known[2 * LIST_LIMIT];
	size_t n, n_known = 0;

	TRY(lists_get(c, &rows, &n));
	for (size_t i = 0; i < n && n_known < LIST_LIMIT; i++)
		known[n_known++] = rows[i].title;
	for (size_t i = 0; i < r->n && n_known < LIST_LIMIT; i++) {
		struct list_row l = { .replies_policy = STR("list") };
		str cells[IMPORT_COLUMNS];
		bool is_new = true;

		import_cells(c, r->lines[i], cells);
		for (size_t k = 0; k < n_known; k++)
			is_new &= !str_eq(known[k], cells[0]);
		if (!is_new || str_chars(cells[0]) > LIST_TITLE_LIMIT)
			continue;
		l.title = cells[0];
		TRY(list_create(c, &l, &made));
		known[n_known++] = cells[0];
	}
	return 0;
}

static int begin(struct ctx *c, void *arg)
{
	struct import_start *s = arg;
	struct q_import_add_args args = {
		.domain_id = c->domain_id,
		.identity_id = c->identity_id,
		.kind = str_c(s->kind->name),
		.overwrite = s->overwrite,
		.file = s->file,
		.most = IMPORTS_AT_ONCE,
	};
	const struct import_id_row *row;
	size_t n;

	TRY(q_import_add(c, &args, &row, &n));
	if (n == 0)
		return fail(c, E_UNPROCESSABLE,
			    "%d files are being imported already; wait for one to end",
			    IMPORTS_AT_ONCE);
	s->id = row->id;
	return s->fn ? s->fn(c, s->id, s->arg) : 0;
}

int import_begin(struct ctx *c, struct import_start *s)
{
	return db_transaction(c, begin, s);
}

static int add_lines(struct ctx *c, int64_t id, const void *arg)
{
	const struct reading *r = arg;

	if (str_eq_c(STR("lists"), r->kind->name))
		TRY(make_lists(c, r));
	return q_import_add_rows(c, c->domain_id, id, (strs){ r->lines, r->n }, NULL);
}

int import_start(struct ctx *c, str kind, bool overwrite, str text, int64_t *ret_id)
{
	struct reading r = { .kind = import_kind_of(kind) };
	struct import_start s = { .overwrite = overwrite, .file = STR(""), .fn = add_lines };

	TRY(read_file(c, text, &r));
	s.kind = r.kind;
	s.arg = &r;
	TRY(import_begin(c, &s));
	*ret_id = s.id;
	return 0;
}

int import_list(struct ctx *c, const struct import_row **ret, size_t *ret_n)
{
	return q_import_list(c, c->identity_id, IMPORTS_SHOWN, ret, ret_n);
}

int import_get(struct ctx *c, int64_t id, const struct import_row **ret)
{
	return q_import_by_id(c, id, c->identity_id, ret);
}

int import_cancel(struct ctx *c, int64_t id)
{
	const struct import_row *row;

	TRY(import_get(c, id, &row));
	TRY(q_import_cancel(c, id, c->identity_id, NULL));
	return q_identity_recount(c, c->identity_id, NULL);
}

int import_write_failures(struct ctx *c, int64_t id, str *ret)
{
	const struct import_kind *kind;
	const struct import_line_row *rows;
	const struct import_row *row;
	str heading[IMPORT_COLUMNS];
	struct out o;
	size_t n;

	TRY(import_get(c, id, &row));
	TRY(q_import_failures(c, id, IMPORT_LINES, &rows, &n));
	kind = import_kind_of(row->kind);
	out_init(&o, c->arena, 2 * IMPORT_BYTES);
	for (size_t k = 0; kind && !kind->without_heading && kind->columns[k]; k++)
		heading[k] = str_c(kind->columns[k]);
	if (kind && !kind->without_heading)
		csv_put_line(&o, heading, import_kind_columns(kind));
	for (size_t i = 0; i < n; i++)
		out_fmt(&o, "%.*s\n", STR_ARG(rows[i].line));
	return out_done(&o, ret);
}

/* The stator's part */

void import_cells(struct ctx *c, str line, str cells[IMPORT_COLUMNS])
{
	struct csv r;
	size_t n = 0;

	for (size_t k = 0; k < IMPORT_COLUMNS; k++)
		cells[k] = STR("");
	csv_init(&r, c->arena, line);
	(void)!csv_next(&r, cells, IMPORT_COLUMNS, &n);
}

static int load_table(struct ctx *c, int64_t id, struct import_table *ret)
{
	const struct import_line_row *lines;

	TRY(q_import_lines(c, id, &lines, &ret->n));
	ret->rows = arena_array(c->arena, ret->n + 1, sizeof(*ret->rows));
	for (size_t i = 0; i < ret->n; i++)
		import_cells(c, lines[i].line, ret->rows[i]);
	return 0;
}

static int clear(struct ctx *c, const struct import_kind *kind, const struct import_job_row *job)
{
	struct import_table table;

	if (!job->overwrite)
		return 0;
	TRY(load_table(c, job->id, &table));
	return kind->clear(c, &table);
}

int import_prepare(struct ctx *c, int64_t id, const char **ret_state)
{
	const struct import_kind *kind;
	const struct import_job_row *job;
	int err;

	TRY(q_import_for_job(c, id, &job));
	kind = import_kind_of(job->kind);
	c->identity_id = job->identity_id;
	err = !kind ? 0 : kind->prepare ? kind->prepare(c, job) : clear(c, kind, job);
	if (err < 0 || (err && (err_is_transient(err) || !kind->prepare)))
		return err;
	if (err)
		TRY(q_import_explain(c, str_clip(ctx_words(c, err), REASON_LIMIT), id, NULL));
	*ret_state = err ? "failed" : "running";
	return 0;
}

int import_run(struct ctx *c, int64_t id, const char **ret_state)
{
	const struct import_job_row *job;

	TRY(q_import_for_job(c, id, &job));
	/* Posts that were brought along count by and by, not one by one. */
	TRY(q_identity_recount(c, job->identity_id, NULL));
	if (job->waiting)
		return 0;
	TRY(q_import_drop_files(c, id, NULL));
	*ret_state = "done";
	return 0;
}

static int apply(struct ctx *c, const struct import_row_row *row)
{
	const struct import_kind *kind = import_kind_of(row->kind);
	str cells[IMPORT_COLUMNS];

	if (!row->may_act || !kind)
		return fail(c, E_FORBIDDEN, "the account may do nothing at present");
	c->identity_id = row->identity_id;
	import_cells(c, row->line, cells);
	TRY(kind->apply(c, cells, row->overwrite));
	/* Of a post that is done, what was left out of it is kept; of others, what was tried on the way is nothing. */
	if (!kind->prepare)
		c->error = STR_NULL;
	return 0;
}

int import_do_row(struct ctx *c, int64_t row_id, const char **ret_state)
{
	const struct import_row_row *row;
	int err;

	TRY(q_import_row_for_job(c, row_id, &row));
	if (str_eq(row->import_state, STR("cancelled"))) {
		*ret_state = "cancelled";
		return 0;
	}
	err = apply(c, row);
	if (err < 0)
		return err;
	if (err || !str_is_null(c->error))
		TRY(q_import_row_explain(c, str_clip(ctx_error(c, err), REASON_LIMIT), row_id,
					 NULL));
	if (err_is_transient(err))
		return err;
	*ret_state = err ? "failed" : "done";
	return 0;
}
