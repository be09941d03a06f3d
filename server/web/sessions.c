/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Where one is logged in, and ending that. */
#include "model/session.h"
#include "server/web/cookie.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/settings_page.h"
#include "server/web/text.h"
#include "sql/gen/user.h"
#include "templates.h"

static const struct session_view *view(struct ctx *c, const struct request *q,
				       const struct session_row *rows, size_t n)
{
	struct session_view *views = arena_array(c->arena, n + 1, sizeof(*views));

	for (size_t i = 0; i < n; i++)
		views[i] = (struct session_view){
			.id = rows[i].id,
			.device = session_device(c->arena, rows[i].user_agent),
			.address = rows[i].address,
			.created = rows[i].created,
			.last_seen = rows[i].last_seen,
			.current = rows[i].id == q->session->id,
		};
	return views;
}

int web_sessions(struct ctx *c, struct request *q, struct response *r)
{
	const struct session_row *rows;
	const struct user_row *user;
	struct sessions_page page = { 0 };

	TRY(session_list(c, &rows, &page.n_sessions));
	TRY(q_user_by_id(c, c->user_id, &user));
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page.frame));
	page.frame.title = text_in(c, TEXT_SETTINGS_SESSIONS);
	page.email = user->email;
	page.sessions = view(c, q, rows, page.n_sessions);
	return RESPOND(c, tpl_sessions, &page, r);
}

int web_sessions_send(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id = form_id(q, "session");

	if (id == q->session->id)
		return web_logout_send(c, q, r);
	TRY(session_revoke(c, id));
	return go_to(STR("/settings/sessions/"), r);
}
