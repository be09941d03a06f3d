/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * draft-cavage-http-signatures-12. Invariant: there is one Signature field with each parameter at
 * most once, so that no two readers can take different values from it.
 */
#include <string.h>

#include "ap/signature_form.h"
#include "base/err.h"
#include "crypt/hash.h"

enum param { KEY_ID, ALGORITHM, HEADERS, SIGNATURE, CREATED, EXPIRES, PARAMS };

static const str param_names[PARAMS] = {
	[KEY_ID] = { "keyId", 5 },    [ALGORITHM] = { "algorithm", 9 },
	[HEADERS] = { "headers", 7 }, [SIGNATURE] = { "signature", 9 },
	[CREATED] = { "created", 7 }, [EXPIRES] = { "expires", 7 },
};

static bool is_name_char(char ch)
{
	return char_is_alnum(ch) || ch == '-' || ch == '_';
}

static bool is_bare_char(char ch)
{
	return is_name_char(ch) || ch == '.' || ch == '+' || ch == ':' || ch == '/';
}

static str take_while(str *s, bool (*is)(char ch))
{
	size_t n = 0;
	str head;

	while (n < s->n && is(s->p[n]))
		n++;
	head = str_slice(*s, 0, n);
	*s = str_from(*s, n);
	return head;
}

static bool take_char(str *s, char ch)
{
	if (!s->n || s->p[0] != ch)
		return false;
	*s = str_from(*s, 1);
	return true;
}

/* A quoted value, in which no real signature has anything to escape, or a bare one. */
static bool take_value(str *s, str *ret)
{
	size_t end;

	if (!take_char(s, '"')) {
		*ret = take_while(s, is_bare_char);
		return ret->n > 0;
	}
	end = str_find_char(*s, '"', 0);
	if (end == SIZE_MAX)
		return false;
	*ret = str_slice(*s, 0, end);
	*s = str_from(*s, end + 1);
	return str_find_char(*ret, '\\', 0) == SIZE_MAX;
}

static int keep(struct ctx *c, str name, str value, str *params)
{
	for (size_t i = 0; i < PARAMS; i++) {
		if (!str_eq_fold(name, param_names[i]))
			continue;
		if (!str_is_null(params[i]))
			return refuse(c, "Signature has " STR_FMT " twice", STR_ARG(name));
		params[i] = value;
	}
	return 0;
}

static int read_params(struct ctx *c, str s, str *params)
{
	str name, value;

	for (s = str_trim(s); s.n; s = str_trim(s)) {
		name = take_while(&s, is_name_char);
		if (!name.n || !take_char(&s, '=') || !take_value(&s, &value))
			return refuse(c, "Signature is malformed");
		TRY(keep(c, name, value, params));
		s = str_trim(s);
		if (s.n && !take_char(&s, ','))
			return refuse(c, "Signature is malformed");
	}
	return 0;
}

static int read_covered(struct ctx *c, str headers, strs *ret)
{
	struct signature_cover cover = { .n = 0 };
	str name;

	while (str_cut(&headers, ' ', &name))
		if (name.n)
			TRY(signature_cover_add(c, &cover, str_lower(c->arena, name)));
	if (!cover.n)
		return refuse(c, "signature covers nothing");
	*ret = signature_cover_done(c, &cover);
	return 0;
}

static int read_time(struct ctx *c, str text, usec *ret)
{
	int64_t seconds;

	if (str_is_null(text))
		return 0;
	if (!str_to_i64(text, &seconds) || !signature_time(seconds, ret))
		return refuse(c, "created or expires of the signature is no time");
	return 0;
}

