/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what a letter says is read from the database when it is sent, so that it tells nothing that is over; its
 * plain text is its markup without markup, so that both say the same.
 */
#include <assert.h>

#include "crypt/hash.h"
#include "fetch/url.h"
#include "html/html.h"
#include "mail/templates.h"
#include "model/mail_relay.h"
#include "model/domain.h"
#include "model/instance.h"
#include "model/mail.h"
#include "model/mail_link.h"
#include "model/mail_page.h"
#include "model/settings.h"

#define NEWS_LIMIT 20 /* lines of a digest */

/* What each kind is made with. The path of the button is followed by the secret when it has one. */
static const struct letter_kind {
	void (*template)(struct out *o, const struct mail_page *page);
	const char *path;
	const char *purpose; /* of its link: without one that works there is nothing to send */
} letter_kinds[MAIL_KINDS] = {
	[MAIL_TEST] = { .template = tpl_letter_test },
	[MAIL_CONFIRM] = { tpl_letter_confirm, "/auth/confirm/?token=", "confirm" },
	[MAIL_TAKEN] = { tpl_letter_taken, "/auth/reset/", NULL },
	[MAIL_RESET] = { tpl_letter_reset, "/auth/reset/?token=", "reset" },
	[MAIL_PASSWORD_CHANGED] = { tpl_letter_password_changed, "/auth/reset/", NULL },
	[MAIL_CHANGE] = { tpl_letter_change, "/auth/change/?token=", "change" },
	[MAIL_ADDRESS_CHANGED] = { .template = tpl_letter_address_changed },
	[MAIL_LOG_IN] = { tpl_letter_log_in, "/settings/sessions/", NULL },
	[MAIL_APPROVED] = { tpl_letter_approved, "/auth/login/", NULL },
	[MAIL_REJECTED] = { .template = tpl_letter_rejected },
	[MAIL_WARNING] = { tpl_letter_warning, "/settings/strikes/", NULL },
	[MAIL_APPEAL_ACCEPTED] = { .template = tpl_letter_appeal },
	[MAIL_APPEAL_REJECTED] = { .template = tpl_letter_appeal },
	[MAIL_REPORT_ANSWERED] = { .template = tpl_letter_report_answered },
	[MAIL_REPORT_RECEIVED] = { .template = tpl_letter_report_received },
	[MAIL_ARCHIVE] = { tpl_letter_archive, "/settings/data/", NULL },
	[MAIL_TROUBLE] = { .template = tpl_letter_trouble },
	[MAIL_NOTIFICATIONS] = { tpl_letter_notifications, "/notifications/", NULL },
};

static int gone(struct ctx *c)
{
	return fail(c, E_GONE, "there is nothing left to tell");
}

static str who(struct ctx *c, const struct mail_news_row *n)
{
	str handle = str_fmt(c->arena, "@%.*s%s%.*s", STR_ARG(n->username), n->host.n ? "@" : "",
			     STR_ARG(n->host));

	return n->name.n ? str_fmt(c->arena, "%.*s (%.*s)", STR_ARG(n->name), STR_ARG(handle))
			 : handle;
}

static int load_news(struct ctx *c, const struct mail_row *m, struct mail_page *page)
{
	const struct mail_news_row *rows;
	struct mail_item *items;
	size_t n;

	TRY(q_mail_digest(c, m->user_id, c->domain_id, m->identity_id, NEWS_LIMIT, &rows, &n));
	if (n == 0)
		return gone(c);
	items = arena_array(c->arena, n, sizeof(*items));
	for (size_t i = 0; i < n; i++)
		items[i] = (struct mail_item){ rows[i].kind, who(c, &rows[i]) };
	page->items = items;
	page->n_items = n;
	page->unsubscribe = mail_unsubscribe_url(c, m->user_id);
	return 0;
}

static bool find_language(struct ctx *c, str code, unsigned *ret)
{
	size_t dash = str_find_char_last(code, '-');

	for (unsigned i = 0; code.n && i < n_text_catalogues; i++)
		if (str_eq_fold(code, str_c(text_catalogues[i].code)) &&
		    (!text_catalogues[i].pseudo || c->settings->development)) {
			*ret = i;
			return true;
		}
	return dash != SIZE_MAX && find_language(c, str_slice(code, 0, dash), ret);
}

