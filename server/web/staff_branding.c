/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * How the community looks: its name, pictures, colour, a style sheet of its own, and what posts are like to begin with. These pages
 * are shown without that style sheet, so that one that went wrong can be taken back.
 */
#include "model/branding.h"

#include "html/colour.h"
#include "model/domain.h"
#include "model/instance.h"
#include "model/media.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_admin_page.h"
#include "server/web/view.h"
#include "sql/gen/domain.h"
#include "templates.h"

#define READABLE 4.5 /* WCAG 2.2, 1.4.3 */

static struct contrast_view contrast(struct ctx *c, const char *theme, const struct colour *colour,
				     const struct colour *surface)
{
	double ratio = colour_contrast(colour, surface);

	return (struct contrast_view){
		.theme = theme,
		.colour = colour_text(c->arena, colour),
		.surface = colour_text(c->arena, surface),
		.ratio = str_fmt(c->arena, "%.2f", ratio),
		.good = ratio >= READABLE,
	};
}

static void fill_contrasts(struct ctx *c, struct staff_branding_page *page)
{
	struct theme_shades s = theme_shades(page->accent);

	page->given[0] = contrast(c, "light", &s.given, &s.on_light);
	page->given[1] = contrast(c, "dark", &s.given, &s.on_dark);
	page->used[0] = contrast(c, "light", &s.light, &s.on_light);
	page->used[1] = contrast(c, "dark", &s.dark, &s.on_dark);
}

static int respond(struct ctx *c, const struct request *q, struct staff_branding_page *page,
		   struct response *r)
{
	fill_contrasts(c, page);
	TRY(staff_frame(c, q, SECTION_BRANDING, r, &page->staff));
	return RESPOND(c, tpl_staff_branding, page, r);
}

/* As it stands in the database: the snapshot of tenants comes a moment later. */
static int load(struct ctx *c, struct staff_branding_page *page)
{
	const struct domain_row *d;
	struct instance i;

	TRY(q_domain_by_id(c, c->domain_id, &d));
	TRY(instance_load(c, &i));
	*page = (struct staff_branding_page){
		.title = d->title,
		.description = d->description,
		.accent = d->accent,
		.theme = d->theme,
		.footer = d->footer,
		.front = i.settings[INSTANCE_FRONT].value,
		.visibility = i.settings[INSTANCE_POST_VISIBILITY].value,
		.language = i.settings[INSTANCE_POST_LANGUAGE].value,
		.quotes = i.settings[INSTANCE_POST_QUOTES].value,
		.style = d->style,
		.icon = media_url(c, d->id, d->icon_small),
		.banner = media_url(c, d->id, d->banner),
	};
	return 0;
}

int staff_branding(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_branding_page page;

	TRY(load(c, &page));
	return respond(c, q, &page, r);
}

static int set_picture(struct ctx *c, const struct request *q, const char *name,
		       const char *removal, int (*set)(struct ctx *c, str bytes))
{
	const struct request_file *file = request_file(q, name);

	if (file && file->data.n)
		return set(c, file->data);
	return form_ticked(q, removal) ? set(c, STR_NULL) : 0;
}

static int save(struct ctx *c, const struct request *q, const struct staff_branding_page *page)
{
	const struct instance_value values[] = {
		{ "title", page->title },
		{ "description", page->description },
		{ "accent", page->accent },
		{ "front_page", page->front },
		{ "post_visibility", page->visibility },
		{ "post_language", page->language },
		{ "post_quotes", page->quotes },
	};
	const char *wrong = "";
	int err;

	err = instance_set_all(c, values, ARRAY_SIZE(values), &wrong);
	if (err > 0 && str_starts(str_c(wrong), STR("post_")))
		c->error_field = wrong + sizeof("post_") - 1; /* its name in the form */
	TRY(err);
	TRY(branding_set_frame(c, page->footer, page->theme));
	TRY(fail_at(c, "icon", set_picture(c, q, "icon", "remove_icon", branding_set_icon)));
	return fail_at(c, "banner",
		       set_picture(c, q, "banner", "remove_banner", branding_set_banner));
}

static bool is_for_people(int err)
{
	return err == E_INVALID || err == E_UNPROCESSABLE || err == E_TOO_LARGE ||
	       err == E_OVER_QUOTA || err == E_LATER;
}

int staff_branding_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_branding_page page;
	int err;

	TRY(load(c, &page));
	page.title = form_line(c, q, "title");
	page.description = form_line(c, q, "description");
	page.accent = str_lower(c->arena, form_line(c, q, "accent"));
	page.theme = form_line(c, q, "theme");
	page.front = form_line(c, q, "front_page");
	page.visibility = form_line(c, q, "visibility");
	page.language = form_line(c, q, "language");
	page.quotes = form_line(c, q, "quotes");
	page.footer = form_text(c, q, "footer");
	/* The colour is only looked at. */
	if (str_eq(form_line(c, q, "do"), STR("preview")))
		return respond(c, q, &page, r);
	err = save(c, q, &page);
	if (is_for_people(err)) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, STR("/staff/branding/"), "saved", r);
}

int staff_style_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_branding_page page;
	int err;

	TRY(load(c, &page));
	page.style = form_text(c, q, "style");
	err = fail_at(c, "style", branding_set_style(c, page.style));
	if (err == E_INVALID) {
		page.style_error = form_error(c, err);
		r->status = form_status(err);
		return respond(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, STR("/staff/branding/"), "saved", r);
}
