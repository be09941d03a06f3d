/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a tag is stored under one folded name, whoever wrote it how. */
#include "model/hashtag.h"

#include "base/fold.h"
#include "base/out.h"
#include "html/html.h"
#include "sql/gen/hashtag.h"

static const char *const after_outdated[] = { "updated", NULL };
static const char *const after_updated[] = { "outdated", NULL };

static const struct graph_state hashtag_states[] = {
	{
		.name = "outdated",
		.initial = true,
		.next = after_outdated,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	{ .name = "updated", .next = after_updated, .external = true },
};

const struct graph hashtag_graph = { "hashtag", hashtag_states, ARRAY_SIZE(hashtag_states) };

str hashtag_fold(struct ctx *c, str tag)
{
	if (str_starts(tag, STR("#")))
		tag = str_from(tag, 1);
	if (str_is_empty(tag) || !str_is_utf8(tag) || str_find_char(tag, '\0', 0) != SIZE_MAX)
		return STR_NULL;
	tag = str_fold(c->arena, tag);
	while (str_chars(tag) > HASHTAG_LIMIT)
		tag = str_clip(tag, tag.n - 1);
	return tag;
}

bool hashtag_is_valid(struct ctx *c, str tag)
{
	str text = str_starts(tag, STR("#")) ? tag : str_cat(c->arena, STR("#"), tag);
	const struct html_token *tokens;
	size_t n;

	if (!str_is_utf8(tag) || str_chars(text) > HASHTAG_LIMIT + 1 ||
	    html_tokens(c, text, 2, &tokens, &n))
		return false;
	return n == 1 && tokens[0].kind == HTML_HASHTAG && tokens[0].start == 0 &&
	       tokens[0].end == text.n;
}

int hashtag_set(struct ctx *c, int64_t post_id, const str *tags, size_t n)
{
	str *names = arena_array(c->arena, n + 1, sizeof(*names));
	str *displays = arena_array(c->arena, n + 1, sizeof(*displays));
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		str name = hashtag_fold(c, tags[i]);

		if (str_is_null(name))
			continue;
		names[kept] = name;
		displays[kept++] = str_starts(tags[i], STR("#")) ? str_from(tags[i], 1) : tags[i];
	}
	TRY(q_hashtag_unset(c, post_id, (strs){ names, kept }, NULL));
	if (kept == 0)
		return 0;
	TRY(q_hashtag_make(c, (strs){ names, kept }, (strs){ displays, kept }, NULL));
	TRY(q_hashtag_set(c, post_id, (strs){ names, kept }, NULL));
	return q_hashtag_outdate(c, (strs){ names, kept }, NULL);
}
