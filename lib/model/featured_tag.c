/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a featured hashtag is a stored one, under its folded name. */
#include "model/featured_tag.h"

#include "model/hashtag.h"
#include "sql/gen/hashtag.h"

int featured_tags_get(struct ctx *c, int64_t identity_id, const struct featured_tag_row **ret,
		      size_t *ret_n)
{
	return q_featured_tag_list(c, identity_id, ret, ret_n);
}

static int find(struct ctx *c, str name, const struct featured_tag_row **ret)
{
	const struct featured_tag_row *rows;
	size_t n;

	TRY(featured_tags_get(c, c->identity_id, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (str_eq(rows[i].name, name)) {
			*ret = &rows[i];
			return 0;
		}
	return fail(c, E_UNPROCESSABLE, "nobody features more than %d hashtags",
		    FEATURED_TAG_LIMIT);
}

int featured_tag_add(struct ctx *c, str tag, const struct featured_tag_row **ret)
{
	str written = str_trim(tag), name;

	if (str_starts(written, STR("#")))
		written = str_from(written, 1);
	if (!hashtag_is_valid(c, written))
		return fail(c, E_UNPROCESSABLE, "Validation failed: Tag is invalid");
	name = hashtag_fold(c, written);
	TRY(q_hashtag_make(c, (strs){ &name, 1 }, (strs){ &written, 1 }, NULL));
	TRY(q_featured_tag_add(c, c->domain_id, c->identity_id, name, FEATURED_TAG_LIMIT, NULL));
	return find(c, name, ret);
}

int featured_tag_remove(struct ctx *c, int64_t id)
{
	size_t n;

	TRY(q_featured_tag_remove(c, id, c->identity_id, c->domain_id, &n));
	return n ? 0 : fail(c, E_NOT_FOUND, "Record not found");
}

int featured_tag_remove_name(struct ctx *c, str tag)
{
	str name = hashtag_fold(c, str_trim(tag));

	if (str_is_null(name))
		return 0;
	return q_featured_tag_remove_name(c, name, c->identity_id, c->domain_id, NULL);
}

int featured_tag_suggestions(struct ctx *c, const struct tag_suggestion_row **ret, size_t *ret_n)
{
	return q_featured_tag_suggestions(c, c->identity_id, ret, ret_n);
}
