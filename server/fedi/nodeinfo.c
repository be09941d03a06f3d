/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* NodeInfo 2.0 and 2.1: what each tenant is, counted for itself alone. */
#include "model/domain.h"
#include "model/instance.h"
#include "server/fedi/fedi.h"

#define SCHEMA "http://nodeinfo.diaspora.software/ns/schema/"

static void write_link(struct ctx *c, struct json_out *w, const char *version)
{
	json_open_object(w, NULL);
	json_put_str(w, "rel", str_cat(c->arena, STR(SCHEMA), str_c(version)));
	json_put_str(w, "href",
		     str_fmt(c->arena, "%.*s/nodeinfo/%s", STR_ARG(c->domain->origin), version));
	json_close_object(w);
}

int fedi_nodeinfo_links(struct ctx *c, unused struct request *q, struct response *r)
{
	struct json_out w;

	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	json_open_object(&w, NULL);
	json_open_array(&w, "links");
	write_link(c, &w, "2.1");
	write_link(c, &w, "2.0");
	json_close_array(&w);
	json_close_object(&w);
	TRY(json_out_done(&w, &r->body));
	r->type = STR("application/json; charset=utf-8");
	r->cache = CACHE_SHORT;
	r->cors = true;
	return 0;
}

static void write_software(struct json_out *w)
{
	json_open_object(w, "software");
	json_put_c(w, "name", "rookery");
	json_put_c(w, "version", ROOKERY_VERSION);
	json_close_object(w);
}

static void write_usage(struct json_out *w, const struct instance_counts_row *counts)
{
	json_open_object(w, "usage");
	json_open_object(w, "users");
	json_put_i64(w, "total", counts->users);
	json_put_i64(w, "activeMonth", counts->active);
	json_put_i64(w, "activeHalfyear", counts->active_half_year);
	json_close_object(w);
	json_put_i64(w, "localPosts", counts->posts);
	json_close_object(w);
}

int fedi_nodeinfo(struct ctx *c, struct request *q, struct response *r)
{
	bool is_newer = str_eq(q->args[0], STR("1"));
	struct instance_counts_row counts;
	struct json_out w;

	if (!is_newer && !str_eq(q->args[0], STR("0")))
		return fail(c, E_NOT_FOUND, "NodeInfo is served in the versions 2.0 and 2.1");
	TRY(instance_counts(c, &counts));
	json_out_init(&w, c->arena, FEDI_DOCUMENT_LIMIT);
	json_open_object(&w, NULL);
	json_put_c(&w, "version", is_newer ? "2.1" : "2.0");
	write_software(&w);
	json_open_array(&w, "protocols");
	json_put_c(&w, NULL, "activitypub");
	json_close_array(&w);
	json_open_object(&w, "services");
	json_open_array(&w, "inbound");
	json_close_array(&w);
	json_open_array(&w, "outbound");
	json_close_array(&w);
	json_close_object(&w);
	json_put_bool(&w, "openRegistrations", c->domain->sign_up >= SIGN_UP_APPROVAL);
	write_usage(&w, &counts);
	json_open_object(&w, "metadata");
	json_put_str(&w, "nodeName", c->domain->title);
	json_put_str_opt(&w, "nodeDescription", c->domain->description);
	/* By this, programs that do not know our name know which API to speak. */
	json_open_object(&w, "upstream");
	json_put_c(&w, "name", "mastodon");
	json_close_object(&w);
	json_close_object(&w);
	json_close_object(&w);
	TRY(json_out_done(&w, &r->body));
	r->type = str_fmt(c->arena,
			  "application/json; profile=\"" SCHEMA "2.%.*s#\"; charset=utf-8",
			  STR_ARG(q->args[0]));
	r->cache = CACHE_SHORT;
	r->cors = true;
	return 0;
}
