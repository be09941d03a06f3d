/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The handlers of pages and forms, for the table in routes.c. */
#ifndef SERVER_WEB_HANDLERS_H
#define SERVER_WEB_HANDLERS_H

#include "base/attr.h"
#include "base/ctx.h"
#include "server/http.h"

#define HANDLER(name) int name(struct ctx *c, struct request *q, struct response *r) must_check

/* home.c */
HANDLER(web_start); /* home, or the community for strangers */
HANDLER(web_home);
HANDLER(web_local);

/* collection_edit.c */
HANDLER(web_own_collections);
HANDLER(web_own_collections_send);
HANDLER(web_collection_edit);
HANDLER(web_collection_edit_send);

/* live.c */
HANDLER(web_live);

/* compose.c */
HANDLER(web_compose);
HANDLER(web_compose_send);

/* drafts.c */
HANDLER(web_drafts);
HANDLER(web_drafts_send);

/* lists.c */
HANDLER(web_lists);
HANDLER(web_lists_send);
HANDLER(web_list);
HANDLER(web_list_edit);
HANDLER(web_list_edit_send);
HANDLER(web_person_lists);
HANDLER(web_person_lists_send);

/* hashtags.c */
HANDLER(web_tag);
HANDLER(web_hashtags);
HANDLER(web_hashtags_send);

/* filters.c */
HANDLER(web_filters);
HANDLER(web_filter_new);
HANDLER(web_filter_new_send);
HANDLER(web_filter);
HANDLER(web_filter_send);

/* report.c */
HANDLER(web_report);
HANDLER(web_report_send);

/* strikes.c */
HANDLER(web_strikes);
HANDLER(web_strike_appeal);
HANDLER(web_appeal);
HANDLER(web_appeal_send);
HANDLER(web_own_reports);

/* notice.c */
HANDLER(web_notice);
HANDLER(web_notice_send);

/* feed.c */
HANDLER(web_profile_feed);
HANDLER(web_tag_feed);
HANDLER(web_sitemap);

/* saved.c */
HANDLER(web_bookmarks);
HANDLER(web_favourites);
HANDLER(web_conversations);
HANDLER(web_conversations_send);

/* relation_lists.c */
HANDLER(web_requests);
HANDLER(web_consents);
HANDLER(web_consents_send);
HANDLER(web_post_refuse);
HANDLER(web_posting);
HANDLER(web_posting_send);
HANDLER(web_blocks);
HANDLER(web_mutes);

/* scheduled.c */
HANDLER(web_scheduled);
HANDLER(web_scheduled_send);

/* post.c */
HANDLER(web_post_like);
HANDLER(web_post_unlike);
HANDLER(web_post_boost);
HANDLER(web_post_unboost);
HANDLER(web_post_delete);
HANDLER(web_post_bookmark);
HANDLER(web_post_unbookmark);
HANDLER(web_post_pin);
HANDLER(web_post_unpin);
HANDLER(web_post_vote);

/* history.c */
HANDLER(web_post_history);

/* profile.c */
HANDLER(web_profile_replies);
HANDLER(web_profile_media);

/* relation.c */
HANDLER(web_person_follow);
HANDLER(web_person_unfollow);
HANDLER(web_person_accept);
HANDLER(web_person_reject);
HANDLER(web_person_block);
HANDLER(web_person_unblock);
HANDLER(web_person_mute);
HANDLER(web_person_unmute);

/* directory.c */
HANDLER(web_directory);

/* intents.c */
HANDLER(web_share);
HANDLER(web_authorize_interaction);
HANDLER(web_elsewhere);
HANDLER(web_elsewhere_send);

/* search.c */
HANDLER(web_search);
HANDLER(web_follow);

/* notifications.c */
HANDLER(web_notifications);

/* auth.c */
HANDLER(web_login);
HANDLER(web_login_send);
HANDLER(web_login_passkey_send);
HANDLER(web_logout_send);
HANDLER(web_ticket);
HANDLER(web_ticket_send);

/* join.c */
HANDLER(web_signup);
HANDLER(web_signup_send);
HANDLER(web_confirm);
HANDLER(web_confirm_send);
HANDLER(web_confirm_again);

/* recover.c */
HANDLER(web_reset);
HANDLER(web_reset_send);
HANDLER(web_change);
HANDLER(web_change_send);
HANDLER(web_unsubscribe);
HANDLER(web_unsubscribe_send);
HANDLER(web_word);

/* account.c */
HANDLER(web_account);
HANDLER(web_account_address);
HANDLER(web_account_password);
HANDLER(web_account_mail);

/* settings.c */
HANDLER(web_settings);
HANDLER(web_edit_profile);
HANDLER(web_edit_profile_send);
HANDLER(web_look);
HANDLER(web_look_send);
HANDLER(web_sessions);
HANDLER(web_sessions_send);

/* identities.c */
HANDLER(web_switch);
HANDLER(web_switch_send);
HANDLER(web_identity_new);
HANDLER(web_identity_new_send);
HANDLER(web_identity_people);
HANDLER(web_identity_people_send);
HANDLER(web_identity_answer_send);

/* proof.c */
HANDLER(web_second);
HANDLER(web_second_send);
HANDLER(web_second_passkey_send);
HANDLER(web_prove);
HANDLER(web_prove_send);
HANDLER(web_prove_passkey_send);

/* security.c */
HANDLER(web_security);
HANDLER(web_totp);
HANDLER(web_totp_send);
HANDLER(web_totp_picture);
HANDLER(web_totp_remove_send);
HANDLER(web_recovery_send);
HANDLER(web_passkey_add_send);
HANDLER(web_passkey_remove_send);

/* data.c */
HANDLER(web_data);
HANDLER(web_data_send);
HANDLER(web_archive_ask);
HANDLER(web_archive_bring);
HANDLER(web_archive);
HANDLER(web_export);
HANDLER(web_import);
HANDLER(web_import_cancel);
HANDLER(web_import_failures);

/* leave.c */
HANDLER(web_move);
HANDLER(web_move_send);
HANDLER(web_move_alias);
HANDLER(web_leave);
HANDLER(web_leave_send);

/* words.c */
HANDLER(web_privacy);
HANDLER(web_terms);
HANDLER(web_terms_of);
HANDLER(web_imprint);

/* applications.c */
HANDLER(web_applications);
HANDLER(web_applications_send);

/* authorize.c */
HANDLER(web_authorize);
HANDLER(web_authorize_send);
HANDLER(web_authorize_native);

/* assets.c */
HANDLER(web_asset);
HANDLER(web_favicon);
HANDLER(web_manifest);
HANDLER(web_robots);
HANDLER(web_theme);
HANDLER(web_custom);

#undef HANDLER

/* media.c */
int web_media(struct ctx *c, struct request *q, struct response *r) must_check;
int web_media_still(struct ctx *c, struct request *q, struct response *r) must_check;
int web_proxy(struct ctx *c, struct request *q, struct response *r) must_check;
int web_proxy_preview(struct ctx *c, struct request *q, struct response *r) must_check;

#endif
