/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: conditions are asked from the cheapest on, and what asks the database only of a post for which all others hold. */
#include "model/policy.h"

#include "base/fold.h"
#include "fetch/url.h"
#include "html/html.h"
#include "model/filter.h"

#define LINK_LIMIT 50 /* of one post */

/* Hosts of what it links to; an address that is none has none. */
static int read_links(struct ctx *c, str content, strs *ret)
{
	strs links = { NULL, 0 };
	str *hosts;
	size_t n = 0;

	if (html_links(c, content, LINK_LIMIT, &links))
		links.n = 0;
	hosts = arena_array(c->arena, links.n + 1, sizeof(*hosts));
	for (size_t i = 0; i < links.n; i++) {
		struct url url;

		if (url_parse(c->arena, links.p[i], &url))
			hosts[n++] = url.host;
	}
	*ret = (strs){ hosts, n };
	return 0;
}

int policy_read(struct ctx *c, str summary, str content, strs options, strs descriptions,
		struct policy_subject *s)
{
	s->text = filter_text(c, summary, content, options, descriptions);
	return read_links(c, content, &s->links);
}

int policy_subject_of_row(struct ctx *c, const struct policy_subject_row *row,
			  struct policy_subject *ret)
{
	*ret = (struct policy_subject){
		.author_id = row->author_id,
		.domain_id = row->domain_id,
		.is_own = row->domain_id && row->domain_id == c->domain_id,
		.host = row->host,
		.author_since = row->author_since,
		.at = row->created,
		.is_private = !str_eq(row->visibility, STR("public")) &&
			      !str_eq(row->visibility, STR("unlisted")),
		.language = row->language,
		.mentions = row->mentions,
		.has_media = row->media.n > 0,
		.hashtags = row->hashtags,
		.answered_id = row->answered_id,
	};
	return policy_read(c, row->summary, row->content, row->options, row->media, ret);
}

/* A host, or one below it. */
static bool is_below(str host, str domain)
{
	host = str_slice(host, 0, str_find_char(host, ':', 0));
	if (str_eq_fold(host, domain))
		return true;
	return host.n > domain.n + 1 && host.p[host.n - domain.n - 1] == '.' &&
	       str_eq_fold(str_from(host, host.n - domain.n), domain);
}

static bool is_below_any(str host, strs domains)
{
	for (size_t i = 0; i < domains.n; i++)
		if (is_below(host, domains.p[i]))
			return true;
	return false;
}

typedef bool condition(struct ctx *c, const struct policy_row *p, const struct policy_subject *s);

static bool fits_scope(unused struct ctx *c, const struct policy_row *p,
		       const struct policy_subject *s)
{
	return (s->is_own ? p->own : p->incoming) && (p->private || !s->is_private);
}

static bool fits_server(unused struct ctx *c, const struct policy_row *p,
			const struct policy_subject *s)
{
	return p->servers.n == 0 || is_below_any(s->host, p->servers);
}

static bool fits_age(unused struct ctx *c, const struct policy_row *p,
		     const struct policy_subject *s)
{
	return p->younger_days == 0 || s->author_since > s->at - p->younger_days * USEC_DAY;
}

static bool fits_mentions(unused struct ctx *c, const struct policy_row *p,
			  const struct policy_subject *s)
{
	return s->mentions >= p->mentions;
}

static bool fits_media(unused struct ctx *c, const struct policy_row *p,
		       const struct policy_subject *s)
{
	return !p->media || s->has_media;
}

static bool fits_hashtags(unused struct ctx *c, const struct policy_row *p,
			  const struct policy_subject *s)
{
	for (size_t i = 0; i < p->hashtags.n; i++)
		for (size_t k = 0; k < s->hashtags.n; k++)
			if (str_eq(p->hashtags.p[i], s->hashtags.p[k]))
				return true;
	return p->hashtags.n == 0;
}

/* "pt" means "pt-BR" as well. */
static bool fits_language(unused struct ctx *c, const struct policy_row *p,
			  const struct policy_subject *s)
{
	str main = str_slice(s->language, 0, str_find_char(s->language, '-', 0));

	for (size_t i = 0; i < p->languages.n; i++)
		if (str_eq_fold(p->languages.p[i], s->language) ||
		    str_eq_fold(p->languages.p[i], main))
			return true;
	return p->languages.n == 0;
}

static bool fits_links(unused struct ctx *c, const struct policy_row *p,
		       const struct policy_subject *s)
{
	for (size_t i = 0; i < s->links.n; i++)
		if (is_below_any(s->links.p[i], p->links))
			return true;
	return p->links.n == 0;
}

static bool fits_phrases(struct ctx *c, const struct policy_row *p, const struct policy_subject *s)
{
	for (size_t i = 0; i < p->phrases.n; i++)
		if (filter_fits(s->text, str_fold(c->arena, p->phrases.p[i]), p->whole_words))
			return true;
	return p->phrases.n == 0;
}

static bool fits_reply(unused struct ctx *c, const struct policy_row *p,
		       const struct policy_subject *s)
{
	return !p->stranger || s->answered_id != 0;
}

static condition *const conditions[] = {
	fits_scope,    fits_server,   fits_age,	  fits_mentions, fits_media,
	fits_hashtags, fits_language, fits_reply, fits_links,	 fits_phrases,
};

bool policy_may_fit(struct ctx *c, const struct policy_row *p, const struct policy_subject *s)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
		if (!conditions[i](c, p, s))
			return false;
	return true;
}

int policy_fits(struct ctx *c, const struct policy_row *p, const struct policy_subject *s,
		bool *ret)
{
	const struct policy_ties_row *ties;

	*ret = policy_may_fit(c, p, s);
	if (!*ret || (!p->unfollowed && !p->stranger))
		return 0;
	TRY(q_policy_ties(c, s->author_id, c->domain_id, s->answered_id, &ties));
	*ret = (!p->unfollowed || !ties->followed) && (!p->stranger || ties->stranger);
	return 0;
}
