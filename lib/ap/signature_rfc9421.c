/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * RFC 9421. Invariant: a covered component is used with the parameters that it has or not at all;
 * parameters that would change its meaning and that we do not implement refuse the signature.
 */
#include <string.h>

#include "ap/sfv.h"
#include "ap/signature_form.h"
#include "base/err.h"

#define LABEL "sig1"

/* Parsing */

static int field_text(struct ctx *c, const struct http_message *m, str name, str *ret)
{
	TRY(signature_field(c, m, name, ret));
	if (ret->n > SIGNATURE_HEADER_LIMIT)
		return refuse(c, STR_FMT " is longer than %d bytes", STR_ARG(name),
			      SIGNATURE_HEADER_LIMIT);
	return 0;
}

/*
 * The signature of that label. Lines are read one by one: a server that signs in both forms sends
 * a line of the other kind as well, and that is no dictionary.
 */
static int find_bytes(struct ctx *c, const struct http_message *m, str label, str *ret)
{
	const struct sfv_member *found = NULL;
	str text;

	if (!signature_field_count(m, STR("signature")))
		return refuse(c, "Signature-Input stands without Signature");
	TRY(field_text(c, m, STR("signature"), &text));
	for (size_t i = 0; i < m->n_fields; i++) {
		const struct sfv_member *member;
		struct sfv_members line;

		if (!str_eq_fold(m->fields[i].name, STR("signature")) ||
		    !sfv_parse_dictionary(c->arena, m->fields[i].value, &line))
			continue;
		member = sfv_find(&line, label);
		if (member && found)
			return refuse(c, "signature " STR_FMT " is there twice", STR_ARG(label));
		if (member)
			found = member;
	}
	if (!found || found->is_inner_list || found->item.bare.type != SFV_BYTES)
		return refuse(c, "there is no signature " STR_FMT, STR_ARG(label));
	*ret = found->item.bare.text;
	return 0;
}

/* The identifier without its quotes: @method, @query-param;name="x". */
static str identifier(struct ctx *c, const struct sfv_item *item)
{
	struct out o;

	out_init(&o, c->arena, SIZE_MAX);
	out_str(&o, item->bare.text);
	sfv_put_params(&o, &item->params);
	return out_view(&o);
}

static int read_covered(struct ctx *c, const struct sfv_member *input, strs *ret)
{
	struct signature_cover cover = { .n = 0 };

	for (size_t i = 0; i < input->n_inner; i++) {
		if (input->inner[i].bare.type != SFV_STRING)
			return refuse(c, "Signature-Input covers something that is no string");
		TRY(signature_cover_add(c, &cover, identifier(c, &input->inner[i])));
	}
	*ret = signature_cover_done(c, &cover);
	return 0;
}

static int param_str(struct ctx *c, const struct sfv_member *input, const char *key, str *ret)
{
	const struct sfv_bare *value = sfv_param(&input->item.params, key);

	if (!value)
		return 0;
	if (value->type != SFV_STRING)
		return refuse(c, "%s of the signature is no string", key);
	*ret = value->text;
	return 0;
}

static int param_time(struct ctx *c, const struct sfv_member *input, const char *key, usec *ret)
{
	const struct sfv_bare *value = sfv_param(&input->item.params, key);

	if (value && (value->type != SFV_INTEGER || !signature_time(value->number, ret)))
		return refuse(c, "%s of the signature is no time", key);
	return 0;
}

static int read_params(struct ctx *c, const struct sfv_member *input, struct signature *ret)
{
	TRY(param_str(c, input, "keyid", &ret->key_id));
	TRY(param_str(c, input, "alg", &ret->algorithm));
	TRY(param_time(c, input, "created", &ret->created));
	return param_time(c, input, "expires", &ret->expires);
}

