/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: nothing private is told but to those whom staff chose: no address, no text that not everybody may read. */
#include "model/webhook_document.h"

#include "base/out.h"
#include "json/json.h"
#include "json/write.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/limit.h"
#include "model/post.h"

#define DOCUMENT_LIMIT (256 * 1024) /* bytes */

static void put_account(struct ctx *c, struct json_out *w, const char *key,
			const struct identity_row *i)
{
	json_open_object(w, key);
	json_put_id(w, "id", i->id);
	json_put_str(w, "username", i->username);
	json_put_str(w, "acct",
		     i->domain_id == c->domain_id ? i->username
						  : str_from(identity_handle(c->arena, i), 1));
	json_put_str(w, "display_name", i->name);
	json_put_str(w, "url", i->url.n ? i->url : i->actor_uri);
	json_put_str(w, "uri", i->actor_uri);
	json_put_time(w, "created_at", i->published ? i->published : i->created);
	json_close_object(w);
}

static int put_account_by_id(struct ctx *c, struct json_out *w, const char *key, int64_t id)
{
	const struct identity_row *i;

	if (!id) {
		json_put_null(w, key);
		return 0;
	}
	TRY(q_identity_by_id(c, id, &i));
	put_account(c, w, key, i);
	return 0;
}

static int put_person(struct ctx *c, struct json_out *w, int64_t id)
{
	struct identity_limits_row limits;
	const struct identity_row *i;

	TRY(q_identity_by_id(c, id, &i));
	TRY(identity_limits_get(c, id, &limits));
	json_open_object(w, "object");
	json_put_id(w, "id", i->id);
	json_put_str(w, "username", i->username);
	json_put_null(w, "domain");
	json_put_time(w, "created_at", i->created);
	json_put_bool(w, "approved", !limits.pending);
	json_put_bool(w, "disabled", limits.disabled);
	json_put_bool(w, "silenced", limits.silenced);
	json_put_bool(w, "suspended", limits.suspended);
	put_account(c, w, "account", i);
	json_close_object(w);
	return 0;
}

static int put_report(struct ctx *c, struct json_out *w, int64_t id)
{
	const struct webhook_report_row *r;

	TRY(q_webhook_report(c, c->domain_id, id, &r));
	json_open_object(w, "object");
	json_put_id(w, "id", r->id);
	json_put_bool(w, "action_taken", r->resolved);
	json_put_time(w, "action_taken_at", r->resolved);
	json_put_str(w, "category", r->category);
	json_put_str(w, "comment", r->comment);
	json_put_bool(w, "forwarded", r->forwarded);
	json_put_time(w, "created_at", r->created);
	json_put_i64(w, "statuses_count", r->posts);
	TRY(put_account_by_id(c, w, "account", r->source_id));
	TRY(put_account_by_id(c, w, "target_account", r->subject_id));
	json_close_object(w);
	return 0;
}

static int put_status(struct ctx *c, struct json_out *w, int64_t id)
{
	const struct post_row *p;

	TRY(post_get(c, id, 0, &p));
	json_open_object(w, "object");
	json_put_id(w, "id", p->id);
	json_put_time(w, "created_at", p->published);
	json_put_time(w, "edited_at", p->edited);
	json_put_str(w, "visibility", p->visibility);
	json_put_str(w, "language", p->language);
	json_put_bool(w, "sensitive", p->sensitive);
	json_put_str(w, "spoiler_text", p->summary);
	json_put_str(w, "content", p->content);
	json_put_str(w, "uri", p->object_uri);
	json_put_str(w, "url", p->url.n ? p->url : p->object_uri);
	TRY(put_account_by_id(c, w, "account", p->author_id));
	json_close_object(w);
	return 0;
}

static int put_test(struct ctx *c, struct json_out *w, unused int64_t id)
{
	json_open_object(w, "object");
	json_put_str(w, "domain", c->domain->name);
	json_put_str(w, "title", c->domain->title);
	json_close_object(w);
	return 0;
}

static const struct {
	const char *prefix;
	int (*put)(struct ctx *c, struct json_out *w, int64_t id);
} subjects[] = {
	{ "account.", put_person },
	{ "report.", put_report },
	{ "status.", put_status },
	{ "", put_test },
};

static int put_object(struct ctx *c, struct json_out *w, const struct webhook_job_row *job)
{
	size_t i = 0;

	while (!str_starts(job->event, str_c(subjects[i].prefix)))
		i++;
	return subjects[i].put(c, w, job->subject_id);
}

int webhook_document(struct ctx *c, const struct webhook_job_row *job, str *ret)
{
	struct json_out w;
	int result;

	json_out_init(&w, c->arena, DOCUMENT_LIMIT);
	json_open_object(&w, NULL);
	json_put_str(&w, "event", job->event);
	json_put_time(&w, "created_at", job->created);
	result = put_object(c, &w, job);
	if (result == E_NOT_FOUND)
		return fail(c, E_GONE, "what it is about is not there any more");
	TRY(result);
	json_close_object(&w);
	return json_out_done(&w, ret);
}

static const struct json *find(struct ctx *c, const struct json *j, str path)
{
	str name;

	while (str_cut(&path, '.', &name))
		j = json_get(j, str_z(c->arena, str_trim(name)));
	return j;
}

static void put_value(struct ctx *c, struct out *o, const struct json *j)
{
	str text = json_dump(c, j);

	out_str(o, json_is(j, JSON_STRING) ? str_slice(text, 1, text.n - 1) : text);
}

int webhook_fill_in(struct ctx *c, str template, str document, str *ret)
{
	const struct json *j;
	struct out o;
	size_t at = 0;

	TRY(json_parse(c, document, &j));
	out_init(&o, c->arena, DOCUMENT_LIMIT);
	for (;;) {
		size_t from = str_find(template, STR("{{"), at);
		size_t end = from == SIZE_MAX ? SIZE_MAX : str_find(template, STR("}}"), from);

		if (end == SIZE_MAX)
			break;
		out_str(&o, str_slice(template, at, from));
		put_value(c, &o, find(c, j, str_trim(str_slice(template, from + 2, end))));
		at = end + 2;
	}
	out_str(&o, str_from(template, at));
	return out_done(&o, ret);
}
