/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What browsers call themselves, in words that their owners know. */
#include "model/session.h"

struct sign {
	const char *part, *name;
};

/* What stands in a User-Agent, the more telling first: nearly all of them claim to be Mozilla and Safari. */
static const struct sign browsers[] = {
	{ "Edg", "Edge" },	{ "OPR/", "Opera" },	  { "Vivaldi", "Vivaldi" },
	{ "FxiOS", "Firefox" }, { "Firefox", "Firefox" }, { "CriOS", "Chrome" },
	{ "Chrome", "Chrome" }, { "Safari", "Safari" },	  { "curl", "curl" },
	{ NULL, "A browser" },
};
static const struct sign systems[] = {
	{ "Android", " on Android" }, { "iPhone", " on iPhone" },
	{ "iPad", " on iPad" },	      { "Windows", " on Windows" },
	{ "Mac OS X", " on a Mac" },  { "CrOS", " on ChromeOS" },
	{ "Linux", " on Linux" },     { NULL, "" },
};

static const char *sign_of(const struct sign *signs, str text)
{
	while (signs->part && str_find(text, str_c(signs->part), 0) == SIZE_MAX)
		signs++;
	return signs->name;
}

str session_device(struct arena *a, str user_agent)
{
	return str_fmt(a, "%s%s", sign_of(browsers, user_agent), sign_of(systems, user_agent));
}
