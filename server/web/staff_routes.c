/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Addresses of the staff's pages. Each row says what a role on the tenant must allow; dispatch judges it before the handler runs,
 * and the rows that a handler sees are the tenant's alone.
 */
#include "model/staff.h"
#include "server/web/staff.h"

#define PAGE(what) .access = ACCESS_LOGIN, .surface = SURFACE_PAGE, .capability = what
#define FORM(what) PAGE(what), .form = true

const struct route staff_page_routes[] = {
	{ METHOD_GET, "/staff/", staff_dashboard, PAGE(CAPABILITY_DASHBOARD) },
	{ 0, NULL, NULL },
};
