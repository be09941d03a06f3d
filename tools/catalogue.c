/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a translation that is kept says the same values as its English text, and was made of the
 * English text that en.txt has now; every other one is as if it were not there.
 */
#include "tools/catalogue.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *text_path;
struct phrase *phrases;
size_t n_phrases;
struct catalogue *catalogues;
size_t n_catalogues;

/*
 * The source: "key = text" a line; empty lines and those that begin with # are for people.
 */

struct phrase *phrase_find(const char *key)
{
	for (size_t i = 0; i < n_phrases; i++)
		if (strcmp(phrases[i].key, key) == 0)
			return &phrases[i];
	return NULL;
}

static void phrase_add(struct span line, int number)
{
	const char *equals = memchr(line.p, '=', line.n);
	struct span key;

	if (!equals)
		die(text_path, number, "a line is \"key = text\"");
	key = trim((struct span){ line.p, (size_t)(equals - line.p) });
	phrases = grow(phrases, n_phrases, sizeof(*phrases));
	phrases[n_phrases] = (struct phrase){
		.key = format("%.*s", (int)key.n, key.p),
		.text = trim((struct span){ equals + 1, (size_t)(line.p + line.n - equals - 1) }),
		.line = number,
	};
	if (phrase_find(phrases[n_phrases].key))
		die(text_path, number, "\"%s\" is there twice", phrases[n_phrases].key);
	n_phrases++;
}

void phrases_read(void)
{
	size_t n;
	int number = 0;
	FILE *probe = fopen(text_path, "rb");
	char *text;

	if (!probe && errno == ENOENT)
		return;
	if (probe)
		fclose(probe);
	text = file_read(text_path, &n);
	for (const char *p = text, *end = text + n, *stop; p < end; p = stop + 1) {
		struct span line;

		stop = memchr(p, '\n', (size_t)(end - p));
		if (!stop)
			stop = end;
		line = trim((struct span){ p, (size_t)(stop - p) });
		number++;
		if (line.n && line.p[0] != '#')
			phrase_add(line, number);
	}
}

static bool ends(const char *key, const char *end)
{
	size_t n = strlen(key), m = strlen(end);

	return n > m && strcmp(key + n - m, end) == 0;
}

bool phrase_is_other(const struct phrase *phrase)
{
	return ends(phrase->key, "#other");
}

char *phrase_number(const struct phrase *one, struct phrase **ret_other)
{
	char *key;

	if (!ends(one->key, "#one"))
		return NULL;
	key = format("%.*s", (int)(strlen(one->key) - strlen("#one")), one->key);
	*ret_other = phrase_find(format("%s#other", key));
	if (!*ret_other)
		die(text_path, one->line, "\"%s\" has no #other", key);
	return key;
}

size_t placeholder(const char *p, const char *end, size_t *ret)
{
	const char *q = p + 1;

	if (*p != '{' || q == end || !isdigit((unsigned char)*q))
		return 0;
	for (*ret = 0; q < end && isdigit((unsigned char)*q) && *ret < PLACES; q++)
		*ret = *ret * 10 + (size_t)(*q - '0');
	return q < end && *q == '}' ? (size_t)(q + 1 - p) : 0;
}

/* Which values a text says, a bit each. */
static unsigned places(struct span s)
{
	unsigned found = 0;
	size_t number;

	for (const char *p = s.p, *end = s.p + s.n; p < end; p++)
		if (placeholder(p, end, &number))
			found |= 1u << number;
	return found;
}

/*
 * A .po file.
 */

enum field { FIELD_CONTEXT, FIELD_ID, FIELD_PLURAL, FIELD_STR, FIELDS = FIELD_STR + FORMS };

struct entry {
	struct span fields[FIELDS]; /* p NULL: not there */
	int line;
	bool fuzzy;
};

struct reader {
	struct catalogue *to;
	struct entry entry;
	struct span *field; /* that further strings belong to */
};

static struct span unquoted(const struct catalogue *c, int line, struct span s)
{
	char *text = format("%.*s", (int)s.n, s.p);
	size_t n = 0;

	if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		die(c->path, line, "a string is missing");
	for (size_t i = 1; i + 1 < s.n; i++) {
		char ch = s.p[i];

		if (ch == '\\' && i + 2 < s.n) {
			ch = s.p[++i];
			ch = ch == 'n' ? '\n' : ch == 't' ? '\t' : ch;
		}
		text[n++] = ch;
	}
	return (struct span){ text, n };
}

static struct span joined(struct span a, struct span b)
{
	return (struct span){ format("%.*s%.*s", (int)a.n, a.p, (int)b.n, b.p), a.n + b.n };
}

static char *header_of(struct span header, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = header.p, *end = p + header.n, *stop; p < end; p = stop + 1) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (!stop)
			stop = end;
		if ((size_t)(stop - p) > n && strncmp(p, name, n) == 0 && p[n] == ':') {
			struct span value =
				trim((struct span){ p + n + 1, (size_t)(stop - p) - n - 1 });

			return format("%.*s", (int)value.n, value.p);
		}
	}
	return NULL;
}

