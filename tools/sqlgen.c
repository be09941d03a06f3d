/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlgen: reads the named queries of sql/query, has PostgreSQL prepare and describe each against a
 * scratch database, and writes typed C for them into sql/gen. The output depends on the files and
 * the schema alone: it names no oid that differs between databases, no date and no path but the
 * query file's.
 *
 *	-- What the function does: the contract comment in the header.
 *	-- name: post_by_id :one post
 *	select id, author_id, max(x) as "score!" from post where id = :id and kind = :kind?;
 *
 * The kind is :one (E_NOT_FOUND without a row), :many, or :exec (the number of rows). The third
 * word names the row struct, which all queries that name it share; without it the query has one of
 * its own. The word "both" behind that makes two statements, newest first as written and, with asc in
 * place of desc, oldest first; the function has a parameter more, which one it sends. :name is a parameter, :name? one whose zero value travels as NULL. "name!" and "name?"
 * say that a column is never or sometimes null; without a mark the catalogue says it for columns
 * of tables, unless the statement has an outer join, and everything else may be null.
 *
 * Memory is given back by the end of the process. This file is longer than most because a
 * generator is one program in one file, so that it builds before anything else does.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#define NAME_LIMIT 63 /* bytes of an identifier in PostgreSQL */
#define ARGS_LIMIT 4 /* more parameters travel in a struct */
#define LINE_LIMIT 100 /* columns */

/* How values of one PostgreSQL type travel; db/db.h says the same for the runtime. */
struct type {
	unsigned oid;
	const char *name;
	const char *db; /* enum db_type */
	const char *c; /* of parameters and members */
	const char *member; /* of union db_value */
};

static const struct type types[] = {
	{ 16, "bool", "DB_BOOL", "bool", "b" },
	{ 21, "int2", "DB_I32", "int64_t", "i" },
	{ 23, "int4", "DB_I32", "int64_t", "i" },
	{ 20, "int8", "DB_I64", "int64_t", "i" },
	{ 701, "float8", "DB_F64", "double", "f" },
	{ 25, "text", "DB_STR", "str", "s" },
	{ 1043, "varchar", "DB_STR", "str", "s" },
	{ 1042, "bpchar", "DB_STR", "str", "s" },
	{ 19, "name", "DB_STR", "str", "s" },
	{ 18, "\"char\"", "DB_STR", "str", "s" },
	{ 114, "json", "DB_STR", "str", "s" },
	{ 3802, "jsonb", "DB_STR", "str", "s" },
	{ 869, "inet", "DB_STR", "str", "s" },
	{ 17, "bytea", "DB_BYTES", "str", "s" },
	{ 1184, "timestamptz", "DB_TIME", "usec", "i" },
	{ 1186, "interval", "DB_INTERVAL", "usec", "i" },
	{ 1016, "int8[]", "DB_I64S", "i64s", "is" },
	{ 1009, "text[]", "DB_STRS", "strs", "ss" },
	{ 1001, "bytea[]", "DB_BYTESS", "strs", "ss" },
	{ 1185, "timestamptz[]", "DB_TIMES", "i64s", "is" },
	{ 1000, "bool[]", "DB_BOOLS", "i64s", "is" },
};

/* Enums have oids of their own in each database, so none is written down: 0. */
static const struct type enum_type = { 0, "enum", "DB_STR", "str", "s" };

/* clang-format off */
/* No parameter or column can have these names in C. */
static const char *const reserved[] = {
	"c", "ret", "ret_n", "args", "in", "found", "n_found", /* of the generated functions */
	"auto", "bool", "break", "case", "char", "const", "continue", "default", "do", "double",
	"else", "enum", "extern", "false", "float", "for", "goto", "if", "inline", "int", "long",
	"register", "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch",
	"true", "typedef", "union", "unsigned", "void", "volatile", "while", "asm", "typeof",
	"unix", "linux", "str", "strs", "i64s", "usec",
};
/* clang-format on */

enum kind { KIND_ONE, KIND_MANY, KIND_EXEC };

static const char *const kinds[] = { ":one", ":many", ":exec" };

struct field {
	char *name;
	const struct type *type;
	bool nullable;
};

struct fields {
	struct field *p;
	size_t n;
};

/* A row struct, shared by the queries that name it. */
struct row {
	char *name; /* without _row */
	struct fields columns;
	const struct query *query; /* the first that named it */
};

