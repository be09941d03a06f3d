/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Addresses of the console. Those with OWN need an operator's session that a second factor proved. */
#include "server/web/console.h"

#define OPEN .access = ACCESS_ANY, .surface = SURFACE_PAGE
#define OPEN_FORM OPEN, .form = true
#define OWN .access = ACCESS_LOGIN, .surface = SURFACE_PAGE
#define OWN_FORM OWN, .form = true

const struct route console_routes[] = {
	{ METHOD_GET, "/login/", console_login, OPEN },
	{ METHOD_POST, "/login/", console_login_send, OPEN_FORM },
	{ METHOD_GET, "/second/", console_second, OPEN },
	{ METHOD_POST, "/second/", console_second_send, OPEN_FORM },
	{ METHOD_GET, "/second/picture", console_second_picture, .access = ACCESS_ANY,
	  .surface = SURFACE_TEXT },
	{ METHOD_POST, "/login/passkey/", console_login_passkey_send, OPEN_FORM },
	{ METHOD_POST, "/second/passkey/", console_second_passkey_send, OPEN_FORM },
	{ METHOD_POST, "/logout/", console_logout_send, OPEN_FORM },

	{ METHOD_GET, "/setup/", console_setup, OPEN },
	{ METHOD_POST, "/setup/", console_setup_send, OPEN_FORM },
	{ METHOD_GET, "/setup/operator/", console_setup_operator, OPEN },
	{ METHOD_POST, "/setup/operator/", console_setup_operator_send, OPEN_FORM },
	{ METHOD_GET, "/setup/domain/", console_setup_domain, OWN },
	{ METHOD_POST, "/setup/domain/", console_setup_domain_send, OWN_FORM },
	{ METHOD_GET, "/setup/mail/", console_setup_mail, OWN },
	{ METHOD_POST, "/setup/mail/", console_setup_mail_send, OWN_FORM },
	{ METHOD_GET, "/setup/done/", console_setup_done, OWN },
	{ METHOD_POST, "/setup/done/", console_setup_done_send, OWN_FORM },

	{ METHOD_GET, "/tenants/", console_tenants, OWN },
	{ METHOD_POST, "/tenants/", console_tenants_send, OWN_FORM },
	{ METHOD_GET, "/tenants/:/", console_tenant, OWN },
	{ METHOD_POST, "/tenants/:/", console_tenant_send, OWN_FORM },
	{ METHOD_GET, "/floor/", console_floor, OWN },
	{ METHOD_POST, "/floor/", console_floor_send, OWN_FORM },
	{ METHOD_GET, "/policies/", console_policies, OWN },
	{ METHOD_POST, "/policies/", console_policies_send, OWN_FORM },
	{ METHOD_GET, "/policies/:/", console_policy, OWN },
	{ METHOD_POST, "/policies/:/", console_policy_send, OWN_FORM },
	{ METHOD_GET, "/mail/", console_mail, OWN },
	{ METHOD_POST, "/mail/", console_mail_send, OWN_FORM },
	{ METHOD_GET, "/work/", console_work, OWN },
	{ METHOD_POST, "/work/", console_work_send, OWN_FORM },
	{ METHOD_GET, "/work/explain/", console_explain, OWN },
	{ METHOD_GET, "/peers/", console_peers, OWN },
	{ METHOD_POST, "/peers/", console_peers_send, OWN_FORM },
	{ METHOD_GET, "/house/", console_house, OWN },
	{ METHOD_GET, "/keys/", console_keys, OWN },
	{ METHOD_POST, "/keys/", console_keys_send, OWN_FORM },
	{ METHOD_GET, "/acts/", console_acts, OWN },
	{ 0, NULL, NULL },
};
