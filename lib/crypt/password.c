/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: password_verify costs the same whether the user exists, has a password or typed
 * something impossible, so that its time tells nothing about who is here. Copies of passwords and
 * the library's working memory are wiped.
 */
#include "crypt/password.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "crypt/hash.h"

#define SCHEME "$y$"
#define SALT_BYTES 16
#define PARAMETERS SCHEME "j9T$" /* the library's default: how much work it is */
#define HASH_LIMIT 128 /* bytes */

/* What an unknown user's password is compared with; the salt is as good as any. */
#define NOBODY PARAMETERS "wPzsIB7TMk1FbP0J5a1lJ."

struct work {
	struct crypt_data data;
	char phrase[PASSWORD_MAX + 1];
};

static void work_freep(struct work **w)
{
	if (!*w)
		return;
	explicit_bzero(*w, sizeof(**w));
	free(*w);
}

/* The hash of the password under a setting (a stored hash is one); NULL when it is no setting. */
static const char *hash(struct work *w, str password, const char *setting)
{
	const char *text;

	memset(w, 0, sizeof(*w));
	if (password.n)
		memcpy(w->phrase, password.p, password.n);
	text = crypt_r(w->phrase, setting, &w->data);
	return text && strncmp(text, SCHEME, strlen(SCHEME)) == 0 ? text : NULL;
}

int password_hash(struct arena *a, str password, str *ret)
{
	struct work *w cleanup(work_freep) = NULL;
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	const char *text;

	if (password.n > PASSWORD_MAX || !str_is_utf8(password) ||
	    str_chars(password) < PASSWORD_MIN)
		return E_INVALID;
	w = malloc(sizeof(*w));
	if (!w)
		return -ENOMEM;
	/* Cost 0 is the library's default, which follows the times. */
	if (!crypt_gensalt_rn(SCHEME, 0, random_bytes(a, SALT_BYTES).p, SALT_BYTES, setting,
			      sizeof(setting)))
		return -EIO;
	text = hash(w, password, setting);
	if (!text)
		return -EIO;
	*ret = str_dup(a, str_c(text));
	return 0;
}

static bool can_be_stored(str stored)
{
	return stored.n < CRYPT_OUTPUT_SIZE && str_starts(stored, STR(SCHEME)) &&
	       str_find_char(stored, 0, 0) == SIZE_MAX;
}

bool password_verify(str password, str stored)
{
	struct work *w cleanup(work_freep) = malloc(sizeof(*w));
	char setting[CRYPT_OUTPUT_SIZE] = { 0 };
	const char *text;

	if (!w)
		return false;
	if (password.n > PASSWORD_MAX || str_find_char(password, 0, 0) != SIZE_MAX)
		password = stored = STR("");
	if (can_be_stored(stored)) {
		memcpy(setting, stored.p, stored.n);
		text = hash(w, password, setting);
		if (text)
			return secret_eq(str_c(text), stored);
	}
	hash(w, password, NOBODY);
	return false;
}

bool password_is_hash(str hash)
{
	str rest = str_from(hash, STR(PARAMETERS).n);

	if (!str_starts(hash, STR(PARAMETERS)) || hash.n > HASH_LIMIT)
		return false;
	for (size_t i = 0; i < rest.n; i++)
		if (!char_is_alnum(rest.p[i]) && rest.p[i] != '.' && rest.p[i] != '/' &&
		    rest.p[i] != '$')
			return false;
	return true;
}
