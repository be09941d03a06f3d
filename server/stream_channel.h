/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The channels that a stream may subscribe to, as data, and subscriptions as clients word them. */
#ifndef SERVER_STREAM_CHANNEL_H
#define SERVER_STREAM_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "json/write.h"

enum channel {
	CHANNEL_USER,
	CHANNEL_USER_NOTIFICATION,
	CHANNEL_PUBLIC,
	CHANNEL_PUBLIC_MEDIA,
	CHANNEL_PUBLIC_LOCAL,
	CHANNEL_PUBLIC_LOCAL_MEDIA,
	CHANNEL_PUBLIC_REMOTE,
	CHANNEL_PUBLIC_REMOTE_MEDIA,
	CHANNEL_HASHTAG,
	CHANNEL_HASHTAG_LOCAL,
	CHANNEL_LIST,
	CHANNEL_DIRECT,
	CHANNELS
};

struct channel_info {
	const char *name;
	const char *path; /* behind /api/v1/streaming/ */
	const char *scope; /* that the token needs; NULL: any token */
	const char *context; /* of filters, of those that pages read */
	bool has_tag, has_list;
	bool is_public; /* posts for everybody ... */
	bool local, remote, media; /* ... but only of the tenant, only of others, only with media */
};
extern const struct channel_info channels[CHANNELS];

struct subscription {
	enum channel channel;
	str tag; /* folded; null: none */
	int64_t list_id;
};

/* What a client asks for, in the words of a query or of a message. */
struct subscription_words {
	str stream, tag, list;
};

/* The channel at a path like "public/local"; false when there is none. */
bool channel_of_path(str path, bool only_media, str *ret_name);
/*
 * E_INVALID for a channel that is none or lacks its tag or list, E_UNAUTHORIZED when the scopes do not cover it,
 * E_NOT_FOUND for a list that is not the acting identity's.
 */
int subscription_read(struct ctx *c, const struct subscription_words *words, strs scopes,
		      struct subscription *ret) must_check;
bool subscription_eq(const struct subscription *a, const struct subscription *b);
/* The name as events carry it: ["hashtag","birds"]. */
void subscription_put(struct json_out *w, const char *key, const struct subscription *s);

#endif
