/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Notification, NotificationGroup, NotificationRequest and NotificationPolicy entities:
 * https://docs.joinmastodon.org/entities/Notification/ and its neighbours
 */
#ifndef SERVER_API_RENDER_NOTIFICATION_H
#define SERVER_API_RENDER_NOTIFICATION_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/notification.h"

/* A kind as the API calls it; NULL for one that it has no word for. And back; the null str. */
const char *notification_type_of(str kind);
str notification_kind_of(str type);

/* A Notification as an element, or as the document. */
void render_notification(struct ctx *c, struct json_out *w, const struct notice *n);
/* GroupedNotificationsResults as the document; partial: of each group, only the newest actor in full. */
void render_notification_groups(struct ctx *c, struct json_out *w, const struct notice_groups *g,
				bool partial);
/* A NotificationRequest as an element, or as the document. */
void render_notification_request(struct ctx *c, struct json_out *w, const struct notice_request *n);

#endif
