/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * (This file is longer than others: a generator is one program in one file, built before all else.)
 * tplgen: compiles templates to C, at build time: "tplgen OUTDIR templates/x.html ... text/de.po ..."
 * writes OUTDIR/templates.c and OUTDIR/templates.h, and catalogues.txt, which counts translations. The
 * shortest folder among the templates is the root; texts come from text/en.txt in it, in other
 * languages from .po files (catalogue.h). "tplgen --template text/en.txt" prints what translators
 * start from. Texts whose key begins with "say." or "form." are for C code (text.h). Each template becomes a function named after its path:
 *
 *	templates/part/post.html	void tpl_part_post(struct out *o, <its args>)
 *
 *	{% use "server/web/page.h" %}	a header that the args and expressions need
 *	{% args const struct x *page %}	the signature; head tags stand before all else
 *	{{ expr }} {{ expr | filter }}	a C expression; f is f(arena, expr), f(y) f(arena, expr, y)
 *	{% if e %} {% elif e %} {% else %} {% endif %}
 *	{% for item in array, count %}	item points to each; "item, i in ..." also counts from 0
 *	{% include part/post(args) %}	calls that template
 *	{% inside %}			a head tag: this one is attributes, each behind a space, and is included
 *					inside a tag of the markup
 *	{% extends layout(args) %}	the blocks below fill those of the layout
 *	{% block name %} {% endblock %}
 *	{% t "key", expr, ... %}	a text, with {0} {1} ... replaced
 *	{% tn "key", n, ... %}		"key#one" or "key#other" by n, which is {0}; other languages
 *					have forms of their own
 *	{# comment #}			{%- and -%} (also {{-) swallow the white space beside them
 *
 * How a value is escaped is decided by its C type and by where in the markup it stands: html is
 * copied in text and does not compile in attributes; str and C strings are escaped; an href, src or
 * action that begins with a value takes http, https, mailto and local addresses only; everything
 * else (scripts, styles, unquoted values, names) takes no values at all. There is no way around it.
 * A tag alone on its line leaves no line behind, and indentation is not copied.
 *
 * The output depends on names and bytes of the files alone. #line makes the C compiler speak of
 * the template. Memory is given back by the end of the process. This file is longer than most
 * because a generator is one program in one file, so that it builds before anything else does.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/catalogue.h"

#define DEPTH_LIMIT 32 /* tags inside tags */
#define ARGS_LIMIT PLACES /* of a text, a template or a call */

/* Where in the markup something stands. */
enum place {
	PLACE_TEXT,
	PLACE_TAG_NAME,
	PLACE_TAG,
	PLACE_NAME,
	PLACE_EQUALS, /* between = and the value */
	PLACE_VALUE, /* in double quotes */
	PLACE_VALUE_1, /* in single quotes */
	PLACE_BARE, /* a value without quotes */
	PLACE_COMMENT,
	PLACE_RAW, /* script and style */
};

struct markup {
	enum place place;
	bool at_start; /* of a value: nothing of it was written yet */
	char tag[16], name[24]; /* longer ones are cut: none that matters is */
};

enum kind {
	KIND_TEXT,
	KIND_PRINT,
	KIND_USE,
	KIND_ARGS,
	KIND_EXTENDS,
	KIND_INSIDE,
	KIND_IF,
	KIND_ELIF,
	KIND_ELSE,
	KIND_ENDIF,
	KIND_FOR,
	KIND_ENDFOR,
	KIND_BLOCK,
	KIND_ENDBLOCK,
	KIND_INCLUDE,
	KIND_SAY,
	KIND_SAY_N,
};

struct tag {
	const char *name;
	bool head; /* stands before everything else */
	bool has_body;
	bool is_text; /* leaves its line as it is */
};

static const struct tag tags[] = {
	[KIND_USE] = { "use", .head = true, .has_body = true },
	[KIND_ARGS] = { "args", .head = true, .has_body = true },
	[KIND_EXTENDS] = { "extends", .head = true, .has_body = true },
	[KIND_INSIDE] = { "inside", .head = true },
	[KIND_IF] = { "if", .has_body = true },
	[KIND_ELIF] = { "elif", .has_body = true },
	[KIND_ELSE] = { "else" },
	[KIND_ENDIF] = { "endif" },
	[KIND_FOR] = { "for", .has_body = true },
	[KIND_ENDFOR] = { "endfor" },
	[KIND_BLOCK] = { "block", .has_body = true },
	[KIND_ENDBLOCK] = { "endblock" },
	[KIND_INCLUDE] = { "include", .has_body = true },
	[KIND_SAY] = { "t", .has_body = true, .is_text = true },
	[KIND_SAY_N] = { "tn", .has_body = true, .is_text = true },
};

struct node {
	enum kind kind;
	int line;
	struct span body; /* the text, the expression, or what follows the tag's name */
	bool is_value, is_url; /* in an attribute; at the start of an address */
	bool is_inside; /* a tag of the markup: an include of attributes */
};

struct template
{
	const char *path;
	char *source;
	size_t n_source;
	char *name; /* "part_post" */
	struct node *nodes;
	size_t n_nodes;
	struct span args;
	int args_line;
	struct span params[ARGS_LIMIT]; /* "const struct x *page" */
	size_t n_params;
	struct span extends;
	int extends_line;
	bool has_blocks;
	bool is_inside; /* it is attributes */
};

/* A tag that waits for its end. */
struct frame {
	enum kind kind;
	int line;
	bool has_else;
	bool has_end; /* a branch ended */
	struct markup start, end;
};

struct parser {
	struct template *t;
	const char *at, *end;
	int line;
	bool in_body; /* head tags are over */
	struct markup markup;
	struct frame stack[DEPTH_LIMIT];
	size_t depth;
};

static struct template *templates;
static size_t n_templates;

/* The address-valued attributes; what runs code takes no value, whatever it is. */
static const char *const url_attributes[] = { "href",	    "src",    "action",
					      "formaction", "poster", "cite" };
static const char *const raw_tags[] = { "script", "style" };

void die(const char *path, int line, const char *format, ...)
{
	va_list args;

	if (line)
		fprintf(stderr, "%s:%d: ", path, line);
	else
		fprintf(stderr, "%s: ", path);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void *grow(void *p, size_t n, size_t size)
{
	/* Room doubles when n reaches a power of two. */
	if (n & (n - 1))
		return p;
	p = realloc(p, (n ? n * 2 : 1) * size);
	if (!p)
		die("tplgen", 0, "%s", strerror(ENOMEM));
	return p;
}

char *format(const char *text, ...)
{
	char *z;
	va_list args;

	va_start(args, text);
	if (vasprintf(&z, text, args) < 0)
		die("tplgen", 0, "%s", strerror(ENOMEM));
	va_end(args);
	return z;
}

/*
 * Spans.
 */

static bool is_blank(char ch)
{
	return ch == ' ' || ch == '\t';
}

static bool is_space(char ch)
{
	return is_blank(ch) || ch == '\n' || ch == '\r';
}

static bool is_word(char ch)
{
	return isalnum((unsigned char)ch) || ch == '_';
}

static struct span span_of(const char *from, const char *to)
{
	return (struct span){ from, (size_t)(to - from) };
}

struct span trim(struct span s)
{
	while (s.n && is_space(s.p[0]))
		s.p++, s.n--;
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool span_is(struct span s, const char *z)
{
	return s.n == strlen(z) && memcmp(s.p, z, s.n) == 0;
}

/* The word in front, taken off s. */
static struct span cut_word(struct span *s)
{
	size_t n = 0;
	struct span word;

	*s = trim(*s);
	while (n < s->n && is_word(s->p[n]))
		n++;
	word = (struct span){ s->p, n };
	*s = trim((struct span){ s->p + n, s->n - n });
	return word;
}

static bool is_identifier(struct span s)
{
	if (s.n == 0 || isdigit((unsigned char)s.p[0]))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_word(s.p[i]))
			return false;
	return true;
}

/* Behind the C string or character constant that begins at p. */
static const char *skip_quoted(const char *p, const char *end)
{
	char quote = *p++;

	while (p < end && *p != quote)
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	return p < end ? p + 1 : end;
}

/* A lone | : neither || nor |= . */
static bool is_pipe(const char *p, const char *start, const char *end)
{
	return *p == '|' && !(p > start && p[-1] == '|') &&
	       !(p + 1 < end && (p[1] == '|' || p[1] == '='));
}

/* Cuts s at the first separator that is in no brackets and no constant; false when s is empty. */
static bool cut(struct span *s, char separator, struct span *ret_head)
{
	const char *p = s->p, *end = s->p + s->n;
	int depth = 0;

	if (s->n == 0)
		return false;
	while (p < end) {
		if (depth == 0 && *p == separator && (separator != '|' || is_pipe(p, s->p, end)))
			break;
		if (strchr("([{", *p))
			depth++;
		else if (strchr(")]}", *p))
			depth--;
		p = *p == '"' || *p == '\'' ? skip_quoted(p, end) : p + 1;
	}
	*ret_head = trim(span_of(s->p, p));
	*s = p < end ? trim(span_of(p + 1, end)) : (struct span){ end, 0 };
	return true;
}

/*
 * Reading.
 */

char *file_read(const char *path, size_t *ret_n)
{
	FILE *in = fopen(path, "rb");
	char *text = grow(NULL, 0, 1);
	size_t n = 0;
	int ch;

	if (!in)
		die(path, 0, "%s", strerror(errno));
	while ((ch = getc(in)) != EOF) {
		text = grow(text, n, 1);
		text[n++] = (char)ch;
	}
	if (ferror(in))
		die(path, 0, "cannot be read");
	fclose(in);
	*ret_n = n;
	return text;
}

/*
 * Markup: just enough HTML to know where a value stands. Templates are ours, so that the scanner
 * refuses what it need not understand.
 */

static void name_add(char *name, size_t size, char ch)
{
	size_t n = strlen(name);

	if (n + 1 < size) {
		name[n] = (char)tolower((unsigned char)ch);
		name[n + 1] = 0;
	}
}

static bool is_in(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

#define IS_IN(name, list) is_in((name), (list), sizeof(list) / sizeof((list)[0]))

static void markup_open(struct markup *m, const char *p, const char *end)
{
	if (end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
		m->place = PLACE_COMMENT;
	} else if (p + 1 < end && (isalpha((unsigned char)p[1]) || p[1] == '/' || p[1] == '!')) {
		m->place = PLACE_TAG_NAME;
		m->tag[0] = 0;
	}
}

static void markup_tag(struct markup *m, char ch)
{
	if (ch == '>') {
		m->place = IS_IN(m->tag, raw_tags) ? PLACE_RAW : PLACE_TEXT;
	} else if (m->place == PLACE_TAG_NAME && !is_space(ch)) {
		name_add(m->tag, sizeof(m->tag), ch);
	} else if (is_space(ch) || ch == '/') {
		m->place = PLACE_TAG;
	} else if (ch == '=') {
		m->place = PLACE_EQUALS;
		m->at_start = true;
	} else {
		if (m->place != PLACE_NAME)
			m->name[0] = 0;
		m->place = PLACE_NAME;
		name_add(m->name, sizeof(m->name), ch);
	}
}

static void markup_value(struct markup *m, char ch)
{
	if (m->place == PLACE_EQUALS) {
		m->place = ch == '"' ? PLACE_VALUE : ch == '\'' ? PLACE_VALUE_1 : PLACE_BARE;
	} else if (m->place == PLACE_BARE) {
		if (is_space(ch) || ch == '>')
			markup_tag(m, ch);
	} else if (ch == (m->place == PLACE_VALUE ? '"' : '\'')) {
		m->place = PLACE_TAG;
	} else {
		m->at_start = false;
	}
}

static void markup_feed(struct markup *m, const char *p, const char *end)
{
	switch (m->place) {
	case PLACE_TEXT:
		if (*p == '<')
			markup_open(m, p, end);
		break;
	case PLACE_RAW:
		if (*p == '<' && p + 1 < end && p[1] == '/')
			markup_open(m, p, end);
		break;
	case PLACE_COMMENT:
		if (end - p >= 3 && memcmp(p, "-->", 3) == 0) {
			m->place = PLACE_TAG;
			m->tag[0] = 0;
		}
		break;
	case PLACE_TAG_NAME:
	case PLACE_TAG:
	case PLACE_NAME:
		markup_tag(m, *p);
		break;
	default:
		markup_value(m, *p);
	}
}

/* A value is written here. */
static void markup_print(const struct parser *r, struct node *node)
{
	const struct markup *m = &r->markup;

	switch (m->place) {
	case PLACE_TEXT:
		return;
	case PLACE_VALUE:
	case PLACE_VALUE_1:
		if (strcmp(m->name, "style") == 0 || strncmp(m->name, "on", 2) == 0)
			die(r->t->path, node->line, "no value may stand in the attribute %s",
			    m->name);
		node->is_value = true;
		node->is_url = m->at_start && IS_IN(m->name, url_attributes);
		return;
	default:
		die(r->t->path, node->line,
		    "a value may stand in text or in a quoted attribute only");
	}
}

/*
 * Parsing: a template becomes a flat list of nodes; the stack sees that tags match and that all
 * branches leave the markup in the same place.
 */

static bool is_inside(enum kind kind, enum kind outer)
{
	return kind == KIND_ENDIF || kind == KIND_ELIF || kind == KIND_ELSE ? outer == KIND_IF
	       : kind == KIND_ENDFOR					    ? outer == KIND_FOR
									    : outer == KIND_BLOCK;
}

static bool is_in_tag(const struct markup *m)
{
	return m->place == PLACE_TAG_NAME || m->place == PLACE_TAG || m->place == PLACE_NAME;
}

/* The markup at the end of a branch, joined with that of the other branches. */
static void branch_end(const struct parser *r, struct frame *f, const struct markup *m)
{
	if (!f->has_end) {
		f->end = *m;
		f->has_end = true;
		return;
	}
	if (is_in_tag(&f->end) && is_in_tag(m))
		f->end.place = PLACE_TAG;
	else if (f->end.place != m->place)
		die(r->t->path, f->line,
		    "the branches of {%% %s %%} end in different places of the markup",
		    tags[f->kind].name);
	f->end.at_start |= m->at_start;
}

static void tag_open(struct parser *r, const struct node *node)
{
	if (r->depth == DEPTH_LIMIT)
		die(r->t->path, node->line, "tags are nested too deeply");
	if (node->kind == KIND_BLOCK) {
		if (r->markup.place != PLACE_TEXT)
			die(r->t->path, node->line, "a block may not begin inside a tag");
		for (size_t i = 0; i < r->depth; i++)
			if (r->stack[i].kind == KIND_BLOCK || r->t->extends.n)
				die(r->t->path, node->line, "a block may not stand in another tag");
		r->t->has_blocks = true;
	}
	r->stack[r->depth++] = (struct frame){
		.kind = node->kind,
		.line = node->line,
		.start = r->markup,
	};
}

static void tag_else(struct parser *r, const struct node *node)
{
	struct frame *f = &r->stack[r->depth - 1];

	if (f->has_else)
		die(r->t->path, node->line, "{%% %s %%} behind {%% else %%}",
		    tags[node->kind].name);
	f->has_else = node->kind == KIND_ELSE;
	branch_end(r, f, &r->markup);
	r->markup = f->start;
}

static void tag_close(struct parser *r)
{
	struct frame *f = &r->stack[--r->depth];

	branch_end(r, f, &r->markup);
	if (!f->has_else)
		branch_end(r, f, &f->start);
	r->markup = f->end;
}

static void tag_head(struct parser *r, const struct node *node)
{
	struct template *t = r->t;

	if (r->in_body)
		die(t->path, node->line, "{%% %s %%} must stand before everything else",
		    tags[node->kind].name);
	if (node->kind == KIND_ARGS) {
		t->args = node->body;
		t->args_line = node->line;
	} else if (node->kind == KIND_EXTENDS) {
		t->extends = node->body;
		t->extends_line = node->line;
	} else if (node->kind == KIND_INSIDE) {
		t->is_inside = true;
		r->markup.place = PLACE_TAG;
	}
}

/* The structure that a node belongs to. */
static void node_place(struct parser *r, struct node *node)
{
	switch (node->kind) {
	case KIND_USE:
	case KIND_ARGS:
	case KIND_EXTENDS:
	case KIND_INSIDE:
		tag_head(r, node);
		return;
	case KIND_IF:
	case KIND_FOR:
	case KIND_BLOCK:
		tag_open(r, node);
		return;
	case KIND_ELIF:
	case KIND_ELSE:
	case KIND_ENDIF:
	case KIND_ENDFOR:
	case KIND_ENDBLOCK:
		if (r->depth == 0 || !is_inside(node->kind, r->stack[r->depth - 1].kind))
			die(r->t->path, node->line, "{%% %s %%} closes nothing",
			    tags[node->kind].name);
		if (node->kind == KIND_ELIF || node->kind == KIND_ELSE)
			tag_else(r, node);
		else
			tag_close(r);
		return;
	case KIND_INCLUDE:
		node->is_inside = r->markup.place == PLACE_TAG || r->markup.place == PLACE_NAME;
		if (r->markup.place != PLACE_TEXT && !node->is_inside)
			die(r->t->path, node->line,
			    "an include stands in text or behind an attribute");
		if (node->is_inside)
			r->markup.place = PLACE_TAG;
		return;
	default:
		markup_print(r, node);
		r->markup.at_start = false;
	}
}

static void node_add(struct parser *r, struct node node)
{
	struct template *t = r->t;

	node_place(r, &node);
	r->in_body |= !tags[node.kind].head;
	if (r->in_body && t->extends.n && r->depth == 0 && node.kind != KIND_ENDBLOCK)
		die(t->path, node.line, "a template that extends another has only blocks");
	t->nodes = grow(t->nodes, t->n_nodes, sizeof(*t->nodes));
	t->nodes[t->n_nodes++] = node;
}

static void text_add(struct parser *r, struct span text, int line)
{
	struct template *t = r->t;

	/* White space around head tags and between blocks is nobody's. */
	if (text.n == 0 || (trim(text).n == 0 && r->depth == 0 && (!r->in_body || t->extends.n)))
		return;
	if (t->extends.n && r->depth == 0)
		die(t->path, line, "a template that extends another has only blocks");
	for (size_t i = 0; i < text.n; i++)
		markup_feed(&r->markup, text.p + i, text.p + text.n);
	t->nodes = grow(t->nodes, t->n_nodes, sizeof(*t->nodes));
	t->nodes[t->n_nodes++] = (struct node){ .kind = KIND_TEXT, .line = line, .body = text };
	r->in_body = true;
}

static int count_lines(struct span s)
{
	int n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

/* The end of the tag whose inside begins at p. */
static const char *tag_end(const struct parser *r, const char *p, char kind)
{
	const char close[] = { kind == '{' ? '}' : kind, '}' };

	while (p + 1 < r->end && memcmp(p, close, 2) != 0) {
		if (kind != '#' && (*p == '"' || *p == '\''))
			p = skip_quoted(p, r->end);
		else
			p++;
	}
	if (p + 1 >= r->end)
		die(r->t->path, r->line, "{%c is not closed", kind);
	return p;
}

static struct node tag_parse(const struct parser *r, struct span inside)
{
	struct node node = { .line = r->line };
	struct span name = cut_word(&inside);
	size_t n = sizeof(tags) / sizeof(tags[0]), i = 0;

	while (i < n && !(tags[i].name && span_is(name, tags[i].name)))
		i++;
	if (i == n)
		die(r->t->path, r->line, "there is no tag {%% %.*s %%}", (int)name.n, name.p);
	if (tags[i].has_body != (inside.n > 0))
		die(r->t->path, r->line, "{%% %s %%} %s", tags[i].name,
		    tags[i].has_body ? "needs more" : "takes nothing more");
	node.kind = (enum kind)i;
	node.body = inside;
	return node;
}

/* Whether a tag from p to behind q is alone on its line; then *ret_text ends and *ret_next begins
 * so that the line vanishes. */
static void swallow_line(const struct parser *r, const char *p, const char *q,
			 struct span *ret_text, const char **ret_next)
{
	const char *start = p;

	while (start > r->t->source && is_blank(start[-1]))
		start--;
	while (q < r->end && is_blank(*q))
		q++;
	if ((start > r->t->source && start[-1] != '\n') || (q < r->end && *q != '\n'))
		return;
	if (start >= ret_text->p)
		ret_text->n = (size_t)(start - ret_text->p);
	*ret_next = q < r->end ? q + 1 : q;
}

/* The tag at p, with the text from r->at in front of it. */
static void tag_read(struct parser *r, const char *p)
{
	char kind = p[1];
	struct span text = span_of(r->at, p), inside;
	int text_line = r->line;
	const char *q, *next;
	bool trim_before = p + 2 < r->end && p[2] == '-', trim_behind;
	struct node node = { .kind = KIND_PRINT };

	r->line += count_lines(text);
	q = tag_end(r, p + 2, kind);
	trim_behind = q > p + 2 + trim_before && q[-1] == '-';
	next = q + 2;
	inside = trim(span_of(p + 2 + trim_before, q - trim_behind));
	if (kind == '%')
		node = tag_parse(r, inside);
	if (kind == '#' || (kind == '%' && !tags[node.kind].is_text))
		swallow_line(r, p, next, &text, &next);
	if (trim_before)
		while (text.n && is_space(text.p[text.n - 1]))
			text.n--;
	if (trim_behind)
		while (next < r->end && is_space(*next))
			next++;
	text_add(r, text, text_line);
	if (kind == '{')
		node = (struct node){ .kind = KIND_PRINT, .line = r->line, .body = inside };
	if (kind != '#')
		node_add(r, node);
	r->line += count_lines(span_of(p, next));
	r->at = next;
}

/* "const struct x *page, str y": every parameter ends with its name. */
static void params_parse(struct template *t)
{
	struct span rest = t->args, param;

	while (cut(&rest, ',', &param)) {
		if (t->n_params == ARGS_LIMIT)
			die(t->path, t->args_line, "too many args");
		if (!is_word(param.p[param.n - 1]))
			die(t->path, t->args_line, "an arg must end with its name");
		t->params[t->n_params++] = param;
	}
}

static struct span param_name(struct span param)
{
	size_t n = param.n;

	while (n && is_word(param.p[n - 1]))
		n--;
	return (struct span){ param.p + n, param.n - n };
}

static void template_parse(struct template *t)
{
	struct parser r = { .t = t };
	const char *p;

	t->source = file_read(t->path, &t->n_source);
	r.at = t->source;
	r.end = t->source + t->n_source;
	r.line = 1;
	for (p = r.at; p + 1 < r.end;) {
		if (*p == '{' && (p[1] == '{' || p[1] == '%' || p[1] == '#')) {
			tag_read(&r, p);
			p = r.at;
		} else {
			p++;
		}
	}
	text_add(&r, span_of(r.at, r.end), r.line);
	if (r.depth)
		die(t->path, r.stack[r.depth - 1].line, "{%% %s %%} is not closed",
		    tags[r.stack[r.depth - 1].kind].name);
	if (r.markup.place != (t->is_inside ? PLACE_TAG : PLACE_TEXT))
		die(t->path, r.line,
		    t->is_inside ? "the tag ends inside the template"
				 : "the template ends inside a tag of the markup");
	if (!t->args.n)
		die(t->path, 1, "there is no {%% args %%}; {%% args void %%} takes none");
	if (!span_is(t->args, "void"))
		params_parse(t);
}

/*
 * Writing.
 */

static FILE *sink;
static int sink_line;
static const struct template *current;

__attribute__((format(printf, 1, 2))) static void put(const char *text, ...)
{
	char *z;
	va_list args;

	va_start(args, text);
	if (vasprintf(&z, text, args) < 0)
		die("tplgen", 0, "%s", strerror(ENOMEM));
	va_end(args);
	for (const char *p = z; *p; p++)
		sink_line += *p == '\n';
	fputs(z, sink);
	free(z);
}

static void put_span(struct span s)
{
	put("%.*s", (int)s.n, s.p);
}

static void put_line_of(const char *path, int line)
{
	put("#line %d \"%s\"\n", line, path);
}

/* Back to the generated file's own lines. */
static void put_line_own(void)
{
	put_line_of("templates.c", sink_line + 2);
}

static void put_byte(char ch)
{
	unsigned char byte = (unsigned char)ch;

	if (ch == '\n')
		put("\\n");
	else if (ch == '"' || ch == '\\')
		put("\\%c", ch);
	else if (byte < ' ' || byte >= 0x7f || ch == '?')
		/* A question mark could begin a trigraph; three octal digits never run on. */
		put("\\%03o", byte);
	else
		put("%c", ch);
}

/* One literal a line of text; indentation is dropped. fresh: a line begins here. */
static void put_text(struct span s, bool fresh)
{
	while (fresh && s.n && is_space(s.p[0]))
		s.p++, s.n--;
	fresh = false;
	if (s.n == 0)
		return;
	put("\tout_str(o, STR(\"");
	for (size_t i = 0; i < s.n; i++) {
		if (fresh && is_space(s.p[i]))
			continue;
		if (fresh)
			put("\"\n\t\t\"");
		fresh = s.p[i] == '\n';
		put_byte(s.p[i]);
	}
	put("\"));\n");
}

/* A text of the catalogue is plain: it is escaped here. */
static struct span escaped(struct span s)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die("tplgen", 0, "%s", strerror(errno));
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			putc(s.p[i], f);
		}
	fclose(f);
	return (struct span){ text, size };
}

/* expr | f | g(x)  ->  g(o->arena, f(o->arena, (expr)), x) */
static void put_expr(struct span s, int line)
{
	struct span base, filter, filters[ARGS_LIMIT];
	size_t n = 0;

	if (!cut(&s, '|', &base) || base.n == 0)
		die(current->path, line, "an expression is missing");
	while (cut(&s, '|', &filter)) {
		struct span call = filter;

		if (n == ARGS_LIMIT || !is_identifier(cut_word(&call)) ||
		    (call.n && call.p[0] != '('))
			die(current->path, line, "\"%.*s\" is no filter", (int)filter.n, filter.p);
		filters[n++] = filter;
	}
	for (size_t i = n; i--;) {
		struct span call = filters[i], name = cut_word(&call);

		put("%.*s(o->arena, ", (int)name.n, name.p);
	}
	put("(%.*s)", (int)base.n, base.p);
	for (size_t i = 0; i < n; i++) {
		struct span call = filters[i];

		cut_word(&call);
		if (call.n)
			put(", %.*s", (int)call.n - 2, call.p + 1);
		put(")");
	}
}

static void put_print(const struct node *node, struct span expr)
{
	put_line_of(current->path, node->line);
	put("\t%s(o, ", node->is_url	 ? "tpl_put_url"
			: node->is_value ? "tpl_put_value"
					 : "tpl_put");
	put_expr(expr, node->line);
	put(");\n");
}

static struct phrase *phrase_used(const struct node *node, const char *key)
{
	struct phrase *phrase = phrase_find(key);

	if (!phrase)
		die(current->path, node->line, "%s has no text \"%s\"", text_path, key);
	phrase->used = true;
	return phrase;
}

/* One form of a text, with the values in it. */
static void put_form(const struct node *node, const char *key, struct span text,
		     const struct span *args, size_t n)
{
	const char *p = text.p, *from = p, *end = p + text.n;

	while (p < end) {
		size_t number, length = placeholder(p, end, &number);

		if (length == 0) {
			p++;
			continue;
		}
		if (number >= n)
			die(current->path, node->line, "\"%s\" asks for {%zu}, which is not given",
			    key, number);
		put_text(escaped(span_of(from, p)), false);
		put_print(node, args[number]);
		from = p += length;
	}
	put_text(escaped(span_of(from, end)), false);
}

static bool has_places(struct span text)
{
	size_t number;

	for (const char *p = text.p, *end = p + text.n; p < end; p++)
		if (placeholder(p, end, &number))
			return true;
	return false;
}

/* A text in the language of the page: from the table, or written out where values stand in it. */
static void put_phrase(const struct node *node, const char *key, const struct span *args, size_t n)
{
	const struct phrase *phrase = phrase_used(node, key);

	if (!has_places(phrase->text)) {
		put("\tout_str(o, tpl_texts[text_language][%zu]);\n", phrase - phrases);
		return;
	}
	put("\tswitch (text_language) {\n");
	for (size_t i = 0; i < n_catalogues; i++) {
		const struct translation *t = &catalogues[i].of[phrase - phrases];

		if (t->n == 0)
			continue;
		put("\tcase %zu:\n", i + 1);
		put_form(node, key, t->forms[0], args, n);
		put("\tbreak;\n");
	}
	put("\tdefault:\n\t(void)0;\n");
	put_form(node, key, phrase->text, args, n);
	put("\t}\n");
}

/* The forms of a text that follows a number, by the language's own rule. */
static void put_forms(const struct node *node, const char *key, const struct span *forms,
		      size_t n_forms, const struct span *args, size_t n)
{
	put("\tswitch (text_form(text_language, %.*s)) {\n", (int)args[0].n, args[0].p);
	for (size_t i = 0; i < n_forms; i++) {
		if (i + 1 < n_forms)
			put("\tcase %zu:\n", i);
		else
			put("\tdefault:\n");
		put("\t(void)0;\n");
		put_form(node, key, forms[i], args, n);
		put("\tbreak;\n");
	}
	put("\t}\n");
}

static void put_number(const struct node *node, const char *key, const struct span *args, size_t n)
{
	const struct phrase *one = phrase_used(node, format("%s#one", key));
	const struct phrase *other = phrase_used(node, format("%s#other", key));

	put("\tswitch (text_language) {\n");
	for (size_t i = 0; i < n_catalogues; i++) {
		const struct translation *t = &catalogues[i].of[one - phrases];

		if (t->n == 0)
			continue;
		put("\tcase %zu:\n", i + 1);
		put_forms(node, key, t->forms, t->n, args, n);
		put("\tbreak;\n");
	}
	put_line_of(current->path, node->line);
	put("\tdefault:\n\tif ((%.*s) == 1) {\n", (int)args[0].n, args[0].p);
	put_form(node, key, one->text, args, n);
	put("\t} else {\n");
	put_form(node, key, other->text, args, n);
	put("\t}\n\t}\n");
}

static void put_say(const struct node *node)
{
	struct span rest = node->body, key, args[ARGS_LIMIT];
	size_t n = 0;
	char *name;

	if (!cut(&rest, ',', &key) || key.n < 2 || key.p[0] != '"' || key.p[key.n - 1] != '"')
		die(current->path, node->line, "a text is named \"by its key\"");
	while (cut(&rest, ',', &args[n]))
		if (++n == ARGS_LIMIT)
			die(current->path, node->line, "too many values for a text");
	name = format("%.*s", (int)key.n - 2, key.p + 1);
	if (node->kind == KIND_SAY) {
		put_phrase(node, name, args, n);
		return;
	}
	if (n == 0)
		die(current->path, node->line, "a number is missing");
	put_number(node, name, args, n);
}

/* "item in array, count" or "item, i in array, count" */
static void put_for(const struct node *node, size_t number)
{
	struct span rest = node->body, item = cut_word(&rest), index = { NULL, 0 }, array, count;

	if (rest.n && rest.p[0] == ',') {
		rest = (struct span){ rest.p + 1, rest.n - 1 };
		index = cut_word(&rest);
	}
	if (!is_identifier(item) || !span_is(cut_word(&rest), "in") || !cut(&rest, ',', &array) ||
	    !cut(&rest, ',', &count) || rest.n || (index.p && !is_identifier(index)))
		die(current->path, node->line, "a loop is {%% for item in array, count %%}");
	put_line_of(current->path, node->line);
	put("\tfor (size_t tpl_i%zu = 0; tpl_i%zu < (size_t)(%.*s); tpl_i%zu++) {\n", number,
	    number, (int)count.n, count.p, number);
	put_line_of(current->path, node->line);
	put("\tconst __typeof__(*(%.*s)) *%.*s = &(%.*s)[tpl_i%zu];\n", (int)array.n, array.p,
	    (int)item.n, item.p, (int)array.n, array.p, number);
	put("\t(void)%.*s;\n", (int)item.n, item.p);
	if (index.p)
		put("\tconst size_t %.*s = tpl_i%zu;\n", (int)index.n, index.p, number);
}

static struct template *template_find(const char *name)
{
	for (size_t i = 0; i < n_templates; i++)
		if (strcmp(templates[i].name, name) == 0)
			return &templates[i];
	return NULL;
}

/* "part/post(args)": the template, and its args with a comma in front. */
static struct template *call_parse(struct span call, int line, struct span *ret_args)
{
	size_t n = 0;
	char *name;
	struct template *t;

	while (n < call.n && (is_word(call.p[n]) || call.p[n] == '/'))
		n++;
	name = format("%.*s", (int)n, call.p);
	for (char *p = name; *p; p++)
		if (*p == '/')
			*p = '_';
	t = template_find(name);
	if (!t)
		die(current->path, line, "there is no template %.*s", (int)n, call.p);
	call = trim((struct span){ call.p + n, call.n - n });
	if (call.n && (call.p[0] != '(' || call.p[call.n - 1] != ')'))
		die(current->path, line, "args of a template stand in brackets");
	*ret_args = call.n ? trim((struct span){ call.p + 1, call.n - 2 }) : call;
	return t;
}

static void put_call(const struct node *node)
{
	struct span args;
	const struct template *t = call_parse(node->body, node->line, &args);

	if (t->is_inside != node->is_inside)
		die(current->path, node->line,
		    t->is_inside ? "%s stands inside a tag only" : "%s may not stand inside a tag",
		    t->name);
	put_line_of(current->path, node->line);
	put("\ttpl_%s(o%s%.*s%s);\n", t->name, args.n ? ", " : "", (int)args.n, args.p,
	    t->has_blocks && !t->extends.n ? ", NULL" : "");
}

static void put_condition(const struct node *node, const char *before)
{
	put("%s", before);
	put_line_of(current->path, node->line);
	put("\tif (%.*s) {\n", (int)node->body.n, node->body.p);
}

/* A block of a layout: the page's, or what stands here. */
static void put_hole(const struct node *node)
{
	put("\tif (tpl_blocks && tpl_blocks->");
	put_span(node->body);
	put(") {\n\ttpl_blocks->%.*s(o, tpl_blocks->arg);\n\t} else {\n", (int)node->body.n,
	    node->body.p);
}

static void put_node(const struct node *node, size_t number)
{
	switch (node->kind) {
	case KIND_TEXT:
		put_text(node->body, node->body.p > current->source && node->body.p[-1] == '\n');
		break;
	case KIND_PRINT:
		put_print(node, node->body);
		break;
	case KIND_IF:
		put_condition(node, "");
		break;
	case KIND_ELIF:
		put_condition(node, "\t} else\n");
		break;
	case KIND_ELSE:
		put("\t} else {\n");
		break;
	case KIND_ENDIF:
	case KIND_ENDFOR:
		put("\t}\n");
		break;
	case KIND_FOR:
		put_for(node, number);
		break;
	case KIND_BLOCK:
		put_hole(node);
		break;
	case KIND_ENDBLOCK:
		put("\t}\n");
		break;
	case KIND_INCLUDE:
		put_call(node);
		break;
	case KIND_SAY:
	case KIND_SAY_N:
		put_say(node);
		break;
	default:
		break;
	}
}

static void put_signature(const struct template *t)
{
	put("void tpl_%s(struct out *o", t->name);
	for (size_t i = 0; i < t->n_params; i++)
		put(", %.*s", (int)t->params[i].n, t->params[i].p);
	if (t->has_blocks && !t->extends.n)
		put(", const struct tpl_%s_blocks *tpl_blocks", t->name);
	put(")");
}

static void put_unused(const struct template *t)
{
	for (size_t i = 0; i < t->n_params; i++) {
		struct span name = param_name(t->params[i]);

		put("\t(void)%.*s;\n", (int)name.n, name.p);
	}
}

static bool block_is_in(const struct template *t, struct span name)
{
	for (size_t i = 0; i < t->n_nodes; i++)
		if (t->nodes[i].kind == KIND_BLOCK && t->nodes[i].body.n == name.n &&
		    memcmp(t->nodes[i].body.p, name.p, name.n) == 0)
			return true;
	return false;
}

/* A block of a page: a function of its own, which gets the page's args as a struct. */
static size_t put_block(const struct template *t, const struct template *layout, size_t i)
{
	struct span name = t->nodes[i].body;

	if (!is_identifier(name) || !block_is_in(layout, name))
		die(t->path, t->nodes[i].line, "%s has no block %.*s", layout->path, (int)name.n,
		    name.p);
	put("\nstatic void block_%s_%.*s(struct out *o, const void *tpl_arg)\n{\n", t->name,
	    (int)name.n, name.p);
	put("\tconst struct tpl_%s_args *tpl_args = tpl_arg;\n", t->name);
	for (size_t k = 0; k < t->n_params; k++) {
		struct span param = param_name(t->params[k]);

		put("\t%.*s = tpl_args->%.*s;\n", (int)t->params[k].n, t->params[k].p, (int)param.n,
		    param.p);
	}
	put_unused(t);
	put("\t(void)tpl_args;\n");
	for (i++; t->nodes[i].kind != KIND_ENDBLOCK; i++)
		put_node(&t->nodes[i], i);
	put_line_own();
	put("}\n");
	return i;
}

static void put_page(const struct template *t)
{
	struct span args;
	const struct template *layout = call_parse(t->extends, t->extends_line, &args);

	put("\nstruct tpl_%s_args {\n", t->name);
	for (size_t i = 0; i < t->n_params; i++)
		put("\t%.*s;\n", (int)t->params[i].n, t->params[i].p);
	put("};\n");
	for (size_t i = 0; i < t->n_nodes; i++)
		if (t->nodes[i].kind == KIND_BLOCK)
			i = put_block(t, layout, i);
	put("\n");
	put_signature(t);
	put("\n{\n\tconst struct tpl_%s_args tpl_args = { ", t->name);
	for (size_t i = 0; i < t->n_params; i++) {
		put_span(param_name(t->params[i]));
		put(", ");
	}
	put("};\n\tconst struct tpl_%s_blocks tpl_blocks = {\n\t\t.arg = &tpl_args,\n",
	    layout->name);
	for (size_t i = 0; i < t->n_nodes; i++)
		if (t->nodes[i].kind == KIND_BLOCK)
			put("\t\t.%.*s = block_%s_%.*s,\n", (int)t->nodes[i].body.n,
			    t->nodes[i].body.p, t->name, (int)t->nodes[i].body.n,
			    t->nodes[i].body.p);
	put("\t};\n");
	put_line_of(t->path, t->extends_line);
	put("\ttpl_%s(o%s%.*s, &tpl_blocks);\n", layout->name, args.n ? ", " : "", (int)args.n,
	    args.p);
	put_line_own();
	put("}\n");
}

static void put_template(const struct template *t)
{
	current = t;
	if (t->extends.n) {
		put_page(t);
		return;
	}
	put("\n");
	put_signature(t);
	put("\n{\n");
	put_unused(t);
	for (size_t i = 0; i < t->n_nodes; i++)
		put_node(&t->nodes[i], i);
	put_line_own();
	put("}\n");
}

static const char notice[] =
	"/* SPDX-License-Identifier: AGPL-3.0-or-later */\n"
	"/* Generated by tools/tplgen: change the templates that it names. */\n";

/* bool and floating point have no row on purpose: printing one is a mistake. */
static const char prelude[] =
	"#include \"templates.h\"\n"
	"\n"
	"static inline void tpl_c(struct out *o, const char *z)\n"
	"{\n"
	"\thtml_escape_out(o, str_c(z));\n"
	"}\n"
	"\n"
	"static inline void tpl_html(struct out *o, html markup)\n"
	"{\n"
	"\tout_str(o, markup.s);\n"
	"}\n"
	"\n"
	"static inline void tpl_unsigned(struct out *o, unsigned long long n)\n"
	"{\n"
	"\tout_fmt(o, \"%llu\", n);\n"
	"}\n"
	"\n"
	"/* An address that cannot run code. */\n"
	"static inline void tpl_url(struct out *o, str url)\n"
	"{\n"
	"\tbool safe = url.n && (url.p[0] == '/' || url.p[0] == '#' || url.p[0] == '\\077');\n"
	"\n"
	"\tsafe |= str_starts_fold(url, STR(\"https://\"));\n"
	"\tsafe |= str_starts_fold(url, STR(\"http://\"));\n"
	"\tsafe |= str_starts_fold(url, STR(\"mailto:\"));\n"
	"\thtml_escape_out(o, safe ? url : STR(\"#\"));\n"
	"}\n"
	"\n"
	"static inline void tpl_url_c(struct out *o, const char *z)\n"
	"{\n"
	"\ttpl_url(o, str_c(z));\n"
	"}\n"
	"\n"
	"#define tpl_rows \\\n"
	"\tstr: html_escape_out, const char *: tpl_c, char *: tpl_c, \\\n"
	"\tint: out_i64, long: out_i64, long long: out_i64, \\\n"
	"\tunsigned: tpl_unsigned, unsigned long: tpl_unsigned, \\\n"
	"\tunsigned long long: tpl_unsigned\n"
	"#define tpl_put(o, x) _Generic((x), html: tpl_html, tpl_rows)((o), (x))\n"
	"#define tpl_put_value(o, x) _Generic((x), tpl_rows)((o), (x))\n"
	"#define tpl_put_url(o, x) \\\n"
	"\t_Generic((x), str: tpl_url, const char *: tpl_url_c, char *: tpl_url_c)((o), (x))\n";

/* Headers that templates use, each once, in the order in which they are first named. */
static void put_uses(void)
{
	struct span *seen = NULL;
	size_t n = 0, k;

	for (size_t i = 0; i < n_templates; i++)
		for (size_t j = 0; j < templates[i].n_nodes; j++) {
			struct span use = templates[i].nodes[j].body;

			if (templates[i].nodes[j].kind != KIND_USE)
				continue;
			for (k = 0;
			     k < n && (seen[k].n != use.n || memcmp(seen[k].p, use.p, use.n)); k++)
				;
			if (k < n)
				continue;
			seen = grow(seen, n, sizeof(*seen));
			seen[n++] = use;
			put("#include %.*s\n", (int)use.n, use.p);
		}
}

static void put_blocks_struct(const struct template *t)
{
	put("\nstruct tpl_%s_blocks {\n\tconst void *arg;\n", t->name);
	for (size_t i = 0; i < t->n_nodes; i++)
		if (t->nodes[i].kind == KIND_BLOCK)
			put("\tvoid (*%.*s)(struct out *o, const void *arg);\n",
			    (int)t->nodes[i].body.n, t->nodes[i].body.p);
	put("};\n");
}

/*
 * Texts as tables: escaped for templates, plain for C code (text.h says what with).
 */

static const char text_header[] =
	"\n"
	"/* A language of texts; English is the first. */\n"
	"struct text_catalogue {\n"
	"\tconst char *code, *name; /* BCP 47; as its speakers call it */\n"
	"\tbool rtl, pseudo;\n"
	"\tunsigned n_done; /* texts that are translated, of text_count */\n"
	"};\n"
	"extern const struct text_catalogue text_catalogues[];\n"
	"extern const unsigned n_text_catalogues, text_count;\n"
	"/* That of the page that this thread writes. */\n"
	"extern _Thread_local unsigned text_language;\n"
	"/* Which form a language has for a number. */\n"
	"unsigned text_form(unsigned language, long long n);\n"
	"\n"
	"enum text_key {\n";

/* "say.month.1" -> "TEXT_SAY_MONTH_1" */
static void put_key(const char *key)
{
	put("TEXT_");
	for (; *key; key++)
		put("%c", is_word(*key) ? toupper((unsigned char)*key) : '_');
}

static void put_text_keys(void)
{
	put("%s", text_header);
	for (size_t i = 0; i < n_phrases; i++) {
		put("\t");
		put_key(phrases[i].key);
		put(",\n");
	}
	put("\tTEXT_COUNT,\n};\n"
	    "/* All texts of a language, plain; English where one has no translation. */\n"
	    "extern const str *const text_plain[];\n"
	    "/* Whether C code gives it as English words. */\n"
	    "extern const bool text_is_said[];\n");
}

static void put_literal(struct span s)
{
	put("STR(\"");
	for (size_t i = 0; i < s.n; i++)
		put_byte(s.p[i]);
	put("\")");
}

static struct span text_of(size_t language, size_t i)
{
	const struct translation *t = language ? &catalogues[language - 1].of[i] : NULL;

	return t && t->n ? t->forms[0] : phrases[i].text;
}

static void put_texts(const char *name, struct span (*as)(struct span))
{
	for (size_t k = 0; k <= n_catalogues; k++) {
		put("\nstatic const str %s_%zu[] = {\n", name, k);
		for (size_t i = 0; i < n_phrases; i++) {
			put("\t");
			put_literal(as(text_of(k, i)));
			put(",\n");
		}
		put("\t{ NULL, 0 },\n};\n");
	}
}

static void put_tables(const char *declaration, const char *name)
{
	put("\n%s = {", declaration);
	for (size_t k = 0; k <= n_catalogues; k++)
		put("%s %s_%zu", k ? "," : "", name, k);
	put(" };\n");
}

static struct span as_it_is(struct span s)
{
	return s;
}

static void put_form_rules(void)
{
	put("\nunsigned text_form(unsigned language, long long n)\n{\n\tswitch (language) {\n");
	for (size_t k = 0; k < n_catalogues; k++)
		put("\tcase %zu:\n\t\treturn (unsigned)(%s);\n", k + 1, catalogues[k].plural);
	put("\tdefault:\n\t\treturn n != 1;\n\t}\n}\n");
}

static size_t count_texts(void)
{
	size_t n = 0;

	for (size_t i = 0; i < n_phrases; i++)
		n += !phrase_is_other(&phrases[i]);
	return n;
}

static bool is_said(const struct phrase *phrase)
{
	return strncmp(phrase->key, "say.", 4) == 0;
}

static void put_catalogues(void)
{
	put("\n_Thread_local unsigned text_language;\n"
	    "const unsigned n_text_catalogues = %zu, text_count = %zu;\n"
	    "const struct text_catalogue text_catalogues[] = {\n"
	    "\t{ \"en\", \"English\", false, false, %zu },\n",
	    n_catalogues + 1, count_texts(), count_texts());
	for (size_t k = 0; k < n_catalogues; k++) {
		const struct catalogue *c = &catalogues[k];

		put("\t{ \"%s\", \"%s\", %s, %s, %zu },\n", c->code, c->name,
		    c->rtl ? "true" : "false", c->pseudo ? "true" : "false", c->n_done);
	}
	put("};\n");
	put_texts("tpl_escaped", escaped);
	put_tables("static const str *const tpl_texts[]", "tpl_escaped");
	put_texts("tpl_plain", as_it_is);
	put_tables("const str *const text_plain[]", "tpl_plain");
	put("\nconst bool text_is_said[] = {\n");
	for (size_t i = 0; i < n_phrases; i++)
		put("\t%s,\n", is_said(&phrases[i]) ? "true" : "false");
	put("\tfalse,\n};\n");
	put_form_rules();
}

static void put_counts(void)
{
	for (size_t k = 0; k < n_catalogues; k++)
		if (!catalogues[k].pseudo)
			put("%s %zu of %zu\n", catalogues[k].code, catalogues[k].n_done,
			    count_texts());
}

static void put_header(void)
{
	put("%s#ifndef TEMPLATES_H\n#define TEMPLATES_H\n\n#include \"base/out.h\"\n"
	    "#include \"html/html.h\"\n",
	    notice);
	put_uses();
	for (size_t i = 0; i < n_templates; i++)
		if (templates[i].has_blocks && !templates[i].extends.n)
			put_blocks_struct(&templates[i]);
	put("\n");
	for (size_t i = 0; i < n_templates; i++) {
		put_signature(&templates[i]);
		put(";\n");
	}
	put_text_keys();
	put("\n#endif\n");
}

static void put_source(void)
{
	put("%s%s", notice, prelude);
	put_catalogues();
	for (size_t i = 0; i < n_templates; i++)
		put_template(&templates[i]);
	for (size_t i = 0; i < n_phrases; i++)
		if (!phrases[i].used && !is_said(&phrases[i]) &&
		    strncmp(phrases[i].key, "form.", 5) != 0)
			die(text_path, phrases[i].line, "no template says \"%s\"", phrases[i].key);
}

/* Everything is written to memory first: an error leaves the old files alone. */
static char *render(void (*fill)(void))
{
	char *text = NULL;
	size_t n;

	sink = open_memstream(&text, &n);
	if (!sink)
		die("tplgen", 0, "%s", strerror(errno));
	sink_line = 0;
	fill();
	fclose(sink);
	return text;
}

static void file_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "wb");

	if (!f)
		die(path, 0, "%s", strerror(errno));
	fputs(text, f);
	if (ferror(f) || fclose(f) != 0)
		die(path, 0, "cannot be written");
}

