/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the form that writes posts brings. Invariant: files are stored before anything else is looked
 * at, since a browser does not send them again by itself.
 */
#include "model/draft.h"
#include "model/idempotency.h"
#include "model/media.h"
#include "model/poll.h"
#include "model/post_compose.h"
#include "model/scheduled.h"
#include "server/web/compose.h"
#include "server/web/form.h"
#include "server/web/post_page.h"
#include "server/web/views.h"

/* "file_1" is the first. */
static const char *name_of(struct ctx *c, const char *what, size_t place)
{
	return str_z(c->arena, str_fmt(c->arena, "%s_%zu", what, place + 1));
}

static void read_slots(struct ctx *c, const struct request *q, struct compose_view *form)
{
	for (size_t i = 0; i < ARRAY_SIZE(form->slots); i++) {
		form->slots[i].id = form_id(q, name_of(c, "media", i));
		form->slots[i].description = form_line(c, q, name_of(c, "description", i));
	}
}

static void read_poll(struct ctx *c, const struct request *q, struct compose_view *form)
{
	for (size_t i = 0; i < ARRAY_SIZE(form->options); i++)
		form->options[i] = form_line(c, q, name_of(c, "option", i));
	if (!str_to_i64(form_line(c, q, "poll_seconds"), &form->poll_seconds))
		form->poll_seconds = 0;
	form->poll_multiple = form_ticked(q, "poll_multiple");
	form->poll_hides = form_ticked(q, "poll_hides");
}

/* The same text from the same page is the same post; another text is not. */
static str key_of(struct ctx *c, const struct compose_view *form)
{
	if (str_is_empty(form->once))
		return STR_NULL;
	return idempotency_key(
		c, 0, str_fmt(c->arena, "%.*s:%.*s", STR_ARG(form->once), STR_ARG(form->text)));
}

void submission_read(struct ctx *c, const struct request *q, struct submission *ret)
{
	int visibility = POST_PUBLIC, policy = QUOTE_PUBLIC, replies = CONSENT_PUBLIC;
	struct compose_view *form = &ret->form;

	*ret = (struct submission){ .form.limit = POST_LIMIT };
	ret->visibility_is_known =
		name_to_value(post_visibilities, form_line(c, q, "visibility"), &visibility);
	(void)name_to_value(post_quote_policies, form_line(c, q, "quote_policy"), &policy);
	ret->reply_policy_is_known =
		name_to_value(consent_choices, form_line(c, q, "reply_policy"), &replies);
	form->reply_policy = (enum consent_choice)replies;
	form->text = form_text(c, q, "text");
	form->warning = form_line(c, q, "summary");
	form->lang = form_line(c, q, "language");
	form->sensitive = form_ticked(q, "sensitive");
	form->visibility = (enum post_visibility)visibility;
	form->quote_policy = (enum quote_policy)policy;
	form->due = form_line(c, q, "due");
	form->once = form_line(c, q, "once");
	form->edits = form_id(q, "edits");
	form->draft = form_id(q, "draft");
	read_slots(c, q, form);
	read_poll(c, q, form);
	ret->draft = (struct post_draft){
		.text = form->text,
		.summary = form->warning,
		.visibility = form->visibility,
		.sensitive = form->sensitive || form->warning.n > 0,
		.language = form->lang,
		.in_reply_to_id = form_id(q, "in_reply_to"),
		.quoted_id = form_id(q, "quotes"),
		.quote_policy = form->quote_policy,
		.key = key_of(c, form),
		.text_only = form->edits != 0,
	};
}

static void show(struct ctx *c, const struct attachment_row *row, struct slot_view *slot)
{
	struct status_media m = media_of_row(c, row);

	slot->id = row->id;
	slot->preview = m.preview_url;
}

static int take_upload(struct ctx *c, struct slot_view *slot)
{
	const struct media_draft said = { .description = slot->description };
	const struct attachment_row *row;
	int64_t id = slot->id;

	slot->id = 0;
	TRY(media_upload_get(c, id, &row));
	show(c, row, slot);
	return media_upload_edit(c, id, &said, false, &row);
}

static int take_slot(struct ctx *c, const struct request *q, size_t place, struct slot_view *slot)
{
	const struct request_file *file = request_file(q, name_of(c, "file", place));
	const struct attachment_row *row;
	struct media_draft d = { .description = slot->description };

	if (form_ticked(q, name_of(c, "remove", place))) {
		*slot = (struct slot_view){ 0 };
		return 0;
	}
	if (slot->id)
		return take_upload(c, slot);
	if (!file || file->data.n == 0)
		return 0;
	d.bytes = file->data;
	TRY(media_upload_now(c, &d, &row));
	show(c, row, slot);
	return 0;
}

