/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Requests and responses of federation in the forms that lib/ap and the tenants' documents have. */
#include "ap/document.h"
#include "base/id.h"
#include "model/domain.h"
#include "model/identity.h"
#include "server/fedi/fedi.h"

void fedi_message(struct ctx *c, const struct request *q, struct http_message *ret)
{
	struct http_field *fields;
	str name, value;
	size_t n = 0;

	while (request_header_at(q, n, &name, &value))
		n++;
	fields = arena_array(c->arena, n + 1, sizeof(*fields));
	for (size_t i = 0; i < n; i++)
		if (!request_header_at(q, i, &fields[i].name, &fields[i].value))
			break;
	*ret = (struct http_message){
		.method = q->method_name,
		.scheme = str_slice(c->domain->origin, 0, str_find_char(c->domain->origin, ':', 0)),
		.authority = q->authority,
		.path = q->raw_path,
		.query = q->query,
		.fields = fields,
		.n_fields = n,
		.body = q->body,
	};
}

int fedi_respond(struct json_out *w, struct response *r)
{
	TRY(json_out_done(w, &r->body));
	r->type = STR(AP_MEDIA_TYPE "; charset=utf-8");
	r->cache = CACHE_SHORT;
	r->vary = STR("Accept");
	return 0;
}

int fedi_identity(struct ctx *c, str handle, const struct identity_row **ret)
{
	TRY(identity_find(c, handle, ret));
	if ((*ret)->domain_id != c->domain_id)
		return fail(c, E_NOT_FOUND, "nobody here is called @%.*s", STR_ARG(handle));
	if ((*ret)->deleted)
		return fail(c, E_GONE, "this account was deleted");
	return 0;
}

bool fedi_page(const struct request *q, int64_t *ret_max_id)
{
	str max_id = request_query(q, "max_id");

	*ret_max_id = INT64_MAX;
	if (str_is_null(max_id))
		return !str_is_null(request_query(q, "page"));
	return id_parse(max_id, ret_max_id);
}