struct query {
	const struct source *source;
	int line; /* of the -- name: */
	char *name;
	enum kind kind;
	bool both; /* directions */
	char *row_name;
	struct row *row; /* NULL for :exec */
	char *prose; /* lines, each ended */
	char *sql;
	int *lines; /* of the source, for each line of sql */
	size_t n_lines;
	struct fields params;
};

struct source {
	const char *path;
	char *noun;
	char *text;
	struct query *queries;
	size_t n;
};

static struct row *rows;
static size_t n_rows;
static unsigned n_errors;

__attribute__((format(printf, 3, 4))) static void complain(const struct source *s, int line,
							   const char *format, ...)
{
	va_list args;

	n_errors++;
	fprintf(stderr, "%s:%d: ", s->path, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

__attribute__((noreturn)) static void die(const char *what, const char *why)
{
	fprintf(stderr, "sqlgen: %s: %s\n", what, why);
	exit(1);
}

/* Room for one more element behind n of them; the new one is zero. */
static void *grow(void *p, size_t n, size_t size)
{
	char *q = reallocarray(p, n + 1, size);

	if (!q)
		die("memory", strerror(ENOMEM));
	memset(q + n * size, 0, size);
	return q;
}

static char *copy(const char *p, size_t n)
{
	char *q = strndup(p, n);

	if (!q)
		die("memory", strerror(ENOMEM));
	return q;
}

/* The whole file as a string; NULL when it does not exist. */
static char *file_read(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;
	ssize_t n;

	if (!in && errno == ENOENT)
		return NULL;
	if (!in)
		die(path, strerror(errno));
	n = getdelim(&text, &room, '\0', in);
	if (ferror(in))
		die(path, strerror(errno));
	fclose(in);
	return n < 0 ? copy("", 0) : text;
}

/* Reading query files */

static bool is_name_char(char ch)
{
	return isalnum((unsigned char)ch) || ch == '_';
}

/* The next word of names in lower case, or NULL. */
static char *take_word(const char **p)
{
	const char *start;

	while (**p == ' ' || **p == '\t')
		(*p)++;
	start = *p;
	while (is_name_char(**p) || **p == ':')
		(*p)++;
	return *p == start ? NULL : copy(start, (size_t)(*p - start));
}

static bool name_is_usable(const char *name)
{
	if (!*name || isdigit((unsigned char)*name) || strlen(name) > NAME_LIMIT)
		return false;
	for (const char *p = name; *p; p++)
		if (!is_name_char(*p) || isupper((unsigned char)*p))
			return false;
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(name, reserved[i]) == 0)
			return false;
	return true;
}

/* "post_by_id :one post" behind "-- name:". */
static bool parse_name_line(struct query *q, const char *p)
{
	char *kind, *both;
	size_t k = 0;

	q->name = take_word(&p);
	kind = take_word(&p);
	q->row_name = take_word(&p);
	both = take_word(&p);
	q->both = both && strcmp(both, "both") == 0;
	if (!q->name || !kind || !name_is_usable(q->name) ||
	    (q->row_name && !name_is_usable(q->row_name)) || (*p && *p != '\n') ||
	    (both && !q->both)) {
		complain(q->source, q->line,
			 "expected '-- name: query :one|:many|:exec [row [both]]'");
		return false;
	}
	while (k < 3 && strcmp(kind, kinds[k]) != 0)
		k++;
	if (k == 3 || (k == KIND_EXEC && q->row_name) || (k != KIND_MANY && q->both)) {
		complain(q->source, q->line,
			 "%s: the kind is :one, :many, or :exec without a row%s", q->name,
			 q->both ? "; both directions have only many rows" : "");
		return false;
	}
	q->kind = (enum kind)k;
	if (!q->row_name)
		q->row_name = q->name;
	return true;
}

/* The end of the quoted thing, comment or :: that begins at p; p itself when none does. */
static const char *skip_quoted(const char *p)
{
	const char *start = p, *end, *tag;
	bool escapes;
	int depth = 0;

	if (*p == '\'' || *p == '"') {
		escapes = *p == '\'' && (p[-1] == 'e' || p[-1] == 'E') && !is_name_char(p[-2]);
		for (p++; *p && (*p != *start || p[1] == *start); p++)
			p += (*p == *start || (escapes && *p == '\\')) && p[1];
		return *p ? p + 1 : p;
	}
	if (*p == '$' && !is_name_char(p[-1])) {
		for (tag = p + 1; is_name_char(*tag); tag++)
			;
		if (*tag != '$' || isdigit((unsigned char)p[1]))
			return start;
		tag = copy(p, (size_t)(tag + 1 - p));
		end = strstr(p + strlen(tag), tag);
		return end ? end + strlen(tag) : p + strlen(p);
	}
	if (strncmp(p, "--", 2) == 0)
		return p + strcspn(p, "\n");
	if (strncmp(p, "/*", 2) == 0) {
		do {
			depth += strncmp(p, "/*", 2) == 0;
			depth -= strncmp(p, "*/", 2) == 0;
			p += strncmp(p, "/*", 2) == 0 || strncmp(p, "*/", 2) == 0 ? 2 : 1;
		} while (depth && *p);
		return p;
	}
	return strncmp(p, "::", 2) == 0 ? p + 2 : start;
}

/* The number of the parameter :name or :name? at *p, from 1, and *p behind it. */
static size_t take_param(struct query *q, const char **p, int line)
{
	const char *start = *p + 1, *end = start;
	struct fields *f = &q->params;
	size_t i = 0;
	char *name;

	while (is_name_char(*end))
		end++;
	name = copy(start, (size_t)(end - start));
	while (i < f->n && strcmp(f->p[i].name, name) != 0)
		i++;
	if (i < f->n) {
		free(name);
	} else {
		if (!name_is_usable(name))
			complain(q->source, line, "%s: parameter :%s needs another name in C",
				 q->name, name);
		f->p = grow(f->p, f->n, sizeof(*f->p));
		f->p[f->n++].name = name;
	}
	if (*end == '?') {
		f->p[i].nullable = true;
		end++;
	}
	*p = end;
	return i + 1;
}

static void add_line(struct query *q, int line)
{
	q->lines = grow(q->lines, q->n_lines, sizeof(*q->lines));
	q->lines[q->n_lines++] = line;
}

static bool is_comment(const char *p)
{
	return strncmp(p, "--", 2) == 0 || strncmp(p, "/*", 2) == 0;
}

/* Where a statement's text goes, with what stands between its words. */
struct writer {
	struct query *query;
	FILE *sql;
	int line; /* of the source */
	bool begun; /* something stands on this line */
	bool space; /* white space waits for the next word */
};

/* Something that is not white space comes next. */
static void put_word(struct writer *w)
{
	if (!w->begun)
		add_line(w->query, w->line);
	else if (w->space)
		fputc(' ', w->sql);
	w->begun = true;
	w->space = false;
}

static void put_space(struct writer *w, char ch)
{
	w->space = true;
	if (ch != '\n')
		return;
	w->line++;
	if (w->begun)
		fputc('\n', w->sql);
	w->begun = false;
}

static void put_quoted(struct writer *w, const char *p, const char *end)
{
	bool comment = is_comment(p);

	if (!comment)
		put_word(w);
	for (; p < end; p++) {
		w->line += *p == '\n';
		if (comment)
			continue;
		fputc(*p, w->sql);
		if (*p == '\n')
			add_line(w->query, w->line);
	}
	w->space |= comment;
}

/*
 * Reads the statement at p up to its semicolon into q->sql, without comments, indentation and
 * blank lines, and with $n for parameters. Returns what is behind it, or NULL without an end.
 */
static const char *parse_statement(struct query *q, const char *p, int *line)
{
	size_t size;
	struct writer w = { .query = q, .sql = open_memstream(&q->sql, &size), .line = *line };
	const char *end;

	fprintf(w.sql, "/* %s */\n", q->name);
	add_line(q, *line);
	while (*p && *p != ';') {
		end = skip_quoted(p);
		if (end > p) {
			put_quoted(&w, p, end);
			p = end;
		} else if (isspace((unsigned char)*p)) {
			put_space(&w, *p++);
		} else if (*p == ':' && (isalpha((unsigned char)p[1]) || p[1] == '_')) {
			put_word(&w);
			fprintf(w.sql, "$%zu", take_param(q, &p, w.line));
		} else {
			put_word(&w);
			fputc(*p++, w.sql);
		}
	}
	fclose(w.sql);
	*line = w.line;
	return *p ? p + 1 : NULL;
}

/* Appends the text of a comment line to the prose. */
static void add_prose(char **prose, const char *p, const char *end)
{
	char *longer;

	p += 2;
	p += *p == ' ';
	if (asprintf(&longer, "%s%.*s\n", *prose ? *prose : "", (int)(end - p), p) < 0)
		die("memory", strerror(ENOMEM));
	free(*prose);
	*prose = longer;
}

static const char *parse_query(struct source *s, char *prose, const char *p, int *line)
{
	struct query *q;

	s->queries = grow(s->queries, s->n, sizeof(*s->queries));
	q = &s->queries[s->n++];
	*q = (struct query){ .source = s, .line = *line, .prose = prose };
	if (!parse_name_line(q, p))
		return NULL;
	if (!prose)
		complain(s, q->line, "%s: has no comment that says what it does", q->name);
	p += strcspn(p, "\n");
	p = parse_statement(q, p, line);
	if (!p)
		complain(s, q->line, "%s: the statement has no ';'", q->name);
	return p;
}

/* Nothing but prose and named statements may stand in a file. */
static void parse_source(struct source *s)
{
	static const char mark[] = "-- name:";
	const char *p = s->text, *end;
	char *prose = NULL;
	int line = 1;

	while (p && *p) {
		end = p + strcspn(p, "\n");
		if (strncmp(p, mark, sizeof(mark) - 1) == 0) {
			p = parse_query(s, prose, p + sizeof(mark) - 1, &line);
			prose = NULL;
			continue;
		}
		if (strncmp(p, "--", 2) == 0) {
			add_prose(&prose, p, end);
		} else if (strspn(p, " \t\r") == (size_t)(end - p)) {
			prose = NULL;
		} else {
			complain(s, line, "a statement needs a '-- name:' line above it");
			return;
		}
		line += *end == '\n';
		p = *end ? end + 1 : end;
	}
}

/* Asking PostgreSQL */

static PGresult *ask(PGconn *pg, const char *sql, const char *a, const char *b)
{
	const char *values[] = { a, b };
	PGresult *r = PQexecParams(pg, sql, b ? 2 : 1, NULL, values, NULL, NULL, 0);

	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		die("catalogue", PQerrorMessage(pg));
	return r;
}

/* Says what PostgreSQL said, at the line that it means. */
static void complain_result(const struct query *q, const PGresult *r)
{
	const char *position = PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
	const char *hint = PQresultErrorField(r, PG_DIAG_MESSAGE_HINT);
	const char *detail = PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL);
	const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	size_t at = 0;
	long n = position ? strtol(position, NULL, 10) - 1 : 0;

	/* The position counts characters, not bytes. */
	for (const char *p = q->sql; n > 0 && *p; p++) {
		at += *p == '\n';
		n -= (*p & 0xc0) != 0x80;
	}
	complain(q->source, position && at < q->n_lines ? q->lines[at] : q->line, "%s: %s%s%s%s%s",
		 q->name, message ? message : PQresultErrorMessage(r), detail ? "\n\tDETAIL: " : "",
		 detail ? detail : "", hint ? "\n\tHINT: " : "", hint ? hint : "");
}