int rfc9421_parse(struct ctx *c, const struct http_message *m, struct signature *ret)
{
	struct sfv_members inputs;
	str text;

	TRY(field_text(c, m, STR("signature-input"), &text));
	if (!sfv_parse_dictionary(c->arena, text, &inputs) || !inputs.n ||
	    !inputs.p[0].is_inner_list)
		return refuse(c, "Signature-Input is malformed");
	ret->input = &inputs.p[0];
	TRY(find_bytes(c, m, ret->input->key, &ret->bytes));
	TRY(read_covered(c, ret->input, &ret->covered));
	return read_params(c, ret->input, ret);
}

/* Derived components (section 2.2) */

/* Section 2.2.3: lower case, without the port that the scheme implies. */
static str authority(struct ctx *c, const struct http_message *m)
{
	str host = str_lower(c->arena, m->authority);
	str port = str_eq_fold(m->scheme, STR("http")) ? STR(":80") : STR(":443");

	return str_ends(host, port) ? str_slice(host, 0, host.n - port.n) : host;
}

static void put_method(struct ctx *c unused, const struct http_message *m, struct out *o)
{
	out_str(o, m->method);
}

static void put_authority(struct ctx *c, const struct http_message *m, struct out *o)
{
	out_str(o, authority(c, m));
}

static void put_scheme(struct ctx *c, const struct http_message *m, struct out *o)
{
	out_str(o, str_lower(c->arena, m->scheme));
}

static void put_target(struct ctx *c, const struct http_message *m, struct out *o)
{
	out_str(o, signature_target(c->arena, m));
}

static void put_target_uri(struct ctx *c, const struct http_message *m, struct out *o)
{
	put_scheme(c, m, o);
	out_c(o, "://");
	put_authority(c, m, o);
	put_target(c, m, o);
}

static void put_path(struct ctx *c unused, const struct http_message *m, struct out *o)
{
	out_str(o, m->path.n ? m->path : STR("/"));
}

/* Section 2.2.7: the '?' stands also where there is no query. */
static void put_query(struct ctx *c unused, const struct http_message *m, struct out *o)
{
	out_char(o, '?');
	out_str(o, m->query);
}

static const struct {
	const char *name;
	void (*put)(struct ctx *c, const struct http_message *m, struct out *o);
} derived[] = {
	{ "@method", put_method },	   { "@target-uri", put_target_uri },
	{ "@authority", put_authority },   { "@scheme", put_scheme },
	{ "@request-target", put_target }, { "@path", put_path },
	{ "@query", put_query },
};

