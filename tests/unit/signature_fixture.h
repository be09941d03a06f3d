/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the tests of HTTP signatures share: a ctx, vectors, messages built field by field, and
 * signatures over any choice of components. Include it before cmocka.h.
 */
#ifndef TESTS_SIGNATURE_FIXTURE_H
#define TESTS_SIGNATURE_FIXTURE_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ap/digest.h"
#include "ap/sfv.h"
#include "ap/signature.h"
#include "ap/signature_form.h"
#include "base/err.h"
#include "crypt/hash.h"
#include "json/json.h"

#define VECTORS "tests/vectors/http-signatures/"
#define MESSAGE_FIELDS 24

/* A message that can be changed. */
struct draft {
	struct http_message m;
	struct http_field fields[MESSAGE_FIELDS];
};

static inline int setup(void **state)
{
	struct ctx *c = calloc(1, sizeof(*c));

	assert(c);
	ctx_init(c, arena_new());
	*state = c;
	return 0;
}

static inline int teardown(void **state)
{
	struct ctx *c = *state;

	arena_free(c->arena);
	free(c);
	return 0;
}

static inline void filep_close(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline const struct json *vector_file(struct ctx *c, const char *path)
{
	FILE *f cleanup(filep_close) = fopen(path, "rb");
	const struct json *j = NULL;
	char block[4096];
	struct out o;
	size_t n;
	str text;
	int result;

	assert(f);
	out_init(&o, c->arena, 1 << 20);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		out_str(&o, (str){ block, n });
	result = out_done(&o, &text);
	assert(result == 0);
	result = json_parse(c, text, &j);
	assert(result == 0);
	return j;
}

static inline void draft_add(struct draft *d, str name, str value)
{
	assert(d->m.n_fields < MESSAGE_FIELDS);
	d->fields[d->m.n_fields++] = (struct http_field){ name, value };
	if (str_eq_fold(name, STR("host")))
		d->m.authority = value;
}

/* The message as it is now; drafts are copied, so the fields are pointed to here. */
static inline const struct http_message *message(struct draft *d)
{
	d->m.fields = d->fields;
	return &d->m;
}

static inline void draft_remove(struct draft *d, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->m.n_fields; i++)
		if (!str_eq_fold(d->fields[i].name, str_c(name)))
			d->fields[kept++] = d->fields[i];
	d->m.n_fields = kept;
}

static inline void draft_set(struct draft *d, const char *name, str value)
{
	draft_remove(d, name);
	draft_add(d, str_c(name), value);
}

static inline str draft_get(const struct draft *d, const char *name)
{
	for (size_t i = 0; i < d->m.n_fields; i++)
		if (str_eq_fold(d->fields[i].name, str_c(name)))
			return d->fields[i].value;
	return STR_NULL;
}

/* path?query of a request line, taken apart. */
static inline void draft_target(struct draft *d, str target)
{
	size_t at = str_find_char(target, '?', 0);

	d->m.path = str_slice(target, 0, at);
	d->m.query = at == SIZE_MAX ? STR_NULL : str_from(target, at + 1);
}

static inline struct key *public_key(struct ctx *c, str pem)
{
	struct key *k = NULL;
	str der;
	int result = key_public_from_pem(c->arena, pem, &der);

	assert(result == 0);
	result = key_load_public(der, &k);
	assert(result == 0);
	return k;
}

/* A PKCS#8 PEM. */
static inline struct key *private_key(struct ctx *c, str pem)
{
	struct key *k = NULL;
	struct out o;
	str line, text, der;
	int result;

	out_init(&o, c->arena, pem.n);
	while (str_cut(&pem, '\n', &line))
		if (!str_starts(line, STR("-")))
			out_str(&o, line);
	result = out_done(&o, &text);
	assert(result == 0);
	if (!base64_decode(c->arena, text, &der))
		assert(0);
	result = key_load_private(der, &k);
	assert(result == 0);
	return k;
}

/*
 * Signs d over the components of a Signature-Input member ("sig1=(...);created=1"), with the key.
 * Digest and Date must be there already.
 */
static inline void craft_rfc9421(struct ctx *c, struct draft *d, str input, const struct key *key)
{
	struct signature sig = { .form = SIGNATURE_RFC9421 };
	struct sfv_members m = { 0 };
	const struct sfv_bare *alg;
	int result;

	if (!sfv_parse_dictionary(c->arena, input, &m))
		assert(0);
	sig.input = &m.p[0];
	alg = sfv_param(&m.p[0].item.params, "alg");
	sig.algorithm = alg ? alg->text : STR_NULL;
	result = signature_make(c, message(d), key, &sig);
	assert(result == 0);
	draft_set(d, "signature-input", input);
	draft_set(d, "signature",
		  str_fmt(c->arena, STR_FMT "=:" STR_FMT ":", STR_ARG(m.p[0].key),
			  STR_ARG(base64_encode(c->arena, sig.bytes))));
}

struct crafted {
	const char *headers; /* with single spaces */
	const char *algorithm;
	const char *more; /* further parameters, ",created=1" */
	usec created, expires; /* what more says of them */
};

static inline void craft_cavage(struct ctx *c, struct draft *d, const struct crafted *with,
				const struct key *key)
{
	str headers = str_c(with->headers), name, names[SIGNATURE_COVERED_LIMIT + 1];
	struct signature sig = { .form = SIGNATURE_CAVAGE,
				 .algorithm = str_c(with->algorithm),
				 .created = with->created,
				 .expires = with->expires,
				 .covered.p = names };
	int result;

	while (str_cut(&headers, ' ', &name))
		names[sig.covered.n++] = name;
	result = signature_make(c, message(d), key, &sig);
	assert(result == 0);
	draft_set(d, "signature",
		  str_fmt(c->arena,
			  "keyId=\"https://a.test/u/a#main-key\",algorithm=\"%s\",headers=\"%s\""
			  "%s,signature=\"" STR_FMT "\"",
			  with->algorithm, with->headers, with->more,
			  STR_ARG(base64_encode(c->arena, sig.bytes))));
}

#endif
