/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: whatever is stored with an application, a code or a token is in this one table. */
#include "model/scope.h"

#include "base/out.h"

#define TEXT_LIMIT 2000 /* bytes of all scopes that one may ask for */

const struct scope scope_table[] = {
	{ "profile", "see who you are: your name, picture and profile" },
	{ "read", "see everything of your account, also what is private" },
	{ "write", "change everything of your account, and write posts as you" },
	{ "follow", "follow, mute and block others for you" },
	{ "push", "get your notifications as they come" },
	{ "read:accounts", "see accounts and what they are to you" },
	{ "read:blocks", "see whom you block" },
	{ "read:bookmarks", "see your bookmarks" },
	{ "read:collections", "see your collections" },
	{ "read:favourites", "see what you like" },
	{ "read:filters", "see your filters" },
	{ "read:follows", "see whom you follow and who asks to follow you" },
	{ "read:lists", "see your lists" },
	{ "read:mutes", "see whom you mute" },
	{ "read:notifications", "see your notifications" },
	{ "read:search", "search for you" },
	{ "read:statuses", "see all posts that you can see" },
	{ "write:accounts", "change your profile" },
	{ "write:blocks", "block accounts and servers" },
	{ "write:bookmarks", "set and remove bookmarks" },
	{ "write:collections", "change your collections" },
	{ "write:conversations", "mark and delete conversations" },
	{ "write:favourites", "like posts" },
	{ "write:filters", "change your filters" },
	{ "write:follows", "follow and unfollow others" },
	{ "write:lists", "change your lists" },
	{ "write:media", "upload pictures, video and sound" },
	{ "write:mutes", "mute accounts and conversations" },
	{ "write:notifications", "clear your notifications" },
	{ "write:reports", "report others" },
	{ "write:statuses", "write and delete posts as you" },
	{ "admin:read", "see everything that the staff of this community sees" },
	{ "admin:read:accounts", "see what the staff knows of accounts" },
	{ "admin:read:canonical_email_blocks", "see blocked e-mail addresses" },
	{ "admin:read:domain_allows", "see allowed servers" },
	{ "admin:read:domain_blocks", "see blocked servers" },
	{ "admin:read:email_domain_blocks", "see blocked hosts of e-mail" },
	{ "admin:read:ip_blocks", "see blocked network addresses" },
	{ "admin:read:reports", "see reports" },
	{ "admin:write", "do everything that the staff of this community may do" },
	{ "admin:write:accounts", "moderate accounts" },
	{ "admin:write:canonical_email_blocks", "block e-mail addresses" },
	{ "admin:write:domain_allows", "allow servers" },
	{ "admin:write:domain_blocks", "block servers" },
	{ "admin:write:email_domain_blocks", "block hosts of e-mail" },
	{ "admin:write:ip_blocks", "block network addresses" },
	{ "admin:write:reports", "handle reports" },
	{ NULL, NULL },
};

/* "follow" is older than the names with a colon, and means these. */
static const char *const follow_covers[] = {
	"read:blocks", "write:blocks", "read:follows", "write:follows", "read:mutes", "write:mutes",
};

const struct scope *scope_find(str name)
{
	for (const struct scope *s = scope_table; s->name; s++)
		if (str_eq_c(name, s->name))
			return s;
	return NULL;
}

static bool follow_is_enough(str scope)
{
	for (size_t i = 0; i < ARRAY_SIZE(follow_covers); i++)
		if (str_eq_c(scope, follow_covers[i]))
			return true;
	return false;
}

static bool covers(str granted, str scope)
{
	if (str_eq(granted, scope))
		return true;
	if (str_eq(granted, STR("follow")))
		return follow_is_enough(scope);
	return str_starts(scope, granted) && scope.p[granted.n] == ':';
}

bool scopes_cover(strs scopes, str scope)
{
	for (size_t i = 0; i < scopes.n; i++)
		if (covers(scopes.p[i], scope))
			return true;
	return false;
}

bool scopes_within(strs scopes, strs granted)
{
	for (size_t i = 0; i < scopes.n; i++)
		if (!scopes_cover(granted, scopes.p[i]))
			return false;
	return true;
}

static bool is_separator(char ch)
{
	return char_is_space(ch) || ch == '+';
}

/* The next name; the null str at the end. */
static str next_name(str *rest)
{
	size_t from = 0, to;

	while (from < rest->n && is_separator(rest->p[from]))
		from++;
	to = from;
	while (to < rest->n && !is_separator(rest->p[to]))
		to++;
	if (from == to)
		return STR_NULL;
	str name = str_slice(*rest, from, to);

	*rest = str_from(*rest, to);
	return name;
}

static bool is_among(const str *names, size_t n, str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

int scopes_parse(struct ctx *c, str text, strs *ret)
{
	str *names = arena_array(c->arena, ARRAY_SIZE(scope_table), sizeof(*names));
	str name;
	size_t n = 0;

	if (text.n > TEXT_LIMIT)
		return fail(c, E_INVALID, "invalid_scope: The list of scopes is too long");
	while (!str_is_null(name = next_name(&text))) {
		const struct scope *s = scope_find(name);

		if (!s)
			return fail(c, E_INVALID,
				    "invalid_scope: The requested scope is unknown or malformed");
		if (!is_among(names, n, name))
			names[n++] = str_c(s->name);
	}
	if (n == 0)
		names[n++] = STR("read");
	*ret = (strs){ names, n };
	return 0;
}

str scopes_join(struct ctx *c, strs scopes)
{
	struct out o;

	out_init(&o, c->arena, 2 * TEXT_LIMIT);
	for (size_t i = 0; i < scopes.n; i++) {
		if (i)
			out_char(&o, ' ');
		out_str(&o, scopes.p[i]);
	}
	return o.n ? out_view(&o) : STR("");
}