static int hex_value(char ch)
{
	if (char_is_digit(ch))
		return ch - '0';
	ch = char_lower(ch);
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* The next byte of a form-encoded text, decoded. */
static unsigned char take_byte(str *s)
{
	int high = s->n > 2 ? hex_value(s->p[1]) : -1, low = s->n > 2 ? hex_value(s->p[2]) : -1;
	bool is_escape = s->p[0] == '%' && high >= 0 && low >= 0;
	char ch = s->p[0] == '+' ? ' ' : s->p[0];

	*s = str_from(*s, is_escape ? 3 : 1);
	return is_escape ? (unsigned char)(high << 4 | low) : (unsigned char)ch;
}

/* Section 2.2.8: decoded as a form, and percent-encoded anew. */
static str reencoded(struct ctx *c, str s)
{
	struct out o;

	out_init(&o, c->arena, SIZE_MAX);
	while (s.n) {
		unsigned char ch = take_byte(&s);

		if (char_is_alnum((char)ch) || (ch && strchr("*-._", ch)))
			out_char(&o, (char)ch);
		else
			out_fmt(&o, "%%%02X", ch);
	}
	return out_view(&o);
}

static int put_query_param(struct ctx *c, const struct http_message *m, const struct sfv_item *item,
			   struct out *o)
{
	const struct sfv_bare *wanted = sfv_param(&item->params, "name");
	str query = m->query, pair, name, found = STR_NULL;

	if (!wanted || wanted->type != SFV_STRING || item->params.n != 1)
		return refuse(c, "@query-param is covered with unsupported parameters");
	while (str_cut(&query, '&', &pair)) {
		if (!str_cut(&pair, '=', &name) || !str_eq(reencoded(c, name), wanted->text))
			continue;
		if (!str_is_null(found))
			return refuse(c, "a covered parameter is in the query twice");
		found = reencoded(c, pair);
	}
	if (str_is_null(found))
		return refuse(c, "a covered parameter is not in the query");
	out_str(o, found);
	return 0;
}

static bool is_lower(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (char_lower(s.p[i]) != s.p[i])
			return false;
	return true;
}

static int put_value(struct ctx *c, const struct http_message *m, const struct sfv_item *item,
		     struct out *o)
{
	str name = item->bare.text, value;

	if (str_eq_c(name, "@query-param"))
		return put_query_param(c, m, item, o);
	if (item->params.n)
		return refuse(c, STR_FMT " is covered with unsupported parameters", STR_ARG(name));
	for (size_t i = 0; i < ARRAY_SIZE(derived); i++)
		if (str_eq_c(name, derived[i].name)) {
			derived[i].put(c, m, o);
			return 0;
		}
	if (str_starts(name, STR("@")) || !is_lower(name))
		return refuse(c, "component " STR_FMT " is not supported", STR_ARG(name));
	TRY(signature_field(c, m, name, &value));
	out_str(o, value);
	return 0;
}

int rfc9421_base(struct ctx *c, const struct http_message *m, const struct signature *sig,
		 struct out *o)
{
	for (size_t i = 0; i < sig->input->n_inner; i++) {
		sfv_put_item(o, &sig->input->inner[i]);
		out_c(o, ": ");
		TRY(put_value(c, m, &sig->input->inner[i], o));
		out_char(o, '\n');
	}
	out_c(o, "\"@signature-params\": ");
	sfv_put_member(o, sig->input);
	return 0;
}

/* Signing */

static const struct {
	str name;
	bool is_optional;
} signed_components[] = {
	{ { "@method", 7 }, false },
	{ { "@target-uri", 11 }, false },
	{ { "content-digest", 14 }, true },
};

enum { SIGNED_COMPONENTS = ARRAY_SIZE(signed_components), SIGNED_PARAMS = 3 };

static struct sfv_bare string(str text)
{
	return (struct sfv_bare){ SFV_STRING, 0, text };
}

static str member_text(struct ctx *c, struct sfv_member *member)
{
	struct sfv_members one = { member, 1 };
	struct out o;

	out_init(&o, c->arena, SIZE_MAX);
	sfv_put_dictionary(&o, &one);
	return out_view(&o);
}

int rfc9421_sign(struct ctx *c, const struct http_message *m, const struct signature_with *with,
		 struct http_field *ret, size_t *n)
{
	str algorithm = str_c(signature_algorithm_for(SIGNATURE_RFC9421, key_kind(with->key)));
	struct sfv_item inner[SIGNED_COMPONENTS] = { 0 };
	struct sfv_param params[SIGNED_PARAMS] = {
		{ STR("created"), { SFV_INTEGER, with->now / USEC_SEC, STR_NULL } },
		{ STR("keyid"), string(with->key_id) },
		{ STR("alg"), string(algorithm) },
	};
	struct sfv_member input = { .key = STR(LABEL),
				    .is_inner_list = true,
				    .item.params = { params, SIGNED_PARAMS },
				    .inner = inner };
	struct sfv_member output = { .key = STR(LABEL) };
	struct signature sig = { .form = SIGNATURE_RFC9421,
				 .algorithm = algorithm,
				 .input = &input };

	for (size_t i = 0; i < SIGNED_COMPONENTS; i++)
		if (!signed_components[i].is_optional ||
		    signature_field_count(m, signed_components[i].name))
			inner[input.n_inner++].bare = string(signed_components[i].name);
	TRY(signature_make(c, m, with->key, &sig));
	output.item.bare = (struct sfv_bare){ SFV_BYTES, 0, sig.bytes };
	ret[(*n)++] = (struct http_field){ STR("Signature-Input"), member_text(c, &input) };
	ret[(*n)++] = (struct http_field){ STR("Signature"), member_text(c, &output) };
	return 0;
}
