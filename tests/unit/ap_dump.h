/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The views of ap/document.h as lines of text, for comparing them with golden files. Members that
 * are absent are left out; nesting is shown by indentation.
 */
#ifndef TESTS_AP_DUMP_H
#define TESTS_AP_DUMP_H

#include <inttypes.h>

#include "ap/document.h"
#include "base/out.h"

#define DUMP_DEPTH 3

struct dump {
	struct ctx *c;
	struct out out;
	unsigned depth;
};

static inline void dump_indent(struct dump *d)
{
	for (unsigned i = 0; i < d->depth; i++)
		out_c(&d->out, "  ");
}

static inline void dump_line(struct dump *d, const char *key, str value)
{
	dump_indent(d);
	out_c(&d->out, key);
	if (!str_is_empty(value))
		out_char(&d->out, ' ');
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\n')
			out_c(&d->out, "\\n");
		else if (value.p[i] == '\r')
			out_c(&d->out, "\\r");
		else
			out_char(&d->out, value.p[i]);
	}
	out_char(&d->out, '\n');
}

static inline void dump_str(struct dump *d, const char *key, str value)
{
	if (!str_is_null(value))
		dump_line(d, key, value);
}

static inline void dump_strs(struct dump *d, const char *key, strs list)
{
	for (size_t i = 0; i < list.n; i++)
		dump_line(d, key, list.p[i]);
}

static inline void dump_time(struct dump *d, const char *key, usec t)
{
	if (t)
		dump_line(d, key, clock_iso(d->c->arena, t));
}

static inline void dump_flag(struct dump *d, const char *key, bool flag)
{
	if (flag)
		dump_line(d, key, STR("yes"));
}

static inline void dump_count(struct dump *d, const char *key, int64_t n)
{
	if (n >= 0)
		dump_line(d, key, str_fmt(d->c->arena, "%" PRId64, n));
}

static inline void dump_emojis(struct dump *d, const struct ap_emoji *emojis, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		dump_line(d, "emoji", emojis[i].name);
		d->depth++;
		dump_str(d, "id", emojis[i].id);
		dump_str(d, "url", emojis[i].url);
		dump_str(d, "media-type", emojis[i].media_type);
		dump_time(d, "updated", emojis[i].updated);
		d->depth--;
	}
}

static inline void dump_attachment(struct dump *d, const struct ap_attachment *a)
{
	dump_line(d, "attachment", a->url);
	d->depth++;
	dump_str(d, "media-type", a->media_type);
	dump_str(d, "name", a->name);
	dump_str(d, "blurhash", a->blurhash);
	if (a->width >= 0 || a->height >= 0)
		dump_line(d, "size",
			  str_fmt(d->c->arena, "%" PRId64 "x%" PRId64, a->width, a->height));
	if (a->focus_x != 0 || a->focus_y != 0)
		dump_line(d, "focus", str_fmt(d->c->arena, "%g %g", a->focus_x, a->focus_y));
	d->depth--;
}

static inline void dump_poll(struct dump *d, const struct ap_poll *p)
{
	dump_line(d, "poll", p->multiple ? STR("any of") : STR("one of"));
	d->depth++;
	dump_flag(d, "closed", p->closed);
	dump_time(d, "end", p->end_time);
	dump_count(d, "voters", p->voters);
	for (size_t i = 0; i < p->n_options; i++) {
		dump_line(d, "option", p->options[i].name);
		d->depth++;
		dump_count(d, "votes", p->options[i].votes);
		d->depth--;
	}
	d->depth--;
}

static inline void dump_text(struct dump *d, const struct ap_object *o)
{
	dump_str(d, "name", o->name);
	dump_str(d, "summary", o->summary);
	dump_str(d, "content", o->content);
	dump_str(d, "content-type", o->content_type);
	dump_str(d, "language", o->language);
	dump_flag(d, "sensitive", o->sensitive);
	dump_flag(d, "vote", o->is_vote);
}

static inline void dump_visibility(struct dump *d, const struct ap_object *o)
{
	static const char *const names[] = { "public", "unlisted", "followers", "mentioned" };
	str followers = str_cat(d->c->arena, o->attributed_to, STR("/followers"));

	dump_line(d, "visibility", str_c(names[ap_visibility_of(o, followers)]));
}

static inline void dump_parts(struct dump *d, const struct ap_object *o)
{
	for (size_t i = 0; i < o->n_mentions; i++)
		dump_line(d, "mention",
			  str_trim(str_fmt(d->c->arena, STR_FMT " " STR_FMT,
					   STR_ARG(o->mentions[i].href),
					   STR_ARG(o->mentions[i].name))));
	dump_strs(d, "hashtag", o->hashtags);
	dump_emojis(d, o->emojis, o->n_emojis);
	for (size_t i = 0; i < o->n_attachments; i++)
		dump_attachment(d, &o->attachments[i]);
	dump_str(d, "preview", o->preview);
	if (o->poll)
		dump_poll(d, o->poll);
	dump_time(d, "start", o->start_time);
	dump_time(d, "end", o->end_time);
	dump_str(d, "location", o->location);
}

static inline int dump_object(struct dump *d, const struct json *j)
{
	const struct ap_object *o;

	TRY(ap_object_parse(d->c, j, &o));
	dump_line(d, "post",
		  str_fmt(d->c->arena, STR_FMT " (%s)", STR_ARG(o->type_name),
			  name_of_value(ap_types, (int)o->type)));
	d->depth++;
	dump_str(d, "id", o->id);
	dump_str(d, "by", o->attributed_to);
	dump_strs(d, "to", o->to);
	dump_strs(d, "cc", o->cc);
	dump_visibility(d, o);
	dump_text(d, o);
	dump_str(d, "in-reply-to", o->in_reply_to);
	dump_str(d, "quote", o->quote_uri);
	if (!str_eq(o->url, o->id))
		dump_str(d, "url", o->url);
	dump_time(d, "published", o->published);
	dump_time(d, "updated", o->updated);
	dump_parts(d, o);
	d->depth--;
	return 0;
}

