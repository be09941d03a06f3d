/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Texts and their translations, for tplgen: en.txt is the source, a .po file beside it each language.
 * An entry is found by its msgctxt, which is the key of the text; a number's "key#one" and
 * "key#other" are one entry with a msgid_plural. What is wrong ends the program with file and line.
 */
#ifndef TOOLS_CATALOGUE_H
#define TOOLS_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#define FORMS 6 /* of a text that follows a number: no language has more */
#define PLACES 10 /* {0} to {9} */

struct span {
	const char *p;
	size_t n;
};

struct phrase {
	char *key;
	struct span text;
	int line;
	bool used;
};

struct translation {
	struct span forms[FORMS];
	size_t n; /* 0: there is none, English stands for it */
};

struct catalogue {
	char *code; /* BCP 47 */
	char *name; /* in the language itself */
	char *path;
	bool rtl;
	bool pseudo; /* made of the English texts, to find what is in no catalogue */
	size_t n_forms;
	char *plural; /* an expression of C in n */
	struct translation *of; /* by phrase */
	size_t n_done;
};

extern const char *text_path; /* en.txt */
extern struct phrase *phrases;
extern size_t n_phrases;
extern struct catalogue *catalogues; /* without English */
extern size_t n_catalogues;

void phrases_read(void);
struct phrase *phrase_find(const char *key);
/* "key" of "key#one" and "key#other"; NULL: it follows no number. other: the one of "#other". */
char *phrase_number(const struct phrase *one, struct phrase **ret_other);
/* Whether it is an "#other", which has no translation of its own. */
bool phrase_is_other(const struct phrase *phrase);
/* "{12}" at p: the number and the length of it; 0: none. */
size_t placeholder(const char *p, const char *end, size_t *ret);

/* Behind phrases_read(): a file, or the two that are made. */
void catalogue_read(const char *path);
void catalogues_make(void);
/* The template for translators, to standard output. */
void catalogue_template(void);

__attribute__((noreturn, format(printf, 3, 4))) void die(const char *path, int line,
							 const char *format, ...);
void *grow(void *p, size_t n, size_t size);
__attribute__((format(printf, 1, 2))) char *format(const char *text, ...);
struct span trim(struct span s);
bool span_is(struct span s, const char *z);
char *file_read(const char *path, size_t *ret_n);

#endif
