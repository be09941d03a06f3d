/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the community has in writing, whom one reaches, and who may join. */
#include "model/domain.h"
#include "model/instance.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_admin_page.h"
#include "server/web/text.h"
#include "sql/gen/domain.h"
#include "templates.h"

static int respond(struct ctx *c, const struct request *q, struct staff_texts_page *page,
		   struct response *r)
{
	TRY(staff_frame(c, q, SECTION_TEXTS, r, &page->staff));
	return RESPOND(c, tpl_staff_texts, page, r);
}

int staff_texts(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_texts_page page = { 0 };
	struct instance i;

	TRY(instance_load(c, &i));
	page.extended = i.settings[INSTANCE_DESCRIPTION].value;
	page.privacy = i.settings[INSTANCE_PRIVACY].value;
	page.imprint = i.settings[INSTANCE_IMPRINT].value;
	page.email = i.settings[INSTANCE_CONTACT_EMAIL].value;
	page.account = i.settings[INSTANCE_CONTACT_ACCOUNT].value;
	page.status_url = i.settings[INSTANCE_STATUS_URL].value;
	page.languages = i.settings[INSTANCE_LANGUAGES].value;
	page.mail_name = i.settings[INSTANCE_MAIL_NAME].value;
	page.mail_from = i.settings[INSTANCE_MAIL_FROM].value;
	return respond(c, q, &page, r);
}

static int preview(struct ctx *c, struct staff_texts_page *page)
{
	str all = str_fmt(c->arena, "%.*s\n\n%.*s\n\n%.*s", STR_ARG(page->extended),
			  STR_ARG(page->privacy), STR_ARG(page->imprint));

	page->previews = true;
	return instance_markup(c, str_is_utf8(all) ? str_trim(all) : STR(""), &page->preview);
}

int staff_texts_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_texts_page page = {
		.extended = form_text(c, q, "extended_description"),
		.privacy = form_text(c, q, "privacy_policy"),
		.imprint = form_text(c, q, "imprint"),
		.email = form_line(c, q, "contact_email"),
		.account = form_line(c, q, "contact_account"),
		.status_url = form_line(c, q, "status_url"),
		.languages = form_line(c, q, "languages"),
		.mail_name = form_line(c, q, "mail_name"),
		.mail_from = form_line(c, q, "mail_from"),
	};
	const struct instance_value values[] = {
		{ "extended_description", page.extended },
		{ "privacy_policy", page.privacy },
		{ "imprint", page.imprint },
		{ "contact_email", page.email },
		{ "contact_account", page.account },
		{ "status_url", page.status_url },
		{ "languages", page.languages },
		{ "mail_name", page.mail_name },
		{ "mail_from", page.mail_from },
	};
	int err;

	if (str_eq(form_line(c, q, "do"), STR("preview"))) {
		TRY(preview(c, &page));
		return respond(c, q, &page, r);
	}
	err = instance_set_all(c, values, ARRAY_SIZE(values), &page.wrong);
	if (err == E_INVALID) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, STR("/staff/texts/"), "saved", r);
}

static int respond_terms(struct ctx *c, const struct request *q, struct staff_terms_page *page,
			 struct response *r)
{
	TRY(terms_list(c, &page->versions, &page->n_versions));
	TRY(staff_frame(c, q, SECTION_TEXTS, r, &page->staff));
	page->staff.frame.title = text_in(c, TEXT_ABOUT_TERMS);
	return RESPOND(c, tpl_staff_terms, page, r);
}

int staff_terms(struct ctx *c, struct request *q, struct response *r)
{
	str day = staff_query(q, "day");
	struct staff_terms_page page = { .day = day };
	const struct terms_row *terms;
	int err = day.n ? terms_get(c, day, &terms) : terms_current(c, &terms);

	if (err && err != E_NOT_FOUND && err != E_INVALID)
		return err;
	if (!err)
		page.text = terms->text;
	return respond_terms(c, q, &page, r);
}

