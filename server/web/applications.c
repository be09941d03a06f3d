/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Programs that one let in, and shutting them out again. */
#include "base/out.h"
#include "model/scope.h"
#include "model/token.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/settings_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

#define MAY_LIMIT 8192 /* bytes of what one may do, in words */

/* "see ...; change ..." */
static str may_of(struct ctx *c, strs scopes)
{
	struct out o;

	out_init(&o, c->arena, MAY_LIMIT);
	for (size_t i = 0; i < scopes.n; i++) {
		const struct scope *s = scope_find(scopes.p[i]);

		if (s)
			out_fmt(&o, "%s%s", o.n ? "; " : "", s->words);
	}
	return o.n ? out_view(&o) : STR("");
}

static const struct application_view *view(struct ctx *c, const struct token_grant_row *rows,
					   size_t n)
{
	struct application_view *views = arena_array(c->arena, n + 1, sizeof(*views));

	for (size_t i = 0; i < n; i++)
		views[i] = (struct application_view){
			.id = rows[i].id,
			.name = rows[i].name,
			.website = view_url(c, rows[i].website, STR("")),
			.identity = str_cat(c->arena, STR("@"), rows[i].username),
			.may = may_of(c, rows[i].scopes),
			.created = rows[i].created,
			.last_used = rows[i].last_used,
		};
	return views;
}

int web_applications(struct ctx *c, struct request *q, struct response *r)
{
	const struct token_grant_row *rows;
	struct applications_page page = { 0 };

	TRY(token_list(c, &rows, &page.n_applications));
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page.frame));
	page.frame.title = text_in(c, TEXT_SETTINGS_APPLICATIONS);
	page.applications = view(c, rows, page.n_applications);
	return RESPOND(c, tpl_applications, &page, r);
}

int web_applications_send(struct ctx *c, struct request *q, struct response *r)
{
	TRY(token_revoke(c, form_id(q, "application")));
	return go_to(STR("/settings/applications/"), r);
}
