/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: an algorithm is what one row of one table says: a form, a name, a kind of key and a
 * scheme. The kind of the key that was loaded, never the message, decides which row is used, so a
 * sender cannot talk us into treating a key as something else.
 */
#include "ap/signature.h"

#include <assert.h>
#include <string.h>

#include "ap/digest.h"
#include "ap/signature_form.h"
#include "base/err.h"
#include "crypt/hash.h"
#include "fetch/url.h"

const struct name signature_form_names[] = {
	{ "cavage", SIGNATURE_CAVAGE },
	{ "rfc9421", SIGNATURE_RFC9421 },
	{ NULL, 0 },
};

static const struct form {
	int (*parse)(struct ctx *c, const struct http_message *m, struct signature *ret);
	int (*base)(struct ctx *c, const struct http_message *m, const struct signature *sig,
		    struct out *o);
	int (*sign)(struct ctx *c, const struct http_message *m, const struct signature_with *with,
		    struct http_field *ret, size_t *n);
	str digest_name;
	str (*digest)(struct arena *a, str body);
} forms[] = {
	[SIGNATURE_CAVAGE] = { cavage_parse, cavage_base, cavage_sign, { "Digest", 6 }, digest_of },
	[SIGNATURE_RFC9421] = { rfc9421_parse,
				rfc9421_base,
				rfc9421_sign,
				{ "Content-Digest", 14 },
				digest_content_of },
};

/*
 * The first row of a form and kind is what we send. In the fediverse "hs2019" with an RSA key has
 * always meant PKCS#1 v1.5 with SHA-256, whatever the draft says. Where RFC 9421 leaves the
 * algorithm out, the key tells it.
 */
static const struct algorithm {
	enum signature_form form;
	const char *name; /* NULL: not named */
	enum key_kind kind;
	enum key_scheme scheme;
} algorithms[] = {
	{ SIGNATURE_CAVAGE, "rsa-sha256", KEY_RSA, KEY_RSA_V1_5_SHA256 },
	{ SIGNATURE_CAVAGE, "rsa-sha512", KEY_RSA, KEY_RSA_V1_5_SHA512 },
	{ SIGNATURE_CAVAGE, "hs2019", KEY_RSA, KEY_RSA_V1_5_SHA256 },
	{ SIGNATURE_CAVAGE, "hs2019", KEY_ED25519, KEY_ED25519_PURE },
	{ SIGNATURE_CAVAGE, "ed25519", KEY_ED25519, KEY_ED25519_PURE },
	{ SIGNATURE_RFC9421, "rsa-v1_5-sha256", KEY_RSA, KEY_RSA_V1_5_SHA256 },
	{ SIGNATURE_RFC9421, "rsa-pss-sha512", KEY_RSA, KEY_RSA_PSS_SHA512 },
	{ SIGNATURE_RFC9421, "rsa-pss-sha512", KEY_RSA_PSS_ONLY, KEY_RSA_PSS_SHA512 },
	{ SIGNATURE_RFC9421, "ed25519", KEY_ED25519, KEY_ED25519_PURE },
	{ SIGNATURE_RFC9421, "ecdsa-p256-sha256", KEY_EC_P256, KEY_ECDSA_P256_SHA256 },
	{ SIGNATURE_RFC9421, "hmac-sha256", KEY_SECRET, KEY_HMAC_SHA256 },
	{ SIGNATURE_RFC9421, NULL, KEY_RSA, KEY_RSA_V1_5_SHA256 },
	{ SIGNATURE_RFC9421, NULL, KEY_RSA_PSS_ONLY, KEY_RSA_PSS_SHA512 },
	{ SIGNATURE_RFC9421, NULL, KEY_ED25519, KEY_ED25519_PURE },
	{ SIGNATURE_RFC9421, NULL, KEY_EC_P256, KEY_ECDSA_P256_SHA256 },
	{ SIGNATURE_RFC9421, NULL, KEY_SECRET, KEY_HMAC_SHA256 },
};

static const struct name kind_names[] = {
	{ "RSA", KEY_RSA },
	{ "RSA-PSS", KEY_RSA_PSS_ONLY },
	{ "Ed25519", KEY_ED25519 },
	{ "ECDSA P-256", KEY_EC_P256 },
	{ "shared secret", KEY_SECRET },
	{ NULL, 0 },
};