/* "nplurals=2; plural=(n > 1);": an expression of C, and nothing but one in n. */
static void plural_read(struct catalogue *c, int line, const char *text)
{
	const char *p = text ? strstr(text, "plural=") : NULL;
	int count = 0;

	while (p && p > text && p[-1] == 'n')
		p = strstr(p + 1, "plural=");
	if (!p || sscanf(text, "nplurals=%d", &count) != 1 || count < 1 || count > FORMS)
		die(c->path, line, "Plural-Forms is missing, or none that is understood");
	p += strlen("plural=");
	c->n_forms = (size_t)count;
	c->plural = format("%.*s", (int)strcspn(p, ";"), p);
	if (strspn(c->plural, "n0123456789 ()?:<>=!%&|") != strlen(c->plural) || !*c->plural)
		die(c->path, line, "Plural-Forms is no expression in n");
}

static void header_read(struct catalogue *c, const struct entry *e)
{
	struct span header = e->fields[FIELD_STR];
	const char *direction = header_of(header, "X-Direction");

	c->code = header_of(header, "Language");
	c->name = header_of(header, "X-Language-Name");
	if (!c->code || !c->name)
		die(c->path, e->line, "Language or X-Language-Name is missing");
	c->rtl = direction && strcmp(direction, "rtl") == 0;
	plural_read(c, e->line, header_of(header, "Plural-Forms"));
}