/* Domains count as what they are made of; NULL for a type that is not supported. */
static const struct type *type_of(PGconn *pg, unsigned oid, char **ret_name)
{
	const struct type *t = NULL;
	char number[16];
	PGresult *r;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].oid == oid)
			return &types[i];
	snprintf(number, sizeof(number), "%u", oid);
	r = ask(pg,
		"select typtype, typbasetype, format_type(oid, null) from pg_type where oid = $1",
		number, NULL);
	if (PQntuples(r) == 1) {
		free(*ret_name);
		*ret_name = copy(PQgetvalue(r, 0, 2), strlen(PQgetvalue(r, 0, 2)));
		if (*PQgetvalue(r, 0, 0) == 'e')
			t = &enum_type;
		else if (*PQgetvalue(r, 0, 0) == 'd')
			t = type_of(pg, (unsigned)strtoul(PQgetvalue(r, 0, 1), NULL, 10), ret_name);
	}
	PQclear(r);
	return t;
}

static bool set_type(PGconn *pg, const struct query *q, struct field *f, unsigned oid)
{
	char *name = NULL;

	f->type = type_of(pg, oid, &name);
	if (!f->type)
		complain(q->source, q->line, "%s: %s has type %s, which is not supported", q->name,
			 f->name, name ? name : "unknown");
	free(name);
	return f->type;
}

