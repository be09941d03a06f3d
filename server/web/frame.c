/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a frame costs three statements for who is logged in and none for others; what is
 * logged in here says nothing about other tenants but that the same log-in is at home there.
 */
#include "server/web/frame.h"

#include "crypt/hash.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/media.h"
#include "model/notification.h"
#include "model/session.h"
#include "server/web/form.h"
#include "server/web/look.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "sql/gen/user.h"

#define UNSEEN_LIMIT 100 /* notifications that the menu counts */
#define ONCE_BYTES 16
#define PAGE_LIMIT (8 * 1024 * 1024) /* bytes */

/* Pages by which a style sheet of the community's can be repaired, and people are let in, are shown without it. */
static const char *const plain_paths[] = { "/staff/", "/settings/", "/auth/", "/oauth/",
					   "/switch/" };

static str style_of(struct ctx *c, const struct request *q)
{
	if (!c->domain->style.n)
		return STR("");
	for (size_t i = 0; i < ARRAY_SIZE(plain_paths); i++)
		if (str_starts(q->path, str_c(plain_paths[i])))
			return STR("");
	return str_fmt(
		c->arena, "/custom.css?v=%.*s",
		STR_ARG(str_slice(hex_encode(c->arena, hash_sha256(c->arena, c->domain->style)), 0,
				  16)));
}

static const struct site_view *site_of(struct ctx *c, const struct request *q)
{
	const struct domain *d = c->domain;
	struct site_view *site = arena_new_of(c->arena, struct site_view);

	*site = (struct site_view){
		.title = d->title,
		.description = d->description,
		.host = d->name,
		.origin = d->origin,
		.accent = d->accent,
		.version = STR("Rookery " ROOKERY_VERSION),
		.lang = str_c(text_catalogues[c->language].code),
		.rtl = text_catalogues[c->language].rtl,
		.sign_up = d->sign_up,
		.icon = media_url(c, d->id, d->icon),
		.icon_small = media_url(c, d->id, d->icon_small),
		.banner = media_url(c, d->id, d->banner),
		.style = style_of(c, q),
		.footer = d->footer,
		.has_privacy = d->has_privacy,
		.has_terms = d->terms_since && d->terms_since <= c->now,
		.has_imprint = d->has_imprint,
		.now = c->now,
	};
	return site;
}

static struct viewer_view *viewer_of(struct ctx *c, const struct request *q)
{
	struct viewer_view *v = arena_new_of(c->arena, struct viewer_view);

	v->theme = str_eq(c->domain->theme, STR("dark"))    ? THEME_DARK
		   : str_eq(c->domain->theme, STR("light")) ? THEME_LIGHT
							    : THEME_AUTO;
	if (!q->session)
		return v;
	v->logged_in = true;
	look_read(q->session, v);
	v->token = q->session->csrf_token;
	v->self = view_person(c, q->identity);
	return v;
}

static str path_of(struct ctx *c, const struct request *q)
{
	str path = q->raw_path;

	if (q->method == METHOD_GET && !str_is_null(q->query))
		path = str_fmt(c->arena, "%.*s?%.*s", STR_ARG(path), STR_ARG(q->query));
	return path_is_ours(path) ? path : STR("/");
}

static struct viewer_view *begin(struct ctx *c, const struct request *q, struct frame *ret)
{
	struct viewer_view *viewer = viewer_of(c, q);

	look_language(c, q);
	*ret = (struct frame){ .site = site_of(c, q),
			       .viewer = viewer,
			       .path = path_of(c, q),
			       .once = random_token(c->arena, ONCE_BYTES) };
	return viewer;
}

void frame_bare(struct ctx *c, const struct request *q, struct frame *ret)
{
	begin(c, q, ret);
}

/* One's own identities on this tenant, or those on others; what is not served rests. */
static void add_choices(struct ctx *c, const struct request *q, const struct identity_row *rows,
			size_t n, bool here, struct viewer_view *v, struct choice_view *choices)
{
	for (size_t i = 0; i < n; i++) {
		const struct domain *d = domain_by_id(c->domains, rows[i].domain_id);

		if (!d || d->state != DOMAIN_ACTIVE || rows[i].deleted ||
		    here != (d->id == c->domain_id))
			continue;
		choices[v->n_choices++] = (struct choice_view){
			.person = view_person(c, &rows[i]),
			.site = d->title,
			.here = here,
			.current = rows[i].id == q->identity->id,
		};
	}
}

/* A form that leads to another tenant must be allowed to (CSP, form-action). */
static str origins_of(struct ctx *c, const struct identity_row *rows, size_t n)
{
	struct out o;

	out_init(&o, c->arena, 4096);
	for (size_t i = 0; i < n; i++) {
		const struct domain *d = domain_by_id(c->domains, rows[i].domain_id);

		if (!d || d->id == c->domain_id || d->state != DOMAIN_ACTIVE ||
		    str_find(out_view(&o), d->origin, 0) != SIZE_MAX)
			continue;
		if (o.n)
			out_char(&o, ' ');
		out_str(&o, d->origin);
	}
	return out_view(&o);
}

static int load_choices(struct ctx *c, const struct request *q, struct response *r,
			struct viewer_view *v)
{
	const struct user_home_row *homes;
	const struct identity_row *rows;
	struct choice_view *choices;
	int64_t *ids;
	size_t n;

	TRY(q_user_homes(c, c->user_id, &homes, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++) {
		ids[i] = homes[i].identity_id;
		v->staff |= homes[i].staff;
	}
	TRY(q_identity_by_ids(c, (i64s){ ids, n }, &rows, &n));
	choices = arena_array(c->arena, n + 1, sizeof(*choices));
	v->choices = choices;
	add_choices(c, q, rows, n, true, v, choices);
	add_choices(c, q, rows, n, false, v, choices);
	r->form_action = origins_of(c, rows, n);
	return 0;
}

int frame_load(struct ctx *c, const struct request *q, enum menu menu, struct response *r,
	       struct frame *ret)
{
	struct frame f;
	const struct notification_choice all = { 0 };
	struct viewer_view *viewer = begin(c, q, &f);

	f.menu = menu;
	if (q->session) {
		TRY(load_choices(c, q, r, viewer));
		TRY(notification_count_unseen(c, &all, false, UNSEEN_LIMIT, &viewer->unseen));
	}
	*ret = f;
	return 0;
}

void page_open(struct ctx *c, struct out *ret)
{
	text_language = c->language;
	out_init(ret, c->arena, PAGE_LIMIT);
}

int page_close(struct out *o, struct response *r)
{
	TRY(out_done(o, &r->body));
	r->type = STR("text/html; charset=utf-8");
	/* What a page says is up to the language that is asked for, and to who looks. */
	r->vary = str_is_empty(r->vary)
			  ? STR("Accept-Language, Cookie")
			  : str_fmt(o->arena, "%.*s, Accept-Language, Cookie", STR_ARG(r->vary));
	return 0;
}