/* What is wrong with a file is said of its place in the form. */
static int wrong_slot(struct ctx *c, size_t place, int err)
{
	bool words = c->error_field && str_eq_c(str_c(c->error_field), "description");

	if (err > 0)
		c->error_field = NULL;
	return fail_at_row(c, words ? "description_" : "file_", place + 1, err);
}

/* All that are good, before the first that is not. */
static int take_media(struct ctx *c, const struct request *q, struct submission *s)
{
	int64_t *ids = arena_array(c->arena, MEDIA_PER_POST, sizeof(*ids));

	s->form.wrong = COMPOSE_MEDIA;
	s->draft.media_ids = (i64s){ ids, 0 };
	for (size_t i = 0; i < MEDIA_PER_POST; i++) {
		int err = take_slot(c, q, i, &s->form.slots[i]);

		if (err)
			return wrong_slot(c, i, err);
		if (s->form.slots[i].id)
			ids[s->draft.media_ids.n++] = s->form.slots[i].id;
	}
	return 0;
}

/* Without options there is no poll. */
static int take_poll(struct ctx *c, struct submission *s)
{
	struct poll_draft *poll = arena_new_of(c->arena, struct poll_draft);
	str *options = arena_array(c->arena, POLL_OPTION_LIMIT, sizeof(*options));

	s->form.wrong = COMPOSE_POLL;
	for (size_t i = 0; i < POLL_OPTION_LIMIT; i++)
		if (s->form.options[i].n)
			options[poll->options.n++] = s->form.options[i];
	/* The form has them without gaps from here on, so that an error's number is the field's. */
	for (size_t i = 0; i < POLL_OPTION_LIMIT; i++)
		s->form.options[i] = i < poll->options.n ? options[i] : STR("");
	if (poll->options.n == 0)
		return 0;
	poll->options.p = options;
	if (s->form.poll_seconds > 0 && s->form.poll_seconds < INT32_MAX)
		poll->duration = s->form.poll_seconds * USEC_SEC;
	poll->multiple = s->form.poll_multiple;
	poll->hide_totals = s->form.poll_hides;
	s->draft.poll = poll;
	return poll_check(c, poll);
}

bool due_parse(struct ctx *c, str typed, usec *ret)
{
	return clock_parse_iso(typed.n == DUE_LENGTH ? str_cat(c->arena, typed, STR(":00")) : typed,
			       ret);
}

str due_format(struct ctx *c, usec t)
{
	return str_slice(clock_iso(c->arena, t), 0, DUE_LENGTH);
}

static int keep_for_later(struct ctx *c, struct submission *s)
{
	usec due;

	TRY(post_check(c, &s->draft));
	s->form.wrong = COMPOSE_DUE;
	if (!due_parse(c, s->form.due, &due))
		return fail_at(c, "due", fail(c, E_UNPROCESSABLE, "that is no day with a time"));
	return scheduled_add(c, &s->draft, due, &s->scheduled_id);
}

/* The usual policy, with who may answer as it is chosen here. */
static int take_policy(struct ctx *c, struct submission *s)
{
	struct consent_policy *policy = arena_new_of(c->arena, struct consent_policy);
	str visibility = str_c(name_of_value(post_visibilities, (int)s->form.visibility));

	if (!s->reply_policy_is_known)
		return 0;
	TRY(consent_default(c, visibility, policy));
	if (consent_choice_of(&policy->reply) != s->form.reply_policy)
		policy->reply = consent_rule_of(s->form.reply_policy);
	s->draft.policy = policy;
	return 0;
}

static int take_new(struct ctx *c, const struct request *q, struct submission *s)
{
	int err = idempotency_find(c, s->draft.key, &s->post_id, &s->scheduled_id);

	if (err != E_NOT_FOUND)
		return err;
	TRY(take_media(c, q, s));
	TRY(take_poll(c, s));
	TRY(take_policy(c, s));
	s->form.wrong = COMPOSE_ALL;
	/* Never wider than meant: what says not whom it is for is not sent. */
	if (!s->visibility_is_known)
		return fail_at(c, "visibility", fail(c, E_INVALID, "choose who may see the post"));
	return s->form.due.n ? keep_for_later(c, s) : post_create(c, &s->draft, &s->post_id);
}

