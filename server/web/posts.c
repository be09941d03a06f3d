/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Posts as pages show them. What only some types have (a title) is read from post.detail. */
#include "html/html.h"
#include "json/json.h"
#include "model/consent.h"
#include "model/emoji.h"
#include "model/quote.h"
#include "model/filter.h"
#include "model/identity.h"
#include "model/media.h"
#include "model/poll.h"
#include "model/post.h"
#include "server/web/views.h"
#include "sql/gen/card.h"

static const enum page_media media_kinds[] = {
	[MEDIA_KIND_UNKNOWN] = MEDIA_FILE,
	[MEDIA_KIND_IMAGE] = MEDIA_IMAGE,
	[MEDIA_KIND_VIDEO] = MEDIA_VIDEO,
	[MEDIA_KIND_AUDIO] = MEDIA_AUDIO,
};

const struct media_view *view_media(struct ctx *c, const struct status_media *media, size_t n,
				    size_t *ret_n)
{
	struct media_view *views = arena_array(c->arena, n + 1, sizeof(*views));

	*ret_n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct status_media *m = &media[i];
		str url = view_url(c, m->url, STR(""));

		if (url.n)
			views[(*ret_n)++] = (struct media_view){
				.kind = media_kinds[m->kind],
				.url = url,
				.thumbnail = m->preview_url,
				.description = m->description,
				.media_type = m->media_type,
				.width = m->width,
				.height = m->height,
			};
	}
	return views;
}

static int percent(int64_t votes, int64_t of)
{
	if (of <= 0 || votes <= 0)
		return 0;
	return votes >= of ? 100 : (int)((double)votes / (double)of * 100 + 0.5);
}

static bool is_chosen(const struct status *s, str option)
{
	for (size_t i = 0; i < s->own_votes.n; i++)
		if (str_eq(s->own_votes.p[i], option))
			return true;
	return false;
}

/* Counts that an author hides are none while the poll is open. */
static const struct poll_view *poll_of(struct ctx *c, const struct status *s)
{
	const struct poll_row *p = s->poll;
	struct poll_option_view *options =
		arena_array(c->arena, p->options.n + 1, sizeof(*options));
	struct poll_view *poll = arena_new_of(c->arena, struct poll_view);
	bool closed = poll_is_over(c, p), shown = closed || !p->hide_totals;
	int64_t sum = 0;

	for (size_t i = 0; i < p->options.n; i++) {
		options[i].label = p->options.p[i];
		options[i].drawn = emoji_draw_text(c, emoji_origin_of(s->author), p->options.p[i]);
		options[i].votes = shown ? p->votes.p[i] : 0;
		options[i].chosen = is_chosen(s, p->options.p[i]);
		sum += p->votes.p[i];
	}
	if (p->voters_count > 0)
		sum = p->voters_count;
	for (size_t i = 0; i < p->options.n; i++)
		options[i].percent = percent(options[i].votes, sum);
	*poll = (struct poll_view){
		.options = options,
		.n_options = p->options.n,
		.votes = sum,
		.closes = p->expires,
		.closed = closed,
		.multiple = p->multiple,
		.can_vote = c->identity_id && !closed && s->own_votes.n == 0 &&
			    s->post->author_id != c->identity_id,
	};
	return poll;
}

static const struct card_view *card_of(struct ctx *c, const struct card_row *card)
{
	str url = view_url(c, card->url, STR(""));
	struct card_view *v;

	if (!url.n)
		return NULL;
	v = arena_new_of(c->arena, struct card_view);
	*v = (struct card_view){
		.url = url,
		.title = card->title.n ? card->title : url,
		.about = card->description,
		.site = card->site,
		.image_about = card->image_text,
	};
	if (card->image_url.n)
		v->image = media_proxy_preview_url(c, card->image_url);
	return v;
}

static void fill_detail(struct ctx *c, const struct status *s, struct post_view *v)
{
	const struct post_row *p = s->post;
	const struct json *detail;

	if (s->poll)
		v->poll = poll_of(c, s);
	if (s->card)
		v->card = card_of(c, s->card);
	if (str_is_empty(p->detail) || str_eq(p->detail, STR("{}")) ||
	    json_parse(c, p->detail, &detail))
		return;
	v->title = json_get_str(detail, "name");
}

static const struct person_view *person(struct ctx *c, const struct identity_row *i)
{
	struct person_view *v;

	if (!i)
		return NULL;
	v = arena_new_of(c->arena, struct person_view);
	*v = view_person(c, i);
	return v;
}

static bool is_quotable(str how)
{
	return str_eq(how, STR("automatic")) || str_eq(how, STR("manual"));
}

