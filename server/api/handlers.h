/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Handlers of the client API, by noun; the routes that lead to them stand in routes.c. */
#ifndef SERVER_API_HANDLERS_H
#define SERVER_API_HANDLERS_H

#include "base/attr.h"
#include "base/ctx.h"
#include "server/http.h"

/* account.c */
int api_account(struct ctx *c, struct request *q, struct response *r) must_check;
int api_accounts(struct ctx *c, struct request *q, struct response *r) must_check;
int api_account_lookup(struct ctx *c, struct request *q, struct response *r) must_check;
int api_account_search(struct ctx *c, struct request *q, struct response *r) must_check;
int api_account_identity_proofs(struct ctx *c, struct request *q, struct response *r) must_check;
int api_verify_credentials(struct ctx *c, struct request *q, struct response *r) must_check;

/* app.c */
int api_app_create(struct ctx *c, struct request *q, struct response *r) must_check;
int api_app_verify_credentials(struct ctx *c, struct request *q, struct response *r) must_check;

/* instance.c */
int api_instance_v1(struct ctx *c, struct request *q, struct response *r) must_check;
int api_instance_v2(struct ctx *c, struct request *q, struct response *r) must_check;
int api_instance_rules(struct ctx *c, struct request *q, struct response *r) must_check;
int api_instance_peers(struct ctx *c, struct request *q, struct response *r) must_check;
int api_instance_activity(struct ctx *c, struct request *q, struct response *r) must_check;
int api_instance_domain_blocks(struct ctx *c, struct request *q, struct response *r) must_check;
int api_instance_description(struct ctx *c, struct request *q, struct response *r) must_check;
int api_instance_privacy(struct ctx *c, struct request *q, struct response *r) must_check;
int api_instance_terms(struct ctx *c, struct request *q, struct response *r) must_check;
int api_instance_languages(struct ctx *c, struct request *q, struct response *r) must_check;
int api_instance_translations(struct ctx *c, struct request *q, struct response *r) must_check;
int api_health(struct ctx *c, struct request *q, struct response *r) must_check;

/* oauth.c */
int api_oauth_token(struct ctx *c, struct request *q, struct response *r) must_check;
int api_oauth_revoke(struct ctx *c, struct request *q, struct response *r) must_check;
int api_oauth_userinfo(struct ctx *c, struct request *q, struct response *r) must_check;
int api_oauth_metadata(struct ctx *c, struct request *q, struct response *r) must_check;
/* people.c */
int api_account_followers(struct ctx *c, struct request *q, struct response *r) must_check;
int api_account_following(struct ctx *c, struct request *q, struct response *r) must_check;
int api_account_endorsements(struct ctx *c, struct request *q, struct response *r) must_check;
int api_endorsements(struct ctx *c, struct request *q, struct response *r) must_check;
int api_follow_requests(struct ctx *c, struct request *q, struct response *r) must_check;
int api_blocks(struct ctx *c, struct request *q, struct response *r) must_check;
int api_mutes(struct ctx *c, struct request *q, struct response *r) must_check;
int api_directory(struct ctx *c, struct request *q, struct response *r) must_check;
int api_suggestions_v1(struct ctx *c, struct request *q, struct response *r) must_check;
int api_suggestions(struct ctx *c, struct request *q, struct response *r) must_check;
int api_suggestion_dismiss(struct ctx *c, struct request *q, struct response *r) must_check;

/* relation.c */
int api_follow(struct ctx *c, struct request *q, struct response *r) must_check;
int api_unfollow(struct ctx *c, struct request *q, struct response *r) must_check;
int api_remove_from_followers(struct ctx *c, struct request *q, struct response *r) must_check;
int api_block(struct ctx *c, struct request *q, struct response *r) must_check;
int api_unblock(struct ctx *c, struct request *q, struct response *r) must_check;
int api_mute(struct ctx *c, struct request *q, struct response *r) must_check;
int api_unmute(struct ctx *c, struct request *q, struct response *r) must_check;
int api_endorse(struct ctx *c, struct request *q, struct response *r) must_check;
int api_unendorse(struct ctx *c, struct request *q, struct response *r) must_check;
int api_account_note(struct ctx *c, struct request *q, struct response *r) must_check;
int api_follow_request_authorize(struct ctx *c, struct request *q, struct response *r) must_check;
int api_follow_request_reject(struct ctx *c, struct request *q, struct response *r) must_check;
int api_relationships(struct ctx *c, struct request *q, struct response *r) must_check;
int api_familiar_followers(struct ctx *c, struct request *q, struct response *r) must_check;

