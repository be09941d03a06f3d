/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The profile as its owner edits it. */
#include "model/identity.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/settings_page.h"
#include "server/web/text.h"
#include "templates.h"

int web_settings(unused struct ctx *c, unused struct request *q, struct response *r)
{
	return go_to(STR("/settings/profile/"), r);
}

static int respond_profile(struct ctx *c, const struct request *q, struct edit_profile_page *page,
			   struct response *r)
{
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page->frame));
	page->frame.title = text_in(c, TEXT_SETTINGS);
	return RESPOND(c, tpl_edit_profile, page, r);
}

int web_edit_profile(struct ctx *c, struct request *q, struct response *r)
{
	struct identity_profile p;
	struct edit_profile_page page = { 0 };

	TRY(identity_profile_of(c, q->identity, &p));
	page.name = p.name;
	page.bio = p.summary;
	page.locked = p.locked;
	page.discoverable = p.discoverable;
	page.indexable = p.indexable;
	page.show_follows = p.show_follows;
	for (size_t i = 0; i < p.n_fields && i < FIELD_INPUTS; i++)
		page.fields[i] = (struct field_input){ p.fields[i].name, p.fields[i].value };
	return respond_profile(c, q, &page, r);
}

static str numbered(struct ctx *c, const struct request *q, const char *name, size_t i)
{
	return form_line(c, q, str_z(c->arena, str_fmt(c->arena, "%s_%zu", name, i + 1)));
}

static void read_profile(struct ctx *c, const struct request *q, struct edit_profile_page *page,
			 struct identity_field *fields)
{
	page->name = form_line(c, q, "name");
	page->bio = form_text(c, q, "bio");
	page->locked = form_ticked(q, "locked");
	page->discoverable = form_ticked(q, "discoverable");
	page->indexable = form_ticked(q, "indexable");
	page->show_follows = form_ticked(q, "show_follows");
	for (size_t i = 0; i < FIELD_INPUTS; i++) {
		page->fields[i].name = fields[i].name = numbered(c, q, "field_name", i);
		page->fields[i].value = fields[i].value = numbered(c, q, "field_value", i);
	}
}

int web_edit_profile_send(struct ctx *c, struct request *q, struct response *r)
{
	struct identity_field fields[FIELD_INPUTS];
	struct edit_profile_page page = { 0 };
	struct identity_profile profile;
	int err;

	TRY(identity_profile_of(c, q->identity, &profile));
	read_profile(c, q, &page, fields);
	profile.name = page.name;
	profile.summary = page.bio;
	profile.fields = fields;
	profile.n_fields = FIELD_INPUTS;
	profile.locked = page.locked;
	profile.discoverable = page.discoverable;
	profile.indexable = page.indexable;
	profile.show_follows = page.show_follows;
	err = identity_edit(c, &profile);
	if (err < 0)
		return err;
	if (err == 0)
		return go_back(c, q, STR("/settings/profile/"), r);
	page.error = form_error(c, err);
	r->status = form_status(err);
	return respond_profile(c, q, &page, r);
}