static inline void dump_actor_uris(struct dump *d, const struct ap_actor *a)
{
	if (!str_eq(a->url, a->id))
		dump_str(d, "url", a->url);
	dump_str(d, "inbox", a->inbox);
	dump_str(d, "shared-inbox", a->shared_inbox);
	dump_str(d, "outbox", a->outbox);
	dump_str(d, "followers", a->followers);
	dump_str(d, "following", a->following);
	dump_str(d, "featured", a->featured);
	dump_str(d, "icon", a->icon);
	dump_str(d, "image", a->image);
	dump_strs(d, "also-known-as", a->also_known_as);
	dump_str(d, "moved-to", a->moved_to);
}

static inline int dump_actor(struct dump *d, const struct json *j)
{
	const struct ap_actor *a;

	TRY(ap_actor_parse(d->c, j, &a));
	dump_line(d, "actor", str_c(name_of_value(ap_types, (int)a->type)));
	d->depth++;
	dump_str(d, "id", a->id);
	dump_str(d, "username", a->preferred_username);
	dump_str(d, "name", a->name);
	dump_str(d, "summary", a->summary);
	dump_actor_uris(d, a);
	for (size_t i = 0; i < a->n_fields; i++)
		dump_line(d, "field",
			  str_fmt(d->c->arena, STR_FMT " = " STR_FMT, STR_ARG(a->fields[i].name),
				  STR_ARG(a->fields[i].value)));
	dump_emojis(d, a->emojis, a->n_emojis);
	dump_flag(d, "locked", a->locked);
	dump_flag(d, "discoverable", a->discoverable);
	dump_flag(d, "indexable", a->indexable);
	dump_flag(d, "suspended", a->suspended);
	dump_time(d, "published", a->published);
	for (size_t i = 0; i < a->n_keys; i++)
		dump_line(d, "key",
			  str_fmt(d->c->arena, STR_FMT " (%zu bytes)", STR_ARG(a->keys[i].id),
				  a->keys[i].der.n));
	d->depth--;
	return 0;
}

static inline void dump_document(struct dump *d, const struct json *j);

static inline int dump_activity(struct dump *d, const struct json *j)
{
	const struct ap_activity *a;

	TRY(ap_activity_parse(d->c, j, &a));
	dump_line(d, "activity",
		  str_fmt(d->c->arena, STR_FMT " (%s)", STR_ARG(a->type_name),
			  a->type ? name_of_value(ap_types, (int)a->type) : "?"));
	d->depth++;
	dump_str(d, "id", a->id);
	dump_str(d, "actor", a->actor);
	dump_strs(d, "object", a->objects);
	dump_str(d, "target", a->target);
	dump_strs(d, "to", a->to);
	dump_strs(d, "cc", a->cc);
	dump_str(d, "content", a->content);
	dump_emojis(d, a->emoji, a->emoji != NULL);
	dump_time(d, "published", a->published);
	if (a->object_json)
		dump_document(d, a->object_json);
	d->depth--;
	return 0;
}

static inline int dump_collection(struct dump *d, const struct json *j)
{
	const struct ap_collection *l;

	TRY(ap_collection_parse(d->c, j, &l));
	dump_line(d, "collection", l->is_page ? STR("page") : STR("whole"));
	d->depth++;
	dump_str(d, "id", l->id);
	dump_count(d, "total", l->total);
	dump_str(d, "first", l->first);
	dump_str(d, "next", l->next);
	if (l->first_json)
		dump_document(d, l->first_json);
	for (size_t i = 0; i < l->n_items; i++) {
		dump_line(d, "item", l->items[i].uri);
		if (l->items[i].json)
			dump_document(d, l->items[i].json);
	}
	d->depth--;
	return 0;
}

static inline int dump_key(struct dump *d, const struct json *j)
{
	struct ap_key key;

	TRY(ap_key_parse(d->c, j, json_get_str(j, "id"), &key));
	dump_line(d, "key", key.id);
	d->depth++;
	dump_str(d, "owner", key.owner);
	dump_count(d, "bytes", (int64_t)key.der.n);
	d->depth--;
	return 0;
}

static inline int dump_mere_uri(struct dump *d, const struct json *j, enum ap_type type)
{
	dump_line(d, name_of_value(ap_types, (int)type), ap_uri_of(j));
	return 0;
}

/* The document by its type; what is of no known type is read as an activity. */
static inline void dump_document(struct dump *d, const struct json *j)
{
	enum ap_type type = ap_type_of(j);
	int result;

	if (d->depth > DUMP_DEPTH)
		return;
	if (ap_type_is_post(type))
		result = dump_object(d, j);
	else if (ap_type_is_actor(type))
		result = dump_actor(d, j);
	else if (type == AP_COLLECTION)
		result = dump_collection(d, j);
	else if (type == AP_CRYPTOGRAPHIC_KEY)
		result = dump_key(d, j);
	else if (type == AP_TOMBSTONE || type == AP_HASHTAG)
		result = dump_mere_uri(d, j, type);
	else
		result = dump_activity(d, j);
	if (result)
		dump_line(d, "refused:", ctx_error(d->c, result));
}

#endif
