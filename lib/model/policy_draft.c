/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Policies about a tenant's own people: judged before a post is written, so that its author learns at once what is not taken. */
#include "model/policy.h"

#include "model/domain.h"
#include "model/hashtag.h"
#include "model/identity.h"
#include "model/notification.h"
#include "model/poll.h"
#include "model/post.h"
#include "model/post_compose.h"
#include "sql/gen/media.h"
#include "sql/gen/report.h"

static strs fold_tags(struct ctx *c, strs tags)
{
	str *folded = arena_array(c->arena, tags.n + 1, sizeof(*folded));
	size_t n = 0;

	for (size_t i = 0; i < tags.n; i++) {
		folded[n] = hashtag_fold(c, tags.p[i]);
		n += !str_is_null(folded[n]);
	}
	return (strs){ folded, n };
}

/* What its media show: of the uploads, or, where an edit leaves them alone, of the post. */
static int read_media(struct ctx *c, const struct policy_draft *d, strs *ret)
{
	const struct attachment_row *media;
	str *descriptions;
	size_t n;

	if (d->draft->text_only)
		TRY(q_post_attachments(c, (i64s){ &d->post_id, 1 }, &media, &n));
	else
		TRY(q_attachment_own_many(c, d->draft->media_ids, c->identity_id, c->domain_id,
					  &media, &n));
	descriptions = arena_array(c->arena, n + 1, sizeof(*descriptions));
	for (size_t i = 0; i < n; i++)
		descriptions[i] = media[i].description;
	*ret = (strs){ descriptions, n };
	return 0;
}

static int read_draft(struct ctx *c, const struct policy_draft *d, struct policy_subject *ret)
{
	const strs none = { NULL, 0 };
	const struct identity_row *author;
	strs descriptions;

	TRY(q_identity_by_id(c, c->identity_id, &author));
	TRY(read_media(c, d, &descriptions));
	*ret = (struct policy_subject){
		.author_id = author->id,
		.domain_id = c->domain_id,
		.is_own = true,
		.host = c->domain->service_name,
		.author_since = author->created,
		.at = c->now,
		.is_private = !str_eq(d->visibility, STR("public")) &&
			      !str_eq(d->visibility, STR("unlisted")),
		.language = d->language,
		.mentions = (int64_t)d->composition->mentions.n,
		.has_media = descriptions.n > 0,
		.hashtags = fold_tags(c, d->composition->tags),
		.answered_id = d->answered_id,
	};
	return policy_read(c, d->summary, d->composition->content.s,
			   d->draft->poll ? d->draft->poll->options : none, descriptions, ret);
}

static int refuse(struct ctx *c, const struct policy_row *p)
{
	return fail_at(
		c, "text",
		p->words.n ? fail(c, E_UNPROCESSABLE, "Validation failed: %.*s", STR_ARG(p->words))
			   : fail(c, E_UNPROCESSABLE,
				  "Validation failed: this community does not take such posts"));
}

/* What waits for staff asks nobody else for anything, and was shown to nobody before. */
static int check_hold(struct ctx *c, const struct policy_draft *d)
{
	if (d->post_id)
		return fail(
			c, E_UNPROCESSABLE,
			"Validation failed: the post would wait for approval like this, and is out "
			"already");
	return d->draft->quoted_id
		       ? fail(c, E_UNPROCESSABLE,
			      "Validation failed: your post would wait for approval, and "
			      "cannot quote")
		       : 0;
}

int policy_judge_own(struct ctx *c, const struct policy_draft *d, struct policy_verdict *ret)
{
	struct policy_subject s;

	*ret = (struct policy_verdict){ .n_reports = 0 };
	if (!policy_judges_own(c))
		return 0;
	TRY(read_draft(c, d, &s));
	TRY(policy_judge_draft(c, &s, ret));
	if (ret->removes)
		return refuse(c, ret->removes);
	return ret->holds ? check_hold(c, d) : 0;
}

str policy_cover(struct ctx *c, const struct policy_verdict *v, str summary)
{
	/* An author who edits finds the words there already. */
	if (!v->covers || str_is_empty(v->covers->words) || str_starts(summary, v->covers->words))
		return summary;
	return str_is_empty(summary) ? v->covers->words
				     : str_fmt(c->arena, "%.*s (%.*s)", STR_ARG(v->covers->words),
					       STR_ARG(summary));
}

/* By the words that staff's own decisions have, so that it can be appealed against as they can. */
static int state_reasons(struct ctx *c, const struct policy_row *p, const char *action,
			 int64_t post_id)
{
	const struct warning_row *made;
	struct q_warning_add_args args = {
		.domain_id = c->domain_id,
		.identity_id = c->identity_id,
		.action = str_c(action),
		.text = p->words,
		.post_ids = { &post_id, 1 },
	};

	TRY(q_warning_add(c, &args, &made));
	return notification_tell(c, &(struct notification_news){
					    .identity_id = c->identity_id,
					    .kind = "warning",
					    .actor_id = c->identity_id,
					    .subject_id = made->id,
				    });
}

int policy_follow_up(struct ctx *c, const struct policy_verdict *v, int64_t post_id)
{
	if (v->covers)
		TRY(state_reasons(c, v->covers, "mark_statuses_as_sensitive", post_id));
	if (v->unlists)
		TRY(state_reasons(c, v->unlists, "none", post_id));
	return policy_open_cases(c, v, c->identity_id, post_id);
}
