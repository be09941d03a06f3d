/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A PEM that is read is a key that loads, and reads the same from the PEM that we would show. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "crypt/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_pem(struct arena *a, str pem)
{
	struct key *key cleanup(key_freep) = NULL;
	str der, again;
	int result;

	if (key_public_from_pem(a, pem, &der))
		return;
	result = key_load_public(der, &key);
	assert(result == 0);
	result = key_public_from_pem(a, key_public_to_pem(a, der), &again);
	assert(result == 0);
	assert(str_eq(der, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	struct key *public cleanup(key_freep) = NULL;
	struct key *private cleanup(key_freep) = NULL;
	str text = { (const char *)data, size };

	check_pem(arena, text);
	if (key_load_public(text, &public) == 0)
		key_verify(public, KEY_RSA_V1_5_SHA256, text, text);
	if (key_load_private(text, &private))
		return 0;
	assert(key_kind(private) != KEY_SECRET);
	return 0;
}
