/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Posts that one began and keeps; the form of compose.c goes on with them. */
#include "model/draft.h"

#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/member_page.h"
#include "server/web/text.h"
#include "templates.h"

#define TEXT_LIMIT 400 /* bytes that are shown of one */

int web_drafts(struct ctx *c, struct request *q, struct response *r)
{
	struct drafts_page page = { 0 };
	const struct draft_row *rows;
	struct draft_view *views;
	struct post_draft d;

	TRY(draft_list(c, &rows, &page.n_drafts));
	views = arena_array(c->arena, page.n_drafts + 1, sizeof(*views));
	for (size_t i = 0; i < page.n_drafts; i++) {
		TRY(post_draft_read(c, rows[i].draft, &d));
		views[i] = (struct draft_view){
			.id = rows[i].id,
			.text = str_clip(d.summary.n ? d.summary : d.text, TEXT_LIMIT),
			.visibility = d.visibility,
			.n_media = rows[i].attachment_ids.n,
			.has_poll = d.poll != NULL,
			.written = rows[i].written,
		};
	}
	page.drafts = views;
	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	page.frame.title = text_in(c, TEXT_DRAFTS);
	return RESPOND(c, tpl_drafts, &page, r);
}

int web_drafts_send(struct ctx *c, struct request *q, struct response *r)
{
	const struct draft_row *row;
	int64_t id = form_id(q, "delete");

	TRY(draft_get(c, id, &row));
	TRY(draft_drop(c, id, (i64s){ NULL, 0 }));
	return go_to(STR("/drafts/"), r);
}