/* list.c */
int api_lists(struct ctx *c, struct request *q, struct response *r) must_check;
int api_account_lists(struct ctx *c, struct request *q, struct response *r) must_check;
int api_list(struct ctx *c, struct request *q, struct response *r) must_check;
int api_list_create(struct ctx *c, struct request *q, struct response *r) must_check;
int api_list_edit(struct ctx *c, struct request *q, struct response *r) must_check;
int api_list_delete(struct ctx *c, struct request *q, struct response *r) must_check;
int api_list_accounts(struct ctx *c, struct request *q, struct response *r) must_check;
int api_list_add(struct ctx *c, struct request *q, struct response *r) must_check;
int api_list_remove(struct ctx *c, struct request *q, struct response *r) must_check;

/* domain_block.c */
int api_domain_blocks(struct ctx *c, struct request *q, struct response *r) must_check;
int api_domain_block_add(struct ctx *c, struct request *q, struct response *r) must_check;
int api_domain_block_remove(struct ctx *c, struct request *q, struct response *r) must_check;

/* marker.c */
int api_markers(struct ctx *c, struct request *q, struct response *r) must_check;
int api_markers_set(struct ctx *c, struct request *q, struct response *r) must_check;
int api_preferences(struct ctx *c, struct request *q, struct response *r) must_check;

/* featured_tag.c */
int api_account_featured_tags(struct ctx *c, struct request *q, struct response *r) must_check;
int api_featured_tags(struct ctx *c, struct request *q, struct response *r) must_check;
int api_featured_tag_add(struct ctx *c, struct request *q, struct response *r) must_check;
int api_featured_tag_remove(struct ctx *c, struct request *q, struct response *r) must_check;
int api_featured_tag_suggestions(struct ctx *c, struct request *q, struct response *r) must_check;

/* collection.c */
int api_collection(struct ctx *c, struct request *q, struct response *r) must_check;
int api_account_collections(struct ctx *c, struct request *q, struct response *r) must_check;
int api_account_in_collections(struct ctx *c, struct request *q, struct response *r) must_check;
int api_collection_create(struct ctx *c, struct request *q, struct response *r) must_check;
int api_collection_edit(struct ctx *c, struct request *q, struct response *r) must_check;
int api_collection_delete(struct ctx *c, struct request *q, struct response *r) must_check;
int api_collection_add(struct ctx *c, struct request *q, struct response *r) must_check;
int api_collection_remove(struct ctx *c, struct request *q, struct response *r) must_check;
int api_collection_accept(struct ctx *c, struct request *q, struct response *r) must_check;
int api_collection_revoke(struct ctx *c, struct request *q, struct response *r) must_check;

/* profile.c */
int api_update_credentials(struct ctx *c, struct request *q, struct response *r) must_check;
int api_profile(struct ctx *c, struct request *q, struct response *r) must_check;
int api_profile_edit(struct ctx *c, struct request *q, struct response *r) must_check;
int api_profile_avatar_delete(struct ctx *c, struct request *q, struct response *r) must_check;
int api_profile_header_delete(struct ctx *c, struct request *q, struct response *r) must_check;

/* registration.c */
int api_account_create(struct ctx *c, struct request *q, struct response *r) must_check;
int api_email_is_confirmed(struct ctx *c, struct request *q, struct response *r) must_check;
int api_email_confirmation(struct ctx *c, struct request *q, struct response *r) must_check;
/* media.c */
int api_media_create(struct ctx *c, struct request *q, struct response *r) must_check; /* v2 */
int api_media_create_now(struct ctx *c, struct request *q, struct response *r) must_check; /* v1 */
int api_media_show(struct ctx *c, struct request *q, struct response *r) must_check;
int api_media_edit(struct ctx *c, struct request *q, struct response *r) must_check;
int api_media_delete(struct ctx *c, struct request *q, struct response *r) must_check;