static bool can_boost(bool is_own, int visibility)
{
	return visibility == POST_PUBLIC || visibility == POST_UNLISTED ||
	       (visibility == POST_FOLLOWERS && is_own);
}

static enum post_consent consent_of(const struct status *s)
{
	if (!s->policy || s->policy->consent.n == 0)
		return POST_AGREED;
	return str_eq_c(s->policy->consent, "pending") ? POST_WAITS : POST_REFUSED;
}

/* An answer to, or a quotation of, a post of the viewer's, who agreed to it. */
static bool can_refuse(struct ctx *c, const struct status *s)
{
	if (!c->identity_id || s->post->author_id == c->identity_id)
		return false;
	return (s->policy && s->policy->granted_by == c->identity_id) ||
	       (s->quote && s->quote->quoted_author_id == c->identity_id &&
		str_eq_c(STR("accepted"), quote_standing(s->quote->state)));
}

static struct post_view view(struct ctx *c, const struct status *s)
{
	const struct post_row *p = s->post;
	int visibility = POST_MENTIONED;
	struct post_view v = {
		.entry_id = s->entry_id,
		.id = p->id,
		.author = view_person(c, s->author),
		.booster = person(c, s->booster),
		.in_reply_to = person(c, s->in_reply_to),
		.is_reply = p->in_reply_to_uri.n > 0,
		.parent_id = p->in_reply_to_id,
		.url = view_url(c, p->url, p->object_uri),
		.warning = status_warning(c->arena, s),
		.warning_drawn =
			emoji_draw_text(c, emoji_origin_of(s->author), status_warning(c->arena, s)),
		.content = emoji_draw(c, emoji_origin_of(s->author), html_stored(p->content)),
		.lang = p->language,
		.sensitive = p->sensitive || s->covered,
		.published = p->published,
		.edited = p->edited,
		.n_replies = p->replies_count,
		.n_boosts = p->boosts_count,
		.n_likes = p->likes_count,
		.liked = s->liked,
		.boosted = s->boosted,
		.bookmarked = s->bookmarked,
		.pinned = s->pinned,
		.can_quote = is_quotable(s->quotable),
		.consent = consent_of(s),
		.can_refuse = can_refuse(c, s),
		.own = c->identity_id && p->author_id == c->identity_id,
	};

	(void)name_to_value(post_visibilities, p->visibility, &visibility);
	v.visibility = (enum post_visibility)visibility;
	v.can_boost = can_boost(v.own, visibility);
	v.can_pin = v.own && visibility != POST_MENTIONED;
	v.path = str_fmt(c->arena, "%.*sposts/%lld/", STR_ARG(v.author.path), (long long)p->id);
	v.media = view_media(c, s->media, s->n_media, &v.n_media);
	fill_detail(c, s, &v);
	return v;
}

/* A post with the one that it quotes. */
static struct post_view view_both(struct ctx *c, const struct status *s)
{
	struct post_view v = view(c, s), *quoted;

	if (s->quoted && str_is_null(s->veil)) {
		quoted = arena_new_of(c->arena, struct post_view);
		*quoted = view(c, s->quoted);
		v.quoted = quoted;
	}
	return v;
}

struct post_view *view_posts(struct ctx *c, const struct status *statuses, size_t n)
{
	struct post_view *views = arena_array(c->arena, n + 1, sizeof(*views));

	for (size_t i = 0; i < n; i++)
		views[i] = view_both(c, &statuses[i]);
	return views;
}

/* False: it is not to be seen at all. */
static bool cover(const struct status *s, str context, struct post_view *v)
{
	if (v->own)
		return true;
	for (size_t i = 0; i < s->n_filters; i++) {
		const struct filter_match *m = &s->filters[i];

		if (!filter_is_for(m, context))
			continue;
		if (str_eq(m->filter->action, STR("hide")))
			return false;
		if (str_eq(m->filter->action, STR("blur")))
			v->sensitive = true;
		else
			v->filtered = m->filter->title;
	}
	return true;
}

struct post_view *view_posts_in(struct ctx *c, const char *context, const struct status *statuses,
				size_t n, size_t *ret_n)
{
	struct post_view *views = arena_array(c->arena, n + 1, sizeof(*views));

	*ret_n = 0;
	for (size_t i = 0; i < n; i++) {
		views[*ret_n] = view_both(c, &statuses[i]);
		*ret_n += cover(&statuses[i], str_c(context), &views[*ret_n]);
	}
	return views;
}

int view_post(struct ctx *c, int64_t id, struct post_view *ret)
{
	const struct post_row *post;
	struct status *status;

	TRY(post_get(c, id, c->identity_id, &post));
	TRY(statuses_load(c, post, 1, c->identity_id, &status));
	*ret = view_both(c, status);
	return 0;
}