int cavage_parse(struct ctx *c, const struct http_message *m, struct signature *ret)
{
	str params[PARAMS] = { 0 }, text;

	if (signature_field_count(m, STR("signature")) > 1)
		return refuse(c, "there is more than one Signature field");
	TRY(signature_field(c, m, STR("signature"), &text));
	if (text.n > SIGNATURE_HEADER_LIMIT)
		return refuse(c, "Signature is longer than %d bytes", SIGNATURE_HEADER_LIMIT);
	TRY(read_params(c, text, params));
	if (str_is_null(params[ALGORITHM]))
		return refuse(c, "signature names no algorithm");
	TRY(read_covered(c, params[HEADERS], &ret->covered));
	TRY(read_time(c, params[CREATED], &ret->created));
	TRY(read_time(c, params[EXPIRES], &ret->expires));
	if (!base64_decode(c->arena, params[SIGNATURE], &ret->bytes))
		return refuse(c, "signature is not base64");
	ret->key_id = params[KEY_ID];
	ret->algorithm = params[ALGORITHM];
	return 0;
}

/* Section 2.3: only where the algorithm is "hs2019", and only what the parameters say. */
static int put_time(struct ctx *c, const struct signature *sig, str name, usec t, struct out *o)
{
	if (!str_eq_fold(sig->algorithm, STR("hs2019")) || !t)
		return refuse(c, "signature covers " STR_FMT " but may not, or has none",
			      STR_ARG(name));
	out_i64(o, t / USEC_SEC);
	return 0;
}

static int put_value(struct ctx *c, const struct http_message *m, const struct signature *sig,
		     str name, struct out *o)
{
	str value;

	if (str_eq_c(name, "(request-target)")) {
		out_str(o, str_lower(c->arena, m->method));
		out_char(o, ' ');
		out_str(o, signature_target(c->arena, m));
		return 0;
	}
	if (str_eq_c(name, "(created)"))
		return put_time(c, sig, name, sig->created, o);
	if (str_eq_c(name, "(expires)"))
		return put_time(c, sig, name, sig->expires, o);
	TRY(signature_field(c, m, name, &value));
	out_str(o, value);
	return 0;
}

int cavage_base(struct ctx *c, const struct http_message *m, const struct signature *sig,
		struct out *o)
{
	for (size_t i = 0; i < sig->covered.n; i++) {
		if (i)
			out_char(o, '\n');
		out_str(o, sig->covered.p[i]);
		out_c(o, ": ");
		TRY(put_value(c, m, sig, sig->covered.p[i], o));
	}
	return 0;
}

static str join(struct ctx *c, strs names)
{
	str text = STR("");

	for (size_t i = 0; i < names.n; i++)
		text = str_cat(c->arena, text,
			       str_cat(c->arena, i ? STR(" ") : STR(""), names.p[i]));
	return text;
}

/* The order that the oldest servers were tested with. */
static const struct {
	str name;
	bool is_optional;
} signed_fields[] = {
	{ { "(request-target)", 16 }, false },
	{ { "host", 4 }, false },
	{ { "date", 4 }, false },
	{ { "digest", 6 }, true },
	{ { "content-type", 12 }, true },
};

int cavage_sign(struct ctx *c, const struct http_message *m, const struct signature_with *with,
		struct http_field *ret, size_t *n)
{
	struct signature_cover cover = { .n = 0 };
	struct signature sig = {
		.form = SIGNATURE_CAVAGE,
		.algorithm = str_c(signature_algorithm_for(SIGNATURE_CAVAGE, key_kind(with->key))),
	};

	for (size_t i = 0; i < ARRAY_SIZE(signed_fields); i++)
		if (!signed_fields[i].is_optional ||
		    signature_field_count(m, signed_fields[i].name))
			TRY(signature_cover_add(c, &cover, signed_fields[i].name));
	sig.covered = signature_cover_done(c, &cover);
	TRY(signature_make(c, m, with->key, &sig));
	ret[(*n)++] = (struct http_field){
		STR("Signature"),
		str_fmt(c->arena,
			"keyId=\"" STR_FMT "\",algorithm=\"" STR_FMT "\",headers=\"" STR_FMT
			"\",signature=\"" STR_FMT "\"",
			STR_ARG(with->key_id), STR_ARG(sig.algorithm),
			STR_ARG(join(c, sig.covered)), STR_ARG(base64_encode(c->arena, sig.bytes))),
	};
	return 0;
}
