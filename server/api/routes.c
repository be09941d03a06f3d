/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Addresses of the client API, without '/' at the end (dispatch drops one). The order is that of
 * Mastodon's documentation; a path with a fixed last segment stands before one with a capture there.
 */
#include "model/media.h"
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
/* A file, and a picture that stands for it. */
#define UPLOAD(name) USER(name), .body_limit = MEDIA_VIDEO_LIMIT + MEDIA_IMAGE_LIMIT + 1024 * 1024
/* Bytes of a body with an avatar and a header. */
#define UPLOAD_LIMIT (2 * MEDIA_IMAGE_LIMIT + BODY_LIMIT)

const struct route api_routes[] = {
	/* apps and oauth */
	{ METHOD_POST, "/api/v1/apps", api_app_create, BARE },
	{ METHOD_GET, "/api/v1/apps/verify_credentials", api_app_verify_credentials, APP(NULL) },
	{ METHOD_POST, "/oauth/token", api_oauth_token, OAUTH },
	{ METHOD_POST, "/oauth/revoke", api_oauth_revoke, OAUTH },
	{ METHOD_GET | METHOD_POST, "/oauth/userinfo", api_oauth_userinfo,
	  USER("profile read:accounts") },
	{ METHOD_GET, "/.well-known/oauth-authorization-server", api_oauth_metadata, BARE },

	/* registration */
	{ METHOD_POST, "/api/v1/accounts", api_account_create, APP("write:accounts") },
	{ METHOD_GET, "/api/v1/emails/check_confirmation", api_email_is_confirmed, USER(NULL),
	  .unconfirmed = true },
	{ METHOD_POST, "/api/v1/emails/confirmations", api_email_confirmation,
	  USER("write:accounts"), .unconfirmed = true },

	/* instance */
	{ METHOD_GET, "/api/v2/instance", api_instance_v2, BARE },
	{ METHOD_GET, "/api/oembed", api_oembed, BARE },
	{ METHOD_GET, "/api/v1/instance", api_instance_v1, BARE },
	{ METHOD_GET, "/api/v1/instance/rules", api_instance_rules, BARE },
	{ METHOD_GET, "/api/v1/instance/peers", api_instance_peers, BARE },
	{ METHOD_GET, "/api/v1/instance/activity", api_instance_activity, BARE },
	{ METHOD_GET, "/api/v1/instance/domain_blocks", api_instance_domain_blocks, OPEN(NULL) },
	{ METHOD_GET, "/api/v1/instance/extended_description", api_instance_description, BARE },
	{ METHOD_GET, "/api/v1/instance/privacy_policy", api_instance_privacy, BARE },
	{ METHOD_GET, "/api/v1/instance/terms_of_service", api_instance_terms, BARE },
	{ METHOD_GET, "/api/v1/instance/terms_of_service/:", api_instance_terms, BARE },
	{ METHOD_GET, "/api/v1/instance/languages", api_instance_languages, BARE },
	{ METHOD_GET, "/api/v1/instance/translation_languages", api_instance_translations, BARE },
	{ METHOD_GET, "/health", api_health, .access = ACCESS_PEER, .surface = SURFACE_TEXT,
	  .always = true },

	/* accounts */
	{ METHOD_GET, "/api/v1/accounts/verify_credentials", api_verify_credentials,
	  USER("profile read:accounts") },
	{ METHOD_PATCH, "/api/v1/accounts/update_credentials", api_update_credentials,
	  USER("write:accounts"), .body_limit = UPLOAD_LIMIT },
	{ METHOD_GET, "/api/v1/accounts/relationships", api_relationships, USER("read:follows") },
	{ METHOD_GET, "/api/v1/accounts/familiar_followers", api_familiar_followers,
	  USER("read:follows") },
	{ METHOD_GET, "/api/v1/accounts/search", api_account_search, USER("read:accounts") },
	{ METHOD_GET, "/api/v1/accounts/lookup", api_account_lookup, OPEN("read:accounts") },
	{ METHOD_GET, "/api/v1/accounts", api_accounts, OPEN("read:accounts") },
	{ METHOD_GET, "/api/v1/accounts/:", api_account, OPEN("read:accounts") },
	{ METHOD_GET, "/api/v1/accounts/:/followers", api_account_followers,
	  OPEN("read:accounts") },
	{ METHOD_GET, "/api/v1/accounts/:/following", api_account_following,
	  OPEN("read:accounts") },
	{ METHOD_GET, "/api/v1/accounts/:/featured_tags", api_account_featured_tags,
	  OPEN("read:accounts") },
	{ METHOD_GET, "/api/v1/accounts/:/endorsements", api_account_endorsements,
	  OPEN("read:accounts") },
	{ METHOD_GET, "/api/v1/accounts/:/identity_proofs", api_account_identity_proofs,
	  OPEN("read:accounts") },
	{ METHOD_GET, "/api/v1/accounts/:/lists", api_account_lists, USER("read:lists") },
	{ METHOD_GET, "/api/v1/accounts/:/collections", api_account_collections,
	  OPEN("read:collections") },
	{ METHOD_GET, "/api/v1/accounts/:/in_collections", api_account_in_collections,
	  OPEN("read:collections") },
	{ METHOD_POST, "/api/v1/accounts/:/follow", api_follow, USER("write:follows follow") },
	{ METHOD_POST, "/api/v1/accounts/:/unfollow", api_unfollow, USER("write:follows follow") },
	{ METHOD_POST, "/api/v1/accounts/:/remove_from_followers", api_remove_from_followers,
	  USER("write:follows follow") },
	{ METHOD_POST, "/api/v1/accounts/:/block", api_block, USER("write:blocks follow") },
	{ METHOD_POST, "/api/v1/accounts/:/unblock", api_unblock, USER("write:blocks follow") },
	{ METHOD_POST, "/api/v1/accounts/:/mute", api_mute, USER("write:mutes follow") },
	{ METHOD_POST, "/api/v1/accounts/:/unmute", api_unmute, USER("write:mutes follow") },
	{ METHOD_POST, "/api/v1/accounts/:/pin", api_endorse, USER("write:accounts") },
	{ METHOD_POST, "/api/v1/accounts/:/unpin", api_unendorse, USER("write:accounts") },
	{ METHOD_POST, "/api/v1/accounts/:/endorse", api_endorse, USER("write:accounts") },
	{ METHOD_POST, "/api/v1/accounts/:/unendorse", api_unendorse, USER("write:accounts") },
	{ METHOD_POST, "/api/v1/accounts/:/note", api_account_note, USER("write:accounts") },

	/* profile */
	{ METHOD_GET, "/api/v1/profile", api_profile, USER("profile read:accounts") },
	{ METHOD_PATCH | METHOD_PUT, "/api/v1/profile", api_profile_edit, USER("write:accounts"),
	  .body_limit = UPLOAD_LIMIT },
	{ METHOD_DELETE, "/api/v1/profile/avatar", api_profile_avatar_delete,
	  USER("write:accounts") },
	{ METHOD_DELETE, "/api/v1/profile/header", api_profile_header_delete,
	  USER("write:accounts") },

	/* blocks, mutes, domain_blocks, follow_requests */
	{ METHOD_GET, "/api/v1/blocks", api_blocks, USER("read:blocks follow") },
	{ METHOD_GET, "/api/v1/mutes", api_mutes, USER("read:mutes follow") },
	{ METHOD_GET, "/api/v1/domain_blocks", api_domain_blocks, USER("read:blocks follow") },
	{ METHOD_POST, "/api/v1/domain_blocks", api_domain_block_add, USER("write:blocks follow") },
	{ METHOD_DELETE, "/api/v1/domain_blocks", api_domain_block_remove,
	  USER("write:blocks follow") },
	{ METHOD_GET, "/api/v1/follow_requests", api_follow_requests, USER("read:follows follow") },
	{ METHOD_POST, "/api/v1/follow_requests/:/authorize", api_follow_request_authorize,
	  USER("write:follows follow") },
	{ METHOD_POST, "/api/v1/follow_requests/:/reject", api_follow_request_reject,
	  USER("write:follows follow") },

	/* endorsements, featured_tags, suggestions, directory */
	{ METHOD_GET, "/api/v1/endorsements", api_endorsements, USER("read:accounts") },
	{ METHOD_GET, "/api/v1/featured_tags/suggestions", api_featured_tag_suggestions,
	  USER("read:accounts") },
	{ METHOD_GET, "/api/v1/featured_tags", api_featured_tags, USER("read:accounts") },
	{ METHOD_POST, "/api/v1/featured_tags", api_featured_tag_add, USER("write:accounts") },
	{ METHOD_DELETE, "/api/v1/featured_tags/:", api_featured_tag_remove,
	  USER("write:accounts") },
	{ METHOD_GET, "/api/v1/suggestions", api_suggestions_v1, USER("read:accounts") },
	{ METHOD_DELETE, "/api/v1/suggestions/:", api_suggestion_dismiss, USER("write:accounts") },
	{ METHOD_GET, "/api/v2/suggestions", api_suggestions, USER("read:accounts") },
	{ METHOD_GET, "/api/v1/directory", api_directory, OPEN("read:accounts") },

	/* lists */
	{ METHOD_GET, "/api/v1/lists", api_lists, USER("read:lists") },
	{ METHOD_POST, "/api/v1/lists", api_list_create, USER("write:lists") },
	{ METHOD_GET, "/api/v1/lists/:/accounts", api_list_accounts, USER("read:lists") },
	{ METHOD_POST, "/api/v1/lists/:/accounts", api_list_add, USER("write:lists") },
	{ METHOD_DELETE, "/api/v1/lists/:/accounts", api_list_remove, USER("write:lists") },
	{ METHOD_GET, "/api/v1/lists/:", api_list, USER("read:lists") },
	{ METHOD_PUT, "/api/v1/lists/:", api_list_edit, USER("write:lists") },
	{ METHOD_DELETE, "/api/v1/lists/:", api_list_delete, USER("write:lists") },

	/* markers, preferences */
	{ METHOD_GET, "/api/v1/markers", api_markers, USER("read:statuses") },
	{ METHOD_POST, "/api/v1/markers", api_markers_set, USER("write:statuses") },
	{ METHOD_GET, "/api/v1/preferences", api_preferences, USER("read:accounts") },

	/* collections */
	{ METHOD_POST, "/api/v1/collections", api_collection_create, USER("write:collections") },
	{ METHOD_GET, "/api/v1/collections/:", api_collection, OPEN("read:collections") },
	{ METHOD_PATCH | METHOD_PUT, "/api/v1/collections/:", api_collection_edit,
	  USER("write:collections") },
	{ METHOD_DELETE, "/api/v1/collections/:", api_collection_delete,
	  USER("write:collections") },
	{ METHOD_POST, "/api/v1/collections/:/items", api_collection_add,
	  USER("write:collections") },
	{ METHOD_DELETE, "/api/v1/collections/:/items/:", api_collection_remove,
	  USER("write:collections") },
	{ METHOD_POST, "/api/v1/collections/:/items/:/accept", api_collection_accept,
	  USER("write:collections") },
	{ METHOD_POST, "/api/v1/collections/:/items/:/revoke", api_collection_revoke,
	  USER("write:collections") },

	/* media */
	{ METHOD_POST, "/api/v2/media", api_media_create, UPLOAD("write:media") },
	{ METHOD_POST, "/api/v1/media", api_media_create_now, UPLOAD("write:media") },
	{ METHOD_GET, "/api/v1/media/:", api_media_show, USER("write:media") },
	{ METHOD_PUT, "/api/v1/media/:", api_media_edit, UPLOAD("write:media") },
	{ METHOD_DELETE, "/api/v1/media/:", api_media_delete, USER("write:media") },

	/* statuses */
	{ METHOD_POST, "/api/v1/statuses", api_status_create, USER("write:statuses") },
	{ METHOD_GET, "/api/v1/statuses", api_statuses, OPEN("read:statuses") },
	{ METHOD_GET, "/api/v1/statuses/:", api_status, OPEN("read:statuses") },
	{ METHOD_PUT, "/api/v1/statuses/:", api_status_edit, USER("write:statuses") },
	{ METHOD_DELETE, "/api/v1/statuses/:", api_status_delete, USER("write:statuses") },
	{ METHOD_GET, "/api/v1/statuses/:/context", api_status_context, OPEN("read:statuses") },
	{ METHOD_GET, "/api/v1/statuses/:/history", api_status_history, OPEN("read:statuses") },
	{ METHOD_GET, "/api/v1/statuses/:/source", api_status_source, USER("read:statuses") },
	{ METHOD_POST, "/api/v1/statuses/:/translate", api_status_translate,
	  OPEN("read:statuses") },
	{ METHOD_GET, "/api/v1/statuses/:/reblogged_by", api_status_reblogged_by,
	  OPEN("read:accounts") },
	{ METHOD_GET, "/api/v1/statuses/:/favourited_by", api_status_favourited_by,
	  OPEN("read:accounts") },
	{ METHOD_GET, "/api/v1/statuses/:/quotes", api_status_quotes, OPEN("read:statuses") },
	{ METHOD_POST, "/api/v1/statuses/:/quotes/:/revoke", api_status_quote_revoke,
	  USER("write:statuses") },
	{ METHOD_PUT, "/api/v1/statuses/:/interaction_policy", api_status_policy,
	  USER("write:statuses") },
	{ METHOD_POST, "/api/v1/statuses/:/favourite", api_status_favourite,
	  USER("write:favourites") },
	{ METHOD_POST, "/api/v1/statuses/:/unfavourite", api_status_unfavourite,
	  USER("write:favourites") },
	{ METHOD_POST, "/api/v1/statuses/:/reblog", api_status_reblog, USER("write:statuses") },
	{ METHOD_POST, "/api/v1/statuses/:/unreblog", api_status_unreblog, USER("write:statuses") },
	{ METHOD_POST, "/api/v1/statuses/:/bookmark", api_status_bookmark,
	  USER("write:bookmarks") },
	{ METHOD_POST, "/api/v1/statuses/:/unbookmark", api_status_unbookmark,
	  USER("write:bookmarks") },
	{ METHOD_POST, "/api/v1/statuses/:/mute", api_status_mute, USER("write:mutes") },
	{ METHOD_POST, "/api/v1/statuses/:/unmute", api_status_unmute, USER("write:mutes") },
	{ METHOD_POST, "/api/v1/statuses/:/pin", api_status_pin, USER("write:accounts") },
	{ METHOD_POST, "/api/v1/statuses/:/unpin", api_status_unpin, USER("write:accounts") },

	/* policies and requests, as GoToSocial names them */
	{ METHOD_GET, "/api/v1/interaction_policies/defaults", api_policy_defaults,
	  USER("read:accounts") },
	{ METHOD_PATCH, "/api/v1/interaction_policies/defaults", api_policy_defaults_set,
	  USER("write:accounts") },
	{ METHOD_GET, "/api/v1/interaction_requests", api_interaction_requests,
	  USER("read:notifications") },
	{ METHOD_GET, "/api/v1/interaction_requests/:", api_interaction_request,
	  USER("read:notifications") },
	{ METHOD_POST, "/api/v1/interaction_requests/:/authorize", api_interaction_authorize,
	  USER("write:statuses") },
	{ METHOD_POST, "/api/v1/interaction_requests/:/reject", api_interaction_reject,
	  USER("write:statuses") },
	{ METHOD_POST, "/api/v1/statuses/:/reply_consent/revoke", api_reply_revoke,
	  USER("write:statuses") },

	/* reactions, beyond Mastodon */
	{ METHOD_POST, "/api/v1/statuses/:/react/:", api_status_react, USER("write:favourites") },
	{ METHOD_POST, "/api/v1/statuses/:/unreact/:", api_status_unreact,
	  USER("write:favourites") },
	{ METHOD_GET, "/api/v1/pleroma/statuses/:/reactions", api_status_reactions,
	  OPEN("read:statuses") },
	{ METHOD_PUT, "/api/v1/pleroma/statuses/:/reactions/:", api_status_react,
	  USER("write:favourites") },
	{ METHOD_DELETE, "/api/v1/pleroma/statuses/:/reactions/:", api_status_unreact,
	  USER("write:favourites") },

	/* async refreshes */
	{ METHOD_GET, "/api/v1_alpha/async_refreshes/:", api_async_refresh, USER("read") },

	/* polls */
	{ METHOD_GET, "/api/v1/polls/:", api_poll, OPEN("read:statuses") },
	{ METHOD_POST, "/api/v1/polls/:/votes", api_poll_vote, USER("write:statuses") },

	/* scheduled statuses */
	{ METHOD_GET, "/api/v1/scheduled_statuses", api_scheduled_list, USER("read:statuses") },
	{ METHOD_GET, "/api/v1/scheduled_statuses/:", api_scheduled, USER("read:statuses") },
	{ METHOD_PUT, "/api/v1/scheduled_statuses/:", api_scheduled_edit, USER("write:statuses") },
	{ METHOD_DELETE, "/api/v1/scheduled_statuses/:", api_scheduled_delete,
	  USER("write:statuses") },

	/* timelines */
	{ METHOD_GET, "/api/v1/timelines/home", api_timeline_home, USER("read:statuses") },
	{ METHOD_GET, "/api/v1/timelines/public", api_timeline_public, OPEN("read:statuses") },
	{ METHOD_GET, "/api/v1/timelines/tag/:", api_timeline_tag, OPEN("read:statuses") },
	{ METHOD_GET, "/api/v1/timelines/link", api_timeline_link, OPEN("read:statuses") },
	{ METHOD_GET, "/api/v1/timelines/list/:", api_timeline_list, USER("read:lists") },
	{ METHOD_GET, "/api/v1/timelines/direct", api_timeline_direct, USER("read:statuses") },
	{ METHOD_GET, "/api/v1/accounts/:/statuses", api_account_statuses, OPEN("read:statuses") },
	{ METHOD_GET, "/api/v1/bookmarks", api_bookmarks, USER("read:bookmarks") },
	{ METHOD_GET, "/api/v1/favourites", api_favourites, USER("read:favourites") },

	/* hashtags and trends */
	{ METHOD_GET, "/api/v1/tags/:", api_tag, OPEN(NULL) },
	{ METHOD_POST, "/api/v1/tags/:/follow", api_tag_follow, USER("follow write:follows") },
	{ METHOD_POST, "/api/v1/tags/:/unfollow", api_tag_unfollow, USER("follow write:follows") },
	{ METHOD_POST, "/api/v1/tags/:/feature", api_tag_feature, USER("write:accounts") },
	{ METHOD_POST, "/api/v1/tags/:/unfeature", api_tag_unfeature, USER("write:accounts") },
	{ METHOD_GET, "/api/v1/followed_tags", api_followed_tags, USER("follow read:follows") },
	{ METHOD_GET, "/api/v1/trends", api_trends_tags, OPEN(NULL) },
	{ METHOD_GET, "/api/v1/trends/tags", api_trends_tags, OPEN(NULL) },
	{ METHOD_GET, "/api/v1/trends/statuses", api_trends_statuses, OPEN(NULL) },
	{ METHOD_GET, "/api/v1/trends/links", api_trends_links, OPEN(NULL) },

	/* search */
	{ METHOD_GET, "/api/v2/search", api_search, OPEN("read:search") },

	/* filters */
	{ METHOD_GET, "/api/v2/filters", api_filters, USER("read:filters") },
	{ METHOD_POST, "/api/v2/filters", api_filter_create, USER("write:filters") },
	{ METHOD_GET, "/api/v2/filters/keywords/:", api_filter_keyword, USER("read:filters") },
	{ METHOD_PUT, "/api/v2/filters/keywords/:", api_filter_keyword_change,
	  USER("write:filters") },
	{ METHOD_DELETE, "/api/v2/filters/keywords/:", api_filter_keyword_delete,
	  USER("write:filters") },
	{ METHOD_GET, "/api/v2/filters/statuses/:", api_filter_status, USER("read:filters") },
	{ METHOD_DELETE, "/api/v2/filters/statuses/:", api_filter_status_delete,
	  USER("write:filters") },
	{ METHOD_GET, "/api/v2/filters/:/keywords", api_filter_keywords, USER("read:filters") },
	{ METHOD_POST, "/api/v2/filters/:/keywords", api_filter_keyword_add,
	  USER("write:filters") },
	{ METHOD_GET, "/api/v2/filters/:/statuses", api_filter_statuses, USER("read:filters") },
	{ METHOD_POST, "/api/v2/filters/:/statuses", api_filter_status_add, USER("write:filters") },
	{ METHOD_GET, "/api/v2/filters/:", api_filter, USER("read:filters") },
	{ METHOD_PUT | METHOD_PATCH, "/api/v2/filters/:", api_filter_change,
	  USER("write:filters") },
	{ METHOD_DELETE, "/api/v2/filters/:", api_filter_delete, USER("write:filters") },
	{ METHOD_GET, "/api/v1/filters", api_filters_v1, USER("read:filters") },
	{ METHOD_POST, "/api/v1/filters", api_filter_v1_create, USER("write:filters") },
	{ METHOD_GET, "/api/v1/filters/:", api_filter_v1, USER("read:filters") },
	{ METHOD_PUT | METHOD_PATCH, "/api/v1/filters/:", api_filter_v1_change,
	  USER("write:filters") },
	{ METHOD_DELETE, "/api/v1/filters/:", api_filter_v1_delete, USER("write:filters") },

	/* conversations */
	{ METHOD_GET, "/api/v1/conversations", api_conversations, USER("read:statuses") },
	{ METHOD_POST, "/api/v1/conversations/:/read", api_conversation_read,
	  USER("write:conversations") },
	{ METHOD_POST, "/api/v1/conversations/:/unread", api_conversation_unread,
	  USER("write:conversations") },
	{ METHOD_DELETE, "/api/v1/conversations/:", api_conversation_delete,
	  USER("write:conversations") },

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
	/* custom_emojis */
	{ METHOD_GET, "/api/v1/custom_emojis", api_custom_emojis, OPEN(NULL) },

	/* announcements */
	{ METHOD_GET, "/api/v1/announcements", api_announcements, USER(NULL) },
	{ METHOD_POST, "/api/v1/announcements/:/dismiss", api_announcement_dismiss,
	  USER("write:accounts") },
	{ METHOD_PUT, "/api/v1/announcements/:/reactions/:", api_announcement_react,
	  USER("write:favourites") },
	{ METHOD_DELETE, "/api/v1/announcements/:/reactions/:", api_announcement_unreact,
	  USER("write:favourites") },

	/* reports */
	{ METHOD_POST, "/api/v1/reports", api_report, USER("write:reports") },

	/* notifications */
	{ METHOD_GET, "/api/v1/notifications", api_notifications, USER("read:notifications") },
	{ METHOD_GET, "/api/v1/notifications/unread_count", api_notifications_unread,
	  USER("read:notifications") },
	{ METHOD_POST, "/api/v1/notifications/clear", api_notifications_clear,
	  USER("write:notifications") },
	{ METHOD_DELETE, "/api/v1/notifications/destroy_multiple", api_notifications_dismiss,
	  USER("write:notifications") },
	{ METHOD_GET, "/api/v1/notifications/policy", api_notification_policy_v1,
	  USER("read:notifications") },
	{ METHOD_PATCH | METHOD_PUT, "/api/v1/notifications/policy",
	  api_notification_policy_change_v1, USER("write:notifications") },
	{ METHOD_GET, "/api/v1/notifications/requests", api_notification_requests,
	  USER("read:notifications") },
	{ METHOD_GET, "/api/v1/notifications/requests/merged", api_notification_requests_merged,
	  USER("read:notifications") },
	{ METHOD_POST, "/api/v1/notifications/requests/accept", api_notification_requests_accept,
	  USER("write:notifications") },
	{ METHOD_POST, "/api/v1/notifications/requests/dismiss", api_notification_requests_dismiss,
	  USER("write:notifications") },
	{ METHOD_GET, "/api/v1/notifications/requests/:", api_notification_request,
	  USER("read:notifications") },
	{ METHOD_POST, "/api/v1/notifications/requests/:/accept", api_notification_request_accept,
	  USER("write:notifications") },
	{ METHOD_POST, "/api/v1/notifications/requests/:/dismiss", api_notification_request_dismiss,
	  USER("write:notifications") },
	{ METHOD_GET, "/api/v1/notifications/:", api_notification, USER("read:notifications") },
	{ METHOD_DELETE, "/api/v1/notifications/:", api_notification_dismiss,
	  USER("write:notifications") },
	{ METHOD_POST, "/api/v1/notifications/:/dismiss", api_notification_dismiss,
	  USER("write:notifications") },
	{ METHOD_GET, "/api/v2/notifications", api_notification_groups,
	  USER("read:notifications") },
	{ METHOD_GET, "/api/v2/notifications/unread_count", api_notification_groups_unread,
	  USER("read:notifications") },
	{ METHOD_POST, "/api/v2/notifications/clear", api_notifications_clear,
	  USER("write:notifications") },
	{ METHOD_GET, "/api/v2/notifications/policy", api_notification_policy,
	  USER("read:notifications") },
	{ METHOD_PATCH | METHOD_PUT, "/api/v2/notifications/policy", api_notification_policy_change,
	  USER("write:notifications") },
	{ METHOD_GET, "/api/v2/notifications/:", api_notification_group,
	  USER("read:notifications") },
	{ METHOD_GET, "/api/v2/notifications/:/accounts", api_notification_group_accounts,
	  USER("read:notifications") },
	{ METHOD_POST, "/api/v2/notifications/:/dismiss", api_notification_group_dismiss,
	  USER("write:notifications") },
	{ 0, NULL, NULL },
};
