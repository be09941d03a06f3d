/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: an activity's URI and an inbox meet at most once, so repeating a publication after a
 * crash adds only what is missing.
 */
#include "model/activity.h"

#include <assert.h>

#include "db/db.h"
#include "json/write.h"
#include "model/domain.h"
#include "model/identity.h"
#include "sql/gen/activity.h"

static const char *const after_waiting[] = { "sent", "refused", "failed", NULL };

static const struct graph_state delivery_states[] = {
	{
		.name = "waiting",
		.initial = true,
		.next = after_waiting,
		.first = 30 * USEC_SEC,
		.growth = 2.2,
		.ceiling = 12 * USEC_HOUR,
		.timeout = 7 * USEC_DAY,
		.timeout_to = "failed",
	},
	{ .name = "sent", .delete_after = USEC_HOUR },
	{ .name = "refused", .delete_after = USEC_DAY },
	{ .name = "failed", .delete_after = USEC_DAY },
};

const struct graph delivery_graph = { "delivery", delivery_states, ARRAY_SIZE(delivery_states) };

/* ActivityStreams, the security vocabulary, and the terms of ours that these do not define. */
#define AP_CONTEXT                                                                                      \
	"[\"https://www.w3.org/ns/activitystreams\",\"https://w3id.org/security/v1\","                  \
	"{\"toot\":\"http://joinmastodon.org/ns#\",\"schema\":\"http://schema.org#\","                  \
	"\"misskey\":\"https://misskey-hub.net/ns#\",\"fep\":\"https://w3id.org/fep/0"                  \
	"44f#\",\"gts\":\"https://gotosocial.org/ns#\",\"manuallyApprovesFollowers\":"                  \
	"\"as:manuallyApprovesFollowers\",\"sensitive\":\"as:sensitive\",\"Hashtag\":"                  \
	"\"as:Hashtag\",\"movedTo\":{\"@id\":\"as:movedTo\",\"@type\":\"@id\"},\"also"                  \
	"KnownAs\":{\"@id\":\"as:alsoKnownAs\",\"@type\":\"@id\"},\"featured\":{\"@id"                  \
	"\":\"toot:featured\",\"@type\":\"@id\"},\"discoverable\":\"toot:discoverable"                  \
	"\",\"indexable\":\"toot:indexable\",\"votersCount\":\"toot:votersCount\",\"b"                  \
	"lurhash\":\"toot:blurhash\",\"focalPoint\":{\"@container\":\"@list\",\"@id\""                  \
	":\"toot:focalPoint\"},\"PropertyValue\":\"schema:PropertyValue\",\"value\":"                   \
	"\"schema:value\",\"quote\":{\"@id\":\"fep:quote\",\"@type\":\"@id\"},\"quote"                  \
	"Authorization\":{\"@id\":\"fep:quoteAuthorization\",\"@type\":\"@id\"},\"Quo"                  \
	"teRequest\":\"fep:QuoteRequest\",\"QuoteAuthorization\":\"fep:QuoteAuthoriza"                  \
	"tion\",\"_misskey_quote\":\"misskey:_misskey_quote\",\"quoteUrl\":\"as:quote"                  \
	"Url\",\"interactingObject\":{\"@id\":\"gts:interactingObject\",\"@type\":\"@"                  \
	"id\"},\"interactionTarget\":{\"@id\":\"gts:interactionTarget\",\"@type\":\"@"                  \
	"id\"},\"interactionPolicy\":{\"@id\":\"gts:interactionPolicy\",\"@type\":\"@"                  \
	"id\"},\"canQuote\":{\"@id\":\"gts:canQuote\",\"@type\":\"@id\"},\"automaticA"                  \
	"pproval\":{\"@id\":\"gts:automaticApproval\",\"@type\":\"@id\"},\"manualAppr"                  \
	"oval\":{\"@id\":\"gts:manualApproval\",\"@type\":\"@id\"},\"Emoji\":\"toot:Emoji\","           \
	"\"canReply\":{\"@id\":\"gts:canReply\",\"@type\":\"@id\"},\"canLik"                            \
	"e\":{\"@id\":\"gts:canLike\",\"@type\":\"@id\"},\"canAnnounce\":{\""                           \
	"@id\":\"gts:canAnnounce\",\"@type\":\"@id\"},\"always\":{\"@id\":\""                           \
	"gts:always\",\"@type\":\"@id\"},\"approvalRequired\":{\"@id\":\"gt"                            \
	"s:approvalRequired\",\"@type\":\"@id\"},\"replyAuthorization\":{\""                            \
	"@id\":\"gts:replyAuthorization\",\"@type\":\"@id\"},\"likeAuthoriz"                            \
	"ation\":{\"@id\":\"gts:likeAuthorization\",\"@type\":\"@id\"},\"an"                            \
	"nounceAuthorization\":{\"@id\":\"gts:announceAuthorization\",\"@ty"                            \
	"pe\":\"@id\"},\"ReplyRequest\":\"gts:ReplyRequest\",\"LikeRequest\""                           \
	":\"gts:LikeRequest\",\"AnnounceRequest\":\"gts:AnnounceRequest\",\""                           \
	"ReplyAuthorization\":\"gts:ReplyAuthorization\",\"LikeAuthorizatio"                            \
	"n\":\"gts:LikeAuthorization\",\"AnnounceAuthorization\":\"gts:Anno"                            \
	"unceAuthorization\","                                                                          \
	"\"f7aa9\":\"https://w3id.org/fep/7aa9#\",\"FeaturedCollection\":\"f7aa9:FeaturedCollection\"," \
	"\"FeaturedItem\":\"f7aa9:FeaturedItem\",\"FeatureRequest\":\"f7aa9:FeatureRequest\","          \
	"\"FeatureAuthorization\":\"f7aa9:FeatureAuthorization\",\"topic\":\"f7aa9:topic\","            \
	"\"featuredObject\":{\"@id\":\"f7aa9:featuredObject\",\"@type\":\"@id\"},"                      \
	"\"featureAuthorization\":{\"@id\":\"f7aa9:featureAuthorization\",\"@type\":\"@id\"},"          \
	"\"featuredCollections\":{\"@id\":\"f7aa9:featuredCollections\",\"@type\":\"@id\"},"            \
	"\"featuredObjectType\":\"f7aa9:featuredObjectType\","                                          \
	"\"canFeature\":{\"@id\":\"gts:canFeature\",\"@type\":\"@id\"},"                                \
	"\"suspended\":\"toot:suspended\",\"attributionDomains\":{\"@id\":\"toot:attributionDomains\",\"@type\":\"@id\"}}]"

