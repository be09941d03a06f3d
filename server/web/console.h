/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The host's console: pages for operators of the installation under a name of its own. What each page does is what a
 * command of rookery does, by the same functions of the model.
 */
#ifndef SERVER_WEB_CONSOLE_H
#define SERVER_WEB_CONSOLE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/passkey.h"
#include "server/http.h"
#include "server/web/auth_page.h"
#include "server/web/console_page.h"
#include "server/web/text.h"

/* Sections of the menu, in its order. */
enum console_section {
	CONSOLE_TENANTS,
	CONSOLE_FLOOR,
	CONSOLE_POLICIES,
	CONSOLE_MAIL,
	CONSOLE_WORK,
	CONSOLE_PEERS,
	CONSOLE_HOUSE,
	CONSOLE_ACTS,
	CONSOLE_SECTIONS
};

/* The name of the cookie: a browser sends it to this very host alone. */
const char *console_cookie(const struct ctx *c);
/* Keeps a session in the browser; an empty value ends it there. */
void console_keep(struct ctx *c, str cookie, struct response *r);
/* What stands around a page of a section, with its title. */
void console_frame(struct ctx *c, const struct request *q, enum console_section section,
		   struct console_frame *ret);
/* console_setup.c: what stands around a step of the set-up; E_NOT_FOUND unless the operator's is under way. */
void console_setup_frame(struct ctx *c, const struct request *q, enum text_key title,
			 struct console_frame *ret);
int console_setup_under_way(struct ctx *c) must_check;
/* 303 to a path of the console, whose page says that it was done. */
int console_done(struct ctx *c, str path, struct response *r) must_check;
/* The console's page about an error, with the status that r has. */
int console_error(struct ctx *c, const struct request *q, str message,
		  struct response *r) must_check;
/* What a form that is shown again says: only of conditions that are about what was typed. */
bool console_is_typed_wrong(int err);
struct wrong console_problem(struct ctx *c, int err, struct response *r);

struct passkey_view;

/* console_login.c: what both steps of coming in share. */
int console_respond_login(struct ctx *c, const struct request *q, str email, struct wrong error,
			  struct response *r) must_check;
int console_respond_second(struct ctx *c, const struct request *q, struct wrong error,
			   struct response *r) must_check;
/* Whoever proved everything goes in; who is setting up goes on with that. */
int console_go_in(struct ctx *c, int64_t user_id, str cookie, struct response *r) must_check;

/*
 * console_keys.c: the form of a passkey, and its script. False under a bare address, to which browsers bind no passkey.
 */
int console_passkey(struct ctx *c, const struct request *q, enum passkey_purpose purpose,
		    const char *action, struct console_frame *frame, bool *ret_is_there,
		    struct passkey_view *ret) must_check;

#define HANDLER(name) int name(struct ctx *c, struct request *q, struct response *r) must_check

/* console_login.c */
HANDLER(console_login);
HANDLER(console_login_send);
HANDLER(console_second);
HANDLER(console_second_send);
HANDLER(console_second_picture);
HANDLER(console_logout_send);

/* console_keys.c */
HANDLER(console_login_passkey_send);
HANDLER(console_second_passkey_send);
HANDLER(console_keys);
HANDLER(console_keys_send);

/* console_setup.c */
HANDLER(console_setup);
HANDLER(console_setup_send);
HANDLER(console_setup_operator);
HANDLER(console_setup_operator_send);
HANDLER(console_setup_domain);
HANDLER(console_setup_domain_send);
HANDLER(console_setup_done);
HANDLER(console_setup_done_send);

/* console_tenants.c */
HANDLER(console_tenants);
HANDLER(console_tenants_send);
HANDLER(console_tenant);
HANDLER(console_tenant_send);

/* console_host.c */
HANDLER(console_floor);
HANDLER(console_floor_send);
HANDLER(console_mail);
HANDLER(console_mail_send);
HANDLER(console_setup_mail);
HANDLER(console_setup_mail_send);
HANDLER(console_policies);
HANDLER(console_policies_send);
HANDLER(console_policy);
HANDLER(console_policy_send);
HANDLER(console_peers);
HANDLER(console_peers_send);
HANDLER(console_house);
HANDLER(console_acts);

/* console_work.c */
HANDLER(console_work);
HANDLER(console_work_send);
HANDLER(console_explain);

#undef HANDLER

#endif
