/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Complaints: https://docs.joinmastodon.org/methods/reports/ */
#include "model/report.h"

#include "model/identity.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_report.h"

static str text_of(const struct params *p, const char *name)
{
	str value = param(p, name);

	return str_is_null(value) ? STR("") : value;
}

int api_report(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *subject;
	const struct report_row *row;
	struct report_draft draft;
	struct params *p;
	struct json_out w;

	TRY(params_read(c, q, &p));
	draft = (struct report_draft){
		.subject_id = param_id(p, "account_id"),
		.post_ids = param_ids(c, p, "status_ids"),
		.rule_ids = param_ids(c, p, "rule_ids"),
		.collection_ids = param_ids(c, p, "collection_ids"),
		.comment = text_of(p, "comment"),
		.category = text_of(p, "category"),
		.forward = param_bool(p, "forward", false),
		.forward_to = param_list(c, p, "forward_to_domains"),
	};
	TRY(report_create(c, &draft, &row));
	TRY(q_identity_by_id(c, row->subject_id, &subject));
	api_open(c, &w);
	render_report(c, &w, NULL, row, subject);
	return api_send(&w, r);
}