/* Length of the folder in front of a path, its slash included. */
static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash + 1 - path) : 0;
}

static char *template_name(const char *path, size_t root)
{
	size_t n = strlen(path);
	char *name;

	if (n < root + 6 || strcmp(path + n - 5, ".html") != 0)
		die(path, 0, "the name does not end with .html");
	name = format("%.*s", (int)(n - root - 5), path + root);
	for (char *p = name; *p; p++) {
		if (*p == '/')
			*p = '_';
		else if (!is_word(*p))
			die(path, 0, "the name must be letters, digits and underscores");
	}
	return name;
}

static int path_order(const void *a, const void *b)
{
	return strcmp(((const struct template *)a)->path, ((const struct template *)b)->path);
}

static void templates_read(char **paths, size_t n)
{
	const char *first = paths[0];

	for (size_t i = 1; i < n; i++)
		if (folder_length(paths[i]) < folder_length(first))
			first = paths[i];
	text_path = format("%.*stext/en.txt", (int)folder_length(first), first);
	templates = calloc(n, sizeof(*templates));
	if (!templates)
		die("tplgen", 0, "%s", strerror(ENOMEM));
	for (size_t i = 0; i < n; i++) {
		if (strncmp(paths[i], first, folder_length(first)) != 0)
			die(paths[i], 0, "is not in the folder of %s", first);
		templates[n_templates++] = (struct template){
			.path = paths[i],
			.name = template_name(paths[i], folder_length(first)),
		};
	}
	qsort(templates, n_templates, sizeof(*templates), path_order);
	for (size_t i = 0; i < n_templates; i++)
		template_parse(&templates[i]);
}

