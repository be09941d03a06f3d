/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: uploads of a draft are kept as if a post had them; what is left of them is an upload again. */
#include "model/draft.h"

#include "db/db.h"
#include "json/json.h"
#include "json/write.h"
#include "model/consent.h"
#include "model/media.h"
#include "model/poll.h"

#define TEXT_LIMIT (64 * 1024) /* bytes */

int post_draft_write(struct ctx *c, const struct post_draft *d, str *ret)
{
	struct json_out w;

	json_out_init(&w, c->arena, TEXT_LIMIT);
	json_open_object(&w, NULL);
	json_put_str_opt(&w, "text", d->text);
	json_put_str_opt(&w, "summary", d->summary);
	json_put_c(&w, "visibility", name_of_value(post_visibilities, (int)d->visibility));
	json_put_c(&w, "quote_policy", name_of_value(post_quote_policies, (int)d->quote_policy));
	if (d->policy)
		consent_write_policy(&w, "policy", d->policy);
	json_put_bool(&w, "sensitive", d->sensitive);
	json_put_str_opt(&w, "language", d->language);
	if (d->in_reply_to_id)
		json_put_i64(&w, "in_reply_to_id", d->in_reply_to_id);
	if (d->quoted_id)
		json_put_i64(&w, "quoted_id", d->quoted_id);
	if (d->poll)
		poll_draft_put(&w, d->poll);
	json_close_object(&w);
	return json_out_done(&w, ret);
}

static const struct poll_draft *read_poll(struct ctx *c, const struct json *j)
{
	const struct json *options = json_get(j, "options");
	struct poll_draft *poll = arena_new_of(c->arena, struct poll_draft);
	size_t n = json_count(options);
	str *names = arena_array(c->arena, n + 1, sizeof(*names));

	if (!j)
		return NULL;
	for (size_t i = 0; i < n; i++)
		names[i] = json_str(json_at(options, i));
	poll->options = (strs){ names, n };
	poll->duration = json_get_i64(j, "expires_in") * USEC_SEC;
	poll->multiple = json_get_bool(j, "multiple");
	poll->hide_totals = json_get_bool(j, "hide_totals");
	return poll;
}

int post_draft_read(struct ctx *c, str text, struct post_draft *ret)
{
	const struct json *j;
	int visibility, policy;

	TRY(json_parse(c, text, &j));
	if (!name_to_value(post_visibilities, json_get_str(j, "visibility"), &visibility) ||
	    !name_to_value(post_quote_policies, json_get_str(j, "quote_policy"), &policy))
		return fail(c, E_INVALID, "the stored draft is of no use");
	*ret = (struct post_draft){
		.text = json_get_str(j, "text"),
		.summary = json_get_str(j, "summary"),
		.visibility = (enum post_visibility)visibility,
		.quote_policy = (enum quote_policy)policy,
		.policy = consent_read_policy(c, json_get(j, "policy")),
		.sensitive = json_get_bool(j, "sensitive"),
		.language = json_get_str(j, "language"),
		.in_reply_to_id = json_get_i64(j, "in_reply_to_id"),
		.quoted_id = json_get_i64(j, "quoted_id"),
		.poll = read_poll(c, json_get(j, "poll")),
	};
	return 0;
}

struct saving {
	int64_t id;
	i64s media_ids;
	str draft, due;
};

/* Those of ids that are not kept are uploads again. */
static int let_go(struct ctx *c, i64s ids, i64s kept)
{
	int64_t *gone = arena_array(c->arena, ids.n + 1, sizeof(*gone));
	size_t n = 0;

	for (size_t i = 0; i < ids.n; i++) {
		bool is_kept = false;

		for (size_t k = 0; k < kept.n; k++)
			is_kept |= kept.p[k] == ids.p[i];
		if (!is_kept)
			gone[n++] = ids.p[i];
	}
	return n ? q_post_let_go_media(c, (i64s){ gone, n }, c->identity_id, NULL) : 0;
}

static int set(struct ctx *c, const struct saving *s, size_t *ret_n)
{
	const struct draft_id_row *row;
	const struct draft_row *old;
	int err = s->id ? draft_get(c, s->id, &old) : E_NOT_FOUND;

	*ret_n = 0;
	if (err)
		return err == E_NOT_FOUND ? 0 : err;
	TRY(let_go(c, old->attachment_ids, s->media_ids));
	return q_draft_set(c,
			   &(struct q_draft_set_args){
				   .draft = s->draft,
				   .attachment_ids = s->media_ids,
				   .due = s->due,
				   .id = s->id,
				   .identity_id = c->identity_id,
			   },
			   &row, ret_n);
}

static int save(struct ctx *c, void *arg)
{
	const struct saving *s = arg;
	struct q_draft_add_args args = {
		.domain_id = c->domain_id,
		.identity_id = c->identity_id,
		.draft = s->draft,
		.attachment_ids = s->media_ids,
		.due = s->due,
		.most = DRAFT_LIMIT,
	};
	const struct draft_id_row *row;
	size_t n;

	TRY(set(c, s, &n));
	if (n == 0)
		TRY(q_draft_add(c, &args, &row, &n));
	if (n == 0)
		return fail(c, E_UNPROCESSABLE, "nobody keeps more than %d drafts", DRAFT_LIMIT);
	return s->media_ids.n ? media_attach(c, 0, s->media_ids) : 0;
}

int draft_save(struct ctx *c, int64_t id, const struct post_draft *d, str due)
{
	struct saving s = {
		.id = id,
		.media_ids = d->media_ids,
		.due = str_clip(due, DRAFT_DUE_LIMIT),
	};

	TRY(post_draft_write(c, d, &s.draft));
	return db_transaction(c, save, &s);
}

int draft_list(struct ctx *c, const struct draft_row **ret, size_t *ret_n)
{
	return q_draft_list(c, c->identity_id, DRAFT_LIMIT, ret, ret_n);
}

int draft_get(struct ctx *c, int64_t id, const struct draft_row **ret)
{
	return q_draft_by_id(c, id, c->identity_id, ret);
}

int draft_drop(struct ctx *c, int64_t id, i64s kept)
{
	const struct draft_row *row;
	int err = draft_get(c, id, &row);

	if (err)
		return err == E_NOT_FOUND ? 0 : err;
	TRY(q_draft_delete(c, id, c->identity_id, NULL));
	return let_go(c, row->attachment_ids, kept);
}