int submission_take(struct ctx *c, const struct request *q, struct submission *s)
{
	if (!s->form.edits) {
		TRY(take_new(c, q, s));
		return s->form.draft ? draft_drop(c, s->form.draft, s->draft.media_ids) : 0;
	}
	s->post_id = s->form.edits;
	return post_edit(c, s->form.edits, &s->draft);
}

int submission_keep(struct ctx *c, const struct request *q, struct submission *s)
{
	int err;

	TRY(take_media(c, q, s));
	err = take_poll(c, s);
	if (err < 0)
		return err;
	s->form.wrong = COMPOSE_ALL;
	TRY(take_policy(c, s));
	return draft_save(c, s->form.draft, &s->draft, s->form.due);
}

/* A file without a small picture has no place in a preview. */
static void preview_media(struct ctx *c, const struct submission *s, struct post_view *v)
{
	struct media_view *media = arena_array(c->arena, MEDIA_PER_POST, sizeof(*media));

	for (size_t i = 0; i < MEDIA_PER_POST; i++)
		if (s->form.slots[i].id && s->form.slots[i].preview.n)
			media[v->n_media++] = (struct media_view){
				.kind = MEDIA_IMAGE,
				.url = s->form.slots[i].preview,
				.thumbnail = s->form.slots[i].preview,
				.description = s->form.slots[i].description,
			};
	v->media = media;
}

static void preview_poll(struct ctx *c, const struct submission *s, struct post_view *v)
{
	struct poll_view *poll = arena_new_of(c->arena, struct poll_view);
	struct poll_option_view *options;

	if (!s->draft.poll)
		return;
	options = arena_array(c->arena, POLL_OPTION_LIMIT, sizeof(*options));
	for (size_t i = 0; i < s->draft.poll->options.n; i++)
		options[i].label = s->draft.poll->options.p[i];
	*poll = (struct poll_view){
		.options = options,
		.n_options = s->draft.poll->options.n,
		.closes = c->now + s->draft.poll->duration,
		.multiple = s->draft.poll->multiple,
	};
	v->poll = poll;
}

int submission_preview(struct ctx *c, const struct request *q, struct submission *s,
		       struct post_view *ret)
{
	struct composition m;

	if (!s->form.edits) {
		TRY(take_media(c, q, s));
		TRY(take_poll(c, s));
	}
	s->form.wrong = COMPOSE_ALL;
	TRY(post_check(c, &s->draft));
	TRY(post_compose(c, s->draft.text, 0, NULL, &m));
	*ret = (struct post_view){
		.author = view_person(c, q->identity),
		.content = m.content,
		.warning = s->draft.summary,
		.lang = s->draft.language,
		.sensitive = s->draft.sensitive,
		.visibility = s->draft.visibility,
		.published = c->now,
	};
	preview_media(c, s, ret);
	preview_poll(c, s, ret);
	return 0;
}

static int continue_media(struct ctx *c, i64s ids, struct compose_view *form)
{
	const struct attachment_row *row;
	size_t n = 0;

	for (size_t i = 0; i < ids.n && n < MEDIA_PER_POST; i++) {
		int err = media_upload_get(c, ids.p[i], &row);

		if (err && err != E_NOT_FOUND)
			return err;
		if (err)
			continue;
		show(c, row, &form->slots[n]);
		form->slots[n++].description = row->description;
	}
	return 0;
}

static void continue_poll(const struct poll_draft *poll, struct compose_view *form)
{
	for (size_t i = 0; i < poll->options.n && i < POLL_OPTION_LIMIT; i++)
		form->options[i] = poll->options.p[i];
	form->poll_seconds = poll->duration / USEC_SEC;
	form->poll_multiple = poll->multiple;
	form->poll_hides = poll->hide_totals;
}

int submission_continue(struct ctx *c, int64_t id, struct compose_view *ret)
{
	const struct draft_row *row;
	struct post_draft d;

	TRY(draft_get(c, id, &row));
	TRY(post_draft_read(c, row->draft, &d));
	TRY(compose_empty(c, ret));
	ret->text = d.text;
	ret->warning = d.summary;
	ret->visibility = d.visibility;
	ret->quote_policy = d.quote_policy;
	if (d.policy)
		ret->reply_policy = consent_choice_of(&d.policy->reply);
	ret->lang = d.language;
	ret->sensitive = d.sensitive;
	ret->due = row->due;
	ret->draft = id;
	if (d.poll)
		continue_poll(d.poll, ret);
	TRY(compose_other(c, d.in_reply_to_id, &ret->parent));
	TRY(compose_other(c, d.quoted_id, &ret->quoted));
	return continue_media(c, row->attachment_ids, ret);
}