/* As pages choose it: what the log-in wants, what the tenant speaks, English. */
static int choose_language(struct ctx *c, const struct mail_row *m, unsigned *ret)
{
	const struct mail_language_row *wanted;

	*ret = 0;
	TRY(q_mail_language(c, m->id, &wanted));
	if (!find_language(c, wanted->language, ret))
		find_language(c, c->domain->language, ret);
	return 0;
}

static int load_page(struct ctx *c, const struct mail_row *m, const struct letter_kind *k, int kind,
		     struct mail_page *page)
{
	*page = (struct mail_page){
		.title = c->domain->title,
		.host = c->domain->name,
		.name = m->name,
		.unit = str_slice(m->name, 0, str_find_char(m->name, ':', 0)),
		.text = m->body,
		.good = kind == MAIL_APPEAL_ACCEPTED,
		.unsubscribe = STR(""),
		.url = STR(""),
	};
	TRY(instance_markup(c, m->body, &page->words));
	if (k->path)
		page->url = str_fmt(c->arena, "%.*s%s%.*s", STR_ARG(c->domain->origin), k->path,
				    STR_ARG(m->secret));
	if (k->purpose) {
		int result = mail_link_check(c, k->purpose, m->secret);

		return result == E_NOT_FOUND ? gone(c) : result;
	}
	return kind == MAIL_NOTIFICATIONS ? load_news(c, m, page) : 0;
}

static int render(struct ctx *c, const struct letter_kind *k, int kind, unsigned language,
		  struct mail_page *page, struct letter *l)
{
	struct out o;
	str subject;

	l->language = page->language = str_c(text_catalogues[language].code);
	page->rtl = text_catalogues[language].rtl;
	/* Others that write letters on this thread have theirs: from here on nothing waits. */
	text_language = language;
	out_init(&o, c->arena, LETTER_LIMIT);
	k->template(&o, page);
	TRY(out_done(&o, &l->html));
	TRY(html_to_text(c, l->html, &l->text));
	out_init(&o, c->arena, LETTER_LIMIT);
	tpl_letter_subject(&o, kind, page);
	TRY(out_done(&o, &subject));
	return html_to_text(c, subject, &l->subject);
}

/* Who writes: the tenant, by its own address or by the installation's. */
static int load_sender(struct ctx *c, struct letter *l)
{
	struct instance instance;
	str name, address;

	TRY(instance_load(c, &instance));
	name = instance.settings[INSTANCE_MAIL_NAME].value;
	address = instance.settings[INSTANCE_MAIL_FROM].value;
	l->from.name = name.n ? name : c->domain->title;
	l->from.address = address.n ? address : mail_relay(c).sender;
	l->reply_to = instance.settings[INSTANCE_CONTACT_EMAIL].value;
	return 0;
}

/* The part of a Message-ID behind the @ names a host, without a port. */
static str id_of(struct ctx *c, const struct mail_row *m)
{
	str host = c->domain->name;

	host = str_slice(host, 0, str_find_char(host, ':', 0));
	return str_fmt(c->arena, "%.*s@%.*s", STR_ARG(m->message_key), STR_ARG(host));
}

int mail_compose(struct ctx *c, const struct mail_row *m, struct letter *ret)
{
	struct letter l = {
		.to = { .address = m->address },
		.date = m->created,
	};
	struct mail_page page;
	unsigned language;
	int kind;

	assert(c->domain);
	if (!name_to_value(mail_kinds, m->kind, &kind))
		return gone(c);
	TRY(load_page(c, m, &letter_kinds[kind], kind, &page));
	TRY(choose_language(c, m, &language));
	TRY(render(c, &letter_kinds[kind], kind, language, &page, &l));
	TRY(load_sender(c, &l));
	l.id = id_of(c, m);
	l.unsubscribe = page.unsubscribe;
	*ret = l;
	return 0;
}
