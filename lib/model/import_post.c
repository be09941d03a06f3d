/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A post of an archive becomes one of the acting identity's. Invariant: nobody is told, nothing is fetched, and nobody is
 * named by it but its author; it appears once, with all that belongs to it, in one transaction.
 */
#include "ap/document.h"
#include "base/table.h"
#include "db/db.h"
#include "html/html.h"
#include "json/json.h"
#include "model/hashtag.h"
#include "model/import_part.h"
#include "model/language.h"
#include "model/media_part.h"
#include "model/post.h"
#include "model/search.h"
#include "sql/gen/interaction.h"

#define CONTENT_LIMIT (HTML_INPUT_LIMIT - 1024) /* bytes */
#define URI_LIMIT 2048

struct bringing {
	const struct ap_object *object;
	const struct json *attachments;
	struct q_import_post_add_args row;
	int64_t media[MEDIA_PER_POST];
	bool is_picture[MEDIA_PER_POST];
	size_t n_media;
	int64_t id; /* 0: it was here already */
};

static str or_empty(str s)
{
	return str_is_null(s) ? STR("") : s;
}

/* Its files */

static str description_of(const struct json *attachment)
{
	str text = json_get_str(attachment, "name");

	if (str_is_null(text))
		text = json_get_str(attachment, "summary");
	text = str_clip(or_empty(text), 4 * MEDIA_DESCRIPTION_LIMIT);
	while (str_chars(text) > MEDIA_DESCRIPTION_LIMIT)
		text = str_clip(text, text.n - 1);
	return text;
}

static int upload(struct ctx *c, str stored, const struct json *attachment,
		  const struct attachment_row **ret)
{
	struct media_input in cleanup(media_input_done) = { .fd = -1 };
	const struct json *focus = json_get(attachment, "focalPoint");
	struct media_draft d = {
		.description = description_of(attachment),
		.focus_x = json_f64(json_at(focus, 0)),
		.focus_y = json_f64(json_at(focus, 1)),
	};
	struct media_file f;

	d.focus_x = d.focus_x >= -1 && d.focus_x <= 1 ? d.focus_x : 0;
	d.focus_y = d.focus_y >= -1 && d.focus_y <= 1 ? d.focus_y : 0;
	TRY(media_open_own(c, stored, &f));
	TRY(media_input_of_fd(f.fd, &in));
	d.bytes = in.view.bytes;
	return media_upload_now(c, &d, ret);
}

static void take_media(struct bringing *b, const struct attachment_row *a)
{
	b->is_picture[b->n_media] = media_kind_of_type(a->media_type) == MEDIA_KIND_IMAGE;
	b->media[b->n_media++] = a->id;
}

/* Video and sound stand alone here: of a mixture the pictures stay. */
static int keep_pictures(struct ctx *c, struct bringing *b)
{
	size_t pictures = 0, kept = 0;

	for (size_t i = 0; i < b->n_media; i++)
		pictures += b->is_picture[i];
	if (b->n_media < 2 || pictures == b->n_media)
		return 0;
	for (size_t i = 0; i < b->n_media; i++) {
		if (pictures ? b->is_picture[i] : i == 0)
			b->media[kept++] = b->media[i];
		else
			TRY(media_upload_delete(c, b->media[i]));
	}
	b->n_media = kept;
	return fail(c, 0, "video and sound stand alone, not beside other attachments");
}

/* A file that is of no use is left out, and *ret_left_out says so. */
static int upload_all(struct ctx *c, str names, struct bringing *b, str *ret_left_out)
{
	str name;

	for (size_t i = 0; b->n_media < MEDIA_PER_POST && str_cut(&names, ' ', &name); i++) {
		const struct attachment_row *row;
		int err = E_NOT_FOUND;

		if (str_eq(name, STR("-")))
			*ret_left_out = STR("a file is not in the archive");
		else
			err = upload(c, name, json_list_at(b->attachments, i), &row);
		if (err == 0)
			take_media(b, row);
		else if (err != E_NOT_FOUND && err != E_UNPROCESSABLE && err != E_TOO_LARGE)
			return err;
		else if (!str_eq(name, STR("-")))
			*ret_left_out = ctx_words(c, err);
	}
	c->error = STR_NULL;
	TRY(keep_pictures(c, b));
	if (!str_is_null(c->error))
		*ret_left_out = c->error;
	return 0;
}

/* Its text */

/* What others voted for is not theirs to vote on again here: it becomes text. */
static void write_poll(struct ctx *c, struct out *o, const struct ap_poll *poll)
{
	out_c(o, "<ul>");
	for (size_t i = 0; i < poll->n_options; i++) {
		out_c(o, "<li>");
		html_escape_out(o, poll->options[i].name);
		if (poll->options[i].votes >= 0)
			out_str(o, str_fmt(c->arena, " (%lld)", (long long)poll->options[i].votes));
		out_c(o, "</li>");
	}
	out_c(o, "</ul>");
}