static bool is_named(const struct algorithm *row, const struct signature *sig)
{
	if (row->form != sig->form)
		return false;
	return row->name ? str_eq_fold(sig->algorithm, str_c(row->name))
			 : str_is_null(sig->algorithm);
}

static bool is_known(const struct signature *sig)
{
	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
		if (is_named(&algorithms[i], sig))
			return true;
	return false;
}

static int scheme_for(struct ctx *c, const struct signature *sig, enum key_kind kind,
		      enum key_scheme *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
		if (is_named(&algorithms[i], sig) && algorithms[i].kind == kind) {
			*ret = algorithms[i].scheme;
			return 0;
		}
	return refuse(c, "algorithm \"" STR_FMT "\" does not fit the key, which is %s",
		      STR_ARG(sig->algorithm), name_of_value(kind_names, (int)kind));
}

const char *signature_algorithm_for(enum signature_form form, enum key_kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
		if (algorithms[i].form == form && algorithms[i].kind == kind)
			return algorithms[i].name;
	return NULL;
}

/* Fields */

size_t signature_field_count(const struct http_message *m, str name)
{
	size_t count = 0;

	for (size_t i = 0; i < m->n_fields; i++)
		count += str_eq_fold(m->fields[i].name, name);
	return count;
}

/* A line break in a value would forge lines of the signed text. */
static bool is_value(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == 0)
			return false;
	return true;
}

int signature_field(struct ctx *c, const struct http_message *m, str name, str *ret)
{
	size_t count = 0;
	struct out o;
	str value;

	out_init(&o, c->arena, SIGNATURE_BASE_LIMIT);
	for (size_t i = 0; i < m->n_fields; i++) {
		if (!str_eq_fold(m->fields[i].name, name))
			continue;
		if (count++)
			out_c(&o, ", ");
		out_str(&o, str_trim(m->fields[i].value));
	}
	if (!count && str_eq_c(name, "host"))
		out_str(&o, m->authority);
	else if (!count)
		return refuse(c, "there is no field " STR_FMT, STR_ARG(name));
	if (out_done(&o, &value) || !is_value(value))
		return refuse(c, "field " STR_FMT " is malformed or too long", STR_ARG(name));
	*ret = value;
	return 0;
}

str signature_target(struct arena *a, const struct http_message *m)
{
	if (str_is_null(m->query))
		return m->path;
	return str_cat(a, m->path, str_cat(a, STR("?"), m->query));
}

/* What a signature says */

bool signature_covers(const struct signature *sig, str component)
{
	for (size_t i = 0; i < sig->covered.n; i++)
		if (str_eq(sig->covered.p[i], component))
			return true;
	return false;
}

int signature_cover_add(struct ctx *c, struct signature_cover *cover, str component)
{
	if (cover->n == SIGNATURE_COVERED_LIMIT)
		return refuse(c, "signature covers more than %d components",
			      SIGNATURE_COVERED_LIMIT);
	for (size_t i = 0; i < cover->n; i++)
		if (str_eq(cover->names[i], component))
			return refuse(c, "signature covers " STR_FMT " twice", STR_ARG(component));
	cover->names[cover->n++] = component;
	return 0;
}

strs signature_cover_done(struct ctx *c, const struct signature_cover *cover)
{
	str *names = arena_array(c->arena, cover->n, sizeof(*names));

	if (cover->n)
		memcpy(names, cover->names, cover->n * sizeof(*names));
	return (strs){ names, cover->n };
}

int signature_admit(struct ctx *c, const struct signature *sig)
{
	if (str_is_empty(sig->key_id))
		return refuse(c, "signature names no key");
	if (sig->key_id.n > SIGNATURE_KEY_ID_LIMIT || !str_is_utf8(sig->key_id))
		return refuse(c, "key id of the signature is malformed or too long");
	if (sig->bytes.n == 0 || sig->bytes.n > SIGNATURE_BYTES_LIMIT)
		return refuse(c, "signature has %zu bytes", sig->bytes.n);
	if (!is_known(sig))
		return refuse(c, "algorithm \"" STR_FMT "\" is not supported",
			      STR_ARG(str_clip(sig->algorithm, 64)));
	return 0;
}

bool signature_time(int64_t seconds, usec *ret)
{
	/* Later than the year 9999 is a mistake, and would overflow. */
	if (seconds <= 0 || seconds >= 253402300800)
		return false;
	*ret = seconds * USEC_SEC;
	return true;
}

