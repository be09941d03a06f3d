/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Addresses of the client API, without '/' at the end (dispatch drops one). The order is that of
 * Mastodon's documentation; a path with a fixed last segment stands before one with a capture there.
 */
#include "server/api/handlers.h"

/* With a person's token of that scope. */
#define USER(name) .access = ACCESS_TOKEN, .scope = name, .surface = SURFACE_API
/* With any token of that scope, or none. */
#define OPEN(name) .access = ACCESS_TOKEN_ANY, .scope = name, .surface = SURFACE_API

/* With a token of any kind. */
#define APP(name) .access = ACCESS_TOKEN_APP, .scope = name, .surface = SURFACE_API
/* Without one: the program says in the request itself who it is, or it does not matter. */
#define BARE .access = ACCESS_PEER, .surface = SURFACE_API
#define OAUTH .access = ACCESS_PEER, .surface = SURFACE_OAUTH

const struct route api_routes[] = {
	/* apps and oauth */
	{ METHOD_POST, "/api/v1/apps", api_app_create, BARE },
	{ METHOD_GET, "/api/v1/apps/verify_credentials", api_app_verify_credentials, APP(NULL) },
	{ METHOD_POST, "/oauth/token", api_oauth_token, OAUTH },
	{ METHOD_POST, "/oauth/revoke", api_oauth_revoke, OAUTH },
	{ METHOD_GET | METHOD_POST, "/oauth/userinfo", api_oauth_userinfo,
	  USER("profile read:accounts") },
	{ METHOD_GET, "/.well-known/oauth-authorization-server", api_oauth_metadata, BARE },

	/* accounts */
	{ METHOD_GET, "/api/v1/accounts/verify_credentials", api_verify_credentials,
	  USER("profile read:accounts") },
	{ METHOD_GET, "/api/v1/accounts/:", api_account, OPEN("read:accounts") },

	/* statuses */
	{ METHOD_GET, "/api/v1/statuses/:", api_status, OPEN("read:statuses") },

	/* timelines */
	{ METHOD_GET, "/api/v1/timelines/home", api_timeline_home, USER("read:statuses") },

	/* push */
	{ METHOD_POST, "/api/v1/push/subscription", api_push_subscribe, USER("push") },
	{ METHOD_GET, "/api/v1/push/subscription", api_push_subscription, USER("push") },
	{ METHOD_PUT, "/api/v1/push/subscription", api_push_change, USER("push") },
	{ METHOD_DELETE, "/api/v1/push/subscription", api_push_unsubscribe, USER("push") },

	/* streaming: the scope depends on the channel */
	{ METHOD_GET, "/api/v1/streaming/health", api_streaming_health, .access = ACCESS_PEER,
	  .surface = SURFACE_API },
	{ METHOD_GET, "/api/v1/streaming", api_streaming, USER(NULL) },
	{ METHOD_GET, "/api/v1/streaming/:", api_streaming, USER(NULL) },
	{ METHOD_GET, "/api/v1/streaming/:/:", api_streaming, USER(NULL) },
	{ METHOD_GET, "/api/v1/streaming/:/:/:", api_streaming, USER(NULL) },
	{ 0, NULL, NULL },
};