static bool is_same(struct span a, struct span b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

/* The phrase of an entry, which is there by its msgctxt; it may say something else by now. */
static struct phrase *entry_phrase(const struct catalogue *c, const struct entry *e,
				   struct phrase **ret_other)
{
	struct span context = e->fields[FIELD_CONTEXT];
	char *key = format("%.*s", (int)context.n, context.p);
	struct phrase *phrase;

	*ret_other = NULL;
	phrase = phrase_find(e->fields[FIELD_PLURAL].p ? format("%s#one", key) : key);
	if (!phrase)
		die(c->path, e->line, "en.txt has no text \"%s\" (make catalogues drops it)", key);
	phrase_number(phrase, ret_other);
	return phrase;
}

static bool is_current(const struct entry *e, const struct phrase *phrase,
		       const struct phrase *other)
{
	return is_same(e->fields[FIELD_ID], phrase->text) &&
	       (!other || is_same(e->fields[FIELD_PLURAL], other->text));
}

static void form_add(struct catalogue *c, const struct entry *e, const struct phrase *phrase,
		     const struct phrase *other, struct span form)
{
	struct translation *t = &c->of[phrase - phrases];
	unsigned said = places(form);

	if (said != places(phrase->text) && !(other && said == places(other->text)))
		die(c->path, e->line, "\"%s\" says other values than its English text",
		    phrase->key);
	t->forms[t->n++] = form;
}

static void entry_add(struct catalogue *c, const struct entry *e)
{
	struct phrase *phrase, *other;
	size_t n = 1;

	if (!e->fields[FIELD_CONTEXT].p) {
		header_read(c, e);
		return;
	}
	if (!c->code)
		die(c->path, e->line, "the header is missing");
	phrase = entry_phrase(c, e, &other);
	if (e->fuzzy || !is_current(e, phrase, other))
		return;
	if (other)
		n = c->n_forms;
	for (size_t i = 0; i < n; i++)
		if (e->fields[FIELD_STR + i].n == 0)
			return;
	if (c->of[phrase - phrases].n)
		die(c->path, e->line, "\"%s\" is there twice", phrase->key);
	for (size_t i = 0; i < n; i++)
		form_add(c, e, phrase, other, e->fields[FIELD_STR + i]);
	c->n_done++;
}

static void entry_end(struct reader *r)
{
	if (r->entry.fields[FIELD_ID].p)
		entry_add(r->to, &r->entry);
	r->entry = (struct entry){ .fuzzy = false };
	r->field = NULL;
}

/* The word in front of a string names a field. */
static size_t field_find(const struct catalogue *c, int line, struct span word)
{
	if (span_is(word, "msgctxt"))
		return FIELD_CONTEXT;
	if (span_is(word, "msgid"))
		return FIELD_ID;
	if (span_is(word, "msgid_plural"))
		return FIELD_PLURAL;
	if (span_is(word, "msgstr"))
		return FIELD_STR;
	if (word.n == 9 && memcmp(word.p, "msgstr[", 7) == 0 && word.p[7] >= '0' &&
	    word.p[7] < '0' + FORMS)
		return FIELD_STR + (size_t)(word.p[7] - '0');
	die(c->path, line, "this is no line of a .po file");
}

static void line_read(struct reader *r, struct span line, int number)
{
	const char *quote = memchr(line.p, '"', line.n);
	struct span word, text;

	if (line.p[0] == '#') {
		r->entry.fuzzy |= line.n > 1 && line.p[1] == ',' &&
				  memmem(line.p, line.n, "fuzzy", 5) != NULL;
		return;
	}
	if (!quote)
		die(r->to->path, number, "a string is missing");
	word = trim((struct span){ line.p, (size_t)(quote - line.p) });
	text = unquoted(r->to, number, (struct span){ quote, (size_t)(line.p + line.n - quote) });
	if (word.n)
		r->field = &r->entry.fields[field_find(r->to, number, word)];
	else if (!r->field)
		die(r->to->path, number, "a string belongs to nothing");
	*r->field = joined(*r->field, text);
	if (!r->entry.line)
		r->entry.line = number;
}

static struct catalogue *catalogue_add(struct catalogue c)
{
	catalogues = grow(catalogues, n_catalogues, sizeof(*catalogues));
	c.of = calloc(n_phrases + 1, sizeof(*c.of));
	if (!c.of)
		die("tplgen", 0, "%s", strerror(ENOMEM));
	catalogues[n_catalogues] = c;
	return &catalogues[n_catalogues++];
}

void catalogue_read(const char *path)
{
	struct reader r = { .to = catalogue_add((struct catalogue){ .path = format("%s", path) }) };
	size_t n;
	int number = 0;
	char *text = file_read(path, &n);

	for (const char *p = text, *end = text + n, *stop; p < end; p = stop + 1) {
		struct span line;

		stop = memchr(p, '\n', (size_t)(end - p));
		if (!stop)
			stop = end;
		line = trim((struct span){ p, (size_t)(stop - p) });
		number++;
		if (line.n == 0)
			entry_end(&r);
		else if (!(line.n > 1 && line.p[0] == '#' && line.p[1] == '~'))
			line_read(&r, line, number);
	}
	entry_end(&r);
	if (!r.to->code)
		die(path, 0, "the header is missing");
}

/*
 * Pseudo-locales: English that looks foreign, is longer, and shows by its brackets where it ends.
 */

static const char *const accented[] = { "á", "ƀ", "ç", "ð", "é", "ƒ", "ĝ", "ĥ", "í",
					"ĵ", "ķ", "ļ", "ɱ", "ñ", "ó", "þ", "ɋ", "ŕ",
					"š", "ţ", "ú", "ṽ", "ŵ", "ẋ", "ý", "ž" };

static struct span pseudo(struct span s)
{
	char *text = NULL;
	size_t size, number;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die("tplgen", 0, "%s", strerror(errno));
	fputs("⟦", f);
	for (const char *p = s.p, *end = s.p + s.n; p < end; p++) {
		size_t n = placeholder(p, end, &number);
		int letter = tolower((unsigned char)*p);

		if (n) {
			fwrite(p, 1, n, f);
			p += n - 1;
		} else if (letter >= 'a' && letter <= 'z') {
			fputs(accented[letter - 'a'], f);
		} else {
			putc(*p, f);
		}
	}
	for (size_t i = 0; i < s.n / 3; i++)
		fputs(i % 6 == 5 ? " " : "·", f);
	fputs("⟧", f);
	fclose(f);
	return (struct span){ text, size };
}

static void catalogue_make(const char *code, const char *name, bool rtl)
{
	struct catalogue *c = catalogue_add((struct catalogue){
		.code = format("%s", code),
		.name = format("%s", name),
		.rtl = rtl,
		.pseudo = true,
		.n_forms = 2,
		.plural = format("n != 1"),
	});

	for (size_t i = 0; i < n_phrases; i++) {
		struct phrase *other = NULL;

		if (phrase_is_other(&phrases[i]))
			continue;
		c->of[i] = (struct translation){ .forms = { pseudo(phrases[i].text) }, .n = 1 };
		if (phrase_number(&phrases[i], &other))
			c->of[i].forms[c->of[i].n++] = pseudo(other->text);
		c->n_done++;
	}
}

void catalogues_make(void)
{
	catalogue_make("en-XA", "Pseudo", false);
	catalogue_make("en-XB", "Pseudo, from the right", true);
}

/*
 * For translators.
 */

static void put_string(const char *name, struct span s)
{
	printf("%s \"", name);
	for (size_t i = 0; i < s.n; i++)
		printf(s.p[i] == '"' || s.p[i] == '\\' ? "\\%c" : "%c", s.p[i]);
	printf("\"\n");
}

void catalogue_template(void)
{
	printf("# SPDX-License-Identifier: AGPL-3.0-or-later\n"
	       "# What is said. Made of en.txt by \"make catalogues\".\n"
	       "msgid \"\"\nmsgstr \"\"\n\"Project-Id-Version: rookery\\n\"\n"
	       "\"Language: \\n\"\n\"MIME-Version: 1.0\\n\"\n"
	       "\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
	       "\"Content-Transfer-Encoding: 8bit\\n\"\n");
	for (size_t i = 0; i < n_phrases; i++) {
		struct phrase *other = NULL;
		char *key;

		if (phrase_is_other(&phrases[i]))
			continue;
		key = phrase_number(&phrases[i], &other);
		printf("\n");
		put_string("msgctxt", (struct span){ key ? key : phrases[i].key,
						     strlen(key ? key : phrases[i].key) });
		put_string("msgid", phrases[i].text);
		if (other)
			put_string("msgid_plural", other->text);
		printf(other ? "msgstr[0] \"\"\nmsgstr[1] \"\"\n" : "msgstr \"\"\n");
	}
}
