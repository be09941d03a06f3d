/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who may not join: hosts of e-mail addresses, addresses (by their hash), networks. */
#include "model/gate.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/views.h"
#include "templates.h"

#define DAYS_MOST 3650

static const char *const paths[] = {
	[GATE_HOSTS] = "/staff/blocks/",
	[GATE_EMAILS] = "/staff/blocks/emails/",
	[GATE_NETWORKS] = "/staff/blocks/networks/",
};

static struct staff_gate_view *views_new(struct ctx *c, size_t n)
{
	return arena_array(c->arena, n + 1, sizeof(struct staff_gate_view));
}

static int fill_hosts(struct ctx *c, const struct page *p, struct staff_gates_page *page)
{
	const struct email_domain_block_row *rows;
	struct staff_gate_view *views;

	TRY(email_domain_blocks_list(c, p, &rows, &page->n_gates));
	views = views_new(c, page->n_gates);
	for (size_t i = 0; i < page->n_gates; i++)
		views[i] = (struct staff_gate_view){ .id = rows[i].id,
						     .what = rows[i].host,
						     .created = rows[i].created };
	page->gates = views;
	return 0;
}

static int fill_emails(struct ctx *c, const struct page *p, struct staff_gates_page *page)
{
	const struct email_block_row *rows;
	struct staff_gate_view *views;

	TRY(email_blocks_list(c, p, &rows, &page->n_gates));
	views = views_new(c, page->n_gates);
	for (size_t i = 0; i < page->n_gates; i++)
		views[i] = (struct staff_gate_view){ .id = rows[i].id,
						     .what = rows[i].hash,
						     .created = rows[i].created };
	page->gates = views;
	return 0;
}

static int fill_networks(struct ctx *c, const struct page *p, struct staff_gates_page *page)
{
	const struct ip_block_row *rows;
	struct staff_gate_view *views;

	TRY(ip_blocks_list(c, p, &rows, &page->n_gates));
	views = views_new(c, page->n_gates);
	for (size_t i = 0; i < page->n_gates; i++)
		views[i] = (struct staff_gate_view){
			.id = rows[i].id,
			.what = rows[i].range,
			.severity = rows[i].severity,
			.comment = rows[i].comment,
			.created = rows[i].created,
			.expires = rows[i].expires,
		};
	page->gates = views;
	return 0;
}

static int respond(struct ctx *c, const struct request *q, struct staff_gates_page *page,
		   struct response *r)
{
	static int (*const fill[])(struct ctx * c, const struct page *p,
				   struct staff_gates_page *page) = {
		[GATE_HOSTS] = fill_hosts,
		[GATE_EMAILS] = fill_emails,
		[GATE_NETWORKS] = fill_networks,
	};
	struct page p = view_page(q);

	TRY(fill[page->which](c, &p, page));
	TRY(staff_frame(c, q, SECTION_GATES, r, &page->staff));
	page->path = paths[page->which];
	page->pager = staff_pager(c, q, &p, (int64_t)page->n_gates == page_limit(&p),
				  page->n_gates ? page->gates[page->n_gates - 1].id : 0);
	return RESPOND(c, tpl_staff_gates, page, r);
}

static int show(struct ctx *c, const struct request *q, enum staff_gate which, struct response *r)
{
	struct staff_gates_page page = { .which = which, .severity = STR("sign_up_block") };

	return respond(c, q, &page, r);
}

static int add(struct ctx *c, const struct staff_gates_page *page)
{
	const struct ip_block_draft draft = {
		.range = page->what,
		.severity = page->severity,
		.comment = page->comment,
		.expires = page->days ? c->now + page->days * USEC_DAY : 0,
	};
	const struct email_domain_block_row *host;
	const struct email_block_row *email;
	const struct ip_block_row *network;

	switch (page->which) {
	case GATE_HOSTS:
		return email_domain_block_add(c, page->what, &host);
	case GATE_EMAILS:
		return email_block_add(c, page->what, STR(""), &email);
	case GATE_NETWORKS:
		break;
	}
	return ip_block_add(c, &draft, &network);
}

static int drop(struct ctx *c, enum staff_gate which, int64_t id)
{
	if (which == GATE_HOSTS)
		return email_domain_block_remove(c, id);
	return which == GATE_EMAILS ? email_block_remove(c, id) : ip_block_remove(c, id);
}

static int change(struct ctx *c, const struct request *q, enum staff_gate which, struct response *r)
{
	int64_t removed = form_id(q, "remove"), days = form_id(q, "days");
	struct staff_gates_page page = {
		.which = which,
		.what = form_line(c, q, "what"),
		.severity = form_line(c, q, "severity"),
		.comment = form_line(c, q, "comment"),
		.days = days > 0 && days <= DAYS_MOST ? days : 0,
	};
	int err = removed ? drop(c, which, removed) : fail_at(c, "what", add(c, &page));

	if (staff_is_typed_wrong(err)) {
		page.error = staff_problem(c, err, r);
		return respond(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, str_c(paths[which]), removed ? "removed" : "added", r);
}

int staff_gate_hosts(struct ctx *c, struct request *q, struct response *r)
{
	return show(c, q, GATE_HOSTS, r);
}

int staff_gate_emails(struct ctx *c, struct request *q, struct response *r)
{
	return show(c, q, GATE_EMAILS, r);
}

int staff_gate_networks(struct ctx *c, struct request *q, struct response *r)
{
	return show(c, q, GATE_NETWORKS, r);
}

int staff_gate_hosts_send(struct ctx *c, struct request *q, struct response *r)
{
	return change(c, q, GATE_HOSTS, r);
}

int staff_gate_emails_send(struct ctx *c, struct request *q, struct response *r)
{
	return change(c, q, GATE_EMAILS, r);
}

int staff_gate_networks_send(struct ctx *c, struct request *q, struct response *r)
{
	return change(c, q, GATE_NETWORKS, r);
}
