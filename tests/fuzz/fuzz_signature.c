/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A request as text (request line, fields, empty line, body) is parsed, judged and verified. No
 * input may pass, because nobody has the private key, and each refusal has a reason.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "ap/signature.h"
#include "base/err.h"
#include "crypt/hash.h"

#define FIELDS 32
#define NOW (1700000000 * USEC_SEC)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Its private half was thrown away. */
static const char public_key[] = "MCowBQYDK2VwAyEAyV19tXXbgOfTithdiQSYLd+QpX8tuyXO2Sd9X5cdKLc=";

static void read_message(str text, struct http_field *fields, struct http_message *m)
{
	size_t end = str_find(text, STR("\n\n"), 0);
	str line, target, name;

	*m = (struct http_message){ .scheme = STR("https"),
				    .path = STR("/"),
				    .authority = STR("b.test"),
				    .fields = fields };
	if (end != SIZE_MAX)
		m->body = str_from(text, end + 2);
	text = str_slice(text, 0, end);
	if (!str_cut(&text, '\n', &line) || !str_cut(&line, ' ', &m->method))
		return;
	if (str_cut(&line, ' ', &target) && str_cut(&target, '?', &m->path))
		m->query = target;
	while (m->n_fields < FIELDS && str_cut(&text, '\n', &line)) {
		if (!str_cut(&line, ':', &name))
			continue;
		fields[m->n_fields++] = (struct http_field){ name, line };
		if (str_eq_c(name, "host"))
			m->authority = str_trim(line);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	struct key *key cleanup(key_freep) = NULL;
	struct http_field fields[FIELDS];
	struct http_message m;
	struct signature sig;
	struct ctx c;
	int result;
	str der;

	ctx_init(&c, arena);
	if (!base64_decode(arena, str_c(public_key), &der) || key_load_public(der, &key))
		assert(0);
	read_message((str){ (const char *)data, size }, fields, &m);
	result = signature_parse(&c, &m, &sig);
	assert(result == 0 || ((result == E_UNAUTHORIZED || result == E_NOT_FOUND) && c.error.n));
	if (result)
		return 0;
	signature_key_matches_actor(sig.key_id, STR("https://a.test/u/a"));
	result = signature_policy(&c, &m, &sig, NOW);
	assert(result == 0 || result == E_UNAUTHORIZED);
	result = signature_verify(&c, &m, &sig, key);
	assert(result == E_UNAUTHORIZED);
	return 0;
}