/* What held for somebody stays readable: only terms of days to come change or go. */
static int set_terms(struct ctx *c, str day, str text)
{
	const struct terms_row *terms;
	int err = terms_get(c, day, &terms);

	if (err && err != E_NOT_FOUND)
		return err;
	if (!err && terms->is_effective && !str_eq(terms->text, text))
		return fail_at(c, "day",
			       fail(c, E_INVALID,
				    "these terms hold already: write new ones for another day"));
	return terms_set(c, day, text);
}

int staff_terms_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_terms_page page = {
		.day = form_line(c, q, "day"),
		.text = form_text(c, q, "text"),
		.previews = str_eq(form_line(c, q, "do"), STR("preview")),
	};
	int err;

	if (page.previews) {
		TRY(instance_markup(c, str_is_utf8(page.text) ? page.text : STR(""),
				    &page.preview));
		return respond_terms(c, q, &page, r);
	}
	err = set_terms(c, page.day, page.text);
	if (err == E_INVALID || err == E_NOT_FOUND) {
		page.error = form_error(c, err);
		r->status = 422;
		return respond_terms(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, STR("/staff/texts/terms/"), "saved", r);
}

static int respond_sign_up(struct ctx *c, const struct request *q, struct staff_sign_up_page *page,
			   struct response *r)
{
	TRY(staff_frame(c, q, SECTION_SIGN_UP, r, &page->staff));
	return RESPOND(c, tpl_staff_sign_up, page, r);
}

int staff_sign_up(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_sign_up_page page = { .mode = SIGN_UP_CLOSED };
	const struct domain_row *d;
	struct instance i;
	int mode;

	TRY(q_domain_by_id(c, c->domain_id, &d));
	if (name_to_value(domain_sign_ups, d->sign_up, &mode))
		page.mode = (enum domain_sign_up)mode;
	TRY(instance_load(c, &i));
	page.reason = i.settings[INSTANCE_SIGN_UP_REASON].value;
	page.min_age = i.settings[INSTANCE_MIN_AGE].value;
	page.closed_message = i.settings[INSTANCE_CLOSED_MESSAGE].value;
	page.max_users = i.settings[INSTANCE_MAX_USERS].value;
	page.sign_ups_a_day = i.settings[INSTANCE_SIGN_UPS_A_DAY].value;
	page.limited = str_eq(i.settings[INSTANCE_LIMITED_FEDERATION].value, STR("true"));
	page.show_blocks = i.settings[INSTANCE_SHOW_BLOCKS].value;
	return respond_sign_up(c, q, &page, r);
}

int staff_sign_up_send(struct ctx *c, struct request *q, struct response *r)
{
	str typed = form_line(c, q, "sign_up");
	struct staff_sign_up_page page = {
		.mode = c->domain->sign_up,
		.reason = form_line(c, q, "sign_up_reason"),
		.min_age = form_line(c, q, "min_age"),
		.closed_message = form_line(c, q, "closed_message"),
		.max_users = form_line(c, q, "max_users"),
		.sign_ups_a_day = form_line(c, q, "sign_ups_a_day"),
		.limited = form_ticked(q, "limited_federation"),
		.show_blocks = form_line(c, q, "show_blocks"),
	};
	const struct instance_value values[] = {
		{ "sign_up", typed },
		{ "sign_up_reason", page.reason },
		{ "min_age", page.min_age },
		{ "closed_message", page.closed_message },
		{ "max_users", page.max_users },
		{ "sign_ups_a_day", page.sign_ups_a_day },
		{ "limited_federation", page.limited ? STR("true") : STR("") },
		{ "show_blocks", page.show_blocks },
	};
	const char *wrong;
	int err, mode;

	if (name_to_value(domain_sign_ups, typed, &mode))
		page.mode = (enum domain_sign_up)mode;
	err = instance_set_all(c, values, ARRAY_SIZE(values), &wrong);
	if (err == E_INVALID) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond_sign_up(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, STR("/staff/signup/"), "saved", r);
}
