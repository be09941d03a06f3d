/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Addresses of federation. Those that people and servers share (an actor, a post) are here; the
 * handler looks at Accept and leads people to the page.
 */
#include "model/inbox.h"
#include "server/fedi/fedi.h"

#define PEER .access = ACCESS_PEER, .surface = SURFACE_JSON
#define SHARED .access = ACCESS_ANY, .surface = SURFACE_PAGE, .shared = true
#define INBOX .access = ACCESS_PEER, .surface = SURFACE_JSON, .body_limit = INBOX_BODY_LIMIT

const struct route fedi_routes[] = {
	{ METHOD_GET, "/.well-known/webfinger", fedi_webfinger, PEER, .shared = true },
	{ METHOD_GET, "/.well-known/host-meta", fedi_host_meta, PEER },
	{ METHOD_GET, "/.well-known/rookery-echo", fedi_echo, PEER },
	{ METHOD_GET, "/.well-known/nodeinfo", fedi_nodeinfo_links, PEER },
	{ METHOD_GET, "/nodeinfo/2.:", fedi_nodeinfo, PEER },
	{ METHOD_GET, "/nodeinfo/2.:/", fedi_nodeinfo, PEER },
	{ METHOD_POST, "/inbox/", fedi_inbox, INBOX },
	{ METHOD_POST, "/actor/inbox/", fedi_inbox, INBOX },
	{ METHOD_POST, "/@:/inbox/", fedi_inbox, INBOX },
	{ METHOD_GET, "/actor/", fedi_system_actor, PEER, .shared = true },
	{ METHOD_GET, "/actor/outbox/", fedi_system_collection, PEER },
	{ METHOD_GET, "/actor/followers/", fedi_system_collection, PEER },
	{ METHOD_GET, "/actor/following/", fedi_system_collection, PEER },
	{ METHOD_GET, "/actor/collections/featured/", fedi_system_collection, PEER },
	{ METHOD_GET, "/emojis/:/", fedi_emoji, PEER },
	{ METHOD_GET, "/@:/outbox/", fedi_outbox, PEER },
	{ METHOD_GET, "/@:/collections/featured/", fedi_featured, PEER },
	{ METHOD_GET, "/@:/features/:/", fedi_feature, PEER },
	{ METHOD_GET, "/@:/collections/:/", fedi_collection, SHARED },
	{ METHOD_GET, "/@:/collections/", fedi_collections, SHARED },
	{ METHOD_GET, "/@:/posts/:/replies/", fedi_replies, PEER },
	{ METHOD_GET, "/@:/quotes/:/", fedi_quote, PEER },
	{ METHOD_GET, "/@:/consents/:/", fedi_consent, PEER },
	{ METHOD_GET, "/@:/followers/", fedi_followers, SHARED },
	{ METHOD_GET, "/@:/following/", fedi_following, SHARED },
	{ METHOD_GET, "/@:/posts/:/", fedi_post, SHARED },
	{ METHOD_GET, "/@:/", fedi_actor, SHARED },
	{ 0, NULL, NULL },
};
