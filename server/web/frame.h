/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What stands around every page: the tenant, and who looks. */
#ifndef SERVER_WEB_FRAME_H
#define SERVER_WEB_FRAME_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/out.h"
#include "server/http.h"
#include "server/web/page.h"

/*
 * Fills in a frame: the same number of statements for every page. Other tenants that the viewer may
 * go to are written into the response's form_action.
 */
int frame_load(struct ctx *c, const struct request *q, enum menu menu, struct response *r,
	       struct frame *ret) must_check;
/* The same without asking the database: nobody to switch to, nothing unseen. For pages about trouble. */
void frame_bare(struct ctx *c, const struct request *q, struct frame *ret);

/* Leads to a path with a new session in the place of the one that the browser had. */
int web_enter(struct ctx *c, const struct request *q, str cookie, str next,
	      struct response *r) must_check;

/* A buffer for a page, and the response that a written one is. */
void page_open(struct ctx *c, struct out *ret);
int page_close(struct out *o, struct response *r) must_check;

/* Writes a page by its template: RESPOND(c, tpl_login, &page, r). */
#define RESPOND(c, template, page, r)           \
	__extension__({                         \
		struct out respond_out;         \
                                                \
		page_open((c), &respond_out);   \
		template(&respond_out, (page)); \
		page_close(&respond_out, (r));  \
	})

#endif
