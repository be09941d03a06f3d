/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ScheduledStatus entities: https://docs.joinmastodon.org/entities/ScheduledStatus/ */
#ifndef SERVER_API_RENDER_SCHEDULED_H
#define SERVER_API_RENDER_SCHEDULED_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "server/http.h"

/* An own post for later as the answer; E_NOT_FOUND when it is not there. */
int respond_scheduled(struct ctx *c, int64_t id, struct response *r) must_check;

#endif