/* Whether an outer join may make null what the catalogue calls not null. */
static bool has_outer_join(const char *sql)
{
	static const char *const sides[] = { "left", "right", "full" };

	for (size_t i = 0; i < 3; i++)
		for (const char *p = sql; (p = strcasestr(p, sides[i])); p++) {
			const char *next = p + strlen(sides[i]);

			next += strspn(next, " \t\n");
			if (strncasecmp(next, "join", 4) == 0 || strncasecmp(next, "outer", 5) == 0)
				return true;
		}
	return false;
}

static bool column_is_nullable(PGconn *pg, const PGresult *described, int i)
{
	char table[16], column[16];
	bool not_null;
	PGresult *r;

	if (!PQftable(described, i))
		return true;
	snprintf(table, sizeof(table), "%u", PQftable(described, i));
	snprintf(column, sizeof(column), "%d", PQftablecol(described, i));
	r = ask(pg, "select 1 from pg_attribute where attrelid = $1 and attnum = $2 and attnotnull",
		table, column);
	not_null = PQntuples(r) == 1;
	PQclear(r);
	return !not_null;
}

static bool describe_columns(PGconn *pg, const struct query *q, const PGresult *r,
			     struct fields *ret)
{
	bool outer = has_outer_join(q->sql);

	for (int i = 0; i < PQnfields(r); i++) {
		const char *label = PQfname(r, i);
		size_t n = strlen(label);
		char mark = n && strchr("!?", label[n - 1]) ? label[n - 1] : '\0';
		struct field f = { .name = copy(label, n - (mark != '\0')) };

		f.nullable = mark ? mark == '?' : outer || column_is_nullable(pg, r, i);
		if (!name_is_usable(f.name)) {
			complain(q->source, q->line,
				 "%s: column %s needs another name in C: use 'as'", q->name, label);
			return false;
		}
		for (size_t k = 0; k < ret->n; k++)
			if (strcmp(ret->p[k].name, f.name) == 0) {
				complain(q->source, q->line, "%s: two columns are called %s",
					 q->name, f.name);
				return false;
			}
		if (!set_type(pg, q, &f, PQftype(r, i)))
			return false;
		ret->p = grow(ret->p, ret->n, sizeof(f));
		ret->p[ret->n++] = f;
	}
	return true;
}

