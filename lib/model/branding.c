/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: the tenant's record changes in one statement, of what stood there but for one thing. */
#include "model/branding.h"

#include "html/css.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/media.h"
#include "sql/gen/domain.h"

/* As it is in the database: the snapshot of tenants comes a moment later. */
static int present(struct ctx *c, struct q_domain_dress_args *ret)
{
	const struct domain_row *d;

	TRY(q_domain_by_id(c, c->domain_id, &d));
	*ret = (struct q_domain_dress_args){
		.icon = d->icon,
		.icon_small = d->icon_small,
		.banner = d->banner,
		.style = d->style,
		.footer = d->footer,
		.theme = d->theme,
		.id = d->id,
	};
	return 0;
}

static int dress(struct ctx *c, const struct q_domain_dress_args *args, str what)
{
	TRY(q_domain_dress(c, args, NULL));
	return audit_add(c, "domain.dress", what, STR(""));
}

int branding_set_icon(struct ctx *c, str bytes)
{
	struct media_picture p = { .file = STR(""), .file_static = STR("") };
	struct q_domain_dress_args args;

	TRY(present(c, &args));
	if (!str_is_null(bytes))
		TRY(media_store_picture(c, bytes, MEDIA_ICON, &p));
	args.icon = p.file;
	args.icon_small = p.file_static;
	return dress(c, &args, STR("icon"));
}

int branding_set_banner(struct ctx *c, str bytes)
{
	struct media_picture p = { .file = STR(""), .file_static = STR("") };
	struct q_domain_dress_args args;

	TRY(present(c, &args));
	if (!str_is_null(bytes))
		TRY(media_store_picture(c, bytes, MEDIA_HEADER, &p));
	args.banner = p.file_static;
	return dress(c, &args, STR("banner"));
}

int branding_set_style(struct ctx *c, str style)
{
	struct q_domain_dress_args args;

	TRY(present(c, &args));
	TRY(css_judge(c, style, &args.style));
	return dress(c, &args, STR("style"));
}

int branding_set_frame(struct ctx *c, str footer, str theme)
{
	struct q_domain_dress_args args;
	str footer_was, theme_was;

	TRY(present(c, &args));
	footer_was = args.footer;
	theme_was = args.theme;
	args.footer = str_trim(footer);
	args.theme = theme;
	if (!str_is_utf8(args.footer) || str_chars(args.footer) > FOOTER_LIMIT)
		return fail_at(c, "footer",
			       fail(c, E_INVALID, "it has at most %d characters", FOOTER_LIMIT));
	if (!str_eq(theme, STR("auto")) && !str_eq(theme, STR("light")) &&
	    !str_eq(theme, STR("dark")))
		return fail_at(c, "theme", fail(c, E_INVALID, "it is auto, light or dark"));
	if (str_eq(args.footer, footer_was) && str_eq(theme, theme_was))
		return 0;
	return dress(c, &args, STR("frame"));
}
