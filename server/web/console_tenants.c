/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Communities of the installation. Invariant: what an operator sees of one are its settings and sizes, and what
 * everybody can ask for; anything else needs the consent of its staff (help.h), and then is on its own pages.
 */
#include "ap/handle.h"
#include "model/domain_life.h"
#include "model/help.h"
#include "model/host.h"
#include "model/instance.h"
#include "model/media.h"
#include "model/settings.h"
#include "server/web/console.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "templates.h"

#define MIB (1024 * 1024)
#define QUOTA_MOST ((int64_t)1 << 40) /* MiB */
#define FINDINGS_LIMIT 32

static int respond_list(struct ctx *c, const struct request *q, struct console_tenants_page *page,
			struct response *r)
{
	TRY(q_console_tenants(c, MEDIA_QUOTA, STR(""), &page->tenants, &page->n_tenants));
	console_frame(c, q, CONSOLE_TENANTS, &page->console);
	return RESPOND(c, tpl_console_tenants, page, r);
}

int console_tenants(struct ctx *c, struct request *q, struct response *r)
{
	struct console_tenants_page page = { .name = STR(""), .title = STR("") };

	return respond_list(c, q, &page, r);
}

int console_tenants_send(struct ctx *c, struct request *q, struct response *r)
{
	struct console_tenants_page page = { .name = form_line(c, q, "name"),
					     .title = form_line(c, q, "title") };
	struct domain_draft draft = {
		.name = page.name,
		.service_name = form_line(c, q, "service_name"),
		.title = page.title,
	};
	const struct domain_row *d;
	int64_t id;
	int err = host_sign_up(c, &draft.sign_up);

	if (!err)
		err = domain_add(c, &draft, &id);
	if (err) {
		if (!console_is_typed_wrong(err))
			return err;
		page.error = console_problem(c, err, r);
		return respond_list(c, q, &page, r);
	}
	TRY(q_domain_by_id(c, id, &d));
	return console_done(c, str_fmt(c->arena, "/tenants/%.*s/", STR_ARG(d->name)), r);
}

/* Runs something bound to a tenant, and is on the console again. */
static int bound(struct ctx *c, int64_t id, int (*run)(struct ctx *c, void *arg), void *arg)
{
	const struct domain *console = c->domain;
	int result = domain_reload(c), again;

	if (!result)
		result = ctx_bind(c, id);
	if (!result)
		result = run(c, arg);
	again = ctx_bind(c, 0);
	c->domain = console;
	return result ? result : again;
}

static int load_settings(struct ctx *c, void *arg)
{
	struct console_tenant_page *page = arg;
	struct instance i;

	TRY(instance_load(c, &i));
	page->max_users = i.settings[INSTANCE_MAX_USERS].value;
	page->sign_ups = i.settings[INSTANCE_SIGN_UPS_A_DAY].value;
	return 0;
}

struct look {
	struct finding findings[FINDINGS_LIMIT];
	size_t n;
};

static void keep_finding(void *arg, const struct finding *f)
{
	struct look *l = arg;

	if (l->n < FINDINGS_LIMIT)
		l->findings[l->n++] = *f;
}

static int look_at(struct ctx *c, void *arg)
{
	return domain_check(c, STR_NULL, keep_finding, arg);
}

static int check(struct ctx *c, struct console_tenant_page *page)
{
	struct look *l = arena_new_of(c->arena, struct look);

	*l = (struct look){ .n = 0 };
	TRY(bound(c, page->tenant->id, look_at, l));
	page->checked = true;
	page->findings = l->findings;
	page->n_findings = l->n;
	return 0;
}

static int load(struct ctx *c, const struct request *q, struct console_tenant_page *page)
{
	const struct console_tenant_row *rows;
	size_t n;

	TRY(q_console_tenants(c, MEDIA_QUOTA, q->args[0], &rows, &n));
	if (n == 0 || !q->args[0].n)
		return fail(c, E_NOT_FOUND, "there is no such community");
	page->tenant = rows;
	page->path = str_fmt(c->arena, "/tenants/%.*s/", STR_ARG(rows->name));
	page->quota = str_fmt(c->arena, "%lld", (long long)(rows->quota / MIB));
	page->txt_name = str_cat(c->arena, STR(DOMAIN_TXT_LABEL), rows->name);
	page->proof_url = str_cat(c->arena,
				  handle_origin(c->arena, rows->name, c->settings->development),
				  STR(DOMAIN_PROOF_PATH));
	page->reason = rows->suspended_reason;
	return bound(c, rows->id, load_settings, page);
}