static bool same_columns(const struct fields *a, const struct fields *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = strcmp(a->p[i].name, b->p[i].name) == 0 && a->p[i].type == b->p[i].type;
	return same;
}

/* Gives q its row struct. A member is nullable when any of the queries may give null. */
static void set_row(struct query *q, const struct fields *columns)
{
	struct row *r = rows;

	if (columns->n == 0) {
		complain(q->source, q->line, "%s: returns no columns: use :exec", q->name);
		return;
	}
	while (r < rows + n_rows && strcmp(r->name, q->row_name) != 0)
		r++;
	q->row = r;
	if (r == rows + n_rows) {
		*r = (struct row){ .name = q->row_name, .columns = *columns, .query = q };
		n_rows++;
		return;
	}
	if (!same_columns(&r->columns, columns)) {
		complain(q->source, q->line,
			 "%s: the columns of struct %s_row differ from those of %s (%s:%d)",
			 q->name, r->name, r->query->name, r->query->source->path, r->query->line);
		return;
	}
	for (size_t i = 0; i < columns->n; i++)
		r->columns.p[i].nullable |= columns->p[i].nullable;
}

static void describe(PGconn *pg, struct query *q)
{
	struct fields columns = { 0 };
	PGresult *r = PQprepare(pg, q->name, q->sql, 0, NULL);
	bool good = PQresultStatus(r) == PGRES_COMMAND_OK;

	if (!good)
		complain_result(q, r);
	PQclear(r);
	if (!good)
		return;
	r = PQdescribePrepared(pg, q->name);
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		die(q->name, PQerrorMessage(pg));
	for (int i = 0; i < PQnparams(r); i++)
		good = set_type(pg, q, &q->params.p[i], PQparamtype(r, i)) && good;
	if (q->kind != KIND_EXEC && describe_columns(pg, q, r, &columns) && good)
		set_row(q, &columns);
	PQclear(r);
}

/* Writing C */