const str ap_context = { AP_CONTEXT, sizeof(AP_CONTEXT) - 1 };

void activity_open(struct json_out *w, str uri, const char *type, str actor_uri)
{
	json_put_raw(w, "@context", ap_context);
	json_put_str(w, "id", uri);
	json_put_c(w, "type", type);
	json_put_str(w, "actor", actor_uri);
}

int activity_publish(struct ctx *c, const struct activity *a)
{
	const struct activity_id_row *stored;
	int64_t domain_id = a->actor->domain_id;
	struct q_activity_store_args store = {
		.domain_id = domain_id,
		.identity_id = a->actor->id,
		.uri = a->uri,
		.type = str_c(a->type),
		.body = a->body,
	};
	int result;

	assert(c->session && domain_id && domain_id == c->domain_id);
	if (!c->domain->federated)
		TRY(q_domain_has_federated(c, domain_id, NULL));
	result = q_activity_store(c, &store, &stored);
	/* Stored by somebody else just now: that statement could not see it, the next one can. */
	if (result == E_NOT_FOUND)
		result = q_activity_store(c, &store, &stored);
	TRY(result);
	if (a->to_followers)
		TRY(q_activity_to_followers(c, domain_id, stored->id, a->actor->id, NULL));
	if (a->to.n)
		TRY(q_activity_to_identities(c, domain_id, stored->id, a->personal, a->to, NULL));
	return 0;
}