static bool is_catalogue(const char *path)
{
	size_t n = strlen(path);

	return n > 3 && strcmp(path + n - 3, ".po") == 0;
}

static int name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv)
{
	char *header, *source;
	size_t n = 0;

	if (argc == 3 && strcmp(argv[1], "--template") == 0) {
		text_path = argv[2];
		phrases_read();
		catalogue_template();
		return 0;
	}
	/* Templates first. */
	for (int i = 2; i < argc; i++)
		if (!is_catalogue(argv[i])) {
			char *path = argv[i];

			memmove(argv + 3 + n, argv + 2 + n, sizeof(*argv) * ((size_t)i - 2 - n));
			argv[2 + n++] = path;
		}
	if (n == 0) {
		fprintf(stderr, "usage: tplgen OUTDIR FILE... | tplgen --template en.txt\n");
		return 2;
	}
	templates_read(argv + 2, n);
	phrases_read();
	qsort(argv + 2 + n, (size_t)argc - 2 - n, sizeof(*argv), name_order);
	for (int i = 2 + (int)n; i < argc; i++)
		catalogue_read(argv[i]);
	catalogues_make();
	header = render(put_header);
	source = render(put_source);
	file_write(format("%s/catalogues.txt", argv[1]), render(put_counts));
	file_write(format("%s/templates.h", argv[1]), header);
	file_write(format("%s/templates.c", argv[1]), source);
	return 0;
}