static int write_content(struct ctx *c, const struct ap_object *o, html *ret)
{
	struct out text;
	str markup;

	out_init(&text, c->arena, CONTENT_LIMIT);
	if (o->name.n && o->type != AP_NOTE && o->type != AP_QUESTION) {
		out_c(&text, "<p><strong>");
		html_escape_out(&text, o->name);
		out_c(&text, "</strong></p>");
	}
	if (o->content_type.n && !str_eq(o->content_type, STR("text/html")))
		html_escape_out(&text, or_empty(o->content));
	else
		out_str(&text, or_empty(o->content));
	if (o->poll)
		write_poll(c, &text, o->poll);
	TRY(out_done(&text, &markup));
	return html_sanitise(c, markup, ret);
}

static int fill_row(struct ctx *c, str visibility, struct bringing *b)
{
	const struct ap_object *o = b->object;
	str summary, source;
	html content;

	TRY(write_content(c, o, &content));
	TRY(html_to_text(c, content.s, &source));
	TRY(html_to_text(c, or_empty(o->summary), &summary));
	b->row = (struct q_import_post_add_args){
		.published = o->published && o->published < c->now ? o->published : c->now,
		.visibility = visibility,
		.content = content.s,
		.source = source,
		.summary = summary,
		.sensitive = o->sensitive,
		.language = language_is_known(or_empty(o->language)) ? o->language : STR(""),
		.in_reply_to_uri = o->in_reply_to.n <= URI_LIMIT ? or_empty(o->in_reply_to)
								 : STR(""),
		.imported_from = o->id,
		.edited = o->updated > o->published && o->updated <= c->now ? o->updated : 0,
		.author_id = c->identity_id,
	};
	return 0;
}

/* Its row, and what hangs on it */

static int recount(struct ctx *c, const struct import_post_row *row, size_t n_adopted)
{
	if (row->in_reply_to_id)
		TRY(q_post_recount(c, row->in_reply_to_id, NULL));
	return n_adopted ? q_post_recount(c, row->id, NULL) : 0;
}

static int write_post(struct ctx *c, void *arg)
{
	struct bringing *b = arg;
	const struct import_post_row *row;
	const struct post_row *post;
	size_t n;

	b->id = 0;
	TRY(q_import_turn(c, c->identity_id, NULL));
	TRY(q_import_post_add(c, &b->row, &row, &n));
	if (n == 0)
		return 0;
	b->id = row->id;
	TRY(hashtag_set(c, row->id, b->object->hashtags.p, b->object->hashtags.n));
	if (b->n_media)
		TRY(media_attach(c, row->id, (i64s){ b->media, b->n_media }));
	TRY(q_import_post_adopt(c, row->id, row->object_uri, c->identity_id, b->row.imported_from,
				&n));
	TRY(recount(c, row, n));
	TRY(q_post_for_job(c, row->id, &post));
	return search_index(c, post);
}

static int is_here(struct ctx *c, str uri, bool *ret)
{
	const struct import_known_row *row;

	TRY(q_import_post_known(c, c->identity_id, uri, &row));
	*ret = row->known;
	return 0;
}

static bool is_visibility(str s)
{
	return str_eq(s, STR("public")) || str_eq(s, STR("unlisted")) ||
	       str_eq(s, STR("followers"));
}

static int bring(struct ctx *c, str visibility, str files, struct bringing *b)
{
	str left_out = STR_NULL;
	int result;

	TRY(upload_all(c, files, b, &left_out));
	TRY(fill_row(c, visibility, b));
	if (str_is_empty(str_trim(b->row.source)) && !b->n_media)
		return fail(c, E_UNPROCESSABLE, "there is nothing in the post that is taken here");
	result = db_transaction(c, write_post, b);
	/* Another id of the same moment: the next attempt gets another one. */
	if (result == E_CONFLICT)
		return fail(c, E_LATER, "two posts have the same moment");
	TRY(result);
	for (size_t i = 0; !b->id && i < b->n_media; i++)
		TRY(media_upload_delete(c, b->media[i]));
	c->error = left_out;
	return 0;
}

int import_post(struct ctx *c, const str *cells, unused bool overwrite)
{
	struct bringing b = { 0 };
	const struct json *document;
	bool here;

	TRY(is_here(c, cells[0], &here));
	if (here)
		return 0;
	TRY(json_parse(c, cells[2], &document));
	TRY(ap_object_parse(c, document, &b.object));
	if (!is_visibility(cells[1]) || !str_eq(b.object->id, cells[0]))
		return fail(c, E_INVALID, "that is no post");
	b.attachments = json_get(document, "attachment");
	return bring(c, cells[1], cells[3], &b);
}
