/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Addresses of pages and forms. Profiles, posts and lists of people share theirs with federation
 * (server/fedi/routes.c), which leads browsers here.
 */
#include "model/media.h"
#include "server/web/handlers.h"
#include "server/web/web.h"

#define OPEN .access = ACCESS_ANY, .surface = SURFACE_PAGE
#define OWN .access = ACCESS_LOGIN, .surface = SURFACE_PAGE
#define OPEN_FORM OPEN, .form = true
#define OWN_FORM OWN, .form = true
/* A post of the greatest length whose every character takes twelve bytes in a form, and its files. */
#define POST_FORM OWN_FORM, .body_limit = MEDIA_VIDEO_LIMIT + 1024 * 1024
/* Two hundred words of the greatest length. */
#define LONG_FORM OWN_FORM, .body_limit = 1024 * 1024
#define PLAIN .access = ACCESS_PEER, .surface = SURFACE_TEXT

const struct route web_routes[] = {
	{ METHOD_GET, "/", web_start, OPEN },
	{ METHOD_GET, "/home/", web_home, OWN },
	{ METHOD_GET, "/local/", web_local, OPEN },
	{ METHOD_GET, "/about/", web_about, OPEN },
	{ METHOD_GET, "/privacy/", web_privacy, OPEN },
	{ METHOD_GET, "/terms/", web_terms, OPEN },
	{ METHOD_GET, "/terms/:/", web_terms_of, OPEN },
	{ METHOD_GET, "/imprint/", web_imprint, OPEN },
	{ METHOD_GET, "/tags/:/", web_tag, OPEN },
	{ METHOD_GET, "/search/", web_search, OPEN },
	{ METHOD_GET, "/follow/", web_follow, OWN },
	{ METHOD_GET, "/notifications/", web_notifications, OWN },
	{ METHOD_GET, "/tags/", web_hashtags, OWN },
	{ METHOD_POST, "/tags/", web_hashtags_send, OWN_FORM },
	{ METHOD_GET, "/lists/", web_lists, OWN },
	{ METHOD_POST, "/lists/", web_lists_send, OWN_FORM },
	{ METHOD_GET, "/lists/:/", web_list, OWN },
	{ METHOD_GET, "/lists/:/edit/", web_list_edit, OWN },
	{ METHOD_POST, "/lists/:/edit/", web_list_edit_send, OWN_FORM },
	{ METHOD_GET, "/filters/", web_filters, OWN },
	{ METHOD_GET, "/filters/new/", web_filter_new, OWN },
	{ METHOD_POST, "/filters/new/", web_filter_new_send, LONG_FORM },
	{ METHOD_GET, "/filters/:/", web_filter, OWN },
	{ METHOD_POST, "/filters/:/", web_filter_send, LONG_FORM },
	{ METHOD_GET, "/bookmarks/", web_bookmarks, OWN },
	{ METHOD_GET, "/favourites/", web_favourites, OWN },
	{ METHOD_GET, "/conversations/", web_conversations, OWN },
	{ METHOD_POST, "/conversations/", web_conversations_send, OWN_FORM },
	{ METHOD_GET, "/requests/", web_requests, OWN },
	{ METHOD_GET, "/blocks/", web_blocks, OWN },
	{ METHOD_GET, "/mutes/", web_mutes, OWN },

	{ METHOD_GET, "/auth/login/", web_login, OPEN },
	{ METHOD_POST, "/auth/login/", web_login_send, OPEN_FORM },
	{ METHOD_POST, "/auth/logout/", web_logout_send, OPEN_FORM },
	{ METHOD_GET, "/auth/signup/", web_signup, OPEN },
	{ METHOD_POST, "/auth/signup/", web_signup_send, OPEN_FORM },
	{ METHOD_GET, "/auth/ticket/", web_ticket, OPEN },

	{ METHOD_GET, "/compose/", web_compose, OWN },
	{ METHOD_POST, "/compose/", web_compose_send, POST_FORM },
	{ METHOD_GET, "/scheduled/", web_scheduled, OWN },
	{ METHOD_POST, "/scheduled/", web_scheduled_send, OWN_FORM },
	{ METHOD_POST, "/@:/posts/:/like/", web_post_like, OWN_FORM },
	{ METHOD_POST, "/@:/posts/:/unlike/", web_post_unlike, OWN_FORM },
	{ METHOD_POST, "/@:/posts/:/boost/", web_post_boost, OWN_FORM },
	{ METHOD_POST, "/@:/posts/:/unboost/", web_post_unboost, OWN_FORM },
	{ METHOD_POST, "/@:/posts/:/delete/", web_post_delete, OWN_FORM },
	{ METHOD_POST, "/@:/posts/:/bookmark/", web_post_bookmark, OWN_FORM },
	{ METHOD_POST, "/@:/posts/:/unbookmark/", web_post_unbookmark, OWN_FORM },
	{ METHOD_POST, "/@:/posts/:/pin/", web_post_pin, OWN_FORM },
	{ METHOD_POST, "/@:/posts/:/unpin/", web_post_unpin, OWN_FORM },
	{ METHOD_POST, "/@:/posts/:/vote/", web_post_vote, OWN_FORM },
	{ METHOD_GET, "/@:/posts/:/history/", web_post_history, OPEN },

	{ METHOD_GET, "/@:/replies/", web_profile_replies, OPEN },
	{ METHOD_GET, "/@:/media/", web_profile_media, OPEN },
	{ METHOD_GET, "/@:/lists/", web_person_lists, OWN },
	{ METHOD_POST, "/@:/lists/", web_person_lists_send, OWN_FORM },
	{ METHOD_GET, "/@:/report/", web_report, OWN },
	{ METHOD_POST, "/@:/report/", web_report_send, OWN_FORM },
	{ METHOD_POST, "/@:/follow/", web_person_follow, OWN_FORM },
	{ METHOD_POST, "/@:/unfollow/", web_person_unfollow, OWN_FORM },
	{ METHOD_POST, "/@:/accept/", web_person_accept, OWN_FORM },
	{ METHOD_POST, "/@:/reject/", web_person_reject, OWN_FORM },
	{ METHOD_POST, "/@:/block/", web_person_block, OWN_FORM },
	{ METHOD_POST, "/@:/unblock/", web_person_unblock, OWN_FORM },
	{ METHOD_POST, "/@:/mute/", web_person_mute, OWN_FORM },
	{ METHOD_POST, "/@:/unmute/", web_person_unmute, OWN_FORM },

	{ METHOD_GET, "/settings/", web_settings, OWN },
	{ METHOD_GET, "/settings/profile/", web_edit_profile, OWN },
	{ METHOD_POST, "/settings/profile/", web_edit_profile_send, OWN_FORM },
	{ METHOD_GET, "/settings/sessions/", web_sessions, OWN },
	{ METHOD_POST, "/settings/sessions/", web_sessions_send, OWN_FORM },
	{ METHOD_GET, "/settings/applications/", web_applications, OWN },
	{ METHOD_POST, "/settings/applications/", web_applications_send, OWN_FORM },
	{ METHOD_GET, "/settings/strikes/", web_strikes, OWN },
	{ METHOD_POST, "/settings/strikes/:/", web_strike_appeal, OWN_FORM },
	{ METHOD_GET, "/settings/reports/", web_own_reports, OWN },
	{ METHOD_GET, "/notice/", web_notice, OPEN },
	{ METHOD_POST, "/notice/", web_notice_send, OPEN_FORM },
	{ METHOD_GET, "/switch/", web_switch, OWN },
	{ METHOD_POST, "/switch/", web_switch_send, OWN_FORM },

	{ METHOD_GET, "/oauth/authorize", web_authorize, OPEN },
	{ METHOD_POST, "/oauth/authorize", web_authorize_send, OPEN_FORM },
	{ METHOD_GET, "/oauth/authorize/native", web_authorize_native, OPEN },

	{ METHOD_GET, "/media/:", web_media, PLAIN },
	{ METHOD_GET, "/media/:/still", web_media_still, PLAIN },
	{ METHOD_GET, "/proxy/:/:", web_proxy, PLAIN },
	{ METHOD_GET, "/proxy/:/:/small", web_proxy_preview, PLAIN },
	{ METHOD_GET, "/static/:", web_asset, PLAIN },
	{ METHOD_GET, "/theme.css", web_theme, PLAIN },
	{ METHOD_GET, "/custom.css", web_custom, PLAIN },
	{ METHOD_GET, "/robots.txt", web_robots, PLAIN },
	{ METHOD_GET, "/sitemap.xml", web_sitemap, PLAIN },
	{ METHOD_GET, "/manifest.webmanifest", web_manifest, PLAIN },
	{ METHOD_GET, "/@:/feed.rss", web_profile_feed, PLAIN },
	{ METHOD_GET, "/@:/feed.atom", web_profile_feed, PLAIN },
	{ METHOD_GET, "/tags/:/feed.rss", web_tag_feed, PLAIN },
	{ METHOD_GET, "/tags/:/feed.atom", web_tag_feed, PLAIN },
	{ METHOD_GET, "/favicon.ico", web_favicon, PLAIN },
	{ 0, NULL, NULL },
};