/* "int q_name(struct ctx *c, ...)" and tail, broken and aligned as clang-format does. */
static void put_signature(FILE *out, const struct query *q, const char *tail)
{
	char *items[ARGS_LIMIT + 4];
	size_t n = 0, column, indent;
	bool ok = asprintf(&items[n++], "struct ctx *c") >= 0;

	if (q->both)
		ok = ok && asprintf(&items[n++], "bool upward") >= 0;
	if (q->params.n > ARGS_LIMIT)
		ok = ok && asprintf(&items[n++], "const struct q_%s_args *args", q->name) >= 0;
	else
		for (size_t i = 0; i < q->params.n; i++)
			ok = ok && asprintf(&items[n++], "%s %s", q->params.p[i].type->c,
					    q->params.p[i].name) >= 0;
	if (q->kind != KIND_EXEC)
		ok = ok && asprintf(&items[n++], "const struct %s_row **ret", q->row->name) >= 0;
	if (q->kind != KIND_ONE)
		ok = ok && asprintf(&items[n++], "size_t *ret_n") >= 0;
	if (!ok)
		die("memory", strerror(ENOMEM));
	indent = column = (size_t)fprintf(out, "int q_%s(", q->name);
	for (size_t i = 0; i < n; i++) {
		size_t behind = 1 + (i + 1 == n ? strlen(tail) : 0);

		if (i && column + 2 + strlen(items[i]) + behind > LINE_LIMIT) {
			fputs(",\n", out);
			for (size_t k = 0; k < indent; k += k + 8 <= indent ? 8 : 1)
				fputc(k + 8 <= indent ? '\t' : ' ', out);
			column = indent;
		} else if (i) {
			column += (size_t)fprintf(out, ", ");
		}
		column += (size_t)fprintf(out, "%s", items[i]);
		free(items[i]);
	}
	fprintf(out, ")%s\n", tail);
}

/* The prose as a comment in C. */
static void put_comment(FILE *out, const char *prose)
{
	const char *end = strchr(prose, '\n');
	bool one = !end[1] && end - prose <= LINE_LIMIT - 6;

	fputs(one ? "/* " : "/*\n", out);
	for (; *prose; prose = end + 1) {
		end = strchr(prose, '\n');
		if (!one)
			fputs(end == prose ? " *" : " * ", out);
		for (; prose < end; prose++) {
			fputc(*prose, out);
			/* The end of a comment within it. */
			if (prose[0] == '*' && prose[1] == '/')
				fputc(' ', out);
		}
		if (!one)
			fputc('\n', out);
	}
	fputs(" */\n", out);
}

static void put_members(FILE *out, const struct fields *f)
{
	for (size_t i = 0; i < f->n; i++)
		fprintf(out, "\t%s %s;%s\n", f->p[i].type->c, f->p[i].name,
			f->p[i].nullable ? " /* or null */" : "");
}

/* Whether a row of another file is used in s for the first time at query i. */
static bool is_first_use(const struct source *s, size_t i)
{
	const struct query *q = &s->queries[i];

	if (!q->row)
		return false;
	for (size_t k = 0; k < i; k++)
		if (s->queries[k].row == q->row)
			return false;
	return true;
}

static void put_includes(FILE *out, const struct source *s, const struct source *sources, size_t n)
{
	for (const struct source *from = sources; from < sources + n; from++)
		for (size_t i = 0; from != s && i < s->n; i++)
			if (s->queries[i].row && s->queries[i].row->query->source == from) {
				fprintf(out, "#include \"sql/gen/%s.h\"\n", from->noun);
				break;
			}
}

static void put_head(FILE *out, const struct source *s)
{
	fprintf(out,
		"/* SPDX-License-Identifier: AGPL-3.0-or-later */\n"
		"/* Generated by tools/sqlgen from %s: change that and run \"make sql\". */\n",
		s->path);
}

static void put_guard(FILE *out, const char *before, const char *noun)
{
	fputs(before, out);
	for (; *noun; noun++)
		fputc(toupper((unsigned char)*noun), out);
	fputs("_H\n", out);
}

static void put_header(FILE *out, const struct source *s, const struct source *sources, size_t n)
{
	put_head(out, s);
	put_guard(out, "#ifndef SQL_GEN_", s->noun);
	put_guard(out, "#define SQL_GEN_", s->noun);
	fputs("\n#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n"
	      "#include \"base/attr.h\"\n#include \"base/ctx.h\"\n",
	      out);
	put_includes(out, s, sources, n);
	for (size_t i = 0; i < s->n; i++) {
		const struct query *q = &s->queries[i];

		if (q->row && q->row->query == q) {
			fprintf(out, "\nstruct %s_row {\n", q->row->name);
			put_members(out, &q->row->columns);
			fputs("};\n", out);
		}
		fputc('\n', out);
		if (q->params.n > ARGS_LIMIT) {
			fprintf(out, "struct q_%s_args {\n", q->name);
			put_members(out, &q->params);
			fputs("};\n\n", out);
		}
		put_comment(out, q->prose);
		put_signature(out, q, " must_check;");
	}
	fputs("\n#endif\n", out);
}