int signature_parse(struct ctx *c, const struct http_message *m, struct signature *ret)
{
	enum signature_form form = SIGNATURE_CAVAGE;
	struct signature sig = { 0 };

	if (signature_field_count(m, STR("signature-input")))
		form = SIGNATURE_RFC9421;
	else if (!signature_field_count(m, STR("signature")))
		return fail(c, E_NOT_FOUND, "message is not signed");
	sig.form = form;
	TRY(forms[form].parse(c, m, &sig));
	TRY(signature_admit(c, &sig));
	*ret = sig;
	return 0;
}

/* Receiving */

int signature_base(struct ctx *c, const struct http_message *m, const struct signature *sig,
		   str *ret)
{
	struct out o;

	out_init(&o, c->arena, SIGNATURE_BASE_LIMIT);
	TRY(forms[sig->form].base(c, m, sig, &o));
	if (out_done(&o, ret))
		return refuse(c, "signed text is longer than %d bytes", SIGNATURE_BASE_LIMIT);
	return 0;
}

int signature_verify(struct ctx *c, const struct http_message *m, const struct signature *sig,
		     const struct key *key)
{
	enum key_scheme scheme;
	str base;

	TRY(scheme_for(c, sig, key_kind(key), &scheme));
	TRY(signature_base(c, m, sig, &base));
	if (!key_verify(key, scheme, base, sig->bytes))
		return refuse(c, "signature is not that of the key");
	return 0;
}

int signature_check(struct ctx *c, const struct http_message *m, const struct signature *sig,
		    const struct key *key, usec now)
{
	TRY(signature_policy(c, m, sig, now));
	return signature_verify(c, m, sig, key);
}

str signature_fingerprint(struct arena *a, const struct signature *sig)
{
	return hash_sha256(a, sig->bytes);
}

bool signature_key_matches_actor(str key_id, str actor)
{
	return url_same_host(key_id, actor);
}

/* Sending */

int signature_make(struct ctx *c, const struct http_message *m, const struct key *key,
		   struct signature *sig)
{
	enum key_scheme scheme;
	str base;

	TRY(scheme_for(c, sig, key_kind(key), &scheme));
	TRY(signature_base(c, m, sig, &base));
	if (key_sign(c->arena, key, scheme, base, &sig->bytes))
		return fail(c, E_INVALID, "the key cannot sign");
	return 0;
}

/* Ids of our own keys go into quotes without escapes. */
static bool is_plain(str key_id)
{
	for (size_t i = 0; i < key_id.n; i++)
		if (key_id.p[i] <= ' ' || key_id.p[i] > '~' || strchr("\"\\", key_id.p[i]))
			return false;
	return key_id.n && key_id.n <= SIGNATURE_KEY_ID_LIMIT;
}

/* m with the first n fields of fields behind its own. */
static struct http_message with_fields(struct ctx *c, const struct http_message *m,
				       const struct http_field *fields, size_t n)
{
	struct http_field *all = arena_array(c->arena, m->n_fields + n, sizeof(*all));
	struct http_message longer = *m;

	if (m->n_fields)
		memcpy(all, m->fields, m->n_fields * sizeof(*all));
	memcpy(all + m->n_fields, fields, n * sizeof(*all));
	longer.fields = all;
	longer.n_fields += n;
	return longer;
}

int signature_sign(struct ctx *c, const struct http_message *m, const struct signature_with *with,
		   struct http_field *ret, size_t *ret_n)
{
	const struct form *form = &forms[with->form];
	struct http_field fields[SIGNATURE_FIELDS];
	struct http_message longer;
	size_t n = 0;

	if (!is_plain(with->key_id) || !signature_algorithm_for(with->form, key_kind(with->key)))
		return fail(c, E_INVALID, "the key cannot sign");
	fields[n++] = (struct http_field){ STR("Date"), clock_http(c->arena, with->now) };
	if (m->body.n)
		fields[n++] =
			(struct http_field){ form->digest_name, form->digest(c->arena, m->body) };
	longer = with_fields(c, m, fields, n);
	TRY(form->sign(c, &longer, with, fields, &n));
	assert(n <= SIGNATURE_FIELDS);
	memcpy(ret, fields, n * sizeof(*ret));
	*ret_n = n;
	return 0;
}
