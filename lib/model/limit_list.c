/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: reading changes nothing; a line that is wrong says why and is never done. */
#include "model/limit_list.h"

#include "base/csv.h"
#include "base/out.h"
#include "model/audit.h"
#include "model/domain.h"

#define CELLS 16 /* of a line; what is behind them is not looked at */
#define FILE_LIMIT (8 * 1024 * 1024) /* bytes of one that is written */
#define COMMENT_LIMIT 2000 /* characters */

enum column { DOMAIN, SEVERITY, REJECT_MEDIA, REJECT_REPORTS, PUBLIC_COMMENT, OBFUSCATE, COLUMNS };

static const char *const column_names[COLUMNS] = { "domain",	     "severity",
						   "reject_media",   "reject_reports",
						   "public_comment", "obfuscate" };

/* The words of others for our severities. */
static const struct {
	const char *theirs, *ours;
} severities[] = {
	{ "suspend", "block" }, { "silence", "limit" }, { "noop", "none" }, { "block", "block" },
	{ "limit", "limit" },	{ "none", "none" },	{ "", "block" },
};

/* Where each column is; false for a line that is no heading. */
static bool read_heading(const str *cells, size_t n, size_t at[COLUMNS])
{
	for (size_t k = 0; k < COLUMNS; k++)
		at[k] = SIZE_MAX;
	for (size_t i = 0; i < n; i++) {
		str name = str_starts(cells[i], STR("#")) ? str_from(cells[i], 1) : cells[i];

		for (size_t k = 0; k < COLUMNS; k++)
			if (str_eq_fold(name, str_c(column_names[k])))
				at[k] = i;
	}
	return at[DOMAIN] != SIZE_MAX;
}

static str cell_at(const str *cells, size_t n, size_t at)
{
	return at < n ? cells[at] : STR("");
}

static bool is_true(str s)
{
	return str_eq_fold(s, STR("true")) || str_eq(s, STR("1"));
}

static struct limit_line wrong(struct limit_line line, str why)
{
	line.effect = LIMIT_EFFECT_WRONG;
	line.error = why;
	return line;
}

static bool read_severity(str theirs, str *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(severities); i++)
		if (str_eq_fold(theirs, str_c(severities[i].theirs))) {
			*ret = str_c(severities[i].ours);
			return true;
		}
	return false;
}

static struct limit_line read_line(struct ctx *c, const str *cells, size_t n,
				   const size_t at[COLUMNS])
{
	struct limit_line line = {
		.draft = {
			.host = cell_at(cells, n, at[DOMAIN]),
			.severity = STR("block"),
			.reason = STR(""),
			.public_comment = cell_at(cells, n, at[PUBLIC_COMMENT]),
			.reject_media = is_true(cell_at(cells, n, at[REJECT_MEDIA])),
			.reject_reports = is_true(cell_at(cells, n, at[REJECT_REPORTS])),
			.obfuscate = is_true(cell_at(cells, n, at[OBFUSCATE])),
		},
		.effect = LIMIT_EFFECT_NEW,
		.error = STR(""), .now = STR(""), .floor = STR(""),
	};
	str host;

	if (!str_is_utf8(line.draft.host) || !str_is_utf8(line.draft.public_comment)) {
		line.draft.host = line.draft.public_comment = STR("");
		return wrong(line, STR("This is not UTF-8."));
	}
	if (str_find_char(line.draft.host, '*', 0) != SIZE_MAX)
		return wrong(line,
			     STR("Its name is covered: the list does not say which server it is."));
	if (domain_name_normalise(c, line.draft.host, &host))
		return wrong(line, STR("This is no name of a server."));
	line.draft.host = host;
	if (domain_by_host(c->domains, host))
		return wrong(line, STR("This is a server of this installation."));
	if (!read_severity(cell_at(cells, n, at[SEVERITY]), &line.draft.severity))
		return wrong(line, STR("This severity is not known."));
	if (str_chars(line.draft.public_comment) > COMMENT_LIMIT)
		return wrong(line, STR("The comment is too long."));
	return line;
}

/* Of the first line that says anything: a heading is no line of the list. */
static bool take_heading(const str *cells, size_t n, size_t at[COLUMNS])
{
	size_t found[COLUMNS];

	if (!read_heading(cells, n, found))
		return false;
	for (size_t k = 0; k < COLUMNS; k++)
		at[k] = found[k];
	return true;
}

static int read_lines(struct ctx *c, struct csv *r, struct limit_line *lines, size_t *ret_n)
{
	size_t at[COLUMNS] = { [DOMAIN] = 0 }, n = 0, count = 0;
	str cells[CELLS] = { { NULL, 0 } };
	bool is_first = true, is_heading;

	for (size_t k = 1; k < COLUMNS; k++)
		at[k] = SIZE_MAX;
	while (csv_next(r, cells, CELLS, &n)) {
		if (n == 1 && cells[0].n == 0)
			continue;
		is_heading = is_first && take_heading(cells, n, at);
		is_first = false;
		if (is_heading || str_starts(cells[0], STR("#")))
			continue;
		if (count == LIMIT_LIST_LINES)
			return fail(c, E_INVALID, "a list has at most %d lines", LIMIT_LIST_LINES);
		lines[count] = read_line(c, cells, n, at);
		lines[count++].number = r->number;
	}
	*ret_n = count;
	return 0;
}

static void mark_twice(struct limit_line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i && lines[i].effect != LIMIT_EFFECT_WRONG; k++)
			if (str_eq(lines[i].draft.host, lines[k].draft.host))
				lines[i] = wrong(lines[i], STR("It stands in the list before."));
}