static int respond_one(struct ctx *c, const struct request *q, struct console_tenant_page *page,
		       struct response *r)
{
	console_frame(c, q, CONSOLE_TENANTS, &page->console);
	page->console.frame.title = page->tenant->name;
	return RESPOND(c, tpl_console_tenant, page, r);
}

/* Where the form that enters leads to (CSP). */
static void allow_entry(struct ctx *c, const struct console_tenant_page *page, struct response *r)
{
	const struct domain *d = domain_by_id(c->domains, page->tenant->id);

	if (page->tenant->asks_help && d)
		r->form_action = d->origin;
}

int console_tenant(struct ctx *c, struct request *q, struct response *r)
{
	struct console_tenant_page page = { 0 };

	TRY(load(c, q, &page));
	if (!str_is_empty(request_query(q, "check")))
		TRY(check(c, &page));
	allow_entry(c, &page, r);
	return respond_one(c, q, &page, r);
}

/* The acts of the forms on the page, by the words of their buttons. */

static int verify(struct ctx *c, const struct console_tenant_page *page)
{
	return domain_verify(c, page->tenant->id, DOMAIN_PROOF_ANY);
}

static int vouch(struct ctx *c, const struct console_tenant_page *page)
{
	return domain_verify(c, page->tenant->id, DOMAIN_PROOF_OPERATOR);
}

static int activate(struct ctx *c, const struct console_tenant_page *page)
{
	int result = domain_activate(c, page->tenant->id);

	return result;
}

static int suspend(struct ctx *c, const struct console_tenant_page *page)
{
	return domain_suspend(c, page->tenant->id, page->reason);
}

static int resume(struct ctx *c, const struct console_tenant_page *page)
{
	return domain_resume(c, page->tenant->id);
}

static int set_quota(struct ctx *c, const struct console_tenant_page *page)
{
	int64_t mib;

	if (!str_to_i64(page->quota, &mib) || mib < 1 || mib > QUOTA_MOST)
		return fail(c, E_INVALID, "a quota is a number above 0");
	return host_tenant_quota_set(c, page->tenant->id, page->tenant->name, mib * MIB);
}

static int set_caps_bound(struct ctx *c, void *arg)
{
	const struct console_tenant_page *page = arg;

	TRY(instance_set(c, STR("max_users"), page->max_users));
	return instance_set(c, STR("sign_ups_a_day"), page->sign_ups);
}

static int set_caps(struct ctx *c, const struct console_tenant_page *page)
{
	struct console_tenant_page copy = *page;

	return bound(c, page->tenant->id, set_caps_bound, &copy);
}

static const struct {
	const char *word;
	int (*act)(struct ctx *c, const struct console_tenant_page *page);
} acts[] = {
	{ "verify", verify },	{ "vouch", vouch },   { "activate", activate },
	{ "suspend", suspend }, { "resume", resume }, { "quota", set_quota },
	{ "caps", set_caps },
};

static int act(struct ctx *c, const struct request *q, const struct console_tenant_page *page)
{
	str word = form_line(c, q, "do");

	for (size_t i = 0; i < ARRAY_SIZE(acts); i++)
		if (str_eq_c(word, acts[i].word)) {
			const struct domain *console = c->domain;
			int result = acts[i].act(c, page);

			c->domain = console;
			return result;
		}
	return fail(c, E_INVALID, "this form does nothing");
}

static int enter(struct ctx *c, const struct request *q, const struct console_tenant_page *page,
		 struct response *r)
{
	const struct domain *d = domain_by_id(c->domains, page->tenant->id);

	if (!d)
		return fail(c, E_NOT_FOUND, "there is no such community");
	TRY(help_enter(c, d, q->operator->email, &r->location));
	r->status = 303;
	return 0;
}

int console_tenant_send(struct ctx *c, struct request *q, struct response *r)
{
	struct console_tenant_page page = { 0 };
	int err;

	TRY(load(c, q, &page));
	if (str_eq(form_line(c, q, "do"), STR("enter")))
		return enter(c, q, &page, r);
	if (!str_is_null(request_form(q, "reason")))
		page.reason = form_line(c, q, "reason");
	if (!str_is_null(request_form(q, "quota")))
		page.quota = form_line(c, q, "quota");
	if (!str_is_null(request_form(q, "max_users"))) {
		page.max_users = form_line(c, q, "max_users");
		page.sign_ups = form_line(c, q, "sign_ups");
	}
	err = act(c, q, &page);
	if (err == 0)
		return console_done(c, page.path, r);
	if (!console_is_typed_wrong(err))
		return err;
	page.error = console_problem(c, err, r);
	return respond_one(c, q, &page, r);
}
