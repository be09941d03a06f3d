/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a tag is stored under one folded name, whoever wrote it how. */
#include "model/hashtag.h"

#include "base/out.h"
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

/* Latin, Greek and Cyrillic capitals of two bytes have their small form at a fixed distance; other
 * scripts with letter case are rare enough in tags to stay as written. */
static void fold_pair(char *p)
{
	unsigned high = (unsigned char)p[0], low = (unsigned char)p[1];
	unsigned code = (high & 0x1f) << 6 | (low & 0x3f);

	if ((code >= 0xc0 && code <= 0xde && code != 0xd7) || (code >= 0x391 && code <= 0x3a9) ||
	    (code >= 0x410 && code <= 0x42f))
		code += 32;
	else if (code >= 0x400 && code <= 0x40f)
		code += 80;
	else if (code >= 0x100 && code <= 0x17f && code != 0x130 && code != 0x131 && code != 0x178)
		code |= (code < 0x139 || (code >= 0x14a && code < 0x179)) && !(code & 1);
	p[0] = (char)(0xc0 | code >> 6);
	p[1] = (char)(0x80 | (code & 0x3f));
}

str hashtag_fold(struct ctx *c, str tag)
{
	char *p;
	size_t n;

	if (str_starts(tag, STR("#")))
		tag = str_from(tag, 1);
	if (str_is_empty(tag) || !str_is_utf8(tag))
		return STR_NULL;
	p = arena_copy(c->arena, tag.p, tag.n);
	for (size_t i = 0; i < tag.n; i++) {
		p[i] = char_lower(p[i]);
		if (((unsigned char)p[i] & 0xe0) == 0xc0)
			fold_pair(p + i++);
	}
	n = tag.n;
	while (str_chars((str){ p, n }) > HASHTAG_LIMIT)
		n = str_clip((str){ p, n }, n - 1).n;
	return (str){ p, n };
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
