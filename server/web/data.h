/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The page of what one takes away and brings along, for all forms on it. */
#ifndef SERVER_WEB_DATA_H
#define SERVER_WEB_DATA_H

#include "base/attr.h"
#include "server/http.h"
#include "server/web/member_page.h"

/* With what a form was refused for, which stands in page. */
int data_respond(struct ctx *c, const struct request *q, struct data_page *page,
		 struct response *r) must_check;
/* What is brought goes to whom the form named when it was shown: E_CONFLICT when one acts as another by now. */
int data_check_whose(struct ctx *c, const struct request *q) must_check;

#endif
