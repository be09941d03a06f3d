/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * elsewhere: the page of another server where somebody of theirs follows a person or answers a post of ours: by the
 * template that WebFinger says of them (rel "http://ostatus.org/schema/1.0/subscribe").
 */
#ifndef MODEL_ELSEWHERE_H
#define MODEL_ELSEWHERE_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

/*
 * Asks the server of a handle for the address that leads its people to uri. client: the network address of who asks,
 * who is nobody here and may not ask often (E_LIMITED). The address is https (in development also http), without
 * a user name; ret_host is where it really leads, for people to read. E_INVALID when the handle is none, E_NOT_FOUND
 * when nobody is there or the server has no such page, other conditions say why it could not be asked.
 */
int elsewhere_find(struct ctx *c, str handle, str uri, str client, str *ret_url,
		   str *ret_host) must_check;

#endif