/* status.c */
int api_status(struct ctx *c, struct request *q, struct response *r) must_check;
int api_statuses(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_create(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_edit(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_delete(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_context(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_source(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_translate(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_policy(struct ctx *c, struct request *q, struct response *r) must_check;

/* status_act.c */
int api_status_favourite(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_unfavourite(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_reblog(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_unreblog(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_bookmark(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_unbookmark(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_mute(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_unmute(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_pin(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_unpin(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_reblogged_by(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_favourited_by(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_quotes(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_quote_revoke(struct ctx *c, struct request *q, struct response *r) must_check;

/* status_history.c */
int api_status_history(struct ctx *c, struct request *q, struct response *r) must_check;

/* consent.c */
int api_policy_defaults(struct ctx *c, struct request *q, struct response *r) must_check;
int api_policy_defaults_set(struct ctx *c, struct request *q, struct response *r) must_check;
int api_interaction_requests(struct ctx *c, struct request *q, struct response *r) must_check;
int api_interaction_request(struct ctx *c, struct request *q, struct response *r) must_check;
int api_interaction_authorize(struct ctx *c, struct request *q, struct response *r) must_check;
int api_interaction_reject(struct ctx *c, struct request *q, struct response *r) must_check;
int api_reply_revoke(struct ctx *c, struct request *q, struct response *r) must_check;
/* reaction.c */
int api_status_react(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_unreact(struct ctx *c, struct request *q, struct response *r) must_check;
int api_status_reactions(struct ctx *c, struct request *q, struct response *r) must_check;

/* async.c */
int api_async_refresh(struct ctx *c, struct request *q, struct response *r) must_check;

/* poll.c */
int api_poll(struct ctx *c, struct request *q, struct response *r) must_check;
int api_poll_vote(struct ctx *c, struct request *q, struct response *r) must_check;

/* scheduled.c */
int api_scheduled_list(struct ctx *c, struct request *q, struct response *r) must_check;
int api_scheduled(struct ctx *c, struct request *q, struct response *r) must_check;
int api_scheduled_edit(struct ctx *c, struct request *q, struct response *r) must_check;
int api_scheduled_delete(struct ctx *c, struct request *q, struct response *r) must_check;

/* conversation.c */
int api_conversations(struct ctx *c, struct request *q, struct response *r) must_check;
int api_conversation_read(struct ctx *c, struct request *q, struct response *r) must_check;
int api_conversation_unread(struct ctx *c, struct request *q, struct response *r) must_check;
int api_conversation_delete(struct ctx *c, struct request *q, struct response *r) must_check;

/* filter.c */
int api_filters(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_create(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_change(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_delete(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_keywords(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_keyword_add(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_keyword(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_keyword_change(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_keyword_delete(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_statuses(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_status_add(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_status(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_status_delete(struct ctx *c, struct request *q, struct response *r) must_check;

/* filter_v1.c */
int api_filters_v1(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_v1(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_v1_create(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_v1_change(struct ctx *c, struct request *q, struct response *r) must_check;
int api_filter_v1_delete(struct ctx *c, struct request *q, struct response *r) must_check;

/* search.c */
int api_search(struct ctx *c, struct request *q, struct response *r) must_check;

/* tag.c */
int api_tag(struct ctx *c, struct request *q, struct response *r) must_check;
int api_tag_follow(struct ctx *c, struct request *q, struct response *r) must_check;
int api_tag_unfollow(struct ctx *c, struct request *q, struct response *r) must_check;
int api_tag_feature(struct ctx *c, struct request *q, struct response *r) must_check;
int api_tag_unfeature(struct ctx *c, struct request *q, struct response *r) must_check;
int api_followed_tags(struct ctx *c, struct request *q, struct response *r) must_check;

/* timeline.c */
int api_timeline_home(struct ctx *c, struct request *q, struct response *r) must_check;
int api_timeline_public(struct ctx *c, struct request *q, struct response *r) must_check;
int api_timeline_tag(struct ctx *c, struct request *q, struct response *r) must_check;
int api_timeline_link(struct ctx *c, struct request *q, struct response *r) must_check;
int api_timeline_list(struct ctx *c, struct request *q, struct response *r) must_check;
int api_timeline_direct(struct ctx *c, struct request *q, struct response *r) must_check;
int api_bookmarks(struct ctx *c, struct request *q, struct response *r) must_check;
int api_favourites(struct ctx *c, struct request *q, struct response *r) must_check;
int api_account_statuses(struct ctx *c, struct request *q, struct response *r) must_check;

/* trend.c */
int api_trends_tags(struct ctx *c, struct request *q, struct response *r) must_check;
int api_trends_statuses(struct ctx *c, struct request *q, struct response *r) must_check;
int api_trends_links(struct ctx *c, struct request *q, struct response *r) must_check;

/* push.c */
int api_push_subscribe(struct ctx *c, struct request *q, struct response *r) must_check;
int api_push_subscription(struct ctx *c, struct request *q, struct response *r) must_check;
int api_push_change(struct ctx *c, struct request *q, struct response *r) must_check;
int api_push_unsubscribe(struct ctx *c, struct request *q, struct response *r) must_check;

/* streaming.c */
int api_streaming(struct ctx *c, struct request *q, struct response *r) must_check;
int api_streaming_health(struct ctx *c, struct request *q, struct response *r) must_check;

/* emoji.c */
int api_custom_emojis(struct ctx *c, struct request *q, struct response *r) must_check;

/* announcement.c */
int api_announcements(struct ctx *c, struct request *q, struct response *r) must_check;
int api_announcement_dismiss(struct ctx *c, struct request *q, struct response *r) must_check;
int api_announcement_react(struct ctx *c, struct request *q, struct response *r) must_check;
int api_announcement_unreact(struct ctx *c, struct request *q, struct response *r) must_check;

/* report.c */
int api_report(struct ctx *c, struct request *q, struct response *r) must_check;

/* notification.c */
int api_notifications(struct ctx *c, struct request *q, struct response *r) must_check;
int api_notification(struct ctx *c, struct request *q, struct response *r) must_check;
int api_notifications_clear(struct ctx *c, struct request *q, struct response *r) must_check;
int api_notification_dismiss(struct ctx *c, struct request *q, struct response *r) must_check;
int api_notifications_dismiss(struct ctx *c, struct request *q, struct response *r) must_check;
int api_notifications_unread(struct ctx *c, struct request *q, struct response *r) must_check;
int api_notification_groups(struct ctx *c, struct request *q, struct response *r) must_check;
int api_notification_group(struct ctx *c, struct request *q, struct response *r) must_check;
int api_notification_group_accounts(struct ctx *c, struct request *q,
				    struct response *r) must_check;
int api_notification_group_dismiss(struct ctx *c, struct request *q, struct response *r) must_check;
int api_notification_groups_unread(struct ctx *c, struct request *q, struct response *r) must_check;

/* notification_policy.c */
int api_notification_policy(struct ctx *c, struct request *q, struct response *r) must_check;
int api_notification_policy_change(struct ctx *c, struct request *q, struct response *r) must_check;
int api_notification_policy_v1(struct ctx *c, struct request *q, struct response *r) must_check;
int api_notification_policy_change_v1(struct ctx *c, struct request *q,
				      struct response *r) must_check;
int api_notification_requests(struct ctx *c, struct request *q, struct response *r) must_check;
int api_notification_request(struct ctx *c, struct request *q, struct response *r) must_check;
int api_notification_request_accept(struct ctx *c, struct request *q,
				    struct response *r) must_check;
int api_notification_request_dismiss(struct ctx *c, struct request *q,
				     struct response *r) must_check;
int api_notification_requests_accept(struct ctx *c, struct request *q,
				     struct response *r) must_check;
int api_notification_requests_dismiss(struct ctx *c, struct request *q,
				      struct response *r) must_check;
int api_notification_requests_merged(struct ctx *c, struct request *q,
				     struct response *r) must_check;

/* oembed.c */
int api_oembed(struct ctx *c, struct request *q, struct response *r) must_check;

#endif