static void put_fields(FILE *out, const char *array, const char *name, const char *row,
		       const struct fields *f)
{
	if (f->n == 0)
		return;
	fprintf(out, "\nstatic const struct db_field %s_%s[] = {\n", array, name);
	for (size_t i = 0; i < f->n; i++) {
		fprintf(out, "\t{ \"%s\", %s, %u, %s, ", f->p[i].name, f->p[i].type->db,
			f->p[i].type->oid, f->p[i].nullable ? "true" : "false");
		if (row)
			fprintf(out, "offsetof(struct %s_row, %s) },\n", row, f->p[i].name);
		else
			fputs("0 },\n", out);
	}
	fputs("};\n", out);
}

static void put_sql(FILE *out, const char *sql)
{
	size_t n = strlen(sql);

	while (n && isspace((unsigned char)sql[n - 1]))
		n--;
	fputs("\t\t\"", out);
	for (size_t i = 0; i < n; i++) {
		if (sql[i] == '\n')
			fputs("\\n\"\n\t\t\"", out);
		else if (sql[i] == '\t')
			fputs("\\t", out);
		else if (sql[i] == '"' || sql[i] == '\\')
			fprintf(out, "\\%c", sql[i]);
		else
			fputc(sql[i], out);
	}
	fputs("\",\n", out);
}

/* The statement in the other direction. */
static char *turn(const struct query *q)
{
	size_t size;
	char *turned;
	FILE *out = open_memstream(&turned, &size);

	for (const char *p = q->sql; *p;) {
		bool is_word = strncmp(p, " desc", 5) == 0 && !is_name_char(p[5]);

		fputs(is_word ? " asc" : (char[]){ *p, 0 }, out);
		p += is_word ? 5 : 1;
	}
	fclose(out);
	return turned;
}

static void put_query_struct(FILE *out, const struct query *q, const char *suffix, const char *sql)
{
	fprintf(out,
		"\nstatic const struct db_query query_%s%s = {\n\t.name = \"%s%s\",\n\t.sql =\n",
		q->name, suffix, q->name, suffix);
	put_sql(out, sql);
	if (q->params.n)
		fprintf(out, "\t.params = params_%s,\n\t.n_params = %zu,\n", q->name, q->params.n);
	if (q->row)
		fprintf(out,
			"\t.columns = columns_%s,\n\t.n_columns = %zu,\n"
			"\t.row_size = sizeof(struct %s_row),\n",
			q->row->name, q->row->columns.n, q->row->name);
	fputs("};\n", out);
}

static void put_function(FILE *out, const struct query *q)
{
	const char *from = q->params.n > ARGS_LIMIT ? "args->" : "";

	fputc('\n', out);
	put_signature(out, q, "");
	fputs("{\n", out);
	if (q->params.n)
		fputs("\tconst union db_value in[] = {\n", out);
	for (size_t i = 0; i < q->params.n; i++)
		fprintf(out, "\t\t{ .%s = %s%s },\n", q->params.p[i].type->member, from,
			q->params.p[i].name);
	fprintf(out, "%s%s\tsize_t n_found;\n\n", q->params.n ? "\t};\n" : "",
		q->kind == KIND_EXEC ? "" : "\tvoid *found;\n");
	fprintf(out, "\tTRY(db_query(c, ");
	if (q->both)
		fprintf(out, "upward ? &query_%s_upward : ", q->name);
	fprintf(out, "&query_%s, %s, %s, &n_found));\n", q->name, q->params.n ? "in" : "NULL",
		q->kind == KIND_EXEC ? "NULL" : "&found");
	if (q->kind == KIND_ONE)
		fprintf(out,
			"\tif (n_found == 0)\n"
			"\t\treturn fail_row(c, \"%s\");\n"
			"\tif (n_found > 1)\n"
			"\t\treturn fail(c, -EIO, \"%s: %%zu rows instead of one\", n_found);\n",
			q->name, q->name);
	if (q->kind != KIND_EXEC)
		fputs("\t*ret = found;\n", out);
	if (q->kind == KIND_MANY)
		fputs("\t*ret_n = n_found;\n", out);
	if (q->kind == KIND_EXEC)
		fputs("\tif (ret_n)\n\t\t*ret_n = n_found;\n", out);
	fputs("\treturn 0;\n}\n", out);
}

