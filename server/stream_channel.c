/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a subscription that was read is allowed to whoever reads it. */
#include "server/stream_channel.h"

#include "base/id.h"
#include "model/hashtag.h"
#include "model/scope.h"
#include "server/http.h"
#include "sql/gen/stream.h"

const struct channel_info channels[CHANNELS] = {
	[CHANNEL_USER] = { "user", "user", "read:statuses", .context = "home" },
	[CHANNEL_USER_NOTIFICATION] = { "user:notification", "user/notification",
					"read:notifications" },
	[CHANNEL_PUBLIC] = { "public", "public", .is_public = true },
	[CHANNEL_PUBLIC_MEDIA] = { "public:media", "public/media", .is_public = true,
				   .media = true },
	[CHANNEL_PUBLIC_LOCAL] = { "public:local", "public/local", .context = "public",
				   .is_public = true, .local = true },
	[CHANNEL_PUBLIC_LOCAL_MEDIA] = { "public:local:media", "public/local/media",
					 .is_public = true, .local = true, .media = true },
	[CHANNEL_PUBLIC_REMOTE] = { "public:remote", "public/remote", .is_public = true,
				    .remote = true },
	[CHANNEL_PUBLIC_REMOTE_MEDIA] = { "public:remote:media", "public/remote/media",
					  .is_public = true, .remote = true, .media = true },
	[CHANNEL_HASHTAG] = { "hashtag", "hashtag", .has_tag = true },
	[CHANNEL_HASHTAG_LOCAL] = { "hashtag:local", "hashtag/local", .has_tag = true,
				    .local = true },
	[CHANNEL_LIST] = { "list", "list", "read:lists", .has_list = true },
	[CHANNEL_DIRECT] = { "direct", "direct", "read:statuses" },
};

static bool find(str name, enum channel *ret)
{
	for (size_t i = 0; i < CHANNELS; i++)
		if (str_eq_c(name, channels[i].name)) {
			*ret = (enum channel)i;
			return true;
		}
	return false;
}

static const struct channel_info *with_media(const struct channel_info *i)
{
	for (const struct channel_info *m = channels; m < channels + CHANNELS; m++)
		if (m->media && m->is_public == i->is_public && m->local == i->local &&
		    m->remote == i->remote)
			return m;
	return i;
}

bool channel_of_path(str path, bool only_media, str *ret_name)
{
	for (const struct channel_info *i = channels; i < channels + CHANNELS; i++)
		if (str_eq_c(path, i->path)) {
			*ret_name = str_c((only_media && i->is_public ? with_media(i) : i)->name);
			return true;
		}
	return false;
}

/* "read:lists" was not asked for by older programs; "read:statuses" does for a list as well. */
static bool covers(strs scopes, const struct channel_info *i)
{
	return !i->scope || scopes_cover(scopes, str_c(i->scope)) ||
	       (i->has_list && scopes_cover(scopes, STR("read:statuses")));
}

static int read_tag(struct ctx *c, str text, struct subscription *s)
{
	s->tag = hashtag_fold(c, text);
	return str_is_null(s->tag) ? fail(c, E_INVALID, "Missing tag name parameter") : 0;
}

static int read_list(struct ctx *c, str text, struct subscription *s)
{
	const struct stream_list_row *list;
	int result;

	if (!id_parse(text, &s->list_id))
		return fail(c, E_INVALID, "Missing list name parameter");
	result = q_stream_list(c, s->list_id, c->identity_id, &list);
	return result == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Not authorized to stream this list")
				     : result;
}

int subscription_read(struct ctx *c, const struct subscription_words *words, strs scopes,
		      struct subscription *ret)
{
	struct subscription s = { .tag = STR_NULL };

	if (!find(words->stream, &s.channel))
		return fail(c, E_INVALID, "Unknown stream type");
	if (!covers(scopes, &channels[s.channel]))
		return fail(c, E_UNAUTHORIZED, "Access token does not have the required scopes");
	if (channels[s.channel].has_tag)
		TRY(read_tag(c, words->tag, &s));
	if (channels[s.channel].has_list)
		TRY(read_list(c, words->list, &s));
	*ret = s;
	return 0;
}

bool subscription_eq(const struct subscription *a, const struct subscription *b)
{
	return a->channel == b->channel && a->list_id == b->list_id && str_eq(a->tag, b->tag);
}

void subscription_put(struct json_out *w, const char *key, const struct subscription *s)
{
	json_open_array(w, key);
	json_put_c(w, NULL, channels[s->channel].name);
	if (channels[s->channel].has_tag)
		json_put_str(w, NULL, s->tag);
	if (channels[s->channel].has_list)
		json_put_id(w, NULL, s->list_id);
	json_close_array(w);
}
