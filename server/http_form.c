/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Forms. Invariant: a form is parsed once, when something of it is first asked for; files stay where
 * they are in the body, fields are copied.
 */
#include <microhttpd.h>

#include "loop/fiber.h"
#include "server/http_exchange.h"
#include "server/multipart.h"

#define FORM_FIELDS_LIMIT 400
#define FORM_VALUE_LIMIT (64 * 1024)
#define FORM_FILES_LIMIT 8
#define LONG_BODY (1024 * 1024) /* bytes that take a while to look through */

struct form {
	struct exchange *exchange;
	struct out value; /* of the field that is being read */
	str name;
};

static void push(struct exchange *x, str name, str value)
{
	if (!str_is_null(name) && x->n_form < FORM_FIELDS_LIMIT)
		x->form[x->n_form++] = (struct exchange_pair){ name, value };
}

static void end_field(struct form *f)
{
	str value;

	if (!str_is_null(f->name) && out_done(&f->value, &value) == 0)
		push(f->exchange, f->name, value);
	f->name = STR_NULL;
}

static enum MHD_Result on_field(void *cls, unused enum MHD_ValueKind kind, const char *key,
				const char *filename, unused const char *type,
				unused const char *encoding, const char *data, uint64_t offset,
				size_t n)
{
	struct form *f = cls;

	if (!key || filename)
		return MHD_YES;
	if (offset == 0) {
		end_field(f);
		f->name = str_dup(f->exchange->ctx.arena, str_c(key));
		out_init(&f->value, f->exchange->ctx.arena, FORM_VALUE_LIMIT);
	}
	if (!str_is_null(f->name))
		out_str(&f->value, (str){ data, n });
	return MHD_YES;
}

static void parse_urlencoded(struct exchange *x)
{
	struct form f = { .exchange = x };
	struct MHD_PostProcessor *p = MHD_create_post_processor(x->connection, 4096, on_field, &f);

	if (!p)
		return;
	MHD_post_process(p, x->request.body.p, x->request.body.n);
	MHD_destroy_post_processor(p);
	end_field(&f);
}

static void add_part(struct exchange *x, const struct multipart_part *part)
{
	struct arena *a = x->ctx.arena;

	if (str_is_null(part->name))
		return;
	if (str_is_null(part->filename)) {
		if (part->data.n <= FORM_VALUE_LIMIT)
			push(x, str_dup(a, part->name), str_dup(a, part->data));
		return;
	}
	if (x->n_files < FORM_FILES_LIMIT)
		x->files[x->n_files++] = (struct request_file){
			.name = part->name,
			.filename = part->filename,
			.type = part->type,
			.data = part->data,
		};
}

struct parts {
	struct exchange *exchange;
	struct multipart multipart;
};

static void parse_multipart(void *arg)
{
	struct parts *p = arg;
	struct multipart_part part;

	while (multipart_next(&p->multipart, &part))
		add_part(p->exchange, &part);
}

static void form_parse(struct exchange *x)
{
	struct parts p = { .exchange = x };

	x->form_is_parsed = true;
	x->form = arena_array(x->ctx.arena, FORM_FIELDS_LIMIT, sizeof(*x->form));
	x->files = arena_array(x->ctx.arena, FORM_FILES_LIMIT, sizeof(*x->files));
	if (!multipart_open(x->ctx.arena, request_header(&x->request, "content-type"),
			    x->request.body, &p.multipart))
		parse_urlencoded(x);
	else if (x->request.body.n > LONG_BODY)
		offload(parse_multipart, &p);
	else
		parse_multipart(&p);
}

bool request_form_at(const struct request *q, size_t n, str *ret_name, str *ret_value)
{
	struct exchange *x = q->exchange;

	if (!x->form_is_parsed)
		form_parse(x);
	if (n >= x->n_form)
		return false;
	*ret_name = x->form[n].name;
	*ret_value = x->form[n].value;
	return true;
}

str request_form(const struct request *q, const char *name)
{
	str key, value;

	for (size_t i = 0; request_form_at(q, i, &key, &value); i++)
		if (str_eq_c(key, name))
			return str_is_utf8(value) ? value : STR_NULL;
	return STR_NULL;
}

const struct request_file *request_file(const struct request *q, const char *name)
{
	struct exchange *x = q->exchange;

	if (!x->form_is_parsed)
		form_parse(x);
	for (size_t i = 0; i < x->n_files; i++)
		if (str_eq_c(x->files[i].name, name))
			return &x->files[i];
	return NULL;
}