static strs hosts_of(struct ctx *c, const struct limit_line *lines, size_t n)
{
	str *hosts = arena_array(c->arena, n + 1, sizeof(*hosts));

	for (size_t i = 0; i < n; i++)
		hosts[i] = lines[i].draft.host;
	return (strs){ hosts, n };
}

static enum limit_effect effect_on(const struct limit_line *line,
				   const struct server_limit_of_row *row, bool retract)
{
	const struct limit_draft *d = &line->draft;
	bool is_same = str_eq(d->severity, row->severity) && d->reject_media == row->reject_media &&
		       d->reject_reports == row->reject_reports && d->obfuscate == row->obfuscate &&
		       str_eq(d->public_comment, row->public_comment);

	return retract ? LIMIT_EFFECT_REMOVES : is_same ? LIMIT_EFFECT_SAME : LIMIT_EFFECT_CHANGES;
}

/* The line of a host; rows and lines are few thousands, and each is looked for once. */
static struct limit_line *line_of(struct limit_line *lines, size_t n, str host)
{
	for (size_t i = 0; i < n; i++)
		if (lines[i].effect != LIMIT_EFFECT_WRONG && str_eq(lines[i].draft.host, host))
			return &lines[i];
	return NULL;
}

static int compare(struct ctx *c, struct limit_line *lines, size_t n, bool retract)
{
	const struct server_limit_of_row *rows;
	size_t n_rows;

	for (size_t i = 0; i < n && retract; i++)
		if (lines[i].effect == LIMIT_EFFECT_NEW)
			lines[i].effect = LIMIT_EFFECT_SAME;
	TRY(q_server_limits_of(c, hosts_of(c, lines, n), c->domain_id, &rows, &n_rows));
	for (size_t i = 0; i < n_rows; i++) {
		struct limit_line *line = line_of(lines, n, rows[i].host);

		if (!line)
			continue;
		if (rows[i].is_floor) {
			line->floor = rows[i].severity;
			continue;
		}
		line->rule_id = rows[i].id;
		line->now = rows[i].severity;
		line->effect = effect_on(line, &rows[i], retract);
	}
	return 0;
}

int limit_list_read(struct ctx *c, str text, bool retract, struct limit_line **ret, size_t *ret_n)
{
	struct csv r;
	struct limit_line *lines;
	size_t n = 0;

	if (text.n > LIMIT_LIST_BYTES)
		return fail_at(c, "file",
			       fail(c, E_INVALID, "a list has at most %d KiB",
				    LIMIT_LIST_BYTES / 1024));
	csv_init(&r, c->arena, text);
	if (str_is_empty(str_trim(r.text)))
		return fail_at(c, "file", fail(c, E_INVALID, "the list is empty"));
	lines = arena_array(c->arena, LIMIT_LIST_LINES, sizeof(*lines));
	TRY(read_lines(c, &r, lines, &n));
	mark_twice(lines, n);
	TRY(compare(c, lines, n, retract));
	*ret = lines;
	*ret_n = n;
	return 0;
}

int limit_line_apply(struct ctx *c, const struct limit_line *line)
{
	const struct server_limit_row *row;
	struct limit_draft draft = line->draft;

	switch (line->effect) {
	case LIMIT_EFFECT_NEW:
		return limit_rule_add(c, &draft, &row);
	case LIMIT_EFFECT_CHANGES:
		TRY(limit_rule_get(c, line->rule_id, &row));
		draft.reason = row->reason;
		return limit_rule_change(c, line->rule_id, &draft, &row);
	case LIMIT_EFFECT_REMOVES:
		return limit_rule_remove(c, line->rule_id);
	case LIMIT_EFFECT_SAME:
		return 0;
	case LIMIT_EFFECT_WRONG:
		break;
	}
	return fail(c, E_UNPROCESSABLE, "%.*s", STR_ARG(line->error));
}

int limit_list_severs(struct ctx *c, const struct limit_line *lines, size_t n,
		      const struct would_sever_row **ret, size_t *ret_n)
{
	str *hosts = arena_array(c->arena, n + 1, sizeof(*hosts));
	size_t blocked = 0;

	for (size_t i = 0; i < n; i++)
		if ((lines[i].effect == LIMIT_EFFECT_NEW ||
		     lines[i].effect == LIMIT_EFFECT_CHANGES) &&
		    str_eq(lines[i].draft.severity, STR("block")))
			hosts[blocked++] = lines[i].draft.host;
	return q_server_would_sever(c, (strs){ hosts, blocked }, c->domain_id, ret, ret_n);
}

static const char *word_for(str severity)
{
	for (size_t i = 0; i < ARRAY_SIZE(severities); i++)
		if (str_eq_c(severity, severities[i].ours))
			return severities[i].theirs;
	return "noop";
}

static const char *flag(bool on)
{
	return on ? "true" : "false";
}

int limit_list_write(struct ctx *c, str *ret)
{
	const struct server_limit_of_row *rows;
	struct out o;
	size_t n;

	TRY(q_server_limits_all(c, c->domain_id, &rows, &n));
	out_init(&o, c->arena, FILE_LIMIT);
	for (size_t k = 0; k < COLUMNS; k++)
		out_fmt(&o, "%s#%s", k ? "," : "", column_names[k]);
	out_char(&o, '\n');
	for (size_t i = 0; i < n; i++) {
		csv_put(&o, rows[i].host);
		out_fmt(&o, ",%s,%s,%s,", word_for(rows[i].severity), flag(rows[i].reject_media),
			flag(rows[i].reject_reports));
		csv_put(&o, rows[i].public_comment);
		out_fmt(&o, ",%s\n", flag(rows[i].obfuscate));
	}
	TRY(out_done(&o, ret));
	return audit_add(c, "server_limit.export", STR(""), STR(""));
}