static void put_source(FILE *out, const struct source *s)
{
	put_head(out, s);
	fprintf(out,
		"/* clang-format off */\n#include \"sql/gen/%s.h\"\n\n#include <errno.h>\n\n"
		"#include \"db/db.h\"\n",
		s->noun);
	for (size_t i = 0; i < s->n; i++) {
		const struct query *q = &s->queries[i];

		if (is_first_use(s, i))
			put_fields(out, "columns", q->row->name, q->row->name, &q->row->columns);
		put_fields(out, "params", q->name, NULL, &q->params);
		put_query_struct(out, q, "", q->sql);
		if (q->both)
			put_query_struct(out, q, "_upward", turn(q));
		put_function(out, q);
	}
}

/* Writes the file when its content differs, or says that it does. */
static void save(const char *dir, const char *noun, const char *extension, const char *text,
		 bool check)
{
	char *path, *old;
	FILE *out;

	if (asprintf(&path, "%s/%s%s", dir, noun, extension) < 0)
		die("memory", strerror(ENOMEM));
	old = file_read(path);
	if (old && strcmp(old, text) == 0)
		return;
	if (check) {
		n_errors++;
		printf("%s is not what the queries and the schema say\n", path);
		return;
	}
	out = fopen(path, "w");
	if (!out || fputs(text, out) == EOF || fclose(out) != 0)
		die(path, strerror(errno));
}

static void write_source(const char *dir, const struct source *s, const struct source *sources,
			 size_t n, bool check)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	put_header(out, s, sources, n);
	fclose(out);
	save(dir, s->noun, ".h", text, check);
	out = open_memstream(&text, &size);
	put_source(out, s);
	fclose(out);
	save(dir, s->noun, ".c", text, check);
}

/* Main */

static char *noun_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *start = slash ? slash + 1 : path;
	const char *dot = strrchr(start, '.');
	char *noun;

	if (!dot || strcmp(dot, ".sql") != 0)
		die(path, "is not a .sql file");
	noun = copy(start, (size_t)(dot - start));
	if (!name_is_usable(noun))
		die(path, "the name is not usable in C");
	return noun;
}

static int by_noun(const void *a, const void *b)
{
	return strcmp(((const struct source *)a)->noun, ((const struct source *)b)->noun);
}

/* Also refuses two queries of one name: they are functions of one program. */
static size_t count_queries(const struct source *sources, size_t n)
{
	const struct query **all = NULL;
	size_t n_all = 0;

	for (const struct source *s = sources; s < sources + n; s++)
		for (size_t i = 0; i < s->n; i++) {
			for (size_t k = 0; k < n_all && s->queries[i].name; k++)
				if (all[k]->name && strcmp(all[k]->name, s->queries[i].name) == 0)
					complain(s, s->queries[i].line,
						 "%s: the name is taken in %s:%d", all[k]->name,
						 all[k]->source->path, all[k]->line);
			all = grow(all, n_all, sizeof(struct query *));
			all[n_all++] = &s->queries[i];
		}
	free(all);
	return n_all;
}

static void generate(const char *conninfo, struct source *sources, size_t n, const char *dir,
		     bool check)
{
	PGconn *pg;

	qsort(sources, n, sizeof(*sources), by_noun);
	for (size_t i = 0; i < n; i++)
		parse_source(&sources[i]);
	rows = grow(NULL, count_queries(sources, n), sizeof(*rows));
	if (n_errors)
		return;
	pg = PQconnectdb(conninfo);
	if (PQstatus(pg) != CONNECTION_OK)
		die("connecting", PQerrorMessage(pg));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sources[i].n; k++)
			describe(pg, &sources[i].queries[k]);
	PQfinish(pg);
	if (n_errors)
		return;
	for (size_t i = 0; i < n; i++)
		write_source(dir, &sources[i], sources, n, check);
}

int main(int argc, char **argv)
{
	const char *conninfo = NULL, *dir = NULL;
	struct source *sources = NULL;
	bool check = false;
	size_t n = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--check") == 0) {
			check = true;
		} else if (strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
			dir = argv[++i];
		} else if (!conninfo) {
			conninfo = argv[i];
		} else {
			sources = grow(sources, n, sizeof(*sources));
			sources[n].path = argv[i];
			sources[n].noun = noun_of(argv[i]);
			sources[n].text = file_read(argv[i]);
			if (!sources[n++].text)
				die(argv[i], strerror(ENOENT));
		}
	}
	if (!conninfo || !dir || n == 0) {
		fputs("usage: sqlgen [--check] CONNINFO FILE... -o DIR\n", stderr);
		return 2;
	}
	generate(conninfo, sources, n, dir, check);
	return n_errors ? 1 : 0;
}
