/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: 0 means that the body hashes to what the field says by at least one algorithm that we
 * trust, and by none to something else. Broken and old algorithms count as absent.
 */
#include "ap/digest.h"

#include "ap/sfv.h"
#include "base/err.h"
#include "base/out.h"
#include "crypt/hash.h"

static const struct algorithm {
	const char *name; /* RFC 9530, section 5; RFC 3230 has the same in upper case */
	str (*hash)(struct arena *a, str data);
} algorithms[] = {
	{ "sha-256", hash_sha256 },
	{ "sha-512", hash_sha512 },
};

str digest_of(struct arena *a, str body)
{
	return str_cat(a, STR("SHA-256="), base64_encode(a, hash_sha256(a, body)));
}

str digest_content_of(struct arena *a, str body)
{
	str text = base64_encode(a, hash_sha256(a, body));

	return str_cat(a, STR("sha-256=:"), str_cat(a, text, STR(":")));
}

static const struct algorithm *algorithm_of(str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
		if (str_eq_fold(name, str_c(algorithms[i].name)))
			return &algorithms[i];
	return NULL;
}

static int compare(struct ctx *c, const struct algorithm *algorithm, str digest, str body)
{
	if (!str_eq(algorithm->hash(c->arena, body), digest))
		return fail(c, E_UNAUTHORIZED, "the %s digest is not the body's", algorithm->name);
	return 0;
}

static int need_known(struct ctx *c, const char *field, unsigned known)
{
	if (!known)
		return fail(c, E_UNAUTHORIZED, "%s has neither sha-256 nor sha-512", field);
	return 0;
}

int digest_check(struct ctx *c, str field, str body)
{
	const struct algorithm *algorithm;
	unsigned known = 0;
	str one, name, digest;

	while (str_cut(&field, ',', &one)) {
		one = str_trim(one);
		if (!str_cut(&one, '=', &name) || !(algorithm = algorithm_of(name)))
			continue;
		if (!base64_decode(c->arena, one, &digest))
			return fail(c, E_UNAUTHORIZED, "Digest is malformed");
		TRY(compare(c, algorithm, digest, body));
		known++;
	}
	return need_known(c, "Digest", known);
}

int digest_content_check(struct ctx *c, str field, str body)
{
	const struct algorithm *algorithm;
	struct sfv_members m;
	unsigned known = 0;

	if (!sfv_parse_dictionary(c->arena, field, &m))
		return fail(c, E_UNAUTHORIZED, "Content-Digest is malformed");
	for (size_t i = 0; i < m.n; i++) {
		if (m.p[i].is_inner_list || m.p[i].item.bare.type != SFV_BYTES)
			return fail(c, E_UNAUTHORIZED, "Content-Digest is malformed");
		algorithm = algorithm_of(m.p[i].key);
		if (!algorithm)
			continue;
		TRY(compare(c, algorithm, m.p[i].item.bare.text, body));
		known++;
	}
	return need_known(c, "Content-Digest", known);
}
